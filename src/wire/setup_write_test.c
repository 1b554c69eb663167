/* What setup writes is what the daemon reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wire/config.h"
#include "wire/setup.h"

static struct setup_answers answers_of_a_home(void)
{
	return (struct setup_answers){
	    .zone = "Europe/Rome",
	    .broker = {.host = "broker.home", .port = 1884, .user = "an \"old\" \\user"},
	    .journal = "/home/anna/my house/journal.db",
	    .socket = "/home/anna/my house/amphora.sock",
	    .battery = "b1",
	    .chemistry = CHEMISTRY_LFP,
	    .capacity_kwh = 6.4,
	    .power_kw = 5,
	    .reserve_pct = 25,
	    .relay_count = 2,
	    .relays = {{.id = "r1", .role = RELAY_SOURCE, .uri = "coap://192.168.1.31/relay"},
		       {.id = "r2",
			.role = RELAY_LOAD,
			.uri = "coap://192.168.1.32/relay",
			.is_leaseless = true}},
	};
}

static struct house read_back_over(const struct setup_answers *answers, const char *old)
{
	static char content[SETUP_TEXT_MAX], words[CONFIG_ERRORS_TEXT_MAX];
	static struct house house;
	struct text text = text_in(content, sizeof(content)), errors = text_in(words, sizeof(words));

	setup_write(&text, answers, "2026-11-30", old);
	assert_false(text.is_cut);
	if (config_parse(&house, "setup", content, text.length, &errors) != 0)
		fail_msg("%s\n%s", words, content);
	return house;
}

static struct house read_back(const struct setup_answers *answers)
{
	return read_back_over(answers, NULL);
}

static void what_was_answered_is_what_the_daemon_reads(void **state)
{
	struct setup_answers answers = answers_of_a_home();
	struct house house = read_back(&answers);

	(void)state;
	assert_string_equal(house.zone, "Europe/Rome");
	assert_string_equal(house.broker.host, "broker.home");
	assert_int_equal(house.broker.port, 1884);
	assert_string_equal(house.broker.user, "an \"old\" \\user");
	assert_string_equal(house.store.path, "/home/anna/my house/journal.db");
	assert_int_equal(house.battery_count, 1);
	assert_int_equal(house.batteries[0].capacity_wh, 6400);
	assert_int_equal(house.batteries[0].power_w, 5000);
	assert_int_equal(house.relay_count, 2);
	assert_string_equal(house.relays[0].uri, "coap://192.168.1.31/relay");
	assert_true(house.relays[0].has_lease);
	assert_false(house.relays[1].has_lease);
	assert_int_equal(house.relays[1].role, RELAY_LOAD);
}

static void it_ends_in_monitor_whatever_was_answered(void **state)
{
	struct setup_answers answers = answers_of_a_home();
	struct house house = read_back(&answers);
	int32_t logic = (int32_t)house.layer.value[PARAMETER_LOGIC].number;

	(void)state;
	assert_string_equal(parameter_get(PARAMETER_LOGIC)->choices[logic], "monitor");
}

static void where_the_system_keeps_its_files_none_are_named(void **state)
{
	struct setup_answers answers = answers_of_a_home();
	struct house usual;

	(void)state;
	answers.journal[0] = answers.socket[0] = '\0';
	house_init(&usual);
	assert_string_equal(read_back(&answers).store.path, usual.store.path);
}

static void a_timer_of_the_owners_makes_a_switch_one_that_opens_by_itself(void **state)
{
	static const struct {
		const char *profile, *found;
	} CASES[] = {
	    {"shelly1", "- {id: w, profile: shelly1, device: \"s\"}\n"},
	    {"esphome", "- {id: w, profile: esphome, prefix: \"bms\", state: \"c\", read_topic: \"a/b\"}\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct setup_answers answers = answers_of_a_home();
		struct setup_relay relay = {.role = RELAY_SOURCE};
		char entry[SETUP_SOURCE_TEXT_MAX];
		struct text text = text_in(entry, sizeof(entry));

		answers.relay_count = 0;
		setup_take_relay(&relay, "w", false);
		setup_take_timer(&relay, &text, CASES[i].found, setup_find_timer(CASES[i].profile), 30);
		assert_true(setup_add_relay(&answers, &relay, entry));
		assert_true(read_back(&answers).relays[0].has_lease); /* refused, were nothing to open it */
		assert_non_null(strstr(entry, "auto_off_s: 30}\n"));
	}
	assert_null(setup_find_timer("contiki-ng"));
	assert_false(setup_is_timer(4) || setup_is_timer(61) || setup_is_timer(7.5));
}

static void a_source_that_two_use_is_written_once_and_too_many_are_refused(void **state)
{
	struct setup_answers answers = {0};
	char entry[32];

	(void)state;
	assert_true(setup_add_source(&answers, "- {id: a}\n"));
	assert_true(setup_add_source(&answers, "- {id: a}\n"));
	assert_true(setup_add_source(&answers, ""));
	assert_int_equal(answers.source_count, 1);
	for (int i = 1; i < SETUP_SOURCES_MAX; i++) {
		snprintf(entry, sizeof(entry), "- {id: a%d}\n", i);
		assert_true(setup_add_source(&answers, entry));
	}
	assert_false(setup_add_source(&answers, "- {id: one-more}\n"));
}

