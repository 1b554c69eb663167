/* What a journal kept over a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "adapt/journal_test_bench.h"
#include "adapt/redelivery.h"

struct restored {
	int admissions, settings, unreadable, batteries, relays, messages;
	int64_t reserve;
	struct kept_battery battery;
	struct kept_relay relay;
	char admitted[64];
	char unreadable_name[64];
	struct redelivery ring;
};

static void restored_admission(void *user, const char *node, const char *text)
{
	struct restored *restored = user;

	assert_int_equal(restored->settings, 0); /* which may be about it */
	restored->admissions++;
	(void)snprintf(restored->admitted, sizeof(restored->admitted), "%s: %s", node, text);
}

static void restored_setting(void *user, const char *battery, enum parameter_id parameter,
			     const struct parameter_value *value)
{
	struct restored *restored = user;

	restored->settings++;
	assert_string_equal(battery, "b1");
	assert_int_equal(parameter, PARAMETER_RESERVE);
	restored->reserve = value->number;
}

static void restored_unreadable(void *user, const char *battery, const char *name,
				const char *value)
{
	struct restored *restored = user;

	(void)battery;
	(void)value;
	restored->unreadable++;
	(void)snprintf(restored->unreadable_name, sizeof(restored->unreadable_name), "%s", name);
}

static void restored_battery(void *user, const char *battery, const struct kept_battery *kept)
{
	struct restored *restored = user;

	assert_string_equal(battery, "b1");
	restored->batteries++;
	restored->battery = *kept;
}

static void restored_relay(void *user, const char *relay, const struct kept_relay *kept)
{
	struct restored *restored = user;

	assert_string_equal(relay, "r1");
	restored->relays++;
	restored->relay = *kept;
}

static void restored_message(void *user, uint16_t id, uint64_t hash)
{
	struct restored *restored = user;

	restored->messages++;
	redelivery_add(&restored->ring, id, hash);
}

static int restore(struct bench *bench, struct restored *restored, struct journal_restored *out)
{
	struct journal_restore_visit visit = {
	    restored,         restored_admission, restored_setting, restored_unreadable,
	    restored_battery, restored_relay,     restored_message};
	struct journal_reader *reader = reader_open(bench);
	int answer = journal_restore(reader, out, &visit);

	journal_reader_free(reader);
	return answer;
}

static void journal_restores_settings_locks_overrides_and_the_epoch(void **state)
{
	struct bench *bench = *state;
	struct record setting = {.kind = RECORD_SETTING, .setting = {.battery = {"b1"}}};
	struct record battery = {.kind = RECORD_KEPT_BATTERY, .kept_battery = {.battery = {"b1"}}};
	struct record relay = {.kind = RECORD_KEPT_RELAY, .kept_relay = {.relay = {"r1"}}};
	struct record epoch = {.kind = RECORD_EPOCH, .epoch = UINT32_MAX};
	struct restored restored = {0};
	struct journal_restored summary;

	setting.setting.parameter = PARAMETER_RESERVE;
	setting.setting.is_set = true;
	setting.setting.value.number = 3500;
	battery.kept_battery.kept.trips_today = 2;
	battery.kept_battery.kept.is_locked_out = true;
	battery.kept_battery.kept.day = 19000;
	relay.kept_relay.kept.override.is_active = true;
	relay.kept_relay.kept.override.id = 8;
	relay.kept_relay.kept.override.is_on = true;
	relay.kept_relay.kept.override.ends_wall.ms = 1700000000000;
	relay.kept_relay.kept.switches_today = 5;
	relay.kept_relay.kept.has_switches = true;
	relay.kept_relay.kept.switches = UINT32_MAX;
	relay.kept_relay.kept.is_ours = true;
	bench_open(bench);
	append(bench, &setting);
	append(bench, &battery);
	append(bench, &relay);
	append(bench, &epoch);
	relay.kept_relay.kept.switches_today = 6;
	append(bench, &relay);
	bench_commit(bench);
	bench_close(bench);

	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.settings, 1);
	assert_int_equal(restored.reserve, 3500);
	assert_memory_equal(&restored.relay.override.ends_wall,
			    &relay.kept_relay.kept.override.ends_wall, sizeof(struct wall_time));
	assert_true(restored.relay.override.is_active && restored.relay.override.is_on);
	assert_int_equal(restored.relay.override.id, 8);
	assert_true(restored.battery.is_locked_out);
	assert_int_equal(restored.relay.switches_today, 6);
	assert_true(restored.relay.switches == UINT32_MAX);
	assert_true(restored.relay.is_ours);
	assert_true(summary.epoch == UINT32_MAX);
	assert_false(summary.has_rows);
}

