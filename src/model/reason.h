/*
 * Why: a code with its two numbers, and the words for it. The words are those of the page's English
 * catalogue (src/web/words/en/reasons.js), so that screen, terminal, log and messages say the same;
 * tests/words_test.py holds the two side by side.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum reason_code {
	REASON_NONE,
	/* limits of the gate; value against limit */
	REASON_NOT_CONFIGURED,
	REASON_NO_READING,
	REASON_STALE,   /* age, stale_after (ms) */
	REASON_REFUSED, /* the last message was out of range or contradictory */
	REASON_SUSPECT,
	REASON_FROZEN,
	REASON_SETTLING, /* good readings so far, needed */
	REASON_LOCKED_OUT,
	REASON_CEILING,         /* soc_bp, ceiling_bp */
	REASON_CEILING_LATCHED, /* soc_bp, release at */
	REASON_RESERVE,
	REASON_RESERVE_LATCHED,
	REASON_CHARGE_COLD, /* temp_mc, limit */
	REASON_CHARGE_COLD_LATCHED,
	REASON_CHARGE_HOT,
	REASON_CHARGE_HOT_LATCHED,
	REASON_DISCHARGE_COLD,
	REASON_DISCHARGE_COLD_LATCHED,
	REASON_DISCHARGE_HOT,
	REASON_DISCHARGE_HOT_LATCHED,
	REASON_DWELL,        /* open for ms, dwell ms */
	REASON_BUDGET,       /* switches today, allowed */
	REASON_LEASE_SHORT,  /* validity left ms, least ms */
	REASON_OTHER_PATH,   /* the other relay is not confirmed open yet */
	REASON_RELAY_UNREAD, /* not yet heard from the relay */
	REASON_RELAY_CLOCK,
	REASON_EPOCH,          /* the command epoch is not durable yet */
	REASON_NO_RELAY,       /* no relay of that role */
	REASON_RELAY_GIVEN_UP, /* ON was sent as often as is allowed */
	REASON_SHUTDOWN,
	/* wishes */
	REASON_OVERRIDE, /* value: left ms */
	REASON_MONITOR,
	REASON_SCHEDULE_WINDOW, /* start_s, end_s of the local day */
	REASON_SCHEDULE_NONE,
	REASON_SCHEDULE_CLOCK, /* the wall clock is not trusted */
	REASON_CHARGE_BELOW,   /* soc_bp, charge_below */
	REASON_CHARGE_UNTIL,   /* soc_bp, charge_until: still charging */
	REASON_DISCHARGE_ABOVE,
	REASON_DISCHARGE_UNTIL,
	REASON_BETWEEN, /* soc_bp between the thresholds: nothing to do */
	/* what a plan wants */
	REASON_PLAN_CHARGE,    /* soc_bp, up to */
	REASON_PLAN_SUN,       /* surplus W, from how many on */
	REASON_PLAN_SERVE,     /* W that the house lacks, from how many on */
	REASON_PLAN_DISCHARGE, /* soc_bp, down to */
	REASON_PLAN_REST,      /* W that the house lacks, + = lacking; too little to act on */
	REASON_PLAN_KEEP,      /* soc_bp, the level that it is kept at */
	/* why none counts */
	REASON_PLAN_NONE,
	REASON_PLAN_EXPIRED,    /* for ms */
	REASON_PLAN_LOCKED,     /* a lockout, */
	REASON_PLAN_OVERRIDDEN, /* a person's word, */
	REASON_PLAN_LEAPT,      /* or a leap of the state of charge came after it was made */
	REASON_PLAN_CLOCK,      /* the wall clock is not trusted */
	/* what a plan wants, too: numbers of traces stay as they are */
	REASON_PLAN_WAIT, /* soc_bp; the house hangs on the battery, and charging waits */
	REASON_COUNT
};

struct reason {
	enum reason_code code;
	int64_t value, limit;
};

/* What a sentence names beside its numbers; what is NULL is left out of it. */
struct reason_names {
	const char *sensor; /* who sends the readings */
	const char *until;  /* when what a person asked for ends */
	const char *other;  /* "it would charge": what else would be done */
};

/* "charge-cold", … */
const char *reason_name(enum reason_code code);

/* The code of that name; REASON_COUNT where there is none. */
enum reason_code reason_of_name(const char *name);

/* Writes what stands after "because": "it is 95 % full; charging is allowed below 95 %". */
void reason_format(const struct reason *reason, const struct reason_names *names, struct text *out);

/* Writes what would change it, as a sentence: "It would charge again at 7.0 °C." */
void reason_format_flip(const struct reason *reason, const struct reason_names *names,
			struct text *out);

/* Whether a plan may wish something for that reason; and whether it says why there is no plan. */
bool reason_is_of_plan(enum reason_code code);
bool reason_is_without_plan(enum reason_code code);

/* Whether what it holds back comes by itself in a moment: dwell, a readback, the next reading. */
bool reason_passes(enum reason_code code);
