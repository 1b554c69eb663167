/* A plan decides while it counts: below people, above the rules, never above safety. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/test_house.h"

#define HALF_HOUR (30 * (int64_t)MS_PER_MINUTE)

/* b1 follows plans, is half full and well heard. */
static void begin(struct scene *scene)
{
	scene_begin(scene);
	scene_set(scene, PARAMETER_LOGIC, LOGIC_PLAN);
	scene_say_times(scene, 50, 20, 3);
}

static struct event plan_of(const struct scene *scene, enum intent intent, enum reason_code code,
			    int64_t for_ms)
{
	return (struct event){
	    .kind = EVENT_PLAN,
	    .plan = {.number = 7,
		     .version = scene_battery(scene)->plan_version,
		     .intent = intent,
		     .reason = {code, 5000, 8000},
		     .until = mono_add(scene->now.mono, for_ms)},
	};
}

static void plan(struct scene *scene, enum intent intent, enum reason_code code, int64_t for_ms)
{
	struct event event = plan_of(scene, intent, code, for_ms);

	scene_give(scene, &event);
}

static void assert_words(const struct scene *scene, const char *wanted)
{
	char buffer[300];
	struct text words = text_in(buffer, sizeof(buffer));

	scene_words(scene, &words);
	assert_string_equal(buffer, wanted);
}

/* The threshold rule decides, and the loser's reason is `why`. */
static void assert_no_plan(const struct scene *scene, enum reason_code why)
{
	const struct decision *decision = &scene_battery(scene)->decision;

	assert_int_equal(decision->winner, DECIDER_THRESHOLD);
	assert_true(decision->wishes[DECIDER_PLAN].is_given);
	assert_int_equal(decision->wishes[DECIDER_PLAN].reason.code, why);
}

static void a_plan_decides_and_its_relay_follows(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	assert_no_plan(&scene, REASON_PLAN_NONE);
	assert_words(&scene,
		     "Resting because 50 % is neither low enough to charge nor high enough to use; "
		     "the rule decides, as there is no plan. It would charge below 30 %.");
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_PLAN);
	assert_words(&scene,
		     "Charging because the plan fills it: it is 50 % full, and is to be 80 %. It "
		     "would stop at 80 %.");
	plan(&scene, INTENT_DISCHARGE, REASON_PLAN_SERVE, HALF_HOUR);
	scene_pass(&scene, 3000);
	assert_true(scene_discharges(&scene));
	plan(&scene, INTENT_SAFE, REASON_PLAN_KEEP, HALF_HOUR);
	assert_false(scene_charges(&scene) || scene_discharges(&scene));
}

static void only_with_logic_plan(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_THRESHOLD);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	assert_false(scene_charges(&scene));
	assert_false(scene_battery(&scene)->decision.wishes[DECIDER_PLAN].is_given);
}

static void a_plan_ends_on_the_monotonic_clock_and_the_rule_says_so(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, 25000);
	scene_say_times(&scene, 50, 20, 2);
	scene_pass(&scene, 4000);
	assert_true(scene_charges(&scene));
	scene_pass(&scene, 1000);
	assert_false(scene_charges(&scene));
	assert_no_plan(&scene, REASON_PLAN_EXPIRED);
	/* Time alone ends it: the core asks to be looked at then. */
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, 1500);
	assert_in_range(
	    core_next_due_ms(&scene.site, &scene.house, scene.now, scene.now.mono, CORE_DUE_MAX_MS),
	    1, 1500);
	/* No plan lasts longer than an hour, whatever it says. */
	plan(&scene, INTENT_SAFE, REASON_PLAN_KEEP, INT64_MAX / 2);
	assert_int_equal(mono_since(scene_battery(&scene)->plan.until, scene.now.mono),
			 PLAN_WISH_MAX_MS);
}

