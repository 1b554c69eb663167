/* Devices are told by their topics, and shown with what the daemon would read of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wire/detect.h"

#define FOUND_MAX 16

struct found {
	size_t count;
	struct {
		enum detect_kind kind;
		char profile[32], id[64], lines[2048];
		uint64_t got;
		double value[SOURCE_FIELD_COUNT];
		bool is_only_retained, opens_by_itself;
	} devices[FOUND_MAX];
};

static void keep(void *user, const struct detect_device *device)
{
	struct found *found = user;
	size_t i = found->count++;

	assert_true(i < FOUND_MAX);
	found->devices[i].kind = device->kind;
	found->devices[i].got = device->got;
	found->devices[i].is_only_retained = device->is_only_retained;
	found->devices[i].opens_by_itself = device->opens_by_itself;
	memcpy(found->devices[i].value, device->value, sizeof(found->devices[i].value));
	snprintf(found->devices[i].profile, 32, "%s", device->profile);
	snprintf(found->devices[i].id, 64, "%s", device->id);
	snprintf(found->devices[i].lines, 2048, "%s", device->lines);
}

static struct found found;

static int set_up(void **state)
{
	*state = detect_new();
	return *state == NULL;
}

static int tear_down(void **state)
{
	detect_free(*state);
	return 0;
}

static void hear(void *detect, const char *topic, const char *payload)
{
	detect_hear(detect, topic, payload, strlen(payload), false);
}

static void report(void *detect)
{
	found = (struct found){0};
	assert_int_equal(detect_report(detect, keep, &found), 0);
}

static void is_found(size_t at, const char *profile, const char *id, enum detect_kind kind)
{
	assert_true(found.count > at);
	assert_string_equal(found.devices[at].profile, profile);
	assert_string_equal(found.devices[at].id, id);
	assert_int_equal(found.devices[at].kind, kind);
}

static void says(size_t at, const char *line)
{
	if (!strstr(found.devices[at].lines, line))
		fail_msg("\"%s\" is not in\n%s", line, found.devices[at].lines);
}

static void a_sensor_of_our_own_is_a_battery_that_needs_no_source(void **state)
{
	hear(*state, "amphora/b1/battery", "{\"node\":\"b1\",\"SoC\":54,\"Temp\":21.5}");
	report(*state);
	assert_int_equal(found.count, 1);
	is_found(0, "amphora", "b1", DETECT_BATTERY);
	assert_true(found.devices[0].value[SOURCE_SOC] == 54);
	assert_string_equal(found.devices[0].lines, "batteries:\n- {id: b1}\n");
}

static void a_tasmota_plug_is_one_relay_however_many_of_its_topics_are_heard(void **state)
{
	hear(*state, "tele/garage/LWT", "Online");
	hear(*state, "tele/garage/STATE", "{\"Time\":\"2026-11-30T12:00:00\",\"POWER\":\"ON\"}");
	hear(*state, "tele/garage/SENSOR", "{\"ENERGY\":{\"Power\":1200,\"Voltage\":230}}");
	hear(*state, "stat/garage/POWER", "ON");
	report(*state);
	assert_int_equal(found.count, 1);
	is_found(0, "tasmota", "garage", DETECT_RELAY);
	says(0, "- {id: garage, profile: tasmota, topic: \"garage\"}");
	says(0, "relays:\n- {id: garage, battery: b1, role: source, source: garage}");
	assert_true(found.devices[0].opens_by_itself);
}

static void the_second_relay_of_a_device_is_one_of_its_own(void **state)
{
	hear(*state, "stat/board/POWER1", "ON");
	hear(*state, "stat/board/POWER2", "OFF");
	report(*state);
	assert_int_equal(found.count, 2);
	says(1, "relay: \"2\"");
}

static void a_shelly_is_told_by_its_prefix(void **state)
{
	hear(*state, "shellyplus1pm-aabbccddeeff/online", "true");
	hear(*state, "shellyplus1pm-aabbccddeeff/status/switch:0",
	     "{\"id\":0,\"source\":\"mqtt\",\"output\":false,\"apower\":0.0,\"voltage\":231.2}");
	report(*state);
	assert_int_equal(found.count, 1);
	is_found(0, "shelly2", "shellyplus1pm-aabbccddee", DETECT_RELAY);
	says(0, "prefix: \"shellyplus1pm-aabbccddeeff\"");
}

static void a_victron_battery_and_its_system_are_two(void **state)
{
	hear(*state, "N/c0619ab1/battery/512/Soc", "{\"value\":71}");
	hear(*state, "N/c0619ab1/battery/512/Dc/0/Temperature", "{\"value\":18}");
	hear(*state, "N/c0619ab1/system/0/Dc/Battery/Soc", "{\"value\":71}");
	report(*state);
	assert_int_equal(found.count, 2);
	is_found(0, "victron", "c0619ab1", DETECT_BATTERY);
	says(0, "battery: \"512\"");
	assert_true(found.devices[0].value[SOURCE_TEMP] == 18);
	is_found(1, "victron", "c0619ab1-2", DETECT_BATTERY);
}

static void an_esphome_nodes_own_names_are_guessed_by_what_they_say(void **state)
{
	hear(*state, "bms/sensor/pack_soc/state", "63.5");
	hear(*state, "bms/sensor/pack_temperature/state", "19");
	hear(*state, "bms/sensor/uptime/state", "12345");
	report(*state);
	assert_int_equal(found.count, 1);
	is_found(0, "esphome", "bms", DETECT_BATTERY);
	says(0, "soc_pct: \"pack_soc\"");
	says(0, "temp_c: \"pack_temperature\"");
}

static void the_switch_of_a_device_that_is_a_battery_too_is_offered_as_a_relay(void **state)
{
	hear(*state, "bms/sensor/pack_soc/state", "63.5");
	hear(*state, "bms/switch/charger/state", "OFF");
	report(*state);
	assert_int_equal(found.count, 2);
	is_found(0, "esphome", "bms", DETECT_BATTERY);
	says(0, "soc_pct: \"pack_soc\"");
	is_found(1, "esphome", "bms-switch", DETECT_RELAY);
	says(1, "- {id: bms-switch, profile: esphome, prefix: \"bms\", state: \"charger\", "
		"read_topic: \"bms/amphora/read\"}\n");
	says(1, "- {id: bms-switch, battery: b1, role: source, source: bms-switch}\n");
	assert_true(found.devices[1].got == SOURCE_BIT(SOURCE_STATE));
}

static void zigbee_names_with_slashes_are_whole_and_what_is_asked_is_no_device(void **state)
{
	hear(*state, "zigbee2mqtt/cellar/plug", "{\"state\":\"OFF\",\"power\":0}");
	hear(*state, "zigbee2mqtt/cellar/plug/set", "{\"state\":\"ON\"}");
	hear(*state, "zigbee2mqtt/cellar/plug/availability", "{\"state\":\"online\"}");
	report(*state);
	assert_int_equal(found.count, 1);
	is_found(0, "z2m", "cellar-plug", DETECT_RELAY);
	assert_true(found.devices[0].value[SOURCE_STATE] == 0);
}

static void a_zigbee_switch_is_offered_with_the_timer_that_its_trial_is_to_prove(void **state)
{
	hear(*state, "zigbee2mqtt/plug", "{\"state\":\"OFF\"}");
	hear(*state, "zigbee2mqtt/cellar", "{\"temperature\":17.5}");
	hear(*state, "N/c0619ab1/battery/512/Soc", "{\"value\":71}");
	report(*state);
	is_found(0, "z2m", "plug", DETECT_RELAY);
	says(0, "- {id: plug, profile: z2m, name: \"plug\", lease: \"on_time\"}\n");
	assert_true(found.devices[0].opens_by_itself);
	for (size_t i = 1; i < found.count; i++)
		assert_null(strstr(found.devices[i].lines, "lease"));
}

static void json_with_a_state_of_charge_is_offered_though_nobody_knows_its_maker(void **state)
{
	hear(*state, "garage/bms/json", "{\"SOC\":\"48\",\"temperature\":17,\"serial\":\"x\"}");
	report(*state);
	assert_int_equal(found.count, 1);
	is_found(0, "generic", "garage-bms-json", DETECT_BATTERY);
	says(0, "soc_pct: {topic: \"garage/bms/json\", path: /SOC}");
	assert_true(found.devices[0].value[SOURCE_SOC] == 48);
}

static void what_only_the_broker_remembers_is_said_to_be_so(void **state)
{
	detect_hear(*state, "shellies/plug/relay/0", "on", 2, true);
	report(*state);
	assert_int_equal(found.count, 1);
	assert_true(found.devices[0].is_only_retained);
	hear(*state, "shellies/plug/relay/0", "off");
	report(*state);
	assert_false(found.devices[0].is_only_retained);
}

static void what_is_announced_to_home_assistant_is_proposed_and_not_found(void **state)
{
	static const char coin[] = "{\"uniq_id\":\"door\",\"dev_cla\":\"battery\",\"unit_of_meas\":"
				   "\"%\",\"stat_t\":\"door/s\",\"dev\":{\"name\":\"Door\"}}";
	static const char pack[] =
	    "{\"dev\":{\"name\":\"Pack\"},\"o\":{\"name\":\"x\"},\"stat_t\":\"bms\",\"cmps\":{"
	    "\"s\":{\"p\":\"sensor\",\"uniq_id\":\"pack_soc\",\"dev_cla\":\"battery\"},"
	    "\"t\":{\"p\":\"sensor\",\"uniq_id\":\"pack_temp\",\"dev_cla\":\"temperature\","
	    "\"unit_of_meas\":\"°C\"}}}";

	hear(*state, "homeassistant/sensor/door/config", coin);
	hear(*state, "homeassistant/device/pack/config", pack);
	report(*state);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.devices[0].profile, "home-assistant");
	assert_int_equal(found.devices[0].kind, DETECT_OTHER);
	assert_true(found.devices[0].got == 0);
	assert_non_null(strstr(found.devices[0].lines, "- {battery: b1, soc: \"pack_soc\", temp: "
					       "\"pack_temp\"}\n"));
}

static void what_means_nothing_to_us_is_no_device(void **state)
{
	hear(*state, "a/b", "hello");
	hear(*state, "weather/json", "{\"temperature\":12}");
	hear(*state, "homeassistant/sensor/x/config", "{}");
	report(*state);
	assert_int_equal(found.count, 0);
}

static void a_sensor_of_ours_with_an_impossible_value_is_a_battery_all_the_same(void **state)
{
	hear(*state, "amphora/b1/battery", "{\"node\":\"b1\",\"SoC\":454,\"Temp\":20.5}");
	report(*state);
	assert_int_equal(found.count, 1);
	is_found(0, "amphora", "b1", DETECT_BATTERY);
	assert_true(found.devices[0].got == SOURCE_BIT(SOURCE_TEMP));
}

static void a_topic_that_would_end_its_quotes_is_offered_nowhere(void **state)
{
	hear(*state, "x\", path: /a}, power_w: {topic: \"y", "{\"SoC\":50}");
	hear(*state, "zigbee2mqtt/x\", base: \"y", "{\"state\":\"ON\"}");
	hear(*state, "a\\nb", "{\"SoC\":50}");
	report(*state);
	assert_int_equal(found.count, 0);
}

static void what_is_forgotten_is_not_found_and_may_be_heard_again(void **state)
{
	hear(*state, "stat/garage/POWER", "ON");
	detect_forget(*state);
	report(*state);
	assert_int_equal(found.count, 0);
	hear(*state, "stat/garage/POWER", "ON");
	report(*state);
	assert_int_equal(found.count, 1);
}

static void a_flood_of_topics_is_counted_and_not_kept(void **state)
{
	char topic[64];

	for (int i = 0; i < DETECT_TOPICS_MAX + 100; i++) {
		snprintf(topic, sizeof(topic), "zigbee2mqtt/n%d", i);
		hear(*state, topic, "1");
	}
	assert_int_equal(detect_topic_count(*state), DETECT_TOPICS_MAX);
	assert_int_equal(detect_left_out(*state), 100);
	report(*state);
	assert_int_equal(found.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_sensor_of_our_own_is_a_battery_that_needs_no_source),
	    TEST(a_tasmota_plug_is_one_relay_however_many_of_its_topics_are_heard),
	    TEST(the_second_relay_of_a_device_is_one_of_its_own),
	    TEST(a_shelly_is_told_by_its_prefix),
	    TEST(a_victron_battery_and_its_system_are_two),
	    TEST(an_esphome_nodes_own_names_are_guessed_by_what_they_say),
	    TEST(the_switch_of_a_device_that_is_a_battery_too_is_offered_as_a_relay),
	    TEST(zigbee_names_with_slashes_are_whole_and_what_is_asked_is_no_device),
	    TEST(a_zigbee_switch_is_offered_with_the_timer_that_its_trial_is_to_prove),
	    TEST(json_with_a_state_of_charge_is_offered_though_nobody_knows_its_maker),
	    TEST(what_only_the_broker_remembers_is_said_to_be_so),
	    TEST(what_is_announced_to_home_assistant_is_proposed_and_not_found),
	    TEST(what_means_nothing_to_us_is_no_device),
	    TEST(a_sensor_of_ours_with_an_impossible_value_is_a_battery_all_the_same),
	    TEST(a_topic_that_would_end_its_quotes_is_offered_nowhere),
	    TEST(what_is_forgotten_is_not_found_and_may_be_heard_again),
	    TEST(a_flood_of_topics_is_counted_and_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
