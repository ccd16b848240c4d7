// What the log file and syslog sinks need of libc beyond opening and writing. 0 on success, -1 with errno otherwise, where
// not said otherwise.
#ifndef CSYS_LOGS_H
#define CSYS_LOGS_H

#include <stddef.h>
#include <stdint.h>

// --- logs.c

// The last byte of the file at `path`, 0 to 255; -1 when it is empty, may not be read or is no regular file.
int csys_last_byte(const char *path);

// Says that this description appends to the file, as others may: flock(2), shared, without waiting.
int csys_share(int fd);

// Takes the last `size` bytes off again that this description's last write(2) put there. Not when they are no longer the
// end of the file (ESTALE) or when another description shares it (EWOULDBLOCK), as its next line could be cut with them.
int csys_take_back(int fd, int64_t size);

#define CSYS_SYSLOG_TIME_SIZE 15
// The local time of `seconds` since the Epoch as libc's syslog(3) writes it: "Nov  3 15:04:05", without a NUL. The zone is
// that of TZ in the process's environment, else the machine's. What no calendar can hold is "Jan  1 00:00:00".
void csys_syslog_time(int64_t seconds, char stamp[CSYS_SYSLOG_TIME_SIZE]);

#endif
