#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "CSys.h"

#define QUEUE_SIZE 4096          // N_TTY_BUF_SIZE: what a terminal holds that has not been read
#define SENDER_MS 20             // how long a sender may take that a full queue has held up
#define ECHO_NS 1000000000U      // echoes come at once, unless another program of the person's interferes

// Whether there is something to read. poll(2) first moves on what the other end has written.
static bool is_readable(int fd, int timeout_ms) {
  struct pollfd asked = {.fd = fd, .events = POLLIN};
  int ready;
  do ready = poll(&asked, 1, timeout_ms);
  while (ready < 0 && errno == EINTR);
  return ready > 0 && asked.revents == POLLIN;
}

static size_t read_typed(int fd, char *typed, size_t size) {
  size_t count = 0;
  // Reading makes room: whoever was held up goes on, and the terminal must not be hung up under the middle of it.
  while (count < size && is_readable(fd, count < QUEUE_SIZE - 1 ? 0 : SENDER_MS)) {
    ssize_t got = csys_read(fd, typed + count, size - count);
    if (got <= 0) break;
    count += (size_t)got;
  }
  return count;
}

// What the terminal holds when it becomes raw has been echoed and edited; what comes later has not. In the queue the key
// for the end of file is a NUL, which a raw terminal gives away as it is.
ssize_t csys_terminal_take_typed(int fd, const struct csys_terminal *from, void *typed, size_t size, size_t *echoed) {
  char *bytes = typed;
  int held = 0;
  size_t count;
  is_readable(fd, 0);
  if (csys_terminal_make_raw(fd, from) != 0) return -1;
  ioctl(fd, FIONREAD, &held);
  count = read_typed(fd, bytes, size);
  *echoed = (size_t)held < count ? (size_t)held : count;
  if ((from->attributes.c_lflag & ICANON) != 0)
    for (size_t i = 0; i < *echoed; i++)
      if (bytes[i] == '\0') bytes[i] = (char)from->attributes.c_cc[VEOF];
  return (ssize_t)count;
}

// Nothing but line ends and ends of file means anything, and each other byte is echoed as one byte: its echo says that
// it has arrived.
static struct termios plain_attributes(const struct termios *found) {
  struct termios plain = *found;
  plain.c_iflag = 0;
  plain.c_oflag &= (tcflag_t)~OPOST;
  plain.c_lflag = (found->c_lflag & ICANON) | ECHO;
  plain.c_cc[VERASE] = plain.c_cc[VKILL] = _POSIX_VDISABLE;
  return plain;
}

static size_t echoes_of(const char *typed, size_t count, const struct termios *attributes) {
  size_t echoes = 0;
  for (size_t i = 0; i < count; i++)
    if ((attributes->c_lflag & ICANON) == 0 || (cc_t)typed[i] != attributes->c_cc[VEOF]) echoes++;
  return echoes;
}

static void drop_echoes(int master, size_t count) {
  char echoes[QUEUE_SIZE];
  uint64_t now = csys_elapsed_ns(), end = now + ECHO_NS;
  while (count > 0 && now < end && is_readable(master, (int)((end - now) / 1000000U) + 1)) {
    ssize_t got = csys_read(master, echoes, count < sizeof echoes ? count : sizeof echoes);
    if (got <= 0) return;
    count -= (size_t)got;
    now = csys_elapsed_ns();
  }
}

ssize_t csys_terminal_put_typed(int master, int slave, const void *typed, size_t size) {
  struct termios found, plain;
  if (tcgetattr(slave, &found) != 0) return -1;
  plain = plain_attributes(&found);
  if (tcsetattr(slave, TCSANOW, &plain) != 0) return -1;
  ssize_t put = csys_write(master, typed, size < QUEUE_SIZE ? size : QUEUE_SIZE - 1);
  if (put > 0) drop_echoes(master, echoes_of(typed, (size_t)put, &found));
  tcsetattr(slave, TCSANOW, &found);  // cannot fail where the first one did not
  return put;
}
