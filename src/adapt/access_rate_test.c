/* How much one caller may ask for. */
#include "adapt/access_rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define PHONE 7
#define PROGRAM 8

static void a_caller_has_its_turns_in_a_row_and_then_one_by_one(void **state)
{
	static const struct {
		enum rate_kind kind;
		unsigned turns;
		uint64_t turn_ms;
	} rows[] = {{RATE_READ, RATE_READS, RATE_READ_MS},
		    {RATE_CHANGE, RATE_CHANGES, RATE_CHANGE_MS}};
	static struct access_rate rate;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (unsigned turn = 0; turn < rows[i].turns; turn++)
			assert_int_equal(rate_take(&rate, PHONE, rows[i].kind, 1000), 0);
		assert_int_equal(rate_take(&rate, PHONE, rows[i].kind, 1000), 1);
		assert_int_equal(rate_take(&rate, PHONE, rows[i].kind, 1000 + rows[i].turn_ms - 1),
				 1);
		assert_int_equal(rate_take(&rate, PHONE, rows[i].kind, 1000 + rows[i].turn_ms), 0);
		assert_int_equal(rate_take(&rate, PHONE, rows[i].kind, 1000 + rows[i].turn_ms), 1);
		assert_int_equal(rate.refused[rows[i].kind], 3);
	}
}

static void one_caller_takes_nothing_from_another(void **state)
{
	static struct access_rate rate;

	(void)state;
	while (rate_take(&rate, PROGRAM, RATE_CHANGE, 5) == 0)
		;
	assert_int_equal(rate_take(&rate, PHONE, RATE_CHANGE, 5), 0);
	assert_int_equal(rate_take(&rate, PROGRAM, RATE_READ, 5), 0);
}

static void who_asks_much_is_not_forgotten_for_those_who_ask_once(void **state)
{
	static struct access_rate rate;

	(void)state;
	while (rate_take(&rate, PROGRAM, RATE_CHANGE, 5) == 0)
		;
	for (uint64_t other = 100; other < 100 + 3 * RATE_CALLERS_MAX; other++)
		assert_int_equal(rate_take(&rate, other, RATE_CHANGE, 5), 0);
	assert_int_equal(rate_take(&rate, PROGRAM, RATE_CHANGE, 5), 1);
}

static void an_address_has_a_key_and_a_network_of_ipv6_has_one(void **state)
{
	(void)state;
	assert_int_not_equal(rate_key_of_address("192.0.2.1"), rate_key_of_address("192.0.2.2"));
	assert_int_equal(rate_key_of_address("2001:db8::1"), rate_key_of_address("2001:db8::2:3"));
	assert_int_not_equal(rate_key_of_address(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_caller_has_its_turns_in_a_row_and_then_one_by_one),
	    cmocka_unit_test(one_caller_takes_nothing_from_another),
	    cmocka_unit_test(who_asks_much_is_not_forgotten_for_those_who_ask_once),
	    cmocka_unit_test(an_address_has_a_key_and_a_network_of_ipv6_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
