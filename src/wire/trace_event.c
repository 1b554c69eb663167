/* Events in a trace: what each kind holds, and of what the core looks at in it. */
#include <string.h>

#include "wire/trace_bytes.h"

static void code_cells(struct coder *coder, struct reading *reading)
{
	reading->cell_count = (uint8_t)code_size(coder, reading->cell_count, CELLS_MAX);
	for (size_t i = 0; i < reading->cell_count; i++)
		reading->cell_mv[i] = (uint16_t)code_size(coder, reading->cell_mv[i], UINT16_MAX);
}

static void code_reading(struct coder *coder, struct reading *reading)
{
	code_ident(coder, &reading->node);
	code_i32(coder, &reading->soc_bp);
	code_i32(coder, &reading->temp_min_mc);
	code_i32(coder, &reading->temp_max_mc);
	code_bool(coder, &reading->has_time);
	if (reading->has_time)
		code_i64(coder, &reading->measured.ms);
	code_bool(coder, &reading->has_sequence);
	if (reading->has_sequence)
		code_i64(coder, &reading->sequence);
	code_bool(coder, &reading->has_voltage);
	if (reading->has_voltage)
		code_i64(coder, &reading->voltage_mv);
	code_bool(coder, &reading->has_current);
	if (reading->has_current)
		code_i64(coder, &reading->current_ma);
	code_bool(coder, &reading->has_power);
	if (reading->has_power)
		code_i64(coder, &reading->power_mw);
	code_bool(coder, &reading->has_interval);
	if (reading->has_interval)
		code_i64(coder, &reading->interval_ms);
	code_cells(coder, reading);
}

static void code_status(struct coder *coder, struct relay_status *status)
{
	code_ident(coder, &status->node);
	code_bool(coder, &status->is_on);
	code_i64(coder, &status->lease_left_ms);
	code_bool(coder, &status->has_switches);
	if (status->has_switches)
		code_u32(coder, &status->switches);
	code_bool(coder, &status->has_number);
	if (status->has_number)
		code_u64(coder, &status->number);
	code_bool(coder, &status->has_boot);
	if (status->has_boot)
		code_u64(coder, &status->boot);
	code_bool(coder, &status->has_power);
	if (status->has_power)
		code_i64(coder, &status->power_mw);
	code_i32(coder, &status->clock_factor);
}

static void code_schedule(struct coder *coder, struct schedule *schedule)
{
	schedule->count = (uint8_t)code_size(coder, schedule->count, SCHEDULE_WINDOWS_MAX);
	for (size_t i = 0; i < schedule->count; i++) {
		struct schedule_window *window = &schedule->windows[i];

		window->intent =
		    (enum intent)code_enum(coder, window->intent, INTENT_DISCHARGE + 1);
		code_i32(coder, &window->start_s);
		code_i32(coder, &window->end_s);
	}
}

void code_settings(struct coder *coder, struct settings *settings)
{
	for (int id = 0; id < PARAMETER_COUNT; id++) {
		code_i64(coder, &settings->value[id].number);
		settings->place[id] =
		    (enum layer_place)code_enum(coder, settings->place[id], LAYER_BATTERY_RUN + 1);
		if (parameter_get((enum parameter_id)id)->kind == KIND_SCHEDULE)
			code_schedule(coder, &settings->value[id].schedule);
	}
}

static void code_alert(struct coder *coder, struct alert *alert)
{
	code_u32(coder, &alert->id);
	alert->code = (enum alert_code)code_enum(coder, alert->code, ALERT_COUNT);
	code_ident(coder, &alert->subject);
	code_i64(coder, &alert->value);
	code_i64(coder, &alert->limit);
	code_text(coder, alert->detail, sizeof(alert->detail));
	code_bool(coder, &alert->is_active);
	code_bool(coder, &alert->is_acknowledged);
	code_u32(coder, &alert->count);
	code_i64(coder, &alert->raised.ms);
	code_i64(coder, &alert->cleared.ms);
	code_i64(coder, &alert->last_at.ms);
}

static void code_kept_battery(struct coder *coder, struct kept_battery *kept)
{
	code_i32(coder, &kept->trips_today);
	code_bool(coder, &kept->is_locked_out);
	code_i64(coder, &kept->day);
}

static void code_kept_relay(struct coder *coder, struct kept_relay *kept)
{
	code_i32(coder, &kept->switches_today);
	code_i64(coder, &kept->day);
	code_bool(coder, &kept->has_switches);
	code_u32(coder, &kept->switches);
	code_bool(coder, &kept->is_ours);
	code_bool(coder, &kept->override.is_active);
	code_u32(coder, &kept->override.id);
	code_bool(coder, &kept->override.is_on);
	code_i64(coder, &kept->override.ends_wall.ms);
}

