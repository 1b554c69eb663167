/* Hours and cycles of a battery, added up from its rollups. */
#include "model/life.h"

#include <math.h>

#define CYCLE_PCT 200.0 /* down and up again */

static int bin_of(double value, double first, double step, int count)
{
	double bin = floor((value - first) / step);

	return bin < 0 ? 0 : bin >= count ? count - 1 : (int)bin;
}

static void add_movement(struct life *life, const struct rollup_value *soc)
{
	double within = soc->max - soc->min;
	double moved = life->has_last ? fabs(soc->last - life->last_soc_pct) : 0;

	if (moved > LIFE_NOISE_PCT) {
		life->moved_pct += moved;
		life->low_pct += moved - LIFE_NOISE_PCT;
	}
	life->high_pct += within > moved ? within : moved;
	life->has_last = true;
	life->last_soc_pct = soc->last;
}

void life_add(struct life *life, struct rollup_span span, const struct rollup_readings *readings)
{
	const struct rollup_value *soc = &readings->soc_pct, *temp = &readings->temp_c;
	int64_t ms = span.to.ms - span.from.ms;

	if (soc->count == 0)
		return;
	add_movement(life, soc);
	if (temp->count == 0 || ms <= 0)
		return;
	life->measured_ms += ms;
	life->ms[bin_of(soc->mean, 0, LIFE_SOC_STEP_PCT, LIFE_SOC_BINS)]
		[bin_of(temp->mean, LIFE_TEMP_MIN_C, LIFE_TEMP_STEP_C, LIFE_TEMP_BINS)] += ms;
}

struct life_cycles life_cycles(const struct life *life)
{
	return (struct life_cycles){.efc = life->moved_pct / CYCLE_PCT,
				    .low = life->low_pct / CYCLE_PCT,
				    .high = life->high_pct / CYCLE_PCT};
}
