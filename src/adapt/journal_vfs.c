/*
 * The counting file system; see journal_vfs.h. A file that is opened through it
 * is the one of SQLite's own, with a copy of its methods in which writing counts.
 */
#include "adapt/journal_vfs.h"

#include <errno.h>
#include <stddef.h>

#include "base/text.h"

#define METHODS_VERSION 3 /* what the copy holds; later ones would have members of their own */

/* Behind the file of the VFS below, in the memory that SQLite made for both. */
struct counted_file {
	sqlite3_io_methods methods; /* what the file points to */
	const sqlite3_io_methods *under;
	uint64_t *written_bytes;
};

static size_t counted_at(const sqlite3_vfs *under)
{
	size_t alignment = _Alignof(struct counted_file);

	return ((size_t)under->szOsFile + alignment - 1) / alignment * alignment;
}

static int counted_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
	const struct counted_file *counted = (const struct counted_file *)file->pMethods;
	int result = counted->under->xWrite(file, data, length, offset);

	if (result == SQLITE_OK)
		*counted->written_bytes += (uint64_t)length;
	return result;
}

static int counted_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
			int *out_flags)
{
	struct journal_vfs *ours = (struct journal_vfs *)vfs;
	struct counted_file *counted = (void *)((char *)file + counted_at(ours->under));
	int result = ours->under->xOpen(ours->under, name, file, flags, out_flags);

	if (file->pMethods == NULL)
		return result;
	counted->under = file->pMethods;
	counted->methods = *file->pMethods;
	if (counted->methods.iVersion > METHODS_VERSION)
		counted->methods.iVersion = METHODS_VERSION;
	counted->methods.xWrite = counted_write;
	counted->written_bytes = &ours->written_bytes;
	file->pMethods = &counted->methods;
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
	text_add(&name, "amphora-%p", (void *)vfs);
	vfs->vfs.szOsFile = (int)(counted_at(under) + sizeof(struct counted_file));
	vfs->vfs.pNext = NULL;
	vfs->vfs.zName = vfs->name;
	vfs->vfs.xOpen = counted_open;
	return sqlite3_vfs_register(&vfs->vfs, 0) == SQLITE_OK ? 0 : -ENOMEM;
}

void journal_vfs_forget(struct journal_vfs *vfs)
{
	sqlite3_vfs_unregister(&vfs->vfs);
}
