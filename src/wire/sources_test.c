/* What a configuration of sources may say, and what is said where it is wrong. */
#include "wire/source_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/source_command.h"
#include "wire/source_take.h"

static char words[CONFIG_ERRORS_TEXT_MAX];

static int parse_with(struct sources **out, const char *yaml, const struct source_shelf *shelf)
{
	struct text errors = text_in(words, sizeof words);

	return sources_parse(out, "house.yaml", yaml, strlen(yaml), shelf, &errors);
}

static int parse(struct sources **out, const char *yaml)
{
	return parse_with(out, yaml, &source_shelf_built_in);
}

/* The errors that `yaml` has must contain `text`. */
static void assert_wrong(const char *yaml, const char *text)
{
	struct sources *sources;
	int result = parse(&sources, yaml);

	if (result == 0 || strstr(words, text) == NULL)
		print_error("%s\nsaid: %s\n", yaml, result == 0 ? "nothing" : words);
	assert_int_not_equal(result, 0);
	assert_non_null(strstr(words, text));
}

static void a_mapping_of_ones_own_is_read(void **state)
{
	struct sources *sources = NULL;
	(void)state;

	assert_int_equal(parse(&sources,
			       "sources:\n"
			       "- id: b1\n"
			       "  stale_after: 30\n"
			       "  null_values: [65535, -127]\n"
			       "  available: {topic: bat/s, up: [online], down: offline}\n"
			       "  read:\n"
			       "    soc_pct: {topic: bat/json, path: /bms/soc, scale: 0.1}\n"
			       "    temp_c: {topic: bat/t, unit: F}\n"),
			 0);
	assert_int_equal(sources->count, 1);
	assert_int_equal(sources->entries[0].row_count, 2);
	assert_int_equal(sources->entries[0].stale_after_ms, 30000);
	assert_int_equal(sources->entries[0].null_count, 2);
	assert_true(source_has_topic(&sources->entries[0], "bat/s"));
	assert_false(source_has_topic(&sources->entries[0], "bat/x"));
	assert_int_equal(sources_find(sources, "b1"), 0);
	assert_int_equal(sources_find(sources, "b2"), -1);
	sources_free(sources);
}

static void a_row_of_ones_own_replaces_the_profiles(void **state)
{
	struct sources *sources = NULL;
	size_t found = 0;
	(void)state;

	assert_int_equal(parse(&sources, "sources:\n"
					 "- {id: p, profile: tasmota, topic: plug1,\n"
					 "   read: {power_w: {topic: other/power}}}\n"),
			 0);
	for (size_t i = 0; i < sources->entries[0].row_count; i++) {
		const struct source_row *row = &sources->entries[0].rows[i];

		found += row->field == SOURCE_POWER;
		if (row->field == SOURCE_POWER)
			assert_string_equal(row->topic, "other/power");
	}
	assert_int_equal(found, 1);
	sources_free(sources);
}

