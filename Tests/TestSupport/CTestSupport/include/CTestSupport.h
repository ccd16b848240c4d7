// What the test driver needs of libc and Swift cannot say: the stretch between fork(2) and exec, and the ioctl(2) calls
// of a pseudo-terminal. Written apart from CSys, so that a mistake in the one does not hide in the other.
#ifndef CTESTSUPPORT_H
#define CTESTSUPPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ctest_process {
  const char *path;  // absolute
  char *const *arguments;
  char *const *environment;
  const char *directory;  // where it starts
  int standard[3];        // what becomes 0, 1, 2; -1 for closed
  bool terminal;          // standard[0] becomes the controlling terminal of a new session; else a new process group
};

// fork and exec with default signals, nothing blocked and nothing open above 2. Returns the process id, or -1 with the
// errno of whatever failed, exec included.
pid_t ctest_spawn(const struct ctest_process *process);

// A new pseudo-terminal of that size, both ends close-on-exec, the first not blocking. 0, or -1 with errno.
int ctest_open_terminal(int *near, int *far, uint16_t columns, uint16_t rows);
int ctest_resize(int near, uint16_t columns, uint16_t rows);

// A pipe, close-on-exec; `near` is the driver's end and does not block. 0, or -1 with errno.
int ctest_pipe_to(int *near, int *far);    // near is written to
int ctest_pipe_from(int *near, int *far);  // near is read from

// memmem(3): where `wanted` begins in `bytes`, or -1.
ssize_t ctest_find(const void *bytes, size_t count, const char *wanted, size_t wanted_count);

// Waits until nobody has the file open for writing: a process that was forked meanwhile has, until it executes something,
// and then the file cannot be executed (ETXTBSY). 0, or -1 with errno.
int ctest_wait_until_unwritten(const char *path);

// A TCP socket whose last close(2) waits for a day: SO_LINGER, and bytes that its peer, whom `*peer` keeps open, never
// reads. -1 with errno on failure.
int ctest_lingering_socket(int *peer);
// Sends bytes over a Unix socket, the last of them out of band if asked to, with a descriptor beside them (SCM_RIGHTS).
ssize_t ctest_pass(int socket, const void *bytes, size_t count, int passed, bool out_of_band);

#endif
