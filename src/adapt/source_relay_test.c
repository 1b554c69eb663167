/* What is sent to a relay of another make, and what counts as its answer. */
#include "adapt/source_relay.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/source_read.h"

/* What was published and reported, in words: "T:1 R:on F:c" and so on. */
struct scene {
	struct sources *sources;
	struct source_relay_handlers handlers;
	struct source_relay relay;
	struct source_now now;
	bool is_broker_away;
	char sent[256], said[256];
};

static int publish(void *user, const char *topic, const char *payload)
{
	struct scene *scene = user;

	if (scene->is_broker_away)
		return -ENOTCONN;
	snprintf(scene->sent, sizeof scene->sent, "%s %s", topic, payload);
	return 0;
}

static void on_status(void *user, size_t index, enum relay_answer answer,
		      const struct relay_status *status, uint64_t tag)
{
	struct scene *scene = user;
	size_t length = strlen(scene->said);

	(void)index;
	if (answer == ANSWER_TAKEN)
		snprintf(scene->said + length, sizeof scene->said - length, "taken %d; ", (int)tag);
	else
		snprintf(scene->said + length, sizeof scene->said - length, "%s; ",
			 status->is_on ? "on" : "off");
}

static void on_failed(void *user, size_t index, bool is_command, uint64_t tag, bool is_refused,
		      const char *detail)
{
	struct scene *scene = user;
	size_t length = strlen(scene->said);

	(void)index;
	snprintf(scene->said + length, sizeof scene->said - length, "%s%s %d: %s; ",
		 is_refused ? "refused " : "", is_command ? "command" : "read", (int)tag, detail);
}

static void open_scene(struct scene *scene, const char *source)
{
	char yaml[512], words[512];
	struct text errors = text_in(words, sizeof words);
	struct ident id;

	memset(scene, 0, sizeof *scene);
	snprintf(yaml, sizeof yaml, "sources:\n- {id: plug, %s}\n", source);
	assert_int_equal(sources_parse(&scene->sources, "test", yaml, strlen(yaml),
				       &source_shelf_built_in, &errors),
			 0);
	scene->handlers = (struct source_relay_handlers){scene, publish, on_status, on_failed};
	scene->now.mono.ms = 1000000;
	assert_int_equal(ident_parse(&id, "r1", 2), 0);
	source_relay_init(&scene->relay, 0, &id, &scene->sources->entries[0], &scene->handlers,
			  scene->now.mono);
}

static void command(struct scene *scene, bool is_on, int64_t lease_ms, uint64_t tag)
{
	const struct relay_command wish = {
	    .is_on = is_on, .has_lease = lease_ms > 0, .lease_ms = lease_ms};

	source_relay_command(&scene->relay, &wish, tag, scene->now.mono);
}

static void hear(struct scene *scene, const char *topic, const char *payload, bool is_retained)
{
	const struct source_message message = {
	    .topic = topic, .payload = payload, .length = strlen(payload), .is_retained = is_retained};

	source_relay_take(&scene->relay, &message, &scene->now);
}

static void pass(struct scene *scene, int64_t ms)
{
	scene->now.mono.ms += ms;
	source_relay_turn(&scene->relay, scene->now.mono);
}

static void close_scene(struct scene *scene, const char *said)
{
	assert_string_equal(scene->said, said);
	sources_free(scene->sources);
}

#define TASMOTA "profile: tasmota, topic: p"
#define SHELLY "profile: shelly2, prefix: s"
#define ESP "profile: esphome, prefix: n, state: c, lease: node"

static void a_state_after_the_command_confirms_it(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, TASMOTA);
	command(&scene, true, 90000, 7);
	assert_string_equal(scene.sent, "cmnd/p/Backlog PulseTime1 190; Power1 ON");
	assert_string_equal(scene.said, ""); /* nothing before who commands has ended */
	hear(&scene, "stat/p/RESULT", "{\"POWER\":\"ON\"}", false);
	assert_true(scene.relay.lease_ms == 90000);
	close_scene(&scene, "taken 7; on; ");
}

