/*
 * What would have happened with other settings: a second core beside the one that is replayed.
 *
 * It is told what the first was told, but for what would have been otherwise: its relays do what it
 * asks of them at once, and the state of charge that it hears is the recorded one, shifted by the
 * energy that its relays would have moved and the recorded ones did not. Temperatures, people,
 * silent sensors and relays, and what a plan wished are as they were.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/event.h"
#include "model/house.h"
#include "model/site.h"

#define WHATIF_CHANGES_MAX 32
#define WHATIF_STRETCHES_MAX 1000
#define WHATIF_WORDS_MAX 256
#define WHATIF_MINUTES_MAX (400 * 24 * 60)
#define WHATIF_APART_MIN_MS (10 * MS_PER_SECOND) /* shorter: our relays only answered sooner */
#define WHATIF_ONE_WAY 0.95 /* of the energy that is not lost into a battery, and out of it */

/* `battery` is empty for all of the house. */
struct whatif_change {
	struct ident battery;
	enum parameter_id parameter;
	struct parameter_value value;
};

/* A while in which the second core decided otherwise. */
struct whatif_stretch {
	size_t battery;
	struct wall_time from, to;
	enum intent was, would; /* at its beginning */
	char words[WHATIF_WORDS_MAX];
};

/* What a battery did, on one side. */
struct whatif_tally {
	double charged_wh, discharged_wh;
	uint32_t closings;
	bool has_soc;
	double soc_bp; /* the last */
	int64_t idle_ms, charge_ms, discharge_ms;
};

struct whatif_battery {
	struct whatif_tally was, would;
	double shift_bp;              /* that the second core's charge lies above the recorded */
	double charge_w, discharge_w; /* as it was last measured; 0: never */
	double was_w, would_w;        /* what flows until the next event, + = charging */
	bool has_switched;            /* a recorded relay, since its power was measured last */
	bool is_assumed;              /* of it, the configured power stands in for a measured one */
	int64_t assumed_ms;           /* for so long in all */
	bool is_apart;                /* decided otherwise just now */
	struct whatif_stretch apart;  /* since then */
	int64_t apart_ms;             /* for so long in all */
};

/* A relay of the second core: does what it is told. */
struct whatif_relay {
	bool is_known, is_on, is_silent, has_lease;
	struct mono_time lease_ends;
	uint64_t number;          /* of the last command */
	struct relay_status said; /* the recorded one's last word, for what it says besides */
};

/* Large: on the heap. */
struct whatif {
	size_t change_count;
	struct whatif_change changes[WHATIF_CHANGES_MAX];
	struct wall_time from, to;

	struct house house; /* the last */
	struct site site;
	struct outcome outcome;
	struct whatif_battery batteries[BATTERIES_MAX];
	struct whatif_relay relays[RELAYS_MAX];
	bool was_on[RELAYS_MAX];
	bool is_begun;
	uint64_t begins; /* of the recorded core, when ours began from it */
	bool has_last;
	struct now last;
	int64_t known_ms; /* that was followed */

	size_t stretch_count; /* also of those that are not kept */
	struct whatif_stretch stretches[WHATIF_STRETCHES_MAX];

	struct wall_time first_minute;
	size_t minute_count, minute_room;
	float *minutes_wh; /* what all batteries would have moved more, by minute; owned */

	bool is_refused; /* the settings cannot hold, with `error` */
	char error[WHATIF_WORDS_MAX];
};

/*
 * Reads `reserve=30` or `b1.reserve_pct=30` as a further change. Returns 0, or -EINVAL or -ERANGE
 * with a sentence in `error`.
 */
int whatif_take(struct whatif *whatif, const char *words, struct text *error) MUST_CHECK;

/*
 * Before the recorded core takes `event`: from `from` on the second one begins where that stands.
 * `begins` counts how often the recorded one has begun anew.
 */
void whatif_before(struct whatif *whatif, const struct house *house, const struct site *recorded,
		   uint64_t begins, struct now now);

/* After it has taken `event` and is `recorded`. */
void whatif_after(struct whatif *whatif, const struct site *recorded, const struct event *event,
		  struct now now);

/* The end: what lasts until then is ended. Frees nothing. */
void whatif_end(struct whatif *whatif);

/* As it was before the first step: the record is followed once more, from further back. */
void whatif_reset(struct whatif *whatif);

/* Whether nothing of it was within the time that was asked for. */
bool whatif_is_empty(const struct whatif *whatif);

void whatif_deinit(struct whatif *whatif);

/* ---- parts ---- */

/* The event as the second core hears it. Returns false where it hears nothing of it. */
bool whatif_hears(struct whatif *whatif, const struct site *recorded, const struct event *event,
		  struct now now, struct event *out);

/* Steps the second core and lets its relays answer what it asks. */
void whatif_step(struct whatif *whatif, const struct event *event, struct now now);

/* Begins the relays where the recorded ones stand; those that are known go on. */
void whatif_begin_relays(struct whatif *whatif, const struct site *recorded, struct now now);

/* Opens relays whose lease is over. */
void whatif_expire(struct whatif *whatif, struct now now);

/* Powers that flow from now on, as it was and as it would be. */
void whatif_flow(struct whatif *whatif, const struct site *recorded, size_t battery);
