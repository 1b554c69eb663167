/*
 * Stands between the daemon and the kernel (LD_PRELOAD), for the storms: holds
 * or fails a write of the journal just where the checker wants it, writes down
 * all writes in their order, and shifts the wall clock. The daemon itself has
 * none of this in it.
 *
 *   STORM_CONTROL   a file of `struct control`, shared with the checker (shim.py)
 *   STORM_JOURNAL   the journal; its -wal counts too, its -shm does not: it is
 *                   memory that SQLite makes anew after a power cut
 *   STORM_RECORD    where all that was done is written down; may be missing
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PATH_MAX_BYTES 4096
#define POLL_US 200
#define NS_PER_S INT64_C(1000000000)

/* What is done to which file; also bits of the masks below. */
enum {
	WRITE_LOG = 1,
	SYNC_LOG = 2,
	WRITE_FILE = 4,
	SYNC_FILE = 8,
	TRUNCATE_LOG = 16,
	TRUNCATE_FILE = 32,
	REMOVE_LOG = 64,
	IS_OF_FILE = WRITE_FILE | SYNC_FILE | TRUNCATE_FILE,
};

/* In the order of shim.py. Each is written by one side, or while the other waits. */
struct control {
	volatile int64_t operations; /* so far */
	volatile int64_t stall_mask; /* what is held, 0 = nothing */
	volatile int64_t stall_skip; /* how many of those pass before */
	volatile int64_t stall_after;
	volatile int64_t is_stalled;
	volatile int64_t fail_mask;
	volatile int64_t fail_skip;  /* how many of those pass before */
	volatile int64_t fail_count; /* how many fail then */
	volatile int64_t fail_errno;
	volatile int64_t failed;
	volatile int64_t wall_offset_ns;
};

struct entry {
	int64_t begun_ns, done_ns; /* CLOCK_MONOTONIC */
	int64_t kind, offset, length;
};

static struct control nothing;
static struct control *control = &nothing;
static const char *journal;
static int record_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_fdatasync)(int);
static int (*real_fsync)(int);
static int (*real_ftruncate)(int, off64_t);
static int (*real_unlink)(const char *);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void find_real(void)
{
	*(void **)&real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
	*(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	*(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
	*(void **)&real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
	*(void **)&real_unlink = dlsym(RTLD_NEXT, "unlink");
	*(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("STORM_CONTROL"), *record = getenv("STORM_RECORD");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;

	find_real();
	journal = getenv("STORM_JOURNAL");
	if (fd >= 0) {
		void *page = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (page != MAP_FAILED)
			control = page;
		close(fd);
	}
	if (control == &nothing) {
		fputs("storm shim: no STORM_CONTROL\n", stderr);
		_exit(99);
	}
	if (record != NULL)
		record_fd = open(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int64_t now_ns(void)
{
	struct timespec at;

	real_clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * NS_PER_S + at.tv_nsec;
}

/* `of_log` or `of_file`, or 0 where `path` is neither. */
static int kind_of(const char *path, int of_log, int of_file)
{
	size_t length = journal != NULL ? strlen(journal) : 0;

	if (length == 0 || strncmp(path, journal, length) != 0)
		return 0;
	if (path[length] == '\0')
		return of_file;
	return strcmp(path + length, "-wal") == 0 ? of_log : 0;
}

static int kind_of_fd(int fd, int of_log, int of_file)
{
	char link[64], path[PATH_MAX_BYTES];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0)
		return 0;
	path[length] = '\0';
	return kind_of(path, of_log, of_file);
}

static void stall(int kind, int is_after)
{
	if (!(control->stall_mask & kind) || !!control->stall_after != is_after)
		return;
	if (control->stall_skip > 0) {
		control->stall_skip--;
		return;
	}
	control->is_stalled = 1;
	while (control->stall_mask & kind)
		usleep(POLL_US);
	control->is_stalled = 0;
}

/* Whether this operation is one that fails; then errno says how. */
static int is_failing(int kind)
{
	if (!(control->fail_mask & kind) || control->fail_count <= 0)
		return 0;
	if (control->fail_skip > 0) {
		control->fail_skip--;
		return 0;
	}
	control->fail_count--;
	control->failed++;
	errno = (int)control->fail_errno;
	return 1;
}

static void record(int kind, int64_t begun_ns, int64_t offset, const void *data, size_t length)
{
	struct entry entry = {begun_ns, now_ns(), kind, offset, (int64_t)length};
	struct iovec parts[2] = {{&entry, sizeof(entry)}, {(void *)(uintptr_t)data, length}};
	size_t whole = sizeof(entry) + (data != NULL ? length : 0);

	if (record_fd < 0)
		return;
	pthread_mutex_lock(&lock);
	if (writev(record_fd, parts, data != NULL ? 2 : 1) != (ssize_t)whole)
		_exit(99);
	pthread_mutex_unlock(&lock);
}

/* Before each operation: counts it, holds it, and says whether it fails. */
static int enter(int kind)
{
	control->operations++;
	stall(kind, 0);
	return is_failing(kind);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
	int kind = kind_of_fd(fd, WRITE_LOG, WRITE_FILE);
	int64_t begun_ns = now_ns();
	ssize_t result;

	if (kind == 0)
		return real_pwrite(fd, data, length, offset);
	if (enter(kind))
		return -1;
	result = real_pwrite(fd, data, length, offset);
	if (result > 0)
		record(kind, begun_ns, offset, data, (size_t)result);
	stall(kind, 1);
	return result;
}

static int sync_with(int (*real)(int), int fd)
{
	int kind = kind_of_fd(fd, SYNC_LOG, SYNC_FILE);
	int64_t begun_ns = now_ns();
	int result;

	if (kind == 0)
		return real(fd);
	if (enter(kind))
		return -1;
	result = real(fd);
	if (result == 0)
		record(kind, begun_ns, 0, NULL, 0);
	stall(kind, 1);
	return result;
}

int fdatasync(int fd)
{
	return sync_with(real_fdatasync, fd);
}

int fsync(int fd)
{
	return sync_with(real_fsync, fd);
}

int ftruncate64(int fd, off64_t length)
{
	int kind = kind_of_fd(fd, TRUNCATE_LOG, TRUNCATE_FILE);
	int64_t begun_ns = now_ns();
	int result;

	if (kind == 0)
		return real_ftruncate(fd, length);
	if (enter(kind))
		return -1;
	result = real_ftruncate(fd, length);
	if (result == 0)
		record(kind, begun_ns, length, NULL, 0);
	stall(kind, 1);
	return result;
}

int unlink(const char *path)
{
	int kind = kind_of(path, REMOVE_LOG, 0);
	int64_t begun_ns = now_ns();
	int result;

	if (kind == 0)
		return real_unlink(path);
	if (enter(kind))
		return -1;
	result = real_unlink(path);
	if (result == 0)
		record(kind, begun_ns, 0, NULL, 0);
	return result;
}

int clock_gettime(clockid_t which, struct timespec *at)
{
	int result;
	int64_t ns;

	if (real_clock_gettime == NULL)
		find_real();
	result = real_clock_gettime(which, at);
	if (result == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
		ns = at->tv_sec * NS_PER_S + at->tv_nsec + control->wall_offset_ns;
		at->tv_sec = ns / NS_PER_S;
		at->tv_nsec = ns % NS_PER_S;
	}
	return result;
}

int gettimeofday(struct timeval *at, void *zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*at = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *at)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (at != NULL)
		*at = now.tv_sec;
	return now.tv_sec;
}
