/* The ageing models give what their papers' formulas give, and add up as they should. */
#include "plan/ageing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#define YEAR_H 8766

/* A battery that stands for a year. */
static struct ageing_loss stands(enum ageing_model model, float share, float temp_c, int pieces)
{
	struct ageing ageing = {0};

	for (int i = 0; i < pieces; i++)
		ageing_take(&ageing, share, temp_c, (float)YEAR_H / (float)pieces);
	return ageing_after(&ageing, model, 1);
}

/* Goes up and down between two states of charge, `count` times within a year. */
static struct ageing_loss cycles(enum ageing_model model, float low, float high, int count)
{
	struct ageing ageing = {0};

	ageing_take(&ageing, low, 25, 0);
	for (int i = 0; i < count; i++) {
		ageing_take(&ageing, high, 25, YEAR_H / (float)(2 * count));
		ageing_take(&ageing, low, 25, YEAR_H / (float)(2 * count));
	}
	return ageing_after(&ageing, model, 1);
}

static void storage_is_as_the_papers_formulas_have_it(void **state)
{
	double seconds = YEAR_H * 3600.0, days = YEAR_H / 24.0;

	(void)state;
	/* Naumann: k_ref (c (SOC - 0.5)^3 + d) sqrt(t) at 25 °C; 4.25 % at half, 6.8 % at full. */
	assert_float_equal(stands(AGEING_LFP, 0.5f, 25, 1).calendar,
			   1.2571e-5 * 0.60225 * sqrt(seconds), 1e-5);
	assert_float_equal(stands(AGEING_LFP, 1, 25, 1).calendar,
			   1.2571e-5 * (2.8575 / 8 + 0.60225) * sqrt(seconds), 1e-5);
	assert_float_equal(stands(AGEING_LFP, 0.5f, 40, 1).calendar,
			   1.2571e-5 * 0.60225 * sqrt(seconds) *
			       exp(-17126 / 8.314462618 * (1 / 313.15 - 1 / 298.15)),
			   1e-5);
	/* Schmalstieg: (7.543 V - 23.75) 10^6 exp(-6976 / T) t^0.75; 3.697 V at half. */
	assert_float_equal(stands(AGEING_NMC, 0.5f, 35, 1).calendar,
			   (7.543 * 3.697 - 23.75) * 1e6 * exp(-6976 / 308.15) * pow(days, 0.75),
			   1e-5);
	assert_float_equal(stands(AGEING_NMC, 0.5f, 35, 1).cycles, 0, 1e-12);
}

static void cycles_are_as_the_papers_formulas_have_it(void **state)
{
	/* 300 of 40 %: 120 full ones, each half in 14.6 h. */
	double rate = 0.4 / (YEAR_H / 600.0);

	(void)state;
	assert_float_equal(cycles(AGEING_LFP, 0.3f, 0.7f, 300).cycles,
			   (0.063 * rate + 0.0971) * (4.0253 * -0.008 + 1.0923) * sqrt(120) / 100,
			   2e-4);
	assert_float_equal(cycles(AGEING_NMC, 0.3f, 0.7f, 300).cycles,
			   (7.348e-3 * 0.03 * 0.03 + 7.6e-4 + 4.081e-3 * 0.4) * sqrt(120 * 4.1),
			   2e-4);
}

static void it_does_not_matter_in_how_many_pieces_time_comes(void **state)
{
	(void)state;
	for (enum ageing_model model = 0; model < AGEING_MODELS; model++)
		assert_float_equal(stands(model, 0.7f, 30, 1).calendar,
				   stands(model, 0.7f, 30, 1000).calendar, 1e-6);
}

static void warm_full_and_deep_age_more(void **state)
{
	(void)state;
	for (enum ageing_model model = 0; model < AGEING_MODELS; model++) {
		assert_true(stands(model, 0.9f, 25, 1).calendar >
			    stands(model, 0.4f, 25, 1).calendar);
		assert_true(stands(model, 0.5f, 35, 1).calendar >
			    stands(model, 0.5f, 15, 1).calendar);
		/* as much energy, in fewer and deeper cycles */
		assert_true(cycles(model, 0.1f, 0.9f, 150).cycles >
			    cycles(model, 0.4f, 0.6f, 600).cycles);
	}
}

static void more_years_cost_less_each(void **state)
{
	struct ageing ageing = {0};

	(void)state;
	for (int i = 0; i < 400; i++)
		ageing_take(&ageing, i % 2 ? 0.9f : 0.2f, 20, 12);
	for (enum ageing_model model = 0; model < AGEING_MODELS; model++) {
		struct ageing_loss one = ageing_after(&ageing, model, 1),
				   ten = ageing_after(&ageing, model, 10);

		assert_float_equal(ten.calendar / one.calendar,
				   model == AGEING_LFP ? sqrt(10) : pow(10, 0.75), 1e-6);
		assert_float_equal(ten.cycles / one.cycles, sqrt(10), 1e-6);
	}
	assert_float_equal(ageing.cold_hours, 4800, 1e-6);
}

static void what_was_not_seen_is_no_loss(void **state)
{
	struct ageing ageing = {0};

	(void)state;
	assert_float_equal(ageing_after(&ageing, AGEING_LFP, 10).calendar, 0, 0);
	ageing_take(&ageing, 0, -60, 1);
	assert_true(ageing_after(&ageing, AGEING_NMC, 10).calendar >= 0);
	assert_true(isfinite(ageing_after(&ageing, AGEING_NMC, 10).calendar));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(storage_is_as_the_papers_formulas_have_it),
	    cmocka_unit_test(cycles_are_as_the_papers_formulas_have_it),
	    cmocka_unit_test(it_does_not_matter_in_how_many_pieces_time_comes),
	    cmocka_unit_test(warm_full_and_deep_age_more),
	    cmocka_unit_test(more_years_cost_less_each),
	    cmocka_unit_test(what_was_not_seen_is_no_loss),
	};

	return cmocka_run_group_tests_name("plan-ageing", tests, NULL, NULL);
}
