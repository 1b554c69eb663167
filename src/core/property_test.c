/*
 * S6 and S7 for any course of events: what a limit's latch and a lease promise,
 * held against a second description of them that shares nothing with the first.
 */
#include "core/limits.h"
#include "core/test_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define WALKS 400
#define STEPS 2000

/* SplitMix64 (Steele, Lea, Flood 2014): the same walks on every machine. */
static uint64_t chance;

static int32_t between(int32_t low, int32_t high)
{
	uint64_t mixed = chance += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	mixed ^= mixed >> 31;
	return low + (int32_t)(mixed % (uint64_t)(high - low + 1));
}

/* ---- S6 ---- */

/* One limit as the design says it: trips at a value, releases only beyond the hysteresis. */
struct expected_latch {
	bool is_set;
};

static void expect(struct expected_latch *latch, bool trips, bool is_beyond_hysteresis)
{
	if (trips)
		latch->is_set = true;
	else if (is_beyond_hysteresis)
		latch->is_set = false;
}

struct walk {
	struct house house;
	struct site site;
	struct outcome outcome;
	struct turn turn;
	int32_t soc_bp, cold_mc, hot_mc;
	struct expected_latch ceiling, reserve, charge_cold, charge_hot, discharge_cold,
	    discharge_hot;
};

static struct walk walk;

static int64_t set(enum parameter_id id, int32_t value)
{
	return walk.site.settings[0].value[id].number = value;
}

/* Limits so close together that a walk crosses all of them many times. */
static void begin_walk(void)
{
	memset(&walk, 0, sizeof(walk));
	walk.house.battery_count = 1;
	walk.turn =
	    (struct turn){.site = &walk.site, .house = &walk.house, .outcome = &walk.outcome};
	set(PARAMETER_RESERVE, between(0, 40));
	set(PARAMETER_CEILING, between(60, 100));
	set(PARAMETER_SOC_HYSTERESIS, between(0, 15));
	set(PARAMETER_DISCHARGE_MIN_TEMP, between(-40, -20));
	set(PARAMETER_CHARGE_MIN_TEMP, between(-20, 0));
	set(PARAMETER_CHARGE_MAX_TEMP, between(20, 40));
	set(PARAMETER_DISCHARGE_MAX_TEMP, between(40, 60));
	set(PARAMETER_TEMP_HYSTERESIS, between(0, 15));
	set(PARAMETER_TRIPS_PER_DAY, 1);
	set(PARAMETER_STALE_AFTER, 90000);
	walk.soc_bp = 50;
}

static int32_t kept_within(int32_t value, int32_t low, int32_t high)
{
	return value < low ? low : value > high ? high : value;
}

static void move_on(void)
{
	walk.soc_bp = kept_within(walk.soc_bp + between(-8, 8), 0, 120);
	walk.cold_mc = kept_within(walk.cold_mc + between(-8, 8), -60, 80);
	walk.hot_mc = walk.cold_mc + between(0, 4);
}

static void expect_all(const struct gate_limits *limits)
{
	int32_t soc_h = limits->soc_hysteresis_bp, temp_h = limits->temp_hysteresis_mc;

	expect(&walk.ceiling, walk.soc_bp >= limits->ceiling_bp,
	       walk.soc_bp < limits->ceiling_bp - soc_h);
	expect(&walk.reserve, walk.soc_bp <= limits->reserve_bp,
	       walk.soc_bp >= limits->reserve_bp + soc_h);
	expect(&walk.charge_cold, walk.cold_mc < limits->charge_min_mc,
	       walk.cold_mc >= limits->charge_min_mc + temp_h);
	expect(&walk.charge_hot, walk.hot_mc > limits->charge_max_mc,
	       walk.hot_mc <= limits->charge_max_mc - temp_h);
	expect(&walk.discharge_cold, walk.cold_mc < limits->discharge_min_mc,
	       walk.cold_mc >= limits->discharge_min_mc + temp_h);
	expect(&walk.discharge_hot, walk.hot_mc > limits->discharge_max_mc,
	       walk.hot_mc <= limits->discharge_max_mc - temp_h);
}

/* What the gate lets happen on the latches as they are, everything else being in order. */
static struct gate_answer ask(const struct gate_limits *limits, enum intent wanted)
{
	const struct battery_state *state = &walk.site.batteries[0];
	const struct gate_path open = {
	    .open_for_ms = INT64_MAX, .clock_factor = 1, .our_clock_factor = 1};
	const struct gate_switching switching = {.source = open, .load = open};
	const struct gate_battery battery = {
	    .is_configured = true,
	    .has_reading = true,
	    .good_in_a_row = GOOD_READINGS_NEEDED,
	    .soc_bp = walk.soc_bp,
	    .temp_min_mc = walk.cold_mc,
	    .temp_max_mc = walk.hot_mc,
	    .ceiling_latch = state->ceiling_latch,
	    .reserve_latch = state->reserve_latch,
	    .charge_cold_latch = state->charge_cold_latch,
	    .charge_hot_latch = state->charge_hot_latch,
	    .discharge_cold_latch = state->discharge_cold_latch,
	    .discharge_hot_latch = state->discharge_hot_latch,
	};

