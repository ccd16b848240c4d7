// What Swift needs of libc that it cannot see by itself: variadic calls, GNU names, macros, and the stretch between
// fork(2) and exec. One verb a file, contracts here. Nothing in this module allocates after fork.
//
// Unless said otherwise: 0 or a number not below 0 on success, -1 with errno otherwise, as the call of the same name in
// section 2; what may be interrupted by a signal is tried again.
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "csys_agents.h"
#include "csys_logs.h"
#include "csys_player.h"
#include "csys_sockets.h"

// --- arguments.c

// How the program was started. Kept by a constructor, before any Swift runs; both live as long as the process.
int csys_argc(void);
char *const *csys_argv(void);
// The environment as it was at the start, NULL-terminated.
char *const *csys_environ(void);

// --- text.c

// errno(3) of the calling thread.
int csys_errno(void);
// strerror(3) in the C locale; a static string.
const char *csys_strerror(int code);
size_t csys_strlen(const char *string);

// --- files.c: relative paths begin in csys_caller_directory()

int csys_open(const char *path, int flags, mode_t mode);  // adds O_CLOEXEC
int csys_close(int fd);                                   // never retried: the number is free either way
ssize_t csys_read(int fd, void *buffer, size_t count);
ssize_t csys_write(int fd, const void *buffer, size_t count);
// send(2) that does not wait, on a socket whose description is shared with others and cannot be made not to.
ssize_t csys_send_now(int fd, const void *buffer, size_t count);
bool csys_is_socket(int fd);
int csys_forbid_waiting(int fd);  // O_NONBLOCK

// poll(2); an interruption counts as nothing ready. `timeout_ms` below 0 waits without limit.
int csys_poll(struct pollfd *descriptors, size_t count, int timeout_ms);
// Puts /dev/null in the place of 0, 1 or 2: closes it without leaving the number free.
void csys_discard_standard(int fd);

enum csys_kind { CSYS_KIND_OTHER = 0, CSYS_KIND_TERMINAL, CSYS_KIND_STREAM };
// What a descriptor is: a terminal; a stream whose reader waits for its end (pipe, FIFO, socket); anything else.
enum csys_kind csys_kind_of(int fd);

struct csys_file_facts {
  uid_t owner;
  gid_t group;
  mode_t mode;  // type and permissions, st_mode of stat(2)
  uint64_t device;
  uint64_t inode;
  int64_t size;
};
int csys_stat(const char *path, struct csys_file_facts *facts);
int csys_fstat(int fd, struct csys_file_facts *facts);

int csys_truncate(int fd);  // to nothing
int csys_unlink(const char *path);

// flock(2), exclusive, without waiting: EWOULDBLOCK when somebody else holds it.
int csys_lock(int fd);
// A record lock on the whole file (F_SETLK in fcntl(2)), without waiting. It is this process's alone: no child has it, and it
// ends when the process closes any descriptor of the file, or ends.
int csys_hold(int fd);
// The process that holds a file by csys_hold(), not this one; 0 for nobody, or one in another PID namespace.
pid_t csys_holder(int fd);

// --- clean_up.c: what a caller may have set to stop or blind a recorder (THREATS 4)

// Puts what a caller hands on through exec into a known state and remembers what it was: descriptors 0 to 2 open; signals
// default or ignored, none blocked; no timers; umask 077; no core dumps; scheduling. Call first, once. Descriptors above 2
// stay: csys_close_from(3) before it closes them, csys_close_callers() later.
void csys_clean_up(void);
// The same for what only root may change: limits off, niceness and oom_score_adj 0. Call as root.
void csys_clean_up_as_root(void);
// Closes every descriptor from that number on; from `first` to `last`, neither below 0 nor the other way round.
void csys_close_from(int first);
void csys_close_between(int first, int last);
// Closes the descriptors above 2 that the caller gave, but for `kept` (-1 for none): those that are not close-on-exec, as
// all of our own are.
void csys_close_callers(int kept);
// Whether descriptor 0, 1 or 2 was open when the program was started.
bool csys_was_open(int fd);
// Whether the caller wants that signal ignored, as nohup(1) does with HUP.
bool csys_was_ignored(int signal_number);
// Where relative paths begin, for openat(2) and its like: in the caller's directory, though the recorder itself goes to
// /; with rights that the caller lacks, in /.
int csys_caller_directory(void);
// Gives the calling process the caller's state back; in a child, before exec, as the user it runs as.
// Async-signal-safe.
void csys_restore_caller(void);

// --- scheduling.c: clean_up.c's part of what lets a recorder sleep (THREATS 4)

// Makes timer slack, personality, huge pages, time stamp counter, I/O priority, memory policy and processors the usual
// ones.
void csys_clean_scheduling(void);
// The same for policy, niceness, slice and utilization clamps: see sched_setattr(2).
void csys_clean_scheduling_as_root(void);
void csys_restore_scheduling(void);

