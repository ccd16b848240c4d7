#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "CSys.h"

int csys_last_byte(const char *path) {
  struct stat status;
  unsigned char last = 0;
  int fd = csys_open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
  if (fd < 0) return -1;
  ssize_t got = -1;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
    got = pread(fd, &last, 1, status.st_size - 1);
  close(fd);
  return got == 1 ? last : -1;
}

int csys_share(int fd) { return flock(fd, LOCK_SH | LOCK_NB); }

static int cut(int fd, int64_t size) {
  struct stat status;
  off_t end = lseek(fd, 0, SEEK_CUR);  // O_APPEND leaves it behind what was written
  if (end < size || fstat(fd, &status) != 0) return -1;
  if (status.st_size != end) {
    errno = ESTALE;
    return -1;
  }
  return ftruncate(fd, end - size);
}

int csys_take_back(int fd, int64_t size) {
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
    int result = cut(fd, size);
    int code = errno;
    csys_share(fd);
    errno = code;
    return result;
  }
  csys_share(fd);  // a lock that could not be made exclusive is lost (flock(2))
  errno = EWOULDBLOCK;
  return -1;
}

void csys_syslog_time(int64_t seconds, char stamp[CSYS_SYSLOG_TIME_SIZE]) {
  time_t moment = seconds;
  struct tm calendar;
  char text[CSYS_SYSLOG_TIME_SIZE + 1] = "Jan  1 00:00:00";
  if (localtime_r(&moment, &calendar)) strftime(text, sizeof text, "%b %e %T", &calendar);
  memcpy(stamp, text, CSYS_SYSLOG_TIME_SIZE);
}
