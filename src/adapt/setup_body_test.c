/* What may be answered on the page's first run, and what becomes of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/setup_body.h"

#define BROKER "\"broker\":{\"host\":\"cellar\",\"user\":\"anna\",\"password\":\"x y\"},\"zone\":\"UTC\""
#define BATTERY                                                                                    \
	"\"battery\":{\"device\":\"pack\",\"chemistry\":\"lfp\",\"capacity_kwh\":5,"                     \
	"\"power_kw\":2,\"reserve_pct\":20}"

static struct setup_wish wish;
static char pointer[SETUP_POINTER_MAX];
static char words[512];

static int parse(const char *body)
{
	json_t *found = json_loads(
	    "[{\"kind\":\"battery\",\"id\":\"pack\",\"source\":\"- {id: pack}\\n\"},"
	    "{\"kind\":\"battery\",\"id\":\"b7\",\"source\":\"\"},"
	    "{\"kind\":\"relay\",\"id\":\"plug\",\"source\":\"- {id: plug}\\n\",\"opens_by_itself\":true},"
	    "{\"kind\":\"relay\",\"id\":\"bulb\",\"source\":\"- {id: bulb}\\n\",\"opens_by_itself\":false},"
	    "{\"kind\":\"relay\",\"id\":\"esp\",\"profile\":\"esphome\",\"source\":\"- {id: esp}\\n\","
	    "\"opens_by_itself\":false}]",
	    0, NULL);
	struct text error = text_in(words, sizeof(words));
	int rc = setup_wish_parse(&wish, body, strlen(body), found, pointer, &error);

	json_decref(found);
	return rc;
}

static void devices_are_taken_by_name_with_the_lines_that_were_found(void **state)
{
	(void)state;
	assert_int_equal(parse("{" BROKER "," BATTERY
			       ",\"relays\":[{\"role\":\"load\",\"device\":\"plug\"}]}"),
			 0);
	assert_string_equal(wish.broker.host, "cellar");
	assert_int_equal(wish.broker.port, 1883);
	assert_string_equal(wish.broker.password, "x y");
	assert_string_equal(wish.answers.battery, "b1");
	assert_string_equal(wish.answers.battery_source, "pack");
	assert_string_equal(wish.answers.sources[0], "- {id: pack}\n");
	assert_string_equal(wish.answers.sources[1], "- {id: plug}\n");
	assert_int_equal(wish.answers.relays[0].role, RELAY_LOAD);
	assert_false(wish.answers.relays[0].is_leaseless);
	assert_false(wish.may_replace || wish.is_preview);
}

static void a_sensor_of_ours_keeps_its_name(void **state)
{
	(void)state;
	assert_int_equal(parse("{" BROKER ",\"battery\":{\"device\":\"b7\",\"chemistry\":\"nmc\","
			       "\"capacity_kwh\":0.1,\"power_kw\":100,\"reserve_pct\":90}}"),
			 0);
	assert_string_equal(wish.answers.battery, "b7");
	assert_string_equal(wish.answers.battery_source, "");
	assert_int_equal(wish.answers.relay_count, 0);
}

static void the_owners_word_stands_above_a_timer_that_failed_its_trial(void **state)
{
	(void)state;
	assert_int_equal(parse("{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"source\","
			       "\"device\":\"plug\",\"lease\":\"none\"}]}"),
			 0);
	assert_true(wish.answers.relays[0].is_leaseless);
	assert_string_equal(wish.answers.sources[1], "- {id: plug}\n");
}

static void a_timer_that_the_owner_has_set_up_stands_in_the_lines(void **state)
{
	(void)state;
	assert_int_equal(parse("{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"source\","
			       "\"device\":\"esp\",\"auto_off_s\":30}]}"),
			 0);
	assert_false(wish.answers.relays[0].is_leaseless);
	assert_string_equal(wish.answers.sources[1], "- {id: esp, lease: node, auto_off_s: 30}\n");
	assert_int_equal(parse("{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"source\","
			       "\"device\":\"esp\",\"auto_off_s\":4}]}"),
			 -ERANGE);
	assert_int_equal(parse("{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"source\","
			       "\"device\":\"plug\",\"auto_off_s\":30}]}"),
			 -ERANGE);
}

static void what_does_not_open_by_itself_needs_the_owners_word(void **state)
{
	static const char *const RELAYS[] = {
	    "\"role\":\"source\",\"device\":\"bulb\"",
	    "\"role\":\"source\",\"uri\":\"coap://n\",\"kind\":\"course-node\",\"value\":\"/a\"",
	};
	char body[600];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(RELAYS); i++) {
		snprintf(body, sizeof(body), "{%s,%s,\"relays\":[{%s}]}", BROKER, BATTERY, RELAYS[i]);
		assert_int_equal(parse(body), -EPERM);
		assert_string_equal(pointer, "/relays/0");
		assert_non_null(strstr(words, "does not open by itself"));
		snprintf(body, sizeof(body), "{%s,%s,\"relays\":[{%s,\"lease\":\"none\"}]}", BROKER,
			 BATTERY, RELAYS[i]);
		assert_int_equal(parse(body), 0);
		assert_true(wish.answers.relays[0].is_leaseless);
	}
}

static void what_is_not_allowed_is_refused_at_its_place(void **state)
{
	static const struct {
		const char *body, *pointer;
		int rc;
	} CASES[] = {
	    {"[]", "", -EINVAL},
	    {"{" BROKER "," BATTERY ",\"more\":1}", "", -EINVAL},
	    {"{\"zone\":\"UTC\"," BATTERY "}", "/broker", -EINVAL},
	    {"{\"broker\":{\"host\":\"a b\"},\"zone\":\"UTC\"," BATTERY "}", "/broker/host", -ERANGE},
	    {"{\"broker\":{\"host\":\"a\",\"port\":0},\"zone\":\"UTC\"," BATTERY "}", "/broker/port",
	     -ERANGE},
	    {"{\"broker\":{\"host\":\"a\",\"password\":\"x\"},\"zone\":\"UTC\"," BATTERY "}",
	     "/broker/user", -ERANGE},
	    {"{\"broker\":{\"host\":\"a\",\"user\":\"a\\nb\"},\"zone\":\"UTC\"," BATTERY "}",
	     "/broker/user", -ERANGE},
	    {"{\"broker\":{\"host\":\"a\"},\"zone\":\"{a}\"," BATTERY "}", "/zone", -ERANGE},
	    {"{" BROKER ",\"battery\":{\"device\":\"plug\",\"chemistry\":\"lfp\",\"capacity_kwh\":5,"
	     "\"power_kw\":2,\"reserve_pct\":20}}",
	     "/battery/device", -ENOENT},
	    {"{" BROKER ",\"battery\":{\"device\":\"b7\",\"chemistry\":\"custom\",\"capacity_kwh\":5,"
	     "\"power_kw\":2,\"reserve_pct\":20}}",
	     "/battery/chemistry", -ERANGE},
	    {"{" BROKER ",\"battery\":{\"device\":\"b7\",\"chemistry\":\"lfp\",\"capacity_kwh\":0.09,"
	     "\"power_kw\":2,\"reserve_pct\":20}}",
	     "/battery/capacity_kwh", -ERANGE},
	    {"{" BROKER ",\"battery\":{\"device\":\"b7\",\"chemistry\":\"lead-acid\",\"capacity_kwh\":5,"
	     "\"power_kw\":2,\"reserve_pct\":49}}",
	     "/battery/reserve_pct", -ERANGE},
	    {"{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"both\",\"device\":\"plug\"}]}",
	     "/relays/0", -ERANGE},
	    {"{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"load\",\"device\":\"pack\"}]}",
	     "/relays/0", -ENOENT},
	    {"{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"load\",\"uri\":\"http://n\"}]}",
	     "/relays/0", -ERANGE},
	    {"{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"load\",\"uri\":\"coap://n\",\"kind\":\"x\"}]}",
	     "/relays/0", -ERANGE},
	    {"{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"load\",\"uri\":\"coap://n\","
	     "\"kind\":\"lwm2m\",\"value\":\"/1\\\", x: \\\"\"}]}",
	     "/relays/0", -ERANGE},
	    {"{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"load\",\"device\":\"plug\"},"
	     "{\"role\":\"source\",\"device\":\"plug\"}]}",
	     "/relays/1", -ERANGE},
	    {"{" BROKER "," BATTERY ",\"relays\":[{\"role\":\"load\",\"device\":\"plug\"},"
	     "{\"role\":\"load\",\"uri\":\"coap://n/r\"}]}",
	     "/relays/1", -ERANGE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		int rc = parse(CASES[i].body);

		if (rc != CASES[i].rc || strcmp(pointer, CASES[i].pointer) != 0)
			fail_msg("%s: %d at \"%s\": %s", CASES[i].body, rc, pointer, words);
		assert_true(words[0] != '\0');
	}
}

static void a_broker_may_be_named_alone_or_not_at_all(void **state)
{
	static const char BODY[] = "{\"broker\":{\"host\":\"cellar\",\"port\":1884}}";
	struct text error = text_in(words, sizeof(words));
	struct setup_broker broker;
	bool is_there;

	(void)state;
	assert_int_equal(setup_broker_parse(&broker, &is_there, NULL, 0, pointer, &error), 0);
	assert_false(is_there);
	assert_int_equal(setup_broker_parse(&broker, &is_there, BODY, strlen(BODY), pointer, &error), 0);
	assert_true(is_there && broker.port == 1884 && !broker.has_password);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(devices_are_taken_by_name_with_the_lines_that_were_found),
	    cmocka_unit_test(a_sensor_of_ours_keeps_its_name),
	    cmocka_unit_test(the_owners_word_stands_above_a_timer_that_failed_its_trial),
	    cmocka_unit_test(a_timer_that_the_owner_has_set_up_stands_in_the_lines),
	    cmocka_unit_test(what_does_not_open_by_itself_needs_the_owners_word),
	    cmocka_unit_test(what_is_not_allowed_is_refused_at_its_place),
	    cmocka_unit_test(a_broker_may_be_named_alone_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
