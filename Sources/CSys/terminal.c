#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "CSys.h"

#define PTS_MAJOR_FIRST 136  // Documentation/admin-guide/devices.txt: Unix98 PTY slaves, majors 136 to 143
#define PTS_MAJOR_LAST 143

bool csys_is_terminal(int fd) {
  struct termios attributes;
  return tcgetattr(fd, &attributes) == 0;
}

int csys_terminal_get(int fd, struct csys_terminal *state) {
  if (tcgetattr(fd, &state->attributes) != 0) return -1;
  return csys_terminal_size(fd, &state->rows, &state->columns);
}

int csys_terminal_set(int fd, const struct csys_terminal *state) {
  if (csys_terminal_restore(fd, state) != 0) return -1;
  return csys_terminal_resize(fd, state->rows, state->columns);
}

int csys_terminal_size(int fd, uint16_t *rows, uint16_t *columns) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return -1;
  *rows = size.ws_row;
  *columns = size.ws_col;
  return 0;
}

int csys_terminal_resize(int fd, uint16_t rows, uint16_t columns) {
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  return ioctl(fd, TIOCSWINSZ, &size);
}

int csys_terminal_restore(int fd, const struct csys_terminal *state) {
  int result;
  do result = tcsetattr(fd, TCSANOW, &state->attributes);
  while (result != 0 && errno == EINTR);
  return result;
}

static struct termios raw_attributes(const struct csys_terminal *from) {
  struct termios raw = from->attributes;
  raw.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | IGNBRK | IGNCR | INLCR | INPCK | ISTRIP | IXON | PARMRK);
  raw.c_oflag &= (tcflag_t)~OPOST;
  raw.c_lflag &= (tcflag_t) ~(ICANON | ISIG | IEXTEN | ECHO);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  return raw;
}

int csys_terminal_make_raw(int fd, const struct csys_terminal *from) {
  struct csys_terminal raw = {.attributes = raw_attributes(from)};
  return csys_terminal_restore(fd, &raw);
}

int csys_terminal_modes(int master, bool *canonical, bool *echo) {
  struct termios attributes;
  if (tcgetattr(master, &attributes) != 0) return -1;
  *canonical = (attributes.c_lflag & ICANON) != 0;
  *echo = (attributes.c_lflag & ECHO) != 0;
  return 0;
}

pid_t csys_terminal_foreground(int fd) {
  pid_t group;
  return ioctl(fd, TIOCGPGRP, &group) == 0 ? group : -1;
}

void csys_terminal_signal(int master, int number) { ioctl(master, TIOCSIG, number); }

bool csys_in_foreground(int fd) {
  pid_t group = tcgetpgrp(fd);
  return group < 0 || group == getpgrp();
}

// Fields 4 and 7 of /proc/PID/stat (proc(5)): the terminal's minor is in bits 31 to 20 and 7 to 0, its major in bits 15
// to 8. The fields are counted from the last parenthesis, since field 2 is the program's name.
int csys_controlling_pts(pid_t pid, pid_t *parent) {
  char path[32], text[512];
  int terminal;
  *parent = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t got = csys_read(fd, text, sizeof text - 1);
  close(fd);
  if (got <= 0) return -1;
  text[got] = '\0';
  const char *rest = strrchr(text, ')');
  if (!rest || sscanf(rest + 1, " %*c %d %*d %*d %d", parent, &terminal) != 2) return -1;
  unsigned device = (unsigned)terminal;
  unsigned major = (device >> 8) & 0xff, minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major < PTS_MAJOR_FIRST || major > PTS_MAJOR_LAST) return -1;
  return (int)((major - PTS_MAJOR_FIRST) * (1U << 20) + minor);
}

int csys_controlling_standard(void) {
  for (int fd = 0; fd < 3; fd++)
    if (csys_was_open(fd) && isatty(fd) && tcgetsid(fd) == getsid(0)) return fd;
  return -1;
}
