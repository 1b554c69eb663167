/* What the journal does for itself: each row counts once, and nothing goes that is still needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "adapt/journal_rollup.h"
#include "adapt/journal_sql.h"
#include "adapt/journal_test_bench.h"
#include "adapt/journal_upkeep.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
#define NOON_MS INT64_C(1789905600000) /* 2026-09-20T12:00:00Z */

static int32_t utc(struct wall_time wall)
{
	(void)wall;
	return 0;
}

static sqlite3 *connect_to(struct bench *bench)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	return db;
}

/* --- rollups -------------------------------------------------------------- */

/* Makes an empty journal. */
static void begin(struct bench *bench)
{
	bench_open(bench);
	bench_close(bench);
}

/* All steps that there are to do, by a program that was just started. */
static void roll_up(struct bench *bench)
{
	sqlite3 *db = connect_to(bench);
	struct journal_rollup *rollup;
	bool has_more = true;

	assert_int_equal(journal_rollup_new(&rollup, utc), 0);
	while (has_more)
		assert_int_equal(journal_rollup_step(rollup, db, &has_more), SQLITE_OK);
	journal_rollup_free(rollup);
	sqlite3_close(db);
}

/* Readings of b1 every 10 s from noon on, SoC 50 and growing by 0.001, 1000 W. */
static void add_readings(struct bench *bench, int first, int count)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
		       "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < "
		       "%d) INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, power_w, "
		       "quality, flags) SELECT %lld + i * 10000, 'b1', 50 + i * 0.001, 20, 1000, 4, "
		       "0 FROM n",
		       first, first + count - 1, (long long)NOON_MS);
	bench_sql(bench, sql);
}

static void each_reading_counts_once_in_its_minute_quarter_and_day(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	add_readings(bench, 0, 3000); /* 8 h 20 min: more than one step */
	roll_up(bench);
	roll_up(bench);
	for (int level = 0; level < ROLLUP_LEVELS; level++) {
		char sql[128];

		(void)snprintf(sql, sizeof(sql),
			       "SELECT sum(count) FROM reading_rollup WHERE level = %d",
			       rollup_level_minutes((enum rollup_level)level));
		assert_int_equal(bench_number(bench, sql), 3000);
	}
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM reading_rollup WHERE level = 1"),
			 500);
	assert_int_equal(
	    bench_number(bench, "SELECT count(*) FROM reading_rollup WHERE level = 15"), 34);
	assert_int_equal(
	    bench_number(bench, "SELECT count(*) FROM reading_rollup WHERE level = 1440"), 1);
	assert_int_equal(bench_number(bench, "SELECT round(charged_wh * 1000) FROM reading_rollup "
					     "WHERE level = 1440"),
			 lround(2999 * 10000.0 / MS_PER_HOUR * 1000 * 1000));
}

static void a_rollup_in_pieces_is_that_of_all_rows(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	for (int i = 0; i < 300; i += 7) {
		add_readings(bench, i, 7);
		roll_up(bench);
	}
	assert_int_equal(
	    bench_number(bench,
			 "SELECT count(*) FROM reading_rollup r WHERE abs(soc_mean_pct - "
			 "(SELECT avg(soc_pct) FROM battery_data WHERE ts_ms >= r.from_ms AND "
			 "ts_ms < r.to_ms)) > 1e-9 OR soc_last_pct <> (SELECT soc_pct FROM "
			 "battery_data WHERE ts_ms >= r.from_ms AND ts_ms < r.to_ms ORDER BY "
			 "ts_ms DESC LIMIT 1) OR count <> (SELECT count(*) FROM battery_data "
			 "WHERE ts_ms >= r.from_ms AND ts_ms < r.to_ms)"),
	    0);
	assert_int_equal(bench_number(bench, "SELECT round(charged_wh * 1000) FROM reading_rollup "
					     "WHERE level = 1440"),
			 lround(300 * 10000.0 / MS_PER_HOUR * 1000 * 1000));
}

