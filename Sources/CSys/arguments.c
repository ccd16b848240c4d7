#include "CSys.h"

static int argument_count;
static char *const *arguments;
static char *const *environment;

// glibc and musl hand main's arguments to constructors (System V gABI leaves it open; both document it).
__attribute__((constructor)) static void keep_arguments(int argc, char *argv[], char *envp[]) {
  argument_count = argc;
  arguments = argv;
  environment = envp;
}

int csys_argc(void) { return argument_count; }

char *const *csys_argv(void) { return arguments; }

char *const *csys_environ(void) { return environment; }