static const char OLD[] = "# Written by somebody\n"
			  "zone: Asia/Tokyo\n"
			  "# the broker in the cellar\n"
			  "mqtt:\n"
			  "  host: cellar\n"
			  "\n"
			  "  client_id: cellar-1\n"
			  "# for the tablet\n"
			  "web:\n"
			  "  listen: 127.0.0.1:9000\n"
			  "batteries:\n"
			  "- id: old1\n"
			  "# another\n"
			  "- {id: old2}\n"
			  "store: {path: /srv/old.db}";

static void what_an_older_file_says_beyond_setup_stays_in_it(void **state)
{
	struct setup_answers answers = answers_of_a_home();
	struct house house = read_back_over(&answers, OLD);

	(void)state;
	assert_int_equal(house.web.listen.port, 9000);
	assert_string_equal(house.store.path, "/srv/old.db");
	assert_string_equal(house.api.socket, "/home/anna/my house/amphora.sock");
	assert_string_equal(house.zone, "Europe/Rome");
	assert_string_equal(house.broker.host, "broker.home");
	assert_string_not_equal(house.broker.client_id.text, "cellar-1");
	assert_int_equal(house.battery_count, 1);
	assert_string_equal(house.batteries[0].id.text, "b1");
}

static void the_same_broker_keeps_what_was_said_of_it(void **state)
{
	struct setup_answers answers = answers_of_a_home();
	struct house house;

	(void)state;
	answers.broker_is_kept = true;
	house = read_back_over(&answers, OLD);
	assert_string_equal(house.broker.host, "cellar");
	assert_string_equal(house.broker.client_id.text, "cellar-1");
	assert_string_equal(read_back_over(&answers, "web: {}\n").broker.host, "broker.home");
}

static void comments_go_with_the_key_below_them(void **state)
{
	static char content[SETUP_TEXT_MAX];
	struct setup_answers answers = answers_of_a_home();
	struct text text = text_in(content, sizeof(content));

	(void)state;
	setup_write(&text, &answers, "2026-11-30", OLD);
	assert_non_null(strstr(content, "# From here on as it was before.\n# for the tablet\nweb:\n"));
	assert_null(strstr(content, "# the broker in the cellar"));
	assert_null(strstr(content, "somebody"));
	assert_null(strstr(content, "# another"));
}

static void a_node_of_another_make_has_no_lease_and_its_entry(void **state)
{
	struct setup_answers answers = answers_of_a_home();
	struct setup_relay relay = {.role = RELAY_SOURCE};
	const struct setup_kind *kind = setup_find_kind("course-node");
	char entry[SETUP_SOURCE_TEXT_MAX];
	struct text text = text_in(entry, sizeof(entry));
	struct house house;

	(void)state;
	answers.relay_count = 0;
	assert_false(setup_take_node(&relay, kind, "http://node"));
	assert_false(setup_take_node(&relay, kind, "coap://[fd00::1]\", x: \""));
	assert_true(setup_take_node(&relay, kind, "coap://[fd00::1]"));
	assert_true(relay.is_leaseless);
	setup_write_node(&text, &relay, kind, "/temp_act");
	assert_true(setup_add_relay(&answers, &relay, entry));
	assert_false(setup_add_relay(&answers, &relay, entry)); /* its name is taken */
	house = read_back(&answers);
	assert_string_equal(house.relays[0].source.text, "r1");
	assert_false(house.relays[0].has_lease);
	assert_null(setup_find_kind("tasmota"));
}

/* A fuzzer found one that YAML takes in no text as it is: the file could not be read again. */
static void whatever_was_typed_is_read_back_as_it_is(void **state)
{
	static const char *const texts[] = {"a \"b\" \\c", "12\xc2\x93", "\xc2\x85 x",
					    "\xe2\x80\xa8\xe2\x80\xa9", "\xef\xbb\xbfx",
					    "\xef\xbf\xbe\xef\xbf\xbf", "caf\xc3\xa9 \xe2\x82\xac"};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct setup_answers answers = answers_of_a_home();
		struct house house;

		snprintf(answers.broker.user, sizeof(answers.broker.user), "%s", texts[i]);
		house = read_back(&answers);
		assert_string_equal(house.broker.user, texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_answered_is_what_the_daemon_reads),
	    cmocka_unit_test(whatever_was_typed_is_read_back_as_it_is),
	    cmocka_unit_test(it_ends_in_monitor_whatever_was_answered),
	    cmocka_unit_test(where_the_system_keeps_its_files_none_are_named),
	    cmocka_unit_test(what_an_older_file_says_beyond_setup_stays_in_it),
	    cmocka_unit_test(the_same_broker_keeps_what_was_said_of_it),
	    cmocka_unit_test(comments_go_with_the_key_below_them),
	    cmocka_unit_test(a_node_of_another_make_has_no_lease_and_its_entry),
	    cmocka_unit_test(a_timer_of_the_owners_makes_a_switch_one_that_opens_by_itself),
	    cmocka_unit_test(a_source_that_two_use_is_written_once_and_too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