// --- outer.c: the descriptors that the caller gave

enum csys_guard {
  CSYS_GUARD_NONE = 0,       // others with the user's rights can open the outer terminal
  CSYS_GUARD_EXCLUSIVE = 1,  // TIOCEXCL: they cannot open it from now on
  CSYS_GUARD_TAKEN = 2,      // it belongs to the recorder, and nobody else has it open
};

// Gives descriptors 0 to 2 an open file description of their own with O_NONBLOCK, where there is a way: terminals and
// pipes. Others (regular files, sockets, what may not be opened again) stay as they are.
void csys_reopen_standard(void);
// As root: makes the controlling terminal, when this process leads its session, the recorder's alone, like login(1). What
// was typed there and not read yet is kept.
void csys_take_terminal(uid_t recorder);
// What was typed on a terminal before csys_take_terminal took it; it lives as long as the process. 0 bytes for nothing.
size_t csys_typed_before(const void **typed, size_t *echoed);
// Asks for exclusive use of the controlling terminal when this process leads its session. Any user.
void csys_exclude_others(void);
// Undoes csys_exclude_others for those who come after.
void csys_admit_others(void);
enum csys_guard csys_terminal_guard(void);

// --- ids.c

struct csys_ids {
  uid_t real_user, effective_user, saved_user;
  gid_t real_group, effective_group, saved_group;
};
void csys_ids_now(struct csys_ids *ids);
// Makes all three user and group ids these, without CAP_KILL, tries to get the old ones back, and fails with EPERM if that
// worked.
int csys_become(uid_t user, gid_t group);
// Whether the program's file is marked set-user-id, and yet was started without its owner's rights: nosuid,
// no_new_privs, ptrace(2).
bool csys_was_denied_rights(void);
// As root: the person's real ids stay, the others become the recorder's, and of root's rights (capabilities(7)) there stays
// CAP_KILL, out of use until there is a warden. -1 if not all of that came about.
int csys_leave_root(uid_t recorder, gid_t group);
// The effective ids become the only ones, and CAP_KILL, where csys_leave_root() has kept it, comes into use.
int csys_become_warden(void);
void csys_forbid_inspection(void);  // PR_SET_DUMPABLE 0
uid_t csys_set_file_user(uid_t user);  // setfsuid(2): the one before

// --- pty.c

// A new pseudo-terminal: both ends close-on-exec, the first not blocking. `*number` is N of /dev/pts/N.
int csys_open_pty(int *master, int *slave, unsigned *number);

// --- terminal.c

// Attributes and size of a terminal, as an inner terminal copies them from the outer one.
struct csys_terminal {
  struct termios attributes;
  uint16_t rows, columns;
};
bool csys_is_terminal(int fd);
int csys_terminal_get(int fd, struct csys_terminal *state);
// Sets attributes now and size; TCSANOW, so that a stalled terminal cannot hold us up.
int csys_terminal_set(int fd, const struct csys_terminal *state);
int csys_terminal_size(int fd, uint16_t *rows, uint16_t *columns);
int csys_terminal_resize(int fd, uint16_t rows, uint16_t columns);
// Sets the attributes that a relay needs: bytes pass both ways unchanged.
int csys_terminal_make_raw(int fd, const struct csys_terminal *from);
int csys_terminal_restore(int fd, const struct csys_terminal *state);
// Starts a process that restores the terminal when the caller dies without having closed `*until` by
// csys_dismiss_keeper: SIGKILL cannot be caught. It changes nothing if somebody else has set other attributes since.
pid_t csys_keep_terminal(int fd, const struct csys_terminal *state, int *until);
// Lets the keeper go without doing anything.
void csys_dismiss_keeper(pid_t keeper, int until);
// What masking asks (THREATS 9), on the first end of a pseudo-terminal: whether lines are edited and keys echoed there.
int csys_terminal_modes(int master, bool *canonical, bool *echo);
pid_t csys_terminal_foreground(int fd);
// Sends SIGINT or SIGQUIT, as their keys would, to the foreground of a pseudo-terminal, given its first end (TIOCSIG).
void csys_terminal_signal(int master, int number);
// Whether this process may use its controlling terminal now; a background job may not.
bool csys_in_foreground(int fd);
// N of /dev/pts/N for the controlling terminal of a process; -1 when it has none, or one of another kind. `*parent` is
// its parent, 0 when nothing is known of it, as with hidepid in proc(5).
int csys_controlling_pts(pid_t pid, pid_t *parent);
// Which of 0, 1 and 2 is the terminal that controls this process; -1 for none.
int csys_controlling_standard(void);

// --- typed.c: what was typed before anybody read it

