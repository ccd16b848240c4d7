// What a player needs of its terminal and of signals. 0 or a number not below 0 on success, -1 with errno otherwise.
#ifndef CSYS_PLAYER_H
#define CSYS_PLAYER_H

#include <stdbool.h>

struct csys_terminal;

// --- player.c

// Blocks HUP, INT, QUIT, TERM, TSTP, WINCH and CONT and returns a descriptor that tells of them; those that the caller
// wants ignored stay so. In the background the terminal stops this process, as others.
int csys_take_player_signals(void);
// Sets the attributes that a player needs: keys come one by one and are not echoed. With `persists` no key sends a signal.
int csys_terminal_make_keys(int fd, const struct csys_terminal *from, bool persists);
// Stops this process as SIGTSTP would have, and returns when it is continued. Returns at once where the kernel does not
// let a terminal stop it, since nobody is there to continue it: an orphaned process group (setpgid(2)).
void csys_stop(void);

extern const int csys_sigint, csys_sigquit, csys_sigtstp;

#endif
