/* The batch that is filled and the one that is written: limits, a disk that fails, the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/journal_test_bench.h"

/* Far more than one battery's. */
#define DECISIONS_OF_ONE_MESSAGE 64

static void journal_refuses_more_readings_than_a_batch_but_still_takes_state(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	struct record epoch = {.kind = RECORD_EPOCH, .epoch = 1};

	bench_open(bench);
	for (int i = 0; i < JOURNAL_BATCH_ROWS_MAX; i++) {
		assert_false(journal_is_full(bench->journal));
		append(bench, &record);
	}
	assert_true(journal_is_full(bench->journal));
	assert_int_equal(journal_append(bench->journal, &record), -ENOBUFS);
	append(bench, &epoch);
	assert_int_equal(journal_pending(bench->journal), JOURNAL_BATCH_ROWS_MAX + 1);
	bench_commit(bench);
	append(bench, &record);
	bench_close(bench);
}

/* A message counts as read before the decision that it leads to, and is appended after it. */
static void journal_takes_a_message_read_in_time_after_the_decisions_it_led_to(void **state)
{
	struct bench *bench = *state;
	struct record wide = reading_record("b1", 50, 1);
	struct record decision = {.kind = RECORD_DECISION, .decision = {.battery = {"b1"}}};
	int messages = 0;

	wide.reading.reading.cell_count = CELLS_MAX;
	for (int i = 0; i < CELLS_MAX; i++)
		wide.reading.reading.cell_mv[i] = 65535;
	bench_open(bench);
	while (!journal_is_full(bench->journal)) {
		for (int i = 0; i < DECISIONS_OF_ONE_MESSAGE; i++)
			append(bench, &decision);
		append(bench, &wide);
		messages++;
	}
	assert_true(messages < JOURNAL_BATCH_ROWS_MAX);
	bench_close(bench);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void journal_keeps_a_batch_that_the_disk_refuses_and_stores_it_later(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	struct journal_reader *reader;
	struct seen_readings seen = {0};

	signal(SIGXFSZ, SIG_IGN);
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	limit_files(4096);
	append(bench, &record);
	append(bench, &record);
	assert_true(journal_commit(bench->journal));
	while (bench->health_changes == 0)
		uv_run(&bench->loop, UV_RUN_ONCE);
	assert_true(bench->health < 0);
	assert_non_null(strstr(bench->sentence, bench->path));
	assert_int_equal(bench->committed, 1);
	assert_true(journal_is_committing(bench->journal));
	append(bench, &record);
	limit_files(RLIM_INFINITY);
	while (bench->committed < 2)
		uv_run(&bench->loop, UV_RUN_ONCE);
	assert_int_equal(bench->health, 0);
	assert_int_equal(bench->health_changes, 2);
	bench_close(bench);

	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, "b1", bench_always, see_reading, &seen), 0);
	journal_reader_free(reader);
	assert_int_equal(seen.count, 4);
}

static void journal_says_how_many_records_were_lost_at_the_end(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	size_t lost = 0;

	signal(SIGXFSZ, SIG_IGN);
	bench_open(bench);
	limit_files(4096);
	append(bench, &record);
	append(bench, &record);
	assert_true(journal_commit(bench->journal));
	append(bench, &record);
	assert_int_equal(journal_close(bench->journal, 100, &lost), -EIO);
	bench->journal = NULL;
	limit_files(RLIM_INFINITY);
	assert_int_equal(lost, 3);
}

/* --- a disk that does not answer ------------------------------------------ */

static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER; /* whoever has it keeps writers waiting */
static atomic_int waiting_for_disk;

/* SQLite's own door for such tests: it writes through this. */
static ssize_t stuck_pwrite(int fd, const void *data, size_t length, off_t at)
{
	atomic_fetch_add(&waiting_for_disk, 1);
	pthread_mutex_lock(&disk);
	pthread_mutex_unlock(&disk);
	atomic_fetch_sub(&waiting_for_disk, 1);
	return pwrite(fd, data, length, at);
}

