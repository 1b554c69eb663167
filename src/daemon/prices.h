/* What energy costs, now and ahead: from the configuration to the planner. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/house.h"

struct daemon;

/* Whether `prices` is configured; without it nothing below is of use. */
bool prices_are_configured(const struct daemon *daemon);

/* The length that slots should have, 900, 1800 or 3600 s, so that no change of price is lost. */
int32_t prices_step_s(const struct daemon *daemon);

/*
 * Writes slots of `step_s`, one of these, that cover `from_s` to `to_s` (since 1970, UTC), at most
 * `capacity`: without a gap, the first contains `from_s`, each begins at a multiple of its length.
 * Returns how many; 0 without `prices`. A price that is not known is NaN and PRICE_MISSING. On the
 * loop only; does not block.
 */
size_t prices_at(const struct daemon *daemon, int32_t step_s, int64_t from_s, int64_t to_s,
		 struct price_slot *out, size_t capacity);

/*
 * What the roof is foreseen to give on average from `from_s` to `to_s`, in W, where `forecast` is
 * configured and knows any part of it; else NaN.
 */
double prices_pv_w(const struct daemon *daemon, int64_t from_s, int64_t to_s);

/* Whether a forecast of the sun is configured, and whether the plan may go by it: it came within a
 * day. */
bool prices_pv_is_asked(const struct daemon *daemon);
bool prices_pv_is_fresh(const struct daemon *daemon);

/* Likewise as slots, as they came; at most `capacity`. Returns how many. */
size_t prices_pv_slots(const struct daemon *daemon, int64_t from_s, int64_t to_s,
		       struct feed_slot *out, size_t capacity);

/* Grows when prices or the forecast have come or changed: what was planned with the old ones is to
 * be planned anew.
 */
uint32_t prices_version(const struct daemon *daemon);

/*
 * Records what energy costs in each slot that has begun, and anew where that becomes another. Once
 * a second, on the loop.
 */
void prices_record(struct daemon *daemon);

/* How those do that prices come from. */
void prices_sources(const struct daemon *daemon, struct price_source_view out[PRICE_SOURCES]);

/* Prints what of `prices` holds today, for --check-config; the zone has been taken. */
void prices_print(const struct house *house, int64_t at_s);
