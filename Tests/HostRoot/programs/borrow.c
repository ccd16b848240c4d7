// borrow: runs a command on a terminal that has the number of somebody else's.
//
//   borrow NUMBER COMMAND...             on a pseudo-terminal of this system, once that number is free
//   borrow --foreign NUMBER COMMAND...   on one of a devpts of its own, mounted in a user namespace
//
// The command is sh's. All that it shows goes to standard output. Exits like the command; 125 when there is no such terminal.

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { OPENED_MAX = 500 };  // the numbers below the one that is wanted, and what others free meanwhile

static int opened[OPENED_MAX];

static void die(const char *what) {
  fprintf(stderr, "borrow: %s: %s\n", what, strerror(errno));
  exit(125);
}

// The first end of a pseudo-terminal of that number, not before it is free.
static int take(const char *multiplexer, unsigned wanted) {
  for (;;) {
    int count = 0, master = -1;
    while (count < OPENED_MAX && (opened[count] = open(multiplexer, O_RDWR | O_NOCTTY | O_CLOEXEC)) >= 0) {
      unsigned number;
      if (ioctl(opened[count], TIOCGPTN, &number) != 0) die("TIOCGPTN");
      if (number == wanted) {
        master = opened[count];
        break;
      }
      count++;
      if (number > wanted) break;
    }
    if (count == 0 && master < 0) die(multiplexer);
    for (int i = 0; i < count; i++) close(opened[i]);
    if (master >= 0) return master;
    usleep(1000);
  }
}

// The child that enters the namespaces shares its descriptors with this process.
static int take_foreign(unsigned wanted) {
  struct clone_args shared = {.flags = CLONE_FILES, .exit_signal = SIGCHLD};
  int status, both[2];
  if (pipe(both) != 0) die("pipe");
  pid_t pid = (pid_t)syscall(SYS_clone3, &shared, sizeof shared);
  if (pid == 0) {
    int taken;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) die("unshare");
    if (mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666") != 0) die("mount");
    taken = take("/dev/pts/ptmx", wanted);
    if (write(both[1], &taken, sizeof taken) != sizeof taken) die("write");
    _exit(0);
  }
  if (pid < 0) die("clone3");
  waitpid(pid, &status, 0);
  int taken;
  if (status != 0 || read(both[0], &taken, sizeof taken) != sizeof taken) exit(125);
  return taken;
}

static void carry(int master) {
  char buffer[4096];
  ssize_t count;
  while ((count = read(master, buffer, sizeof buffer)) > 0)
    if (write(STDOUT_FILENO, buffer, (size_t)count) < 0) return;
}

int main(int argc, char **argv) {
  int foreign = argc > 1 && strcmp(argv[1], "--foreign") == 0;
  if (argc != 3 + foreign) return 125;
  unsigned wanted = (unsigned)atoi(argv[1 + foreign]);
  int master = foreign ? take_foreign(wanted) : take("/dev/ptmx", wanted), unlocked = 0, status;
  if (ioctl(master, TIOCSPTLCK, &unlocked) != 0) die("TIOCSPTLCK");
  pid_t pid = fork();
  if (pid == 0) {
    setsid();
    int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) != 0) die("the other end");
    for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
    close(slave);
    execl("/bin/sh", "sh", "-c", argv[2 + foreign], (char *)NULL);
    die("/bin/sh");
  }
  carry(master);
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
