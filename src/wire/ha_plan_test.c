/* The plan in Home Assistant: announced while there may be one, with values only while it counts. */
#include "wire/ha_announce.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define HOUR_MS (60 * (int64_t)MS_PER_MINUTE)
#define BEGIN_MS 1806141600000 /* 2027-03-27T10:00:00Z */

static struct house house; /* large, so that they are not on the stack */
static struct planned plan;
static char room[HA_ANNOUNCE_MAX];

static void add_battery(const char *id)
{
	struct battery_config *battery = &house.batteries[house.battery_count++];

	*battery = (struct battery_config){
	    .chemistry = CHEMISTRY_LFP, .capacity_wh = 10000, .power_w = 5000};
	snprintf(battery->id.text, sizeof battery->id.text, "%s", id);
}

static int setup(void **state)
{
	(void)state;
	house_init(&house);
	house.home_assistant.is_on = true;
	house.home_assistant.id = (struct ident){"amphora"};
	house.home_assistant.planned = (struct ident){"b2"};
	add_battery("b1");
	add_battery("b2");
	plan = (struct planned){.number = 7,
				.made_at = {BEGIN_MS - 60000},
				.from = {BEGIN_MS},
				.valid_until = {BEGIN_MS + 3 * HOUR_MS},
				.slot_s = 3600,
				.currency = "EUR",
				.saved = 1.237f,
				.count = 3};
	for (int i = 0; i < plan.count; i++)
		plan.slots[i] = (struct planned_slot){.mode = PLANNED_CHARGE_TO,
						      .level_bp = 8500,
						      .buy = 0.1f,
						      .sell = 0.05f,
						      .soc_bp = {5000, 6000 + 500 * i, 7000}};
	plan.slots[2].mode = PLANNED_HOLD;
	plan.slots[2].buy = 0.4f;
	return 0;
}

static json_t *loaded(const struct text *text)
{
	json_error_t error;
	json_t *message;

	assert_false(text->is_cut);
	message = json_loads(room, JSON_REJECT_DUPLICATES, &error);
	if (message == NULL)
		fail_msg("%s: %s", error.text, room);
	return message;
}

static json_t *announced(void)
{
	struct text text = text_in(room, sizeof room);

	ha_announce_write(&text, &house, "0.1.0", "");
	return loaded(&text);
}

static json_t *state_at(enum planned_state how, int64_t after_ms)
{
	struct plan_status status = {.plan = &plan, .state = how, .why = "power is cheap"};
	struct text text = text_in(room, sizeof room);

	ha_plan_state(&text, &status, (struct wall_time){BEGIN_MS + after_ms});
	return loaded(&text);
}

static const char *words(const json_t *message, const char *name)
{
	const json_t *value = json_object_get(message, name);

	assert_non_null(value);
	return json_is_null(value) ? "null" : json_string_value(value);
}

static void a_plan_is_announced_of_the_battery_that_has_one_with_its_sentence_as_attribute(void **state)
{
	json_t *message = announced(), *entities, *options;
	const json_t *mode, *soc, *change;
	(void)state;

	assert_null(json_object_get(json_object_get(message, "cmps"), "b2_plan"));
	json_decref(message);
	house.home_assistant.plan_is_told = true;
	message = announced();
	entities = json_object_get(message, "cmps");
	assert_null(json_object_get(entities, "b1_plan"));
	mode = json_object_get(entities, "b2_plan");
	soc = json_object_get(entities, "b2_plansoc");
	change = json_object_get(entities, "b2_planchange");
	assert_string_equal(words(mode, "stat_t"), "amphora/plan/b2/state");
	assert_string_equal(words(mode, "json_attr_t"), "amphora/plan/b2/state");
	assert_string_equal(words(mode, "dev_cla"), "enum");
	options = json_object_get(mode, "ops");
	assert_int_equal(json_array_size(options), PLANNED_MODES);
	for (int i = 0; i < PLANNED_MODES; i++)
		assert_string_equal(json_string_value(json_array_get(options, (size_t)i)),
				    planned_mode_name((enum planned_mode)i));
	assert_string_equal(words(soc, "unit_of_meas"), "%");
	assert_string_equal(words(soc, "val_tpl"), "{{ value_json.soc_pct }}");
	assert_null(json_object_get(soc, "json_attr_t"));
	assert_string_equal(words(change, "dev_cla"), "timestamp");
	assert_int_equal(json_integer_value(json_object_get(change, "exp_aft")), 120);
	assert_non_null(json_object_get(entities, "b2_planthen"));
	json_decref(message);
}

