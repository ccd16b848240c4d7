#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "CSys.h"

#define NOT_EXECUTED 127  // what shells answer for a command that cannot be run

static void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) { /* nobody is left to tell */ }
}

static void fail(const char *what, const char *name) {
  say(strerror(errno));
  say("\n");
  say(what);
  say(name);
  say("\n");
  _exit(NOT_EXECUTED);
}

// Two passes, so that no source is overwritten before it has been copied.
static void set_standard(const int standard[3]) {
  int copies[3];
  for (int fd = 0; fd < 3; fd++) copies[fd] = standard[fd] < 0 ? -1 : fcntl(standard[fd], F_DUPFD_CLOEXEC, 3);
  for (int fd = 0; fd < 3; fd++)
    if (copies[fd] < 0) close(fd);
    else dup2(copies[fd], fd);
}

static _Noreturn void become_and_execute(const struct csys_child *child) {
  if (csys_become(child->user, child->group) != 0) fail("Failed becoming the user", "");
  if (child->death_signal != 0) prctl(PR_SET_PDEATHSIG, child->death_signal, 0, 0, 0);
  if (child->parent != 0 && getppid() != child->parent) _exit(NOT_EXECUTED);  // gone before it could be watched
  csys_restore_caller();
  if (child->search) execvpe(child->path, child->arguments, child->environment);
  else execve(child->path, child->arguments, child->environment);
  fail("Failed executing ", child->path);
  _exit(NOT_EXECUTED);
}

// Only async-signal-safe calls from here to exec.
void csys_begin(const struct csys_child *child) {
  char byte;
  close(child->gate_writer);
  if (child->terminal >= 0 && (setsid() < 0 || ioctl(child->terminal, TIOCSCTTY, 0) != 0)) _exit(NOT_EXECUTED);
  set_standard(child->standard);
  // The recorder's ids must be final first: until then the child's owner could still reach it.
  if (csys_read(child->gate, &byte, 1) != 1) _exit(NOT_EXECUTED);
  become_and_execute(child);
}

void csys_execute(const struct csys_child *child) { become_and_execute(child); }

int csys_pipe(int *reader, int *writer) {
  int both[2];
  if (pipe2(both, O_CLOEXEC) != 0) return -1;
  *reader = both[0];
  *writer = both[1];
  return 0;
}