static void what_a_plan_cannot_want_changes_nothing(void **state)
{
	struct scene scene;
	struct event event;

	(void)state;
	begin(&scene);
	plan(&scene, INTENT_CHARGE, REASON_CHARGE_BELOW, HALF_HOUR);
	assert_no_plan(&scene, REASON_PLAN_NONE);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_EXPIRED, HALF_HOUR);
	assert_no_plan(&scene, REASON_PLAN_NONE);
	event = plan_of(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	event.plan.version--;
	scene_give(&scene, &event);
	assert_no_plan(&scene, REASON_PLAN_NONE);
	event.plan.version++;
	event.index = BATTERIES_MAX;
	scene_give(&scene, &event);
	assert_no_plan(&scene, REASON_PLAN_NONE);
	event.index = 0;
	scene_give(&scene, &event);
	assert_true(scene_charges(&scene));
	event.plan.number = 0;
	scene_give(&scene, &event);
	assert_false(scene_charges(&scene));
	assert_no_plan(&scene, REASON_PLAN_NONE);
}

static void case_m2_a_person_beats_the_plan_and_one_from_before_is_discarded(void **state)
{
	struct scene scene;
	struct event of_before;

	(void)state;
	begin(&scene);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	of_before = plan_of(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	scene_override(&scene, INTENT_SAFE, MS_PER_MINUTE);
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_OVERRIDE);
	assert_false(scene_charges(&scene));
	scene_say_times(&scene, 50, 20, 7);
	assert_no_plan(&scene, REASON_PLAN_OVERRIDDEN);
	/* Nor does one count that was made before, and comes late. */
	scene_give(&scene, &of_before);
	assert_no_plan(&scene, REASON_PLAN_OVERRIDDEN);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	assert_true(scene_charges(&scene));
}

static void a_leap_of_the_state_of_charge_makes_it_void(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	scene_say_times(&scene, 80, 20, 1);
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_SAFETY);
	scene_say_times(&scene, 50, 20, 3);
	assert_no_plan(&scene, REASON_PLAN_LEAPT);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_PLAN);
}

/* Then it is a person's word on the other relay that decides: what was opened was the leap's. */
static void a_leap_gives_the_closing_of_a_plan_back_whoever_decides_then(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	scene_say_times(&scene, 90, 20, 3);
	scene_override_relay(&scene, LOAD, false, MS_PER_HOUR);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_REST, HALF_HOUR);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene.site.relays[SOURCE].switches_today, 1);
	scene_say(&scene, 10, 20);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_SUSPECT);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_OVERRIDE);
	assert_int_equal(scene.site.relays[SOURCE].switches_today, 0);
}

static void a_lockout_makes_it_void(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	scene_set(&scene, PARAMETER_TRIPS_PER_DAY, 1);
	scene_say_times(&scene, 94.8, 20, 5);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	scene_say_times(&scene, 94.8, 20, 2);
	assert_true(scene_charges(&scene));
	scene_say_times(&scene, 95.1, 20, 1);
	assert_int_equal(scene_reason(&scene), REASON_LOCKED_OUT);
	scene_acknowledge(&scene, ALERT_LOCKED_OUT);
	scene_say_times(&scene, 94.9, 20, 3);
	assert_no_plan(&scene, REASON_PLAN_LOCKED);
}

static void without_a_trusted_clock_no_plan_counts(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	scene.now.wall_is_trusted = false;
	scene_say_times(&scene, 50, 20, 1);
	assert_no_plan(&scene, REASON_PLAN_CLOCK);
	scene.now.wall_is_trusted = true;
	scene_say_times(&scene, 50, 20, 1);
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_PLAN);
}

static void the_gate_has_the_last_word(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	scene_say_times(&scene, 50, 2, 3);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_SAFETY);
	assert_int_equal(scene_battery(&scene)->decision.wanted, INTENT_CHARGE);
}

/* 101 %, as some gauges say: nothing is done by it, and the plan goes on once it is over. */
static void a_plan_does_not_act_on_a_charge_that_cannot_be(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	plan(&scene, INTENT_CHARGE, REASON_PLAN_CHARGE, HALF_HOUR);
	assert_true(scene_charges(&scene));
	scene_pass(&scene, 10000);
	scene_refuse(&scene);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_SAFETY);
	assert_int_equal(scene_battery(&scene)->decision.wishes[DECIDER_PLAN].intent,
			 INTENT_CHARGE);
	scene_say_times(&scene, 50, 20, 3);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_PLAN);
}

static void assert_closed(const struct scene *scene, bool source, bool load, enum intent intent)
{
	assert_int_equal(scene->relays[SOURCE].is_on, source);
	assert_int_equal(scene->relays[LOAD].is_on, load);
	assert_int_equal(scene_battery(scene)->decision.intent, intent);
}

