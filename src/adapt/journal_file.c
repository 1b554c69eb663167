/*
 * The file under the journal: what it must be to be used, and what happens when
 * it is not.
 *
 * A file of a newer version or of someone else is refused and left alone. A
 * damaged one is renamed whole, with its write-ahead log, and a new one is
 * begun: control must go on, and SQLite's own tools can salvage the old one. A
 * second daemon is kept out by a lock on a file beside it, which the kernel
 * lets go when the process ends, however it ends.
 */
#include "adapt/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapt/journal_audit.h"
#include "adapt/journal_sql.h"
#include "base/time.h"

#define BUSY_MS 1000 /* how long a person's sqlite3 may hold a lock unnoticed */

/* Up to this size the whole file is checked at the start; about half a second. */
#define CHECK_WHOLE_MAX (64L * 1024 * 1024)

/* The first has an effect on a new file only: older ones keep free pages for new rows. */
static const char settings_sql[] = "PRAGMA auto_vacuum=INCREMENTAL;"
				   "PRAGMA journal_mode=WAL;"
				   "PRAGMA wal_autocheckpoint=4000;"
				   "PRAGMA journal_size_limit=16777216;"
				   "PRAGMA cache_size=-256;"
				   "PRAGMA temp_store=MEMORY;";

/* Whether it is our own bound that is reached, not the disk's. */
static bool file_is_at_bound(struct journal_file *file)
{
	int64_t pages = 0, most = 0;

	return file->max_bytes > 0 && journal_sql_number(file->db, "PRAGMA page_count", &pages) == SQLITE_OK &&
	       journal_sql_number(file->db, "PRAGMA max_page_count", &most) == SQLITE_OK && pages >= most;
}

static int file_fail(struct journal_file *file, int result, const char *doing,
		     struct text *error)
{
	int system = file->db != NULL ? sqlite3_system_errno(file->db) : 0;
	const char *why = sqlite3_errstr(result);

	if ((result & 0xff) == SQLITE_BUSY)
		why = "another program holds it locked";
	else if ((result & 0xff) == SQLITE_FULL && file_is_at_bound(file))
		why = "it has the size of store.max_mb, and nothing in it may go yet";
	else if (system != 0 && (result & 0xff) != SQLITE_CORRUPT)
		why = strerror(system);
	text_add(error, "cannot %s %s: %s", doing, file->path, why);
	if ((result & 0xff) == SQLITE_CANTOPEN && system != 0)
		return -system;
	return journal_sqlite_errno(result);
}

static int file_set_meta(struct journal_file *file, const char *name, const char *text,
			 int64_t number)
{
	sqlite3_stmt *statement;
	int result =
	    sqlite3_prepare_v2(file->db, "REPLACE INTO meta VALUES (?,?)", -1, &statement, NULL);

	if (result != SQLITE_OK)
		return result;
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	if (text != NULL)
		sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_int64(statement, 2, number);
	result = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* --- beginning a file ----------------------------------------------------- */

static int64_t random_epoch(void)
{
	uint64_t random = 0;
	struct timespec now;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random)) {
		clock_gettime(CLOCK_REALTIME, &now);
		random = (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec;
	}
	return (int64_t)(random >> 1) | 1;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * (int64_t)MS_PER_SECOND + now.tv_nsec / 1000000;
}

/* The steps from tables of `version` to ours. */
static int file_step_up(struct journal_file *file, int64_t version)
{
	char pragma[64];
	struct text sql = text_in(pragma, sizeof(pragma));
	int result = SQLITE_OK;

	text_add(&sql, "PRAGMA user_version=%d", JOURNAL_VERSION);
	for (int64_t from = version; from < JOURNAL_VERSION && result == SQLITE_OK; from++)
		result = journal_sql_run(file->db, journal_upgrade_sql[from - 1]);
	return result == SQLITE_OK ? journal_sql_run(file->db, pragma) : result;
}

static int file_make_tables(struct journal_file *file)
{
	char pragma[64];
	struct text sql = text_in(pragma, sizeof(pragma));
	int result;

	text_add(&sql, "PRAGMA application_id=%d", JOURNAL_APPLICATION_ID);
	result = journal_sql_run(file->db, pragma);
	if (result == SQLITE_OK)
		result = journal_sql_run(file->db, journal_schema_sql);
	if (result == SQLITE_OK)
		result = file_set_meta(file, "epoch", NULL, random_epoch());
	if (result == SQLITE_OK)
		result = file_set_meta(file, "created", NULL, now_ms());
	return result == SQLITE_OK ? file_step_up(file, 1) : result;
}

