// probe: what a person could do to a process that watches them. Run by the recorded user, aimed at the recorder.
//
//   probe PID [TERMINAL]
//
// One line for each attempt: its name, then `done` or the error's name. Nothing here does lasting harm when it works
// (signal 0, limits and priorities set to what they were), save `stop`, which comes last and is undone at once.

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t target;

static void report(const char *name, long result) {
  printf("%s %s\n", name, result >= 0 ? "done" : strerrorname_np(errno));
  fflush(stdout);
}

static void signals(void) {
  report("kill", kill(target, 0));
  report("kill-continue", kill(target, SIGCONT));
  int pidfd = (int)syscall(SYS_pidfd_open, target, 0);
  report("pidfd-signal", syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
  report("pidfd-getfd", syscall(SYS_pidfd_getfd, pidfd, 0, 0));
}

static void tracing(void) {
  long traced = ptrace(PTRACE_SEIZE, target, NULL, NULL);
  report("ptrace", traced);
  if (traced == 0) ptrace(PTRACE_DETACH, target, NULL, NULL);
  char byte;
  struct iovec here = {&byte, 1}, there = {&byte, 1};
  // The address is this program's own: EFAULT would mean that the kernel would have read it.
  long copied = process_vm_readv(target, &here, 1, &there, 1, 0);
  report("vm-read", copied < 0 && errno == EFAULT ? 0 : copied);
}

static void scheduling(void) {
  struct rlimit core = {0, 0};
  report("prlimit", prlimit(target, RLIMIT_CORE, &core, NULL));
  int nice = getpriority(PRIO_PROCESS, (id_t)target);
  report("renice", setpriority(PRIO_PROCESS, (id_t)target, nice + 1 > 19 ? 19 : nice + 1));
  cpu_set_t cpus;
  sched_getaffinity(0, sizeof cpus, &cpus);
  report("affinity", sched_setaffinity(target, sizeof cpus, &cpus));
  struct sched_param zero = {0};
  report("scheduler", sched_setscheduler(target, SCHED_IDLE, &zero));
}

static void files(void) {
  static const char *const names[] = {"fd", "environ", "maps", "mem", "exe", "io", "stack", "cwd", "root", "auxv",
                                      "syscall", "personality", "map_files", "fdinfo"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[64], link[4096], name[32];
    snprintf(path, sizeof path, "/proc/%d/%s", target, names[i]);
    snprintf(name, sizeof name, "proc-%s", names[i]);
    int is_link = strcmp(names[i], "exe") == 0 || strcmp(names[i], "cwd") == 0 || strcmp(names[i], "root") == 0;
    int fd = is_link ? (int)readlink(path, link, sizeof link) : open(path, O_RDONLY);
    long result = fd;
    // Some are opened by anybody and refuse the read.
    if (!is_link && fd >= 0 && strcmp(names[i], "fd") != 0 && strcmp(names[i], "map_files") != 0 &&
        strcmp(names[i], "fdinfo") != 0 && strcmp(names[i], "mem") != 0)
      result = read(fd, link, sizeof link);
    report(name, result);
  }
}

static void stop(void) {
  long stopped = kill(target, SIGSTOP);
  if (stopped == 0) kill(target, SIGCONT);
  report("stop", stopped);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  target = (pid_t)atoi(argv[1]);
  signals();
  tracing();
  scheduling();
  files();
  if (argc > 2) {
    int terminal = open(argv[2], O_RDWR | O_NOCTTY);
    report("terminal-open", terminal);
    if (terminal >= 0) report("terminal-inject", ioctl(terminal, TIOCSTI, "#"));
  }
  stop();
  return 0;
}