static void a_reading_that_comes_late_is_added_to_when_it_was_measured(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	add_readings(bench, 0, 12);
	roll_up(bench);
	/* Measured in the first minute, taken in hours later, acted on never. */
	bench_sql(bench, "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, quality, flags, "
			 "measured_ms) VALUES (1789905600000 + 7200000, 'b1', 10, 20, 4, 1, "
			 "1789905600000 + 5000)");
	roll_up(bench);
	assert_int_equal(bench_number(bench, "SELECT count FROM reading_rollup WHERE level = 1 AND "
					     "from_ms = 1789905600000"),
			 7);
	assert_int_equal(bench_number(bench,
				      "SELECT soc_min_pct FROM reading_rollup WHERE level = 1 AND "
				      "from_ms = 1789905600000"),
			 10);
	assert_int_equal(bench_number(bench, "SELECT soc_last_pct >= 50 FROM reading_rollup WHERE "
					     "level = 1 AND from_ms = 1789905600000"),
			 1);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM reading_rollup WHERE level = 1"),
			 2);
}

static void a_quantity_that_no_reading_has_is_null(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	bench_sql(bench, "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, quality, flags) "
			 "VALUES (1789905600000, 'b1', 50, 20, 4, 0)");
	roll_up(bench);
	bench_sql(bench, "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, quality, flags) "
			 "VALUES (1789905601000, 'b1', 51, 20, 4, 0)");
	roll_up(bench);
	assert_int_equal(bench_number(bench,
				      "SELECT count(*) FROM reading_rollup WHERE power_mean_w IS "
				      "NULL AND power_min_w IS NULL AND power_last_w IS NULL AND "
				      "power_count = 0 AND count = 2"),
			 3);
}

static void add_relay_row(struct bench *bench, int64_t second, const char *word)
{
	char sql[320];

	(void)snprintf(sql, sizeof(sql),
		       "INSERT INTO rele_data (ts_ms, flags, relay, battery, role, state, phase, "
		       "wished, lease_s) VALUES (%lld, 0, 'r1', 'b1', 'source', '%s', 'confirmed', "
		       "'%s', 90)",
		       (long long)(NOON_MS + second * MS_PER_SECOND), word, word);
	bench_sql(bench, sql);
}

static void on_time_is_split_between_the_minutes_that_it_was_in(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	add_relay_row(bench, -10, "off");
	add_relay_row(bench, 30, "on");
	roll_up(bench);
	add_relay_row(bench, 90, "on"); /* still */
	add_relay_row(bench, 135, "off");
	add_relay_row(bench, 200, "on");
	/* Nobody watched for an hour. */
	add_relay_row(bench, 3800, "off");
	roll_up(bench);
	assert_int_equal(bench_number(bench,
				      "SELECT on_s FROM relay_rollup WHERE level = 1 AND from_ms "
				      "= 1789905600000"),
			 30);
	assert_int_equal(bench_number(bench,
				      "SELECT on_s FROM relay_rollup WHERE level = 1 AND from_ms "
				      "= 1789905600000 + 60000"),
			 60);
	assert_int_equal(bench_number(bench,
				      "SELECT on_s FROM relay_rollup WHERE level = 1 AND from_ms "
				      "= 1789905600000 + 120000"),
			 15);
	assert_int_equal(bench_number(bench, "SELECT on_s FROM relay_rollup WHERE level = 1440"),
			 30 + 60 + 15 + 60);
	assert_int_equal(
	    bench_number(bench, "SELECT closings FROM relay_rollup WHERE level = 1440"), 2);
}

static void a_step_that_fails_changes_nothing_and_is_done_again(void **state)
{
	struct bench *bench = *state;
	struct journal_rollup *rollup;
	bool has_more;
	sqlite3 *db;

	begin(bench);
	add_readings(bench, 0, 6);
	db = connect_to(bench);
	assert_int_equal(journal_rollup_new(&rollup, utc), 0);
	assert_int_equal(journal_sql_run(db, "CREATE TRIGGER stop BEFORE INSERT ON reading_rollup "
					     "WHEN new.level = 1440 BEGIN SELECT raise(abort, "
					     "'no'); END"),
			 SQLITE_OK);
	assert_int_not_equal(journal_rollup_step(rollup, db, &has_more), SQLITE_OK);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM reading_rollup"), 0);
	assert_int_equal(journal_sql_run(db, "DROP TRIGGER stop"), SQLITE_OK);
	assert_int_equal(journal_rollup_step(rollup, db, &has_more), SQLITE_OK);
	assert_int_equal(bench_number(bench, "SELECT sum(count) FROM reading_rollup"), 18);
	journal_rollup_free(rollup);
	sqlite3_close(db);
}

