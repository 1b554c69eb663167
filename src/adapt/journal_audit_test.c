/* Rows of who asked for what: how they are written and read, and how long they stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapt/journal_schema.h"
#include "adapt/journal_sql.h"
#include "adapt/journal_test_bench.h"
#include "adapt/journal_upkeep.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
#define NO_USER 3999999999 /* nobody has it */

/* --- written and read ----------------------------------------------------- */

static struct record asked_by(int64_t uid, const char *name, int64_t ts_ms)
{
	struct record record = {.kind = RECORD_AUDIT, .wall = {ts_ms}, .wall_is_trusted = true};

	record.audit = (struct audit){.who = uid < 0 ? "user" : "unix",
				      .uid = uid,
				      .transport = uid < 0 ? "tls" : "unix",
				      .method = "PATCH",
				      .path = "/api/v1/settings",
				      .what = "b1.reserve_pct = 35",
				      .status = 200,
				      .command = 9,
				      .count = 1};
	(void)snprintf(record.audit.name.text, sizeof(record.audit.name.text), "%s", name);
	if (uid < 0)
		(void)snprintf(record.audit.address, sizeof(record.audit.address), "192.0.2.7");
	return record;
}

struct seen {
	int count;
	struct journal_audit rows[4];
	char names[4][IDENT_MAX + 1], words[256];
};

static bool see(void *user, const struct journal_audit *row)
{
	struct seen *seen = user;

	seen->rows[seen->count] = *row;
	(void)snprintf(seen->names[seen->count], sizeof(seen->names[0]), "%s", row->name);
	(void)snprintf(seen->words, sizeof(seen->words), "%s %s %s %s %s %s", row->who,
		       row->transport, row->address, row->method, row->path, row->what);
	seen->count++;
	return true;
}

static struct seen read_rows(struct bench *bench, struct journal_span span)
{
	struct journal_reader *reader = reader_open(bench);
	struct seen seen = {0};

	assert_int_equal(journal_read_audit(reader, span, see, &seen), 0);
	journal_reader_free(reader);
	return seen;
}

static void a_row_says_who_from_where_what_and_what_was_answered(void **state)
{
	struct bench *bench = *state;
	struct record one = asked_by(-1, "anna", 1000);
	struct seen seen;

	bench_open(bench);
	append(bench, &one);
	one.wall.ms = 2000;
	one.wall_is_trusted = false;
	one.audit.command = 0;
	append(bench, &one);
	bench_commit(bench);
	seen = read_rows(bench, bench_always);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.words,
			    "user tls 192.0.2.7 PATCH /api/v1/settings b1.reserve_pct = 35");
	assert_string_equal(seen.names[0], "anna");
	assert_int_equal(seen.rows[0].wall.ms, 1000);
	assert_int_equal(seen.rows[0].uid, -1);
	assert_int_equal(seen.rows[0].status, 200);
	assert_int_equal(seen.rows[0].command, 9);
	assert_int_equal(seen.rows[0].count, 1);
	assert_true(seen.rows[0].wall_is_trusted);
	assert_false(seen.rows[1].wall_is_trusted);
	assert_int_equal(seen.rows[1].command, 0);
	bench_close(bench);
}

static void a_user_of_the_socket_has_the_name_of_this_machine(void **state)
{
	struct bench *bench = *state;
	struct record root = asked_by(0, "", 1), stranger = asked_by(NO_USER, "", 2);
	struct seen seen;

	bench_open(bench);
	append(bench, &root);
	append(bench, &stranger);
	bench_commit(bench);
	seen = read_rows(bench, bench_always);
	assert_string_equal(seen.names[0], "root");
	assert_int_equal(seen.rows[0].uid, 0);
	assert_string_equal(seen.names[1], "");
	assert_int_equal(seen.rows[1].uid, NO_USER);
	bench_close(bench);
}

static void rows_are_read_by_time_and_the_newest_are_kept_by_a_limit(void **state)
{
	struct bench *bench = *state;
	struct seen seen;

	bench_open(bench);
	for (int64_t ms = 1; ms <= 5; ms++) {
		struct record one = asked_by(-1, "anna", ms);

		append(bench, &one);
	}
	bench_commit(bench);
	seen = read_rows(bench, (struct journal_span){{2}, {5}, 2, true});
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.rows[0].wall.ms, 4);
	assert_int_equal(seen.rows[1].wall.ms, 3);
	bench_close(bench);
}

/* --- a file of an older version ------------------------------------------- */

