/* What the doctor finds: each part is named, the cause stands before what follows, and says what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/doctor.h"

struct seen {
	struct house house;
	struct site site;
	struct clock clock;
	struct daemon_status status;
	const char *check, *subject; /* of which findings are kept */
	int64_t now_ms;              /* since the start */
	bool clock_is_new;
	int count;                   /* of all */
	enum doctor_verdict worst;   /* of them */
	char words[1024], advice[1024]; /* theirs, one after the other */
};

static void keep(void *user, const struct doctor_finding *finding)
{
	struct seen *seen = user;

	seen->count++;
	if (strcmp(finding->check, seen->check) != 0 || strcmp(finding->subject, seen->subject) != 0)
		return;
	if (finding->verdict > seen->worst)
		seen->worst = finding->verdict;
	strncat(seen->words, finding->words, sizeof(seen->words) - strlen(seen->words) - 1);
	strncat(seen->advice, finding->advice, sizeof(seen->advice) - strlen(seen->advice) - 1);
}

/* A house in which all is well: one battery, one relay with a lease, a broker. */
static int set_up(void **state)
{
	static struct seen seen;
	struct house *house = &seen.house;

	seen = (struct seen){.clock = {.factor = 1}, .now_ms = 10 * MS_PER_MINUTE};
	house_init(house);
	strcpy(house->zone, "Europe/Rome");
	strcpy(house->broker.host, "broker.home");
	house->battery_count = house->relay_count = 1;
	house->batteries[0] = (struct battery_config){
	    .id = {"b1"}, .node = {"b1"}, .chemistry = CHEMISTRY_LFP, .capacity_wh = 5000, .power_w = 2000};
	house->relays[0] =
	    (struct relay_config){.id = {"r1"}, .uri = "coap://127.0.0.1/r1", .has_lease = true};
	seen.site.batteries[0].has_reading = true;
	seen.site.relays[0].is_heard = true;
	seen.status.broker = (struct broker_status){
	    .is_configured = true, .is_connected = true, .session_was_present = true, .connects = 2};
	seen.status.journal.is_ok = true;
	seen.status.web.port = 8642;
	*state = &seen;
	return 0;
}

static void examine(struct seen *seen, const char *check, const char *subject)
{
	seen->check = check;
	seen->subject = subject;
	seen->count = 0;
	seen->worst = DOCTOR_OK;
	seen->words[0] = seen->advice[0] = '\0';
	doctor_examine(&(struct doctor_look){.house = &seen->house,
					     .site = &seen->site,
					     .clock = &seen->clock,
					     .status = &seen->status,
					     .now = {.mono = {seen->now_ms},
						     .wall_is_trusted = !seen->clock_is_new}},
		       keep, seen);
}

static void finds(struct seen *seen, const char *check, const char *subject,
		  enum doctor_verdict verdict, const char *words)
{
	examine(seen, check, subject);
	assert_int_equal(seen->worst, verdict);
	if (!strstr(seen->words, words))
		fail_msg("\"%s\" does not say \"%s\"", seen->words, words);
	if (verdict != DOCTOR_OK)
		assert_string_not_equal(seen->advice, "");
}

static void where_all_is_well_each_part_says_so(void **state)
{
	static const struct {
		const char *check, *subject;
	} PARTS[] = {{"clock", ""},     {"zone", "Europe/Rome"}, {"broker", "broker.home"},
		     {"sensor", "b1"},  {"battery", "b1"},       {"relay", "r1"},
		     {"strangers", ""}, {"retained", ""},        {"journal", ""},
		     {"server", ""},    {"web", ""}};

	for (size_t i = 0; i < ARRAY_LENGTH(PARTS); i++) {
		examine(*state, PARTS[i].check, PARTS[i].subject);
		assert_int_equal(((struct seen *)*state)->worst, DOCTOR_OK);
		assert_string_not_equal(((struct seen *)*state)->words, "");
		assert_string_equal(((struct seen *)*state)->advice, "");
	}
}

static void a_broker_that_is_away_is_a_fault_with_its_reason(void **state)
{
	struct seen *seen = *state;

	seen->status.broker.is_connected = false;
	strcpy(seen->status.broker.detail, "connection refused");
	finds(seen, "broker", "broker.home", DOCTOR_FAULT, "connection refused");
}

