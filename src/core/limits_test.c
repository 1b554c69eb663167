/* The six limits with a latch: what they say when they trip, and where they release. */
#include "core/test_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define WORDS_MAX 256

static struct scene scene;

struct state {
	double soc_pct, temp_c;
};

static void say(struct state at, int count)
{
	scene_say_times(&scene, at.soc_pct, at.temp_c, count);
}

/* In two steps, so that no battery could not have done it. */
static void move(struct state from, struct state to)
{
	struct state between = {(from.soc_pct + to.soc_pct) / 2, (from.temp_c + to.temp_c) / 2};

	say(between, 60);
	say(to, 1);
}

static void assert_words(const char *words)
{
	char data[WORDS_MAX];
	struct text text = text_in(data, sizeof(data));

	decision_format(&scene_battery(&scene)->decision, NULL, &text);
	assert_string_equal(data, words);
}

static void assert_flip(const char *flip)
{
	char data[WORDS_MAX];
	struct text text = text_in(data, sizeof(data));

	reason_format_flip(&scene_battery(&scene)->decision.flip, NULL, &text);
	assert_string_equal(data, flip);
}

static void what_flips_a_limit_that_trips_is_where_it_releases(void **state)
{
	static const struct {
		enum intent intent;
		struct state good, tripped, nearly, released;
		const char *words;
	} rows[] = {
	    {INTENT_CHARGE,
	     {94, 20},
	     {95, 20},
	     {93, 20},
	     {92.99, 20},
	     "Stopped because it is 95 % full; charging is allowed below 95 %. It would charge again "
	     "below 93 %."},
	    {INTENT_DISCHARGE,
	     {11, 20},
	     {10, 20},
	     {11.99, 20},
	     {12, 20},
	     "Stopped because 10 % are left; your reserve is 10 %. It would be used again from 12 %."},
	    {INTENT_CHARGE,
	     {50, 5},
	     {50, 4.9},
	     {50, 6.99},
	     {50, 7},
	     "Stopped because the battery is 4.9 °C; charging is allowed from 5.0 °C. It would charge "
	     "again from 7.0 °C."},
	    {INTENT_CHARGE,
	     {50, 45},
	     {50, 45.1},
	     {50, 43.01},
	     {50, 43},
	     "Stopped because the battery is 45.1 °C; charging is allowed up to 45.0 °C. It would "
	     "charge again at 43.0 °C or less."},
	    {INTENT_DISCHARGE,
	     {50, -20},
	     {50, -20.1},
	     {50, -18.01},
	     {50, -18},
	     "Stopped because the battery is -20.1 °C; it may be used from -20.0 °C. It would be used "
	     "again from -18.0 °C."},
	    {INTENT_DISCHARGE,
	     {50, 50},
	     {50, 50.1},
	     {50, 48.01},
	     {50, 48},
	     "Stopped because the battery is 50.1 °C; it may be used up to 50.0 °C. It would be used "
	     "again at 48.0 °C or less."},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		const bool *is_on;

		scene_begin(&scene);
		scene_set(&scene, PARAMETER_CHARGE_MAX_TEMP, 45000);
		is_on = &scene.relays[rows[i].intent == INTENT_CHARGE ? SOURCE : LOAD].is_on;
		say(rows[i].good, 2);
		scene_override(&scene, rows[i].intent, 6 * MS_PER_HOUR);
		assert_true(*is_on);
		say(rows[i].tripped, 1);
		assert_false(*is_on);
		assert_words(rows[i].words);
		move(rows[i].tripped, rows[i].nearly);
		assert_false(*is_on);
		assert_flip(strstr(rows[i].words, "It would"));
		say(rows[i].released, 1);
		assert_true(*is_on);
	}
}

/* A message that could not be meant, and comes twice, looks like a sensor that was recalibrated. */
static void a_leap_that_comes_twice_releases_no_limit(void **state)
{
	(void)state;
	scene_begin(&scene);
	say((struct state){94, 20}, 2);
	scene_override(&scene, INTENT_CHARGE, 6 * MS_PER_HOUR);
	say((struct state){95, 20}, 1);
	move((struct state){95, 20}, (struct state){94, 20});
	assert_int_equal(scene_reason(&scene), REASON_CEILING_LATCHED);
	say((struct state){0, 20}, 2);
	say((struct state){94, 20}, 365); /* an hour at one level is believed */
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
	assert_false(scene_charges(&scene));
	move((struct state){94, 20}, (struct state){92.9, 20});
	assert_true(scene_charges(&scene));
}

static void what_flips_a_wish_that_the_rule_has_begun_is_where_it_ends(void **state)
{
	(void)state;
	scene_begin(&scene);
	scene_say_times(&scene, 29.9, 20, 2);
	assert_int_equal(scene_reason(&scene), REASON_CHARGE_BELOW);
	assert_flip("It would stop at 80 %.");
	scene_ramp(&scene, 29.9, 60, 20);
	assert_int_equal(scene_reason(&scene), REASON_CHARGE_UNTIL);
	assert_flip("It would stop at 80 %.");
	scene_set(&scene, PARAMETER_CHARGE_UNTIL, 6000);
	scene_say_times(&scene, 60, 20, 1);
	assert_int_equal(scene_reason(&scene), REASON_DISCHARGE_ABOVE);
	assert_flip("It would stop at 35 %.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_flips_a_limit_that_trips_is_where_it_releases),
	    cmocka_unit_test(what_flips_a_wish_that_the_rule_has_begun_is_where_it_ends),
	    cmocka_unit_test(a_leap_that_comes_twice_releases_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