static void let_disk_stick(void)
{
	static const char *const NAMES[] = {"pwrite", "pwrite64"};
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
		if (vfs->xGetSystemCall(vfs, NAMES[i]) != NULL)
			assert_int_equal(
			    vfs->xSetSystemCall(vfs, NAMES[i], (sqlite3_syscall_ptr)stuck_pwrite),
			    SQLITE_OK);
	}
	pthread_mutex_lock(&disk);
}

/* The thread that was left behind lets go of the file when the disk answers. */
static void let_disk_answer(struct bench *bench)
{
	struct journal *journal;

	pthread_mutex_unlock(&disk);
	while (bench_open_at(bench, bench->path, &journal) == JOURNAL_IN_USE)
		sched_yield();
	bench->journal = journal;
	sqlite3_vfs_find(NULL)->xSetSystemCall(sqlite3_vfs_find(NULL), NULL, NULL);
}

static int count_readings(struct bench *bench)
{
	struct journal_reader *reader = reader_open(bench);
	struct seen_readings seen = {0};

	assert_int_equal(journal_read_readings(reader, "b1", bench_always, see_reading, &seen), 0);
	journal_reader_free(reader);
	return seen.count;
}

static void journal_close_leaves_a_stuck_disk_behind_and_says_what_is_not_known(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	size_t lost;

	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	let_disk_stick();
	append(bench, &record);
	assert_true(journal_commit(bench->journal));
	append(bench, &record);
	assert_int_equal(journal_close(bench->journal, 100, &lost), -EIO);
	assert_int_equal(lost, 2);
	assert_int_equal(atomic_load(&waiting_for_disk), 1);
	uv_run(&bench->loop, UV_RUN_NOWAIT);
	let_disk_answer(bench);
	assert_int_equal(count_readings(bench), 2);
}

static void journal_close_does_not_wait_for_ever_to_fold_the_log(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	size_t lost;

	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	let_disk_stick();
	assert_int_equal(journal_close(bench->journal, 100, &lost), -ETIMEDOUT);
	assert_int_equal(lost, 0);
	assert_int_equal(atomic_load(&waiting_for_disk), 1);
	let_disk_answer(bench);
	assert_int_equal(count_readings(bench), 1);
}

static int64_t log_bytes(const struct bench *bench)
{
	char name[sizeof(bench->path) + 8];
	struct text text = text_in(name, sizeof(name));
	struct stat about;

	text_add(&text, "%s-wal", bench->path);
	assert_int_equal(stat(name, &about), 0);
	return about.st_size;
}

static void journal_counts_what_it_writes(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	uint64_t before;
	int64_t log_before;

	bench_open(bench);
	assert_true(journal_written_bytes(bench->journal) > 0); /* the tables */
	append(bench, &record);
	bench_commit(bench);
	before = journal_written_bytes(bench->journal);
	log_before = log_bytes(bench);
	for (int i = 0; i < 500; i++)
		append(bench, &record);
	bench_commit(bench);
	assert_true(log_bytes(bench) > log_before);
	assert_int_equal(journal_written_bytes(bench->journal) - before,
			 log_bytes(bench) - log_before);
	bench_close(bench);
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
	    CASE(journal_refuses_more_readings_than_a_batch_but_still_takes_state),
	    CASE(journal_takes_a_message_read_in_time_after_the_decisions_it_led_to),
	    CASE(journal_keeps_a_batch_that_the_disk_refuses_and_stores_it_later),
	    CASE(journal_says_how_many_records_were_lost_at_the_end),
	    CASE(journal_close_leaves_a_stuck_disk_behind_and_says_what_is_not_known),
	    CASE(journal_close_does_not_wait_for_ever_to_fold_the_log),
	    CASE(journal_counts_what_it_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
