/* The journal as a book: relays, decisions, alerts and refused messages, told as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "adapt/journal_test_bench.h"

/* The rows seen, the last of each kind kept. */
struct seen {
	int count;
	struct journal_relay relay;
	struct decision decision;
	struct alert alert;
	struct journal_refused refused;
};

static bool see_relay(void *user, const struct journal_relay *relay)
{
	struct seen *seen = user;

	seen->count++;
	seen->relay = *relay;
	assert_string_equal(relay->relay, "r1");
	assert_string_equal(relay->battery, "b1");
	return true;
}

static bool see_decision(void *user, int64_t row, const struct ident *battery,
			 const struct decision *decision)
{
	struct seen *seen = user;

	assert_true(row > 0);
	assert_string_equal(battery->text, "b1");
	seen->count++;
	seen->decision = *decision;
	return true;
}

static bool see_alert(void *user, int64_t row, struct wall_time wall, const struct alert *alert)
{
	struct seen *seen = user;

	assert_true(row > 0 && wall.ms == 5000);
	seen->count++;
	seen->alert = *alert;
	return true;
}

static bool see_refused(void *user, const struct journal_refused *refused)
{
	struct seen *seen = user;

	seen->count++;
	assert_string_equal(refused->topic, "amphora/b1/battery");
	assert_memory_equal(refused->payload, "{oops", 5);
	seen->refused = *refused;
	return true;
}

static void append_alert(struct bench *bench, enum alert_code code, const char *subject,
			 bool is_active)
{
	struct record record = {.kind = RECORD_ALERT,
				.wall = {5000},
				.alert = {.id = 1, .code = code, .is_active = is_active}};

	(void)snprintf(record.alert.subject.text, sizeof record.alert.subject.text, "%s", subject);
	append(bench, &record);
}

static void journal_tells_which_alerts_are_active_by_the_last_word_on_each(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;
	struct seen seen = {0};

	bench_open(bench);
	append_alert(bench, ALERT_SENSOR_STALE, "b1", true); /* began, ended, began again */
	append_alert(bench, ALERT_SENSOR_STALE, "b1", false);
	append_alert(bench, ALERT_SENSOR_STALE, "b2", true); /* began and ended */
	append_alert(bench, ALERT_SENSOR_STALE, "b2", false);
	append_alert(bench, ALERT_SENSOR_STALE, "b1", true);
	append_alert(bench, ALERT_NO_EFFECT, "b2", true); /* another matter */
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_active_alerts(reader, see_alert, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.alert.code, ALERT_NO_EFFECT); /* oldest first */
	journal_reader_free(reader);
	bench_close(bench);
}

/* Stores one record and opens the journal for reading; end_reading() ends both. */
static struct journal_reader *store(struct bench *bench, const struct record *record)
{
	bench_open(bench);
	append(bench, record);
	bench_commit(bench);
	return reader_open(bench);
}

static void end_reading(struct bench *bench, struct journal_reader *reader)
{
	journal_reader_free(reader);
	bench_close(bench);
}

static void journal_keeps_a_relays_state_and_all_64_bits_of_its_numbers(void **state)
{
	struct bench *bench = *state;
	struct record relay = {.kind = RECORD_RELAY, .wall = {5000}, .wall_is_trusted = true};
	struct journal_reader *reader;
	struct seen seen = {0};

	strcpy(relay.relay.relay.text, "r1");
	strcpy(relay.relay.battery.text, "b1");
	relay.relay.role = RELAY_LOAD;
	relay.relay.phase = RELAY_MISMATCH;
	relay.relay.wished_on = true;
	relay.relay.status.lease_left_ms = 87654;
	relay.relay.status.has_number = true;
	relay.relay.status.number = COMMAND_NUMBER_MAX;
	relay.relay.status.has_boot = true;
	relay.relay.status.boot = UINT64_MAX;
	reader = store(bench, &relay);
	assert_int_equal(journal_read_relays(reader, "r1", bench_always, see_relay, &seen), 0);
	end_reading(bench, reader);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.relay.role, RELAY_LOAD);
	assert_int_equal(seen.relay.phase, RELAY_MISMATCH);
	assert_true(seen.relay.wished_on && !seen.relay.is_on);
	assert_int_equal(seen.relay.lease_left_ms, 87654);
	assert_true(seen.relay.number == INT64_MAX);
	assert_true(seen.relay.boot == -1); /* the same 64 bits */
	assert_false(seen.relay.has_power || seen.relay.has_switches);
}