/* A start has no plan yet: what was announced before stays while there may be one, and else goes. */
static void what_was_announced_of_a_plan_goes_when_there_can_be_none_any_more(void **state)
{
	static const char KEPT[] = "{\"cmps\":{\"b2_plan\":{\"p\":\"sensor\",\"name\":\"x\"},"
				   "\"b1_planthen\":{\"p\":\"sensor\",\"name\":\"x\"}}}";
	struct text gone = text_in(room, sizeof room);
	(void)state;

	ha_announce_gone(&gone, &house, KEPT, strlen(KEPT));
	assert_string_equal(room, ",\"b1_planthen\":{\"p\":\"sensor\"}");
	house.home_assistant.planned = (struct ident){""};
	gone = text_in(room, sizeof room);
	ha_announce_gone(&gone, &house, KEPT, strlen(KEPT));
	assert_string_equal(room, ",\"b2_plan\":{\"p\":\"sensor\"},\"b1_planthen\":{\"p\":\"sensor\"}");
}

static void its_state_says_what_it_does_now_and_when_it_does_something_else(void **state)
{
	json_t *message = state_at(PLANNED_IN_FORCE, HOUR_MS + 1);
	(void)state;

	assert_string_equal(words(message, "mode"), "charge-to");
	assert_float_equal(json_number_value(json_object_get(message, "level_pct")), 85, 0.01);
	assert_float_equal(json_number_value(json_object_get(message, "soc_pct")), 65, 0.01);
	assert_string_equal(words(message, "soc_at"), "2027-03-27T12:00:00.000Z");
	assert_string_equal(words(message, "next_at"), "2027-03-27T12:00:00.000Z");
	assert_string_equal(words(message, "next_mode"), "hold");
	assert_string_equal(words(message, "sentence"),
			    "charges from the grid to 85 %: power costs 10.0 ct/kWh now, and from "
			    "10.0 ct/kWh to 40.0 ct/kWh in the hours ahead");
	assert_string_equal(words(message, "state"), "in-force");
	assert_string_equal(words(message, "why"), "power is cheap");
	assert_string_equal(words(message, "valid_until"), "2027-03-27T13:00:00.000Z");
	assert_float_equal(json_number_value(json_object_get(message, "saved")), 1.24, 0.001);
	json_decref(message);
	message = state_at(PLANNED_NOT_ASKED, 2 * HOUR_MS);
	assert_string_equal(words(message, "mode"), "hold");
	assert_string_equal(words(message, "level_pct"), "null");
	assert_string_equal(words(message, "next_at"), "null");
	assert_string_equal(words(message, "state"), "not-asked");
	json_decref(message);
}

static void one_that_is_over_or_void_has_no_values(void **state)
{
	static const struct {
		enum planned_state how;
		int64_t after_ms;
	} cases[] = {{PLANNED_EXPIRED, 0},
		     {PLANNED_VOID, 0},
		     {PLANNED_IN_FORCE, -1},
		     {PLANNED_IN_FORCE, 3 * HOUR_MS}};
	struct text text = text_in(room, sizeof room);
	json_t *message;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		message = state_at(cases[i].how, cases[i].after_ms);
		assert_string_equal(words(message, "mode"), "null");
		assert_string_equal(words(message, "soc_pct"), "null");
		assert_string_equal(words(message, "sentence"), "null");
		assert_string_equal(words(message, "state"), planned_state_name(cases[i].how));
		json_decref(message);
	}
	ha_plan_state(&text, &(struct plan_status){0}, (struct wall_time){BEGIN_MS});
	message = loaded(&text);
	assert_string_equal(words(message, "mode"), "null");
	assert_string_equal(words(message, "state"), "none");
	json_decref(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		a_plan_is_announced_of_the_battery_that_has_one_with_its_sentence_as_attribute, setup),
	    cmocka_unit_test_setup(
		what_was_announced_of_a_plan_goes_when_there_can_be_none_any_more, setup),
	    cmocka_unit_test_setup(
		its_state_says_what_it_does_now_and_when_it_does_something_else, setup),
	    cmocka_unit_test_setup(one_that_is_over_or_void_has_no_values, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
