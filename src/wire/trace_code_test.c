/* What the core was given comes back from its bytes as it was, and nothing else comes back. */
#include "wire/trace_code.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct now now = {{14395942}, {INT64_C(1795595354720)}, true, -7 * 3600, 60};

static struct trace_entry entry;
static uint8_t bytes[TRACE_ENTRY_MAX];

static struct event reading_event(void)
{
	struct event event = {.kind = EVENT_READING, .index = 31};
	struct reading *reading = &event.reading.reading;

	strcpy(reading->node.text, "garage-1");
	reading->soc_bp = 5512;
	reading->temp_min_mc = -19900;
	reading->temp_max_mc = 24100;
	reading->has_time = reading->has_sequence = reading->has_voltage = true;
	reading->measured.ms = INT64_C(1795595354001);
	reading->sequence = INT64_MAX;
	reading->voltage_mv = 51200;
	reading->has_current = reading->has_power = reading->has_interval = true;
	reading->current_ma = -13400;
	reading->power_mw = INT64_MIN;
	reading->interval_ms = 10000;
	reading->cell_count = CELLS_MAX;
	for (uint16_t i = 0; i < CELLS_MAX; i++)
		reading->cell_mv[i] = (uint16_t)(3300 + i);
	event.reading.is_backlog = true;
	return event;
}

static struct event relay_event(void)
{
	struct event event = {.kind = EVENT_RELAY_STATUS, .index = 63};

	event.relay.answer = ANSWER_READBACK;
	event.relay.number = COMMAND_NUMBER(7, 3);
	event.relay.status = (struct relay_status){.node = {"r1"},
						   .is_on = true,
						   .lease_left_ms = 87000,
						   .has_switches = true,
						   .switches = UINT32_MAX,
						   .has_number = true,
						   .number = COMMAND_NUMBER_MAX,
						   .has_boot = true,
						   .boot = UINT64_MAX,
						   .has_power = true,
						   .power_mw = -5,
						   .clock_factor = 60};
	return event;
}

static struct event settings_event(void)
{
	struct event event = {.kind = EVENT_SETTINGS, .index = 1};
	struct settings *settings = &event.settings.settings;

	for (int id = 0; id < PARAMETER_COUNT; id++) {
		settings->value[id].number = id * 1000 - 5000;
		settings->place[id] = (enum layer_place)(id % (LAYER_BATTERY_RUN + 1));
	}
	settings->value[PARAMETER_SCHEDULE].schedule = (struct schedule){
	    .count = 2, .windows = {{INTENT_CHARGE, 1800, 16200}, {INTENT_DISCHARGE, 64800, 3600}}};
	return event;
}

static struct event restore_event(void)
{
	struct event event = {.kind = EVENT_RESTORE, .index = 2};

	event.restore.has_battery = event.restore.has_relay = event.restore.has_alert = true;
	event.restore.battery = (struct kept_battery){3, true, 20787};
	event.restore.relay = (struct kept_relay){
	    12, 20787, true, 4711, true, {true, 9, true, {INT64_C(1795595354720)}}};
	event.restore.alert = (struct alert){.id = 5,
					     .code = ALERT_RELAY_MISMATCH,
					     .subject = {"r1"},
					     .value = 1,
					     .limit = -1,
					     .detail = "stays on",
					     .is_active = true,
					     .count = 2,
					     .raised = {1},
					     .cleared = {-2},
					     .last_at = {3}};
	return event;
}

/* One of each kind, with every member set that its kind has. */
static void assert_comes_back(const struct event *event)
{
	size_t length = trace_encode_step(bytes, sizeof(bytes), &now, NULL, event);

	assert_in_range(length, 1, TRACE_ENTRY_MAX);
	memset(&entry, 0xa5, sizeof(entry));
	assert_int_equal(trace_decode(&entry, bytes, length, NULL), length);
	assert_int_equal(entry.kind, TRACE_STEP);
	assert_memory_equal(&entry.now.mono, &now.mono, sizeof(now.mono));
	assert_memory_equal(&entry.now.wall, &now.wall, sizeof(now.wall));
	assert_true(entry.now.wall_is_trusted);
	assert_int_equal(entry.now.utc_offset_s, now.utc_offset_s);
	assert_int_equal(entry.now.clock_factor, now.clock_factor);
	assert_memory_equal(&entry.event, event, sizeof(*event));
	/* Cut short anywhere it is no entry. */
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(trace_decode(&entry, bytes, cut, NULL), -EINVAL);
}