static void a_retained_state_confirms_nothing(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, TASMOTA);
	command(&scene, true, 90000, 7);
	hear(&scene, "stat/p/POWER", "ON", true);
	assert_string_equal(scene.said, "");
	pass(&scene, SOURCE_RELAY_ASK_MS);
	assert_string_equal(scene.sent, "cmnd/p/Power1 ");
	pass(&scene, SOURCE_RELAY_DEADLINE_MS);
	close_scene(&scene, "command 7: no state came after the command; ");
}

static void a_state_that_says_otherwise_is_told_at_the_deadline(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, TASMOTA);
	command(&scene, true, 90000, 7);
	hear(&scene, "tele/p/STATE", "{\"POWER\":\"OFF\"}", false); /* on its way before, perhaps */
	assert_string_equal(scene.said, "");
	pass(&scene, SOURCE_RELAY_DEADLINE_MS);
	close_scene(&scene, "taken 7; off; ");
}

static void an_acknowledgement_is_not_the_state(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, SHELLY);
	command(&scene, true, 90000, 7);
	hear(&scene, "amphora/rx/rpc", "{\"id\":9,\"src\":\"s\",\"result\":{\"was_on\":false}}",
	     false);
	assert_string_equal(scene.said, ""); /* of another request */
	hear(&scene, "amphora/rx/rpc", "{\"id\":1,\"src\":\"s\",\"result\":{\"was_on\":false}}",
	     false);
	assert_string_equal(scene.said, "taken 7; ");
	assert_non_null(strstr(scene.sent, "Switch.GetStatus"));
	hear(&scene, "amphora/rx/rpc",
	     "{\"id\":2,\"src\":\"s\",\"result\":{\"id\":0,\"output\":true}}", false);
	close_scene(&scene, "taken 7; on; ");
}

static void what_the_device_does_not_take_is_refused(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, TASMOTA);
	command(&scene, true, 90000, 7);
	hear(&scene, "stat/p/RESULT", "{\"Command\":\"Unknown\"}", false);
	assert_string_equal(scene.said, "refused command 7: the device did not take the command; ");
	scene.said[0] = '\0';
	command(&scene, true, 64900000, 8); /* longer than it can count */
	pass(&scene, 1);
	close_scene(&scene, "refused command 8: lease-too-long; ");
}

/* 90 s were set; what the device says of it, and what is sent and said then. */
static void a_timer_that_is_not_what_was_set_is_no_lease(void **state)
{
	static const struct {
		const char *told, *sent, *said;
		int64_t lease_ms;
	} cases[] = {
	    {"190", "cmnd/p/Backlog PulseTime1 190; Power1 ON", "taken 7; on; ", 90000},
	    {"191", "cmnd/p/Backlog PulseTime1 190; Power1 ON", "taken 7; on; ", 90000},
	    {"160", "cmnd/p/Backlog PulseTime1 190; Power1 ON", "taken 7; on; ", 60000},
	    {"192", "cmnd/p/Power1 OFF",
	     "refused command 7: its timer is 92 s and 90 s were set: see its rules and firmware; ",
	     90000},
	    {"0", "cmnd/p/Power1 OFF",
	     "refused command 7: it has no timer and 90 s were set: see its rules and firmware; ",
	     90000},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct scene scene;
		char told[64];

		open_scene(&scene, TASMOTA);
		command(&scene, true, 90000, 7);
		snprintf(told, sizeof told, "{\"PulseTime1\":{\"Set\":%s,\"Remaining\":0}}",
			 cases[i].told);
		hear(&scene, "stat/p/RESULT", told, false);
		hear(&scene, "stat/p/RESULT", "{\"POWER\":\"ON\"}", false);
		assert_string_equal(scene.sent, cases[i].sent);
		assert_true(scene.relay.lease_ms == cases[i].lease_ms);
		close_scene(&scene, cases[i].said);
	}
}

