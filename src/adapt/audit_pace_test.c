/* How many rows a flood of what is refused may fill, and that none of it goes uncounted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapt/audit_pace.h"

#define START_MS UINT64_C(5000)

static struct audit refused_from(const char *address)
{
	struct audit one = {.who = "nobody",
			    .uid = -1,
			    .transport = "loopback",
			    .method = "POST",
			    .path = "/api/v1/session",
			    .what = "anna",
			    .status = 401,
			    .count = 1};

	(void)snprintf(one.address, sizeof(one.address), "%s", address);
	return one;
}

static void twenty_rows_at_once_and_then_one_in_ten_minutes(void **state)
{
	struct audit_pace pace = {0};

	(void)state;
	for (int i = 0; i < AUDIT_PACE_ROWS; i++)
		assert_true(audit_pace_take(&pace, START_MS));
	assert_false(audit_pace_take(&pace, START_MS));
	assert_false(audit_pace_take(&pace, START_MS + AUDIT_PACE_ROW_MS - 1));
	assert_true(audit_pace_take(&pace, START_MS + AUDIT_PACE_ROW_MS));
	assert_false(audit_pace_take(&pace, START_MS + AUDIT_PACE_ROW_MS));
	/* All are allowed again after a quiet night. */
	for (int i = 0; i < AUDIT_PACE_ROWS; i++)
		assert_true(audit_pace_take(&pace, START_MS + 1000 * (uint64_t)AUDIT_PACE_ROW_MS));
	assert_false(audit_pace_take(&pace, START_MS + 1000 * (uint64_t)AUDIT_PACE_ROW_MS));
}

static void what_is_alike_is_one_sum_without_its_words(void **state)
{
	struct audit one = refused_from("192.0.2.1"), other = refused_from("192.0.2.2"), sum;
	struct audit_pace pace = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		audit_pace_add(&pace, &one, START_MS);
	audit_pace_add(&pace, &other, START_MS);
	other.status = 429;
	audit_pace_add(&pace, &other, START_MS);
	assert_true(audit_pace_end(&pace, &sum));
	assert_int_equal(sum.count, 1000);
	assert_string_equal(sum.address, "192.0.2.1");
	assert_string_equal(sum.what, "");
	assert_true(audit_pace_end(&pace, &sum));
	assert_int_equal(sum.count, 1);
	assert_int_equal(sum.status, 401);
	assert_true(audit_pace_end(&pace, &sum));
	assert_int_equal(sum.status, 429);
	assert_false(audit_pace_end(&pace, &sum));
}

static void a_thousand_addresses_fill_nine_rows_and_each_try_is_counted(void **state)
{
	struct audit_pace pace = {0};
	uint32_t count = 0;
	int rows = 0;
	struct audit sum;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char address[AUDIT_ADDRESS_MAX];
		struct audit one;

		(void)snprintf(address, sizeof(address), "2001:db8::%x", i);
		one = refused_from(address);
		audit_pace_add(&pace, &one, START_MS);
	}
	for (; audit_pace_end(&pace, &sum); rows++)
		count += sum.count;
	assert_int_equal(rows, AUDIT_PACE_SUMS + 1);
	assert_int_equal(count, 1000);
	assert_string_equal(sum.who, "various");
	assert_string_equal(sum.address, "");
}

static void sums_are_due_an_hour_after_their_first(void **state)
{
	struct audit one = refused_from("192.0.2.1"), sum;
	struct audit_pace pace = {0};

	(void)state;
	assert_false(audit_pace_is_due(&pace, START_MS + 10 * (uint64_t)AUDIT_PACE_SUM_MS));
	audit_pace_add(&pace, &one, START_MS);
	audit_pace_add(&pace, &one, START_MS + AUDIT_PACE_SUM_MS - 1);
	assert_false(audit_pace_is_due(&pace, START_MS + AUDIT_PACE_SUM_MS - 1));
	assert_true(audit_pace_is_due(&pace, START_MS + AUDIT_PACE_SUM_MS));
	while (audit_pace_end(&pace, &sum))
		;
	audit_pace_add(&pace, &one, START_MS + AUDIT_PACE_SUM_MS);
	assert_false(audit_pace_is_due(&pace, START_MS + AUDIT_PACE_SUM_MS + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(twenty_rows_at_once_and_then_one_in_ten_minutes),
	    cmocka_unit_test(what_is_alike_is_one_sum_without_its_words),
	    cmocka_unit_test(a_thousand_addresses_fill_nine_rows_and_each_try_is_counted),
	    cmocka_unit_test(sums_are_due_an_hour_after_their_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
