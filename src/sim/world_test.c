#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/result.h"
#include "sim/world.h"

static const struct faults NONE;

static struct world_settings settings_of(size_t batteries)
{
	return (struct world_settings){
	    .seed = 7,
	    .battery_count = batteries,
	    .capacity_wh = 5000,
	    .power_w = 5000,
	    .soc_pct = 50,
	    .start_s = 10 * 3600,
	};
}

static struct world *world_of(const struct world_settings *settings)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world_init(world, settings);
	return world;
}

static void world_steps(struct world *world, const struct faults *faults, int count)
{
	for (int i = 0; i < count; i++)
		world_step(world, faults);
}

static void world_repeats_itself_bit_for_bit(void **state)
{
	struct world_settings settings = settings_of(2);
	struct world *first = world_of(&settings), *second = world_of(&settings);

	(void)state;
	first->batteries[0].is_closed[RELAY_SOURCE] = true;
	second->batteries[0].is_closed[RELAY_SOURCE] = true;
	for (int i = 0; i < 86400; i++) {
		world_step(first, &NONE);
		world_step(second, &NONE);
		struct world_sensed one = world_sense(first, 0), other = world_sense(second, 0);

		assert_memory_equal(&one, &other, sizeof(one));
	}
	assert_memory_equal(first->batteries, second->batteries, sizeof(first->batteries));
	assert_memory_equal(&first->grid_w, &second->grid_w, sizeof(double));
	free(first);
	free(second);
}

static void world_differs_with_the_seed(void **state)
{
	struct world_settings settings = settings_of(1);
	struct world *first = world_of(&settings);

	(void)state;
	settings.seed = 8;
	struct world *second = world_of(&settings);

	world_steps(first, &NONE, 3600);
	world_steps(second, &NONE, 3600);
	assert_true(first->surroundings.pv_w != second->surroundings.pv_w);
	free(first);
	free(second);
}

static void world_keeps_sun_and_load_within_reason(void **state)
{
	struct world_settings settings = settings_of(1);
	struct world *world = world_of(&settings);

	(void)state;
	for (int i = 0; i < 2 * 86400; i++) {
		double pv_before_w = world->surroundings.pv_w;

		world_step(world, &NONE);
		const struct surroundings *now = &world->surroundings;
		int32_t second = world_second_of_day(world);

		assert_true(now->pv_w >= 0 && now->pv_w <= now->pv_peak_w);
		assert_true(now->load_w >= now->load_base_w && now->load_w < 10000);
		assert_true(fabs(now->pv_w - pv_before_w) < 200 || i == 0);
		if (second < 6 * 3600 || second > 18 * 3600 + 1)
			assert_true(now->pv_w == 0);
	}
	free(world);
}

static void world_charges_with_the_sun_and_feeds_the_load(void **state)
{
	struct world_settings settings = settings_of(1);
	struct world *world = world_of(&settings);
	struct world_battery *at = &world->batteries[0];

	(void)state;
	world_step(world, &NONE);
	assert_true(at->flow.power_w == 0);
	at->is_closed[RELAY_SOURCE] = true;
	world_step(world, &NONE);
	assert_true(at->flow.power_w == fmin(5000, world->surroundings.pv_w));
	at->is_closed[RELAY_SOURCE] = false;
	at->is_closed[RELAY_LOAD] = true;
	world_step(world, &NONE);
	assert_true(at->flow.power_w == -fmin(5000, world->surroundings.load_w));
	free(world);
}

static void world_batteries_share_the_sun_and_the_grid_takes_the_rest(void **state)
{
	struct world_settings settings = settings_of(3);
	struct world *world = world_of(&settings);
	double sum_w = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		world->batteries[i].is_closed[RELAY_SOURCE] = true;
	world_steps(world, &NONE, 600);
	for (size_t i = 0; i < 3; i++)
		sum_w += world->batteries[i].flow.power_w;
	assert_true(fabs(sum_w - world->surroundings.pv_w) < 1e-6);
	assert_true(fabs(world->grid_w - world->surroundings.load_w) < 1e-6);
	free(world);
}

static void world_fault_cloud_leaves_a_twentieth_of_the_sun(void **state)
{
	struct world_settings settings = settings_of(1);
	struct world *clear = world_of(&settings), *dark = world_of(&settings);
	struct faults faults = {0};
	char said[128];
	struct text error = text_in(said, sizeof(said));

	(void)state;
	assert_int_equal(faults_set(&faults, "cloud", 1, &error), 0);
	world_steps(clear, &NONE, 100);
	world_steps(dark, &faults, 100);
	assert_true(fabs(dark->surroundings.pv_w - clear->surroundings.pv_w / 20) < 1e-9);
	free(clear);
	free(dark);
}

static void world_fault_hot_passes_the_limit_soon_and_never_70_degrees(void **state)
{
	struct world_settings settings = settings_of(2);
	struct world *world = world_of(&settings);
	struct faults faults = {0};
	char said[128];
	struct text error = text_in(said, sizeof(said));
	double before_c = world->batteries[0].battery.temp_c;

	(void)state;
	assert_int_equal(faults_set(&faults, "battery-hot b1", 2, &error), 0);
	for (int i = 0; i < 600; i++) {
		world_step(world, &faults);
		double now_c = world->batteries[0].battery.temp_c;

		assert_true(now_c > before_c && now_c - before_c < 0.1);
		before_c = now_c;
	}
	assert_true(before_c > 50);
	world_steps(world, &faults, 7200);
	assert_true(world->batteries[0].battery.temp_c < 70.0);
	assert_true(world->batteries[1].battery.temp_c < 25);
	free(world);
}

static void world_senses_within_the_stated_error(void **state)
{
	struct world_settings settings = settings_of(1);
	struct world *world = world_of(&settings);
	struct world_battery *at = &world->batteries[0];

	(void)state;
	at->is_closed[RELAY_LOAD] = true;
	for (int i = 0; i < 3600; i++) {
		world_step(world, &NONE);
		struct world_sensed sensed = world_sense(world, 0);
		double soc_pct = battery_soc_pct(&at->traits, &at->battery);

		assert_true(fabs(sensed.soc_pct - soc_pct) <= WORLD_SENSED_SOC_PCT + 1e-9);
		assert_true(fabs(sensed.temp_c - at->battery.temp_c) <= WORLD_SENSED_TEMP_C + 1e-9);
	}
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(world_repeats_itself_bit_for_bit),
	    cmocka_unit_test(world_differs_with_the_seed),
	    cmocka_unit_test(world_keeps_sun_and_load_within_reason),
	    cmocka_unit_test(world_charges_with_the_sun_and_feeds_the_load),
	    cmocka_unit_test(world_batteries_share_the_sun_and_the_grid_takes_the_rest),
	    cmocka_unit_test(world_fault_cloud_leaves_a_twentieth_of_the_sun),
	    cmocka_unit_test(world_fault_hot_passes_the_limit_soon_and_never_70_degrees),
	    cmocka_unit_test(world_senses_within_the_stated_error),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
