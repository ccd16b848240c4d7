#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CSys.h"

// Shells restore the terminal themselves after a job that was killed; what they have set since must stand.
static bool is_as_left(int fd, const struct termios *left) {
  struct termios now;
  return tcgetattr(fd, &now) == 0 && now.c_iflag == left->c_iflag && now.c_oflag == left->c_oflag &&
         now.c_lflag == left->c_lflag && memcmp(now.c_cc, left->c_cc, sizeof now.c_cc) == 0;
}

static _Noreturn void keep(int fd, const struct csys_terminal *state, int life) {
  struct termios left;
  char byte;
  bool known = tcgetattr(fd, &left) == 0;
  signal(SIGHUP, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  if (csys_read(life, &byte, 1) == 0 && known && is_as_left(fd, &left)) csys_terminal_restore(fd, state);
  _exit(0);
}

// The keeper has nothing open but the terminal and the pipe: whatever else it had would seem to be in use still when
// the recorder closes it.
pid_t csys_keep_terminal(int fd, const struct csys_terminal *state, int *until) {
  int life, end;
  if (csys_pipe(&life, &end) != 0) return -1;
  pid_t pid = fork();
  if (pid == 0) {
    int own = fcntl(fd, F_DUPFD, 3);
    if (own < 0 || dup2(own, 0) < 0 || dup2(life, 1) < 0) _exit(1);
    csys_close_from(2);
    keep(0, state, 1);
  }
  close(life);
  if (pid < 0) close(end);
  else *until = end;
  return pid;
}

void csys_dismiss_keeper(pid_t keeper, int until) {
  if (csys_write(until, "", 1) != 1) { /* it is gone already */ }
  close(until);
  while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR) {}
}
