#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CSys.h"

#define LOOK_MS 20

// The warden's own descriptors.
enum { RECORDER = 0, SIGNALS = 1 };

// /proc may be another PID namespace's, and then names processes that are none of ours.
static bool is_child(pid_t pid) {
  siginfo_t info;
  return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

// Kills every child, and says whether there was one to kill. A child's number is nobody else's until it has been waited for.
static bool kill_children(void) {
  char text[4096];
  pid_t pid = 0;
  bool killed = false;
  ssize_t count;
  int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (list < 0) return false;
  while ((count = csys_read(list, text, sizeof text)) > 0)
    for (ssize_t i = 0; i < count; i++) {
      if (text[i] >= '0' && text[i] <= '9') {
        pid = pid * 10 + (text[i] - '0');
        continue;
      }
      if (pid > 0 && is_child(pid) && kill(pid, SIGKILL) == 0) killed = true;
      pid = 0;
    }
  close(list);
  return killed;
}

// Generation after generation: the children of what was killed become the warden's own. Who forks and ends all the time is
// outrun, since a kill takes far less than a fork. A child that somebody traces is not heard of before they let it go, but
// its children come all the same: so the list is looked at again and again, until it is empty.
static void kill_all(pid_t shell) {
  struct pollfd ended = {.fd = SIGNALS, .events = POLLIN};
  struct signalfd_siginfo info;
  if (shell > 0) kill(shell, SIGKILL);
  while (kill_children()) {
    csys_poll(&ended, 1, LOOK_MS);
    csys_read(SIGNALS, &info, sizeof info);
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
  }
}

// Tells the recorder how its shell has changed, and buries everybody else. Returns the shell, 0 once it has ended.
static pid_t look_after(pid_t shell) {
  struct signalfd_siginfo info;
  int status;
  pid_t changed;
  csys_read(SIGNALS, &info, sizeof info);
  while ((changed = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
    if (changed != shell) continue;
    if (send(RECORDER, &status, sizeof status, MSG_NOSIGNAL) < 0) return shell;  // the recorder is gone: read(2) says so
    if (!WIFSTOPPED(status)) shell = 0;
  }
  return shell;
}

static void obey(unsigned char order, pid_t shell, bool leads_session) {
  if (order == CSYS_LEAVE) _exit(0);
  if (shell == 0) return;
  bool is_for_group = leads_session && (order == SIGSTOP || order == SIGCONT);
  kill(is_for_group ? -shell : shell, order);
}

static _Noreturn void serve(pid_t shell, bool leads_session) {
  for (;;) {
    struct pollfd asked[] = {{.fd = RECORDER, .events = POLLIN}, {.fd = SIGNALS, .events = POLLIN}};
    unsigned char order;
    csys_poll(asked, 2, -1);
    if (asked[SIGNALS].revents != 0) shell = look_after(shell);
    if (asked[RECORDER].revents == 0) continue;
    if (csys_read(RECORDER, &order, 1) != 1 || order == CSYS_END) break;
    obey(order, shell, leads_session);
  }
  kill_all(shell);
  _exit(0);
}

// All signals are blocked: those that can be came from whoever may signal a whole session, and are for others in it.
static _Noreturn void guard(const struct csys_child *child, int recorder) {
  struct csys_child own = *child;
  sigset_t all, ended;
  own.parent = getpid();
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);  // before there is a child whose end could be missed
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  pid_t shell = fork();
  if (shell == 0) csys_begin(&own);
  int answer = shell > 0 ? shell : -errno;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  if (dup2(recorder, RECORDER) < 0) _exit(1);
  csys_close_from(SIGNALS);
  setsid();
  prctl(PR_SET_NAME, "tlog-rec-warden", 0, 0, 0);
  if (signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK) != SIGNALS || chdir("/") != 0 || csys_become_warden() != 0) _exit(1);
  if (send(RECORDER, &answer, sizeof answer, MSG_NOSIGNAL) < 0) _exit(1);
  serve(shell, child->terminal >= 0);
}

pid_t csys_spawn(const struct csys_child *child, int *warden) {
  int ends[2], answer;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    guard(child, ends[1]);
  }
  int error = errno;
  close(ends[1]);
  // Only now, so that the child keeps the caller's directory, even one that its user may not enter.
  if (chdir("/") != 0) _exit(1);
  if (pid > 0) {
    if (csys_read(ends[0], &answer, sizeof answer) != sizeof answer) answer = -ESRCH;  // somebody has killed it
    if (answer > 0) {
      *warden = ends[0];
      return answer;
    }
    error = -answer;
  }
  close(ends[0]);
  errno = error;
  return -1;
}

void csys_order(int warden, unsigned char order) {
  if (send(warden, &order, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) { /* it is gone, and csys_change_of says so */ }
}

enum csys_change csys_change_of(int warden, int *status, bool *by_signal) {
  int raw;
  ssize_t got;
  do got = recv(warden, &raw, sizeof raw, MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return CSYS_UNCHANGED;
  if (got != sizeof raw) return CSYS_LOST;
  if (WIFSTOPPED(raw)) return CSYS_STOPPED;
  *by_signal = WIFSIGNALED(raw);
  *status = *by_signal ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
  return CSYS_ENDED;
}