/* ---- events ---- */

static void code_event_reading(struct coder *coder, struct event *event)
{
	code_reading(coder, &event->reading.reading);
	code_bool(coder, &event->reading.is_retained);
	code_bool(coder, &event->reading.is_backlog);
}

static void code_event_refused(struct coder *coder, struct event *event)
{
	event->refused.refusal =
	    (enum refusal)code_enum(coder, event->refused.refusal, REFUSAL_COUNT);
	/* As it lies in memory: IEEE 754 wherever this runs. */
	uint64_t bits = 0;
	memcpy(&bits, &event->refused.value, sizeof(bits));
	code_u64(coder, &bits);
	memcpy(&event->refused.value, &bits, sizeof(bits));
	code_text(coder, event->refused.field, sizeof(event->refused.field));
}

static void code_event_relay(struct coder *coder, struct event *event)
{
	event->relay.answer =
	    (enum relay_answer)code_enum(coder, event->relay.answer, ANSWER_BLIND + 1);
	code_status(coder, &event->relay.status);
	code_u64(coder, &event->relay.number);
}

static void code_event_failed(struct coder *coder, struct event *event)
{
	code_bool(coder, &event->failed.is_command);
	code_u64(coder, &event->failed.number);
	code_bool(coder, &event->failed.is_refused);
	code_text(coder, event->failed.detail, sizeof(event->failed.detail));
}

static void code_event_override(struct coder *coder, struct event *event)
{
	struct override_wish *wish = &event->override;

	code_bool(coder, &wish->is_by_relay);
	wish->index = code_size(coder, wish->index, RELAYS_MAX - 1);
	code_bool(coder, &wish->is_on);
	wish->intent = (enum intent)code_enum(coder, wish->intent, INTENT_DISCHARGE + 1);
	code_i64(coder, &wish->duration_ms);
}

static void code_event_cancel(struct coder *coder, struct event *event)
{
	code_u32(coder, &event->cancel.id);
}

static void code_event_settings(struct coder *coder, struct event *event)
{
	code_settings(coder, &event->settings.settings);
}

static void code_event_acknowledge(struct coder *coder, struct event *event)
{
	code_u32(coder, &event->acknowledge.alert_id);
}

static void code_event_epoch(struct coder *coder, struct event *event)
{
	code_u32(coder, &event->epoch.epoch);
}

static void code_event_condition(struct coder *coder, struct event *event)
{
	event->condition.code =
	    (enum alert_code)code_enum(coder, event->condition.code, ALERT_COUNT);
	code_bool(coder, &event->condition.is_active);
	code_ident(coder, &event->condition.subject);
	code_i64(coder, &event->condition.value);
	code_i64(coder, &event->condition.limit);
	code_text(coder, event->condition.detail, sizeof(event->condition.detail));
}

static void code_event_restore(struct coder *coder, struct event *event)
{
	code_bool(coder, &event->restore.has_battery);
	if (event->restore.has_battery)
		code_kept_battery(coder, &event->restore.battery);
	code_bool(coder, &event->restore.has_relay);
	if (event->restore.has_relay)
		code_kept_relay(coder, &event->restore.relay);
	code_bool(coder, &event->restore.has_alert);
	if (event->restore.has_alert)
		code_alert(coder, &event->restore.alert);
}

static void code_event_plan(struct coder *coder, struct event *event)
{
	struct plan_wish *plan = &event->plan;

	code_u32(coder, &plan->number);
	code_u32(coder, &plan->version);
	plan->intent = (enum intent)code_enum(coder, plan->intent, INTENT_COUNT);
	plan->reason.code = (enum reason_code)code_enum(coder, plan->reason.code, REASON_COUNT);
	code_i64(coder, &plan->reason.value);
	code_i64(coder, &plan->reason.limit);
	code_i64(coder, &plan->until.ms);
}

static void code_event_trial(struct coder *coder, struct event *event)
{
	code_bool(coder, &event->trial.is_under_way);
}

/* What each kind holds; NULL where its kind is all. */
static void (*const event_coders[])(struct coder *, struct event *) = {
    [EVENT_TICK] = NULL,
    [EVENT_READING] = code_event_reading,
    [EVENT_READING_REFUSED] = code_event_refused,
    [EVENT_RELAY_STATUS] = code_event_relay,
    [EVENT_RELAY_FAILED] = code_event_failed,
    [EVENT_OVERRIDE] = code_event_override,
    [EVENT_OVERRIDE_CANCEL] = code_event_cancel,
    [EVENT_SETTINGS] = code_event_settings,
    [EVENT_ACKNOWLEDGE] = code_event_acknowledge,
    [EVENT_EPOCH_DURABLE] = code_event_epoch,
    [EVENT_CONDITION] = code_event_condition,
    [EVENT_RESTORE] = code_event_restore,
    [EVENT_STOP] = NULL,
    [EVENT_PLAN] = code_event_plan,
    [EVENT_TRIAL] = code_event_trial,
};

