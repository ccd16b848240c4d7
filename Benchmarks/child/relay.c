// relay COMMAND...: runs COMMAND on a pseudo-terminal of its own and carries bytes both ways, recording nothing: what the
// second terminal costs by itself. One poll, one read, one write, the least that any recorder does.

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "relay.h"

static int open_inner(const struct termios *modes, const struct winsize *size, int *slave) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  char name[64];
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, name, sizeof name) != 0) return -1;
  *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*slave < 0 || tcsetattr(*slave, TCSANOW, modes) < 0 || ioctl(*slave, TIOCSWINSZ, size) < 0) return -1;
  return master;
}

static void run_inside(int slave, char *const command[]) {
  setsid();
  ioctl(slave, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
  execvp(command[0], command);
  _exit(127);
}

static void carry(int master) {
  struct pollfd ends[2] = {{.fd = master, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  char bytes[4096];
  for (;;) {
    if (poll(ends, 2, -1) < 0) return;
    for (int end = 0; end < 2; end++) {
      if (ends[end].revents == 0) continue;
      ssize_t got = read(ends[end].fd, bytes, sizeof bytes);
      if (got <= 0) return;
      if (write(end == 0 ? 1 : master, bytes, (size_t)got) != got) return;
    }
  }
}

int relay(char *const command[]) {
  struct termios before, raw;
  struct winsize size;
  if (tcgetattr(0, &before) < 0 || ioctl(0, TIOCGWINSZ, &size) < 0) return 1;
  int slave;
  int master = open_inner(&before, &size, &slave);
  if (master < 0) return 1;
  pid_t pid = fork();
  if (pid < 0) return 1;
  if (pid == 0) run_inside(slave, command);
  close(slave);
  raw = before;
  cfmakeraw(&raw);
  tcsetattr(0, TCSANOW, &raw);
  carry(master);
  tcsetattr(0, TCSANOW, &before);
  int status;
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
