// The programs that `bench` runs inside a recorder.
//
//   bench-child echo               puts its terminal in raw mode, prints READY, writes back what it reads, ends at a Q
//   bench-child spend FILE COMMAND…  runs COMMAND and writes the CPU time of both, "user system" in microseconds, to FILE;
//                                  what the recorder's process tree used beyond that is the recorder's own
//   bench-child relay COMMAND…     a recorder that records nothing (relay.c)

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "relay.h"

static int fail(const char *what) {
  fprintf(stderr, "bench-child: %s: %s\n", what, strerror(errno));
  return 1;
}

static int echo(void) {
  struct termios modes;
  if (tcgetattr(0, &modes) < 0) return fail("tcgetattr");
  cfmakeraw(&modes);
  if (tcsetattr(0, TCSANOW, &modes) < 0) return fail("tcsetattr");
  if (write(1, "READY", 5) != 5) return fail("write");
  char bytes[64];
  for (;;) {
    ssize_t got = read(0, bytes, sizeof bytes);
    if (got <= 0) return fail("read");
    if (bytes[0] == 'Q') return 0;
    if (write(1, bytes, (size_t)got) != got) return fail("write");
  }
}

static long long used(int who, int user) {
  struct rusage usage;
  getrusage(who, &usage);
  struct timeval time = user ? usage.ru_utime : usage.ru_stime;
  return (long long)time.tv_sec * 1000000 + time.tv_usec;
}

static int spend(const char *path, char *const command[]) {
  pid_t pid = fork();
  if (pid < 0) return fail("fork");
  if (pid == 0) {
    execvp(command[0], command);
    _exit(127);
  }
  int status;
  if (waitpid(pid, &status, 0) < 0) return fail("waitpid");
  FILE *report = fopen(path, "w");
  if (report == NULL) return fail(path);
  fprintf(report, "%lld %lld\n", used(RUSAGE_SELF, 1) + used(RUSAGE_CHILDREN, 1),
          used(RUSAGE_SELF, 0) + used(RUSAGE_CHILDREN, 0));
  if (fclose(report) != 0) return fail(path);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char *argv[]) {
  if (argc == 2 && strcmp(argv[1], "echo") == 0) return echo();
  if (argc >= 4 && strcmp(argv[1], "spend") == 0) return spend(argv[2], argv + 3);
  if (argc >= 3 && strcmp(argv[1], "relay") == 0) return relay(argv + 2);
  fputs("usage: bench-child echo | spend FILE COMMAND... | relay COMMAND...\n", stderr);
  return 2;
}
