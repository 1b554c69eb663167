/* What Home Assistant is told: what there is, what is gone, and nothing that is not known. */
#include "wire/ha_announce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static struct house house; /* large, so that they are not on the stack */
static struct site site;
static char room[HA_ANNOUNCE_MAX];

static void add_battery(const char *id)
{
	struct battery_config *battery = &house.batteries[house.battery_count++];

	*battery = (struct battery_config){
	    .chemistry = CHEMISTRY_LFP, .capacity_wh = 10000, .power_w = 5000};
	snprintf(battery->id.text, sizeof battery->id.text, "%s", id);
}

static void add_relay(const char *id)
{
	struct relay_config *relay = &house.relays[house.relay_count++];

	*relay = (struct relay_config){.has_lease = true};
	snprintf(relay->id.text, sizeof relay->id.text, "%s", id);
}

static int setup(void **state)
{
	char words[256];
	struct text error = text_in(words, sizeof words);
	(void)state;

	house_init(&house);
	memset(&site, 0, sizeof site);
	house.home_assistant.is_on = true;
	house.home_assistant.id = (struct ident){"amphora-0001"};
	add_battery("b1");
	add_relay("r1");
	return settings_resolve(&site.settings[0], CHEMISTRY_LFP, NULL, NULL, NULL, NULL, &error);
}

static json_t *announced(const char *gone)
{
	struct text text = text_in(room, sizeof room);
	json_error_t error;
	json_t *message;

	ha_announce_write(&text, &house, "0.1.0", gone);
	assert_false(text.is_cut);
	message = json_loads(room, JSON_REJECT_DUPLICATES, &error);
	if (message == NULL)
		fail_msg("%s: %s", error.text, room);
	return message;
}

static const char *member(const json_t *message, const char *key, const char *name)
{
	return json_string_value(
	    json_object_get(json_object_get(json_object_get(message, "cmps"), key), name));
}

static bool has(const json_t *message, const char *key)
{
	return json_object_get(json_object_get(message, "cmps"), key) != NULL;
}

/* ---- the announcement ---- */

static void a_battery_has_its_values_with_class_unit_and_end(void **state)
{
	json_t *message = announced("");
	const json_t *soc = json_object_get(json_object_get(message, "cmps"), "b1_soc");
	(void)state;

	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(message, "o"), "name")), "Amphora");
	assert_string_equal(json_string_value(json_object_get(message, "avty_t")),
			    "amphora/status");
	assert_string_equal(member(message, "b1_soc", "p"), "sensor");
	assert_string_equal(member(message, "b1_soc", "uniq_id"), "amphora-0001_b1_soc");
	assert_string_equal(member(message, "b1_soc", "dev_cla"), "battery");
	assert_string_equal(member(message, "b1_soc", "stat_cla"), "measurement");
	assert_string_equal(member(message, "b1_soc", "unit_of_meas"), "%");
	assert_string_equal(member(message, "b1_soc", "stat_t"), "amphora/b1/state");
	assert_string_equal(member(message, "b1_soc", "val_tpl"), "{{ value_json.soc_pct }}");
	assert_int_equal(json_integer_value(json_object_get(soc, "exp_aft")), 120);
	assert_string_equal(member(message, "b1_temp", "unit_of_meas"), "°C");
	assert_string_equal(member(message, "b1_power", "unit_of_meas"), "W");
	assert_string_equal(member(message, "b1_mode", "p"), "select");
	assert_string_equal(member(message, "b1_mode", "cmd_t"), "amphora/b1/mode/set");
	assert_string_equal(member(message, "b1_reserve", "p"), "number");
	assert_string_equal(member(message, "r1_relay", "stat_t"), "amphora/relay/r1/state");
	assert_string_equal(member(message, "ack", "p"), "button");
	assert_string_equal(member(message, "ack", "cmd_t"), "amphora/ack/set");
	json_decref(message);
}

static void a_meter_is_told_once_it_was_heard_with_energy_that_only_grows(void **state)
{
	json_t *message = announced("");
	(void)state;

	assert_false(has(message, "meter-grid_power"));
	json_decref(message);
	house.home_assistant.is_metered[METER_GRID] = house.home_assistant.is_metered[METER_PV] = true;
	message = announced("");
	assert_string_equal(member(message, "meter-grid_power", "dev_cla"), "power");
	assert_string_equal(member(message, "meter-grid_power", "stat_cla"), "measurement");
	assert_string_equal(member(message, "meter-grid_energy", "dev_cla"), "energy");
	assert_string_equal(member(message, "meter-grid_energy", "stat_cla"), "total_increasing");
	assert_string_equal(member(message, "meter-grid_energy", "unit_of_meas"), "kWh");
	assert_string_equal(member(message, "meter-grid_fed", "stat_t"), "amphora/energy/grid/state");
	assert_string_equal(member(message, "meter-grid_fed", "name"), "grid energy fed in");
	assert_string_equal(member(message, "meter-pv_energy", "val_tpl"),
			    "{{ value_json.energy_kwh }}");
	assert_false(has(message, "meter-pv_fed"));
	assert_false(has(message, "meter-load_power"));
	json_decref(message);
}

