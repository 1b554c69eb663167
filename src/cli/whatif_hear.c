/*
 * What the second core hears, and how its relays answer: as the recorded ones, but for doing what
 * it asks of them.
 */
#include <math.h>
#include <string.h>

#include "cli/whatif.h"
#include "core/step.h"
#include "model/quantity.h"

#define ASKED_MAX (4 * COMMANDS_MAX) /* commands that one event may bring about */

/* ---- relays ---- */

void whatif_begin_relays(struct whatif *whatif, const struct site *recorded, struct now now)
{
	for (size_t i = 0; i < whatif->house.relay_count; i++) {
		const struct relay_state *state = &recorded->relays[i];
		struct whatif_relay *relay = &whatif->relays[i];

		whatif->was_on[i] = state->status.is_on;
		/* The clock of leases begins anew with a start. */
		relay->has_lease = false;
		if (relay->is_known || !state->is_heard)
			continue;
		*relay = (struct whatif_relay){.is_known = true,
					       .is_on = state->status.is_on,
					       .is_silent = state->is_silent,
					       .number = state->status.number,
					       .said = state->status};
		if (state->status.lease_left_ms > 0) {
			relay->has_lease = true;
			relay->lease_ends = mono_add(now.mono, state->status.lease_left_ms);
		}
	}
}

static void switch_relay(struct whatif *whatif, size_t index, bool is_on)
{
	struct whatif_relay *relay = &whatif->relays[index];

	if (is_on && !relay->is_on)
		whatif->batteries[whatif->house.relays[index].battery].would.closings++;
	relay->is_on = is_on;
	if (!is_on)
		relay->has_lease = false;
}

void whatif_expire(struct whatif *whatif, struct now now)
{
	for (size_t i = 0; i < whatif->house.relay_count; i++) {
		const struct whatif_relay *relay = &whatif->relays[i];

		if (relay->is_on && relay->has_lease &&
		    mono_since(relay->lease_ends, now.mono) <= 0)
			switch_relay(whatif, i, false);
	}
}

/* What the second core's relay says of itself. */
static struct relay_status status_of(const struct whatif *whatif, size_t index, struct now now)
{
	const struct whatif_relay *relay = &whatif->relays[index];
	struct relay_status status = relay->said;

	status.is_on = relay->is_on;
	status.lease_left_ms =
	    relay->is_on && relay->has_lease ? mono_since(relay->lease_ends, now.mono) : 0;
	status.has_switches = status.has_power = false;
	status.has_number = relay->number != 0;
	status.number = relay->number;
	return status;
}

static struct event status_event(const struct whatif *whatif, size_t index,
				 enum relay_answer answer, struct now now)
{
	return (struct event){.kind = EVENT_RELAY_STATUS,
			      .index = index,
			      .relay = {.answer = answer,
					.status = status_of(whatif, index, now),
					.number = whatif->relays[index].number}};
}

static void obey(struct whatif *whatif, size_t index, const struct relay_command *command,
		 struct now now)
{
	struct whatif_relay *relay = &whatif->relays[index];

	switch_relay(whatif, index, command->is_on);
	if (command->has_number)
		relay->number = command->number;
	relay->has_lease = command->is_on && command->has_lease;
	if (relay->has_lease)
		relay->lease_ends = mono_add(now.mono, command->lease_ms);
}

/* ---- stepping ---- */

struct asked {
	size_t count, next;
	struct command list[ASKED_MAX];
};

static void step(struct whatif *whatif, const struct event *event, struct now now,
		 struct asked *asked)
{
	const struct outcome *outcome = &whatif->outcome;

	core_step(&whatif->site, &whatif->house, event, now, &whatif->outcome);
	for (size_t i = 0; i < outcome->command_count && asked->count < ASKED_MAX; i++)
		asked->list[asked->count++] = outcome->commands[i];
	for (size_t i = 0; i < outcome->note_count; i++) {
		if (outcome->notes[i].kind == NOTE_EPOCH) {
			struct event durable = {.kind = EVENT_EPOCH_DURABLE,
						.epoch = {whatif->site.epoch}};

			step(whatif, &durable, now, asked);
			break;
		}
	}
}

