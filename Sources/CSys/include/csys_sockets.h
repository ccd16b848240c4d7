// Unix sockets as a sink of messages uses them: connected, never blocking, never raising SIGPIPE; and memory files that
// go along with a datagram. 0 or a number not below 0 on success, -1 with errno otherwise.
#ifndef CSYS_SOCKETS_H
#define CSYS_SOCKETS_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { csys_datagram = SOCK_DGRAM, csys_stream = SOCK_STREAM };

// --- sockets.c

// A new socket connected to the one named by the `size` bytes at `path`, nonblocking and close-on-exec. `type` is
// csys_datagram or csys_stream. ENAMETOOLONG when the name does not fit into an address, EPROTOTYPE when the peer's socket
// is of the other type, EAGAIN when a stream's peer has a full backlog.
int csys_unix_connect(const char *path, size_t size, int type);

// Asks for a send buffer of `size` bytes; the system gives at most net.core.wmem_max.
int csys_send_buffer(int fd, int size);

// One sendmsg(2) of the `head_size` bytes at `head` and then the `body_size` bytes at `body`. Returns how many were taken:
// all on a datagram socket.
ssize_t csys_send(int fd, const void *head, size_t head_size, const void *body, size_t body_size);

// Passes `passed` in an otherwise empty datagram (SCM_RIGHTS, unix(7)). The caller keeps its own.
int csys_send_descriptor(int fd, int passed);

// A new memory file that can be sealed, close-on-exec.
int csys_memory_file(void);

// Seals a memory file for good: nobody can change its bytes or its size, nor take the seals off.
int csys_seal(int fd);

#endif
