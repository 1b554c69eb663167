/*
 * The journal's file system; see journal_vfs.h. A file that is opened through it is the
 * one of SQLite's own, with a copy of its methods in which some are ours.
 */
#include "adapt/journal_vfs.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define METHODS_VERSION 3 /* what the copy holds; later ones would have members of their own */

/* In the header of a frame of the log; fileformat2.html#the_write_ahead_log. */
#define FRAME_HEADER 24
#define FRAME_PAGES_AT 4 /* four bytes: pages of the file after this commit; 0: more frames come */

#define COSTLY_NS 500000     /* an offer that took so long found a busy machine */
#define NONE_FOR_NS 50000000 /* and there is none for so long */

/* Behind the file of the VFS below, in the memory that SQLite made for both. */
struct our_file {
	sqlite3_io_methods methods; /* what the file points to */
	const sqlite3_io_methods *under;
	struct journal_vfs *vfs;
};

static size_t ours_at(const sqlite3_vfs *under)
{
	size_t alignment = _Alignof(struct our_file);

	return ((size_t)under->szOsFile + alignment - 1) / alignment * alignment;
}

static struct our_file *our_file(sqlite3_file *file)
{
	return (struct our_file *)file->pMethods;
}

/* --- giving way ----------------------------------------------------------- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int journal_vfs_give_way(void *user)
{
	struct journal_vfs *vfs = user;
	uint64_t before_ns = now_ns(), after_ns;

	if (before_ns < vfs->offer_at_ns)
		return 0;
	sched_yield();
	after_ns = now_ns();
	vfs->offer_at_ns = after_ns + (after_ns - before_ns < COSTLY_NS ? vfs->offer_every_ns
									: NONE_FOR_NS);
	return 0; /* SQLite is to go on */
}

/* --- writing -------------------------------------------------------------- */

static int write_through(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
	struct our_file *ours = our_file(file);
	int result = ours->under->xWrite(file, data, length, offset);

	if (result == SQLITE_OK)
		ours->vfs->written_bytes += (uint64_t)length;
	journal_vfs_give_way(ours->vfs);
	return result;
}

/*
 * Writes what has gathered for the log. Where that fails it is gone, as what SQLite failed
 * to write itself would be: whoever asked is told, and the transaction ends with that.
 */
static int settle(sqlite3_file *file)
{
	struct journal_vfs *vfs = our_file(file)->vfs;
	int length = vfs->length;

	if (file != vfs->log || length == 0)
		return SQLITE_OK;
	vfs->length = 0;
	return write_through(file, vfs->gathered, length, vfs->offset);
}

static void gather(struct journal_vfs *vfs, const void *data, int length, sqlite3_int64 offset)
{
	if (vfs->length == 0)
		vfs->offset = offset;
	memcpy(vfs->gathered + vfs->length, data, (size_t)length);
	vfs->length += length;
}

/* Whether a page is what comes next: behind a header that has gathered. */
static bool awaits_page(const struct journal_vfs *vfs, int length)
{
	return vfs->length % (FRAME_HEADER + length) == FRAME_HEADER;
}

/* The log's own header, and whatever has another form, is written as it comes. */
static int write_log(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
	struct journal_vfs *vfs = our_file(file)->vfs;
	bool is_header = length == FRAME_HEADER;
	int result = SQLITE_OK;

	if (offset != vfs->offset + vfs->length || vfs->length + length > (int)sizeof(vfs->gathered))
		result = settle(file);
	if (result != SQLITE_OK)
		return result;
	if (is_header) {
		uint32_t pages;

		memcpy(&pages, (const uint8_t *)data + FRAME_PAGES_AT, sizeof(pages));
		vfs->ends_transaction = pages != 0;
		gather(vfs, data, length, offset);
		return SQLITE_OK;
	}
	if (!awaits_page(vfs, length)) {
		result = settle(file);
		return result == SQLITE_OK ? write_through(file, data, length, offset) : result;
	}
	gather(vfs, data, length, offset);
	return vfs->ends_transaction ? settle(file) : SQLITE_OK;
}

static int our_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
	if (file == our_file(file)->vfs->log)
		return write_log(file, data, length, offset);
	return write_through(file, data, length, offset);
}

/* --- what must find in the file what has gathered -------------------------- */

static int our_read(sqlite3_file *file, void *data, int length, sqlite3_int64 offset)
{
	int result = settle(file);

	return result == SQLITE_OK ? our_file(file)->under->xRead(file, data, length, offset)
				   : result;
}

static int our_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int result = settle(file);

	return result == SQLITE_OK ? our_file(file)->under->xTruncate(file, size) : result;
}

static int our_sync(sqlite3_file *file, int flags)
{
	int result = settle(file);

	return result == SQLITE_OK ? our_file(file)->under->xSync(file, flags) : result;
}

static int our_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int result = settle(file);

	return result == SQLITE_OK ? our_file(file)->under->xFileSize(file, size) : result;
}

/* What belongs to no transaction that has ended is nothing that the file has to have. */
static int our_close(sqlite3_file *file)
{
	struct journal_vfs *vfs = our_file(file)->vfs;

	if (file == vfs->log) {
		vfs->log = NULL;
		vfs->length = 0;
	}
	return our_file(file)->under->xClose(file);
}

/* --- opening -------------------------------------------------------------- */

static int our_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		    int *out_flags)
{
	struct journal_vfs *all = (struct journal_vfs *)vfs;
	struct our_file *ours = (void *)((char *)file + ours_at(all->under));
	int result = all->under->xOpen(all->under, name, file, flags, out_flags);

	if (file->pMethods == NULL)
		return result;
	ours->under = file->pMethods;
	ours->vfs = all;
	ours->methods = *file->pMethods;
	if (ours->methods.iVersion > METHODS_VERSION)
		ours->methods.iVersion = METHODS_VERSION;
	ours->methods.xWrite = our_write;
	ours->methods.xRead = our_read;
	ours->methods.xTruncate = our_truncate;
	ours->methods.xSync = our_sync;
	ours->methods.xFileSize = our_file_size;
	ours->methods.xClose = our_close;
	file->pMethods = &ours->methods;
	if (flags & SQLITE_OPEN_WAL && all->log == NULL)
		all->log = file;
	return result;
}

int journal_vfs_make(struct journal_vfs *vfs)
{
	sqlite3_vfs *under = sqlite3_vfs_find(NULL);
	struct text name = text_in(vfs->name, sizeof(vfs->name));

	if (under == NULL)
		return -ENOSYS;
	vfs->vfs = *under;
	vfs->under = under;
	vfs->written_bytes = 0;
	vfs->offer_every_ns = JOURNAL_VFS_SELDOM_NS;
	vfs->offer_at_ns = 0;
	vfs->log = NULL;
	vfs->length = 0;
	text_add(&name, "amphora-%p", (void *)vfs);
	vfs->vfs.szOsFile = (int)(ours_at(under) + sizeof(struct our_file));
	vfs->vfs.pNext = NULL;
	vfs->vfs.zName = vfs->name;
	vfs->vfs.xOpen = our_open;
	return sqlite3_vfs_register(&vfs->vfs, 0) == SQLITE_OK ? 0 : -ENOMEM;
}

void journal_vfs_forget(struct journal_vfs *vfs)
{
	sqlite3_vfs_unregister(&vfs->vfs);
}