	return safety_permit(&battery, limits, &switching, wanted);
}

/* Returns how often something was forbidden. */
static int check_gate(const struct gate_limits *given)
{
	struct gate_limits limits = *given;
	bool may_charge =
	    !walk.ceiling.is_set && !walk.charge_cold.is_set && !walk.charge_hot.is_set;
	bool may_discharge =
	    !walk.reserve.is_set && !walk.discharge_cold.is_set && !walk.discharge_hot.is_set;

	limits.switches_per_day = 1;
	limits.dwell_ms = 0;
	assert_int_equal(ask(&limits, INTENT_CHARGE).source_is_on, may_charge);
	assert_int_equal(ask(&limits, INTENT_DISCHARGE).load_is_on, may_discharge);
	return !may_charge + !may_discharge;
}

static void a_limit_that_tripped_releases_only_beyond_its_hysteresis(void **state)
{
	int forbidden = 0;

	(void)state;
	chance = 6;
	for (int i = 0; i < WALKS; i++) {
		begin_walk();
		for (int j = 0; j < STEPS; j++) {
			struct gate_limits limits =
			    limits_of(&walk.house.batteries[0], &walk.site.settings[0]);

			move_on();
			expect_all(&limits);
			limits_follow(&walk.turn, 0,
				      (struct limit_values){walk.soc_bp, walk.cold_mc, walk.hot_mc},
				      true);
			forbidden += check_gate(&limits);
		}
	}
	/* The walks must have been at both sides. */
	assert_in_range(forbidden, WALKS * STEPS / 4, 2 * WALKS * STEPS * 3 / 4);
}

static void a_reading_that_is_not_good_releases_nothing(void **state)
{
	(void)state;
	chance = 66;
	for (int i = 0; i < WALKS; i++) {
		struct battery_state before;

		begin_walk();
		for (int j = 0; j < 50; j++) {
			move_on();
			before = walk.site.batteries[0];
			limits_follow(&walk.turn, 0,
				      (struct limit_values){walk.soc_bp, walk.cold_mc, walk.hot_mc},
				      false);
			assert_true(walk.site.batteries[0].ceiling_latch >= before.ceiling_latch);
			assert_true(walk.site.batteries[0].reserve_latch >= before.reserve_latch);
			assert_true(walk.site.batteries[0].charge_cold_latch >=
				    before.charge_cold_latch);
			assert_true(walk.site.batteries[0].charge_hot_latch >=
				    before.charge_hot_latch);
		}
	}
}

/* ---- S7 ---- */

static struct scene scene;

/* Every ON that came of the last event carries a lease that ends no later than the reading's
 * validity. */
static int check_leases(int64_t measured_ms)
{
	int64_t age_ms = scene.now.mono.ms - measured_ms;
	int64_t valid_ms = setting(&scene.site.settings[0], PARAMETER_STALE_AFTER) - age_ms;
	int count = 0;

	for (size_t i = 0; i < scene.sent_count; i++) {
		const struct relay_command *command = &scene.sent[i].relay;

		if (!command->is_on)
			continue;
		assert_true(command->has_lease);
		assert_int_equal(command->lease_ms % 1000, 0);
		assert_in_range(command->lease_ms, 1000, valid_ms);
		count++;
	}
	return count;
}

/* A reading near the one before, as a battery can have it, perhaps measured a while ago. */
static struct event next_reading(int32_t *soc_bp, int32_t *temp_mc)
{
	struct event event;

	*soc_bp = kept_within(*soc_bp + between(-5, 5), 1500, 9000);
	*temp_mc = kept_within(*temp_mc + between(-20, 20), 4000, 30000);
	event = scene_reading(*soc_bp / 100.0, *temp_mc / 1000.0);
	if (between(0, 2) == 0) {
		event.reading.reading.has_time = true;
		event.reading.reading.measured.ms = scene.now.wall.ms - between(0, 60000);
	}
	return event;
}

static void every_on_carries_a_lease_no_longer_than_its_reading_is_valid(void **state)
{
	struct event tick = {.kind = EVENT_TICK};
	int32_t soc_bp = 2500, temp_mc = 6000;
	int leases = 0;

	(void)state;
	chance = 7;
	scene_begin(&scene);
	scene_set(&scene, PARAMETER_SWITCHES_PER_DAY, 1000);
	for (int i = 0; i < WALKS * STEPS / 10; i++) {
		struct event event = tick;
		int32_t pause_ms = between(1, 20000);

		scene.now.mono.ms += pause_ms;
		scene.now.wall.ms += pause_ms;
		if (between(0, 99) == 0)
			scene_set(&scene, PARAMETER_STALE_AFTER, between(5, 300) * 1000);
		if (between(0, 3) > 0)
			event = next_reading(&soc_bp, &temp_mc);
		scene_give(&scene, &event);
		leases += check_leases(scene_battery(&scene)->measured_at.ms);
	}
	assert_in_range(leases, WALKS * STEPS / 1000, WALKS * STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_limit_that_tripped_releases_only_beyond_its_hysteresis),
	    cmocka_unit_test(a_reading_that_is_not_good_releases_nothing),
	    cmocka_unit_test(every_on_carries_a_lease_no_longer_than_its_reading_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
