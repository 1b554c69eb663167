/*
 * Counts what the journal writes: SQLite's own file system with one number
 * more. Part of journal.
 *
 * It counts the bytes that SQLite hands to the kernel for the file and for its
 * write-ahead log, checkpoints included. The disk takes more: whole blocks, the
 * file system's own log, and now and then the log's shared index (-shm), which
 * is memory that the kernel writes back as it likes.
 */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

#include "base/result.h"

#define JOURNAL_VFS_NAME_MAX 40

struct journal_vfs {
	sqlite3_vfs vfs; /* the first member */
	sqlite3_vfs *under;
	char name[JOURNAL_VFS_NAME_MAX];
	uint64_t written_bytes; /* the journal's thread writes it */
};

/*
 * Makes `vfs` known to SQLite under `vfs->name`; it must stay where it is until
 * journal_vfs_forget(), which comes after its connections have been closed.
 * Returns 0 or a negative errno.
 */
int journal_vfs_make(struct journal_vfs *vfs) MUST_CHECK;
void journal_vfs_forget(struct journal_vfs *vfs);