static void another_client_with_our_id_is_named_before_the_lost_connection(void **state)
{
	struct seen *seen = *state;

	seen->status.broker.is_connected = false;
	seen->status.broker.is_taken_over = true;
	strcpy(seen->house.broker.client_id.text, "amphora-1");
	finds(seen, "broker", "broker.home", DOCTOR_FAULT, "amphora-1");
	assert_null(strstr(seen->words, "not connected"));
}

static void a_marker_that_does_not_come_back_names_its_topic(void **state)
{
	struct seen *seen = *state;

	seen->status.broker.marker_is_awaited = true;
	finds(seen, "broker", "broker.home", DOCTOR_WARNING, "not acted on");
	assert_non_null(strstr(seen->advice, "/marker"));
}

static void a_broker_that_forgets_our_session_is_said_from_the_second_time_on(void **state)
{
	struct seen *seen = *state;

	seen->status.broker.session_was_present = false;
	seen->status.broker.connects = 1;
	finds(seen, "broker", "broker.home", DOCTOR_OK, "session new");
	seen->status.broker.connects = 2;
	finds(seen, "broker", "broker.home", DOCTOR_WARNING, "did not keep our session");
}

static void a_sensor_that_was_never_heard_names_where_it_is_expected(void **state)
{
	struct seen *seen = *state;

	seen->site.batteries[0].has_reading = false;
	strcpy(seen->house.batteries[0].topic, "garage/bms");
	finds(seen, "sensor", "b1", DOCTOR_FAULT, "garage/bms");
}

static void an_alert_is_what_the_doctor_says_of_its_part(void **state)
{
	struct seen *seen = *state;

	seen->site.alerts[0] = (struct alert){
	    .id = 1, .code = ALERT_SENSOR_STALE, .subject = {"b1"}, .is_active = true};
	finds(seen, "sensor", "b1", DOCTOR_FAULT, "b1");
	seen->site.alerts[0].is_active = false;
	finds(seen, "sensor", "b1", DOCTOR_OK, "heard");
}

static void a_relay_without_a_lease_is_a_warning_and_one_that_lost_it_a_fault(void **state)
{
	struct seen *seen = *state;

	seen->site.relays[0].status.is_on = true;
	finds(seen, "relay", "r1", DOCTOR_FAULT, "no lease runs");
	seen->site.relays[0].status.lease_left_ms = 1000;
	finds(seen, "relay", "r1", DOCTOR_OK, "on");
	seen->house.relays[0].has_lease = false;
	finds(seen, "relay", "r1", DOCTOR_WARNING, "has no lease");
	seen->status.proofs[0] = (struct relay_proof){
	    .relay = {"r1"}, .at = {1806141600000}, .is_passed = true, .result = "follows"};
	finds(seen, "relay", "r1", DOCTOR_WARNING, "a trial on 2027-03-27 has shown that it follows");
	seen->status.proofs[0].is_passed = false; /* that of its timer, before the owner's word */
	finds(seen, "relay", "r1", DOCTOR_WARNING, "has no lease");
}

static void no_lease_is_said_once_though_there_is_an_alert_of_it(void **state)
{
	struct seen *seen = *state;

	seen->house.relays[0].has_lease = false;
	seen->site.alerts[0] = (struct alert){
	    .id = 1, .code = ALERT_RELAY_NO_LEASE, .subject = {"r1"}, .is_active = true};
	finds(seen, "relay", "r1", DOCTOR_WARNING, "has no lease");
	assert_null(strstr(strstr(seen->words, "lease") + 1, "lease"));
}

static void a_battery_that_is_only_watched_is_not_said_to_be_commanded(void **state)
{
	struct seen *seen = *state;

	finds(seen, "battery", "b1", DOCTOR_OK, "only watched");
	seen->site.settings[0].value[PARAMETER_LOGIC].number = LOGIC_THRESHOLD;
	finds(seen, "battery", "b1", DOCTOR_OK, "is commanded within its limits");
}

