#include <linux/mempolicy.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CSys.h"

#define CPU_COUNT_MAX 8192          // NR_CPUS at most; the kernel takes the part it knows
#define NODE_COUNT_MAX 1024         // MAX_NUMNODES at most
#define TIMER_SLACK_NS 50000        // what every process has that nobody has told otherwise (prctl(2))
#define PERSONALITY_ASKED 0xffffffffU
#define IOPRIO_WHO_PROCESS 1        // ioprio_set(2); libc has no names for it
#define SCHED_FLAG_UTIL_CLAMP 0x60  // sched_setattr(2), as below
#define SCHED_UTIL_UNSET UINT32_MAX

// struct sched_attr of sched_setattr(2), which not every libc has.
struct attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t utilization_min, utilization_max;
};

struct memory_policy {
  int mode;
  unsigned long nodes[NODE_COUNT_MAX / (8 * sizeof(unsigned long))];
};

static struct {
  struct attributes attributes;
  unsigned char cpus[CPU_COUNT_MAX / 8];
  struct memory_policy memory;
  long io_priority, timer_slack;
  int personality, no_huge_pages, time_stamps;
  bool knows_attributes, limits_cpus, knows_memory;
} caller;

// A kernel without utilization clamps refuses to be told of them, and before Linux 5.3 a structure with room for them.
static void set_attributes(struct attributes attributes) {
  attributes.flags |= SCHED_FLAG_UTIL_CLAMP;
  if (syscall(SYS_sched_setattr, 0, &attributes, 0U) == 0) return;
  attributes.flags &= ~(uint64_t)SCHED_FLAG_UTIL_CLAMP;
  attributes.size = offsetof(struct attributes, utilization_min);
  syscall(SYS_sched_setattr, 0, &attributes, 0U);
}

static bool get_cpus(unsigned char cpus[CPU_COUNT_MAX / 8]) {
  memset(cpus, 0, CPU_COUNT_MAX / 8);
  return syscall(SYS_sched_getaffinity, 0, CPU_COUNT_MAX / 8, cpus) > 0;
}

// All that there are and that the cgroup allows; more may come later. So a caller who had them all gets no list of them
// back, which would keep the shell off those.
static void clean_cpus(void) {
  unsigned char all[CPU_COUNT_MAX / 8], usable[CPU_COUNT_MAX / 8];
  if (!get_cpus(caller.cpus)) return;
  memset(all, 0xff, sizeof all);
  syscall(SYS_sched_setaffinity, 0, sizeof all, all);
  caller.limits_cpus = get_cpus(usable) && memcmp(caller.cpus, usable, sizeof usable) != 0;
}

static bool set_memory(const struct memory_policy *policy) {
  return syscall(SYS_set_mempolicy, policy->mode, policy->nodes, NODE_COUNT_MAX) == 0;
}

// What a system does not have, or does not let be changed, stays as it is.
void csys_clean_scheduling(void) {
  struct memory_policy usual = {.mode = MPOL_DEFAULT};
  caller.timer_slack = syscall(SYS_prctl, PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);  // prctl(3) cuts it to an int
  prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
  caller.personality = personality(PERSONALITY_ASKED);
  personality(PER_LINUX);
  caller.no_huge_pages = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0);
  prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
  if (prctl(PR_GET_TSC, &caller.time_stamps, 0, 0, 0) == 0) prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
  caller.io_priority = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
  syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, 0);
  caller.knows_memory =
      syscall(SYS_get_mempolicy, &caller.memory.mode, caller.memory.nodes, NODE_COUNT_MAX, NULL, 0UL) == 0;
  if (caller.knows_memory) set_memory(&usual);
  clean_cpus();
}

void csys_clean_scheduling_as_root(void) {
  struct attributes usual = {
      .size = sizeof usual, .utilization_min = SCHED_UTIL_UNSET, .utilization_max = SCHED_UTIL_UNSET};
  caller.knows_attributes = syscall(SYS_sched_getattr, 0, &caller.attributes, sizeof caller.attributes, 0U) == 0;
  set_attributes(usual);
  // A real-time caller had no slack, and is now given what its parent had.
  prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
}

void csys_restore_scheduling(void) {
  if (caller.knows_attributes) set_attributes(caller.attributes);
  if (caller.limits_cpus) syscall(SYS_sched_setaffinity, 0, sizeof caller.cpus, caller.cpus);
  if (caller.knows_memory) set_memory(&caller.memory);
  if (caller.io_priority >= 0) syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, caller.io_priority);
  if (caller.time_stamps > 0) prctl(PR_SET_TSC, caller.time_stamps, 0, 0, 0);
  if (caller.no_huge_pages > 0) prctl(PR_SET_THP_DISABLE, caller.no_huge_pages, 0, 0, 0);
  if (caller.personality > 0) personality((unsigned long)caller.personality);
  if (caller.timer_slack > 0) prctl(PR_SET_TIMERSLACK, caller.timer_slack, 0, 0, 0);
}