static void journal_keeps_why_it_was_decided_and_who_lost(void **state)
{
	struct bench *bench = *state;
	struct record record = {.kind = RECORD_DECISION, .wall = {5000}, .wall_is_trusted = true};
	struct decision *decision = &record.decision.decision;
	struct journal_reader *reader;
	struct seen seen = {0};

	strcpy(record.decision.battery.text, "b1");
	*decision = (struct decision){
	    .id = 42,
	    .at = {5000},
	    .wall_is_trusted = true,
	    .intent = INTENT_SAFE,
	    .wanted = INTENT_CHARGE,
	    .winner = DECIDER_SAFETY,
	    .reason = {REASON_CHARGE_COLD, 2100, 5000},
	    .flip = {REASON_CHARGE_COLD_LATCHED, 2100, 7000},
	    .wishes[DECIDER_THRESHOLD] = {true, INTENT_CHARGE, {REASON_CHARGE_BELOW, 2000, 3000}},
	    .quality = QUALITY_GOOD,
	    .age_ms = 17,
	    .soc_bp = 2007,
	    .temp_min_mc = -2101,
	    .temp_max_mc = 2999,
	};
	reader = store(bench, &record);
	assert_int_equal(journal_read_decisions(reader, "b1", bench_always, see_decision, &seen),
			 0);
	assert_int_equal(journal_read_decisions(reader, NULL, bench_always, see_decision, &seen),
			 0);
	end_reading(bench, reader);
	assert_int_equal(seen.count, 2);
	assert_memory_equal(&seen.decision.wishes[DECIDER_THRESHOLD],
			    &decision->wishes[DECIDER_THRESHOLD], sizeof(struct wish));
	assert_int_equal(seen.decision.reason.code, REASON_CHARGE_COLD);
	assert_int_equal(seen.decision.reason.value, 2100);
	assert_memory_equal(&seen.decision.flip, &decision->flip, sizeof(struct reason));
	assert_int_equal(seen.decision.wanted, INTENT_CHARGE);
	assert_int_equal(seen.decision.soc_bp, 2007);
	assert_int_equal(seen.decision.temp_min_mc, -2101);
	assert_int_equal(seen.decision.temp_max_mc, 2999);
	assert_int_equal(seen.decision.id, 42);
}

static void journal_keeps_an_alert_with_its_words_as_they_are(void **state)
{
	struct bench *bench = *state;
	struct record record = {.kind = RECORD_ALERT,
				.wall = {5000},
				.wall_is_trusted = true,
				.alert = {.id = 3,
					  .code = ALERT_RELAY_MISMATCH,
					  .subject = {"r1"},
					  .value = -1,
					  .limit = 2,
					  .detail = "it's \"so\"",
					  .is_active = true,
					  .count = 9,
					  .raised = {4000}}};
	struct journal_reader *reader = store(bench, &record);
	struct seen seen = {0};

	assert_int_equal(journal_read_alerts(reader, bench_always, see_alert, &seen), 0);
	end_reading(bench, reader);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.alert.detail, "it's \"so\"");
	assert_int_equal(seen.alert.code, ALERT_RELAY_MISMATCH);
	assert_int_equal(seen.alert.value, -1);
	assert_int_equal(seen.alert.count, 9);
}

static void journal_keeps_the_beginning_of_a_refused_message_and_why(void **state)
{
	struct bench *bench = *state;
	struct record record = {.kind = RECORD_REFUSED, .wall = {5000}, .wall_is_trusted = true};
	int64_t counts[REFUSAL_COUNT];
	struct journal_reader *reader;
	struct seen seen = {0};

	record.refused.refusal = REFUSAL_NOT_JSON;
	strcpy(record.refused.topic, "amphora/b1/battery");
	memcpy(record.refused.payload, "{oops", 5);
	record.refused.kept_length = 5;
	record.refused.payload_length = 99999;
	reader = store(bench, &record);
	assert_int_equal(journal_read_refused(reader, bench_always, see_refused, &seen), 0);
	assert_int_equal(journal_count_refused(reader, counts), 0);
	end_reading(bench, reader);
	assert_int_equal(seen.count, 1);
	assert_true(seen.refused.payload_length == 99999 && seen.refused.kept_length == 5);
	assert_int_equal(seen.refused.refusal, REFUSAL_NOT_JSON);
	assert_int_equal(counts[REFUSAL_NOT_JSON], 1);
	assert_int_equal(counts[REFUSAL_EMPTY], 0);
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
	    CASE(journal_tells_which_alerts_are_active_by_the_last_word_on_each),
	    CASE(journal_keeps_a_relays_state_and_all_64_bits_of_its_numbers),
	    CASE(journal_keeps_why_it_was_decided_and_who_lost),
	    CASE(journal_keeps_an_alert_with_its_words_as_they_are),
	    CASE(journal_keeps_the_beginning_of_a_refused_message_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