static void answer(struct whatif *whatif, const struct command *command, struct now now,
		   struct asked *asked)
{
	struct whatif_relay *relay = &whatif->relays[command->index];
	bool is_command = command->kind == COMMAND_RELAY;
	struct event event;

	if (relay->is_silent) {
		event = (struct event){.kind = EVENT_RELAY_FAILED, .index = command->index};
		event.failed.is_command = is_command;
		event.failed.number = is_command ? command->relay.number : 0;
		step(whatif, &event, now, asked);
		return;
	}
	if (is_command) {
		obey(whatif, command->index, &command->relay, now);
		event = status_event(whatif, command->index, ANSWER_COMMAND, now);
		step(whatif, &event, now, asked);
	}
	event = status_event(whatif, command->index, ANSWER_READBACK, now);
	step(whatif, &event, now, asked);
}

void whatif_step(struct whatif *whatif, const struct event *event, struct now now)
{
	struct asked asked = {0};

	step(whatif, event, now, &asked);
	while (asked.next < asked.count) {
		struct command command = asked.list[asked.next++];

		answer(whatif, &command, now, &asked);
	}
}

/* ---- hearing ---- */

static void hear_reading(struct whatif *whatif, size_t battery, struct reading *reading)
{
	const struct whatif_battery *ours = &whatif->batteries[battery];
	double soc_bp = fmin(SOC_BP_MAX, fmax(0, reading->soc_bp + ours->shift_bp));

	reading->soc_bp = (int32_t)lround(soc_bp);
	reading->received.soc_pct = soc_bp / 100;
	if (ours->would_w == ours->was_w)
		return;
	/* Other power than what was measured: its voltage, current and cells are not known. */
	if (reading->has_power)
		reading->power_mw = llround(ours->would_w * 1000);
	reading->has_current = reading->has_voltage = false;
	reading->cell_count = 0;
}

/* What the recorded relay said: that it is there, and whether it began anew. */
static bool hear_relay(struct whatif *whatif, const struct event *event, struct now now,
		       struct event *out)
{
	struct whatif_relay *relay = &whatif->relays[event->index];
	const struct relay_status *said = &event->relay.status;

	if (relay->is_known && relay->said.has_boot && said->has_boot &&
	    relay->said.boot != said->boot)
		switch_relay(whatif, event->index, false);
	if (!relay->is_known) {
		relay->is_on = said->is_on;
		relay->number = said->has_number ? said->number : 0;
	}
	relay->is_known = true;
	relay->is_silent = false;
	relay->said = *said;
	if (event->relay.answer == ANSWER_COMMAND)
		return false; /* ours was answered when it was asked */
	*out = status_event(whatif, event->index, ANSWER_READBACK, now);
	return true;
}

/* The same alert as that of the recorded core, by what it is about. */
static void map_alert(const struct whatif *whatif, const struct site *recorded, struct event *event)
{
	const struct alert *known = NULL;

	for (size_t i = 0; i < ALERTS_MAX; i++) {
		if (recorded->alerts[i].id == event->acknowledge.alert_id)
			known = &recorded->alerts[i];
	}
	for (size_t i = 0; known != NULL && i < ALERTS_MAX; i++) {
		const struct alert *ours = &whatif->site.alerts[i];

		if (ours->code == known->code && ours->is_active &&
		    strcmp(ours->subject.text, known->subject.text) == 0)
			event->acknowledge.alert_id = ours->id;
	}
}

bool whatif_hears(struct whatif *whatif, const struct site *recorded, const struct event *event,
		  struct now now, struct event *out)
{
	*out = *event;
	switch (event->kind) {
	case EVENT_READING:
		if (event->index < BATTERIES_MAX)
			hear_reading(whatif, event->index, &out->reading.reading);
		return true;
	case EVENT_RELAY_STATUS:
		return event->index < RELAYS_MAX && hear_relay(whatif, event, now, out);
	case EVENT_RELAY_FAILED:
		if (event->index < RELAYS_MAX)
			whatif->relays[event->index].is_silent = true;
		return !event->failed.is_command;
	case EVENT_ACKNOWLEDGE:
		map_alert(whatif, recorded, out);
		return true;
	default:
		return true;
	}
}
