/* What is stored of meters: a narrow row a minute, and what minutes came to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "adapt/journal_rollup.h"
#include "adapt/journal_schema.h"
#include "adapt/journal_test_bench.h"
#include "adapt/journal_upkeep.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
#define NOON_MS INT64_C(1789905600000) /* 2026-09-20T12:00:00Z */

/* 2026-03-29T01:00:00Z and 2026-10-25T01:00:00Z: when Rome's clocks change. */
#define SPRING_MS INT64_C(1774746000000)
#define AUTUMN_MS INT64_C(1792890000000)

static int32_t rome(struct wall_time wall)
{
	return wall.ms >= SPRING_MS && wall.ms < AUTUMN_MS ? 7200 : 3600;
}

static struct record minute_of(const char *meter, int64_t from_ms, double power_w)
{
	struct record record = {.kind = RECORD_METER, .wall_is_trusted = true};

	(void)snprintf(record.meter.meter.text, sizeof(record.meter.meter.text), "%s", meter);
	record.meter.minute = (struct meter_minute){.from = {from_ms},
						    .count = 60,
						    .known_ms = 60000,
						    .quality = QUALITY_GOOD,
						    .mean_w = power_w,
						    .min_w = power_w - 50,
						    .max_w = power_w + 50,
						    .last_w = power_w + 1,
						    .imported_wh = power_w > 0 ? power_w / 60 : 0,
						    .exported_wh = power_w < 0 ? -power_w / 60 : 0};
	return record;
}

struct seen {
	int count;
	struct meter_minute minute[4];
	bool wall_is_trusted[4];
	char meter[4][IDENT_MAX + 1];
};

static bool see(void *user, const struct journal_meter *meter)
{
	struct seen *seen = user;
	int at = seen->count++ % 4;

	seen->minute[at] = meter->minute;
	seen->wall_is_trusted[at] = meter->wall_is_trusted;
	(void)snprintf(seen->meter[at], sizeof(seen->meter[at]), "%s", meter->meter);
	return true;
}

static struct seen read_all(struct bench *bench, const char *meter)
{
	struct journal_reader *reader = reader_open(bench);
	struct seen seen = {0};

	assert_int_equal(journal_read_meters(reader, meter, bench_always, see, &seen), 0);
	journal_reader_free(reader);
	return seen;
}

static void is_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 0.00051))
		fail_msg("%.9f is not %.9f", value, expected);
}

/* --- rows ----------------------------------------------------------------- */

static void a_minute_reads_back_with_import_and_export_kept_apart(void **state)
{
	struct bench *bench = *state;
	struct record sun = minute_of("pv", NOON_MS, 2345.67), grid = minute_of("grid", NOON_MS, 0);
	struct seen seen;

	grid.meter.minute.mean_w = -400;
	grid.meter.minute.min_w = -1200;
	grid.meter.minute.imported_wh = 2.5;
	grid.meter.minute.exported_wh = 2.5 + 400 * 45.0 / 3600;
	grid.meter.minute.known_ms = 45000;
	grid.meter.minute.quality = QUALITY_ASSUMED;
	grid.wall_is_trusted = false;
	grid.mono.ms = 4711;
	bench_open(bench);
	append(bench, &sun);
	append(bench, &grid);
	bench_commit(bench);
	seen = read_all(bench, NULL);
	bench_close(bench);

	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.meter[0], "pv");
	assert_true(seen.minute[0].from.ms == NOON_MS && seen.wall_is_trusted[0]);
	is_near(seen.minute[0].mean_w, 2345.7);
	is_near(seen.minute[0].min_w, 2295.7);
	is_near(seen.minute[0].max_w, 2395.7);
	is_near(seen.minute[0].last_w, 2346.7);
	assert_int_equal(seen.minute[0].count, 60);
	assert_int_equal(seen.minute[0].known_ms, 60000);
	assert_int_equal(seen.minute[0].quality, QUALITY_GOOD);
	is_near(seen.minute[0].imported_wh, 39.095);
	is_near(seen.minute[0].exported_wh, 0);
	assert_string_equal(seen.meter[1], "grid");
	assert_int_equal(seen.minute[1].known_ms, 45000);
	is_near(seen.minute[1].imported_wh, 2.5);
	is_near(seen.minute[1].exported_wh, 7.5);
	assert_int_equal(seen.minute[1].quality, QUALITY_ASSUMED);
	assert_false(seen.wall_is_trusted[1]);
	assert_int_equal(bench_number(bench, "SELECT mono_ms FROM meter_data WHERE meter = 'grid'"),
			 4711);
}

