/*
 * Prices over time: from how they are configured to slots of one length.
 *
 * Slots are half-open intervals of UTC that follow each other without a gap,
 * so that a day of 23 or 25 hours needs no rule: only which price holds at a
 * moment is asked of the house's clock. A price that changes within a slot
 * counts for the part of it in which it holds. What is not published is assumed
 * to be as it was at that hour of the last day of which it is known, a week back
 * at most, and is marked; it is never 0.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/price.h"

/* What to add to UTC, `at_s` since 1970, to get the clock of the house, in s. */
typedef int32_t price_offset_at(int64_t at_s);

/* How prices come about; all is borrowed. */
struct price_inputs {
	const struct prices_config *config;
	const struct feed *buy, *sell; /* what is published; NULL where that side is no feed */
	price_offset_at *offset_at;
};

/*
 * The length of slots, 900, 1800 or 3600 s, that loses no change of price but those finer than
 * PRICE_STEP_MIN_S, by the clock of the house as it stands at `at_s`.
 */
int32_t price_course_step_s(const struct price_inputs *inputs, int64_t at_s);

/*
 * Writes slots of `step_s` (900, 1800 or 3600) that cover `from_s` to `to_s`, at most `capacity`;
 * the first one contains `from_s` and each begins at a multiple of its length. Returns how many.
 */
size_t price_course(const struct price_inputs *inputs, int32_t step_s, int64_t from_s, int64_t to_s,
		    struct price_slot *out, size_t capacity);

/*
 * Writes the changes of one of both prices on the day of `at_s`, for people: "0.18, from 16:00
 * 0.42, from 21:00 0.18".
 */
void price_course_format(const struct price_inputs *inputs, bool is_sell, int64_t at_s,
			 struct text *out);
