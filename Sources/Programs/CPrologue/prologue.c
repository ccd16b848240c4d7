// What tlog-rec-session does before any Swift runs. Installed root:root 4755, it comes here as root and leaves as
// steno-rec, for good but for the person's real ids, which their shell gets, and CAP_KILL, which its warden gets
// (docs/threat-model.md, rules 1 to 4).

#include "CPrologue.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CSys.h"

// Its owner is who recorders run as: no name is looked up, since that would load foreign code into this process.
#define RECORDER_DIRECTORY "/var/lib/steno-rec"

static void become_recorder(void) {
  uid_t person = getuid();
  gid_t persons = getgid();
  struct stat directory;
  if (stat(RECORDER_DIRECTORY, &directory) != 0 || !S_ISDIR(directory.st_mode) || directory.st_uid == 0 ||
      (directory.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    // Not installed properly: no more rights than the caller has. Without rights of its own it records what it can.
    if (setresgid(persons, persons, persons) != 0 || setresuid(person, person, person) != 0) _exit(1);
    return;
  }
  csys_clean_up_as_root();
  csys_take_terminal(directory.st_uid);
  if (csys_leave_root(directory.st_uid, directory.st_gid) != 0) _exit(1);
}

// Constructors run before main, and Swift's begins there.
__attribute__((constructor)) static void prologue(void) {
  csys_close_from(3);
  csys_clean_up();
  clearenv();  // libc is to read nothing of the caller's, such as TZ; what the shell gets is kept apart
  csys_reopen_standard();
  if (geteuid() == 0) become_recorder();
}
