// drive: runs a command on a terminal of its own and plays the person in front of it.
//
//   drive [-T SECONDS] [-w COLUMNSxROWS] [STEP...] -- COMMAND [ARGUMENT...]
//
// A step is one of
//   +TEXT   read on until TEXT has been shown, counted from the end of the last match
//   =TEXT   type TEXT (\r \n \t \\ and \xHH are understood)
//   @TEXT   run TEXT with /bin/sh; nothing is read from the terminal meanwhile. $SLAVE names the terminal
//   #CxR    make the window C columns by R rows
//   !       hang up: close the master side
//
// After the last step it reads until the command has ended. All that was shown goes to standard output, byte for byte.
// Exits like the command (128 + signal if it was killed), 124 after SECONDS (40), 125 when it could not begin.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SHOWN_MAX = 64 << 20 };  // the most one session may show: above what any test prints

static int master = -1, child_fd = -1;
static pid_t child;
static char *shown;
static size_t shown_count, matched_count;
static struct timespec deadline;

static void die(const char *what) {
  fprintf(stderr, "drive: %s: %s\n", what, strerror(errno));
  exit(125);
}

static int milliseconds_left(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long left = (deadline.tv_sec - now.tv_sec) * 1000 + (deadline.tv_nsec - now.tv_nsec) / 1000000;
  return left > 0 ? (int)left : 0;
}

static void write_all(int fd, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t n = write(fd, bytes, count);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // the other side is gone; reading will find out
    bytes += n;
    count -= (size_t)n;
  }
}

static void finish(int status) {
  write_all(STDOUT_FILENO, shown, shown_count);
  exit(status);
}

// Reads what there is. False at the end: the slave has no holder left, or we hung up.
static int read_some(void) {
  if (master < 0) return 0;
  if (shown_count == SHOWN_MAX) die("shown too much");
  ssize_t n = read(master, shown + shown_count, SHOWN_MAX - shown_count);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return 1;
  if (n <= 0) return 0;
  shown_count += (size_t)n;
  return 1;
}

// Waits for the terminal or the end of the command. False when the command has ended and all is read.
static int read_on(const char *waiting_for) {
  struct pollfd fds[2] = {{.fd = master, .events = POLLIN}, {.fd = child_fd, .events = POLLIN}};
  int left = milliseconds_left();
  int ready = poll(fds, 2, left);
  if (ready < 0 && errno == EINTR) return 1;
  if (left == 0) {
    fprintf(stderr, "drive: out of time, %s\n", waiting_for);
    kill(-child, SIGKILL);
    finish(124);
  }
  if (fds[0].revents) {
    if (read_some()) return 1;
    close(master);
    master = -1;
    return 1;
  }
  return fds[1].revents == 0;
}

static void wait_for(const char *text) {
  size_t length = strlen(text);
  for (;;) {
    char *found = memmem(shown + matched_count, shown_count - matched_count, text, length);
    if (found) {
      matched_count = (size_t)(found - shown) + length;
      return;
    }
    char waiting[256];
    snprintf(waiting, sizeof waiting, "waiting for '%.200s'", text);
    if (!read_on(waiting)) {
      fprintf(stderr, "drive: the command ended, %s\n", waiting);
      return;
    }
  }
}

static void type(const char *text) {
  size_t length = strlen(text), count = 0;
  char *bytes = malloc(length + 1);
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (c == '\\' && i + 1 < length) {
      c = text[++i];
      if (c == 'r') c = '\r';
      else if (c == 'n') c = '\n';
      else if (c == 't') c = '\t';
      else if (c == 'x' && i + 2 < length) {
        char hex[3] = {text[i + 1], text[i + 2], 0};
        c = (char)strtol(hex, NULL, 16);
        i += 2;
      }
    }
    bytes[count++] = c;
  }
  write_all(master, bytes, count);
  free(bytes);
}

static void resize(int fd, const char *size) {
  struct winsize window = {0};
  if (sscanf(size, "%hux%hu", &window.ws_col, &window.ws_row) != 2) die("window size");
  if (ioctl(fd, TIOCSWINSZ, &window) != 0) die("TIOCSWINSZ");
}

static void step(const char *text) {
  switch (text[0]) {
    case '+': wait_for(text + 1); break;
    case '=': type(text + 1); break;
    case '@': if (system(text + 1) != 0) fprintf(stderr, "drive: failed: %s\n", text + 1); break;
    case '#': resize(master, text + 1); break;
    case '!': close(master); master = -1; break;
    default: errno = EINVAL; die(text);
  }
}

static void begin(const char *window, char **command) {
  master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) die("posix_openpt");
  char *name = ptsname(master);
  setenv("SLAVE", name, 1);
  resize(master, window);
  child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    setsid();
    int slave = open(name, O_RDWR);  // no O_NOCTTY: it becomes the controlling terminal
    if (slave < 0) _exit(125);
    for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
    if (slave > 2) close(slave);
    execvp(command[0], command);
    _exit(127);
  }
  child_fd = (int)syscall(SYS_pidfd_open, child, 0);
  if (child_fd < 0) die("pidfd_open");
}

int main(int argc, char **argv) {
  const char *window = "80x24";
  int seconds = 300, option, first, end;
  while ((option = getopt(argc, argv, "+T:w:")) != -1) {
    if (option == 'T') seconds = atoi(optarg);
    else if (option == 'w') window = optarg;
    else return 125;
  }
  first = optind;
  // getopt swallows a `--` that comes before any step.
  if (strcmp(argv[first - 1], "--") == 0) first--;
  for (end = first; end < argc && strcmp(argv[end], "--") != 0; end++) {}
  if (end + 1 >= argc) die("no command");
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec += seconds;
  shown = malloc(SHOWN_MAX);
  if (!shown) die("malloc");
  signal(SIGPIPE, SIG_IGN);
  begin(window, argv + end + 1);
  for (int i = first; i < end; i++) step(argv[i]);
  while (read_on("waiting for the end")) {}
  int status = 0;
  waitpid(child, &status, 0);
  finish(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
