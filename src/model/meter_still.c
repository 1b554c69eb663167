/* How long a meter stands still, and whether it may. */
#include "model/meter_still.h"

#include "model/meter_minute.h"

static void begin(struct meter_still *still, double power_w, struct mono_time mono)
{
	still->has_value = true;
	still->is_frozen = false;
	still->value_w = power_w;
	still->since = mono;
}

int64_t meter_still_ms(const struct meter_still *still)
{
	return still->has_value ? mono_since(still->heard_at, still->since) : 0;
}

void meter_still_hear(struct meter_still *still, double power_w, struct mono_time mono)
{
	int64_t passed_ms = still->has_value ? mono_since(mono, still->heard_at) : 0;
	bool was_silent = passed_ms > METER_HOLD_MS;

	if (!was_silent)
		still->known_ms += passed_ms;
	if (!still->has_value || was_silent || power_w != still->value_w) {
		int64_t stood_ms = meter_still_ms(still);

		if (!still->is_frozen && stood_ms > still->longest_ms)
			still->longest_ms = stood_ms;
		begin(still, power_w, mono);
	}
	still->heard_at = mono;
}

bool meter_still_judge(struct meter_still *still, enum meter_kind kind, enum meter_witness witness)
{
	int64_t stands_ms = meter_still_ms(still);
	bool is_night = kind == METER_PV && still->value_w == 0;

	if (still->is_frozen || is_night || stands_ms <= still->longest_ms)
		return false;
	switch (witness) {
	case METER_WITNESS_CONTRADICTS:
		still->is_frozen = stands_ms >= STILL_CONTRADICTED_MS;
		break;
	case METER_WITNESS_NONE:
		still->is_frozen = kind == METER_LOAD && stands_ms >= STILL_ALONE_MS &&
				   stands_ms >= STILL_ALONE_TIMES * still->longest_ms &&
				   still->known_ms >= STILL_KNOWN_MS;
		break;
	case METER_WITNESS_AGREES:
		break;
	}
	return still->is_frozen;
}
