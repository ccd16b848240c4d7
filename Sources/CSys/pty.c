#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "CSys.h"

int csys_open_pty(int *master, int *slave, unsigned *number) {
  int first = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), second, error;
  if (first < 0) return -1;
  if (grantpt(first) != 0 || unlockpt(first) != 0 || ioctl(first, TIOCGPTN, number) != 0) goto failed;
  // By descriptor (Linux 4.13), since the name means something else where another devpts is mounted.
  second = ioctl(first, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (second < 0) goto failed;
  *master = first;
  *slave = second;
  return 0;
failed:
  error = errno;
  close(first);
  errno = error;
  return -1;
}
