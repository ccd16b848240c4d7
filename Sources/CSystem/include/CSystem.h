// What Swift needs of libc that it cannot see by itself: variadic calls, GNU names, macros, and the stretch between
// fork(2) and exec. One verb a file, contracts here. Nothing in this module allocates after fork.
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// --- arguments.c

// How the program was started. Kept by a constructor, before any Swift runs; both live as long as the process.
int csys_argc(void);
char *const *csys_argv(void);
// The environment as it was at the start, NULL-terminated.
char *const *csys_environ(void);

// --- text.c

// errno(3) of the calling thread.
int csys_errno(void);
// strerror(3) in the C locale; a static string.
const char *csys_strerror(int code);
size_t csys_strlen(const char *string);

// --- files.c: 0 or a number not below 0 on success, -1 with errno otherwise, as the call of the same name in section 2.
// What may be interrupted is tried again.

int csys_open(const char *path, int flags, mode_t mode);  // adds O_CLOEXEC
int csys_close(int fd);                                   // never retried: the number is free either way
ssize_t csys_read(int fd, void *buffer, size_t count);
ssize_t csys_write(int fd, const void *buffer, size_t count);

#endif
