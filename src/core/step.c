/*
 * The entry: which part takes an event in, and whose decision is due after it.
 * A reading or a relay concerns one battery; time, the epoch and the end
 * concern all.
 */
#include "core/step.h"

#include <string.h>

#include "core/alerts.h"
#include "core/contact.h"
#include "core/control.h"
#include "core/day.h"
#include "core/decide.h"
#include "core/foreign.h"
#include "core/frozen.h"
#include "core/intake.h"
#include "core/keep.h"
#include "core/limits.h"
#include "core/override.h"
#include "core/planned.h"
#include "core/relay.h"
#include "core/watch.h"

void core_init(struct site *site, const struct house *house, const struct settings *settings,
	       struct now now)
{
	memset(site, 0, sizeof(*site));
	site->local_day = now.wall_is_trusted ? day_of(now) : 0;
	site->day_since = now.mono;
	for (size_t i = 0; i < house->battery_count; i++)
		core_admit(site, i, &settings[i], now);
	for (size_t i = 0; i < house->relay_count; i++)
		core_admit_relay(site, i, now);
}

void core_admit(struct site *site, size_t battery, const struct settings *settings, struct now now)
{
	struct battery_state *state = &site->batteries[battery];

	memset(state, 0, sizeof(*state));
	site->settings[battery] = *settings;
	state->measured_at = now.mono;
	state->arrived_at = now.mono;
	state->heard_at = now.mono;
}

void core_forget(struct site *site, size_t battery, size_t count)
{
	size_t behind = count - battery - 1;

	memmove(&site->batteries[battery], &site->batteries[battery + 1],
		behind * sizeof(*site->batteries));
	memmove(&site->settings[battery], &site->settings[battery + 1],
		behind * sizeof(*site->settings));
	memset(&site->batteries[count - 1], 0, sizeof(*site->batteries));
	memset(&site->settings[count - 1], 0, sizeof(*site->settings));
}

void core_admit_relay(struct site *site, size_t relay, struct now now)
{
	relay_begin(&site->relays[relay], now);
	site->relays[relay].day = site->local_day;
}

void core_forget_relay(struct site *site, size_t relay, size_t count)
{
	memmove(&site->relays[relay], &site->relays[relay + 1],
		(count - relay - 1) * sizeof(*site->relays));
	memset(&site->relays[count - 1], 0, sizeof(*site->relays));
}

static void decide_all(const struct turn *turn)
{
	for (size_t i = 0; i < turn->house->battery_count; i++)
		decide_battery(turn, i);
}

static void tick(const struct turn *turn)
{
	alerts_fade(turn);
	for (size_t i = 0; i < turn->house->battery_count; i++) {
		watch_silence(turn, i);
		if (turn->site->batteries[i].has_reading)
			watch_battery(turn, i);
	}
	decide_all(turn);
}

/* New settings count at once, for the reading that is held too. */
static void take_settings(const struct turn *turn, size_t index, const struct settings *settings)
{
	struct battery_state *battery = &turn->site->batteries[index];
	const struct reading *held = &battery->reading;

	turn->site->settings[index] = *settings;
	if (battery->quality != QUALITY_GOOD || battery->last_was_refused)
		return;
	limits_follow(turn, index,
		      (struct limit_values){held->soc_bp, held->temp_min_mc, held->temp_max_mc},
		      true);
	control_follow(battery, settings, held->soc_bp, true);
}

/* Seen by a person: ends a lockout, or says that what is implausible is true. */
static void acknowledge(const struct turn *turn, uint32_t id)
{
	const struct alert *alert = alerts_acknowledge(turn, id);
	int battery = alert != NULL ? house_find_battery(turn->house, alert->subject.text) : -1;

	if (battery < 0)
		return;
	if (alert->code == ALERT_LOCKED_OUT) {
		limits_end_lockout(turn, (size_t)battery);
		contact_believe(turn, (size_t)battery);
	} else if (alert->code == ALERT_SOC_IMPLAUSIBLE || alert->code == ALERT_TEMP_IMPLAUSIBLE ||
		   alert->code == ALERT_SIGN_CONTRADICTION) {
		intake_believe(turn, (size_t)battery);
	}
	decide_battery(turn, (size_t)battery);
}

static void take_condition(const struct turn *turn, const struct event *event)
{
	if (event->condition.code <= ALERT_NONE || event->condition.code >= ALERT_COUNT)
		return;
	if (event->condition.is_active)
		alerts_raise(turn, event->condition.code, &event->condition.subject,
			     event->condition.value, event->condition.limit,
			     event->condition.detail);
	else
		alerts_clear(turn, event->condition.code, &event->condition.subject);
}