static void a_file_of_version_3_gets_the_table_and_keeps_its_rows(void **state)
{
	struct bench *bench = *state;
	struct record one = asked_by(0, "", 5);
	struct journal_reader *reader;
	struct seen_readings readings = {0};
	struct seen seen;

	bench_make_version_1(bench);
	bench_sql(bench, journal_upgrade_sql[0]);
	bench_sql(bench, journal_upgrade_sql[1]);
	bench_sql(bench, "PRAGMA user_version=3; INSERT INTO battery_data (ts_ms, node, soc_pct, "
			 "temp_c, quality, flags) VALUES (1699999999123, 'b1', 54, 24, 4, 0)");
	bench_open(bench);
	assert_int_equal(bench->set_aside[0], '\0');
	append(bench, &one);
	bench_commit(bench);
	seen = read_rows(bench, bench_always);
	assert_int_equal(seen.count, 1);
	reader = reader_open(bench);
	assert_int_equal(journal_reader_check(reader), 0);
	assert_int_equal(journal_read_readings(reader, "b1", bench_always, see_reading, &readings),
			 0);
	assert_int_equal(readings.count, 1);
	journal_reader_free(reader);
	bench_close(bench);
}

/* --- how long they stay --------------------------------------------------- */

static int32_t utc(struct wall_time wall)
{
	(void)wall;
	return 0;
}

static int64_t number(struct bench *bench, const char *sql)
{
	sqlite3 *db;
	int64_t out;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	assert_int_equal(journal_sql_number(db, sql, &out), SQLITE_OK);
	sqlite3_close(db);
	return out;
}

/* A row a second from `first_ms` on. */
static void add_rows(struct bench *bench, int64_t first_ms, int count)
{
	char sql[512];

	(void)snprintf(
	    sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < "
	    "%d) INSERT INTO audit SELECT NULL, %lld + i * 1000, NULL, 0, 'unix', '', 0, "
	    "'unix', '', 'POST', '/', '', 200, NULL, 1 FROM n",
	    count - 1, (long long)first_ms);
	bench_sql(bench, sql);
}

static void tidy(struct bench *bench, struct store_keep keep, int64_t now_ms)
{
	const struct journal_circumstances circumstances = {.now = {now_ms}, .may_delete = true};
	struct journal_size size = {0};
	struct journal_upkeep *upkeep;
	bool has_more = true;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	assert_int_equal(journal_upkeep_new(&upkeep, bench->path, &keep, utc), 0);
	while (has_more)
		assert_int_equal(journal_upkeep_step(upkeep, db, &circumstances, &size, &has_more),
				 SQLITE_OK);
	journal_upkeep_free(upkeep);
	sqlite3_close(db);
}

static const struct store_keep keep_ten_days = {
    .readings_days = 10, .minutes_days = 10, .quarters_days = 10, .trace_days = 1, .max_mb = 16};

static void rows_stay_as_long_as_readings(void **state)
{
	struct bench *bench = *state;

	bench_open(bench);
	bench_close(bench);
	add_rows(bench, 1000, 5);
	add_rows(bench, 1000 + MS_PER_DAY, 5);
	tidy(bench, keep_ten_days, 500 + 10 * MS_PER_DAY);
	assert_int_equal(number(bench, "SELECT count(*) FROM audit"), 10);
	tidy(bench, keep_ten_days, 9000 + 10 * MS_PER_DAY);
	assert_int_equal(number(bench, "SELECT count(*) FROM audit"), 5);
}

static void the_newest_20000_rows_stay_of_however_many(void **state)
{
	struct bench *bench = *state;

	bench_open(bench);
	bench_close(bench);
	add_rows(bench, 1000, JOURNAL_AUDIT_ROWS_MAX + 1200);
	tidy(bench, keep_ten_days, MS_PER_DAY);
	assert_int_equal(number(bench, "SELECT count(*) FROM audit"), JOURNAL_AUDIT_ROWS_MAX);
	assert_int_equal(number(bench, "SELECT min(row) FROM audit"), 1201);
}

static void a_full_journal_lets_readings_go_and_these_rows_stay(void **state)
{
	struct bench *bench = *state;

	bench_open(bench);
	bench_close(bench);
	add_rows(bench, 1000, 100);
	bench_sql(bench, "CREATE TABLE ballast (b); INSERT INTO ballast VALUES "
			 "(zeroblob(15900000)); INSERT INTO refused SELECT NULL, ts_ms, NULL, 0, "
			 "'malformed', 't', 0, x'', NULL, NULL FROM audit");
	tidy(bench, keep_ten_days, MS_PER_DAY);
	assert_int_equal(number(bench, "SELECT count(*) FROM refused"), 1);
	assert_int_equal(number(bench, "SELECT count(*) FROM audit"), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_row_says_who_from_where_what_and_what_was_answered),
	    CASE(a_user_of_the_socket_has_the_name_of_this_machine),
	    CASE(rows_are_read_by_time_and_the_newest_are_kept_by_a_limit),
	    CASE(a_file_of_version_3_gets_the_table_and_keeps_its_rows),
	    CASE(rows_stay_as_long_as_readings),
	    CASE(the_newest_20000_rows_stay_of_however_many),
	    CASE(a_full_journal_lets_readings_go_and_these_rows_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
