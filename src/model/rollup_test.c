/* What a minute, a quarter and a day are, and what the readings in them come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model/rollup.h"

#define CASE(name) cmocka_unit_test(name)
#define HOUR_S 3600

/* 2026-03-29T01:00:00Z and 2026-10-25T01:00:00Z: when Rome's clocks change. */
#define SPRING_MS INT64_C(1774746000000)
#define AUTUMN_MS INT64_C(1792890000000)

static int32_t rome(struct wall_time wall)
{
	return wall.ms >= SPRING_MS && wall.ms < AUTUMN_MS ? 2 * HOUR_S : HOUR_S;
}

static int32_t new_york(struct wall_time wall)
{
	(void)wall;
	return -5 * HOUR_S;
}

static void is_day(struct wall_time at, rollup_offset *offset_s, const char *from, int hours)
{
	struct rollup_span span = rollup_span_of(ROLLUP_DAY, at, offset_s);
	struct wall_time expected;

	assert_int_equal(wall_parse(&expected, from, 20), 0);
	assert_true(span.from.ms == expected.ms);
	assert_int_equal((span.to.ms - span.from.ms) / MS_PER_HOUR, hours);
	assert_true(span.from.ms <= at.ms && at.ms < span.to.ms);
}

static void a_minute_and_a_quarter_are_of_utc(void **state)
{
	struct wall_time at = {INT64_C(1774746000000) + 44 * MS_PER_MINUTE + 59999};
	struct rollup_span minute = rollup_span_of(ROLLUP_MINUTE, at, rome);
	struct rollup_span quarter = rollup_span_of(ROLLUP_QUARTER, at, rome);

	(void)state;
	assert_true(minute.from.ms == SPRING_MS + 44 * MS_PER_MINUTE);
	assert_true(minute.to.ms == minute.from.ms + MS_PER_MINUTE);
	assert_true(quarter.from.ms == SPRING_MS + 30 * MS_PER_MINUTE);
	assert_true(quarter.to.ms == quarter.from.ms + 15 * MS_PER_MINUTE);
}

static void a_time_before_1970_has_its_minute_too(void **state)
{
	struct rollup_span minute = rollup_span_of(ROLLUP_MINUTE, (struct wall_time){-1}, rome);

	(void)state;
	assert_true(minute.from.ms == -MS_PER_MINUTE && minute.to.ms == 0);
}

static void a_day_goes_from_midnight_to_midnight_of_the_house(void **state)
{
	(void)state;
	is_day((struct wall_time){SPRING_MS - 30 * MS_PER_HOUR}, rome, "2026-03-26T23:00:00Z", 24);
	is_day((struct wall_time){0}, new_york, "1969-12-31T05:00:00Z", 24);
}

static void the_days_when_clocks_change_have_23_and_25_hours(void **state)
{
	(void)state;
	is_day((struct wall_time){SPRING_MS - 1}, rome, "2026-03-28T23:00:00Z", 23);
	is_day((struct wall_time){SPRING_MS + 20 * MS_PER_HOUR}, rome, "2026-03-28T23:00:00Z", 23);
	is_day((struct wall_time){AUTUMN_MS - 1}, rome, "2026-10-24T22:00:00Z", 25);
	is_day((struct wall_time){AUTUMN_MS + 21 * MS_PER_HOUR}, rome, "2026-10-24T22:00:00Z", 25);
	is_day((struct wall_time){AUTUMN_MS + 22 * MS_PER_HOUR}, rome, "2026-10-25T23:00:00Z", 24);
}

static struct rollup_sample sample(int64_t at_ms, double soc_pct, double power_w)
{
	return (struct rollup_sample){{at_ms}, soc_pct, 20, NAN, power_w, NAN, false};
}

static void the_last_value_is_the_latest_not_the_one_that_came_last(void **state)
{
	struct rollup_readings rollup = {0};
	struct rollup_sample samples[] = {sample(1000, 50, 100), sample(3000, 40, NAN),
					  sample(2000, 60, -400)};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		rollup_add(&rollup, &samples[i]);
	assert_int_equal(rollup.count, 3);
	assert_true(rollup.soc_pct.min == 40 && rollup.soc_pct.max == 60);
	assert_true(fabs(rollup.soc_pct.mean - 50) < 1e-9);
	assert_true(rollup.soc_pct.last == 40);
	assert_int_equal(rollup.power_w.count, 2);
	assert_true(fabs(rollup.power_w.mean + 150) < 1e-9);
}