static void a_meter_that_is_not_heard_yet_is_not_taken_away(void **state)
{
	static const char KEPT[] = "{\"cmps\":{\"meter-grid_power\":{\"p\":\"sensor\",\"name\":\"x\"},"
				   "\"b9_soc\":{\"p\":\"sensor\",\"name\":\"x\"}}}";
	struct text gone = text_in(room, sizeof room);
	(void)state;

	ha_announce_gone(&gone, &house, KEPT, strlen(KEPT));
	assert_string_equal(room, ",\"b9_soc\":{\"p\":\"sensor\"}");
}

static void a_silent_meter_has_no_values(void **state)
{
	struct meter_status meter = {.is_heard = true,
				     .quality = QUALITY_GOOD,
				     .power_w = -1200,
				     .imported_wh = 1234.4,
				     .exported_wh = 567.5};
	struct text text = text_in(room, sizeof room);
	(void)state;

	ha_meter_state(&text, &meter, METER_GRID);
	assert_string_equal(room, "{\"power_w\":-1200.0,\"energy_kwh\":1.234,\"fed_kwh\":0.568}");
	text = text_in(room, sizeof room);
	ha_meter_state(&text, &meter, METER_LOAD);
	assert_string_equal(room, "{\"power_w\":-1200.0,\"energy_kwh\":1.234}");
	meter.quality = QUALITY_MISSING;
	text = text_in(room, sizeof room);
	ha_meter_state(&text, &meter, METER_PV);
	assert_string_equal(room, "{\"power_w\":null,\"energy_kwh\":null}");
}

static void each_entity_has_a_name_of_its_own_in_all(void **state)
{
	json_t *message, *seen = json_object(), *component;
	const char *key;
	(void)state;

	add_battery("relay");
	add_relay("b1");
	message = announced("");
	json_object_foreach(json_object_get(message, "cmps"), key, component)
	{
		const char *unique = member(message, key, "uniq_id");

		assert_non_null(unique);
		assert_null(json_object_get(seen, unique));
		json_object_set_new(seen, unique, json_true());
		assert_non_null(member(message, key, "p"));
		assert_true(member(message, key, "stat_t") != NULL ||
			    member(message, key, "cmd_t") != NULL);
	}
	json_decref(seen);
	json_decref(message);
}

/* A value that cannot be set would be offered, or the other way round. */
static void bounds_and_options_are_those_of_the_parameters(void **state)
{
	json_t *message = announced("");
	const json_t *components = json_object_get(message, "cmps");
	const json_t *reserve = json_object_get(components, "b1_reserve");
	const json_t *options = json_object_get(json_object_get(components, "b1_mode"), "ops");
	const struct parameter *parameter = parameter_get(PARAMETER_RESERVE);
	const char *const *choices = parameter_get(PARAMETER_LOGIC)->choices;
	(void)state;

	assert_int_equal(json_integer_value(json_object_get(reserve, "min")) * 100, parameter->min);
	assert_int_equal(json_integer_value(json_object_get(reserve, "max")) * 100, parameter->max);
	for (size_t i = 0; i < json_array_size(options); i++)
		assert_string_equal(json_string_value(json_array_get(options, i)), choices[i]);
	assert_null(choices[json_array_size(options)]);
	json_decref(message);
}

static void what_is_only_watched_or_shown_has_nothing_to_command(void **state)
{
	json_t *message;
	(void)state;

	house.batteries[0].chemistry = CHEMISTRY_NONE;
	message = announced("");
	assert_true(has(message, "b1_soc") && has(message, "ack"));
	assert_false(has(message, "b1_mode") || has(message, "b1_charge"));
	json_decref(message);
	house.batteries[0].chemistry = CHEMISTRY_LFP;
	house.home_assistant.commands_are_taken = false;
	message = announced("");
	assert_true(has(message, "b1_soc") && has(message, "b1_action"));
	assert_false(has(message, "b1_mode") || has(message, "ack"));
	json_decref(message);
}

