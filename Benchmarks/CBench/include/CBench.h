// What the benchmark driver needs of libc and Swift cannot see by itself: a pseudo-terminal, a program started on it, and
// what that program cost. Independent of CSys, so that what is measured does not measure itself.
#ifndef CBENCH_H
#define CBENCH_H

#include <stdint.h>
#include <sys/types.h>

// Opens a pseudo-terminal of the given size and returns its master side, close-on-exec; the caller closes it. -1 and
// errno when there is none.
int bench_open_terminal(unsigned short columns, unsigned short rows);

// Starts argv[0] (looked up in PATH) in a session of its own, with the other side of `master` as controlling terminal and
// as descriptors 0, 1 and 2. No copy of the other side stays here, so `master` ends when the program and its children do.
// Returns the process id, or -1 with errno, also when the program cannot be executed.
pid_t bench_spawn(int master, char *const argv[], char *const envp[]);

// What a process, and all those that it waited for, used. Microseconds.
struct bench_usage {
  int64_t user;
  int64_t system;
  int status;  // exit status, or 128 + signal
};

// Waits for the end of `pid`. 0, or -1 with errno.
int bench_wait(pid_t pid, struct bench_usage *usage);

// Waits until `fd` can be read: 1, or 0 after `milliseconds`, or -1 with errno. A hang-up counts as readable.
int bench_wait_readable(int fd, int milliseconds);

// CLOCK_MONOTONIC in nanoseconds.
uint64_t bench_now(void);

#endif
