#include "csys_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <unistd.h>

int csys_unix_connect(const char *path, size_t size, int type) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (size >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(address.sun_path, path, size);
  int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int result;
  do result = connect(fd, (const struct sockaddr *)&address, sizeof address);
  while (result < 0 && errno == EINTR);
  if (result == 0) return fd;
  int code = errno;
  close(fd);
  errno = code;
  return -1;
}

int csys_send_buffer(int fd, int size) { return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size); }

static ssize_t send_message(int fd, const struct msghdr *message) {
  ssize_t sent;
  do sent = sendmsg(fd, message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t csys_send(int fd, const void *head, size_t head_size, const void *body, size_t body_size) {
  // sendmsg only reads what an iovec points to; its type cannot say so.
  struct iovec pieces[2] = {{(void *)head, head_size}, {(void *)body, body_size}};
  struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
  return send_message(fd, &message);
}

int csys_send_descriptor(int fd, int passed) {
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct msghdr message = {.msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &passed, sizeof passed);
  return send_message(fd, &message) < 0 ? -1 : 0;
}

// Without MFD_NOEXEC_SEAL: it adds a seal, and journald before systemd 254 takes none but the four below.
int csys_memory_file(void) { return memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING); }

int csys_seal(int fd) { return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL); }
