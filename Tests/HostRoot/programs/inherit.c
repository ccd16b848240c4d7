// inherit: gets a process into a certain state, then becomes a program that inherits it.
//
//   inherit WORD... -- PROGRAM [ARGUMENT...]
//
//   user=N                                               user and group N, no other groups, no way back
//   clean                                                no signal blocked, all at their default; umask 022
//   fsize=N core=N cpu=N as=N nofile=N nproc=N data=N   soft limit; with `hard-` before it the hard one too
//   nice=N umask=OCTAL cwd=gone                          priority, file mode mask, a working directory that was removed
//   ignore=NAME,... block=NAME,...                       signals (TERM, PIPE, XFSZ, CHLD, HUP, ... or `all`)
//   timers                                               three interval timers, each going off every 20 ms
//   open=N                                               N descriptors above 2 that stay open over exec
//   closed=N                                             descriptor N closed
//   argc0                                                PROGRAM gets no arguments, not even its name
//   no-new-privileges                                    setuid bits have no effect any more
//   traced                                               PROGRAM is started under ptrace(2) by a process with the same user
//   slack=N policy=idle cpu=N io=idle memory=N           timer slack in nanoseconds, scheduling policy, processor, I/O
//   personality=N huge=off                               priority, memory node; personality, no transparent huge pages

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct { const char *name; int number; } limits[] = {
    {"fsize", RLIMIT_FSIZE}, {"core", RLIMIT_CORE}, {"cpu", RLIMIT_CPU}, {"as", RLIMIT_AS},
    {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}, {"data", RLIMIT_DATA}};

static void die(const char *what) {
  fprintf(stderr, "inherit: %s: %s\n", what, strerror(errno));
  exit(125);
}

static int limit(const char *word, const char *value) {
  int hard = strncmp(word, "hard-", 5) == 0;
  if (hard) word += 5;
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    if (strncmp(word, limits[i].name, strlen(limits[i].name)) != 0) continue;
    struct rlimit both;
    if (getrlimit(limits[i].number, &both) != 0) die("getrlimit");
    both.rlim_cur = strtoull(value, NULL, 10);
    if (hard) both.rlim_max = both.rlim_cur;
    if (setrlimit(limits[i].number, &both) != 0) die(word);
    return 1;
  }
  return 0;
}

static void signals(char *names, int block) {
  sigset_t set;
  sigemptyset(&set);
  for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
    for (int number = 1; number < 65; number++) {
      const char *known = sigabbrev_np(number);
      if (strcmp(name, "all") != 0 && (!known || strcmp(known, name) != 0)) continue;
      if (block) sigaddset(&set, number);
      else signal(number, SIG_IGN);
    }
  }
  if (block) sigprocmask(SIG_BLOCK, &set, NULL);
}

// Looks nothing up, unlike setpriv(1): tests hand this to a system whose user database hangs.
static void become(uid_t user) {
  if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0) die("user=");
}

static void clean(void) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  umask(022);
}

static void timers(void) {
  struct itimerval often = {{0, 20000}, {0, 20000}};
  setitimer(ITIMER_REAL, &often, NULL);
  setitimer(ITIMER_VIRTUAL, &often, NULL);
  setitimer(ITIMER_PROF, &often, NULL);
}

static void removed_directory(void) {
  char name[] = "/tmp/inherit-XXXXXX";
  if (!mkdtemp(name) || chdir(name) != 0 || rmdir(name) != 0) die("cwd=gone");
}

static void open_many(int count) {
  struct rlimit both;
  getrlimit(RLIMIT_NOFILE, &both);
  if (both.rlim_cur < (rlim_t)count + 64) both.rlim_cur = (rlim_t)count + 64;
  setrlimit(RLIMIT_NOFILE, &both);
  for (int i = 0; i < count; i++)
    if (open("/dev/null", O_RDWR) < 0) die("open");
}

// The child becomes the program; this process lets it run, and ends like it.
static void traced(void) {
  int status;
  pid_t pid = fork();
  if (pid == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    return;
  }
  while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
    ptrace(PTRACE_CONT, pid, NULL, WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static int scheduling(const char *word, const char *value) {
  unsigned long number = strtoul(value, NULL, 0);
  if (strncmp(word, "slack=", 6) == 0) return prctl(PR_SET_TIMERSLACK, number, 0, 0, 0) == 0;
  if (strcmp(word, "policy=idle") == 0) return sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0}) == 0;
  if (strncmp(word, "cpu=", 4) == 0) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(number, &cpus);
    return sched_setaffinity(0, sizeof cpus, &cpus) == 0;
  }
  if (strcmp(word, "io=idle") == 0) return syscall(SYS_ioprio_set, 1, 0, 3 << 13) == 0;
  if (strncmp(word, "memory=", 7) == 0) {
    unsigned long nodes = 1UL << number;
    return syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, 8 * sizeof nodes) == 0;
  }
  if (strncmp(word, "personality=", 12) == 0) return personality(number) >= 0;
  if (strcmp(word, "huge=off") == 0) return prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0;
  return 0;
}

static void take_on(char *word) {
  char *value = strchr(word, '=');
  value = value ? value + 1 : word + strlen(word);
  if (strncmp(word, "user=", 5) == 0) become((uid_t)atoi(value));
  else if (strcmp(word, "clean") == 0) clean();
  else if (strncmp(word, "nice=", 5) == 0) setpriority(PRIO_PROCESS, 0, atoi(value));
  else if (strncmp(word, "umask=", 6) == 0) umask((mode_t)strtol(value, NULL, 8));
  else if (strcmp(word, "cwd=gone") == 0) removed_directory();
  else if (strncmp(word, "ignore=", 7) == 0) signals(value, 0);
  else if (strncmp(word, "block=", 6) == 0) signals(value, 1);
  else if (strcmp(word, "timers") == 0) timers();
  else if (strncmp(word, "open=", 5) == 0) open_many(atoi(value));
  else if (strncmp(word, "closed=", 7) == 0) close(atoi(value));
  else if (strcmp(word, "no-new-privileges") == 0) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  else if (strcmp(word, "traced") == 0) traced();
  else if (!scheduling(word, value) && !limit(word, value)) errno = EINVAL, die(word);
}

int main(int argc, char **argv) {
  int i, without_name = 0;
  for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "argc0") == 0) without_name = 1;
    else take_on(argv[i]);
  }
  if (i + 1 >= argc) return 125;
  char *nothing[] = {NULL};
  if (without_name) execv(argv[i + 1], nothing);
  else execvp(argv[i + 1], argv + i + 1);
  die(argv[i + 1]);
}
