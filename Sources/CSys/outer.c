#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CSys.h"

#define LINK_SIZE 32    // "/proc/self/fd/2"
#define PATH_SIZE 256   // names of terminals are short: /dev/pts/N, /dev/ttyN, /dev/console
#define TYPED_MAX (1 << 20)  // a script that is piped into a login
#define OUTPUT_MS 1000  // how long output may take to the other end, where there is far more work than processors

static enum csys_guard guard = CSYS_GUARD_NONE;
static char typed[TYPED_MAX];
static size_t typed_count, echoed_count;

static void link_of(int fd, char *link) { snprintf(link, LINK_SIZE, "/proc/self/fd/%d", fd); }

// Regular files are left alone: a second description would start at offset 0. A pipe nobody reads cannot be opened.
void csys_reopen_standard(void) {
  for (int fd = 0; fd < 3; fd++) {
    struct stat status;
    char link[LINK_SIZE];
    int mode = fcntl(fd, F_GETFL), own;
    if (mode < 0 || !csys_was_open(fd) || fstat(fd, &status) != 0) continue;
    if (!S_ISFIFO(status.st_mode) && !isatty(fd)) continue;
    link_of(fd, link);
    own = open(link, (mode & (O_ACCMODE | O_APPEND)) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (own < 0) continue;
    dup2(own, fd);
    close(own);
  }
}

// The descriptor of the controlling terminal among 0 to 2, if this process leads its session; else -1.
static int leaders_terminal(void) {
  if (getsid(0) != getpid()) return -1;
  for (int fd = 0; fd < 3; fd++)
    if (csys_was_open(fd) && isatty(fd) && tcgetsid(fd) == getpid()) return fd;
  return -1;
}

// The kernel carries what programs write to the other ends of their terminals in its own time, in the order in which it
// was written, and does not tell when it has. So a byte is sent behind it, through another terminal: when that has
// arrived, the rest has, too.
static void let_output_arrive(void) {
  int master, slave, arrived = 0;
  unsigned number;
  if (csys_open_pty(&master, &slave, &number) != 0) return;
  if (csys_write(slave, "", 1) == 1)
    for (int ms = 0; ms < OUTPUT_MS && ioctl(master, FIONREAD, &arrived) == 0 && arrived == 0; ms++)
      csys_poll(NULL, 0, 1);
  close(slave);
  close(master);
}

// vhangup(2) needs the controlling terminal, and takes it from every process that has it open, this one too. SIGHUP is
// ignored meanwhile. The old descriptors stay open until the new one stands: a terminal that nobody has open is a
// hang-up to its other end.
//
// A hang-up empties the input queue and resets the attributes. So a key is lost if it arrives between the last look into
// the queue and the hang-up; what has not got as far as the queue stays on its way. Output that has not reached the other
// end is thrown away, such as the message of the day.
void csys_take_terminal(uid_t recorder) {
  struct csys_terminal found;
  struct stat before, after;
  char link[LINK_SIZE], path[PATH_SIZE];
  bool on_terminal[3];
  int fd = leaders_terminal(), own;
  ssize_t length;
  if (fd < 0 || fstat(fd, &before) != 0 || csys_terminal_get(fd, &found) != 0) return;
  link_of(fd, link);
  length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = '\0';
  for (int each = 0; each < 3; each++)
    on_terminal[each] = fstat(each, &after) == 0 && S_ISCHR(after.st_mode) && after.st_rdev == before.st_rdev;
  if (fchown(fd, recorder, (gid_t)-1) != 0 || fchmod(fd, 0600) != 0) return;
  signal(SIGHUP, SIG_IGN);
  let_output_arrive();
  length = csys_terminal_take_typed(fd, &found, typed, sizeof typed, &echoed_count);
  if (length > 0) typed_count = (size_t)length;
  own = vhangup() == 0 ? open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
  if (own < 0 || fstat(own, &after) != 0 || after.st_rdev != before.st_rdev || ioctl(own, TIOCSCTTY, 0) != 0) _exit(1);
  ioctl(own, TIOCEXCL);
  csys_terminal_restore(own, &found);
  for (int each = 0; each < 3; each++)
    if (on_terminal[each]) dup2(own, each);
  close(own);
  signal(SIGHUP, SIG_DFL);
  guard = CSYS_GUARD_TAKEN;
}

size_t csys_typed_before(const void **bytes, size_t *echoed) {
  *bytes = typed;
  *echoed = echoed_count;
  return typed_count;
}

void csys_exclude_others(void) {
  int fd = leaders_terminal();
  if (guard == CSYS_GUARD_NONE && fd >= 0 && ioctl(fd, TIOCEXCL) == 0) guard = CSYS_GUARD_EXCLUSIVE;
}

void csys_admit_others(void) {
  int fd = leaders_terminal();
  if (guard != CSYS_GUARD_NONE && fd >= 0) ioctl(fd, TIOCNXCL);
}

enum csys_guard csys_terminal_guard(void) { return guard; }
