/* The other half of daemon/trace.c: what that writes down is done here again. */
#include "cli/replay_core.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "core/step.h"

void replay_init(struct replay *replay, const struct replay_events *events)
{
	memset(replay, 0, sizeof(*replay));
	replay->events = *events;
}

static void follow_start(struct replay *replay)
{
	const struct trace_start *start = &replay->entry.start;

	if (strcmp(start->version.text, AMPHORA_VERSION) != 0)
		(void)snprintf(replay->version, sizeof(replay->version), "%s", start->version.text);
	replay->is_copying = start->has_copy;
	if (start->is_after_gap)
		replay->is_following = false;
	/* A battery or relay was let in or forgotten: each time a copy follows at once. */
	replay->is_rehoused = start->has_copy && replay->is_following &&
			      (start->house.battery_count != replay->house.battery_count ||
			       start->house.relay_count != replay->house.relay_count);
	if (replay->is_rehoused)
		replay->is_following = false;
	if (start->has_copy) {
		/* Without a gap the house is the one that we have. */
		if (!replay->is_following)
			replay->house = start->house;
		return;
	}
	replay->starts++;
	replay->begins++;
	replay->house = start->house;
	core_init(&replay->site, &replay->house, start->settings, replay->entry.now);
	replay->site.next_decision_id = start->next_decision_id;
	replay->site.next_alert_id = start->next_alert_id;
	replay->is_following = true;
}

static void take_copy(struct replay *replay)
{
	if (replay->is_following) {
		replay->copies_compared++;
		replay->copies_identical += site_is_same(&replay->site, &replay->copy);
		return;
	}
	replay->gaps += !replay->is_rehoused;
	replay->site = replay->copy;
	replay->begins++;
	replay->is_following = true;
}

static void follow_piece(struct replay *replay)
{
	int result = replay->is_copying ? trace_put_piece(&replay->copy, &replay->entry.piece) : 0;

	if (result < 0) {
		replay->copies_foreign++;
		replay->is_copying = false;
	} else if (result == 1) {
		replay->is_copying = false;
		take_copy(replay);
	}
}

static void follow_step(struct replay *replay)
{
	const struct outcome *outcome = &replay->outcome;

	if (!replay->is_following)
		return;
	if (replay->events.before_step != NULL)
		replay->events.before_step(replay->events.user);
	core_step(&replay->site, &replay->house, &replay->entry.event, replay->entry.now,
		  &replay->outcome);
	if (replay->events.after_step != NULL)
		replay->events.after_step(replay->events.user);
	replay->steps++;
	for (size_t i = 0; i < outcome->note_count; i++) {
		size_t index = outcome->notes[i].index;

		if (outcome->notes[i].kind == NOTE_DECISION)
			replay->events.on_decision(replay->events.user,
						   &replay->house.batteries[index].id,
						   &replay->site.batteries[index].decision);
	}
}

int replay_row(struct replay *replay, const uint8_t *data, size_t length)
{
	const struct now *before = NULL;
	struct now last;

	while (length > 0) {
		int used = trace_decode(&replay->entry, data, length, before);

		if (used < 0) {
			replay->is_following = replay->is_copying = false;
			return -EINVAL;
		}
		last = replay->entry.now;
		before = &last;
		data += used;
		length -= (size_t)used;
		if (replay->entry.kind == TRACE_START)
			follow_start(replay);
		else if (replay->entry.kind == TRACE_PIECE)
			follow_piece(replay);
		else
			follow_step(replay);
	}
	return 0;
}
