/* A battery that comes to the house while the core runs, and one that leaves it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/test_house.h"

static struct scene scene;

/* A battery without relays behind b1, whose SoC is then `soc_bp`. */
static void let_in(const char *name, int32_t soc_bp)
{
	size_t index = scene.house.battery_count++;
	struct battery_config *config = &scene.house.batteries[index];
	struct event event = {.kind = EVENT_READING, .index = index};

	*config = (struct battery_config){0};
	strcpy(config->id.text, name);
	config->node = config->id;
	core_admit(&scene.site, index, &scene.settings[0], scene.now);
	event.reading.reading.node = config->node;
	event.reading.reading.soc_bp = soc_bp;
	event.reading.reading.temp_min_mc = event.reading.reading.temp_max_mc = 20000;
	scene_give(&scene, &event);
}

static void one_that_comes_begins_with_nothing_heard_and_is_watched(void **state)
{
	static struct site before;

	(void)state;
	scene_begin(&scene);
	before = scene.site;
	scene.house.batteries[1] = (struct battery_config){.id = {"shed"}, .node = {"shed"}};
	scene.site.batteries[1].trips_today = 3; /* of one that was there before */
	core_admit(&scene.site, 1, &scene.settings[0], scene.now);
	assert_int_equal(scene.site.batteries[1].trips_today, 0);
	assert_false(scene.site.batteries[1].has_reading);
	assert_int_equal(scene.site.batteries[1].measured_at.ms, scene.now.mono.ms);
	/* Nothing else is touched. */
	assert_memory_equal(&scene.site.batteries[0], &before.batteries[0],
			    sizeof(before.batteries[0]));
	assert_memory_equal(scene.site.relays, before.relays, sizeof(before.relays));
	scene.house.battery_count = 1;
	let_in("shed", 4200);
	assert_int_equal(scene.site.batteries[1].reading.soc_bp, 4200);
	assert_int_equal(scene.sent_count, 0);
}

static void one_that_leaves_takes_its_state_and_leaves_the_others_theirs(void **state)
{
	static const struct battery_state NOTHING;

	(void)state;
	scene_begin(&scene);
	let_in("shed", 4200);
	let_in("attic", 6100);
	let_in("cellar", 7300);
	core_forget(&scene.site, 2, scene.house.battery_count--);
	assert_int_equal(scene.site.batteries[1].reading.soc_bp, 4200);
	assert_int_equal(scene.site.batteries[2].reading.soc_bp, 7300);
	assert_memory_equal(&scene.site.batteries[3], &NOTHING, sizeof(NOTHING));
	core_forget(&scene.site, 2, scene.house.battery_count--);
	assert_int_equal(scene.site.batteries[1].reading.soc_bp, 4200);
	assert_memory_equal(&scene.site.batteries[2], &NOTHING, sizeof(NOTHING));
}

/* r2 leaves and comes again, while r1 stays as it is. */
static void a_relay_that_comes_begins_unread_and_one_that_leaves_moves_those_behind_it(void **state)
{
	struct relay_state second;
	struct opening opening;

	(void)state;
	scene_begin(&scene);
	second = scene.site.relays[LOAD];
	second.switches_today = 7;
	scene.site.relays[LOAD].switches_today = 7;
	core_forget_relay(&scene.site, SOURCE, scene.house.relay_count);
	assert_memory_equal(&scene.site.relays[SOURCE], &second, sizeof(second));
	assert_false(scene.site.relays[LOAD].is_heard);
	core_admit_relay(&scene.site, LOAD, scene.now);
	assert_int_equal(scene.site.relays[LOAD].phase, RELAY_UNKNOWN);
	assert_int_equal(scene.site.relays[LOAD].switches_today, 0);
	assert_true(scene.site.relays[LOAD].may_be_on);
	assert_int_equal(scene.site.relays[LOAD].opened_at.ms, scene.now.mono.ms);
	assert_int_equal(scene.site.relays[LOAD].day, scene.site.local_day);
	opening = core_opening(&scene.site, &scene.house, scene.now, LOAD);
	assert_false(opening.was_heard);
}

/* b1 wants to be charged; the relay of it that is let in waits for its dwell, as all do. */
static void a_relay_that_comes_waits_for_its_readback_and_its_dwell(void **state)
{
	(void)state;
	scene_begin(&scene);
	scene_set(&scene, PARAMETER_DWELL, 60000);
	core_admit_relay(&scene.site, SOURCE, scene.now);
	scene_say(&scene, 15, 20);
	assert_int_equal(scene_ons_sent(&scene), 0);
	scene_read(&scene, SOURCE);
	assert_int_equal(scene_ons_sent(&scene), 0);
	assert_false(scene_charges(&scene));
	scene_say_times(&scene, 15, 20, 7);
	assert_true(scene_charges(&scene));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_that_comes_begins_with_nothing_heard_and_is_watched),
	    cmocka_unit_test(one_that_leaves_takes_its_state_and_leaves_the_others_theirs),
	    cmocka_unit_test(
		a_relay_that_comes_begins_unread_and_one_that_leaves_moves_those_behind_it),
	    cmocka_unit_test(a_relay_that_comes_waits_for_its_readback_and_its_dwell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
