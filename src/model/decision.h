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
#include "model/reason.h"

/* What keeps something from happening, and whose flip tells what would let it. */
struct hindrance {
	struct reason reason, flip;
};

/*
 * Writes both: "the battery is 2.1 °C; charging is allowed from 5.0 °C. It would charge again at
 * 7.0 °C." `names` may be NULL.
 */
void hindrance_format(const struct hindrance *hindrance, const struct reason_names *names,
		      struct text *out);

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
 * What is done, in a word. Those that depend on what the relay answers are for who shows that answer
 * beside it (cli/told.c, and the page); a decision alone is one of the first six.
 */
enum verb {
	VERB_CHARGING,
	VERB_DISCHARGING,
	VERB_BOTH,
	VERB_RESTING,
	VERB_WAITING, /* for a reading, or for what comes by itself in a moment */
	VERB_STOPPED, /* by a limit */
	VERB_WATCHING,
	VERB_STARTING_CHARGE,
	VERB_STARTING_USE,
	VERB_GOING_TO_REST,
	VERB_NOT_CHARGING,
	VERB_NOT_USING,
	VERB_NOT_RESTING,
	VERB_NO_EFFECT,
	VERB_COUNT
};

/* "Charging", … */
const char *verb_words(enum verb verb);

enum verb decision_verb(enum intent intent, enum decider winner, enum reason_code reason);

/* "the rule", … : who decided, in a sentence. */
const char *decider_words(enum decider decider);

/* "it would charge", … : what somebody else would do. */
const char *intent_would(enum intent intent);

/* What the words for it may name; of `sensor`, the name of the battery's, or NULL. */
struct reason_names decision_names(const struct decision *decision, const char *sensor);

/*
 * Writes the sentence that a person reads: "Stopped because the battery is 2.1 °C; charging is
 * allowed from 5.0 °C. It would charge again at 7.0 °C." Where a plan was to decide and the threshold
 * rule does, it says why.
 */
void decision_format(const struct decision *decision, const char *sensor, struct text *out);
