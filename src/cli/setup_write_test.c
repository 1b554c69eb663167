/* What setup writes is what the daemon reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/setup_write.h"
#include "wire/config.h"

static struct setup_answers answers_of_a_home(void)
{
	return (struct setup_answers){
	    .zone = "Europe/Rome",
	    .broker = {.host = "broker.home", .port = 1884, .user = "an \"old\" \\user"},
	    .directory = "/home/anna/my house",
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

static struct house read_back(const struct setup_answers *answers)
{
	static char content[SETUP_TEXT_MAX], words[CONFIG_ERRORS_TEXT_MAX];
	static struct house house;
	struct text text = text_in(content, sizeof(content)), errors = text_in(words, sizeof(words));

	setup_write(&text, answers, "2026-11-30");
	assert_false(text.is_cut);
	if (config_parse(&house, "setup", content, text.length, &errors) != 0)
		fail_msg("%s\n%s", words, content);
	return house;
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
	answers.directory[0] = '\0';
	house_init(&usual);
	assert_string_equal(read_back(&answers).store.path, usual.store.path);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_answered_is_what_the_daemon_reads),
	    cmocka_unit_test(it_ends_in_monitor_whatever_was_answered),
	    cmocka_unit_test(where_the_system_keeps_its_files_none_are_named),
	    cmocka_unit_test(a_source_that_two_use_is_written_once_and_too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
