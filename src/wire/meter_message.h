/*
 * A meter's message: the power in W as a plain decimal number, nothing else.
 * The grid's is positive while importing; PV and load are never negative.
 */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/meter.h"
#include "wire/json_message.h"

/* "grid", "pv", "load" */
const char *meter_kind_name(enum meter_kind kind);

/* Finds the kind by name. Returns 0, or -ENOENT and leaves `out` alone. */
int meter_kind_find(enum meter_kind *out, const char *name) MUST_CHECK;

#define METER_POWER_W_MAX 10e6

/* What an inverter draws at night, or a meter is off by at 0: PV and load below 0, taken for 0. */
#define METER_BELOW_ZERO_W_MAX 50
#define METER_MESSAGE_MAX 64

/*
 * Reads the whole of `payload`, blanks and line ends around the number aside.
 * Returns REFUSAL_NONE, _EMPTY, _TOO_LARGE (past METER_MESSAGE_MAX bytes),
 * _WRONG_TYPE ("23,9", "12abc"), _NOT_FINITE or _OUT_OF_RANGE. PV and load down
 * to -METER_BELOW_ZERO_W_MAX are 0. Writes `power_w` only on REFUSAL_NONE,
 * `detail` (may be NULL) only on refusal.
 */
enum refusal meter_message_parse(double *power_w, enum meter_kind kind, const void *payload,
				 size_t len, struct refusal_detail *detail) MUST_CHECK;

#define METER_COUNTER_WH_MAX 1e12

/*
 * Likewise a counter's energy in Wh, from 0 to METER_COUNTER_WH_MAX; its sign, dips and resets are
 * model/meter_counter.h's affair.
 */
enum refusal meter_counter_parse(double *energy_wh, const void *payload, size_t len,
				 struct refusal_detail *detail) MUST_CHECK;

/* Writes the shortest decimal that reads back as `power_w`. */
void meter_message_format(struct text *out, double power_w);
