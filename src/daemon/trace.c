/*
 * Gathers the trace. What goes into a row is decided here, how an entry looks is
 * wire/trace_code's, when rows become durable is storing.c's.
 */
#include "daemon/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"

static void forget(struct trace *trace)
{
	trace->used = 0;
	trace->entries = 0;
	trace->begin = TRACE_GOES_ON;
}

/* Nothing that follows means anything until the next copy. */
static void open_gap(struct trace *trace)
{
	forget(trace);
	trace->gaps += !trace->has_gap;
	trace->has_gap = true;
}

void trace_lose(struct trace *trace)
{
	open_gap(trace);
}

void trace_flush(struct trace *trace)
{
	struct record record = {
	    .kind = RECORD_TRACE,
	    .wall = trace->first.wall,
	    .mono = trace->first.mono,
	    .wall_is_trusted = trace->first.wall_is_trusted,
	    .trace = {trace->bytes, trace->used, trace->entries, trace->begin},
	};

	if (trace->entries == 0)
		return;
	if (trace->keep(trace->user, &record))
		forget(trace);
}

bool trace_is_full(const struct trace *trace)
{
	return sizeof(trace->bytes) - trace->used < TRACE_ENTRY_MAX;
}

/* Room for one more entry; NULL where the row is full and is not taken. */
static uint8_t *room(struct trace *trace)
{
	if (trace_is_full(trace))
		trace_flush(trace);
	return trace_is_full(trace) ? NULL : trace->bytes + trace->used;
}

/* The entry just encoded, `length` bytes, is part of the row. */
static void take(struct trace *trace, size_t length, struct now now)
{
	if (length == 0) {
		open_gap(trace);
		return;
	}
	if (trace->entries == 0)
		trace->first = now;
	trace->last = now;
	trace->used += length;
	trace->entries++;
}

/* What begins a row that can be followed from. Returns whether there is room for it. */
static bool begin_row(struct trace *trace, enum trace_begin begin, struct now now)
{
	trace_flush(trace);
	if (trace->entries > 0) {
		open_gap(trace);
		return false;
	}
	trace->begin = begin;
	trace->has_gap = false;
	trace->copied_day = now.wall.ms / MS_PER_DAY;
	return true;
}

static void take_start(struct trace *trace, const struct site *site, struct now now, bool has_copy,
		       bool is_after_gap)
{
	struct trace_start *start = calloc(1, sizeof(*start));

	if (start == NULL) {
		open_gap(trace);
		return;
	}
	start->house = *trace->house;
	memcpy(start->settings, site->settings, sizeof(start->settings));
	start->next_decision_id = site->next_decision_id;
	start->next_alert_id = site->next_alert_id;
	start->has_copy = has_copy;
	start->is_after_gap = is_after_gap;
	(void)snprintf(start->version.text, sizeof(start->version.text), "%s", AMPHORA_VERSION);
	take(trace, trace_encode_start(trace->bytes, TRACE_ENTRY_MAX, &now, start), now);
	free(start);
}

void trace_begin(struct trace *trace, const struct house *house, const struct site *site,
		 struct now now)
{
	trace->house = house;
	if (begin_row(trace, TRACE_BEGINS_WITH_START, now))
		take_start(trace, site, now, false, false);
}

void trace_copy(struct trace *trace, const struct site *site, struct now now)
{
	struct trace_piece piece = {0};
	bool is_after_gap = trace->has_gap;

	if (!begin_row(trace, TRACE_BEGINS_WITH_COPY, now))
		return;
	take_start(trace, site, now, true, is_after_gap);
	site_copy_members(&trace->before, site);
	for (uint32_t offset = 0; offset < sizeof(*site) && !trace->has_gap;
	     offset += piece.length) {
		uint8_t *to = room(trace);

		trace_cut_piece(&piece, &trace->before, offset);
		take(trace, to == NULL ? 0 : trace_encode_piece(to, TRACE_ENTRY_MAX, &now, &piece),
		     now);
	}
}

void trace_before_step(struct trace *trace, const struct site *site, const struct event *event)
{
	if (event->kind == EVENT_TICK)
		trace->before = *site;
}

static bool changed_nothing(const struct trace *trace, const struct site *site,
			    const struct event *event, const struct outcome *outcome)
{
	return event->kind == EVENT_TICK && outcome->command_count == 0 &&
	       outcome->note_count == 0 && site_is_same(&trace->before, site);
}

void trace_step(struct trace *trace, const struct site *site, const struct event *event,
		struct now now, const struct outcome *outcome)
{
	const struct now *before;
	uint8_t *to;

	if (trace->has_gap || changed_nothing(trace, site, event, outcome))
		return;
	to = room(trace);
	before = trace->entries > 0 ? &trace->last : NULL;
	take(trace, to == NULL ? 0 : trace_encode_step(to, TRACE_ENTRY_MAX, &now, before, event),
	     now);
	if (now.wall.ms / MS_PER_DAY != trace->copied_day)
		trace_copy(trace, site, now);
}