static void a_minute_of_which_no_time_is_known_has_no_mean(void **state)
{
	struct bench *bench = *state;
	struct record record = minute_of("pv", NOON_MS, 100);
	struct seen seen;

	record.meter.minute.mean_w = NAN;
	record.meter.minute.known_ms = 0;
	record.meter.minute.imported_wh = 0;
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	seen = read_all(bench, "pv");
	bench_close(bench);
	assert_int_equal(seen.count, 1);
	assert_true(isnan(seen.minute[0].mean_w));
	is_near(seen.minute[0].last_w, 101);
	is_near(seen.minute[0].imported_wh, 0);
}

/* Three meters of a house, a week of minutes. */
static void fill_week(struct bench *bench)
{
	bench_sql(bench,
		  "INSERT OR IGNORE INTO meter_name VALUES (1, 'grid'), (2, 'pv'), (3, 'load')");
	bench_sql(
	    bench,
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 30239) "
	    "INSERT INTO meter SELECT NULL, i % 3 + 1, 1789905600000 + i / 3 * 60000, 0, "
	    "3000 + i % 977, 2000 + i % 977, 5000 + i % 977, 3100 + i % 977, 60, 0, i % 2 * 500 "
	    "FROM n");
}

static void a_minute_takes_fewer_bytes_than_a_reading(void **state)
{
	struct bench *bench = *state;
	int64_t before;

	bench_open(bench);
	bench_close(bench);
	before = bench_number(bench, "PRAGMA page_count");
	fill_week(bench);
	assert_in_range((bench_number(bench, "PRAGMA page_count") - before) * 4096 / 30240, 30, 54);
}

