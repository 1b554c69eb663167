/*
 * A meter that says the same to the last digit for long. By itself that proves nothing: one that
 * resolves 100 W is right to do so all night. So two things must come together: it never stood
 * still for so long before, silences and what was found frozen aside; and
 *   - the other meters and the battery, added up (meter_check.h), say for half an hour that
 * something else flows; or
 *   - of a load that nobody can add up: three hours, and four times as long as ever in at least a
 * day. Sun and grid may well do that: a roof at its inverter's limit, a house that exports nothing.
 * Where the others agree with it a meter is never suspected, however long it stands. Nor is a sun
 * at 0.
 */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "base/time.h"
#include "model/meter.h"

#define STILL_CONTRADICTED_MS (30 * MS_PER_MINUTE)
#define STILL_ALONE_MS (3 * MS_PER_HOUR)
#define STILL_ALONE_TIMES 4
#define STILL_KNOWN_MS (24 * MS_PER_HOUR)

/* What the other meters and the battery say of this one. */
enum meter_witness { METER_WITNESS_NONE, METER_WITNESS_AGREES, METER_WITNESS_CONTRADICTS };

/* All 0 is one that was not heard yet. */
struct meter_still {
	bool has_value;
	bool is_frozen; /* until its value moves */
	double value_w;
	struct mono_time since, heard_at; /* it stands there; it said so last */
	int64_t known_ms;                 /* that it was heard for in all, without silences */
	int64_t longest_ms;               /* that it stood still and was right to */
};

/* The meter says `power_w` now. */
void meter_still_hear(struct meter_still *still, double power_w, struct mono_time mono);

/* Returns whether it is found frozen by this, which it was not before. */
bool meter_still_judge(struct meter_still *still, enum meter_kind kind, enum meter_witness witness);

/* How long it has said nothing else. */
int64_t meter_still_ms(const struct meter_still *still);