static void a_timer_that_is_not_told_back_says_by_what_it_was_proved(void **state)
{
	struct seen *seen = *state;

	finds(seen, "relay", "r1", DOCTOR_OK, "answers");
	seen->house.relays[0].timer_is_untold = true;
	finds(seen, "relay", "r1", DOCTOR_WARNING, "no trial has proved it");
	seen->status.proofs[0] = (struct relay_proof){
	    .relay = {"r1"}, .at = {1806141600000}, .is_passed = true, .result = "opens"};
	finds(seen, "relay", "r1", DOCTOR_OK,
	      "a trial on 2027-03-27 has shown that it opens by itself, as its timer is set and never told back");
	seen->status.proofs[0].is_passed = false;
	finds(seen, "relay", "r1", DOCTOR_FAULT, "did not open by itself when it was tried on 2027-03-27");
	seen->status.proofs[0] = (struct relay_proof){.relay = {"r2"}, .is_passed = true};
	finds(seen, "relay", "r1", DOCTOR_WARNING, "no trial has proved it");
}

static void a_relay_that_never_answered_names_its_address(void **state)
{
	struct seen *seen = *state;

	seen->site.relays[0].is_heard = false;
	finds(seen, "relay", "r1", DOCTOR_FAULT, "coap://127.0.0.1/r1");
	seen->house.relays[0].uri[0] = '\0';
	finds(seen, "relay", "r1", DOCTOR_FAULT, "not registered");
	strcpy(seen->house.relays[0].source.text, "plug");
	finds(seen, "relay", "r1", DOCTOR_FAULT, "did not answer since the start at plug");
	assert_non_null(strstr(seen->advice, "on this broker"));
}

static void a_battery_that_is_only_watched_says_what_is_missing(void **state)
{
	struct seen *seen = *state;

	seen->house.batteries[0].capacity_wh = 0;
	finds(seen, "battery", "b1", DOCTOR_NOTE, "only watched");
	seen->house.relay_count = 0;
	finds(seen, "battery", "b1", DOCTOR_NOTE, "no relay");
}

static void retained_commands_and_strangers_are_named(void **state)
{
	struct seen *seen = *state;

	seen->status.refused[REFUSAL_RETAINED_COMMAND] = 2;
	finds(seen, "retained", "", DOCTOR_WARNING, "2 retained commands");
	strcpy(seen->status.unknown[3].name.text, "b7");
	finds(seen, "strangers", "b7", DOCTOR_NOTE, "no battery of this house");
	strcpy(seen->status.unknown_relays[2].name.text, "r9");
	finds(seen, "strangers", "r9", DOCTOR_NOTE, "none of this house");
}

static void trouble_with_storing_is_told_part_by_part(void **state)
{
	struct seen *seen = *state;

	seen->status.journal.is_ok = false;
	strcpy(seen->status.journal.detail, "no space left");
	finds(seen, "journal", "", DOCTOR_FAULT, "no space left");
	seen->status.server = (struct server_status){.is_configured = true, .unsent_rows = 7};
	finds(seen, "server", "", DOCTOR_WARNING, "7 rows wait");
	seen->status.server.is_connected = true;
	seen->status.server.dead_letters = 3;
	finds(seen, "server", "", DOCTOR_WARNING, "refused 3 rows");
}

static void an_outlet_that_failed_says_why(void **state)
{
	struct seen *seen = *state;

	finds(seen, "outlets", "", DOCTOR_NOTE, "nobody is told");
	seen->house.outlet_count = 1;
	strcpy(seen->house.outlets[0].name.text, "phone");
	seen->status.outlets[0] = (struct outlet_status){.was_tried = true, .detail = "no route"};
	finds(seen, "outlets", "phone", DOCTOR_FAULT, "no route");
}

static void a_clock_that_is_not_believed_and_a_fast_one_are_said(void **state)
{
	struct seen *seen = *state;

	seen->clock.factor = 60;
	finds(seen, "clock", "", DOCTOR_NOTE, "60 times");
	strcpy(seen->house.zone, "UTC");
	finds(seen, "zone", "UTC", DOCTOR_NOTE, "UTC");
}

