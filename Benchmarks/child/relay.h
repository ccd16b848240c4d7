// Runs a command on a pseudo-terminal inside this one, and returns its exit status; 1 when that cannot be done.
int relay(char *const command[]);