/* In the row soon after another entry, whichever way its own time was cut. */
static void assert_comes_back_soon(const struct event *event, int64_t apart_ms)
{
	struct now before = now;
	size_t length;

	before.mono.ms -= 1000;
	before.wall.ms -= 1000 + apart_ms;
	length = trace_encode_step(bytes, sizeof(bytes), &now, &before, event);
	memset(&entry, 0xa5, sizeof(entry));
	assert_int_equal(trace_decode(&entry, bytes, length, &before), length);
	assert_int_equal(entry.kind, TRACE_STEP);
	assert_true(entry.now.mono.ms == now.mono.ms && entry.now.wall.ms == now.wall.ms);
	assert_true(entry.now.wall_is_trusted);
	assert_int_equal(entry.now.utc_offset_s, now.utc_offset_s);
	assert_int_equal(entry.now.clock_factor, now.clock_factor);
	assert_memory_equal(&entry.event, event, sizeof(*event));
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(trace_decode(&entry, bytes, cut, &before), -EINVAL);
}

static void each_kind_of_event_comes_back_as_it_was(void **state)
{
	struct event events[] = {
	    {.kind = EVENT_TICK},
	    reading_event(),
	    {.kind = EVENT_READING_REFUSED,
	     .index = 1,
	     .refused = {REFUSAL_OUT_OF_RANGE, 186, "SoC"}},
	    relay_event(),
	    {.kind = EVENT_RELAY_FAILED, .failed = {true, COMMAND_NUMBER(1, 2), true, "4.03"}},
	    {.kind = EVENT_OVERRIDE,
	     .override = {true, RELAYS_MAX - 1, true, INTENT_DISCHARGE, OVERRIDE_MAX_MS}},
	    {.kind = EVENT_OVERRIDE_CANCEL, .cancel = {UINT32_MAX}},
	    settings_event(),
	    {.kind = EVENT_ACKNOWLEDGE, .acknowledge = {17}},
	    {.kind = EVENT_EPOCH_DURABLE, .epoch = {8}},
	    {.kind = EVENT_CONDITION,
	     .condition = {ALERT_BROKER_AWAY, true, {"b1"}, -1, 2, "refused"}},
	    restore_event(),
	    {.kind = EVENT_STOP},
	    {.kind = EVENT_PLAN,
	     .index = BATTERIES_MAX - 1,
	     .plan = {412, 3, INTENT_CHARGE, {REASON_PLAN_CHARGE, 4320, 8000}, {INT64_MAX}}},
	    {.kind = EVENT_TRIAL, .index = RELAYS_MAX - 1, .trial = {true}},
	};

	(void)state;
	assert_int_equal(sizeof(events) / sizeof(events[0]), EVENT_TRIAL + 1);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		assert_comes_back(&events[i]);
		for (int64_t apart_ms = -2; apart_ms <= 2; apart_ms++)
			assert_comes_back_soon(&events[i], apart_ms);
	}
}

static void a_step_soon_after_another_is_short_and_stands_on_it(void **state)
{
	struct event tick = {.kind = EVENT_TICK};
	struct event reading = {.kind = EVENT_READING, .index = 3};
	struct now before = now, other;
	(void)state;

	strcpy(reading.reading.reading.node.text, "b3");
	reading.reading.reading.soc_bp = 5512;
	reading.reading.reading.temp_min_mc = reading.reading.reading.temp_max_mc = 24100;
	before.mono.ms -= 1000;
	before.wall.ms -= 1000;
	assert_comes_back_soon(&reading, 0);
	assert_in_range(trace_encode_step(bytes, sizeof(bytes), &now, &before, &reading), 1, 14);
	assert_int_equal(trace_encode_step(bytes, sizeof(bytes), &now, &before, &tick), 3);
	/* Nothing stands before the first of a row. */
	assert_int_equal(trace_decode(&entry, bytes, 3, NULL), -EINVAL);
	/* What else changed is written whole. */
	other = before;
	other.wall_is_trusted = false;
	assert_in_range(trace_encode_step(bytes, sizeof(bytes), &now, &other, &tick), 10, 20);
	other = before;
	other.utc_offset_s += 3600;
	assert_in_range(trace_encode_step(bytes, sizeof(bytes), &now, &other, &tick), 10, 20);
	other = before;
	other.mono.ms = now.mono.ms + 1;
	assert_in_range(trace_encode_step(bytes, sizeof(bytes), &now, &other, &tick), 10, 20);
}

