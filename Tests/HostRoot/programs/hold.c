// hold: traces a process and never looks at it again, so that nobody else hears of its end.
//
//   hold PID
//
// Says `held` when it has it, and waits for its own end.

#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2 || ptrace(PTRACE_SEIZE, (pid_t)atoi(argv[1]), NULL, NULL) != 0) return 1;
  puts("held");
  fflush(stdout);
  for (;;) pause();
}
