// What a recorder and an agent need of libc to find each other: packets that carry a descriptor or credentials, who the
// peer is, and spool files. 0 or a number not below 0 on success, -1 with errno otherwise.
#ifndef CSYS_AGENTS_H
#define CSYS_AGENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// --- agents.c

struct csys_peer {
  pid_t pid;
  uid_t user;
  gid_t group;
};

// Who is at the other end (SO_PEERCRED): effective ids as they were at connect(2), or at listen(2) for a server.
int csys_peer_of(int fd, struct csys_peer *peer);
// Whether the other end had `group` as its own or as one of its others at that time (SO_PEERGROUPS). False, too, for
// somebody in more than 1 024 groups.
bool csys_peer_is_in(int fd, gid_t group);

// Sends what is taken at once, without waiting. `passed` goes along unless it is below 0 (SCM_RIGHTS); `sender` unless
// it is NULL (SCM_CREDENTIALS): the kernel takes only ids that this process has.
ssize_t csys_send_along(int fd, const void *bytes, size_t size, int passed, const struct csys_peer *sender);

// Receives what is there. `*passed` is a descriptor that came along, close-on-exec, or -1: of several the first, the
// others are closed. `sender->pid` is 0 when no credentials came.
ssize_t csys_receive(int fd, void *buffer, size_t size, int *passed, struct csys_peer *sender);

// As csys_receive, from a caller that may pass whatever it likes: no descriptor is taken, looked at or released. -1 and
// EBADMSG when one came along; it stays where it is, and so does what came with it.
ssize_t csys_receive_bytes(int fd, void *buffer, size_t size, struct csys_peer *sender);
// Takes no more from a caller, and drops what it has said. False when there is a descriptor among it: then the release
// of `fd` is the release of that one, which may take as long as whoever passed it likes.
bool csys_drain(int fd);
// Starts a child process to which the release of `sockets` is left, in ascending order and above 0: it has them until they
// are closed here, and then `*gate`; then it ends, as soon as it can. -1 with errno when there is no child.
pid_t csys_close_in_child(const int *sockets, size_t count, int *gate);
// Whether that child has ended. Once it has, its number is no more.
bool csys_has_ended(pid_t child);

// A socket that listens at the `size` bytes of `path`, with mode `mode`; whatever socket was there before goes. Group
// `group` unless it is (gid_t)-1.
int csys_listen(const char *path, size_t size, mode_t mode, gid_t group);
// The next caller, close-on-exec, not blocking, with credentials of each packet turned on, and out-of-band bytes in line.
int csys_accept(int fd);

// Renames a file; EEXIST where there is one of the new name.
int csys_rename_new(const char *from, const char *to);
// Makes the file `size` bytes long.
int csys_cut_to(int fd, uint64_t size);
// Makes a file that is not there yet, for appending: readable and writable by owner and group whatever the umask.
int csys_make_spool(const char *path);
ssize_t csys_read_at(int fd, void *buffer, size_t size, uint64_t offset);
// Frees the blocks of the file from `from` on, `size` bytes; they read as zeros.
int csys_punch(int fd, uint64_t from, uint64_t size);
// syncfs(2) of the file system that `fd` is on.
int csys_sync_file_system(int fd);
// Bytes of the file system that `fd` is on.
uint64_t csys_file_system_size(int fd);
// Watches for changes to files in a directory (inotify); the descriptor does not block.
int csys_watch(const char *path);

uint32_t csys_random(void);

#endif
