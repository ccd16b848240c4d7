#include "CBench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int bench_open_terminal(unsigned short columns, unsigned short rows) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) return -1;
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  if (grantpt(master) < 0 || unlockpt(master) < 0 || ioctl(master, TIOCSWINSZ, &size) < 0) {
    int why = errno;
    close(master);
    errno = why;
    return -1;
  }
  return master;
}

// The session leader's first open of a terminal, without O_NOCTTY, makes it the controlling one (tty_ioctl(4)).
static int add_terminal(posix_spawn_file_actions_t *actions, const char *name) {
  int why = posix_spawn_file_actions_addopen(actions, 0, name, O_RDWR, 0);
  if (why == 0) why = posix_spawn_file_actions_adddup2(actions, 0, 1);
  if (why == 0) why = posix_spawn_file_actions_adddup2(actions, 0, 2);
  return why;
}

static int add_session(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int why = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (why == 0) why = posix_spawnattr_setsigmask(attributes, &none);
  if (why == 0) why = posix_spawnattr_setsigdefault(attributes, &all);
  return why;
}

pid_t bench_spawn(int master, char *const argv[], char *const envp[]) {
  char name[64];
  int why = ptsname_r(master, name, sizeof name);
  if (why != 0) {
    errno = why;
    return -1;
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  pid_t pid = -1;
  why = add_terminal(&actions, name);
  if (why == 0) why = add_session(&attributes);
  if (why == 0) why = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, envp);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  errno = why;
  return why == 0 ? pid : -1;
}