/* A limit of one path leaves the other; and none closes against what people and the gate say. */
static void independent_paths_may_both_be_closed(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	scene.house.batteries[0].paths_are_independent = true;
	scene_set(&scene, PARAMETER_CEILING, 6000);
	plan(&scene, INTENT_BOTH, REASON_PLAN_SUN, HALF_HOUR);
	assert_closed(&scene, true, true, INTENT_BOTH);
	scene_ramp(&scene, 50, 60, 20);
	assert_closed(&scene, false, true, INTENT_DISCHARGE);
	assert_int_equal(scene_battery(&scene)->decision.wanted, INTENT_BOTH);
	begin(&scene);
	scene.house.batteries[0].paths_are_independent = true;
	scene_set(&scene, PARAMETER_RESERVE, 4000);
	plan(&scene, INTENT_BOTH, REASON_PLAN_SUN, HALF_HOUR);
	scene_ramp(&scene, 50, 40, 20);
	assert_closed(&scene, true, false, INTENT_CHARGE);
	scene_pass(&scene, 5 * MS_PER_MINUTE);
	assert_closed(&scene, false, false, INTENT_SAFE);
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_SAFETY);
}

static void a_person_takes_one_of_both_paths(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	scene.house.batteries[0].paths_are_independent = true;
	plan(&scene, INTENT_BOTH, REASON_PLAN_SUN, HALF_HOUR);
	scene_override_relay(&scene, SOURCE, false, HALF_HOUR);
	assert_false(scene.relays[SOURCE].is_on);
	begin(&scene);
	scene.house.batteries[0].paths_are_independent = true;
	plan(&scene, INTENT_BOTH, REASON_PLAN_SUN, HALF_HOUR);
	scene_override(&scene, INTENT_DISCHARGE, HALF_HOUR);
	assert_closed(&scene, false, true, INTENT_DISCHARGE);
}

static void exclusive_paths_are_never_both_wanted(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	plan(&scene, INTENT_BOTH, REASON_PLAN_SUN, HALF_HOUR);
	assert_closed(&scene, false, false, INTENT_SAFE);
	assert_no_plan(&scene, REASON_PLAN_NONE);
}

/* What the house takes hides what comes in: nobody can say that charging has no effect. */
static void charging_while_the_house_is_fed_is_not_without_effect(void **state)
{
	struct scene scene;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(&scene);
		scene.house.batteries[0].paths_are_independent = true;
		plan(&scene, i == 0 ? INTENT_CHARGE : INTENT_BOTH, REASON_PLAN_SUN, HALF_HOUR);
		for (int minute = 0; minute < 25; minute++)
			scene_say_times(&scene, 50 + 0.1 * (minute % 2), 20, 6);
		assert_int_equal(
		    (scene_battery(&scene)->alert_bits & UINT64_C(1) << ALERT_NO_EFFECT) != 0,
		    i == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plan_does_not_act_on_a_charge_that_cannot_be),
	    cmocka_unit_test(independent_paths_may_both_be_closed),
	    cmocka_unit_test(a_person_takes_one_of_both_paths),
	    cmocka_unit_test(exclusive_paths_are_never_both_wanted),
	    cmocka_unit_test(charging_while_the_house_is_fed_is_not_without_effect),
	    cmocka_unit_test(a_plan_decides_and_its_relay_follows),
	    cmocka_unit_test(only_with_logic_plan),
	    cmocka_unit_test(a_plan_ends_on_the_monotonic_clock_and_the_rule_says_so),
	    cmocka_unit_test(what_a_plan_cannot_want_changes_nothing),
	    cmocka_unit_test(case_m2_a_person_beats_the_plan_and_one_from_before_is_discarded),
	    cmocka_unit_test(a_leap_of_the_state_of_charge_makes_it_void),
	    cmocka_unit_test(a_leap_gives_the_closing_of_a_plan_back_whoever_decides_then),
	    cmocka_unit_test(a_lockout_makes_it_void),
	    cmocka_unit_test(without_a_trusted_clock_no_plan_counts),
	    cmocka_unit_test(the_gate_has_the_last_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
