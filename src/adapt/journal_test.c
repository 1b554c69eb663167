/*
 * What a journal promises: what is committed is there, as it was received,
 * and nothing that is wrong with the file passes silently.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/journal.h"
#include "adapt/journal_read.h"
#include "adapt/redelivery.h"

#define NOBODY 65534

/* A directory of its own, a journal in it, and what its callbacks said. */
struct bench {
	char directory[64];
	char path[PATH_TEXT_MAX];
	uv_loop_t loop;
	struct journal *journal;
	int committed, health_changes, health;
	char sentence[384], set_aside[PATH_TEXT_MAX + 32];
	char error[384];
};

static void on_committed(void *user)
{
	((struct bench *)user)->committed++;
}

static void on_health(void *user, int error, const char *sentence)
{
	struct bench *bench = user;

	bench->health_changes++;
	bench->health = error;
	(void)snprintf(bench->sentence, sizeof(bench->sentence), "%s", sentence);
}

static void on_set_aside(void *user, const char *name)
{
	struct bench *bench = user;

	(void)snprintf(bench->set_aside, sizeof(bench->set_aside), "%s", name);
}

static int bench_open_at(struct bench *bench, const char *path, struct journal **out)
{
	struct journal_options options = {
	    .path = path,
	    .sync = SYNC_NORMAL,
	    .collector = "007", /* a name that looks like a number stays a name */
	    .events = {bench, on_committed, on_health, on_set_aside},
	};
	struct text error = text_in(bench->error, sizeof(bench->error));

	return journal_open(out, &bench->loop, &options, bench->set_aside, &error);
}

static void bench_open(struct bench *bench)
{
	assert_int_equal(bench_open_at(bench, bench->path, &bench->journal), 0);
}

static void bench_close(struct bench *bench)
{
	size_t lost;

	assert_int_equal(journal_close(bench->journal, 10000, &lost), 0);
	assert_int_equal(lost, 0);
	bench->journal = NULL;
	uv_run(&bench->loop, UV_RUN_NOWAIT);
}

static int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)snprintf(bench->directory, sizeof(bench->directory), "/tmp/journal-test-XXXXXX");
	if (mkdtemp(bench->directory) == NULL || uv_loop_init(&bench->loop) != 0)
		return -1;
	(void)snprintf(bench->path, sizeof(bench->path), "%s/journal.db", bench->directory);
	*state = bench;
	return 0;
}

static int bench_teardown(void **state)
{
	struct bench *bench = *state;
	char command[128];
	size_t lost;

	if (journal_close(bench->journal, 1000, &lost) != 0)
		print_message("# %zu records were not stored\n", lost);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", bench->directory);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	uv_loop_close(&bench->loop);
	free(bench);
	return system(command);
}

static void bench_commit(struct bench *bench)
{
	int before = bench->committed;

	assert_true(journal_commit(bench->journal));
	while (bench->committed == before)
		uv_run(&bench->loop, UV_RUN_ONCE);
}