void code_event(struct coder *coder, struct event *event)
{
	event->kind = (enum event_kind)code_enum(coder, event->kind,
						 sizeof(event_coders) / sizeof(event_coders[0]));
	event->index = code_size(coder, event->index, RELAYS_MAX - 1);
	if (event_coders[event->kind] != NULL)
		event_coders[event->kind](coder, event);
}

/* ---- readings, shorter ---- */

/* What a reading has, in the order of how usual it is: the first seven take one byte. */
enum {
	HAS_SEQUENCE = 1,
	HAS_TIME = 2,
	HAS_POWER = 4,
	HAS_VOLTAGE = 8,
	HAS_CURRENT = 16,
	HAS_TEMP_MAX = 32, /* another than the coldest */
	HAS_INTERVAL = 64,
	HAS_CELLS = 128,
	IS_RETAINED = 256,
	IS_BACKLOG = 512,
	ALL_MARKS = 1023,
};

static uint32_t marks_of(const struct event *event)
{
	const struct reading *reading = &event->reading.reading;

	return (reading->has_sequence ? HAS_SEQUENCE : 0) | (reading->has_time ? HAS_TIME : 0) |
	       (reading->has_power ? HAS_POWER : 0) | (reading->has_voltage ? HAS_VOLTAGE : 0) |
	       (reading->has_current ? HAS_CURRENT : 0) |
	       (reading->temp_max_mc != reading->temp_min_mc ? HAS_TEMP_MAX : 0) |
	       (reading->has_interval ? HAS_INTERVAL : 0) |
	       (reading->cell_count > 0 ? HAS_CELLS : 0) |
	       (event->reading.is_retained ? IS_RETAINED : 0) |
	       (event->reading.is_backlog ? IS_BACKLOG : 0);
}

static void take_marks(struct event *event, uint32_t marks)
{
	struct reading *reading = &event->reading.reading;

	reading->has_sequence = (marks & HAS_SEQUENCE) != 0;
	reading->has_time = (marks & HAS_TIME) != 0;
	reading->has_power = (marks & HAS_POWER) != 0;
	reading->has_voltage = (marks & HAS_VOLTAGE) != 0;
	reading->has_current = (marks & HAS_CURRENT) != 0;
	reading->has_interval = (marks & HAS_INTERVAL) != 0;
	event->reading.is_retained = (marks & IS_RETAINED) != 0;
	event->reading.is_backlog = (marks & IS_BACKLOG) != 0;
}

/* By how much it is older than `at`. */
static void code_age(struct coder *coder, struct wall_time *measured, struct wall_time at)
{
	int64_t age_ms = (int64_t)((uint64_t)at.ms - (uint64_t)measured->ms);

	code_i64(coder, &age_ms);
	if (coder->is_reading)
		measured->ms = (int64_t)((uint64_t)at.ms - (uint64_t)age_ms);
}

static void code_marked(struct coder *coder, struct reading *reading, uint32_t marks,
			struct wall_time at)
{
	if (marks & HAS_TEMP_MAX)
		code_i32(coder, &reading->temp_max_mc);
	else if (coder->is_reading)
		reading->temp_max_mc = reading->temp_min_mc;
	if (marks & HAS_TIME)
		code_age(coder, &reading->measured, at);
	if (marks & HAS_SEQUENCE)
		code_i64(coder, &reading->sequence);
	if (marks & HAS_VOLTAGE)
		code_i64(coder, &reading->voltage_mv);
	if (marks & HAS_CURRENT)
		code_i64(coder, &reading->current_ma);
	if (marks & HAS_POWER)
		code_i64(coder, &reading->power_mw);
	if (marks & HAS_INTERVAL)
		code_i64(coder, &reading->interval_ms);
	if (marks & HAS_CELLS)
		code_cells(coder, reading);
}

void code_short_reading(struct coder *coder, struct event *event, struct wall_time at)
{
	struct reading *reading = &event->reading.reading;
	uint32_t marks = coder->is_reading ? 0 : marks_of(event);

	event->kind = EVENT_READING;
	event->index = code_size(coder, event->index, RELAYS_MAX - 1);
	marks = (uint32_t)code_size(coder, marks, ALL_MARKS);
	if (coder->is_reading)
		take_marks(event, marks);
	code_ident(coder, &reading->node);
	code_i32(coder, &reading->soc_bp);
	code_i32(coder, &reading->temp_min_mc);
	code_marked(coder, reading, marks, at);
}