static void the_largest_house_with_the_longest_names_fits(void **state)
{
	char id[IDENT_MAX + 1];
	(void)state;

	house.battery_count = house.relay_count = 0;
	memset(house.home_assistant.topic, 't', HOME_TOPIC_MAX - 1);
	memset(house.home_assistant.id.text, 'i', IDENT_MAX);
	for (int i = 0; i < BATTERIES_MAX; i++) {
		snprintf(id, sizeof id, "b%061d", i);
		add_battery(id);
	}
	for (int i = 0; i < RELAYS_MAX; i++) {
		snprintf(id, sizeof id, "r%061d", i);
		add_relay(id);
	}
	json_decref(announced(""));
}

/* ---- what is gone ---- */

static json_t *announced_after(const char *kept)
{
	static char gone[HA_ANNOUNCE_MAX];
	struct text text = text_in(gone, sizeof gone);

	ha_announce_gone(&text, &house, kept, strlen(kept));
	return announced(gone);
}

static void what_was_announced_and_is_gone_is_taken_away(void **state)
{
	static char kept[HA_ANNOUNCE_MAX];
	json_t *message;
	(void)state;

	add_battery("b2");
	json_decref(announced(""));
	memcpy(kept, room, sizeof kept);
	house.battery_count = 1;
	message = announced_after(kept);
	assert_string_equal(member(message, "b2_soc", "p"), "sensor");
	assert_null(member(message, "b2_soc", "uniq_id"));
	assert_string_equal(member(message, "b2_mode", "p"), "select");
	assert_non_null(member(message, "b1_soc", "uniq_id"));
	memcpy(kept, room, sizeof kept);
	json_decref(message);
	/* And once it was, it is not named any more. */
	message = announced_after(kept);
	assert_false(has(message, "b2_soc"));
	json_decref(message);
}

static void nothing_but_what_could_be_ours_comes_of_what_the_broker_kept(void **state)
{
	static const char *const strange[] = {
	    "",
	    "{",
	    "[]",
	    "{\"cmps\":5}",
	    "{\"cmps\":{\"b9_soc\":{\"p\":\"sen\\\"sor\",\"x\":1}}}",
	    "{\"cmps\":{\"b9\\\"_soc\":{\"p\":\"sensor\",\"x\":1}}}",
	    "{\"cmps\":{\"\":{\"p\":\"sensor\",\"x\":1}}}",
	    "{\"cmps\":{\"_\":{\"p\":\"sensor\",\"x\":1}}}",
	    "{\"cmps\":{\"b9_soc\":{\"p\":5,\"x\":1}}}",
	    "{\"cmps\":{\"b9_soc\":[1,2]}}",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(strange); i++) {
		char gone[256];
		struct text text = text_in(gone, sizeof gone);

		ha_announce_gone(&text, &house, strange[i], strlen(strange[i]));
		assert_string_equal(gone, "");
	}
}

/* ---- states ---- */

static json_t *loaded(const struct text *text)
{
	json_t *message = json_loads(text->data, 0, NULL);

	assert_false(text->is_cut);
	assert_non_null(message);
	return message;
}

static json_t *battery_state(int64_t mono_ms)
{
	struct text text = text_in(room, HA_STATE_MAX);

	ha_battery_state(&text, &house, &site, 0, (struct now){.mono = {mono_ms}}, 30);
	return loaded(&text);
}

static bool is_null(const json_t *message, const char *name)
{
	const json_t *value = json_object_get(message, name);

	assert_non_null(value);
	return json_is_null(value);
}

static void a_value_that_is_old_or_not_believed_is_null(void **state)
{
	struct battery_state *battery = &site.batteries[0];
	int64_t stale_ms = setting(&site.settings[0], PARAMETER_STALE_AFTER);
	json_t *message = battery_state(1000);
	(void)state;

	assert_true(is_null(message, "soc_pct") && is_null(message, "action"));
	json_decref(message);
	battery->has_reading = true;
	battery->quality = QUALITY_GOOD;
	battery->reading.soc_bp = 5520;
	battery->reading.temp_min_mc = -3500;
	battery->measured_at.ms = 1000;
	message = battery_state(1000 + stale_ms);
	assert_true(json_number_value(json_object_get(message, "soc_pct")) == 55.2);
	assert_true(json_number_value(json_object_get(message, "temp_c")) == -3.5);
	assert_true(is_null(message, "power_w"));
	json_decref(message);
	message = battery_state(1001 + stale_ms);
	assert_true(is_null(message, "soc_pct") && is_null(message, "temp_c"));
	json_decref(message);
	battery->quality = QUALITY_SUSPECT;
	message = battery_state(1000);
	assert_true(is_null(message, "soc_pct"));
	json_decref(message);
}