// Makes a terminal raw that was `from`, and takes what waits in its input queue, a line that is not finished included.
// The first `*echoed` bytes are as the terminal has edited and echoed them, if it was to; there the key for the end of
// file comes as that key, and a NUL, too. Never waits for somebody to type. The number of bytes, or -1 when the terminal
// cannot be set.
ssize_t csys_terminal_take_typed(int fd, const struct csys_terminal *from, void *typed, size_t size, size_t *echoed);
// Puts what has been echoed, as much as fits, into the input queue of a pseudo-terminal that no program has begun to use:
// as it was, and without echo. The number of bytes, or -1.
ssize_t csys_terminal_put_typed(int master, int slave, const void *typed, size_t size);

// --- signals.c

// Blocks HUP, INT, QUIT, TERM, TSTP, WINCH and CONT and returns a descriptor that tells of them.
int csys_take_signals(void);
// The next one that came, or 0 when there is none.
int csys_next_signal(int fd);
void csys_exit(int status) __attribute__((noreturn));
// Dies of `number`, as a program that never caught it.
void csys_die_of(int number);
// Whether this process may be stopped: not when it leads its session, or when the caller ignores SIGTSTP.
bool csys_is_stoppable(void);
// Stops the job that this process is part of, as ^Z does, and returns when it is continued. Returns at once where no shell
// watches the job, since nobody would continue it: an orphaned process group (setpgid(2)).
void csys_stop_job(void);

extern const int csys_sighup, csys_sigkill, csys_sigpipe, csys_sigterm, csys_sigwinch, csys_sigcont, csys_sigstop;

// --- spawn.c

struct csys_child {
  const char *path;        // absolute, or a name to look for in PATH with `search`
  bool search;             // execvp instead of execve
  char *const *arguments;  // NULL-terminated
  char *const *environment;
  int standard[3];         // what becomes 0, 1, 2; -1 for closed
  int terminal;            // becomes the controlling terminal of a new session; -1 for none
  uid_t user;              // all ids become these
  gid_t group;
  int death_signal;        // what the child gets when its parent is gone (PR_SET_PDEATHSIG); 0 for none
  int gate;                // waits for one byte from here before exec; ends when it is closed instead
  int gate_writer;         // the gate's other end, to be closed in the child
  pid_t parent;            // without whom the child does not start; 0 for csys_execute. csys_spawn sets it
};
// What a child does between fork and exec: with the caller's state given back, and what fails told on its descriptor 2 in
// tlog's words, and with exit status 127.
void csys_begin(const struct csys_child *child) __attribute__((noreturn));
// The same in this process, without gate and new descriptors: when there is nothing to record.
void csys_execute(const struct csys_child *child);  // never returns
int csys_pipe(int *reader, int *writer);  // both close-on-exec

// --- warden.c: the process between a recorder and its shell, which can end all that the session has started (THREATS 1)

// Forks a warden, and the warden the child; this process goes to /. The warden has the recorder's ids and, of the rights
// that were kept by csys_leave_root(), those to kill. Whatever the child's children leave behind becomes the warden's own
// (PR_SET_CHILD_SUBREAPER), so that nothing leaves the session by forking. It hears nothing but orders on `*warden`, and
// when that is closed, as by the recorder's death, it kills them all. Returns the child.
pid_t csys_spawn(const struct csys_child *child, int *warden);
// An order is the number of a signal for the child (STOP and CONT go to its process group, if it leads one), or
enum csys_order {
  CSYS_LEAVE = 0,  // the warden goes, and leaves what runs to itself
  CSYS_END = 255,  // it kills all that the session has started, and goes
};
void csys_order(int warden, unsigned char order);
enum csys_change { CSYS_UNCHANGED = 0, CSYS_ENDED = 1, CSYS_STOPPED = 2, CSYS_LOST = 3 };
// What became of the child since it was last asked about: ended, with its exit status or 128 + signal in `*status`;
// stopped; lost, with the warden; or nothing. `warden` can be read when there is something.
enum csys_change csys_change_of(int warden, int *status, bool *by_signal);

// --- facts.c: what the kernel and plain files say of the host and the person; nothing is resolved (THREATS 6)

uint64_t csys_elapsed_ns(void);  // CLOCK_BOOTTIME: counts suspend
uint64_t csys_wall_ms(void);     // CLOCK_REALTIME, milliseconds since the Epoch
pid_t csys_pid(void);
// uname(2)'s node name; bytes without NUL.
size_t csys_node_name(char *name, size_t size);

struct csys_person {
  char name[256];
  char shell[1024];
};
// The account of `user`: from /etc/passwd, else asked of NSS by a child that has `user`'s rights and one second.
// False when neither knows it.
bool csys_person(uid_t user, struct csys_person *person);
// Whether the process is in the local group of that name (/etc/group).
bool csys_in_group(const char *name);

#endif
