/*
 * The trace: all that the core is given is written down, so that `amphora
 * replay` can make each decision again and see that it is the same.
 *
 * Entries are gathered in memory and go into the journal with the next batch,
 * before whatever came of them. A tick that changed nothing is not written. What
 * cannot be kept, as the disk is away, leaves a gap: the trace goes on after it
 * with a copy of the core's state, and one is written each day in any case.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/house.h"
#include "model/record.h"
#include "model/site.h"
#include "wire/trace_code.h"

/* What is gathered for one row. */
#define TRACE_ROW_MAX (2 * TRACE_ENTRY_MAX)

struct trace {
	/* Where rows go: takes the record whole or returns false. Set before all else. */
	bool (*keep)(void *user, const struct record *record);
	void *user;

	const struct house *house; /* borrowed from trace_begin() on */
	uint8_t bytes[TRACE_ROW_MAX];
	size_t used;
	uint32_t entries;
	enum trace_begin begin;
	struct now first;   /* of the first entry */
	struct now last;    /* of the last */
	bool has_gap;       /* what came last could not be kept */
	uint32_t gaps;      /* since the start */
	int64_t copied_day; /* the UTC day of the last copy or start */
	struct site before; /* before a tick, to see whether it changed anything; a copy to cut */
};

/* The core has begun with `house`, which is to stay, and the settings and numbers in `site`. */
void trace_begin(struct trace *trace, const struct house *house, const struct site *site,
		 struct now now);

/* To be called before and after each step, with the same event and time. */
void trace_before_step(struct trace *trace, const struct site *site, const struct event *event);
void trace_step(struct trace *trace, const struct site *site, const struct event *event,
		struct now now, const struct outcome *outcome);

/* Hands what is gathered to keep(); what is not taken waits for the next time. */
void trace_flush(struct trace *trace);

/* Whether the next entry might find no room: flush first, where that can be done. */
bool trace_is_full(const struct trace *trace);

/* Writes a copy of the core's state: the trace can be followed from here. */
void trace_copy(struct trace *trace, const struct site *site, struct now now);

/* What was kept is gone, the journal having been set aside: as after a gap. */
void trace_lose(struct trace *trace);