static void what_may_be_about_to_come_is_no_fault_right_after_the_start(void **state)
{
	struct seen *seen = *state;

	seen->status.broker.is_connected = false;
	seen->site.batteries[0].has_reading = false;
	seen->site.relays[0].is_heard = false;
	seen->clock_is_new = true;
	seen->now_ms = 4999;
	finds(seen, "broker", "broker.home", DOCTOR_NOTE, "just started");
	seen->now_ms = 5000;
	finds(seen, "broker", "broker.home", DOCTOR_FAULT, "not connected");
	finds(seen, "relay", "r1", DOCTOR_NOTE, "did not answer");
	seen->now_ms = 10000;
	finds(seen, "relay", "r1", DOCTOR_FAULT, "did not answer");
	finds(seen, "sensor", "b1", DOCTOR_NOTE, "nothing was heard");
	seen->now_ms = 30000;
	finds(seen, "sensor", "b1", DOCTOR_FAULT, "nothing was heard");
	finds(seen, "clock", "", DOCTOR_NOTE, "first minute");
	seen->now_ms = 75000;
	finds(seen, "clock", "", DOCTOR_WARNING, "not believed");
}

static void a_sensors_clock_is_told_from_its_zone(void **state)
{
	struct seen *seen = *state;
	struct alert *alert = &seen->site.alerts[0];

	*alert = (struct alert){.id = 1,
				.code = ALERT_SENSOR_CLOCK,
				.subject = {"b1"},
				.value = 7201 * MS_PER_SECOND,
				.is_active = true};
	examine(seen, "sensor", "b1");
	assert_non_null(strstr(seen->advice, "that is a zone"));
	alert->value = -(int64_t)(45 * 60 - 3) * MS_PER_SECOND;
	examine(seen, "sensor", "b1");
	assert_non_null(strstr(seen->advice, "that is a zone"));
	alert->value = 500 * MS_PER_SECOND;
	examine(seen, "sensor", "b1");
	assert_non_null(strstr(seen->advice, "time service"));
}

static void each_alert_says_what_to_do(void **state)
{
	struct seen *seen = *state;
	struct alert *alert = &seen->site.alerts[0];

	for (int code = ALERT_SENSOR_STALE; code <= ALERT_LOCKED_OUT; code++) {
		if (code == ALERT_RELAY_NO_LEASE) /* the lease says so itself */
			continue;
		*alert = (struct alert){.id = 1, .code = (enum alert_code)code, .subject = {"b1"}, .is_active = true};
		examine(seen, "sensor", "b1");
		assert_true(strlen(seen->advice) > strlen("; `amphora alerts` acknowledges it"));
	}
}

static void both_zones_are_said_where_they_differ(void **state)
{
	struct seen *seen = *state;

	strcpy(seen->status.machine_zone, "America/Los_Angeles");
	finds(seen, "zone", "Europe/Rome", DOCTOR_OK, "machine's zone is America/Los_Angeles");
	strcpy(seen->house.zone, "UTC");
	finds(seen, "zone", "UTC", DOCTOR_WARNING, "UTC; this machine's zone is America/Los_Angeles");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
	    TEST(where_all_is_well_each_part_says_so),
	    TEST(a_broker_that_is_away_is_a_fault_with_its_reason),
	    TEST(another_client_with_our_id_is_named_before_the_lost_connection),
	    TEST(a_marker_that_does_not_come_back_names_its_topic),
	    TEST(a_broker_that_forgets_our_session_is_said_from_the_second_time_on),
	    TEST(a_sensor_that_was_never_heard_names_where_it_is_expected),
	    TEST(an_alert_is_what_the_doctor_says_of_its_part),
	    TEST(a_timer_that_is_not_told_back_says_by_what_it_was_proved),
	    TEST(a_relay_without_a_lease_is_a_warning_and_one_that_lost_it_a_fault),
	    TEST(no_lease_is_said_once_though_there_is_an_alert_of_it),
	    TEST(a_battery_that_is_only_watched_is_not_said_to_be_commanded),
	    TEST(a_relay_that_never_answered_names_its_address),
	    TEST(a_battery_that_is_only_watched_says_what_is_missing),
	    TEST(retained_commands_and_strangers_are_named),
	    TEST(trouble_with_storing_is_told_part_by_part),
	    TEST(an_outlet_that_failed_says_why),
	    TEST(a_clock_that_is_not_believed_and_a_fast_one_are_said),
	    TEST(what_may_be_about_to_come_is_no_fault_right_after_the_start),
	    TEST(a_sensors_clock_is_told_from_its_zone),
	    TEST(each_alert_says_what_to_do),
	    TEST(both_zones_are_said_where_they_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