/* Makes the tables, or those of an older version ours (`version`; 0: none are there): all or
 * nothing. */
static int file_set_up(struct journal_file *file, int64_t version)
{
	int result = journal_sql_run(file->db, "BEGIN IMMEDIATE");

	if (result == SQLITE_OK)
		result = version == 0 ? file_make_tables(file) : file_step_up(file, version);
	if (result == SQLITE_OK)
		result = journal_sql_run(file->db, "COMMIT");
	if (result != SQLITE_OK)
		journal_sql_roll_back(file->db);
	return result;
}

/* --- checking a file ------------------------------------------------------ */

static int file_check_version(struct journal_file *file, struct text *error)
{
	int64_t application = 0, version = 0, tables = 0;
	int result = journal_sql_number(file->db, "PRAGMA application_id", &application);

	if (result == SQLITE_OK)
		result = journal_sql_number(file->db, "PRAGMA user_version", &version);
	if (result == SQLITE_OK)
		result = journal_sql_number(file->db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (result == SQLITE_OK && tables == 0 && version == 0)
		result = file_set_up(file, 0);
	else if (result == SQLITE_OK && application != JOURNAL_APPLICATION_ID) {
		text_add(error, "%s is a database, but not a journal of Amphora: left alone",
			 file->path);
		return -EINVAL;
	} else if (result == SQLITE_OK && version > JOURNAL_VERSION) {
		text_add(error,
			 "%s was made by a newer Amphora (version %lld of the tables, this program "
			 "knows %d): left alone",
			 file->path, (long long)version, JOURNAL_VERSION);
		return JOURNAL_IS_NEWER;
	} else if (result == SQLITE_OK && version >= 1 && version < JOURNAL_VERSION) {
		result = file_set_up(file, version);
	}
	return result == SQLITE_OK ? 0 : file_fail(file, result, "read", error);
}

/* SQLite's own check answers the word ok; of a large file only the newest rows are read. */
static int file_check_pages(struct journal_file *file)
{
	struct stat about;
	sqlite3_stmt *statement;
	bool is_whole = stat(file->path, &about) == 0 && about.st_size <= CHECK_WHOLE_MAX;
	const char *sql = is_whole
			      ? "PRAGMA quick_check(1)"
			      : "SELECT 'ok', max(row), max(ts_ms) FROM (SELECT row, ts_ms FROM "
				"reading ORDER BY row DESC LIMIT 1000)";
	int result = sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL);

	if (result != SQLITE_OK)
		return result;
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		const char *answer = (const char *)sqlite3_column_text(statement, 0);

		result = answer != NULL && strcmp(answer, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
	}
	sqlite3_finalize(statement);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int file_prepare(struct journal_file *file)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		int result =
		    sqlite3_prepare_v3(file->db, journal_statement_sql[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &file->statements[i], NULL);

		/* Our version, but not our tables: someone has changed them. */
		if (result != SQLITE_OK)
			return result == SQLITE_ERROR ? SQLITE_CORRUPT : result;
	}
	return SQLITE_OK;
}

/* Written only when it changed, so that a full disk does not forbid to start. */
static int file_set_collector(struct journal_file *file)
{
	sqlite3_stmt *statement;
	bool is_same;
	int result = sqlite3_prepare_v2(file->db,
					"SELECT 1 FROM meta WHERE name = 'collector' AND value = ?",
					-1, &statement, NULL);

	if (result != SQLITE_OK)
		return result;
	sqlite3_bind_text(statement, 1, file->collector.text, -1, SQLITE_STATIC);
	result = sqlite3_step(statement);
	is_same = result == SQLITE_ROW;
	sqlite3_finalize(statement);
	if (is_same || result != SQLITE_DONE)
		return is_same ? SQLITE_OK : result;
	return file_set_meta(file, "collector", file->collector.text, 0);
}

/* --- opening -------------------------------------------------------------- */

