#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

#include "CSys.h"

#define SIGNAL_COUNT 65          // 1 to 64 on Linux
#define DESCRIPTOR_COUNT 65536   // how many are closed one by one where close_range(2) is missing (before Linux 5.9)
#define DESCRIPTORS_NEEDED 64    // a recorder uses fewer than 20

// The caller's state belongs to the process as a whole and is read in the child after fork: hence static.
static struct {
  bool open[3];
  bool ignored[SIGNAL_COUNT];
  sigset_t blocked;
  mode_t umask;
  int base;  // where relative paths begin
  struct rlimit limits[RLIM_NLIMITS];
  char oom_score_adj[16];
  bool as_root;
} caller = {.base = AT_FDCWD};

void csys_close_between(int first, int last) {
  if (syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0U) == 0) return;
  for (int fd = first; fd <= last && fd < DESCRIPTOR_COUNT; fd++) close(fd);
}

void csys_close_from(int first) { csys_close_between(first, INT_MAX); }

void csys_close_callers(int kept) {
  DIR *all = opendir("/proc/self/fd");
  struct dirent *entry;
  if (!all) return;
  while ((entry = readdir(all))) {
    int fd = atoi(entry->d_name);  // 0 for . and ..
    if (fd > 2 && fd != kept && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) close(fd);
  }
  closedir(all);
}

// In a program with rights of its own, glibc has opened what was closed before any code of ours runs: 0 as /dev/full, the
// others as /dev/null, each for the direction in which it is not used (csu/check_fds.c).
static bool was_given(int fd) {
  struct stat status;
  int mode = fcntl(fd, F_GETFL);
  if (mode < 0) return false;
  if (getauxval(AT_SECURE) == 0 || fstat(fd, &status) != 0 || !S_ISCHR(status.st_mode)) return true;
  if (fd == 0) return status.st_rdev != makedev(1, 7) || (mode & O_ACCMODE) != O_WRONLY;
  return status.st_rdev != makedev(1, 3) || (mode & O_ACCMODE) != O_RDONLY;
}

static void clean_descriptors(void) {
  for (int fd = 0; fd < 3; fd++) caller.open[fd] = was_given(fd);
  for (int fd = 0; fd < 3; fd++) {
    if (caller.open[fd]) continue;
    int own = open("/dev/null", O_RDWR);
    if (own < 0 || (own != fd && dup2(own, fd) < 0)) _exit(1);
  }
}

static bool is_ignored_by_recorders(int number) {
  static const int ignored[] = {SIGINT,  SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE,
                                SIGALRM, SIGXFSZ, SIGXCPU, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    if (ignored[i] == number) return true;
  return false;
}

static void clean_signals(void) {
  sigset_t none;
  for (int number = 1; number < SIGNAL_COUNT; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) continue;  // the two that libc keeps for itself
    caller.ignored[number] = action.sa_handler == SIG_IGN;
    memset(&action, 0, sizeof action);
    action.sa_handler = is_ignored_by_recorders(number) ? SIG_IGN : SIG_DFL;
    sigaction(number, &action, NULL);
  }
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, &caller.blocked);
}

static void clean_limits(void) {
  for (int which = 0; which < (int)RLIM_NLIMITS; which++) {
    struct rlimit *limit = &caller.limits[which];
    if (getrlimit((__rlimit_resource_t)which, limit) != 0) *limit = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
    if (which == RLIMIT_FSIZE || which == RLIMIT_CPU || which == RLIMIT_AS || which == RLIMIT_DATA ||
        which == RLIMIT_STACK) {
      struct rlimit widest = {limit->rlim_max, limit->rlim_max};
      setrlimit((__rlimit_resource_t)which, &widest);
    }
  }
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, caller.limits[RLIMIT_CORE].rlim_max});
}

void csys_clean_up(void) {
  static const struct itimerval off;
  clean_descriptors();
  clean_signals();
  setitimer(ITIMER_REAL, &off, NULL);
  setitimer(ITIMER_VIRTUAL, &off, NULL);
  setitimer(ITIMER_PROF, &off, NULL);
  clean_limits();
  csys_clean_scheduling();
  caller.umask = umask(077);
  caller.base = open(getauxval(AT_SECURE) == 0 ? "." : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (caller.base < 0) caller.base = AT_FDCWD;
}

// The score as text, so that what is given back is what was there.
static void swap_oom_score(const char *score, char *before, size_t size) {
  int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  if (before) {
    ssize_t got = read(fd, before, size - 1);
    before[got > 0 ? got : 0] = '\0';
  }
  if (*score && pwrite(fd, score, strlen(score), 0) < 0) { /* one that may not be given back stays as it is */ }
  close(fd);
}

void csys_clean_up_as_root(void) {
  static const int unlimited[] = {RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK};
  const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
  struct rlimit *files = &caller.limits[RLIMIT_NOFILE];
  for (size_t i = 0; i < sizeof unlimited / sizeof *unlimited; i++)
    setrlimit((__rlimit_resource_t)unlimited[i], &none);
  if (files->rlim_cur < DESCRIPTORS_NEEDED) {
    rlim_t most = files->rlim_max > DESCRIPTORS_NEEDED ? files->rlim_max : DESCRIPTORS_NEEDED;
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){DESCRIPTORS_NEEDED, most});
  }
  csys_clean_scheduling_as_root();
  swap_oom_score("0", caller.oom_score_adj, sizeof caller.oom_score_adj);
  caller.as_root = true;
}

bool csys_was_open(int fd) { return fd >= 0 && fd < 3 && caller.open[fd]; }

int csys_caller_directory(void) { return caller.base; }

bool csys_was_ignored(int signal_number) {
  return signal_number > 0 && signal_number < SIGNAL_COUNT && caller.ignored[signal_number];
}

void csys_restore_caller(void) {
  for (int number = 1; number < SIGNAL_COUNT; number++) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = caller.ignored[number] ? SIG_IGN : SIG_DFL;
    sigaction(number, &action, NULL);
  }
  sigprocmask(SIG_SETMASK, &caller.blocked, NULL);
  umask(caller.umask);
  csys_restore_scheduling();
  if (caller.as_root) swap_oom_score(caller.oom_score_adj, NULL, 0);
  for (int which = 0; which < (int)RLIM_NLIMITS; which++)
    setrlimit((__rlimit_resource_t)which, &caller.limits[which]);
}