static void bench_sql(struct bench *bench, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(bench->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static struct record reading_record(const char *node, double soc_pct, int64_t ts_ms)
{
	struct record record = {.kind = RECORD_READING, .wall = {ts_ms}, .wall_is_trusted = true};

	record.reading.quality = QUALITY_GOOD;
	record.reading.acts = true;
	record.reading.reading.received = (struct reading_received){
	    .soc_pct = soc_pct,
	    .temp_c = 24.1,
	    .temp_max_c = NAN,
	    .voltage_v = NAN,
	    .current_a = NAN,
	    .power_w = NAN,
	    .soh_pct = NAN,
	    .interval_s = NAN,
	};
	(void)snprintf(record.reading.reading.node.text, IDENT_MAX + 1, "%s", node);
	return record;
}

static void append(struct bench *bench, const struct record *record)
{
	assert_int_equal(journal_append(bench->journal, record), 0);
}

static struct journal_reader *reader_open(struct bench *bench)
{
	struct journal_reader *reader;

	assert_int_equal(journal_reader_new(&reader, bench->path), 0);
	return reader;
}

/* The rows seen, the last few of them kept. */
struct seen {
	int count;
	struct journal_reading reading[4];
	char node[4][IDENT_MAX + 1];
	struct journal_relay relay;
	struct decision decision;
	struct alert alert;
	struct journal_refused refused;
};

static bool see_reading(void *user, const struct journal_reading *reading)
{
	struct seen *seen = user;
	int slot = seen->count++ & 3;

	seen->reading[slot] = *reading;
	(void)snprintf(seen->node[slot], IDENT_MAX + 1, "%s", reading->node);
	return true;
}

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

static const struct journal_span always = {{0}, {INT64_MAX}, 100, false};

/* --- what goes in comes out ---------------------------------------------- */

static void journal_keeps_readings_exactly_as_received(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 55.23456789, 1700000000123);
	struct journal_reader *reader;
	struct seen seen = {0};

	record.reading.reading.received.voltage_v = 51.2;
	record.reading.reading.received.current_a = -13.4;
	record.reading.reading.has_sequence = true;
	record.reading.reading.sequence = INT64_MAX;
	record.reading.reading.has_time = true;
	record.reading.reading.measured.ms = 1700000000001;
	record.reading.reading.cell_count = 2;
	record.reading.reading.cell_mv[0] = 3301;
	record.reading.reading.cell_mv[1] = 65535;
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	bench_close(bench);

	bench_open(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, "b1", always, see_reading, &seen), 0);
	journal_reader_free(reader);
	bench_close(bench);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.node[0], "b1");
	assert_true(seen.reading[0].received.soc_pct == 55.23456789);
	assert_true(seen.reading[0].received.temp_c == 24.1);
	assert_true(isnan(seen.reading[0].received.temp_max_c));
	assert_true(seen.reading[0].received.voltage_v == 51.2);
	assert_true(seen.reading[0].received.current_a == -13.4);
	assert_true(isnan(seen.reading[0].received.power_w));
	assert_true(seen.reading[0].wall.ms == 1700000000123);
	assert_true(seen.reading[0].wall_is_trusted && !seen.reading[0].has_mono);
	assert_true(seen.reading[0].sequence == INT64_MAX);
	assert_true(seen.reading[0].measured.ms == 1700000000001);
	assert_int_equal(seen.reading[0].quality, QUALITY_GOOD);
	assert_true(seen.reading[0].acts);
	assert_int_equal(seen.reading[0].cell_count, 2);
	assert_int_equal(seen.reading[0].cell_mv[0], 3301);
	assert_int_equal(seen.reading[0].cell_mv[1], 65535);
}

static void journal_marks_rows_of_an_untrusted_clock_and_what_must_not_act(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 0);
	struct journal_reader *reader;
	struct seen seen = {0};

	record.wall_is_trusted = false;
	record.mono.ms = 4711;
	record.reading.acts = false;
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, NULL, always, see_reading, &seen), 0);
	journal_reader_free(reader);
	bench_close(bench);
	assert_false(seen.reading[0].wall_is_trusted);
	assert_false(seen.reading[0].acts);
	assert_true(seen.reading[0].has_mono && seen.reading[0].mono.ms == 4711);
}

