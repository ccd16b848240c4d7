#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CSys.h"

enum { backlog = 128, peer_groups_max = 1024 };

int csys_peer_of(int fd, struct csys_peer *peer) {
  struct ucred known;
  socklen_t size = sizeof known;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &known, &size) != 0) return -1;
  *peer = (struct csys_peer){known.pid, known.uid, known.gid};
  return 0;
}

bool csys_peer_is_in(int fd, gid_t group) {
  struct csys_peer peer;
  gid_t groups[peer_groups_max];
  socklen_t size = sizeof groups;
  if (csys_peer_of(fd, &peer) != 0) return false;
  if (peer.group == group) return true;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) return false;
  for (size_t place = 0; place < size / sizeof groups[0]; place++)
    if (groups[place] == group) return true;
  return false;
}

union control {
  struct cmsghdr aligned;
  char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

static void add(struct msghdr *message, int type, const void *value, size_t size) {
  struct cmsghdr *header = (struct cmsghdr *)((char *)message->msg_control + message->msg_controllen);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(header), value, size);
  message->msg_controllen += CMSG_SPACE(size);
}

ssize_t csys_send_along(int fd, const void *bytes, size_t size, int passed, const struct csys_peer *sender) {
  union control control = {0};
  struct iovec piece = {(void *)bytes, size};  // only read
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes};
  if (passed >= 0) add(&message, SCM_RIGHTS, &passed, sizeof passed);
  if (sender) {
    struct ucred ids = {sender->pid, sender->user, sender->group};
    add(&message, SCM_CREDENTIALS, &ids, sizeof ids);
  }
  if (message.msg_controllen == 0) message.msg_control = NULL;
  ssize_t sent;
  do sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent;
}

// One aligned control block may hold two descriptors where there is room for one.
static void take_descriptors(struct cmsghdr *header, int *passed) {
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int fd;
    memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
    if (*passed < 0)
      *passed = fd;
    else
      close(fd);
  }
}

ssize_t csys_receive(int fd, void *buffer, size_t size, int *passed, struct csys_peer *sender) {
  union control control = {0};
  struct iovec piece = {buffer, size};
  struct msghdr message = {
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  *passed = -1;
  *sender = (struct csys_peer){0};
  ssize_t got;
  do got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) return -1;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_RIGHTS) take_descriptors(header, passed);
    if (header->cmsg_type == SCM_CREDENTIALS && header->cmsg_len == CMSG_LEN(sizeof(struct ucred))) {
      struct ucred ids;
      memcpy(&ids, CMSG_DATA(header), sizeof ids);
      *sender = (struct csys_peer){ids.pid, ids.uid, ids.gid};
    }
  }
  return got;
}

static int give_up(int fd) {
  int code = errno;
  close(fd);
  errno = code;
  return -1;
}

static ssize_t receive_some(int fd, struct msghdr *message, int flags) {
  ssize_t got;
  do got = recvmsg(fd, message, MSG_DONTWAIT | flags);
  while (got < 0 && errno == EINTR);
  return got;
}

// There is room for credentials alone, which come first: a descriptor beside them is not put into this process, and
// MSG_CTRUNC says that there was one. After MSG_PEEK it stays in its message, so it is not released either.
ssize_t csys_receive_bytes(int fd, void *buffer, size_t size, struct csys_peer *sender) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct ucred))];
  } control = {0};
  struct iovec piece = {buffer, size};
  struct msghdr message = {
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  *sender = (struct csys_peer){0};
  ssize_t got = receive_some(fd, &message, MSG_PEEK);
  if (got <= 0) return got;
  if (message.msg_flags & MSG_CTRUNC) {
    errno = EBADMSG;
    return -1;
  }
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS) {
    struct ucred ids;
    memcpy(&ids, CMSG_DATA(header), sizeof ids);
    *sender = (struct csys_peer){ids.pid, ids.uid, ids.gid};
  }
  // What was looked at, and nothing that came since.
  piece.iov_len = (size_t)got;
  message = (struct msghdr){.msg_iov = &piece, .msg_iovlen = 1};
  return receive_some(fd, &message, 0);
}

bool csys_drain(int fd) {
  char block[4096];
  struct csys_peer sender;
  ssize_t got;
  shutdown(fd, SHUT_RD);
  do got = csys_receive_bytes(fd, block, sizeof block, &sender);
  while (got > 0);
  return got == 0 || errno != EBADMSG;
}

// All but 0 and what `sorted` has.
static void close_others(const int *sorted, size_t count) {
  int next = 1;
  for (size_t i = 0; i < count; i++) {
    if (sorted[i] > next) csys_close_between(next, sorted[i] - 1);
    next = sorted[i] + 1;
  }
  csys_close_from(next);
}

pid_t csys_close_in_child(const int *sockets, size_t count, int *gate) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  pid_t child = fork();
  if (child == 0) {
    // Async-signal-safe, as all that a child of a process with threads may do.
    char none;
    dup2(ends[0], 0);
    close_others(sockets, count);
    while (read(0, &none, 1) < 0 && errno == EINTR) {}
    _exit(0);
  }
  if (child < 0) give_up(ends[1]);
  if (child > 0) *gate = ends[1];
  close(ends[0]);
  return child;
}

bool csys_has_ended(pid_t child) { return waitpid(child, NULL, WNOHANG) != 0; }

int csys_listen(const char *path, size_t size, mode_t mode, gid_t group) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct stat before;
  if (size >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(address.sun_path, path, size);
  if (lstat(address.sun_path, &before) == 0 && S_ISSOCK(before.st_mode)) unlink(address.sun_path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  // Nobody may connect before the mode is right: that is when it begins to listen.
  if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) return give_up(fd);
  if (group != (gid_t)-1 && chown(address.sun_path, (uid_t)-1, group) != 0) return give_up(fd);
  if (chmod(address.sun_path, mode) != 0 || listen(fd, backlog) != 0) return give_up(fd);
  return fd;
}

int csys_accept(int fd) {
  int caller, on = 1;
  do caller = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  while (caller < 0 && errno == EINTR);
  if (caller < 0) return -1;
  // No way to fail on a socket of this kind. Out of band a byte would be passed over, and what came with it released.
  setsockopt(caller, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  setsockopt(caller, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
  return caller;
}

int csys_rename_new(const char *from, const char *to) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int csys_cut_to(int fd, uint64_t size) { return ftruncate(fd, (off_t)size); }

int csys_make_spool(const char *path) {
  int fd = csys_open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, 0600);
  if (fd >= 0 && fchmod(fd, 0660) != 0) return give_up(fd);
  return fd;
}

ssize_t csys_read_at(int fd, void *buffer, size_t size, uint64_t offset) {
  ssize_t got;
  do got = pread(fd, buffer, size, (off_t)offset);
  while (got < 0 && errno == EINTR);
  return got;
}

int csys_punch(int fd, uint64_t from, uint64_t size) {
  return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)size);
}

int csys_sync_file_system(int fd) { return syncfs(fd); }

uint64_t csys_file_system_size(int fd) {
  struct statvfs facts;
  return fstatvfs(fd, &facts) == 0 ? (uint64_t)facts.f_blocks * facts.f_frsize : 0;
}

int csys_watch(const char *path) {
  int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return -1;
  if (inotify_add_watch(fd, path, IN_MODIFY | IN_CREATE) < 0) return give_up(fd);
  return fd;
}

uint32_t csys_random(void) {
  uint32_t number = 0;
  // So few bytes are never given in part, and never waited for once the host is up (getrandom(2)).
  while (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
    if (errno != EINTR) break;
  return number;
}
