/*
 * The house's own account: what its sensors truly sent, what its relays were
 * told and truly did, and how long a relay was closed on a battery that was
 * outside its envelope. What Amphora stored and said is held against it.
 *
 * All times are `mono_ms` of the house's clock, scaled as everything else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "model/chemistry.h"
#include "model/house.h"

#define ACCOUNT_INTERVALS_MAX 256
#define ACCOUNT_WINDOW 1024

/*
 * Docs/design.md, section 4: a relay must be open `interval` + 2 s after the
 * battery left its envelope, and `stale_after` + 2 s after the last reading of a
 * sensor that fell silent. On a faster clock the 2 s stay real, so `grace_ms` is
 * 2 s times the clock's factor.
 */
struct account_bounds {
	int64_t stale_after_ms;
	int64_t grace_ms;
};

/* Readings of one node. Numbers are given in the order of sending, without a gap. */
struct account_sensor {
	bool has_sent;
	int64_t first, last;          /* sequence numbers sent */
	int64_t acknowledged_through; /* all up to here were acknowledged */
	/* those after it: bit (number % ACCOUNT_WINDOW) */
	uint64_t acknowledged[ACCOUNT_WINDOW / 64];
	int64_t interval_ms;
	struct mono_time last_at;
};

struct account_interval {
	struct mono_time from, to;
};

enum account_verdict { ACCOUNT_FINE, ACCOUNT_UNSAFE, ACCOUNT_UNAVOIDABLE };

struct account_relay {
	uint32_t orders;   /* how often its node moved it, or tried to */
	uint32_t switches; /* true closings */
	int64_t on_ms;     /* of the intervals that have ended */
	bool is_on;
	struct mono_time on_since;
	uint32_t interval_count; /* ended ones; the last ACCOUNT_INTERVALS_MAX are kept */
	struct account_interval intervals[ACCOUNT_INTERVALS_MAX];
	/* closed outside the envelope */
	bool is_outside;
	struct mono_time outside_since;
	bool is_unavoidable; /* a fault that nobody outside can see or undo took part */
	enum account_verdict verdict;
	int64_t longest_outside_ms; /* over the whole run, avoidable or not */
};

struct account {
	struct account_bounds bounds;
	struct envelope envelope;
	size_t battery_count;
	struct account_sensor sensors[BATTERIES_MAX];
	struct account_relay relays[BATTERIES_MAX][2]; /* by relay_role */
	bool has_observed;
	struct mono_time observed_at;
	uint32_t unsafe, unavoidable; /* episodes */
};

void account_init(struct account *account, size_t battery_count, const struct envelope *envelope,
		  const struct account_bounds *bounds);

/* A reading with number `sequence` was handed to the broker's connection. */
void account_sent(struct account *account, size_t battery, int64_t sequence, int64_t interval_ms,
		  struct mono_time now);

/* The broker acknowledged it. */
void account_acknowledged(struct account *account, size_t battery, int64_t sequence);

/* A relay node moved the contact or tried to: on command, or at the end of a lease. */
void account_ordered(struct account *account, size_t battery, enum relay_role role);

/* A relay's contact truly moved, or was found to stand so. */
void account_switched(struct account *account, size_t battery, enum relay_role role, bool is_on,
		      struct mono_time now);

/* How one battery truly is. */
struct account_truth {
	double soc_pct, temp_c;
	double soc_tolerance_pct, temp_tolerance_c; /* what its sensor cannot resolve */
	bool is_silent;                             /* its sensor sends nothing */
	bool is_frozen;                             /* its sensor sends old values as new */
	bool relay_is_broken[2];                    /* stuck, lying or welded */
};

/*
 * Judges `battery` at `now`; to be called at least once a second of the real
 * world. Where the house itself was held up for longer than the bound's grace,
 * that time is not counted: nobody could have told its relays anything.
 */
void account_observe(struct account *account, size_t battery, const struct account_truth *truth,
		     struct mono_time now);

/* After the batteries of one moment have all been observed. */
void account_observed(struct account *account, struct mono_time now);

/*
 * Writes the account to `path` as JSON, whole or not at all: beside it first,
 * then renamed. `wall_offset_ms` + mono_ms is the wall time. Returns 0 or a
 * negative errno. Blocks on the disk.
 */
int account_write(const struct account *account, const char *path, int64_t wall_offset_ms,
		  struct mono_time now) MUST_CHECK;