static void journal_reads_spans_half_open_by_node_in_both_directions(void **state)
{
	struct bench *bench = *state;
	struct journal_span span = {{1000}, {3000}, 100, false};
	struct journal_reader *reader;
	struct seen seen = {0};

	bench_open(bench);
	for (int64_t ts_ms = 999; ts_ms <= 3001; ts_ms++) {
		if (ts_ms == 999 || ts_ms == 1000 || ts_ms == 2999 || ts_ms == 3000) {
			struct record b1 = reading_record("b1", 1, ts_ms);
			struct record b2 = reading_record("b2", 2, ts_ms);

			append(bench, &b1);
			append(bench, &b2);
		}
	}
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, "b1", span, see_reading, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_true(seen.reading[0].wall.ms == 1000 && seen.reading[1].wall.ms == 2999);
	seen.count = 0;
	assert_int_equal(journal_read_readings(reader, NULL, span, see_reading, &seen), 0);
	assert_int_equal(seen.count, 4);
	assert_true(seen.reading[0].wall.ms == 1000 && seen.reading[3].wall.ms == 2999);
	seen.count = 0;
	span.newest_first = true;
	span.limit = 1;
	assert_int_equal(journal_read_readings(reader, NULL, span, see_reading, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_true(seen.reading[0].wall.ms == 2999);
	assert_string_equal(seen.node[0], "b2");
	journal_reader_free(reader);
	bench_close(bench);
}

static void journal_gives_the_forwarder_rows_after_a_number(void **state)
{
	struct bench *bench = *state;
	struct journal_identity identity, again;
	struct journal_reader *reader;
	struct seen seen = {0};
	int64_t readings = -1, relays = -1;

	bench_open(bench);
	for (int i = 1; i <= 5; i++) {
		struct record record = reading_record("b1", i, i);

		append(bench, &record);
	}
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_last(reader, &readings, &relays), 0);
	assert_int_equal(readings, 5);
	assert_int_equal(relays, 0);
	assert_int_equal(journal_read_readings_after(reader, 2, 2, see_reading, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.reading[0].row, 3);
	assert_int_equal(seen.reading[1].row, 4);
	assert_int_equal(journal_read_identity(reader, &identity), 0);
	journal_reader_free(reader);
	bench_close(bench);
	bench_open(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_identity(reader, &again), 0);
	journal_reader_free(reader);
	bench_close(bench);
	assert_string_equal(identity.collector.text, "007");
	assert_true(identity.epoch > 0 && identity.epoch == again.epoch);
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

static void journal_keeps_relays_decisions_alerts_and_refused_messages(void **state)
{
	struct bench *bench = *state;
	struct record relay = {.kind = RECORD_RELAY, .wall = {5000}, .wall_is_trusted = true};
	struct record decided = {.kind = RECORD_DECISION, .wall = {5000}, .wall_is_trusted = true};
	struct record alerted = {.kind = RECORD_ALERT, .wall = {5000}, .wall_is_trusted = true};
	struct record refused = {.kind = RECORD_REFUSED, .wall = {5000}, .wall_is_trusted = true};
	struct decision *decision = &decided.decision.decision;
	int64_t counts[REFUSAL_COUNT];
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
	strcpy(decided.decision.battery.text, "b1");
	decision->id = 42;
	decision->at.ms = 5000;
	decision->wall_is_trusted = true;
	decision->intent = INTENT_SAFE;
	decision->wanted = INTENT_CHARGE;
	decision->winner = DECIDER_SAFETY;
	decision->reason = (struct reason){REASON_CHARGE_COLD, 2100, 5000};
	decision->wishes[DECIDER_THRESHOLD] =
	    (struct wish){true, INTENT_CHARGE, {REASON_CHARGE_BELOW, 2000, 3000}};
	decision->quality = QUALITY_GOOD;
	decision->age_ms = 17;
	decision->soc_bp = 2007;
	decision->temp_min_mc = -2101;
	decision->temp_max_mc = 2999;
	alerted.alert = (struct alert){.id = 3,
				       .code = ALERT_RELAY_MISMATCH,
				       .subject = {"r1"},
				       .value = -1,
				       .limit = 2,
				       .detail = "it's \"so\"",
				       .is_active = true,
				       .count = 9,
				       .raised = {4000}};
	refused.refused.refusal = REFUSAL_NOT_JSON;
	strcpy(refused.refused.topic, "amphora/b1/battery");
	memcpy(refused.refused.payload, "{oops", 5);
	refused.refused.kept_length = 5;
	refused.refused.payload_length = 99999;

	bench_open(bench);
	append(bench, &relay);
	append(bench, &decided);
	append(bench, &alerted);
	append(bench, &refused);
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_relays(reader, "r1", always, see_relay, &seen), 0);
	assert_int_equal(journal_read_relays_after(reader, 0, 9, see_relay, &seen), 0);
	assert_int_equal(journal_read_decisions(reader, "b1", always, see_decision, &seen), 0);
	assert_int_equal(journal_read_decisions(reader, NULL, always, see_decision, &seen), 0);
	assert_int_equal(journal_read_alerts(reader, always, see_alert, &seen), 0);
	assert_int_equal(journal_read_refused(reader, always, see_refused, &seen), 0);
	assert_int_equal(journal_count_refused(reader, counts), 0);
	journal_reader_free(reader);
	bench_close(bench);

	assert_int_equal(seen.count, 6);
	assert_int_equal(seen.relay.role, RELAY_LOAD);
	assert_int_equal(seen.relay.phase, RELAY_MISMATCH);
	assert_true(seen.relay.wished_on && !seen.relay.is_on);
	assert_int_equal(seen.relay.lease_left_ms, 87654);
	assert_true(seen.relay.number == INT64_MAX);
	assert_true(seen.relay.boot == -1); /* the same 64 bits */
	assert_false(seen.relay.has_power || seen.relay.has_switches);
	assert_memory_equal(&seen.decision.wishes[DECIDER_THRESHOLD],
			    &decision->wishes[DECIDER_THRESHOLD], sizeof(struct wish));
	assert_int_equal(seen.decision.reason.code, REASON_CHARGE_COLD);
	assert_int_equal(seen.decision.reason.value, 2100);
	assert_int_equal(seen.decision.wanted, INTENT_CHARGE);
	assert_int_equal(seen.decision.soc_bp, 2007);
	assert_int_equal(seen.decision.temp_min_mc, -2101);
	assert_int_equal(seen.decision.temp_max_mc, 2999);
	assert_int_equal(seen.decision.id, 42);
	assert_string_equal(seen.alert.detail, "it's \"so\"");
	assert_int_equal(seen.alert.code, ALERT_RELAY_MISMATCH);
	assert_int_equal(seen.alert.value, -1);
	assert_int_equal(seen.alert.count, 9);
	assert_true(seen.refused.payload_length == 99999 && seen.refused.kept_length == 5);
	assert_int_equal(seen.refused.refusal, REFUSAL_NOT_JSON);
	assert_int_equal(counts[REFUSAL_NOT_JSON], 1);
	assert_int_equal(counts[REFUSAL_EMPTY], 0);
}

/* --- what survives a restart --------------------------------------------- */

struct restored {
	int settings, unreadable, batteries, relays, messages;
	int64_t reserve;
	struct kept_battery battery;
	struct kept_relay relay;
	char unreadable_name[64];
	struct redelivery ring;
};

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
	    restored,         restored_setting, restored_unreadable,
	    restored_battery, restored_relay,   restored_message};
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
	battery.kept_battery.kept.override.is_active = true;
	battery.kept_battery.kept.override.id = 8;
	battery.kept_battery.kept.override.intent = INTENT_DISCHARGE;
	battery.kept_battery.kept.override.ends_wall.ms = 1700000000000;
	relay.kept_relay.kept.switches_today = 5;
	relay.kept_relay.kept.has_switches = true;
	relay.kept_relay.kept.switches = UINT32_MAX;
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
	assert_memory_equal(&restored.battery.override.ends_wall,
			    &battery.kept_battery.kept.override.ends_wall,
			    sizeof(struct wall_time));
	assert_int_equal(restored.battery.override.intent, INTENT_DISCHARGE);
	assert_true(restored.battery.is_locked_out && restored.battery.override.is_active);
	assert_int_equal(restored.relay.switches_today, 6);
	assert_true(restored.relay.switches == UINT32_MAX);
	assert_true(summary.epoch == UINT32_MAX);
	assert_false(summary.has_rows);
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

static void journal_remembers_the_last_messages_for_redelivery(void **state)
{
	struct bench *bench = *state;
	struct restored restored = {0};
	struct journal_restored summary;

	bench_open(bench);
	for (uint16_t id = 0; id <= 1200; id++) {
		struct record record = reading_record("b1", 50, 1000 + id);

		record.reading.message_id = id;
		record.reading.payload_hash = id * 0x9e3779b97f4a7c15;
		if (journal_is_full(bench->journal))
			bench_commit(bench);
		append(bench, &record);
	}
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(restore(bench, &restored, &summary), 0);
	assert_int_equal(restored.messages, 1000);
	assert_true(redelivery_is_known(&restored.ring, 1200, 1200 * 0x9e3779b97f4a7c15));
	assert_true(redelivery_is_known(&restored.ring, 201, 201 * 0x9e3779b97f4a7c15));
	assert_false(redelivery_is_known(&restored.ring, 200, 200 * 0x9e3779b97f4a7c15));
	assert_true(summary.has_rows && summary.newest.ms == 2200);
}

/* --- limits --------------------------------------------------------------- */

static void journal_refuses_more_readings_than_a_batch_but_still_takes_state(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	struct record epoch = {.kind = RECORD_EPOCH, .epoch = 1};

	bench_open(bench);
	for (int i = 0; i < JOURNAL_BATCH_ROWS_MAX; i++) {
		assert_false(journal_is_full(bench->journal));
		append(bench, &record);
	}
	assert_true(journal_is_full(bench->journal));
	assert_int_equal(journal_append(bench->journal, &record), -ENOBUFS);
	append(bench, &epoch);
	assert_int_equal(journal_pending(bench->journal), JOURNAL_BATCH_ROWS_MAX + 1);
	bench_commit(bench);
	append(bench, &record);
	bench_close(bench);
}

/* --- what can be wrong with the file -------------------------------------- */

static void journal_refuses_a_file_of_a_newer_version(void **state)
{
	struct bench *bench = *state;
	struct journal *journal;

	bench_open(bench);
	bench_close(bench);
	bench_sql(bench, "PRAGMA user_version=2");
	assert_int_equal(bench_open_at(bench, bench->path, &journal), JOURNAL_IS_NEWER);
	assert_non_null(strstr(bench->error, "newer Amphora"));
	bench_sql(bench, "PRAGMA user_version=1");
	bench_open(bench);
	bench_close(bench);
}

static void journal_leaves_someone_elses_database_alone(void **state)
{
	struct bench *bench = *state;
	struct journal *journal;

	bench_sql(bench, "CREATE TABLE diary (day, words)");
	assert_int_equal(bench_open_at(bench, bench->path, &journal), -EINVAL);
	assert_non_null(strstr(bench->error, "not a journal of Amphora"));
	assert_int_equal(bench->set_aside[0], '\0');
}

static void journal_refuses_a_second_opener(void **state)
{
	struct bench *bench = *state;
	struct journal *second;

	bench_open(bench);
	assert_int_equal(bench_open_at(bench, bench->path, &second), JOURNAL_IN_USE);
	assert_non_null(strstr(bench->error, "in use by another amphorad"));
	bench_close(bench);
	bench_open(bench);
	bench_close(bench);
}

static void overwrite(const char *path, long offset, const char *text)
{
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void journal_sets_a_damaged_file_aside_and_begins_anew(void **state)
{
	static const long places[] = {0, 4096};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
		struct record record = reading_record("b1", 50, 1);
		char junk[512];

		memset(junk, '#', sizeof(junk) - 1);
		junk[sizeof(junk) - 1] = '\0';
		bench_open(bench);
		append(bench, &record);
		bench_commit(bench);
		bench_close(bench);
		overwrite(bench->path, places[i], junk);
		bench_open(bench);
		assert_non_null(strstr(bench->set_aside, ".damaged-"));
		assert_int_equal(access(bench->set_aside, F_OK), 0);
		append(bench, &record);
		bench_commit(bench);
		bench_close(bench);
	}
}

static void journal_says_why_it_cannot_open(void **state)
{
	struct bench *bench = *state;
	struct journal *journal;
	char path[PATH_TEXT_MAX];

	(void)snprintf(path, sizeof(path), "%s/nowhere/journal.db", bench->directory);
	assert_int_equal(bench_open_at(bench, path, &journal), -ENOENT);
	assert_non_null(strstr(bench->error, "No such file or directory"));
	assert_int_equal(mkdir(bench->path, 0700), 0);
	assert_true(bench_open_at(bench, bench->path, &journal) < 0);
	assert_non_null(strstr(bench->error, "cannot open"));
	assert_int_equal(bench->set_aside[0], '\0');
}

static void journal_says_that_it_may_not_write_a_directory(void **state)
{
	struct bench *bench = *state;
	struct journal *journal;

	/* Root may write anywhere: be nobody for a moment. */
	assert_int_equal(chmod(bench->directory, 0555), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_int_equal(bench_open_at(bench, bench->path, &journal), -EACCES);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_non_null(strstr(bench->error, "Permission denied"));
	assert_int_equal(chmod(bench->directory, 0700), 0);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void journal_keeps_a_batch_that_the_disk_refuses_and_stores_it_later(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	struct journal_reader *reader;
	struct seen seen = {0};

	signal(SIGXFSZ, SIG_IGN);
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	limit_files(4096);
	append(bench, &record);
	append(bench, &record);
	assert_true(journal_commit(bench->journal));
	while (bench->health_changes == 0)
		uv_run(&bench->loop, UV_RUN_ONCE);
	assert_true(bench->health < 0);
	assert_non_null(strstr(bench->sentence, bench->path));
	assert_int_equal(bench->committed, 1);
	assert_true(journal_is_committing(bench->journal));
	append(bench, &record);
	limit_files(RLIM_INFINITY);
	while (bench->committed < 2)
		uv_run(&bench->loop, UV_RUN_ONCE);
	assert_int_equal(bench->health, 0);
	assert_int_equal(bench->health_changes, 2);
	bench_close(bench);

	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, "b1", always, see_reading, &seen), 0);
	journal_reader_free(reader);
	assert_int_equal(seen.count, 4);
}

static void journal_says_how_many_records_were_lost_at_the_end(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 1);
	size_t lost = 0;

	signal(SIGXFSZ, SIG_IGN);
	bench_open(bench);
	limit_files(4096);
	append(bench, &record);
	append(bench, &record);
	assert_true(journal_commit(bench->journal));
	append(bench, &record);
	assert_int_equal(journal_close(bench->journal, 100, &lost), -EIO);
	bench->journal = NULL;
	limit_files(RLIM_INFINITY);
	assert_int_equal(lost, 3);
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
	    CASE(journal_keeps_readings_exactly_as_received),
	    CASE(journal_marks_rows_of_an_untrusted_clock_and_what_must_not_act),
	    CASE(journal_reads_spans_half_open_by_node_in_both_directions),
	    CASE(journal_gives_the_forwarder_rows_after_a_number),
	    CASE(journal_keeps_relays_decisions_alerts_and_refused_messages),
	    CASE(journal_tells_which_alerts_are_active_by_the_last_word_on_each),
	    CASE(journal_restores_settings_locks_overrides_and_the_epoch),
	    CASE(journal_forgets_a_setting_that_was_unset),
	    CASE(journal_names_a_kept_setting_that_it_cannot_read),
	    CASE(journal_remembers_the_last_messages_for_redelivery),
	    CASE(journal_refuses_more_readings_than_a_batch_but_still_takes_state),
	    CASE(journal_refuses_a_file_of_a_newer_version),
	    CASE(journal_leaves_someone_elses_database_alone),
	    CASE(journal_refuses_a_second_opener),
	    CASE(journal_sets_a_damaged_file_aside_and_begins_anew),
	    CASE(journal_says_why_it_cannot_open),
	    CASE(journal_says_that_it_may_not_write_a_directory),
	    CASE(journal_keeps_a_batch_that_the_disk_refuses_and_stores_it_later),
	    CASE(journal_says_how_many_records_were_lost_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