static void what_is_set_and_taken_over_is_in_the_state(void **state)
{
	json_t *message;
	(void)state;

	site.settings[0].value[PARAMETER_LOGIC].number = LOGIC_MONITOR;
	site.settings[0].value[PARAMETER_RESERVE].number = 2000;
	site.relays[0].override =
	    (struct override){.is_active = true, .ends_wall = {1764491069000}};
	site.batteries[0].is_locked_out = true;
	message = battery_state(0);
	assert_string_equal(json_string_value(json_object_get(message, "mode")), "monitor");
	assert_string_equal(json_string_value(json_object_get(message, "enabled")), "OFF");
	assert_string_equal(json_string_value(json_object_get(message, "locked")), "ON");
	assert_string_equal(json_string_value(json_object_get(message, "until")),
			    "2025-11-30T08:24:29.000Z");
	assert_true(json_number_value(json_object_get(message, "reserve_pct")) == 20);
	assert_int_equal(json_integer_value(json_object_get(message, "minutes")), 30);
	json_decref(message);
}

static json_t *relay_state(int64_t mono_ms)
{
	struct text text = text_in(room, HA_STATE_MAX);

	ha_relay_state(&text, &house, &site, 0, (struct now){.mono = {mono_ms}});
	return loaded(&text);
}

static void a_relay_is_as_it_said_and_unknown_once_its_lease_is_over(void **state)
{
	struct relay_state *relay = &site.relays[0];
	json_t *message = relay_state(0);
	(void)state;

	assert_true(is_null(message, "state"));
	json_decref(message);
	relay->is_heard = true;
	relay->phase = RELAY_CONFIRMED;
	relay->status.is_on = true;
	relay->status.lease_left_ms = 90000;
	relay->heard_at.ms = 5000;
	message = relay_state(94999);
	assert_string_equal(json_string_value(json_object_get(message, "state")), "ON");
	assert_int_equal(json_number_value(json_object_get(message, "lease_s")), 90);
	json_decref(message);
	message = relay_state(95000);
	assert_true(is_null(message, "state"));
	json_decref(message);
	relay->is_silent = true;
	message = relay_state(6000);
	assert_true(is_null(message, "state"));
	json_decref(message);
}

static void the_worst_alert_is_told_in_no_more_than_can_be_shown(void **state)
{
	struct text text = text_in(room, HA_STATE_MAX);
	char outcome[600];
	json_t *message;
	(void)state;

	memset(outcome, 'x', sizeof outcome);
	for (size_t i = HA_WORDS_MAX - 1; i + 1 < sizeof outcome; i += 2)
		memcpy(outcome + i, "\xc2\xb0", 2); /* cut in the middle of one */
	outcome[sizeof outcome - 1] = '\0';
	site.alerts[0] = (struct alert){.id = 1, .code = ALERT_SENSOR_STALE, .is_active = true};
	site.alerts[1] = (struct alert){
	    .id = 2, .code = ALERT_LOCKED_OUT, .is_active = true, .is_acknowledged = true};
	ha_site_state(&text, &site, outcome);
	message = loaded(&text);
	assert_int_equal(json_integer_value(json_object_get(message, "alerts")), 1);
	assert_string_equal(json_string_value(json_object_get(message, "problem")), "ON");
	assert_true(strlen(json_string_value(json_object_get(message, "outcome"))) <= HA_WORDS_MAX);
	assert_true(strlen(json_string_value(json_object_get(message, "alert"))) > 0);
	json_decref(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_battery_has_its_values_with_class_unit_and_end, setup),
	    cmocka_unit_test_setup(a_meter_is_told_once_it_was_heard_with_energy_that_only_grows,
				   setup),
	    cmocka_unit_test_setup(a_meter_that_is_not_heard_yet_is_not_taken_away, setup),
	    cmocka_unit_test_setup(a_silent_meter_has_no_values, setup),
	    cmocka_unit_test_setup(each_entity_has_a_name_of_its_own_in_all, setup),
	    cmocka_unit_test_setup(bounds_and_options_are_those_of_the_parameters, setup),
	    cmocka_unit_test_setup(what_is_only_watched_or_shown_has_nothing_to_command, setup),
	    cmocka_unit_test_setup(the_largest_house_with_the_longest_names_fits, setup),
	    cmocka_unit_test_setup(what_was_announced_and_is_gone_is_taken_away, setup),
	    cmocka_unit_test_setup(nothing_but_what_could_be_ours_comes_of_what_the_broker_kept,
				   setup),
	    cmocka_unit_test_setup(a_value_that_is_old_or_not_believed_is_null, setup),
	    cmocka_unit_test_setup(what_is_set_and_taken_over_is_in_the_state, setup),
	    cmocka_unit_test_setup(a_relay_is_as_it_said_and_unknown_once_its_lease_is_over, setup),
	    cmocka_unit_test_setup(the_worst_alert_is_told_in_no_more_than_can_be_shown, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
