/*
 * A plan as bytes, as the journal keeps it: some 40 bytes a slot. Money is kept
 * to a hundredth of a cent of the currency, power in W, charge in basis points.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "model/planned.h"

#define PLAN_CODE_MAX 16384 /* of the longest plan */

/* Writes it to `to`; returns its length, or 0 where `size` is too small (PLAN_CODE_MAX suffices).
 */
size_t plan_encode(uint8_t *to, size_t size, const struct planned *plan);

/*
 * Reads one. Returns 0, or -EINVAL where the bytes are none: then nothing in `out` means anything.
 * What is read is within the bounds of its types.
 */
int plan_decode(struct planned *out, const uint8_t *from, size_t size) MUST_CHECK;
