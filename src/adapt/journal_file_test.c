/* What can be wrong with the journal's file, and that none of it passes silently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/journal_test_bench.h"

#define NOBODY 65534

static void journal_refuses_a_file_of_a_newer_version(void **state)
{
	struct bench *bench = *state;
	struct journal *journal;

	bench_open(bench);
	bench_close(bench);
	bench_sql(bench, "PRAGMA user_version=1000");
	assert_int_equal(bench_open_at(bench, bench->path, &journal), JOURNAL_IS_NEWER);
	assert_non_null(strstr(bench->error, "newer Amphora"));
}

static void journal_goes_on_with_a_file_of_an_older_version(void **state)
{
	struct bench *bench = *state;
	struct record reading = reading_record("b1", 55, 1700000000123);
	const uint8_t data[] = {1, 2, 3};
	struct record trace = {.kind = RECORD_TRACE,
			       .trace = {data, sizeof(data), 1, TRACE_BEGINS_WITH_START}};
	struct journal_reader *reader;
	struct seen_readings seen = {0};
	int64_t row = 0;

	bench_make_version_1(bench);
	bench_sql(bench, "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, quality, flags) "
			 "VALUES (1699999999123, 'b1', 54, 24, 4, 0)");

	bench_open(bench);
	assert_int_equal(bench->set_aside[0], '\0');
	append(bench, &reading);
	append(bench, &trace);
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, "b1", bench_always, see_reading, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(journal_find_trace(reader, (struct wall_time){0}, true, &row), 0);
	assert_int_equal(row, 1);
	journal_reader_free(reader);
	bench_close(bench);
}

/* Readings were stored in plain units then. */
static void journal_turns_old_readings_into_narrow_ones_and_loses_nothing(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;
	struct seen_readings seen = {0};
	const struct reading_received *full = &seen.reading[1].received;

	bench_make_version_1(bench);
	bench_sql(bench,
		  "INSERT INTO battery_data VALUES "
		  "(7, 1000, NULL, 'b2', 55, 24.1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
		  "NULL, NULL, 4, 0, 65535, -2),"
		  "(9, 2000, 4711, 'b1', 55.2345, -0.05, 31.2, 51.234, -13.4, -600.5, 98, 10, "
		  "'3301,3302', 2500, 17, 2, 3, NULL, NULL)");
	bench_open(bench);
	assert_int_equal(bench->set_aside[0], '\0');
	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, NULL, bench_always, see_reading, &seen), 0);
	journal_reader_free(reader);
	bench_close(bench);

	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.reading[0].row, 7);
	assert_string_equal(seen.node[0], "b2");
	assert_true(seen.reading[0].received.soc_pct == 55 && seen.reading[0].acts);
	assert_int_equal(seen.reading[0].quality, QUALITY_GOOD);
	assert_false(seen.reading[0].has_mono || seen.reading[0].has_measured);
	assert_int_equal(bench_number(bench, "SELECT message_id FROM battery_data"), 65535);
	assert_int_equal(bench_number(bench, "SELECT payload_hash FROM battery_data"), 4294967294);
	assert_int_equal(seen.reading[1].row, 9);
	assert_true(full->soc_pct == 55.2345 && full->temp_c == -0.05 && full->temp_max_c == 31.2);
	assert_true(full->voltage_v == 51.234 && full->current_a == -13.4);
	assert_true(full->power_w == -600.5 && full->soh_pct == 98 && full->interval_s == 10);
	assert_int_equal(seen.reading[1].cell_mv[1], 3302);
	assert_int_equal(seen.reading[1].measured.ms, 2500);
	assert_int_equal(seen.reading[1].sequence, 17);
	assert_int_equal(seen.reading[1].quality, QUALITY_FROZEN);
	assert_false(seen.reading[1].acts || seen.reading[1].wall_is_trusted);
	assert_int_equal(seen.reading[1].mono.ms, 4711);
}

static void journal_leaves_someone_elses_database_alone(void **state)
{
	struct bench *bench = *state;
	struct journal *journal;

	bench_sql(bench, "CREATE TABLE diary (day, words)");
	assert_int_equal(bench_open_at(bench, bench->path, &journal), -EINVAL);
	assert_non_null(strstr(bench->error, "not a journal of Amphora"));
	assert_int_equal(bench->set_aside[0], '\0');
}

