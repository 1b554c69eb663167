/* Which topics command a device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/result.h"
#include "wire/command_topic.h"

static void each_makers_commands_are_known(void **state)
{
	static const char *const COMMANDS[] = {
	    "cmnd/garage/POWER",       "zigbee2mqtt/plug/set",     "zigbee2mqtt/plug/set/state",
	    "shellies/s1/relay/0/command", "shellyplus1-a/rpc",    "shellyplus1-a/command/switch:0",
	    "bms/switch/charger/command",  "amphora/b1/set",       "solar/116/cmd",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(COMMANDS); i++)
		assert_true(topic_commands(COMMANDS[i]));
}

static void what_devices_say_is_no_command(void **state)
{
	static const char *const SAID[] = {
	    "tele/garage/STATE", "stat/garage/POWER", "zigbee2mqtt/plug", "set", "command/of/nothing",
	    "homeassistant/switch/x/config", "a/settings", "a/rpc/events", "a/cmds", "x/offset", "",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(SAID); i++)
		assert_false(topic_commands(SAID[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_makers_commands_are_known),
	    cmocka_unit_test(what_devices_say_is_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
