/*
 * The journal: the SQLite file that everything is written into before it is
 * acknowledged, forwarded or forgotten.
 *
 * One thread of its own writes it, one transaction a batch; the event loop
 * only copies records into the batch that is being filled. Commands to relays
 * never wait for it. Reading is journal_read.h, with connections of its own.
 *
 * Memory is two batches of JOURNAL_BATCH_BYTES, made when it is opened.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"
#include "model/record.h"
#include "model/rollup.h"

/* Readings and refused messages that one batch takes, at most. */
#define JOURNAL_BATCH_ROWS_MAX 1000

/* Rows of who asked for what, besides their age (store.keep_d): the newest stay. */
#define JOURNAL_AUDIT_ROWS_MAX 20000

/*
 * One batch, in bytes. It is full for messages (readings, refused ones) where only
 * the last three shares are left, which are kept for what must not be lost to a
 * failed disk. A message that was read before that still fits after the
 * decisions that it led to: it may use the events' share.
 */
#define JOURNAL_BATCH_BYTES (320 * 1024)
#define JOURNAL_SHARE_EVENTS (64 * 1024) /* decisions, relays, alerts */
#define JOURNAL_SHARE_TRACE (48 * 1024)  /* what the core was given */
#define JOURNAL_SHARE_STATE (16 * 1024)  /* settings, kept states, the epoch */

/* Positive answers of journal_open(). */
enum journal_answer {
	JOURNAL_IS_NEWER = 1, /* made by a newer Amphora; left alone */
	JOURNAL_IN_USE = 2,   /* another daemon has it open */
};

/* Called on the event loop. All are required. */
struct journal_events {
	void *user;

	/* A batch is durable: all records appended before its journal_commit() are. */
	void (*on_committed)(void *user);

	/*
	 * Writing began to fail (`error` a negative errno, `sentence` says what and
	 * where), fails in another way, or works again (0). The batch is kept and
	 * retried every second meanwhile; on_committed() comes once it is durable.
	 */
	void (*on_health)(void *user, int error, const char *sentence);

	/*
	 * The file was found damaged while running, was renamed to `name`, and a
	 * new one was begun: settings and kept states should be appended again.
	 */
	void (*on_set_aside)(void *user, const char *name);
};

struct journal;

struct journal_options {
	const char *path; /* borrowed for the call */
	enum store_sync sync;
	const char *collector; /* our name in the server's rows; 1..IDENT_MAX bytes */
	struct journal_events events;
	struct store_keep keep;
	rollup_offset *offset_s; /* the house's local time; called on the thread */
	uint32_t upkeep_ms;      /* real time between two looks at rollups and old rows */
};

/* What the loop knows and the upkeep needs. */
struct journal_circumstances {
	struct wall_time now;
	bool may_delete; /* the clock has been trusted for long enough to tell old from new */
	bool has_server; /* rows are to be at the server before they may go */
	int64_t reading_row, relay_row, decision_row, meter_row; /* which has all up to here */
};

/* How large the journal is; as of the last upkeep. */
struct journal_size {
	bool is_known;
	int64_t used_bytes, file_bytes; /* without and with pages that are free for new rows */
	int64_t max_bytes;
	int64_t disk_free_bytes;    /* -1: not known */
	struct wall_time rolled_up; /* readings up to here are in the rollups; 0: none */
};

/*
 * Opens or begins the journal at `options->path` and starts its thread; the
 * callbacks come on `loop`. A damaged file is renamed whole to
 * `<path>.damaged-<UTC time>` and a new one is begun: then `set_aside` holds
 * the new name, else it is empty. Blocks on the disk: for the start only.
 *
 * Returns 0; JOURNAL_IS_NEWER, JOURNAL_IN_USE or a negative errno with a
 * sentence for people in `error`. Writes `out` only on 0.
 */
int journal_open(struct journal **out, uv_loop_t *loop, const struct journal_options *options,
		 char set_aside[PATH_TEXT_MAX + 32], struct text *error) MUST_CHECK;

/*
 * Copies `record` into the batch being filled. Does not block, allocate or
 * write. Returns 0, or -ENOBUFS where its kind's share of the batch is full:
 * begin a commit and try again after on_committed().
 */
int journal_append(struct journal *journal, const struct record *record) MUST_CHECK;

/*
 * Whether another reading or refused message might not fit: commit, and take in
 * no more before on_committed().
 */
bool journal_is_full(const struct journal *journal);

/* How many imported rows were new to it, of those that are durable, since it was opened. */
uint64_t journal_imported(const struct journal *journal);

/* Records in the batch being filled. */
size_t journal_pending(const struct journal *journal);

/* Whether a batch is with the thread. */
bool journal_is_committing(const struct journal *journal);

/*
 * Hands the batch over as one transaction; on_committed() follows. Returns
 * whether one was handed over: false where it is empty or where one is still
 * under way (commit again from on_committed()). Does not block.
 */
bool journal_commit(struct journal *journal);

/*
 * Bytes written into the file and its write-ahead log since it was opened, as of
 * the last commit that ended; journal_vfs.h says what that leaves out. Does not block.
 */
uint64_t journal_written_bytes(struct journal *journal);
/* Says how things stand, for the upkeep; about once a second. Does not block. */
void journal_tell(struct journal *journal, const struct journal_circumstances *circumstances);

/* As of the last upkeep. Does not block. */
struct journal_size journal_read_size(struct journal *journal);

/* How long the end of the thread is waited for, besides what is pending. */
#define JOURNAL_END_MS 3000

/*
 * Commits what is pending, waits for it up to `timeout_ms` of real time, has the
 * write-ahead log folded back into the file, waits for that and the thread's end
 * up to JOURNAL_END_MS, and frees `journal` (its loop handle when the loop next
 * runs). Blocks; NULL is fine. No callback comes any more.
 *
 * A thread that a stuck disk keeps for longer is left behind: it ends, lets go of
 * the file and frees what is left when the disk answers, or ends with the
 * process, and the next start goes on from there as after a power cut.
 *
 * Returns 0; -EIO when records are not known to be durable, with their number in
 * `lost`; -ETIMEDOUT when all are, and the log was not folded back in time.
 */
int journal_close(struct journal *journal, uint32_t timeout_ms, size_t *lost) MUST_CHECK;
