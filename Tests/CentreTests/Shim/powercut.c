// Preloaded into a program: writes down, in order, what it does to files below one directory, so that a test can make
// that directory again as a power cut at any of these calls might leave it.
//
// STENO_SHIM_ROOT names the directory, STENO_SHIM_LOG the file that is appended to. A record is: a byte that says what,
// 8 bytes file (inode), 8 bytes offset or length, 4 bytes count, and so many bytes of data or path; numbers as the
// machine has them. Call and record are made under one lock, so that their orders agree.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum what { CREATE = 1, CUT, WRITE, SYNC, SYNC_FOLDER, RENAME, REMOVE, MAKE_FOLDER };

enum { descriptor_max = 65536 };

// What a descriptor is of: 0 nothing of ours, else the inode; folders are known by path.
static struct {
	uint64_t inode;
	char *folder;
} known[descriptor_max];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static const char *root;

static void prepare(void)
{
	if (log_fd >= 0)
		return;
	root = getenv("STENO_SHIM_ROOT");
	const char *path = getenv("STENO_SHIM_LOG");
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
	log_fd = path && root ? real(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (log_fd < 0)
		abort();
}

static bool is_ours(const char *path)
{
	prepare();
	size_t length = strlen(root);
	return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static void note(enum what what, uint64_t file, uint64_t place, const void *data, size_t count)
{
	uint8_t header[21];
	uint32_t size = (uint32_t)count;
	header[0] = (uint8_t)what;
	memcpy(header + 1, &file, 8);
	memcpy(header + 9, &place, 8);
	memcpy(header + 17, &size, 4);
	struct iovec parts[2] = {{header, sizeof header}, {(void *)(uintptr_t)data, count}};
	ssize_t (*real)(int, const struct iovec *, int) =
		(ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
	if (real(log_fd, parts, 2) != (ssize_t)(sizeof header + count))
		abort();
}

static void note_path(enum what what, uint64_t file, const char *path) { note(what, file, 0, path, strlen(path)); }

static uint64_t inode_of(int fd)
{
	return fd >= 0 && fd < descriptor_max ? known[fd].inode : 0;
}

// Takes note of a descriptor that was opened on `path`.
static void opened(int fd, const char *path, bool was_there, int flags)
{
	struct stat facts;
	if (fd < 0 || fd >= descriptor_max || fstat(fd, &facts) != 0)
		return;
	known[fd].inode = 0;
	free(known[fd].folder);
	known[fd].folder = NULL;
	if (S_ISDIR(facts.st_mode))
		known[fd].folder = strdup(path);
	if (!S_ISREG(facts.st_mode))
		return;
	known[fd].inode = facts.st_ino;
	if (!was_there)
		note_path(CREATE, facts.st_ino, path);
	else if (flags & O_TRUNC)
		note(CUT, facts.st_ino, 0, NULL, 0);
}

static const char *full(int folder, const char *path, char *block)
{
	if (path[0] == '/')
		return path;
	char link[64];
	snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
	ssize_t count = readlink(link, block, PATH_MAX - 2);
	if (count < 0)
		return path;
	snprintf(block + count, (size_t)(PATH_MAX - count), "/%s", path);
	return block;
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
	int (*real)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
	char block[PATH_MAX];
	const char *name = full(folder, path, block);
	if (!is_ours(name))
		return real(folder, path, flags, mode);
	pthread_mutex_lock(&lock);
	struct stat facts;
	bool was_there = stat(name, &facts) == 0;
	int fd = real(folder, path, flags, mode);
	int problem = errno;
	opened(fd, name, was_there, flags);
	pthread_mutex_unlock(&lock);
	errno = problem;
	return fd;
}

#define MODE_OF(flags, mode)                                                                                           \
	mode_t mode = 0;                                                                                               \
	if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) {                                                                   \
		va_list words;                                                                                         \
		va_start(words, flags);                                                                                \
		mode = (mode_t)va_arg(words, int);                                                                     \
		va_end(words);                                                                                         \
	}

int open(const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_at(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_at(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_at(folder, path, flags | O_LARGEFILE, mode);
}

int close(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "close");
	if (fd >= 0 && fd < descriptor_max && (known[fd].inode || known[fd].folder)) {
		pthread_mutex_lock(&lock);
		known[fd].inode = 0;
		free(known[fd].folder);
		known[fd].folder = NULL;
		pthread_mutex_unlock(&lock);
	}
	return real(fd);
}

ssize_t write(int fd, const void *data, size_t count)
{
	ssize_t (*real)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	uint64_t file = inode_of(fd);
	if (!file)
		return real(fd, data, count);
	pthread_mutex_lock(&lock);
	bool appends = fcntl(fd, F_GETFL) & O_APPEND;
	off_t place = lseek(fd, 0, appends ? SEEK_END : SEEK_CUR);
	ssize_t done = real(fd, data, count);
	int problem = errno;
	if (done > 0)
		note(WRITE, file, (uint64_t)place, data, (size_t)done);
	pthread_mutex_unlock(&lock);
	errno = problem;
	return done;
}

static ssize_t write_at(const char *name, int fd, const void *data, size_t count, off_t place)
{
	ssize_t (*real)(int, const void *, size_t, off_t) =
		(ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, name);
	uint64_t file = inode_of(fd);
	if (!file)
		return real(fd, data, count, place);
	pthread_mutex_lock(&lock);
	ssize_t done = real(fd, data, count, place);
	int problem = errno;
	if (done > 0)
		note(WRITE, file, (uint64_t)place, data, (size_t)done);
	pthread_mutex_unlock(&lock);
	errno = problem;
	return done;
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t place)
{
	return write_at("pwrite", fd, data, count, place);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off_t place)
{
	return write_at("pwrite64", fd, data, count, place);
}

// Nobody here is expected to do that to a file of ours: better known than passed over.
ssize_t writev(int fd, const struct iovec *parts, int count)
{
	ssize_t (*real)(int, const struct iovec *, int) =
		(ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
	if (inode_of(fd))
		abort();
	return real(fd, parts, count);
}

static int sync_by(const char *name, int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
	pthread_mutex_lock(&lock);
	int result = real(fd);
	int problem = errno;
	if (result == 0 && inode_of(fd))
		note(SYNC, inode_of(fd), 0, NULL, 0);
	else if (result == 0 && fd < descriptor_max && known[fd].folder)
		note_path(SYNC_FOLDER, 0, known[fd].folder);
	pthread_mutex_unlock(&lock);
	errno = problem;
	return result;
}

int fsync(int fd) { return sync_by("fsync", fd); }

int fdatasync(int fd) { return sync_by("fdatasync", fd); }

static int cut(const char *name, int fd, off_t length)
{
	int (*real)(int, off_t) = (int (*)(int, off_t))dlsym(RTLD_NEXT, name);
	pthread_mutex_lock(&lock);
	int result = real(fd, length);
	int problem = errno;
	if (result == 0 && inode_of(fd))
		note(CUT, inode_of(fd), (uint64_t)length, NULL, 0);
	pthread_mutex_unlock(&lock);
	errno = problem;
	return result;
}

int ftruncate(int fd, off_t length) { return cut("ftruncate", fd, length); }

int ftruncate64(int fd, off_t length) { return cut("ftruncate64", fd, length); }

int rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
	if (!is_ours(from))
		return real(from, to);
	pthread_mutex_lock(&lock);
	int result = real(from, to);
	int problem = errno;
	char both[2 * PATH_MAX];
	int count = snprintf(both, sizeof both, "%s\n%s", from, to);
	if (result == 0)
		note(RENAME, 0, 0, both, (size_t)count);
	pthread_mutex_unlock(&lock);
	errno = problem;
	return result;
}

int unlink(const char *path)
{
	int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
	if (!is_ours(path))
		return real(path);
	pthread_mutex_lock(&lock);
	int result = real(path);
	int problem = errno;
	if (result == 0)
		note_path(REMOVE, 0, path);
	pthread_mutex_unlock(&lock);
	errno = problem;
	return result;
}

int mkdir(const char *path, mode_t mode)
{
	int (*real)(const char *, mode_t) = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
	if (!is_ours(path))
		return real(path, mode);
	pthread_mutex_lock(&lock);
	int result = real(path, mode);
	int problem = errno;
	if (result == 0)
		note_path(MAKE_FOLDER, 0, path);
	pthread_mutex_unlock(&lock);
	errno = problem;
	return result;
}
