// outer: a person's own process at the terminal outside the recorder, past which nothing is recorded.
//
//   outer now TERMINAL      tries at once
//   outer before REPORT     left over from an earlier login: opens each new terminal of its user as soon as there is one,
//                           and tries what it holds when SIGUSR1 comes; the lines go to the file REPORT, with
//                           `holds TERMINAL` as soon as it has one
//
// One line for each attempt: how it came by the terminal and what it did there, then `done` or the error's name. A write that works shows `past-the-recorder`.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { TERMINALS = 256, OPENED_BEFORE = O_RDWR | O_NOCTTY | O_NONBLOCK };

static volatile sig_atomic_t asked;

static void asking(int number) {
  (void)number;
  asked = 1;
}

static void report(const char *name, long result) {
  printf("%s %s\n", name, result >= 0 ? "done" : strerrorname_np(errno));
  fflush(stdout);
}

// What can be done through an open descriptor of the terminal.
static void use(int fd, const char *how) {
  static const char text[] = "past-the-recorder\r\n";
  char name[64], byte;
  snprintf(name, sizeof name, "%s-write", how);
  report(name, write(fd, text, sizeof text - 1));
  snprintf(name, sizeof name, "%s-read", how);
  long count = read(fd, &byte, 1);
  report(name, count < 0 && errno == EAGAIN ? 0 : count == 0 ? (errno = EIO, -1) : count);
  snprintf(name, sizeof name, "%s-settings", how);
  struct termios settings;
  report(name, tcgetattr(fd, &settings) == 0 ? tcsetattr(fd, TCSANOW, &settings) : -1);
  snprintf(name, sizeof name, "%s-window", how);
  struct winsize window;
  report(name, ioctl(fd, TIOCGWINSZ, &window) == 0 ? ioctl(fd, TIOCSWINSZ, &window) : -1);
  snprintf(name, sizeof name, "%s-inject", how);
  report(name, ioctl(fd, TIOCSTI, ""));
}

static void now(const char *terminal) {
  int fd = open(terminal, OPENED_BEFORE);
  report("open", fd);
  if (fd >= 0) use(fd, "opened");
  fd = open(terminal, O_WRONLY | O_NOCTTY | O_NONBLOCK);
  report("open-for-writing", fd);
  fd = open(terminal, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  report("open-for-reading", fd);
  report("chmod", chmod(terminal, 0666));
}

static void before(const char *file) {
  static int held[TERMINALS];
  uid_t me = getuid();
  signal(SIGUSR1, asking);
  signal(SIGHUP, SIG_IGN);
  if (!freopen(file, "w", stdout)) exit(125);
  while (!asked) {
    for (int i = 0; i < TERMINALS; i++) {
      char name[32];
      struct stat status;
      snprintf(name, sizeof name, "/dev/pts/%d", i);
      if (held[i] > 0 || stat(name, &status) != 0 || status.st_uid != me) continue;
      held[i] = open(name, OPENED_BEFORE);
      if (held[i] > 0) printf("holds %s\n", name), fflush(stdout);
    }
  }
  for (int i = 0; i < TERMINALS; i++)
    if (held[i] > 0) {
      char name[32];
      snprintf(name, sizeof name, "/dev/pts/%d", i);
      use(held[i], name);
    }
  report("over", 0);
}

int main(int argc, char **argv) {
  if (argc != 3) return 125;
  if (strcmp(argv[1], "now") == 0) now(argv[2]);
  else before(argv[2]);
  return 0;
}
