#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CSys.h"

int csys_open(const char *path, int flags, mode_t mode) {
  int fd;
  do fd = openat(csys_caller_directory(), path, flags | O_CLOEXEC, mode);
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

ssize_t csys_send_now(int fd, const void *buffer, size_t count) {
  ssize_t put;
  do put = send(fd, buffer, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (put < 0 && errno == EINTR);
  return put;
}

bool csys_is_socket(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

int csys_forbid_waiting(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int csys_poll(struct pollfd *descriptors, size_t count, int timeout_ms) {
  int ready = poll(descriptors, count, timeout_ms);
  if (ready > 0 || (ready < 0 && errno != EINTR)) return ready;
  for (size_t i = 0; i < count; i++) descriptors[i].revents = 0;
  return 0;
}

void csys_discard_standard(int fd) {
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0) return;
  dup2(nothing, fd);
  close(nothing);
}

enum csys_kind csys_kind_of(int fd) {
  struct stat status;
  if (isatty(fd)) return CSYS_KIND_TERMINAL;
  if (fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))) return CSYS_KIND_STREAM;
  return CSYS_KIND_OTHER;
}

static int tell(int result, const struct stat *status, struct csys_file_facts *facts) {
  if (result != 0) return -1;
  facts->owner = status->st_uid;
  facts->group = status->st_gid;
  facts->mode = status->st_mode;
  facts->device = status->st_dev;
  facts->inode = status->st_ino;
  facts->size = status->st_size;
  return 0;
}

int csys_stat(const char *path, struct csys_file_facts *facts) {
  struct stat status;
  return tell(fstatat(csys_caller_directory(), path, &status, 0), &status, facts);
}

int csys_fstat(int fd, struct csys_file_facts *facts) {
  struct stat status;
  return tell(fstat(fd, &status), &status, facts);
}

int csys_truncate(int fd) { return ftruncate(fd, 0); }

int csys_unlink(const char *path) { return unlinkat(csys_caller_directory(), path, 0); }

int csys_hold(int fd) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_SETLK, &whole);
}

pid_t csys_holder(int fd) {
  struct flock asked = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK ? asked.l_pid : 0;
}

int csys_lock(int fd) {
  int result;
  do result = flock(fd, LOCK_EX | LOCK_NB);
  while (result < 0 && errno == EINTR);
  return result;
}
