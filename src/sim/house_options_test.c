#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/house_options.h"

static int parse(struct house_options *out, const char *first, const char *second)
{
	char *argv[] = {"amphora-house", (char *)first, (char *)second, NULL};
	char said[512];
	struct text error = text_in(said, sizeof(said));
	int result = house_options_parse(out, first ? (second ? 3 : 2) : 1, argv, &error);

	assert_int_equal(result<0, error.length> 0);
	return result;
}

static void house_options_have_defaults(void **state)
{
	struct house_options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, NULL), 0);
	assert_string_equal(options.house.broker_host, "127.0.0.1");
	assert_int_equal(options.house.broker_port, 1883);
	assert_int_equal(options.house.world.battery_count, 1);
	assert_int_equal(options.house.world.start_s, 36000);
	assert_int_equal(options.house.interval_s, 10);
	assert_int_equal(options.house.envelope.ceiling_bp, 9500);
	assert_int_equal(options.clock.factor, 1);
	assert_null(options.account_path);
}

static void house_options_take_what_is_given(void **state)
{
	struct house_options options;

	(void)state;
	assert_int_equal(parse(&options, "--broker", "broker.example:8883"), 0);
	assert_string_equal(options.house.broker_host, "broker.example");
	assert_int_equal(options.house.broker_port, 8883);
	assert_int_equal(parse(&options, "--clock", "60@1000"), 0);
	assert_int_equal(options.clock.factor, 60);
	assert_int_equal(parse(&options, "--start", "11:30"), 0);
	assert_int_equal(options.house.world.start_s, 41400);
	assert_int_equal(parse(&options, "--envelope", "20,90,0.5,40,-10,45"), 0);
	assert_int_equal(options.house.envelope.reserve_bp, 2000);
	assert_int_equal(options.house.envelope.charge_min_mc, 500);
	assert_int_equal(options.house.envelope.discharge_max_mc, 45000);
	assert_int_equal(parse(&options, "--fault", "relay-stuck:r1@30"), 0);
	assert_int_equal(options.house.plan_count, 1);
	assert_int_equal(options.house.plans[0].at_ms, 30000);
	assert_int_equal(parse(&options, "--help", NULL), HOUSE_OPTIONS_HELP);
	assert_int_equal(parse(&options, "--version", NULL), HOUSE_OPTIONS_VERSION);
}

static void house_options_refuse_what_is_out_of_range(void **state)
{
	static const char *const WRONG[][2] = {
	    {"--batteries", "0"},
	    {"--batteries", "33"},
	    {"--batteries", "1.5"},
	    {"--soc", "101"},
	    {"--soc", "-1"},
	    {"--soc", "5,5"},
	    {"--interval", "0"},
	    {"--interval", "3601"},
	    {"--broker", ":1883"},
	    {"--broker", "host:0"},
	    {"--broker", "host:65536"},
	    {"--clock", "0"},
	    {"--clock", "3601"},
	    {"--start", "24:00"},
	    {"--envelope", "1,2,3"},
	    {"--envelope", "1,2,3,4,5,6,7"},
	    {"--fault", "fire@3"},
	    {"--fault", "cloud"},
	    {"--fault", "relay-stuck:r3@1"},
	    {"--nonsense", "1"},
	    {"--soc", NULL},
	    {"stray", NULL},
	    {"--capacity-wh", "nan"},
	    {"--seed", "-1"},
	};
	struct house_options options;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(WRONG); i++)
		assert_int_equal(parse(&options, WRONG[i][0], WRONG[i][1]), -22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(house_options_have_defaults),
	    cmocka_unit_test(house_options_take_what_is_given),
	    cmocka_unit_test(house_options_refuse_what_is_out_of_range),
	};

	return cmocka_run_group_tests_name("house_options", tests, NULL, NULL);
}
