#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "CSys.h"

const int csys_sighup = SIGHUP, csys_sigkill = SIGKILL, csys_sigpipe = SIGPIPE,
          csys_sigterm = SIGTERM, csys_sigwinch = SIGWINCH, csys_sigcont = SIGCONT, csys_sigstop = SIGSTOP;

int csys_take_signals(void) {
  static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH, SIGCONT};
  sigset_t taken;
  sigemptyset(&taken);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaddset(&taken, numbers[i]);
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

bool csys_is_stoppable(void) { return !csys_was_ignored(SIGTSTP) && getsid(0) != getpid(); }

// The signal is blocked, as all that signalfd(2) tells of: it is taken when it is let through.
void csys_stop_job(void) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGTSTP);
  signal(SIGTSTP, SIG_DFL);
  kill(0, SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &only, NULL);
  sigprocmask(SIG_BLOCK, &only, NULL);
  signal(SIGTSTP, SIG_IGN);
}
