#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "CSys.h"

const int csys_sigchld = SIGCHLD, csys_sighup = SIGHUP, csys_sigkill = SIGKILL, csys_sigpipe = SIGPIPE,
          csys_sigterm = SIGTERM, csys_sigwinch = SIGWINCH, csys_sigcont = SIGCONT;

int csys_take_signals(void) {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGCHLD);
  sigaddset(&taken, SIGHUP);
  sigaddset(&taken, SIGTERM);
  sigaddset(&taken, SIGWINCH);
  sigaddset(&taken, SIGCONT);
  if (sigprocmask(SIG_BLOCK, &taken, NULL) != 0) return -1;
  return signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

int csys_next_signal(int fd) {
  struct signalfd_siginfo info;
  ssize_t got = csys_read(fd, &info, sizeof info);
  return got == sizeof info ? (int)info.ssi_signo : 0;
}

void csys_exit(int status) { _exit(status); }

void csys_die_of(int number) {
  sigset_t only;
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(number, &action, NULL);
  sigemptyset(&only);
  sigaddset(&only, number);
  sigprocmask(SIG_UNBLOCK, &only, NULL);
  raise(number);
}
