/* Where the forecast of temperature leaves a battery power, and how warm a plan makes it. */
#include "plan/warmth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#define BEGIN_S (20332LL * 86400)
#define HOUR_S 3600
#define SLOTS 24

static const struct warmth_limits LFP = {5, 45, -20, 50};

static struct foresight foresight;
static struct foresight_view view;
static struct plan_share shares[SLOTS];
static float soc_pct[SLOTS], temp_c[SLOTS];

/* `cold_c` from the hour `from` to `to`, else 20 °C. */
static void foresee(int from, int to, float cold_c)
{
	view = (struct foresight_view){.from_s = BEGIN_S, .count = FORESIGHT_STEPS};
	for (int i = 0; i < FORESIGHT_STEPS; i++)
		view.steps[i].temp_c[CONTEST_P50] = i / 4 >= from && i / 4 < to ? cold_c : 20;
	for (int i = 0; i < SLOTS; i++)
		shares[i] = (struct plan_share){1, 1};
}

static bool look(int64_t from_s)
{
	struct warmth_slots slots = {from_s, HOUR_S, SLOTS};

	return warmth_shares(&view, &LFP, &slots, shares);
}

static void within_its_limits_all_of_its_power_is_there(void **state)
{
	(void)state;
	foresee(3, 6, 5);
	assert_false(look(BEGIN_S));
	for (int i = 0; i < SLOTS; i++)
		assert_true(shares[i].charge == 1 && shares[i].discharge == 1);
}

static void too_cold_to_charge_is_not_too_cold_to_feed_the_house(void **state)
{
	(void)state;
	foresee(3, 6, 4.9f);
	shares[4].charge = shares[7].charge = 0.5f;
	assert_true(look(BEGIN_S));
	assert_true(shares[2].charge == 1 && shares[3].charge == 0 && shares[5].charge == 0);
	assert_true(shares[4].charge == 0 && shares[6].charge == 1 && shares[7].charge == 0.5f);
	assert_true(shares[4].discharge == 1);
	foresee(3, 6, -21);
	assert_true(look(BEGIN_S));
	assert_true(shares[3].charge == 0 && shares[3].discharge == 0);
}

static void too_hot_is_like_too_cold(void **state)
{
	(void)state;
	foresee(12, 14, 47);
	assert_true(look(BEGIN_S));
	assert_true(shares[12].charge == 0 && shares[12].discharge == 1);
	foresee(12, 14, 51);
	assert_true(look(BEGIN_S));
	assert_true(shares[13].charge == 0 && shares[13].discharge == 0);
}

static void a_slot_counts_by_its_quarters_and_what_is_not_forecast_is_within(void **state)
{
	(void)state;
	foresee(3, 6, 0);
	/* The forecast begins half an hour after the slot that runs. */
	view.from_s = BEGIN_S + HOUR_S / 2;
	assert_true(look(BEGIN_S));
	assert_true(shares[0].charge == 1);
	assert_float_equal(shares[3].charge, 0.5f, 1e-6);
	assert_true(shares[4].charge == 0);
	assert_float_equal(shares[6].charge, 0.5f, 1e-6);
	foresee(0, 48, 0);
	view.count = 0;
	assert_false(look(BEGIN_S));
	assert_true(shares[0].charge == 1);
}

/* Without a thermal model it is what is forecast anyway; before that nothing is said. */
static void how_warm_it_will_be_is_said_of_each_slots_end(void **state)
{
	struct warmth_slots slots = {BEGIN_S - HOUR_S, HOUR_S, SLOTS};

	(void)state;
	foresight_init(&foresight);
	foresee(1, 2, 8);
	warmth_course(&foresight, &view, &slots, 50, soc_pct, temp_c);
	assert_true(isnan(temp_c[0]));
	assert_float_equal(temp_c[1], 20, 1e-6);
	assert_float_equal(temp_c[2], 8, 1e-6);
	assert_float_equal(temp_c[3], 20, 1e-6);
}

/* Four days that rest at 15 degrees by night and charge at noon, which warms by 8 degrees. */
static void charging_by_plan_warms_as_charging_did(void **state)
{
	struct warmth_slots slots = {BEGIN_S + 6 * 86400, HOUR_S, SLOTS};
	float soc = 30, temp = 15, resting, charging;

	(void)state;
	foresight_init(&foresight);
	for (int i = 0; i < 6 * 96; i++) {
		bool charges = i % 96 >= 44 && i % 96 < 56 && i / 96 % 2 == 0;
		bool uses = i % 96 >= 72 && i % 96 < 84 && i / 96 % 2 == 0;

		soc += charges ? 4 : uses ? -4 : 0;
		temp += (15 - temp) * 0.06f + (charges || uses ? 0.7f : 0);
		foresight_take(&foresight, BEGIN_S + (int64_t)i * DIARY_SECONDS + 600, soc, temp);
	}
	foresight_take(&foresight, slots.from_s, soc, temp);
	foresight_look(&foresight, &view);
	for (int i = 0; i < SLOTS; i++)
		soc_pct[i] = soc;
	warmth_course(&foresight, &view, &slots, soc, soc_pct, temp_c);
	resting = temp_c[13];
	for (int i = 0; i < SLOTS; i++)
		soc_pct[i] = soc + 16 * fminf(fmaxf((float)(i - 10), 0), 3);
	warmth_course(&foresight, &view, &slots, soc, soc_pct, temp_c);
	charging = temp_c[13];
	assert_float_equal(resting, 15, 1);
	assert_true(charging > resting + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(within_its_limits_all_of_its_power_is_there),
	    cmocka_unit_test(too_cold_to_charge_is_not_too_cold_to_feed_the_house),
	    cmocka_unit_test(too_hot_is_like_too_cold),
	    cmocka_unit_test(a_slot_counts_by_its_quarters_and_what_is_not_forecast_is_within),
	    cmocka_unit_test(how_warm_it_will_be_is_said_of_each_slots_end),
	    cmocka_unit_test(charging_by_plan_warms_as_charging_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
