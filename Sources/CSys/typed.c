#include <poll.h>
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

static bool ends_line(char last, const struct termios *attributes) {
  cc_t byte = (cc_t)last;
  return last == '\n' || (byte != _POSIX_VDISABLE && (byte == attributes->c_cc[VEOL] || byte == attributes->c_cc[VEOL2]));
}

// Line by line: what read(2) gives without a line end was ended by the key for the end of file, which it takes away.
static size_t read_lines(int fd, const struct termios *attributes, char *typed, size_t size) {
  size_t count = 0;
  while (size - count > QUEUE_SIZE && is_readable(fd, 0)) {
    ssize_t got = csys_read(fd, typed + count, QUEUE_SIZE);
    if (got < 0) break;
    count += (size_t)got;
    if (got == 0 || !ends_line(typed[count - 1], attributes)) typed[count++] = (char)attributes->c_cc[VEOF];
  }
  return count;
}

static size_t read_rest(int fd, char *typed, size_t count, size_t size) {
  // Reading made room: whoever was held up goes on now, and the terminal must not be hung up under the middle of it.
  while (count < size && is_readable(fd, count < QUEUE_SIZE - 1 ? 0 : SENDER_MS)) {
    ssize_t got = csys_read(fd, typed + count, size - count);
    if (got <= 0) break;
    count += (size_t)got;
  }
  return count;
}

// The echo goes off first: of a paste that goes on, the terminal has then echoed as much as its queue holds, and that is
// what csys_terminal_put_typed puts without another echo.
ssize_t csys_terminal_take_typed(int fd, const struct csys_terminal *from, void *typed, size_t size) {
  struct csys_terminal silent = *from;
  silent.attributes.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
  if (csys_terminal_restore(fd, &silent) != 0) return -1;
  size_t count = (from->attributes.c_lflag & ICANON) != 0 ? read_lines(fd, &from->attributes, typed, size) : 0;
  if (csys_terminal_make_raw(fd, from) != 0) return -1;
  return (ssize_t)read_rest(fd, typed, count, size);
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