static void restore(const struct turn *turn, const struct event *event)
{
	if (event->restore.has_alert)
		alerts_restore(turn, &event->restore.alert);
	if (event->restore.has_battery && event->index < turn->house->battery_count)
		keep_restore_battery(turn, event->index, &event->restore.battery);
	if (event->restore.has_relay && event->index < turn->house->relay_count)
		keep_restore_relay(turn, event->index, &event->restore.relay);
}

static void take_epoch(const struct turn *turn, uint32_t epoch)
{
	struct site *site = turn->site;

	if (epoch < site->epoch || epoch > EPOCH_MAX + 1)
		return;
	site->epoch = epoch;
	site->epoch_is_durable = true;
	decide_all(turn);
}

/* An event about one battery; returns whether its decision is due. */
static bool take_battery_event(const struct turn *turn, const struct event *event)
{
	size_t index = event->index;

	switch (event->kind) {
	case EVENT_READING:
		return intake_reading(turn, index, event);
	case EVENT_READING_REFUSED:
		intake_refused(turn, index, event);
		return true;
	case EVENT_SETTINGS:
		take_settings(turn, index, &event->settings.settings);
		return true;
	case EVENT_PLAN:
		planned_take(turn, index, &event->plan);
		return true;
	default:
		return false;
	}
}

static void step_battery(const struct turn *turn, const struct event *event)
{
	if (event->index < turn->house->battery_count && take_battery_event(turn, event))
		decide_battery(turn, event->index);
}

static void step_relay(const struct turn *turn, const struct event *event)
{
	size_t battery;

	if (event->index >= turn->house->relay_count)
		return;
	battery = turn->house->relays[event->index].battery;
	if (battery < turn->house->battery_count)
		frozen_count(turn, battery);
	if (event->kind == EVENT_RELAY_STATUS)
		relay_heard(turn, event->index, event);
	else if (event->kind == EVENT_TRIAL)
		foreign_trial(turn, event->index, event->trial.is_under_way);
	else
		relay_failed(turn, event->index, event);
	if (battery >= turn->house->battery_count)
		return;
	contact_heard(turn, event->index);
	decide_battery(turn, battery);
}

struct hindrance core_refusal(struct site *site, const struct house *house,
			      const struct override_wish *wish, struct now now)
{
	const struct turn turn = {.site = site, .house = house, .now = now};
	size_t battery = wish->is_by_relay ? house->relays[wish->index].battery : wish->index;

	return decide_refusal(&turn, battery, wish);
}

/* A person's word is kept only where it may act, now or in a moment; else the answer says why. */
static void step_override(const struct turn *turn, const struct override_wish *wish)
{
	size_t battery = wish->index;

	if (wish->is_by_relay && wish->index >= turn->house->relay_count)
		return;
	if (wish->is_by_relay)
		battery = turn->house->relays[wish->index].battery;
	if (battery >= turn->house->battery_count)
		return;
	turn->outcome->refusal = decide_refusal(turn, battery, wish);
	if (turn->outcome->refusal.reason.code == REASON_NONE)
		override_begin(turn, wish);
	decide_battery(turn, battery);
}

void core_step(struct site *site, const struct house *house, const struct event *event,
	       struct now now, struct outcome *outcome)
{
	struct turn turn = {.site = site, .house = house, .now = now, .outcome = outcome};

	outcome->command_count = 0;
	outcome->note_count = 0;
	outcome->refusal = (struct hindrance){0};
	day_follow(&turn);
	switch (event->kind) {
	case EVENT_TICK:
		tick(&turn);
		break;
	case EVENT_READING:
	case EVENT_READING_REFUSED:
	case EVENT_SETTINGS:
	case EVENT_PLAN:
		step_battery(&turn, event);
		break;
	case EVENT_OVERRIDE:
		step_override(&turn, &event->override);
		break;
	case EVENT_OVERRIDE_CANCEL:
		override_cancel(&turn, event->cancel.id);
		decide_all(&turn);
		break;
	case EVENT_TRIAL:
	case EVENT_RELAY_STATUS:
	case EVENT_RELAY_FAILED:
		step_relay(&turn, event);
		break;
	case EVENT_ACKNOWLEDGE:
		acknowledge(&turn, event->acknowledge.alert_id);
		break;
	case EVENT_EPOCH_DURABLE:
		take_epoch(&turn, event->epoch.epoch);
		break;
	case EVENT_CONDITION:
		take_condition(&turn, event);
		break;
	case EVENT_RESTORE:
		restore(&turn, event);
		break;
	case EVENT_STOP:
		site->is_stopping = true;
		decide_all(&turn);
		break;
	}
}
