#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "CSys.h"

const int csys_sigint = SIGINT, csys_sigquit = SIGQUIT, csys_sigtstp = SIGTSTP;

int csys_take_player_signals(void) {
  static const int taken[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH, SIGCONT};
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (!csys_was_ignored(taken[i])) sigaddset(&set, taken[i]);
  // Recorders ignore these.
  static const int stopping[] = {SIGTSTP, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < sizeof stopping / sizeof *stopping; i++)
    if (!csys_was_ignored(stopping[i])) signal(stopping[i], SIG_DFL);
  if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int csys_terminal_make_keys(int fd, const struct csys_terminal *from, bool persists) {
  struct csys_terminal keys = *from;
  keys.attributes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
  if (persists) keys.attributes.c_lflag &= ~(tcflag_t)ISIG;
  keys.attributes.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
  keys.attributes.c_cc[VMIN] = 1;
  keys.attributes.c_cc[VTIME] = 0;
  return csys_terminal_restore(fd, &keys);
}

void csys_stop(void) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGTSTP);
  raise(SIGTSTP);
  // Here it stops: the disposition is the default one, or nobody would have been told of the signal.
  sigprocmask(SIG_UNBLOCK, &only, NULL);
  sigprocmask(SIG_BLOCK, &only, NULL);
}
