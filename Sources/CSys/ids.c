#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CSys.h"

void csys_ids_now(struct csys_ids *ids) {
  getresuid(&ids->real_user, &ids->effective_user, &ids->saved_user);
  getresgid(&ids->real_group, &ids->effective_group, &ids->saved_group);
}

static bool kept_rights;  // by csys_leave_root()

static int set_rights(uint32_t permitted, uint32_t effective) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, rights) != 0) return -1;
  for (int word = 0; word < _LINUX_CAPABILITY_U32S_3; word++) rights[word].permitted = rights[word].effective = 0;
  rights[0].permitted = permitted;
  rights[0].effective = effective;
  return (int)syscall(SYS_capset, &header, rights);
}

// CAP_KILL alone; nothing where there is none, as in a container that does without.
static int keep_kill(bool in_use) {
  uint32_t kill = 1U << CAP_KILL;
  return set_rights(kill, in_use ? kill : 0) == 0 ? 0 : set_rights(0, 0);
}

// A person who is root has a shell that is root, and gets its state back as root.
int csys_leave_root(uid_t recorder, gid_t group) {
  uid_t person = getuid();
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setresgid(getgid(), group, group) != 0 ||
      setresuid(person, recorder, recorder) != 0)
    return -1;
  kept_rights = true;
  if (person == 0) return 0;
  return keep_kill(false) != 0 || seteuid(0) == 0 ? -1 : 0;
}

int csys_become_warden(void) {
  struct csys_ids ids;
  csys_ids_now(&ids);
  if (setresgid(ids.effective_group, ids.effective_group, ids.effective_group) != 0 ||
      setresuid(ids.effective_user, ids.effective_user, ids.effective_user) != 0)
    return -1;
  return kept_rights ? keep_kill(true) : 0;
}

// The group first: without the user's rights it could not be set any more.
int csys_become(uid_t user, gid_t group) {
  struct csys_ids before;
  csys_ids_now(&before);
  if (setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0) return -1;
  if (kept_rights && user != 0 && set_rights(0, 0) != 0) return -1;
  bool kept = (before.real_user != user && setuid(before.real_user) == 0) ||
              (before.saved_user != user && seteuid(before.saved_user) == 0);
  if (user != 0 && kept) {
    errno = EPERM;
    return -1;
  }
  return 0;
}

// AT_EUID (getauxval(3)) tells what exec gave, whatever ids have been changed since. AT_SECURE would not do: who is traced
// is started with it, and without the rights.
bool csys_was_denied_rights(void) {
  struct stat status;
  if (stat("/proc/self/exe", &status) != 0) return false;
  return (status.st_mode & S_ISUID) != 0 && getauxval(AT_EUID) != status.st_uid;
}

void csys_forbid_inspection(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

uid_t csys_set_file_user(uid_t user) { return (uid_t)setfsuid(user); }
