/*
 * Amounts as a person reads them, two beside each other: a value and the limit that it is held
 * against. Both are rounded, away from each other, so that a limit that is broken never looks kept.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"

/*
 * Adds `ms` in its greatest units: "12.5 s", "5 min", "2 h 5 min", "3 d 4 h"; in tenths of a
 * second where that is too coarse to tell it from `beside_ms`: "5 min 0.1 s" beside "5 min".
 */
void duration_add(struct text *out, int64_t ms, int64_t beside_ms);

/*
 * Adds `value`, in 1 / `scale` of its unit, as a decimal number in steps of 1 / `shown`. Both are
 * powers of 10, `shown` at most `scale`.
 */
void rounded_add(struct text *out, int64_t value, int64_t beside, int32_t scale, int32_t shown);