static void errors_name_line_key_and_what_is_allowed(void **state)
{
	static const char *const wrong[][2] = {
	    {"sources:\n- {profile: tasmota, topic: a}\n",
	     "house.yaml:2: sources[0].id: is missing"},
	    {"sources:\n- {id: a, profile: tasmote}\n",
	     "sources[0].profile: no profile \"tasmote\"; there are contiki-ng, course-node, esphome"},
	    {"sources:\n- {id: a, profile: tasmota}\n",
	     "sources[0]: topic is missing: the device's Topic"},
	    {"sources:\n- {id: a, profile: tasmota, topic: 'a/#'}\n",
	     "sources[0].topic: \"a/#\" is not allowed"},
	    {"sources:\n- {id: a, profile: tasmota, topic: a, topik: b}\n",
	     "sources[0].topik: no such key"},
	    {"sources:\n- {id: a, profile: tasmota, topic: a, role: heater}\n",
	     "sources[0].role: \"heater\" is not allowed: one of charger, inverter"},
	    {"sources:\n- id: a\n  read:\n    soc: {topic: x}\n",
	     "house.yaml:4: sources[0].read.soc: no such value; there are soc_pct"},
	    {"sources:\n- id: a\n  read:\n    soc_pct: {topic: x, unit: W}\n",
	     "sources[0].read.soc_pct.unit: \"W\" is not allowed: one of %, frac, permille"},
	    {"sources:\n- id: a\n  read:\n    soc_pct: {path: /x}\n",
	     "sources[0].read.soc_pct: topic is missing"},
	    {"sources:\n- id: a\n  read:\n    soc_pct: {topic: x, path: soc}\n",
	     "sources[0].read.soc_pct.path: \"soc\" is not allowed: a JSON Pointer"},
	    {"sources:\n- id: a\n  read:\n    soc_pct: {topic: x, scale: 0}\n",
	     "sources[0].read.soc_pct.scale: \"0\" is not allowed"},
	    {"sources:\n- id: a\n  read:\n    state: {topic: x, map: {'1': yes}}\n",
	     "sources[0].read.state.map.1: \"yes\" is not allowed: on or off"},
	    {"sources:\n- id: a\n  read: {soc_pct: {topic: x}}\n- id: a\n  read: {soc_pct: {topic: "
	     "y}}\n",
	     "house.yaml:4: sources[1].id: \"a\" is taken on line 2"},
	    {"sources:\n- id: a\n  read: {soc_pct: {topic: x}}\n  time: {path: /t, tz: CET}\n",
	     "sources[0].time.tz: \"CET\" is not allowed: an offset from UTC"},
	    {"sources:\n- {id: a}\n", "sources[0]: reads nothing"},
	    {"sources: 5\n", "sources: \"5\" is not allowed: a list of mappings"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
		assert_wrong(wrong[i][0], wrong[i][1]);
}

static void a_command_without_readback_or_lease_is_refused(void **state)
{
	(void)state;

	assert_wrong("sources:\n- id: a\n  write:\n    on: {topic: x, payload: '1'}\n"
		     "    off: {topic: x, payload: '0'}\n    lease: none\n",
		     "write needs read.state");
	assert_wrong("sources:\n- id: a\n  read: {state: {topic: s}}\n  write:\n"
		     "    on: {topic: x, payload: '1'}\n    off: {topic: x, payload: '0'}\n"
		     "    lease: device\n",
		     "lease: device needs $lease in the payload of on");
	assert_wrong("sources:\n- id: a\n  read: {state: {topic: s}}\n  write:\n"
		     "    on: {topic: x, payload: '$leese'}\n    off: {topic: x, payload: '0'}\n",
		     "after $ comes lease, pulsetime or number");
	assert_wrong("sources:\n- id: a\n  read: {state: {topic: s}}\n  write:\n"
		     "    on: {topic: x, payload: '1'}\n",
		     "needs both on and off");
	assert_wrong("sources:\n- id: a\n  read: {state: {topic: s}}\n  write:\n"
		     "    lease: {by: device, max: 60, setting: 0}\n",
		     "needs both on and off");
}

static void a_command_read_back_as_a_state_is_refused(void **state)
{
	(void)state;

	assert_wrong("sources:\n- id: a\n  read: {state: {topic: plug/set}}\n  write:\n"
		     "    on: {topic: plug/set, payload: '1'}\n    off: {topic: plug/off, payload: '0'}\n"
		     "    lease: none\n",
		     "house.yaml:2: sources[0]: reads \"plug/set\", where its commands go");
	assert_wrong("sources:\n- id: a\n  read: {state: {topic: s}, power_w: {topic: plug/off}}\n  write:\n"
		     "    on: {topic: plug/set, payload: '1'}\n    off: {topic: plug/off, payload: '0'}\n"
		     "    lease: none\n",
		     "reads \"plug/off\", where its commands go");
}

/* A shelf with one profile that is wrong. */
static const char *find_wrong(void *user, const char *name, size_t *length)
{
	(void)name;
	*length = strlen(user);
	return user;
}

static void list_wrong(void *user, struct text *out)
{
	(void)user;
	text_add(out, "mine");
}

static void an_error_in_a_profile_names_it_and_its_line(void **state)
{
	static char profile[] = "keys:\n  topic: {required: true}\nread:\n"
				"  soc_pct: {topic: \"${topic}/soc\", unit: mmV}\n";
	const struct source_shelf shelf = {profile, find_wrong, list_wrong, NULL};
	struct sources *sources;
	(void)state;

	assert_int_not_equal(
	    parse_with(&sources, "sources:\n- {id: a, profile: mine, topic: b}\n", &shelf), 0);
	assert_non_null(strstr(words, "house.yaml:2: sources[0]: profile mine, line 4, "
				      "read.soc_pct.unit: \"mmV\" is not allowed: one of %, frac"));
	strcpy(profile, "keys:\n  topic: {requird: true}\nread:\n  soc_pct: {topic: \"${topic}\"}\n");
	assert_int_not_equal(
	    parse_with(&sources, "sources:\n- {id: a, profile: mine, topic: b}\n", &shelf), 0);
	assert_non_null(strstr(words, "profile mine, line 2, keys.topic: requird is none of required, "
				      "preset, one_of, help, offer"));
}

static void a_profile_with_half_a_command_or_an_unknown_condition_is_refused(void **state)
{
	static char half[] = "keys:\n  topic: {required: true}\nread:\n  state: {topic: \"${topic}/s\"}\n"
			     "write:\n  on: {topic: \"${topic}/on\", payload: '1'}\n  lease: none\n";
	static char condition[] = "keys:\n  topic: {required: true}\nread:\n"
				  "  soc_pct: {topic: \"${topic}/s\", when: {rolle: charger}}\n"
				  "  temp_c: {topic: \"${topic}/t\"}\n";
	struct source_shelf shelf = {half, find_wrong, list_wrong, NULL};
	struct sources *sources;
	(void)state;

	assert_int_not_equal(
	    parse_with(&sources, "sources:\n- {id: a, profile: mine, topic: b}\n", &shelf), 0);
	assert_non_null(strstr(words, "house.yaml:2: sources[0]: write needs both on and off"));
	shelf.user = condition;
	assert_int_not_equal(
	    parse_with(&sources, "sources:\n- {id: a, profile: mine, topic: b}\n", &shelf), 0);
	assert_non_null(strstr(words, "profile mine, line 4, read.soc_pct.when: rolle is none of the "
				      "profile's keys"));
}

static void commands_carry_the_lease_as_the_device_counts_it(void **state)
{
	static const struct {
		int64_t lease_ms, granted_ms;
		const char *payload;
	} leases[] = {
	    {5000, 5000, "PulseTime1 50; Power1 ON"},
	    {11100, 11100, "PulseTime1 111; Power1 ON"},
	    {11900, 11100, "PulseTime1 111; Power1 ON"},
	    {12000, 12000, "PulseTime1 112; Power1 ON"},
	    {90500, 90000, "PulseTime1 190; Power1 ON"},
	    {64800000, 64800000, "PulseTime1 64900; Power1 ON"},
	};
	struct sources *sources = NULL;
	struct source_command command;
	(void)state;

	assert_int_equal(parse(&sources, "sources:\n- {id: p, profile: tasmota, topic: plug1}\n"),
			 0);
	for (size_t i = 0; i < ARRAY_LENGTH(leases); i++) {
		assert_int_equal(
		    source_command_on(&command, &sources->entries[0], leases[i].lease_ms, 1),
		    SOURCE_COMMAND_GOOD);
		assert_string_equal(command.payload, leases[i].payload);
		assert_int_equal(command.lease_ms, leases[i].granted_ms);
	}
	assert_int_equal(source_command_on(&command, &sources->entries[0], 64800001, 1),
			 SOURCE_COMMAND_LEASE_TOO_LONG);
	assert_int_equal(source_command_on(&command, &sources->entries[0], 50, 1),
			 SOURCE_COMMAND_LEASE_UNSUPPORTED); /* PulseTime 0 is no timer */
	sources_free(sources);
}

static void a_device_without_timer_is_switched_on_by_the_owners_word_alone(void **state)
{
	struct sources *sources = NULL;
	struct source_command command;
	(void)state;

	assert_int_equal(parse(&sources, "sources:\n- {id: p, profile: z2m, name: plug}\n"
					 "- {id: q, profile: z2m, name: plug, lease: none}\n"
					 "- {id: r, profile: z2m, name: plug, lease: on_time}\n"),
			 0);
	assert_int_equal(source_command_on(&command, &sources->entries[0], 90000, 1),
			 SOURCE_COMMAND_LEASE_UNSUPPORTED);
	assert_int_equal(source_command_off(&command, &sources->entries[0], 1),
			 SOURCE_COMMAND_GOOD);
	assert_int_equal(source_command_on(&command, &sources->entries[1], 90000, 1),
			 SOURCE_COMMAND_GOOD);
	assert_string_equal(command.payload, "{\"state\":\"ON\"}");
	assert_int_equal(command.lease_ms, 0);
	assert_int_equal(source_command_on(&command, &sources->entries[2], 90000, 1),
			 SOURCE_COMMAND_GOOD);
	assert_string_equal(command.payload, "{\"state\":\"ON\",\"on_time\":90}");
	sources_free(sources);
}

static void a_timer_set_on_the_device_must_be_within_the_lease(void **state)
{
	struct sources *sources = NULL;
	struct source_command command;
	(void)state;

	assert_int_equal(
	    parse(&sources, "sources:\n- {id: p, profile: shelly1, device: s, auto_off_s: 60}\n"),
	    0);
	assert_int_equal(source_command_on(&command, &sources->entries[0], 90000, 1),
			 SOURCE_COMMAND_GOOD);
	assert_int_equal(command.lease_ms, 60000);
	assert_int_equal(source_command_on(&command, &sources->entries[0], 59000, 1),
			 SOURCE_COMMAND_LEASE_UNSUPPORTED);
	sources_free(sources);
}

/* Neither 55 nor 552: nothing came, and it is counted as such. */
static void case_c2_a_mapped_plain_text_topic_with_a_comma_is_refused(void **state)
{
	const struct source_message message = {.topic = "bat/soc", .payload = "55,2", .length = 4};
	const struct source_now now = {.mono = {.ms = 1000000}};
	struct source_slot slots[SOURCE_FIELD_COUNT];
	struct source_state source;
	struct source_news news = {0};
	struct sources *sources = NULL;
	(void)state;

	assert_int_equal(parse(&sources, "sources:\n"
					 "- {id: b1, read: {soc_pct: {topic: bat/soc}}}\n"),
			 0);
	source_state_init(&source, slots, &sources->entries[0]);
	source_take(&news, &sources->entries[0], &source, &message, &now);
	assert_int_equal(news.got, 0);
	assert_int_equal(news.why, REFUSAL_BAD_NUMBER);
	sources_free(sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mapping_of_ones_own_is_read),
	    cmocka_unit_test(case_c2_a_mapped_plain_text_topic_with_a_comma_is_refused),
	    cmocka_unit_test(a_row_of_ones_own_replaces_the_profiles),
	    cmocka_unit_test(errors_name_line_key_and_what_is_allowed),
	    cmocka_unit_test(a_command_without_readback_or_lease_is_refused),
	    cmocka_unit_test(a_command_read_back_as_a_state_is_refused),
	    cmocka_unit_test(a_profile_with_half_a_command_or_an_unknown_condition_is_refused),
	    cmocka_unit_test(an_error_in_a_profile_names_it_and_its_line),
	    cmocka_unit_test(commands_carry_the_lease_as_the_device_counts_it),
	    cmocka_unit_test(a_device_without_timer_is_switched_on_by_the_owners_word_alone),
	    cmocka_unit_test(a_timer_set_on_the_device_must_be_within_the_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
