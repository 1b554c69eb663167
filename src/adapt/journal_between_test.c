/* Imported readings: the energy of their time is known once, in whatever order they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <sqlite3.h>

#include "adapt/journal_rollup.h"
#include "adapt/journal_test_bench.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
#define NOON_MS INT64_C(1789905600000) /* 2026-09-20T12:00:00Z */

static int32_t utc(struct wall_time wall)
{
	(void)wall;
	return 0;
}

/* Makes an empty journal. */
static void begin(struct bench *bench)
{
	bench_open(bench);
	bench_close(bench);
}

/* All steps that there are to do, by a program that was just started. */
static void roll_up(struct bench *bench)
{
	struct journal_rollup *rollup;
	sqlite3 *db;
	bool has_more = true;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	assert_int_equal(journal_rollup_new(&rollup, utc), 0);
	while (has_more)
		assert_int_equal(journal_rollup_step(rollup, db, &has_more), SQLITE_OK);
	journal_rollup_free(rollup);
	sqlite3_close(db);
}

/* Readings of the past of b1, one each 10 s, of 600 W charging and then 300 W discharging. */
static void import_readings(struct bench *bench, int first, int step, int count)
{
	bench_open(bench);
	for (int i = 0; i < count; i++) {
		int number = first + i * step;
		struct record record = reading_record("b1", 50, NOON_MS + number * 10000);

		record.kind = RECORD_IMPORTED;
		record.reading.copies = 1;
		record.reading.reading.received.power_w = number % 60 < 30 ? 600 : -300;
		append(bench, &record);
		if (i % 50 == 49 && i + 1 < count)
			bench_commit(bench);
	}
	bench_commit(bench);
	bench_close(bench);
	roll_up(bench);
}

static void assert_energy(struct bench *bench, const char *what, double hours_charging,
			  double hours_discharging)
{
	for (int level = 0; level < ROLLUP_LEVELS; level++) {
		char sql[192];

		(void)snprintf(sql, sizeof(sql),
			       "SELECT round(sum(charged_wh) * 1000) FROM reading_rollup WHERE "
			       "level = %d",
			       rollup_level_minutes((enum rollup_level)level));
		if (bench_number(bench, sql) != lround(hours_charging * 600 * 1000))
			fail_msg("%s: %lld mWh charged", what, (long long)bench_number(bench, sql));
		(void)snprintf(sql, sizeof(sql),
			       "SELECT round(sum(discharged_wh) * 1000) FROM reading_rollup WHERE "
			       "level = %d",
			       rollup_level_minutes((enum rollup_level)level));
		if (bench_number(bench, sql) != lround(hours_discharging * 300 * 1000))
			fail_msg("%s: %lld mWh discharged", what,
				 (long long)bench_number(bench, sql));
	}
}

/* In order, the later half first, or each second one first: together they are the same readings. */
static void imported_readings_have_the_energy_that_they_had(void **state)
{
	struct bench *bench = *state;
	const double charging = 1800 * 10 / 3600.0, discharging = 1799 * 10 / 3600.0;

	begin(bench);
	import_readings(bench, 0, 1, 3600);
	assert_energy(bench, "in order", charging, discharging);
	import_readings(bench, 0, 1, 3600); /* they are there */
	assert_energy(bench, "again", charging, discharging);
}

static void imported_readings_may_come_in_any_order(void **state)
{
	struct bench *bench = *state;
	const double charging = 1800 * 10 / 3600.0, discharging = 1799 * 10 / 3600.0;

	begin(bench);
	import_readings(bench, 1800, 1, 1800);
	import_readings(bench, 1, 2, 900);
	import_readings(bench, 0, 2, 900);
	assert_energy(bench, "pieces", charging, discharging);
}

/* What a dead card had is put before and into what was measured since. */
static void imported_readings_among_live_ones_count_no_time_twice(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	bench_sql(bench,
		  "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, power_w, quality, "
		  "flags) VALUES (1789905600000 + 100000, 'b1', 50, 20, 600, 4, 0), "
		  "(1789905600000 + 200000, 'b1', 50, 20, 600, 4, 0)");
	roll_up(bench);
	assert_energy(bench, "live", 100 / 3600.0, 0);
	import_readings(bench, 0, 1, 15);
	assert_energy(bench, "with the past", 200 / 3600.0, 0);
}

/* A message that the broker kept says nothing of the energy when it comes. */
static void late_readings_beside_imported_ones_have_none(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	import_readings(bench, 0, 1, 15);
	bench_sql(bench,
		  "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, power_w, quality, "
		  "flags) VALUES (1789905600000 + 150000, 'b1', 50, 20, 600, 4, 1)");
	roll_up(bench);
	assert_energy(bench, "one that is passive", 140 / 3600.0, 0);
}

/* A sensor that lies, or stands still, may tell of what flows the wrong way round, or not at all.
 */
static void doubted_readings_have_none_also_beside_imported_ones(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	bench_sql(bench,
		  "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, power_w, quality, "
		  "flags) VALUES (1789905600000 + 100000, 'b1', 50, 20, 600, 4, 0), "
		  "(1789905600000 + 200000, 'b1', 50, 20, -300, 3, 0), "
		  "(1789905600000 + 300000, 'b1', 50, 20, -300, 2, 0), "
		  "(1789905600000 + 400000, 'b1', 50, 20, 600, 4, 0), "
		  "(1789905600000 + 500000, 'b1', 50, 20, 600, 4, 0)");
	roll_up(bench);
	assert_energy(bench, "live", 200 / 3600.0, 0);
	import_readings(bench, 25, 1, 1); /* between the two that are doubted */
	assert_energy(bench, "with one imported", 250 / 3600.0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(imported_readings_have_the_energy_that_they_had),
	    CASE(imported_readings_may_come_in_any_order),
	    CASE(imported_readings_among_live_ones_count_no_time_twice),
	    CASE(late_readings_beside_imported_ones_have_none),
	    CASE(doubted_readings_have_none_also_beside_imported_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
