#include "CBench.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static int64_t microseconds(struct timeval time) { return (int64_t)time.tv_sec * 1000000 + time.tv_usec; }

int bench_wait(pid_t pid, struct bench_usage *usage) {
  int status;
  struct rusage used;
  pid_t got;
  do got = wait4(pid, &status, 0, &used);
  while (got < 0 && errno == EINTR);
  if (got < 0) return -1;
  usage->user = microseconds(used.ru_utime);
  usage->system = microseconds(used.ru_stime);
  usage->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return 0;
}

int bench_wait_readable(int fd, int milliseconds) {
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  int ready;
  do ready = poll(&wait, 1, milliseconds);
  while (ready < 0 && errno == EINTR);
  return ready;
}

uint64_t bench_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
