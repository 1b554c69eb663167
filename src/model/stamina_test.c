/* What a battery takes and gives is found from its log, with an interval, or not said. */
#include "model/stamina.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#define QUARTER_MS (15 * MS_PER_MINUTE)

static struct stamina stamina;
static int64_t at_ms;
static double soc_pct;
static uint64_t seed;

static double chance(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 40) / (1 << 24);
}

/* A quarter in which the battery of 10 kWh, 0.9 there and back, moves by `pct`; its gauge shows
 * steps of `step`. */
static void quarter(double pct, double step, bool has_power)
{
	struct rollup_readings readings = {0};
	double wh = fabs(pct) * 100, one_way = sqrt(0.9);

	soc_pct += pct;
	readings.soc_pct.count = 90;
	readings.soc_pct.last = step > 0 ? round(soc_pct / step) * step : soc_pct;
	readings.power_w.count = has_power ? 90 : 20;
	readings.charged_wh = pct > 0 ? wh / one_way : 0;
	readings.discharged_wh = pct < 0 ? wh * one_way : 0;
	stamina_add(&stamina, (struct rollup_span){{at_ms}, {at_ms + QUARTER_MS}}, &readings);
	at_ms += QUARTER_MS;
}

static void begin(void)
{
	stamina = (struct stamina){0};
	at_ms = 0;
	soc_pct = 20;
	seed = 9;
	quarter(0, 0, true);
}

static void cycle(double depth_pct, double step, bool has_power)
{
	for (int i = 0; i < 16; i++)
		quarter(depth_pct / 16, step, has_power);
	quarter(0, step, has_power);
	for (int i = 0; i < 16; i++)
		quarter(-depth_pct / 16, step, has_power);
	quarter(0, step, has_power);
}

static void capacity_and_efficiency_are_found(void **state)
{
	struct stamina_learned learned;

	(void)state;
	begin();
	for (int i = 0; i < 8; i++)
		cycle(30 + 30 * chance(), 0, true);
	learned = stamina_learn(&stamina);
	assert_int_equal(learned.charges, 8);
	assert_int_equal(learned.discharges, 8);
	assert_float_equal(learned.takes_wh.value, 10000 / sqrt(0.9), 1);
	assert_float_equal(learned.gives_wh.value, 10000 * sqrt(0.9), 1);
	assert_float_equal(learned.efficiency.value, 0.9, 1e-6);
	assert_float_equal(learned.capacity_wh.value, 10000, 1);
}

static void a_coarse_gauge_widens_the_interval_and_the_truth_lies_in_it(void **state)
{
	double fine = 0;

	(void)state;
	for (int coarse = 0; coarse < 2; coarse++) {
		struct stamina_learned learned;

		begin();
		for (int i = 0; i < 12; i++)
			cycle(25 + 20 * chance(), coarse ? 2 : 0.1, true);
		learned = stamina_learn(&stamina);
		assert_true(learned.capacity_wh.low <= 10000 && 10000 <= learned.capacity_wh.high);
		assert_true(learned.efficiency.low <= 0.9 && 0.9 <= learned.efficiency.high);
		if (coarse)
			assert_true(learned.capacity_wh.high - learned.capacity_wh.low > 2 * fine);
		fine = learned.capacity_wh.high - learned.capacity_wh.low;
	}
}

static void four_runs_are_not_enough_data(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 4; i++)
		cycle(40, 0, true);
	assert_false(stamina_learn(&stamina).takes_wh.is_known);
	assert_false(stamina_learn(&stamina).efficiency.is_known);
	cycle(40, 0, true);
	assert_true(stamina_learn(&stamina).takes_wh.is_known);
	assert_true(stamina_learn(&stamina).efficiency.is_known);
}

static void short_runs_and_such_without_power_say_nothing(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 20; i++)
		cycle(19, 0, true);
	for (int i = 0; i < 20; i++)
		cycle(40, 0, false);
	assert_int_equal(stamina_learn(&stamina).charges, 0);
	assert_int_equal(stamina_learn(&stamina).discharges, 0);
}

static void a_hole_ends_a_run(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 20; i++) {
		quarter(1.8, 0, true);
		if (i % 10 == 9)
			at_ms += QUARTER_MS;
	}
	assert_int_equal(stamina_learn(&stamina).charges, 0);
}

static void what_is_uncertain_or_cannot_be_is_not_planned_with(void **state)
{
	static const struct {
		bool is_known;
		double value, low, high;
		float one_way;
	} cases[] = {
	    {true, 0.81, 0.77, 0.86, 0.9f}, {false, 0.81, 0.77, 0.86, 0.95f},
	    {true, 0.81, 0.75, 0.86, 0.95f}, {true, 0.49, 0.48, 0.50, 0.95f},
	    {true, 1.02, 1.0, 1.0, 0.95f},  {true, 0.64, 0.62, 0.66, 0.8f},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct stamina_learned learned = {
		    .efficiency = {cases[i].is_known, cases[i].value, cases[i].low, cases[i].high}};

		assert_float_equal(stamina_one_way(&learned, 0.95f), cases[i].one_way, 1e-6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(capacity_and_efficiency_are_found),
	    cmocka_unit_test(a_coarse_gauge_widens_the_interval_and_the_truth_lies_in_it),
	    cmocka_unit_test(four_runs_are_not_enough_data),
	    cmocka_unit_test(short_runs_and_such_without_power_say_nothing),
	    cmocka_unit_test(a_hole_ends_a_run),
	    cmocka_unit_test(what_is_uncertain_or_cannot_be_is_not_planned_with),
	};

	return cmocka_run_group_tests_name("stamina", tests, NULL, NULL);
}