static void journal_refuses_a_second_opener(void **state)
{
	struct bench *bench = *state;
	struct journal *second;

	bench_open(bench);
	assert_int_equal(bench_open_at(bench, bench->path, &second), JOURNAL_IN_USE);
	assert_non_null(strstr(bench->error, "in use by another amphorad"));
	bench_close(bench);
	bench_open(bench);
	bench_close(bench);
}

static void overwrite(const char *path, long offset, const char *text)
{
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void journal_sets_a_damaged_file_aside_and_begins_anew(void **state)
{
	static const long places[] = {0, 4096};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
		struct record record = reading_record("b1", 50, 1);
		char junk[512];

		memset(junk, '#', sizeof(junk) - 1);
		junk[sizeof(junk) - 1] = '\0';
		bench_open(bench);
		append(bench, &record);
		bench_commit(bench);
		bench_close(bench);
		overwrite(bench->path, places[i], junk);
		bench_open(bench);
		assert_non_null(strstr(bench->set_aside, ".damaged-"));
		assert_int_equal(access(bench->set_aside, F_OK), 0);
		append(bench, &record);
		bench_commit(bench);
		bench_close(bench);
	}
}

/* Root may write anywhere: be nobody until allow_names(). */
static void forbid_names(const struct bench *bench)
{
	assert_int_equal(chmod(bench->directory, 0555), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(NOBODY), 0);
}

static void allow_names(const struct bench *bench)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(bench->directory, 0700), 0);
}

static void journal_replaces_a_damaged_file_as_soon_as_it_can_be_renamed(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	struct journal_reader *reader;
	struct seen_readings seen = {0};

	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	bench_sql(bench, "PRAGMA writable_schema=ON; PRAGMA schema_version=99;"
			 "UPDATE sqlite_schema SET sql='nonsense' WHERE name='battery_data'");
	forbid_names(bench);
	append(bench, &record);
	assert_true(journal_commit(bench->journal));
	while (bench->health_changes == 0)
		uv_run(&bench->loop, UV_RUN_ONCE);
	assert_non_null(strstr(bench->sentence, "is damaged and cannot be set aside: Permission"));
	allow_names(bench);
	while (bench->committed < 2)
		uv_run(&bench->loop, UV_RUN_ONCE);
	assert_int_equal(bench->health, 0);
	assert_int_equal(access(bench->set_aside, F_OK), 0);
	bench_close(bench);

	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, "b1", bench_always, see_reading, &seen), 0);
	journal_reader_free(reader);
	assert_int_equal(seen.count, 1);
}

static void journal_says_why_it_cannot_open(void **state)
{
	struct bench *bench = *state;
	struct journal *journal;
	char path[PATH_TEXT_MAX];

	(void)snprintf(path, sizeof(path), "%s/nowhere/journal.db", bench->directory);
	assert_int_equal(bench_open_at(bench, path, &journal), -ENOENT);
	assert_non_null(strstr(bench->error, "No such file or directory"));
	assert_int_equal(mkdir(bench->path, 0700), 0);
	assert_true(bench_open_at(bench, bench->path, &journal) < 0);
	assert_non_null(strstr(bench->error, "cannot open"));
	assert_int_equal(bench->set_aside[0], '\0');
}

static void journal_says_that_it_may_not_write_a_directory(void **state)
{
	struct bench *bench = *state;
	struct journal *journal;

	forbid_names(bench);
	assert_int_equal(bench_open_at(bench, bench->path, &journal), -EACCES);
	allow_names(bench);
	assert_non_null(strstr(bench->error, "Permission denied"));
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
	    CASE(journal_refuses_a_file_of_a_newer_version),
	    CASE(journal_goes_on_with_a_file_of_an_older_version),
	    CASE(journal_turns_old_readings_into_narrow_ones_and_loses_nothing),
	    CASE(journal_leaves_someone_elses_database_alone),
	    CASE(journal_refuses_a_second_opener),
	    CASE(journal_sets_a_damaged_file_aside_and_begins_anew),
	    CASE(journal_replaces_a_damaged_file_as_soon_as_it_can_be_renamed),
	    CASE(journal_says_why_it_cannot_open),
	    CASE(journal_says_that_it_may_not_write_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