static void file_disconnect(struct journal_file *file)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(file->statements[i]);
		file->statements[i] = NULL;
	}
	sqlite3_close(file->db);
	file->db = NULL;
	file->nodes = (struct journal_nodes){0};
}

static int file_set_bound(struct journal_file *file)
{
	char pragma[64];
	int64_t page_bytes = 0;
	int result = journal_sql_number(file->db, "PRAGMA page_size", &page_bytes);

	if (result != SQLITE_OK || file->max_bytes == 0 || page_bytes == 0)
		return result;
	(void)snprintf(pragma, sizeof(pragma), "PRAGMA max_page_count=%lld",
		       (long long)(file->max_bytes / page_bytes));
	return journal_sql_run(file->db, pragma);
}

static int file_connect(struct journal_file *file, struct text *error)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int result = sqlite3_open_v2(file->path, &file->db, flags, file->vfs.name);
	int answer;

	if (result != SQLITE_OK)
		return file_fail(file, result, "open", error);
	if (sqlite3_db_readonly(file->db, "main") == 1) {
		text_add(error, "cannot write %s: it is read-only", file->path);
		return -EROFS;
	}
	sqlite3_extended_result_codes(file->db, 1);
	sqlite3_busy_timeout(file->db, BUSY_MS);
	sqlite3_progress_handler(file->db, JOURNAL_VFS_OPCODES, journal_vfs_give_way, &file->vfs);
	result = journal_sql_run(file->db, settings_sql);
	if (result == SQLITE_OK)
		result = journal_audit_functions(file->db);
	if (result == SQLITE_OK)
		result = journal_sql_run(file->db, file->sync == SYNC_FULL ? "PRAGMA synchronous=FULL"
								    : "PRAGMA synchronous=NORMAL");
	if (result != SQLITE_OK)
		return file_fail(file, result, "open", error);
	answer = file_check_version(file, error);
	if (answer != 0)
		return answer;
	/* After a step of versions, which may need room for a while. */
	result = file_set_bound(file);
	if (result == SQLITE_OK)
		result = file_check_pages(file);
	if (result == SQLITE_OK)
		result = file_prepare(file);
	if (result == SQLITE_OK)
		result = file_set_collector(file);
	return result == SQLITE_OK ? 0 : file_fail(file, result, "use", error);
}

static int rename_with(const char *from, const char *to, const char *suffix)
{
	char old_name[JOURNAL_NAME_MAX + 8], new_name[JOURNAL_NAME_MAX + 8];
	struct text old_text = text_in(old_name, sizeof(old_name));
	struct text new_text = text_in(new_name, sizeof(new_name));

	text_add(&old_text, "%s%s", from, suffix);
	text_add(&new_text, "%s%s", to, suffix);
	return rename(old_name, new_name) == 0 ? 0 : -errno;
}

/* Renames the file and its log together; the name tells when, to the millisecond. */
static int file_set_aside(struct journal_file *file, char set_aside[JOURNAL_NAME_MAX],
			  struct text *error)
{
	char name[JOURNAL_NAME_MAX];
	struct text text = text_in(name, sizeof(name));
	int answer;

	text_add(&text, "%s.damaged-%lld", file->path, (long long)now_ms());
	answer = rename_with(file->path, name, "");
	if (answer != 0) {
		text_add(error, "%s is damaged and cannot be set aside: %s", file->path,
			 strerror(-answer));
		return answer;
	}
	(void)rename_with(file->path, name, "-wal");
	(void)rename_with(file->path, name, "-shm");
	memcpy(set_aside, name, sizeof(name));
	return 0;
}

/*
 * Makes the file one that can be written: opens it, or replaces it where it was
 * found damaged. What fails is taken up again there by the next call.
 */
static int file_ready(struct journal_file *file, char set_aside[JOURNAL_NAME_MAX],
		      struct text *error)
{
	struct text first = *error;
	int answer = 0;

	if (file->db == NULL && !file->is_damaged) {
		answer = file_connect(file, &first);
		if (answer != -EUCLEAN)
			*error = first;
		file->is_damaged = answer == -EUCLEAN;
	}
	if (file->is_damaged) {
		file_disconnect(file);
		answer = file_set_aside(file, set_aside, error);
		file->is_damaged = answer != 0;
		if (answer == 0)
			answer = file_connect(file, error);
	}
	if (answer != 0)
		file_disconnect(file);
	return answer;
}