static void a_start_brings_the_house_and_its_settings_back(void **state)
{
	struct trace_start *start = calloc(1, sizeof(*start));
	size_t length;

	(void)state;
	assert_non_null(start);
	start->house.battery_count = BATTERIES_MAX;
	start->house.relay_count = RELAYS_MAX;
	for (size_t i = 0; i < BATTERIES_MAX; i++) {
		strcpy(start->house.batteries[i].id.text, "b");
		start->house.batteries[i].chemistry = CHEMISTRY_NMC;
		start->house.batteries[i].capacity_wh = 10000;
		start->house.batteries[i].power_w = 5000;
		start->settings[i] = settings_event().settings.settings;
	}
	for (size_t i = 0; i < RELAYS_MAX; i++)
		start->house.relays[i] = (struct relay_config){.id = {"relay"},
							       .battery = i / 2,
							       .role = (enum relay_role)(i % 2),
							       .has_lease = true};
	start->next_decision_id = 4711;
	start->next_alert_id = 12;
	strcpy(start->version.text, "0.1.0");
	length = trace_encode_start(bytes, sizeof(bytes), &now, start);
	assert_in_range(length, 1, TRACE_ENTRY_MAX); /* the largest house fits */
	assert_int_equal(trace_decode(&entry, bytes, length, NULL), length);
	assert_int_equal(entry.kind, TRACE_START);
	assert_memory_equal(&entry.start, start, sizeof(*start));
	free(start);
}

static void numbers_that_no_type_holds_are_refused(void **state)
{
	struct event event = {.kind = EVENT_ACKNOWLEDGE};
	size_t length = trace_encode_step(bytes, sizeof(bytes), &now, NULL, &event);
	uint8_t *last = bytes + length - 1; /* the alert's id: 0 */

	(void)state;
	memset(last, 0xff, 9);
	last[9] = 0x7f;
	assert_int_equal(trace_decode(&entry, bytes, length + 9, NULL), -EINVAL);
	last[9] = 0xff; /* one that does not end */
	memset(last + 10, 0xff, 10);
	assert_int_equal(trace_decode(&entry, bytes, length + 19, NULL), -EINVAL);
	bytes[0] = TRACE_PIECE + 1;
	assert_int_equal(trace_decode(&entry, bytes, length, NULL), -EINVAL);
	bytes[0] = 0;
	assert_int_equal(trace_decode(&entry, bytes, length, NULL), -EINVAL);
}

static void a_buffer_that_is_too_small_takes_nothing(void **state)
{
	struct event event = reading_event();
	size_t length = trace_encode_step(bytes, sizeof(bytes), &now, NULL, &event);

	(void)state;
	for (size_t size = 0; size < length; size++)
		assert_int_equal(trace_encode_step(bytes, size, &now, NULL, &event), 0);
}

static void a_copy_of_the_state_comes_back_in_pieces(void **state)
{
	struct site *site = calloc(1, sizeof(*site)), *copy = malloc(sizeof(*copy));
	struct trace_piece piece;
	int result = 0;
	uint32_t offset = 0;

	(void)state;
	assert_non_null(site);
	assert_non_null(copy);
	memset(copy, 0xa5, sizeof(*copy));
	site->batteries[0].reading.soc_bp = 5500;
	site->relays[RELAYS_MAX - 1].status.boot = UINT64_MAX;
	memset(site->alerts, 'x', sizeof(site->alerts)); /* more than a piece without a zero */
	while (result == 0) {
		size_t length;

		trace_cut_piece(&piece, site, offset);
		offset += piece.length;
		length = trace_encode_piece(bytes, sizeof(bytes), &now, &piece);
		assert_int_equal(trace_decode(&entry, bytes, length, NULL), length);
		result = trace_put_piece(copy, &entry.piece);
	}
	assert_int_equal(result, 1);
	assert_memory_equal(site, copy, sizeof(*site));
	free(site);
	free(copy);
}

static void a_piece_of_another_program_or_beyond_the_state_is_refused(void **state)
{
	struct site *site = calloc(1, sizeof(*site));
	struct trace_piece piece;

	(void)state;
	assert_non_null(site);
	trace_cut_piece(&piece, site, 0);
	piece.layout++;
	assert_int_equal(trace_put_piece(site, &piece), -ENOTSUP);
	piece.layout--;
	piece.offset = 1;
	assert_int_equal(trace_put_piece(site, &piece), -EINVAL);
	piece.offset = UINT32_MAX;
	assert_int_equal(trace_put_piece(site, &piece), -EINVAL);
	piece = (struct trace_piece){.layout = trace_layout(), .length = 1, .kept = 2};
	assert_int_equal(trace_put_piece(site, &piece), -EINVAL);
	free(site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_of_event_comes_back_as_it_was),
	    cmocka_unit_test(a_step_soon_after_another_is_short_and_stands_on_it),
	    cmocka_unit_test(a_start_brings_the_house_and_its_settings_back),
	    cmocka_unit_test(numbers_that_no_type_holds_are_refused),
	    cmocka_unit_test(a_buffer_that_is_too_small_takes_nothing),
	    cmocka_unit_test(a_copy_of_the_state_comes_back_in_pieces),
	    cmocka_unit_test(a_piece_of_another_program_or_beyond_the_state_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
