/* When the wall clock is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/trust.h"

#define TODAY_MS (TRUST_EARLIEST_MS + 30 * MS_PER_DAY)

/* Runs `checks` checks a second apart from `wall_ms` on; returns whether it is trusted then. */
static bool run(struct trust *trust, int64_t *mono_ms, int64_t wall_ms, int checks, bool synced)
{
	for (int i = 0; i < checks; i++, *mono_ms += 1000)
		trust_check(trust, (struct wall_time){wall_ms + i * 1000},
			    (struct mono_time){*mono_ms}, synced);
	return trust->is_trusted;
}

static void a_plausible_clock_is_trusted_once_it_has_been_steady(void **state)
{
	struct trust trust;
	int64_t mono_ms = 0;

	(void)state;
	trust_init(&trust, (struct wall_time){0});
	assert_false(run(&trust, &mono_ms, TODAY_MS, TRUST_STEADY_CHECKS - 1, false));
	assert_true(run(&trust, &mono_ms, TODAY_MS + mono_ms, 1, false));
}

static void a_time_service_is_believed_at_once(void **state)
{
	struct trust trust;
	int64_t mono_ms = 0;

	(void)state;
	trust_init(&trust, (struct wall_time){0});
	assert_true(run(&trust, &mono_ms, TODAY_MS, 1, true));
}

static void a_boot_in_1970_is_never_trusted_until_the_step_and_a_while_after(void **state)
{
	struct trust trust;
	int64_t mono_ms = 0;

	(void)state;
	trust_init(&trust, (struct wall_time){0});
	assert_false(run(&trust, &mono_ms, 0, 90, false));
	assert_false(run(&trust, &mono_ms, TODAY_MS, 1, false));
	assert_false(run(&trust, &mono_ms, TODAY_MS + 1000, TRUST_STEADY_CHECKS - 1, false));
	assert_true(run(&trust, &mono_ms, TODAY_MS + TRUST_STEADY_CHECKS * 1000, 1, false));
}

static void a_clock_before_the_newest_row_is_not_trusted(void **state)
{
	struct trust trust;
	int64_t mono_ms = 0;

	(void)state;
	trust_init(&trust, (struct wall_time){TODAY_MS});
	assert_false(run(&trust, &mono_ms, TODAY_MS - MS_PER_HOUR, 60, true));
	assert_true(run(&trust, &mono_ms, TODAY_MS, TRUST_STEADY_CHECKS + 1, false));
}

static void a_jump_costs_the_trust(void **state)
{
	struct trust trust;
	int64_t mono_ms = 0;

	(void)state;
	trust_init(&trust, (struct wall_time){0});
	assert_true(run(&trust, &mono_ms, TODAY_MS, 10, false));
	assert_false(run(&trust, &mono_ms, TODAY_MS + MS_PER_HOUR, 1, false));
	assert_true(
	    run(&trust, &mono_ms, TODAY_MS + MS_PER_HOUR + 1000, TRUST_STEADY_CHECKS, false));
}

static void
a_clock_that_is_not_trusted_is_news_once_patience_ends_and_again_when_it_is(void **state)
{
	struct trust trust;

	(void)state;
	trust_init(&trust, (struct wall_time){0});
	for (int i = 1; i < 3 * TRUST_PATIENCE_CHECKS; i++) {
		bool has_changed = trust_check(&trust, (struct wall_time){i * 1000},
					       (struct mono_time){i * 1000}, true);

		assert_int_equal(trust_is_news(&trust, has_changed), i == TRUST_PATIENCE_CHECKS);
	}
	assert_true(
	    trust_is_news(&trust, true)); /* as when it comes to be trusted, or is no more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plausible_clock_is_trusted_once_it_has_been_steady),
	    cmocka_unit_test(a_time_service_is_believed_at_once),
	    cmocka_unit_test(a_boot_in_1970_is_never_trusted_until_the_step_and_a_while_after),
	    cmocka_unit_test(a_clock_before_the_newest_row_is_not_trusted),
	    cmocka_unit_test(a_jump_costs_the_trust),
	    cmocka_unit_test(
		a_clock_that_is_not_trusted_is_news_once_patience_ends_and_again_when_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
