// Preloaded into a program: kills it at one of its calls, before or after that does its work.
//
// STENO_SHIM_KILL names a folder; there a file that is named like the program holds three 32-bit
// numbers as the machine has them: the kind of call, how many are left up to the fatal one, and whether that is made
// first. A test may change them at any time; 0 left is none. A program that has no such file goes on as ever.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

// The order is that of the test's `Call`.
enum kind { RECEIVE, STORE, SEND, SYNC, RENAME };

struct order {
	uint32_t kind;
	_Atomic int32_t left;
	uint32_t after;
};

static struct order *order;

__attribute__((constructor)) static void prepare(void)
{
	const char *folder = getenv("STENO_SHIM_KILL");
	char path[PATH_MAX];
	if (!folder)
		return;
	snprintf(path, sizeof path, "%s/%s", folder, program_invocation_short_name);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	void *page = mmap(NULL, sizeof *order, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		abort();
	order = page;
}

static void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

// Whether the program has to die behind this call.
static bool meets(enum kind kind)
{
	if (!order || order->kind != (uint32_t)kind || order->left <= 0 || --order->left != 0)
		return false;
	if (!order->after)
		die();
	return true;
}

static bool is_file(int fd)
{
	struct stat facts;
	int problem = errno;
	bool result = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
	errno = problem;
	return result;
}

#define CALL(kind, result, name, types, ...)                                                                           \
	result(*real) types = (result(*) types)dlsym(RTLD_NEXT, name);                                                 \
	bool is_last = meets(kind);                                                                                    \
	result value = real(__VA_ARGS__);                                                                              \
	if (is_last)                                                                                                   \
		die();                                                                                                 \
	return value

// What is read from a file is not new to anybody: that call is not one of a kind.
ssize_t read(int fd, void *data, size_t count)
{
	if (order && is_file(fd)) {
		ssize_t (*real)(int, void *, size_t) = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
		return real(fd, data, count);
	}
	CALL(RECEIVE, ssize_t, "read", (int, void *, size_t), fd, data, count);
}

ssize_t recv(int fd, void *data, size_t count, int flags)
{
	CALL(RECEIVE, ssize_t, "recv", (int, void *, size_t, int), fd, data, count, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	CALL(RECEIVE, ssize_t, "recvmsg", (int, struct msghdr *, int), fd, message, flags);
}

ssize_t write(int fd, const void *data, size_t count)
{
	CALL(is_file(fd) ? STORE : SEND, ssize_t, "write", (int, const void *, size_t), fd, data, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	CALL(is_file(fd) ? STORE : SEND, ssize_t, "writev", (int, const struct iovec *, int), fd, parts, count);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t place)
{
	CALL(STORE, ssize_t, "pwrite", (int, const void *, size_t, off_t), fd, data, count, place);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t place)
{
	CALL(STORE, ssize_t, "pwrite64", (int, const void *, size_t, off64_t), fd, data, count, place);
}

ssize_t send(int fd, const void *data, size_t count, int flags)
{
	CALL(SEND, ssize_t, "send", (int, const void *, size_t, int), fd, data, count, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	CALL(SEND, ssize_t, "sendmsg", (int, const struct msghdr *, int), fd, message, flags);
}

int fsync(int fd) { CALL(SYNC, int, "fsync", (int), fd); }

int fdatasync(int fd) { CALL(SYNC, int, "fdatasync", (int), fd); }

int syncfs(int fd) { CALL(SYNC, int, "syncfs", (int), fd); }

int rename(const char *from, const char *to) { CALL(RENAME, int, "rename", (const char *, const char *), from, to); }

int unlink(const char *path) { CALL(RENAME, int, "unlink", (const char *), path); }

int ftruncate(int fd, off_t length) { CALL(RENAME, int, "ftruncate", (int, off_t), fd, length); }

int ftruncate64(int fd, off64_t length) { CALL(RENAME, int, "ftruncate64", (int, off64_t), fd, length); }

int fallocate(int fd, int mode, off_t place, off_t count)
{
	CALL(RENAME, int, "fallocate", (int, int, off_t, off_t), fd, mode, place, count);
}

int fallocate64(int fd, int mode, off64_t place, off64_t count)
{
	CALL(RENAME, int, "fallocate64", (int, int, off64_t, off64_t), fd, mode, place, count);
}
