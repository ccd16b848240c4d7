#include "CTestSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// Puts standard[0..2] in place; first above 2, so that none overwrites another. Async-signal-safe, as all of the child.
static int arrange(const int standard[3]) {
  int kept[3];
  for (int i = 0; i < 3; i++) {
    kept[i] = standard[i] < 0 ? -1 : fcntl(standard[i], F_DUPFD, 10);
    if (standard[i] >= 0 && kept[i] < 0) return -1;
  }
  for (int i = 0; i < 3; i++) {
    if (kept[i] < 0) {
      close(i);
    } else if (dup2(kept[i], i) < 0) {
      return -1;
    }
  }
  return 0;
}

static void become(const struct ctest_process *process, int report) {
  struct sigaction plain = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &plain, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  int failed = process->terminal ? setsid() < 0 || ioctl(process->standard[0], TIOCSCTTY, 0) < 0 : setpgid(0, 0) < 0;
  if (!failed && arrange(process->standard) == 0 && chdir(process->directory) == 0) {
    // Close-on-exec for all above 2, report included: what the test process has open is none of the program's business.
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
      execve(process->path, process->arguments, process->environment);
    }
  }
  int code = errno;
  ssize_t ignored = write(report, &code, sizeof code);
  (void)ignored;
  _exit(127);
}

pid_t ctest_spawn(const struct ctest_process *process) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -1;
  // The child's end must survive arrange(), which uses the low numbers.
  int far = fcntl(report[1], F_DUPFD_CLOEXEC, 20);
  close(report[1]);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // no handler of the test process may run in the child
  pid_t pid = far < 0 ? -1 : fork();
  if (pid == 0) become(process, far);
  int code = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (far >= 0) close(far);
  if (pid > 0) {
    ssize_t got;
    do got = read(report[0], &code, sizeof code);
    while (got < 0 && errno == EINTR);
    if (got == sizeof code) {
      waitpid(pid, NULL, 0);
      pid = -1;
    }
  }
  close(report[0]);
  errno = code;
  return pid;
}

int ctest_resize(int near, uint16_t columns, uint16_t rows) {
  struct winsize size = {.ws_col = columns, .ws_row = rows};
  return ioctl(near, TIOCSWINSZ, &size);
}

int ctest_open_terminal(int *near, int *far, uint16_t columns, uint16_t rows) {
  *near = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (*near < 0) return -1;
  int unlock = 0;
  if (ioctl(*near, TIOCSPTLCK, &unlock) == 0 && ctest_resize(*near, columns, rows) == 0) {
    *far = ioctl(*near, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*far >= 0) return 0;
  }
  int code = errno;
  close(*near);
  errno = code;
  return -1;
}

static int open_pipe(int *reader, int *writer) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  *reader = ends[0];
  *writer = ends[1];
  return 0;
}

static int forbid_waiting(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int ctest_pipe_to(int *near, int *far) { return open_pipe(far, near) < 0 ? -1 : forbid_waiting(*near); }

int ctest_pipe_from(int *near, int *far) { return open_pipe(near, far) < 0 ? -1 : forbid_waiting(*near); }

ssize_t ctest_find(const void *bytes, size_t count, const char *wanted, size_t wanted_count) {
  const char *place = count == 0 ? NULL : memmem(bytes, count, wanted, wanted_count);
  return place == NULL ? -1 : place - (const char *)bytes;
}

int ctest_wait_until_unwritten(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1;
  if (fd < 0) return -1;
  // A lease for reading is given when nobody has the file open for writing.
  while ((result = fcntl(fd, F_SETLEASE, F_RDLCK)) != 0 && errno == EAGAIN) usleep(1000);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}

int ctest_lingering_socket(int *peer) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  struct linger day = {.l_onoff = 1, .l_linger = 86400};
  static const char block[65536];
  // The peer is whoever listens: what it never accepts, it never reads.
  *peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(*peer, (struct sockaddr *)&address, size) != 0 || listen(*peer, 1) != 0 ||
      getsockname(*peer, (struct sockaddr *)&address, &size) != 0 ||
      connect(fd, (struct sockaddr *)&address, size) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &day, sizeof day) != 0)
    return -1;
  while (send(fd, block, sizeof block, MSG_DONTWAIT) > 0) {}
  return fd;
}

ssize_t ctest_pass(int socket, const void *bytes, size_t count, int passed, bool out_of_band) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
  memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
  struct iovec piece = {(void *)bytes, count};
  struct msghdr message = {
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (out_of_band ? MSG_OOB : 0));
}
