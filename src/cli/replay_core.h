/*
 * Follows a trace: gives the core what it was given, and hands out the decisions
 * that it makes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/house.h"
#include "model/site.h"
#include "wire/trace_code.h"

struct replay_events {
	void *user;
	/* A decision was made again. Both are borrowed. */
	void (*on_decision)(void *user, const struct ident *battery,
			    const struct decision *decision);
	/* Around each step, with `replay` as it stands; NULL where nobody looks. */
	void (*before_step)(void *user);
	void (*after_step)(void *user);
};

/* Large: on the heap. */
struct replay {
	struct replay_events events;
	struct house house;
	struct site site;
	struct site copy; /* being put together */
	struct outcome outcome;
	struct trace_entry entry;
	bool is_following; /* the state is known: steps can be made */
	bool is_copying;
	bool is_rehoused; /* the copy is of a house with others in it, and replaces ours */
	char version[IDENT_MAX + 1]; /* of the program that made the trace, where it is not ours */

	uint64_t starts, steps;
	uint64_t begins;           /* starts, and copies that were gone on from */
	uint64_t gaps;             /* after which the state was taken from a copy */
	uint64_t copies_compared;  /* copies that came while the state was known */
	uint64_t copies_identical; /* of them those that were equal to it */
	uint64_t copies_foreign;   /* of another program, so that it could not be taken */
};

/* Nothing is known yet; follow from a row that begins with a start. */
void replay_init(struct replay *replay, const struct replay_events *events);

/*
 * Follows one row's entries. Returns 0, or -EINVAL where the row holds what is no
 * entry: then what follows is not followed before the next start or copy.
 */
int replay_row(struct replay *replay, const uint8_t *data, size_t length) MUST_CHECK;