/* AUTO OFF is set on the device, and told only upon the question: 90 s by the configuration. */
static void a_timer_that_is_set_on_the_device_is_asked_for_before_on_is_confirmed(void **state)
{
	static const struct {
		const char *info, *sent, *said;
	} cases[] = {
	    {"{\"relays\":[{\"ison\":true,\"has_timer\":true,\"timer_duration\":90}]}",
	     "shellies/s/command announce", "taken 7; on; "},
	    {"{\"relays\":[{\"ison\":true,\"has_timer\":false,\"timer_duration\":0}]}",
	     "shellies/s/relay/0/command off",
	     "refused command 7: it has no timer and 90 s were set: see its rules and firmware; "},
	    {"{\"relays\":[{\"ison\":true,\"has_timer\":true,\"timer_duration\":600}]}",
	     "shellies/s/relay/0/command off",
	     "refused command 7: its timer is 600 s and 90 s were set: see its rules and firmware; "},
	};
	struct scene scene;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		open_scene(&scene, "profile: shelly1, device: s, auto_off_s: 90");
		command(&scene, true, 90000, 7);
		assert_string_equal(scene.sent, "shellies/s/relay/0/command on");
		hear(&scene, "shellies/s/relay/0", "on", false);
		assert_string_equal(scene.sent, "shellies/s/command announce");
		assert_string_equal(scene.said, "");
		hear(&scene, "shellies/s/info", cases[i].info, false);
		assert_string_equal(scene.sent, cases[i].sent);
		close_scene(&scene, cases[i].said);
	}
	/* Its firmware is older than that: what it says of its state counts all the same, later. */
	open_scene(&scene, "profile: shelly1, device: s, auto_off_s: 90");
	command(&scene, true, 90000, 7);
	hear(&scene, "shellies/s/relay/0", "on", false);
	pass(&scene, SOURCE_RELAY_DEADLINE_MS - 1);
	assert_string_equal(scene.said, "");
	pass(&scene, 1);
	close_scene(&scene, "taken 7; on; ");
}

static void a_device_without_the_right_timer_is_not_closed_again_for_a_while(void **state)
{
	static const char wrong[] = "{\"PulseTime1\":{\"Set\":700}}";
	struct scene scene;
	(void)state;

	open_scene(&scene, TASMOTA);
	command(&scene, true, 90000, 7);
	hear(&scene, "stat/p/RESULT", wrong, false);
	hear(&scene, "stat/p/RESULT", "{\"POWER\":\"ON\"}", false); /* before our OFF is there */
	hear(&scene, "stat/p/RESULT", "{\"POWER\":\"OFF\"}", false);
	command(&scene, false, 0, 7);
	hear(&scene, "stat/p/RESULT", "{\"POWER\":\"OFF\"}", false);
	scene.said[0] = '\0';
	command(&scene, true, 60000, 8);
	assert_string_equal(scene.sent, "cmnd/p/Power1 OFF");
	pass(&scene, 1);
	assert_string_equal(scene.said, "refused command 8: its timer is 600 s and 90 s were set: "
					"see its rules and firmware; ");
	/* Without a lease it is the owner's word that counts, and OFF is OFF. */
	command(&scene, true, 0, 9);
	assert_string_equal(scene.sent, "cmnd/p/Backlog PulseTime1 0; Power1 ON");
	command(&scene, false, 0, 10);
	assert_string_equal(scene.sent, "cmnd/p/Power1 OFF");
	pass(&scene, SOURCE_RELAY_WRONG_MS);
	scene.said[0] = '\0';
	command(&scene, true, 60000, 11);
	assert_string_equal(scene.sent, "cmnd/p/Backlog PulseTime1 160; Power1 ON");
	close_scene(&scene, "");
}

static void a_device_that_stays_closed_with_a_wrong_timer_is_said_to_be_closed(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, SHELLY);
	command(&scene, true, 30000, 7);
	hear(&scene, "amphora/rx/rpc", "{\"id\":1,\"src\":\"s\",\"result\":{\"was_on\":false}}",
	     false);
	hear(&scene, "amphora/rx/rpc",
	     "{\"id\":2,\"src\":\"s\",\"result\":{\"id\":0,\"output\":true,\"timer_duration\":300}}",
	     false);
	assert_non_null(strstr(scene.sent, "\"on\":false"));
	assert_string_equal(scene.said,
			    "taken 7; refused command 7: its timer is 300 s and 30 s were set: see "
			    "its rules and firmware; ");
	scene.said[0] = '\0';
	pass(&scene, SOURCE_RELAY_DEADLINE_MS);
	assert_non_null(strstr(scene.sent, "Switch.GetStatus"));
	hear(&scene, "s/status/switch:0", "{\"output\":true}", false);
	close_scene(&scene, "on; ");
}