/* --- what may go ---------------------------------------------------------- */

static const struct store_keep keep_a_day = {
    .readings_days = 1, .minutes_days = 2, .quarters_days = 4, .trace_days = 1, .max_mb = 100};

static struct journal_size tidy(struct bench *bench, const struct store_keep *keep,
				const struct journal_circumstances *circumstances)
{
	sqlite3 *db = connect_to(bench);
	struct journal_size size = {0};
	struct journal_upkeep *upkeep;
	bool has_more = true;

	assert_int_equal(journal_upkeep_new(&upkeep, bench->path, keep, utc), 0);
	for (int steps = 0; has_more; steps++) {
		assert_int_equal(journal_upkeep_step(upkeep, db, circumstances, &size, &has_more),
				 SQLITE_OK);
		assert_true(steps < 10000);
	}
	journal_upkeep_free(upkeep);
	sqlite3_close(db);
	return size;
}

static struct journal_circumstances after_days(double days)
{
	return (struct journal_circumstances){
	    .now = {NOON_MS + (int64_t)(days * (double)MS_PER_DAY)}, .may_delete = true};
}

static void old_readings_go_and_what_they_came_to_stays(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(1.5);

	begin(bench);
	add_readings(bench, 0, 3000);    /* until 20:20 */
	add_readings(bench, 8640, 4320); /* the next day, until midnight */
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM battery_data"), 4320);
	assert_int_equal(
	    bench_number(bench, "SELECT sum(count) FROM reading_rollup WHERE level = 1440"), 7320);

	now = after_days(3);
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(
	    bench_number(bench, "SELECT count(*) FROM reading_rollup WHERE level = 1 AND from_ms < "
				"1789905600000 + 86400000"),
	    0);
	assert_int_equal(
	    bench_number(bench,
			 "SELECT count(*) > 0 FROM reading_rollup WHERE level = 15 AND from_ms < "
			 "1789905600000 + 86400000"),
	    1);
	now = after_days(1000);
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(
	    bench_number(bench, "SELECT count(*) FROM reading_rollup WHERE level < 1440"), 0);
	assert_int_equal(
	    bench_number(bench, "SELECT sum(count) FROM reading_rollup WHERE level = 1440"), 7320);
}

static void old_plans_go_but_the_newest(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(1.5);

	begin(bench);
	bench_sql(bench, "INSERT INTO plan VALUES (1, 1789905600000, NULL, 0, 'b1', 7, x''), "
			 "(2, 1789905600000 + 86400000, NULL, 0, 'b1', 8, x''), "
			 "(3, 1789905600000 + 90000000, NULL, 0, 'b1', 9, x'')");
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT min(number) FROM plan"), 8);
	now = after_days(1000);
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT min(number) FROM plan"), 9);
}

static void the_newest_row_stays_however_old_so_that_numbers_only_grow(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(1000);

	begin(bench);
	add_readings(bench, 0, 10);
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT group_concat(row) FROM battery_data"), 10);
}

static void nothing_goes_that_the_server_does_not_have(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(1000);

	now.has_server = true;
	begin(bench);
	add_readings(bench, 0, 10);
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM battery_data"), 10);
	now.reading_row = 4;
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT min(row) FROM battery_data"), 5);
}

static void nothing_goes_by_a_clock_that_is_not_trusted(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(1000);

	now.may_delete = false;
	begin(bench);
	add_readings(bench, 0, 10);
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM battery_data"), 10);
}

static void a_row_of_an_untrusted_clock_is_as_old_as_the_next(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(0.1);

	begin(bench);
	bench_sql(bench, "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, quality, flags) "
			 "VALUES (5000, 'b1', 50, 20, 4, 2)"); /* 1970 */
	add_readings(bench, 0, 10);
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM battery_data"), 11);
	now = after_days(1000);
	(void)tidy(bench, &keep_a_day, &now);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM battery_data"), 1);
}

