/*
 * A decision and its reasons, as data. Codes carry their numbers, words are
 * made from a table of templates, so that they can be translated and tested.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"
#include "model/quantity.h"

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

/* "charge-cold", … */
const char *reason_name(enum reason_code code);

/* Writes why: "2.1 °C < 5.0 °C". */
void reason_format(const struct reason *reason, struct text *out);

/*
 * Writes what would change it: "would be ON at ≥ 7.0 °C"; nothing where nothing would, nor for a
 * limit itself: what has crossed it is held by its latch, and that one's release counts.
 */
void reason_format_flip(const struct reason *reason, struct text *out);

/* Whether a plan may wish something for that reason; and whether it says why there is no plan. */
bool reason_is_of_plan(enum reason_code code);
bool reason_is_without_plan(enum reason_code code);

/* What keeps something from happening, and whose flip tells what would let it. */
struct hindrance {
	struct reason reason, flip;
};

/* Writes both: "charging is not allowed: 2.1 °C < 5.0 °C; would be ON at ≥ 7.0 °C". */
void hindrance_format(const struct hindrance *hindrance, struct text *out);

/* Whether what it holds back comes by itself in a moment: dwell, a readback, the next reading. */
bool reason_passes(enum reason_code code);

/* Who may decide, highest first. */
enum decider {
	DECIDER_SAFETY,
	DECIDER_OVERRIDE,
	DECIDER_PLAN,
	DECIDER_SCHEDULE,
	DECIDER_THRESHOLD,
	DECIDER_MONITOR,
	DECIDER_COUNT
};

/* "safety", "override", … */
const char *decider_name(enum decider decider);

/* What one decider wanted. */
struct wish {
	bool is_given;
	enum intent intent;
	struct reason reason;
};

/*
 * What the plan wants of a battery until then. It was made from the state of that version, and is
 * void once that has gone on (core/planned.h).
 */
struct plan_wish {
	uint32_t number; /* of the plan; 0: there is none */
	uint32_t version;
	enum intent intent;
	struct reason reason; /* reason_is_of_plan() */
	struct mono_time until;
};

/* The longest that a wish of a plan counts; what says more ends then. */
#define PLAN_WISH_MAX_MS (MS_PER_HOUR)

struct decision {
	uint32_t id; /* grows with each change */
	struct wall_time at;
	bool wall_is_trusted;
	struct mono_time at_mono;
	enum intent intent;   /* what happens */
	enum decider winner;  /* whose wish it is; DECIDER_SAFETY where the gate said no */
	struct reason reason; /* the winner's reason; the gate's limit where it said no */
	struct reason flip;   /* whose flip holds: the reason, or of a limit its latch */
	enum intent wanted;   /* what was wished before the gate */
	struct wish wishes[DECIDER_COUNT];
	/* what it saw */
	enum quality quality;
	int64_t age_ms;
	int32_t soc_bp, temp_min_mc, temp_max_mc;
};

/*
 * Writes the sentence that a person reads: "IDLE: charging is not allowed:
 * 2.1 °C < 5.0 °C; would be ON at ≥ 7.0 °C". Where a plan was to decide and the threshold rule
 * does, it says why.
 */
void decision_format(const struct decision *decision, struct text *out);
