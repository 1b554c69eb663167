/*
 * The trial of a relay at its commissioning: it is closed once, then nothing more is said to it, and
 * it has to open by itself. One that has no lease, by the owner's word, is closed and told to open.
 *
 * It works beside the daemon or within it, over a connection of its own, and asks no safety gate:
 * whoever begins it has asked a person, and the gate where there is one. Whoever commands the
 * relay meanwhile shows as an early end. However it ends, the relay was told to open unless it said
 * that it has.
 */
#pragma once

#include <stddef.h>
#include <uv.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"
#include "wire/source.h"

#define RELAY_TRIAL_WORDS_MAX 256
#define RELAY_TRIAL_LEASE_MS (5 * (int64_t)MS_PER_SECOND)

enum relay_trial_result {
	TRIAL_OPENS,         /* by itself, in its time */
	TRIAL_FOLLOWS,       /* it has no lease, and closes and opens as it is told */
	TRIAL_BLIND,         /* the same, as far as one can know of one that tells nothing */
	TRIAL_STAYS,         /* it did not open by itself */
	TRIAL_EARLY,         /* somebody else opened it */
	TRIAL_WAS_ON,        /* it is not touched then */
	TRIAL_NOT_CONFIRMED, /* it was told, and says otherwise or nothing */
	TRIAL_SILENT,        /* it does not say how it stands, or the broker does not answer */
	TRIAL_REFUSED,       /* by the device or the broker */
	TRIAL_RESULT_COUNT
};

/* "opens", "follows", … */
const char *relay_trial_result_name(enum relay_trial_result result);

/* Whether the relay is as its configuration says: it may be let charge. */
bool relay_trial_is_passed(enum relay_trial_result result);

struct relay_trial_options {
	const struct house *house;   /* for the trial's life */
	size_t relay;                /* its index */
	const struct source *source; /* of another make, for the trial's life; NULL: it speaks as ours */
	const char *uri;             /* of a CoAP node, for the call; NULL or empty: over MQTT */
	int clock_factor;            /* of the relay's clock: 1 in the real world */
};

struct relay_trial_events {
	void *user;

	/* Once, on the loop, and not within relay_trial_new(). */
	void (*on_done)(void *user, enum relay_trial_result result, const char *words);
};

struct relay_trial;

/*
 * Begins. Returns 0, or a negative errno with a sentence: a password or key that cannot be read, an
 * address that is none. Blocks while its files do.
 */
int relay_trial_new(struct relay_trial **out, uv_loop_t *loop,
		    const struct relay_trial_options *options,
		    const struct relay_trial_events *events, struct text *error) MUST_CHECK;

/* Ends it, also before on_done(); its handles close as the loop runs on. NULL is fine. */
void relay_trial_free(struct relay_trial *trial);