static void a_journal_near_its_bound_lets_the_oldest_go_and_gives_space_back(void **state)
{
	static const struct store_keep keep = {.readings_days = 1000,
					       .minutes_days = 1000,
					       .quarters_days = 1000,
					       .trace_days = 1000,
					       .max_mb = 16};
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(100);
	struct journal_size size;
	int64_t left;

	begin(bench);
	bench_sql(bench, "CREATE TABLE ballast (b); INSERT INTO ballast VALUES (zeroblob(10000000))");
	add_readings(bench, 0, 100000);
	assert_true(bench_number(bench, "PRAGMA page_count") * 4096 > 16000000);
	size = tidy(bench, &keep, &now);
	left = bench_number(bench, "SELECT count(*) FROM battery_data");
	assert_true(left > 1 && left < 100000);
	assert_int_equal(bench_number(bench, "SELECT max(row) FROM battery_data"), 100000);
	assert_true(size.used_bytes < 16000000 * 95 / 100);
	assert_true(size.is_known && size.max_bytes == 16000000 && size.disk_free_bytes > 0);
	assert_int_equal(
	    bench_number(bench, "SELECT sum(count) FROM reading_rollup WHERE level = 15"), 100000);
}

static void a_journal_at_its_bound_stops_taking_rows_and_says_why(void **state)
{
	struct bench *bench = *state;
	struct record reading = reading_record("b1", 55, NOON_MS);

	bench->keep.max_mb = 16;
	begin(bench);
	bench_sql(bench, "CREATE TABLE ballast (b); INSERT INTO ballast VALUES (zeroblob(15980000))");
	bench_open(bench);
	for (int i = 0; i < 3 && bench->health == 0; i++) {
		for (int rows = 0; rows < 1000; rows++)
			(void)!journal_append(bench->journal, &reading);
		journal_commit(bench->journal);
		while (journal_is_committing(bench->journal) && bench->health == 0)
			uv_run(&bench->loop, UV_RUN_ONCE);
	}
	assert_int_not_equal(bench->health, 0);
	assert_non_null(strstr(bench->sentence, "store.max_mb"));
	/* It goes on by itself when there is room. */
	bench_sql(bench, "DROP TABLE ballast");
	while (bench->health != 0 || journal_is_committing(bench->journal))
		uv_run(&bench->loop, UV_RUN_ONCE);
	bench_close(bench);
}

static void free_pages_go_back_to_the_disk(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(0.1);
	int64_t before, after;

	begin(bench);
	bench_sql(bench, "CREATE TABLE ballast (b); INSERT INTO ballast VALUES "
			 "(zeroblob(20000000)); DROP TABLE ballast");
	before = bench_number(bench, "PRAGMA page_count");
	(void)tidy(bench, &keep_a_day, &now);
	after = bench_number(bench, "PRAGMA page_count");
	assert_true(before > 4800);
	assert_true(after < 2200);
}

static void free_pages_of_an_older_file_are_kept_for_new_rows(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = after_days(0.1);

	bench_make_version_1(bench);
	begin(bench);
	bench_sql(bench, "CREATE TABLE ballast (b); INSERT INTO ballast VALUES "
			 "(zeroblob(20000000)); DROP TABLE ballast");
	(void)tidy(bench, &keep_a_day, &now); /* and it comes to an end */
	assert_true(bench_number(bench, "PRAGMA page_count") > 4800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(each_reading_counts_once_in_its_minute_quarter_and_day),
	    CASE(a_rollup_in_pieces_is_that_of_all_rows),
	    CASE(a_reading_that_comes_late_is_added_to_when_it_was_measured),
	    CASE(a_quantity_that_no_reading_has_is_null),
	    CASE(on_time_is_split_between_the_minutes_that_it_was_in),
	    CASE(a_step_that_fails_changes_nothing_and_is_done_again),
	    CASE(old_readings_go_and_what_they_came_to_stays),
	    CASE(old_plans_go_but_the_newest),
	    CASE(the_newest_row_stays_however_old_so_that_numbers_only_grow),
	    CASE(nothing_goes_that_the_server_does_not_have),
	    CASE(nothing_goes_by_a_clock_that_is_not_trusted),
	    CASE(a_row_of_an_untrusted_clock_is_as_old_as_the_next),
	    CASE(a_journal_near_its_bound_lets_the_oldest_go_and_gives_space_back),
	    CASE(a_journal_at_its_bound_stops_taking_rows_and_says_why),
	    CASE(free_pages_go_back_to_the_disk),
	    CASE(free_pages_of_an_older_file_are_kept_for_new_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
