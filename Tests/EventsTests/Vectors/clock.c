// Shows the recorder the time of a script instead of the machine's: see README.md. Preloaded by generate.py.
//
// The file that VECTOR_CLOCK names holds two 64-bit numbers: nanoseconds of both clocks (written by the driver) and how
// often the monotonic clock was read (written here). The variable is taken out of the environment, so that the
// programs which the recorder starts keep the real time.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shared;

static const int64_t second = 1000000000;
static const int64_t monotonic_seconds = 1000;
static const int64_t realtime_seconds = 1000000000;

__attribute__((constructor)) static void attach(void) {
  const char *path = getenv("VECTOR_CLOCK");
  if (path == NULL) return;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  void *page = fd < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) abort();
  close(fd);
  unsetenv("VECTOR_CLOCK");
  shared = page;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (shared == NULL) return (int)syscall(SYS_clock_gettime, clock, time);
  int64_t base = clock == CLOCK_REALTIME ? realtime_seconds : monotonic_seconds;
  time->tv_sec = base + shared[0] / second;
  time->tv_nsec = shared[0] % second;
  if (clock == CLOCK_MONOTONIC) shared[1]++;
  return 0;
}
