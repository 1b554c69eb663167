/* Bands for each lead, and rings of what was said. */
#include "plan/gauge.h"

#include <math.h>
#include <string.h>

static const int HOURS[GAUGE_LEADS] = {1, 2, 3, 6, 12, 24};

static int slots_of(const struct gauge *gauge, int lead)
{
	return HOURS[lead] * gauge->slots_per_day / 24;
}

void gauge_init(struct gauge *gauge, int slots_per_day)
{
	memset(gauge, 0, sizeof(*gauge));
	gauge->slots_per_day = slots_per_day;
	for (int i = 0; i < GAUGE_LEADS; i++) {
		band_init(&gauge->load[i], slots_of(gauge, i));
		band_init(&gauge->pv[i], slots_of(gauge, i));
	}
}

/* Where a lead keeps what it said of `when`. */
static struct gauge_promise *place_of(struct gauge *gauge, int lead, struct plan_when when)
{
	int64_t number = (int64_t)when.day * gauge->slots_per_day + when.place;
	int room = slots_of(gauge, lead), first = 0;

	for (int i = 0; i < lead; i++)
		first += slots_of(gauge, i);
	return &gauge->promises[first + (int)((number % room + room) % room)];
}

void gauge_expect(struct gauge *gauge, int ahead, const struct gauge_promise *promise)
{
	for (int i = 0; i < GAUGE_LEADS; i++) {
		if (ahead + 1 == slots_of(gauge, i))
			*place_of(gauge, i, promise->when) = *promise;
	}
}

static void learn(struct band *band, const struct gauge_ends *ends, float value)
{
	band_take(band, ends->middle, ends->middle - ends->low, ends->high - ends->middle, value);
}

void gauge_take(struct gauge *gauge, const struct plan_slot *slot)
{
	for (int i = 0; i < GAUGE_LEADS; i++) {
		struct gauge_promise *promise = place_of(gauge, i, slot->when);

		if (!promise->is_made || promise->when.day != slot->when.day ||
		    promise->when.place != slot->when.place)
			continue;
		if (!isnan(slot->load_kwh))
			learn(&gauge->load[i], &promise->load, slot->load_kwh);
		if (!isnan(slot->pv_kwh))
			learn(&gauge->pv[i], &promise->pv, slot->pv_kwh);
		promise->is_made = false;
	}
}

/* Between the two leads that lie around; before the first as at it. */
static void stretch(const struct gauge *gauge, const struct band *bands, int ahead,
		    struct gauge_ends *ends)
{
	struct band between = bands[0];
	int high = 0;

	while (high < GAUGE_LEADS - 1 && slots_of(gauge, high) < ahead + 1)
		high++;
	if (high > 0) {
		int from = slots_of(gauge, high - 1), to = slots_of(gauge, high);
		float share = fminf((float)(ahead + 1 - from) / (float)(to - from), 1);
		const struct band *one = &bands[high - 1], *other = &bands[high];

		between.low = one->low + (other->low - one->low) * share;
		between.high = one->high + (other->high - one->high) * share;
	}
	band_stretch(&between, ends->middle, &ends->low, &ends->high);
	ends->low = fmaxf(ends->low, 0);
}

void gauge_stretch(const struct gauge *gauge, int ahead, struct gauge_ends *load,
		   struct gauge_ends *pv)
{
	stretch(gauge, gauge->load, ahead, load);
	stretch(gauge, gauge->pv, ahead, pv);
}