static int file_lock(struct journal_file *file, struct text *error)
{
	char name[PATH_TEXT_MAX + 8];
	struct text text = text_in(name, sizeof(name));
	char owner[32] = "";

	text_add(&text, "%s.lock", file->path);
	file->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (file->lock_fd < 0) {
		int failed = errno;

		text_add(error, "cannot open %s: %s", name, strerror(failed));
		return -failed;
	}
	if (flock(file->lock_fd, LOCK_EX | LOCK_NB) == 0) {
		int length = snprintf(owner, sizeof(owner), "%ld\n", (long)getpid());

		/* For people only: the lock is what counts. */
		if (ftruncate(file->lock_fd, 0) == 0)
			(void)!pwrite(file->lock_fd, owner, (size_t)length, 0);
		return 0;
	}
	(void)!pread(file->lock_fd, owner, sizeof(owner) - 1, 0);
	owner[strcspn(owner, "\n")] = '\0';
	text_add(error, "%s is in use by another amphorad (process %s)", file->path, owner);
	close(file->lock_fd);
	file->lock_fd = -1;
	return JOURNAL_IN_USE;
}

int journal_file_open(struct journal_file *file, const char *path, enum store_sync sync,
		      const char *collector, char set_aside[JOURNAL_NAME_MAX], struct text *error)
{
	struct text name = text_in(file->path, sizeof(file->path));
	struct text identity = text_in(file->collector.text, sizeof(file->collector.text));
	int answer;

	file->db = NULL;
	file->is_damaged = false;
	memset(file->statements, 0, sizeof(file->statements));
	file->sync = sync;
	set_aside[0] = '\0';
	text_add(&name, "%s", path);
	text_add(&identity, "%s", collector);
	if (name.is_cut || name.length == 0 || identity.is_cut) {
		text_add(error, "the journal's path or the collector's name is empty or too long");
		return -EINVAL;
	}
	answer = file_lock(file, error);
	if (answer != 0)
		return answer;
	/* Counting its memory costs a lock an allocation; refused where SQLite runs already. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	answer = journal_vfs_make(&file->vfs);
	if (answer != 0) {
		text_add(error, "SQLite does not take a file system: %s", strerror(-answer));
		close(file->lock_fd);
		return answer;
	}
	answer = file_ready(file, set_aside, error);
	if (answer != 0)
		journal_file_close(file);
	return answer;
}

void journal_file_close(struct journal_file *file)
{
	if (file->db != NULL)
		(void)sqlite3_wal_checkpoint_v2(file->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
						NULL);
	file_disconnect(file);
	journal_vfs_forget(&file->vfs);
	if (file->lock_fd >= 0)
		close(file->lock_fd);
	file->lock_fd = -1;
}

/* --- writing -------------------------------------------------------------- */

static int file_transact(struct journal_file *file, const struct journal_batch *batch)
{
	int result;

	file->vfs.offer_every_ns =
	    batch->has_relays ? JOURNAL_VFS_OFTEN_NS : JOURNAL_VFS_SELDOM_NS;
	result = journal_sql_run(file->db, "BEGIN IMMEDIATE");
	if (result == SQLITE_OK)
		result = journal_batch_run(batch, file->statements, &file->nodes);
	if (result == SQLITE_OK)
		result = journal_sql_run(file->db, "COMMIT");
	if (result != SQLITE_OK) {
		journal_sql_roll_back(file->db);
		file->nodes = (struct journal_nodes){0};
	}
	return result;
}

int journal_file_write(struct journal_file *file, const struct journal_batch *batch,
		       char set_aside[JOURNAL_NAME_MAX], struct text *error)
{
	int result, answer;

	set_aside[0] = '\0';
	answer = file_ready(file, set_aside, error);
	if (answer != 0)
		return answer;
	result = file_transact(file, batch);
	if (journal_sqlite_errno(result) == -EUCLEAN) {
		file->is_damaged = true;
		answer = file_ready(file, set_aside, error);
		if (answer != 0)
			return answer;
		result = file_transact(file, batch);
	}
	return result == SQLITE_OK ? 0 : file_fail(file, result, "write", error);
}
