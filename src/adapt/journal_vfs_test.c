/* Rules of how the journal's log is written: in few calls, and never less safe for that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapt/journal_vfs.h"

#define PAGE_BYTES 4096

static struct {
	struct journal_vfs vfs;
	sqlite3 *db, *other; /* ours, and one through SQLite's own file system, as a reader */
	char directory[64];
	int writes, writes_left; /* writes_left: then the disk is full for one; below 0: never */
} world;

static ssize_t watched_pwrite(int fd, const void *data, size_t length, off_t at)
{
	world.writes++;
	if (world.writes_left >= 0 && world.writes_left-- == 0) {
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, data, length, at);
}

static void watch_disk(void)
{
	static const char *const NAMES[] = {"pwrite", "pwrite64"};
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
		if (vfs->xGetSystemCall(vfs, NAMES[i]) != NULL)
			vfs->xSetSystemCall(vfs, NAMES[i], (sqlite3_syscall_ptr)watched_pwrite);
	}
}

static int try(const char *sql)
{
	return sqlite3_exec(world.db, sql, NULL, NULL, NULL);
}

static void run(const char *sql)
{
	assert_int_equal(try(sql), SQLITE_OK);
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t found;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	found = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return found;
}

static int setup(void **state)
{
	char path[96];

	(void)state;
	world.writes_left = -1;
	(void)snprintf(world.directory, sizeof(world.directory), "/tmp/journal-vfs-test-XXXXXX");
	if (mkdtemp(world.directory) == NULL || journal_vfs_make(&world.vfs) != 0)
		return -1;
	watch_disk();
	(void)snprintf(path, sizeof(path), "%s/a.db", world.directory);
	if (sqlite3_open_v2(path, &world.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    world.vfs.name) != SQLITE_OK)
		return -1;
	sqlite3_progress_handler(world.db, JOURNAL_VFS_OPCODES, journal_vfs_give_way, &world.vfs);
	run("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
	    "PRAGMA synchronous=NORMAL; CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)");
	return sqlite3_open_v2(path, &world.other, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	sqlite3_close(world.other);
	sqlite3_close(world.db);
	sqlite3_vfs_find(NULL)->xSetSystemCall(sqlite3_vfs_find(NULL), NULL, NULL);
	journal_vfs_forget(&world.vfs);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", world.directory);
	return system(command);
}

/* About so many pages more. */
static const char thousand_pages[] = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM "
				     "c WHERE n < 1000) INSERT INTO t SELECT NULL, zeroblob(3500) "
				     "FROM c";

static void vfs_writes_the_frames_of_a_commit_together(void **state)
{
	uint64_t bytes = world.vfs.written_bytes;

	(void)state;
	world.writes = 0;
	run(thousand_pages);
	assert_true(world.vfs.written_bytes - bytes > UINT64_C(1000) * PAGE_BYTES);
	assert_true(world.writes < 1000 / 6); /* of two for each page, as SQLite has it */
	assert_int_equal(number(world.other, "SELECT count(*) FROM t"), 1000);
}

static void vfs_has_written_all_when_a_commit_has_ended(void **state)
{
	(void)state;
	for (int i = 1; i <= 20; i++) {
		run("INSERT INTO t VALUES (NULL, zeroblob(3000))");
		assert_int_equal(number(world.other, "SELECT count(*) FROM t"), i);
		assert_int_equal(world.vfs.length, 0);
	}
}

/* With a cache of ten pages most are in the log, or gathered for it, before the commit. */
static void vfs_gives_back_what_has_gathered_for_the_log(void **state)
{
	(void)state;
	run("PRAGMA cache_size=10; BEGIN");
	run(thousand_pages);
	assert_int_equal(number(world.db, "SELECT sum(length(b)) FROM t"), 3500000);
	assert_int_equal(number(world.other, "SELECT count(*) FROM t"), 0);
	run("UPDATE t SET b = zeroblob(3400) WHERE n % 7 = 0; ROLLBACK");
	assert_int_equal(number(world.db, "SELECT count(*) FROM t"), 0);
	run("BEGIN");
	run(thousand_pages);
	run("UPDATE t SET b = zeroblob(3400) WHERE n % 7 = 0; COMMIT");
	assert_int_equal(number(world.other, "SELECT count(*) FROM t WHERE length(b) = 3400"), 142);
	run("PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(number(world.other, "SELECT count(*) FROM t WHERE length(b) = 3400"), 142);
	assert_int_equal(number(world.db, "SELECT count(*) FROM pragma_integrity_check WHERE "
					  "integrity_check <> 'ok'"),
			 0);
}

static void vfs_lets_no_commit_pass_that_the_disk_refused(void **state)
{
	int rows = 0, writes;

	(void)state;
	world.writes = 0;
	run(thousand_pages);
	writes = world.writes;
	run("DELETE FROM t");
	/* Wherever within the commit the disk fills up, and with frames that spilled before. */
	for (int left = 0; left < writes - 1; left += left < 6 ? 1 : writes / 8) {
		run(left % 2 == 0 ? "PRAGMA cache_size=10" : "PRAGMA cache_size=2000");
		world.writes_left = left;
		assert_int_not_equal(try(thousand_pages), SQLITE_OK);
		world.writes_left = -1;
		assert_int_equal(number(world.other, "SELECT count(*) FROM t"), rows);
		run("INSERT INTO t VALUES (NULL, zeroblob(3000))");
		assert_int_equal(number(world.other, "SELECT count(*) FROM t"), ++rows);
	}
	assert_true(rows > 6);
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, setup, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(vfs_writes_the_frames_of_a_commit_together),
	    CASE(vfs_has_written_all_when_a_commit_has_ended),
	    CASE(vfs_gives_back_what_has_gathered_for_the_log),
	    CASE(vfs_lets_no_commit_pass_that_the_disk_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
