/* Several meters of one kind: what they come to, and of how many that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "model/meter_group.h"
#include "model/meter_minute.h"

static struct ident named(const char *name)
{
	struct ident ident = {0};

	(void)snprintf(ident.text, sizeof(ident.text), "%s", name);
	return ident;
}

static void hear(struct meter_group *group, const char *name, double power_w, int64_t ms)
{
	struct ident ident = named(name);

	assert_int_equal(meter_group_hear(group, &ident, power_w, (struct mono_time){ms}), 0);
}

static void is_total(const struct meter_group *group, int64_t ms, size_t live, size_t of,
		     double power_w, enum quality quality)
{
	struct meter_total total = meter_group_total(group, (struct mono_time){ms});

	assert_int_equal(total.live, live);
	assert_int_equal(total.of, of);
	assert_true(total.power_w == power_w);
	assert_int_equal(total.quality, quality);
}

static void one_meter_is_its_own_sum(void **state)
{
	struct meter_group group = {0};

	(void)state;
	is_total(&group, 0, 0, 0, 0, QUALITY_MISSING);
	hear(&group, "grid", -812.5, 1000);
	is_total(&group, 1000, 1, 1, -812.5, QUALITY_GOOD);
	is_total(&group, 1000 + METER_HOLD_MS, 1, 1, -812.5, QUALITY_GOOD);
	is_total(&group, 1001 + METER_HOLD_MS, 0, 1, 0, QUALITY_MISSING);
	assert_true(meter_group_total(&group, (struct mono_time){500000}).is_heard);
}

static void a_silent_one_is_left_out_and_the_sum_is_assumed(void **state)
{
	struct meter_group group = {0};
	int64_t late = 1000 + METER_HOLD_MS + 1;

	(void)state;
	hear(&group, "roof", 1000, 1000);
	hear(&group, "garage", 200, 50000);
	hear(&group, "carport", 30, 60000);
	is_total(&group, 60000, 3, 3, 1230, QUALITY_GOOD);
	is_total(&group, late, 2, 3, 230, QUALITY_ASSUMED);
	hear(&group, "roof", 900, late);
	is_total(&group, late, 3, 3, 1130, QUALITY_GOOD);
}

static void one_that_is_expected_and_was_never_heard_is_silent(void **state)
{
	struct meter_group group = {0};
	struct ident roof = named("roof"), garage = named("garage");

	(void)state;
	assert_int_equal(meter_group_expect(&group, &roof), 0);
	assert_int_equal(meter_group_expect(&group, &garage), 1);
	assert_int_equal(meter_group_expect(&group, &roof), 0);
	is_total(&group, 0, 0, 2, 0, QUALITY_MISSING);
	hear(&group, "garage", 200, 0);
	is_total(&group, 0, 1, 2, 200, QUALITY_ASSUMED);
}

static void there_are_only_so_many(void **state)
{
	struct meter_group group = {0};
	struct ident one_more = named("m9");

	(void)state;
	for (int i = 0; i < METER_MEMBERS_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "m%d", i);
		hear(&group, name, 1, 0);
	}
	assert_int_equal(meter_group_hear(&group, &one_more, 5, (struct mono_time){0}), -ENOSPC);
	is_total(&group, 0, METER_MEMBERS_MAX, METER_MEMBERS_MAX, METER_MEMBERS_MAX, QUALITY_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_meter_is_its_own_sum),
	    cmocka_unit_test(a_silent_one_is_left_out_and_the_sum_is_assumed),
	    cmocka_unit_test(one_that_is_expected_and_was_never_heard_is_silent),
	    cmocka_unit_test(there_are_only_so_many),
	};

	return cmocka_run_group_tests_name("meter_group", tests, NULL, NULL);
}