static void minutes_are_asked_for_by_name_and_time_through_the_index(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;
	struct seen seen = {0};
	struct journal_span hour = {
	    {NOON_MS + MS_PER_DAY}, {NOON_MS + MS_PER_DAY + MS_PER_HOUR}, 1000, false};

	bench_open(bench);
	fill_week(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_meters(reader, "pv", hour, see, &seen), 0);
	assert_int_equal(seen.count, 60);
	seen.count = 0;
	hour.newest_first = true;
	hour.limit = 2;
	assert_int_equal(journal_read_meters(reader, NULL, hour, see, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_true(seen.minute[0].from.ms == NOON_MS + MS_PER_DAY + MS_PER_HOUR - MS_PER_MINUTE);
	journal_reader_free(reader);
	bench_close(bench);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM pragma_index_list('meter')"), 1);
}

/* --- versions ------------------------------------------------------------- */

static void a_file_of_version_5_gets_the_tables_and_keeps_its_rows(void **state)
{
	struct bench *bench = *state;
	struct record record = minute_of("load", NOON_MS, 300);

	bench_make_version_1(bench);
	for (int i = 0; i < 4; i++)
		bench_sql(bench, journal_upgrade_sql[i]);
	bench_sql(bench, "PRAGMA user_version=5; INSERT INTO battery_data (ts_ms, node, soc_pct, "
			 "temp_c, quality, flags) VALUES (1000, 'b1', 50, 20, 4, 0)");
	bench_open(bench);
	assert_int_equal(bench->set_aside[0], '\0');
	append(bench, &record);
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM battery_data"), 1);
	assert_int_equal(bench_number(bench, "SELECT power_w FROM meter_data"), 300);
	assert_int_equal(bench_number(bench, "PRAGMA user_version"), JOURNAL_VERSION);
}

/* --- rollups -------------------------------------------------------------- */

static void roll_up(struct bench *bench)
{
	struct journal_rollup *rollup;
	bool has_more = true;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	assert_int_equal(journal_rollup_new(&rollup, rome), 0);
	while (has_more)
		assert_int_equal(journal_rollup_step(rollup, db, &has_more), SQLITE_OK);
	journal_rollup_free(rollup);
	sqlite3_close(db);
}

static void each_minute_counts_once_in_its_quarter_and_its_day(void **state)
{
	struct bench *bench = *state;

	bench_open(bench);
	bench_close(bench);
	fill_week(bench);
	roll_up(bench);
	roll_up(bench);
	for (int level = 15; level <= 1440; level += 1425) {
		char sql[640];

		(void)snprintf(
		    sql, sizeof(sql),
		    "SELECT count(*) FROM meter_rollup r WHERE level = %d AND ("
		    "count <> (SELECT sum(count) FROM meter_data d WHERE d.meter = r.meter "
		    "AND ts_ms >= from_ms AND ts_ms < to_ms) OR abs(imported_wh - (SELECT "
		    "sum(imported_wh) FROM meter_data d WHERE d.meter = r.meter AND ts_ms >= "
		    "from_ms AND ts_ms < to_ms)) > 1e-6 OR abs(power_mean_w * known_ms / "
		    "3600000.0 - imported_wh + exported_wh) > 0.5 OR power_max_w <> (SELECT "
		    "max(power_max_w) FROM meter_data d WHERE d.meter = r.meter AND ts_ms >= "
		    "from_ms AND ts_ms < to_ms))",
		    level);
		assert_int_equal(bench_number(bench, sql), 0);
		(void)snprintf(sql, sizeof(sql),
			       "SELECT sum(count) FROM meter_rollup WHERE level = %d", level);
		assert_int_equal(bench_number(bench, sql), 30240 * 60);
	}
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM meter_rollup WHERE level = 15"),
			 3 * 7 * 96);
}

static void a_mean_is_by_the_time_that_is_known_and_a_gap_is_no_zero(void **state)
{
	struct bench *bench = *state;
	struct record whole = minute_of("grid", NOON_MS, 600);
	struct record part = minute_of("grid", NOON_MS + 5 * MS_PER_MINUTE, -1200);

	part.meter.minute.known_ms = 30000;
	part.meter.minute.exported_wh = 10;
	bench_open(bench);
	append(bench, &whole);
	append(bench, &part);
	bench_commit(bench);
	bench_close(bench);
	roll_up(bench);
	assert_int_equal(
	    bench_number(bench, "SELECT power_mean_w FROM meter_rollup WHERE level = 15"), 0);
	assert_int_equal(bench_number(bench, "SELECT known_ms FROM meter_rollup WHERE level = 15"),
			 90000);
	assert_int_equal(
	    bench_number(bench, "SELECT imported_wh FROM meter_rollup WHERE level = 1440"), 10);
	assert_int_equal(
	    bench_number(bench, "SELECT exported_wh FROM meter_rollup WHERE level = 1440"), 10);
	assert_int_equal(
	    bench_number(bench, "SELECT power_last_w FROM meter_rollup WHERE level = 15"), -1199);
}

/* 500 W all day long. */
static void days_of_23_and_25_hours_have_their_own_energy(void **state)
{
	static const struct {
		int64_t midnight_ms;
		int hours;
	} days[] = {{SPRING_MS - 2 * MS_PER_HOUR, 23}, {AUTUMN_MS - 3 * MS_PER_HOUR, 25}};
	struct bench *bench = *state;

	bench_open(bench);
	bench_close(bench);
	bench_sql(bench, "INSERT INTO meter_name VALUES (1, 'load')");
	for (size_t i = 0; i < 2; i++) {
		char sql[512];

		(void)snprintf(
		    sql, sizeof(sql),
		    "WITH RECURSIVE n(i) AS (SELECT -60 UNION ALL SELECT i + 1 FROM n "
		    "WHERE i < 1800) INSERT INTO meter SELECT NULL, 1, %lld + i * 60000, 0, "
		    "5000, 5000, 5000, 5000, 6, 0, 0 FROM n",
		    (long long)days[i].midnight_ms);
		bench_sql(bench, sql);
	}
	roll_up(bench);
	for (size_t i = 0; i < 2; i++) {
		char sql[256];

		(void)snprintf(sql, sizeof(sql),
			       "SELECT round(imported_wh) FROM meter_rollup WHERE level = 1440 AND "
			       "from_ms = %lld AND to_ms = from_ms + %d",
			       (long long)days[i].midnight_ms, days[i].hours * MS_PER_HOUR);
		assert_int_equal(bench_number(bench, sql), days[i].hours * 500);
	}
}

static bool add_energy(void *user, const struct journal_rollup_row *row)
{
	double *sums = user;

	assert_int_equal(row->subject, JOURNAL_METER);
	assert_string_equal(row->name, "load");
	sums[0] += row->readings->charged_wh;
	sums[1] += (double)row->readings->power_w.count;
	return true;
}

static void every_level_says_the_same_energy_and_how_far_back_it_goes(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;
	struct journal_depth depth;
	struct wall_time until;

	bench_open(bench);
	for (int i = 0; i < 30; i++) {
		struct record record = minute_of("load", NOON_MS + i * MS_PER_MINUTE, 600);

		append(bench, &record);
	}
	bench_commit(bench);
	bench_close(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_depth(reader, "load", JOURNAL_METER, &depth), 0);
	assert_true(depth.rows_ms == NOON_MS);
	journal_reader_free(reader);
	roll_up(bench);
	reader = reader_open(bench);
	for (enum rollup_level level = 0; level < ROLLUP_LEVELS; level++) {
		double sums[2] = {0};

		assert_int_equal(journal_read_rollups(reader, "load", JOURNAL_METER, level,
						      bench_always, add_energy, sums),
				 0);
		is_near(sums[0], 300);
		is_near(sums[1], 30 * 60000);
	}
	assert_int_equal(journal_read_depth(reader, "load", JOURNAL_METER, &depth), 0);
	assert_true(depth.rows_ms == NOON_MS && depth.rollup_ms[ROLLUP_MINUTE] == NOON_MS);
	assert_true(depth.rollup_ms[ROLLUP_QUARTER] == NOON_MS);
	assert_int_equal(journal_read_depth(reader, "pv", JOURNAL_METER, &depth), 0);
	assert_true(depth.rows_ms == INT64_MAX);
	assert_int_equal(journal_read_rolled_up(reader, JOURNAL_METER, &until), 0);
	assert_true(until.ms == NOON_MS + 30 * MS_PER_MINUTE);
	journal_reader_free(reader);
}

/* --- what may go ---------------------------------------------------------- */

static void tidy(struct bench *bench, const struct journal_circumstances *now)
{
	const struct store_keep keep = {1, 10, 30, 1, 1000};
	struct journal_upkeep *upkeep;
	struct journal_size size = {0};
	bool has_more = true;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	assert_int_equal(journal_upkeep_new(&upkeep, bench->path, &keep, rome), 0);
	while (has_more)
		assert_int_equal(journal_upkeep_step(upkeep, db, now, &size, &has_more), SQLITE_OK);
	journal_upkeep_free(upkeep);
	sqlite3_close(db);
}

static void minutes_go_when_they_are_old_and_at_the_server_and_days_stay(void **state)
{
	struct bench *bench = *state;
	struct journal_circumstances now = {
	    .now = {NOON_MS + 12 * MS_PER_DAY}, .may_delete = true, .has_server = true};

	bench_open(bench);
	bench_close(bench);
	fill_week(bench);
	tidy(bench, &now);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM meter"), 30240);
	now.meter_row = 3000;
	tidy(bench, &now);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM meter"), 27240);
	now.meter_row = 30240;
	tidy(bench, &now); /* two of the seven days are older than ten */
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM meter"), 5 * 1440 * 3);
	now.now.ms += 40 * MS_PER_DAY;
	tidy(bench, &now);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM meter"), 1);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM meter_rollup WHERE level = 15"),
			 0);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM meter_rollup"), 3 * 8);
}