static void the_hottest_sensor_counts_for_the_highest_temperature(void **state)
{
	struct rollup_readings rollup = {0};
	struct rollup_sample warm = sample(1000, 50, NAN);

	(void)state;
	warm.temp_max_c = 44;
	rollup_add(&rollup, &warm);
	assert_true(rollup.temp_c.max == 44 && rollup.temp_c.min == 20 && rollup.temp_c.mean == 20);
}

static void what_two_pieces_came_to_is_what_their_readings_came_to(void **state)
{
	struct rollup_readings first = {0}, second = {0}, both = {0};
	struct rollup_sample samples[] = {sample(1000, 50, 100), sample(2000, 53, NAN),
					  sample(9000, 41, NAN), sample(3000, 45, -400)};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		rollup_add(i == 2 ? &second : &first, &samples[i]);
		rollup_add(&both, &samples[i]);
	}
	rollup_merge(&second, &first); /* the earlier one later */
	assert_int_equal(second.count, 4);
	assert_true(second.last.ms == 9000);
	assert_true(fabs(second.soc_pct.mean - both.soc_pct.mean) < 1e-9);
	assert_true(second.soc_pct.min == 41 && second.soc_pct.max == 53);
	assert_true(second.soc_pct.last == 41);
	assert_int_equal(second.power_w.count, 2);
	assert_true(fabs(second.power_w.mean + 150) < 1e-9 && second.power_w.last == -400);
}

static double energy_wh(int64_t took_ms, double power_w, double interval_s)
{
	struct rollup_readings rollup = {0};
	struct rollup_sample before = sample(0, 50, power_w), after = sample(took_ms, 50, 0);

	before.interval_s = interval_s;
	rollup_energy(&rollup, &before, &after);
	return rollup.charged_wh - rollup.discharged_wh;
}

static void energy_is_power_held_until_the_next_reading(void **state)
{
	(void)state;
	assert_true(fabs(energy_wh(36000, 1000, NAN) - 10) < 1e-9);
	assert_true(fabs(energy_wh(36000, -1000, NAN) + 10) < 1e-9);
}

static void energy_is_not_known_over_a_gap_or_against_the_clock(void **state)
{
	(void)state;
	assert_true(energy_wh(5 * MS_PER_MINUTE, 1000, NAN) > 0);
	assert_true(energy_wh(5 * MS_PER_MINUTE + 1, 1000, NAN) == 0);
	assert_true(energy_wh(30 * MS_PER_SECOND, 1000, 10) > 0);
	assert_true(energy_wh(30 * MS_PER_SECOND + 1, 1000, 10) == 0);
	assert_true(energy_wh(-1000, 1000, NAN) == 0);
	assert_true(energy_wh(1000, NAN, NAN) == 0);
}

static void what_a_doubted_reading_says_flows_is_no_energy(void **state)
{
	struct rollup_readings rollup = {0};
	struct rollup_sample good = sample(0, 50, 1000), doubted = sample(36000, 50, -1000);
	struct rollup_sample last = sample(72000, 50, 1000);

	(void)state;
	doubted.is_doubted = true;
	rollup_energy(&rollup, &good, &doubted);
	rollup_energy(&rollup, &doubted, &last);
	assert_true(fabs(rollup.charged_wh - 10) < 1e-9 && rollup.discharged_wh == 0);
}

static void a_relay_is_not_taken_to_be_on_over_a_gap(void **state)
{
	struct wall_time from = {1000};

	(void)state;
	assert_true(rollup_on_until(from, (struct wall_time){61000}).ms == 61000);
	assert_true(rollup_on_until(from, (struct wall_time){181000}).ms == 181000);
	assert_true(rollup_on_until(from, (struct wall_time){181001}).ms == 61000);
	assert_true(rollup_on_until(from, (struct wall_time){500}).ms == 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_minute_and_a_quarter_are_of_utc),
	    CASE(a_time_before_1970_has_its_minute_too),
	    CASE(a_day_goes_from_midnight_to_midnight_of_the_house),
	    CASE(the_days_when_clocks_change_have_23_and_25_hours),
	    CASE(the_last_value_is_the_latest_not_the_one_that_came_last),
	    CASE(the_hottest_sensor_counts_for_the_highest_temperature),
	    CASE(what_two_pieces_came_to_is_what_their_readings_came_to),
	    CASE(energy_is_power_held_until_the_next_reading),
	    CASE(energy_is_not_known_over_a_gap_or_against_the_clock),
	    CASE(what_a_doubted_reading_says_flows_is_no_energy),
	    CASE(a_relay_is_not_taken_to_be_on_over_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
