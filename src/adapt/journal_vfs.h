/*
 * How the journal writes: SQLite's own file system, which also counts, puts the frames
 * of the write-ahead log together, and gives way. Part of journal.
 *
 * It counts the bytes that SQLite hands to the kernel for the file and for its
 * write-ahead log, checkpoints included. The disk takes more: whole blocks, the
 * file system's own log, and now and then the log's shared index (-shm), which
 * is memory that the kernel writes back as it likes.
 *
 * SQLite writes each page of a commit to the log in two calls, of 24 bytes and of a page.
 * They are gathered, and reach the file before anything is read from it, synchronised or
 * asked of it, and with the frame that ends a transaction: nobody can see, and nothing can
 * be lost by, what waits.
 *
 * A commit of a busy house takes some milliseconds of a processor, on which the loop, the
 * broker or a relay may be waiting to run: the scheduler lets whoever runs go on for a
 * while. So the thread offers its processor to those who wait, while it computes
 * (journal_vfs_give_way() as SQLite's progress handler) and after each write. On a machine
 * that is busy anyway an offer costs a turn of all others: then there is none for a while.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

#define JOURNAL_VFS_NAME_MAX 40
/* Eight pages of the usual size and their headers: the thread is to give way in between. */
#define JOURNAL_VFS_GATHERED_MAX (8 * (24 + 4096))
#define JOURNAL_VFS_OPCODES 200 /* of SQLite's machine from one question to the next: 20 µs */

/* The shortest time between two offers: while relays are switched, and else, as in a flood. */
#define JOURNAL_VFS_OFTEN_NS 15000
#define JOURNAL_VFS_SELDOM_NS 500000

struct journal_vfs {
	sqlite3_vfs vfs; /* the first member */
	sqlite3_vfs *under;
	char name[JOURNAL_VFS_NAME_MAX];
	uint64_t written_bytes; /* the journal's thread writes it */
	uint64_t offer_every_ns; /* one of the above, by whoever writes */
	uint64_t offer_at_ns;    /* when the next is due, by the monotonic clock */

	const sqlite3_file *log; /* the file of the log while it is open */
	uint8_t gathered[JOURNAL_VFS_GATHERED_MAX];
	int length;
	sqlite3_int64 offset; /* where it belongs in the log */
	bool ends_transaction; /* of the frame whose page is awaited */
};

/*
 * Makes `vfs` known to SQLite under `vfs->name`; it must stay where it is until
 * journal_vfs_forget(), which comes after its connections have been closed.
 * Returns 0 or a negative errno.
 */
int journal_vfs_make(struct journal_vfs *vfs) MUST_CHECK;
void journal_vfs_forget(struct journal_vfs *vfs);

/* Lets others run that wait for this processor; a progress handler for a struct journal_vfs. */
int journal_vfs_give_way(void *vfs);