/* --- import --------------------------------------------------------------- */

static void an_imported_minute_is_stored_once(void **state)
{
	struct bench *bench = *state;
	struct record record = minute_of("pv", NOON_MS, 100);

	record.kind = RECORD_METER_IMPORTED;
	record.meter.copies = 1;
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	append(bench, &record);
	record.meter.minute.from.ms += MS_PER_MINUTE;
	append(bench, &record);
	bench_commit(bench);
	assert_int_equal(journal_imported(bench->journal), 2);
	bench_close(bench);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM meter_data"), 2);
	assert_int_equal(
	    bench_number(bench, "SELECT count(*) FROM meta WHERE name = 'imported_from'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_minute_reads_back_with_import_and_export_kept_apart),
	    CASE(a_minute_of_which_no_time_is_known_has_no_mean),
	    CASE(a_minute_takes_fewer_bytes_than_a_reading),
	    CASE(minutes_are_asked_for_by_name_and_time_through_the_index),
	    CASE(a_file_of_version_5_gets_the_tables_and_keeps_its_rows),
	    CASE(each_minute_counts_once_in_its_quarter_and_its_day),
	    CASE(a_mean_is_by_the_time_that_is_known_and_a_gap_is_no_zero),
	    CASE(days_of_23_and_25_hours_have_their_own_energy),
	    CASE(every_level_says_the_same_energy_and_how_far_back_it_goes),
	    CASE(minutes_go_when_they_are_old_and_at_the_server_and_days_stay),
	    CASE(an_imported_minute_is_stored_once),
	};

	return cmocka_run_group_tests_name("journal_meter", tests, NULL, NULL);
}