static void journal_keeps_who_was_let_in_until_he_is_forgotten(void **state)
{
	struct bench *bench = *state;
	struct record setting = {.kind = RECORD_SETTING, .setting = {.battery = {"b1"}}};
	struct record shed = {.kind = RECORD_ADMISSION,
			      .admission = {.admission = {{"shed"}, CHEMISTRY_NONE, 0, 0}}};
	struct record attic = {.kind = RECORD_ADMISSION,
			       .admission = {.admission = {{"attic"}, CHEMISTRY_LFP, 1, 2}}};
	struct restored restored = {0};
	struct journal_restored summary;

	setting.setting.parameter = PARAMETER_RESERVE;
	setting.setting.is_set = true;
	setting.setting.value.number = 3500;
	bench_open(bench);
	append(bench, &setting);
	append(bench, &shed);
	append(bench, &attic);
	attic.admission.is_forgotten = true;
	append(bench, &attic);
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.admissions, 1);
	assert_string_equal(restored.admitted, "shed: none 0 0");
	assert_int_equal(restored.settings, 1);
}

/* A person's word was on a battery then: it closed the relay that it needs and opened the other. */
static void journal_restores_what_version_1_kept(void **state)
{
	struct bench *bench = *state;
	struct restored restored = {0};
	struct journal_restored summary;

	bench_make_version_1(bench);
	bench_sql(bench,
		  "INSERT INTO setting VALUES ('b1', 'reserve', '35', 1699999999123);"
		  "INSERT INTO kept_battery (battery, day, trips_today, is_locked_out, override_id,"
		  " override_intent, override_ends_ms)"
		  " VALUES ('b1', 19000, 2, 1, 8, 'charge', 1700000000000);"
		  "INSERT INTO kept_relay (relay, day, switches_today, switches)"
		  " VALUES ('r1', 19000, 5, 4294967295);"
		  "INSERT INTO rele_data (ts_ms, flags, relay, battery, role, state, phase, wished,"
		  " lease_s) VALUES (1, 0, 'r1', 'b1', 'source', 'on', 'confirmed', 'on', 90)");
	bench_open(bench);
	assert_int_equal(bench->set_aside[0], '\0');
	bench_close(bench);

	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.reserve, 3500);
	assert_true(restored.battery.is_locked_out);
	assert_int_equal(restored.battery.trips_today, 2);
	assert_int_equal(restored.relay.switches_today, 5);
	assert_true(restored.relay.switches == UINT32_MAX);
	assert_false(restored.relay.is_ours);
	assert_true(restored.relay.override.is_active && restored.relay.override.is_on);
	assert_int_equal(restored.relay.override.id, 8);
	assert_true(restored.relay.override.ends_wall.ms == 1700000000000);
}

static void journal_forgets_a_setting_that_was_unset(void **state)
{
	struct bench *bench = *state;
	struct record setting = {.kind = RECORD_SETTING, .setting = {.battery = {"b1"}}};
	struct restored restored = {0};
	struct journal_restored summary;

	setting.setting.parameter = PARAMETER_RESERVE;
	setting.setting.is_set = true;
	setting.setting.value.number = 3500;
	bench_open(bench);
	append(bench, &setting);
	setting.setting.is_set = false;
	append(bench, &setting);
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.settings, 0);
}

static void journal_names_a_kept_setting_that_it_cannot_read(void **state)
{
	struct bench *bench = *state;
	struct restored restored = {0};
	struct journal_restored summary;

	bench_open(bench);
	bench_close(bench);
	bench_sql(bench, "INSERT INTO setting VALUES ('b1', 'reserve_pct', 'plenty', 0)");
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.settings, 0);
	assert_int_equal(restored.unreadable, 1);
	assert_string_equal(restored.unreadable_name, "reserve_pct");
}

static void append_session(struct bench *bench)
{
	append(bench, &(struct record){.kind = RECORD_SESSION});
}

static void append_message(struct bench *bench, uint16_t id, uint64_t hash)
{
	struct record record = reading_record("b1", 50, 1000 + id);

	record.reading.message_id = id;
	record.reading.payload_hash = hash;
	append(bench, &record);
}

static void append_refused(struct bench *bench, uint16_t id, uint64_t hash)
{
	struct record record = {.kind = RECORD_REFUSED, .wall = {1000 + id}};

	record.refused.message_id = id;
	record.refused.payload_hash = hash;
	append(bench, &record);
}

static void journal_remembers_the_last_messages_for_redelivery(void **state)
{
	struct bench *bench = *state;
	struct restored restored = {0};
	struct journal_restored summary;

	bench_open(bench);
	append_session(bench);
	for (uint16_t id = 0; id <= REDELIVERY_MAX + 8; id++) {
		if (journal_is_full(bench->journal))
			bench_commit(bench);
		append_message(bench, id, id * 0x9e3779b97f4a7c15);
	}
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.messages, REDELIVERY_MAX);
	assert_true(redelivery_is_known(&restored.ring, 16392, 16392 * 0x9e3779b97f4a7c15, true));
	assert_true(redelivery_is_known(&restored.ring, 9, 9 * 0x9e3779b97f4a7c15, true));
	assert_false(redelivery_is_known(&restored.ring, 8, 8 * 0x9e3779b97f4a7c15, true));
	assert_true(summary.has_rows && summary.newest.ms == 17392);
	assert_true(summary.has_session);
}

