#include "CSystem.h"

#include <fcntl.h>
#include <unistd.h>

int csys_open(const char *path, int flags, mode_t mode) {
  int fd;
  do fd = open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

int csys_close(int fd) { return close(fd); }

ssize_t csys_read(int fd, void *buffer, size_t count) {
  ssize_t got;
  do got = read(fd, buffer, count);
  while (got < 0 && errno == EINTR);
  return got;
}

ssize_t csys_write(int fd, const void *buffer, size_t count) {
  ssize_t put;
  do put = write(fd, buffer, count);
  while (put < 0 && errno == EINTR);
  return put;
}