static void a_device_that_is_gone_answers_nothing(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, TASMOTA);
	command(&scene, false, 0, 7);
	hear(&scene, "tele/p/LWT", "Offline", true);
	close_scene(&scene, "command 7: the device is gone, as its will or its gateway says; ");
}

static void on_is_not_kept_for_later_and_off_is(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, TASMOTA);
	scene.is_broker_away = true;
	command(&scene, true, 90000, 7);
	pass(&scene, 1);
	assert_string_equal(scene.said, "command 7: the broker is away; ");
	scene.said[0] = '\0';
	command(&scene, false, 0, 8);
	pass(&scene, 1);
	scene.is_broker_away = false;
	source_relay_up(&scene.relay, true, scene.now.mono);
	assert_string_equal(scene.sent, "cmnd/p/Power1 OFF");
	hear(&scene, "stat/p/POWER", "OFF", false);
	close_scene(&scene, "taken 8; off; ");
}

static void a_device_that_only_tells_changes_stands_as_it_said_last(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, ESP);
	source_relay_read(&scene.relay, scene.now.mono);
	pass(&scene, 1);
	assert_string_equal(scene.said, "read 0: it has not said yet how it stands; ");
	scene.said[0] = '\0';
	command(&scene, true, 90000, 7);
	hear(&scene, "n/switch/c/state", "ON", false);
	command(&scene, true, 90000, 8); /* a renewal, which it says nothing about */
	pass(&scene, SOURCE_RELAY_UNCHANGED_MS);
	assert_string_equal(scene.said, "taken 7; on; taken 8; on; ");
	hear(&scene, "n/status", "offline", true);
	scene.said[0] = '\0';
	command(&scene, true, 90000, 9); /* unknown again: nothing is taken for granted */
	pass(&scene, SOURCE_RELAY_DEADLINE_MS);
	close_scene(&scene, "command 9: no state came after the command; ");
}

static void a_relay_is_asked_every_now_and_then(void **state)
{
	struct scene scene;
	(void)state;

	open_scene(&scene, TASMOTA);
	pass(&scene, 0);
	assert_string_equal(scene.sent, "cmnd/p/Power1 ");
	hear(&scene, "stat/p/POWER", "OFF", false);
	scene.sent[0] = '\0';
	pass(&scene, SOURCE_RELAY_READ_MS - 1);
	assert_string_equal(scene.sent, "");
	pass(&scene, 1);
	assert_string_equal(scene.sent, "cmnd/p/Power1 ");
	pass(&scene, SOURCE_RELAY_DEADLINE_MS);
	close_scene(&scene, "off; read 0: it does not answer how it stands; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_state_after_the_command_confirms_it),
	    cmocka_unit_test(a_retained_state_confirms_nothing),
	    cmocka_unit_test(a_state_that_says_otherwise_is_told_at_the_deadline),
	    cmocka_unit_test(an_acknowledgement_is_not_the_state),
	    cmocka_unit_test(what_the_device_does_not_take_is_refused),
	    cmocka_unit_test(a_timer_that_is_not_what_was_set_is_no_lease),
	    cmocka_unit_test(a_timer_that_is_set_on_the_device_is_asked_for_before_on_is_confirmed),
	    cmocka_unit_test(a_device_without_the_right_timer_is_not_closed_again_for_a_while),
	    cmocka_unit_test(a_device_that_stays_closed_with_a_wrong_timer_is_said_to_be_closed),
	    cmocka_unit_test(a_device_that_is_gone_answers_nothing),
	    cmocka_unit_test(on_is_not_kept_for_later_and_off_is),
	    cmocka_unit_test(a_device_that_only_tells_changes_stands_as_it_said_last),
	    cmocka_unit_test(a_relay_is_asked_every_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
