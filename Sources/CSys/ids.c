#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CSys.h"

void csys_ids_now(struct csys_ids *ids) {
  getresuid(&ids->real_user, &ids->effective_user, &ids->saved_user);
  getresgid(&ids->real_group, &ids->effective_group, &ids->saved_group);
}

// The group first: without the user's rights it could not be set any more.
int csys_become(uid_t user, gid_t group) {
  struct csys_ids before;
  csys_ids_now(&before);
  if (setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0) return -1;
  bool kept = (before.real_user != user && setuid(before.real_user) == 0) ||
              (before.saved_user != user && seteuid(before.saved_user) == 0);
  if (user != 0 && kept) {
    errno = EPERM;
    return -1;
  }
  return 0;
}

// AT_SECURE (getauxval(3)) tells what exec gave, whatever ids have been changed since.
bool csys_was_denied_rights(void) {
  struct stat status;
  if (getauxval(AT_SECURE) != 0 || stat("/proc/self/exe", &status) != 0) return false;
  return (status.st_mode & S_ISUID) != 0 && getuid() != status.st_uid;
}

void csys_forbid_inspection(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

uid_t csys_set_file_user(uid_t user) { return (uid_t)setfsuid(user); }