/* After a start with a clock of 1970, beside rows of the right time. */
static void journal_remembers_the_last_messages_also_of_an_early_clock(void **state)
{
	struct bench *bench = *state;
	struct restored restored = {0};
	struct journal_restored summary;

	bench_open(bench);
	append_session(bench);
	for (uint16_t id = 1; id <= 1200; id++) {
		if (journal_is_full(bench->journal))
			bench_commit(bench);
		append_message(bench, id, id);
	}
	for (uint16_t id = 1201; id <= 1205; id++) {
		struct record record = reading_record("b1", 50, 10);

		record.reading.message_id = id;
		record.reading.payload_hash = id;
		append(bench, &record);
	}
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_true(redelivery_is_known(&restored.ring, 1201, 1201, true));
	assert_true(redelivery_is_known(&restored.ring, 1205, 1205, true));
	assert_true(redelivery_is_known(&restored.ring, 1200, 1200, true));
}

/* The numbers of the two tables say nothing of each other, and their times may be of two clocks. */
static void journal_remembers_the_last_readings_beside_refused_messages_of_a_later_clock(void **state)
{
	struct bench *bench = *state;
	struct restored restored = {0};
	struct journal_restored summary;

	bench_open(bench);
	append_session(bench);
	for (uint16_t id = 1; id <= 1000; id++) {
		if (journal_is_full(bench->journal))
			bench_commit(bench);
		append_refused(bench, id, id);
	}
	bench_commit(bench);
	for (uint16_t id = 2001; id <= 2005; id++) {
		struct record record = reading_record("b1", 50, 10);

		record.reading.message_id = id;
		record.reading.payload_hash = id;
		append(bench, &record);
	}
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_true(redelivery_is_known(&restored.ring, 2001, 2001, true));
	assert_true(redelivery_is_known(&restored.ring, 1000, 1000, true));
}

/* Ids begin anew with a session: an equal pair of an older one is another message. */
static void journal_remembers_only_messages_of_the_present_session(void **state)
{
	struct bench *bench = *state;
	struct restored restored = {0};
	struct journal_restored summary;

	bench_open(bench);
	append_session(bench);
	append_message(bench, 1, 11);
	append_refused(bench, 2, 22);
	append_session(bench);
	append_message(bench, 3, 33);
	append_refused(bench, 4, 44);
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.messages, 2);
	assert_false(redelivery_is_known(&restored.ring, 1, 11, true));
	assert_false(redelivery_is_known(&restored.ring, 2, 22, true));
	assert_true(redelivery_is_known(&restored.ring, 3, 33, true));
	assert_true(redelivery_is_known(&restored.ring, 4, 44, true));
}

/* As the first version left it: which session its messages were of is not known. */
static void journal_without_a_session_remembers_no_message(void **state)
{
	struct bench *bench = *state;
	struct restored restored = {0};
	struct journal_restored summary;

	bench_open(bench);
	append_message(bench, 1, 11);
	append_refused(bench, 2, 22);
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.messages, 0);
	assert_true(summary.has_rows && !summary.has_session);
}

struct told_note {
	int count;
	char name[RECORD_NOTE_NAME_MAX], text[RECORD_NOTE_MAX];
};

static void take_note(void *user, const char *name, const char *text)
{
	struct told_note *told = user;

	told->count++;
	snprintf(told->name, sizeof told->name, "%s", name);
	snprintf(told->text, sizeof told->text, "%s", text);
}

static void journal_keeps_the_newest_note_of_a_name(void **state)
{
	struct bench *bench = *state;
	struct record record = {.kind = RECORD_NOTE, .note = {"energy grid", "1.000 0.000"}};
	struct journal_reader *reader;
	struct told_note told = {0};

	bench_open(bench);
	assert_int_equal(journal_append(bench->journal, &record), 0);
	bench_commit(bench);
	snprintf(record.note.text, sizeof record.note.text, "2.500 0.125");
	assert_int_equal(journal_append(bench->journal, &record), 0);
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(journal_reader_new(&reader, bench->path), 0);
	assert_int_equal(journal_read_notes(reader, take_note, &told), 0);
	journal_reader_free(reader);
	assert_int_equal(told.count, 1);
	assert_string_equal(told.name, "energy grid");
	assert_string_equal(told.text, "2.500 0.125");
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
	    CASE(journal_restores_settings_locks_overrides_and_the_epoch),
	    CASE(journal_keeps_who_was_let_in_until_he_is_forgotten),
	    CASE(journal_restores_what_version_1_kept),
	    CASE(journal_keeps_the_newest_note_of_a_name),
	    CASE(journal_forgets_a_setting_that_was_unset),
	    CASE(journal_names_a_kept_setting_that_it_cannot_read),
	    CASE(journal_remembers_the_last_messages_for_redelivery),
	    CASE(journal_remembers_the_last_messages_also_of_an_early_clock),
	    CASE(journal_remembers_the_last_readings_beside_refused_messages_of_a_later_clock),
	    CASE(journal_remembers_only_messages_of_the_present_session),
	    CASE(journal_without_a_session_remembers_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
