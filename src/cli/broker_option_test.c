/* A broker as one types it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/broker_option.h"

static void is_read(const char *text, const char *host, int port)
{
	struct broker_config broker = {0};

	assert_true(broker_option_read(&broker, text));
	assert_string_equal(broker.host, host);
	assert_int_equal(broker.port, port);
}

static void a_host_has_the_usual_port_unless_it_says_another(void **state)
{
	(void)state;
	is_read("broker.home", "broker.home", 1883);
	is_read("10.0.0.2:8883", "10.0.0.2", 8883);
	is_read("[fd00::1]", "fd00::1", 1883);
	is_read("[fd00::1]:1884", "fd00::1", 1884);
}

static void what_is_no_broker_leaves_the_old_one_alone(void **state)
{
	static const char *const WRONG[] = {"",       ":1883",      "host:",  "host:0", "host:65536",
					    "host:x", "host:1883x", "[fd00::1", "a b",    "mqtt://host"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(WRONG); i++) {
		struct broker_config broker = {.host = "old", .port = 1};

		assert_false(broker_option_read(&broker, WRONG[i]));
		assert_string_equal(broker.host, "old");
		assert_int_equal(broker.port, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_host_has_the_usual_port_unless_it_says_another),
	    cmocka_unit_test(what_is_no_broker_leaves_the_old_one_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
