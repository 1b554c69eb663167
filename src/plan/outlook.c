/*
 * Weights over days, forwards through the same turns that the lattice goes
 * backwards, and their quantiles at each slot.
 */
#include "plan/outlook.h"

#include <stddef.h>
#include <string.h>

static const float SHARES[OUTLOOK_QUANTILES] = {0.1f, 0.5f, 0.9f};

/* How likely each day is to be the one that goes on. */
struct mix {
	float load[LATTICE_LOADS], sun[LATTICE_LOADS];
};

static void turn(float *mix, int days, const struct lattice_turn *turns)
{
	float next[LATTICE_LOADS] = {0};

	for (int j = 0; j < days; j++) {
		for (int q = 0; q < turns[j].count; q++)
			next[turns[j].day[q]] += mix[j] * turns[j].weight[q];
	}
	memcpy(mix, next, sizeof(next));
}

struct sample {
	float value, weight;
};

/* Sorted by value; between the middles of their weights quantiles lie on lines. */
static void quantiles(struct sample *samples, int count, float out[OUTLOOK_QUANTILES])
{
	float sum = 0, before = 0;
	int at = 0;

	for (int i = 1; i < count; i++) {
		for (int j = i; j > 0 && samples[j].value < samples[j - 1].value; j--) {
			struct sample other = samples[j];

			samples[j] = samples[j - 1];
			samples[j - 1] = other;
		}
	}
	for (int i = 0; i < count; i++)
		sum += samples[i].weight;
	for (int q = 0; q < OUTLOOK_QUANTILES; q++) {
		float wanted = SHARES[q] * sum, middle, last;

		while (at < count && before + samples[at].weight / 2 < wanted)
			before += samples[at++].weight;
		if (at == 0 || at == count) {
			out[q] = samples[at == 0 ? 0 : count - 1].value;
			continue;
		}
		middle = before + samples[at].weight / 2;
		last = before - samples[at - 1].weight / 2;
		out[q] = samples[at - 1].value + (samples[at].value - samples[at - 1].value) *
						     (wanted - last) / (middle - last);
	}
}

static void look_at(const struct planner *planner, int stage, const struct mix *mix,
		    struct outlook_slot *slot)
{
	const struct plan_past *past = &planner->past;
	float sum = 0, weights = 0;
	struct sample load[LATTICE_LOADS], sun[LATTICE_LOADS];
	int loads = 0, suns = 0;

	for (int j = 0; j < LATTICE_LOADS; j++) {
		int32_t day = slot->when.day - 1 - j;
		const struct plan_moment *moment;

		if (!plan_past_has(past, day, slot->when.place))
			continue;
		moment = plan_past_at(past, day, slot->when.place);
		if (mix->load[j] > 0)
			load[loads++] = (struct sample){moment->load_kwh, mix->load[j]};
		if (mix->sun[j] <= 0)
			continue;
		sun[suns++] = (struct sample){lattice_pv(&planner->lattice, stage, moment->pv_kwh),
					      mix->sun[j]};
		sum += mix->sun[j] * moment->pv_kwh;
		weights += mix->sun[j];
	}
	slot->is_known = loads > 0 && suns > 0;
	if (!slot->is_known)
		return;
	slot->own_pv_kwh = sum / weights;
	quantiles(load, loads, slot->load_kwh);
	quantiles(sun, suns, slot->pv_kwh);
}

static struct gauge_ends ends_of(const float quantile[OUTLOOK_QUANTILES])
{
	return (struct gauge_ends){quantile[OUTLOOK_P10], quantile[OUTLOOK_P50],
				   quantile[OUTLOOK_P90]};
}

/* Puts the ends where they belong. */
static void settle_ends(const struct gauge *gauge, int ahead, struct outlook_slot *slot)
{
	struct gauge_ends load = ends_of(slot->load_kwh), pv = ends_of(slot->pv_kwh);

	gauge_stretch(gauge, ahead, &load, &pv);
	slot->load_kwh[OUTLOOK_P10] = load.low;
	slot->load_kwh[OUTLOOK_P90] = load.high;
	slot->pv_kwh[OUTLOOK_P10] = pv.low;
	slot->pv_kwh[OUTLOOK_P90] = pv.high;
}

/* What the days say themselves. */
static void look(const struct planner *planner, struct plan_when now, struct outlook *outlook)
{
	const struct lattice *lattice = &planner->lattice;
	int count = OUTLOOK_HOURS * planner->past.slots_per_day / 24;
	struct mix mix;

	memset(outlook, 0, sizeof(*outlook));
	for (int i = 0; i < count && planner->stage + i - 1 < lattice->stages; i++) {
		struct outlook_slot *slot = &outlook->slots[outlook->count++];
		int stage = planner->stage + i - 1; /* that slot's, counted from the build */

		slot->when = i == 0 ? now : lattice->when[stage];
		if (i <= 1) {
			lattice_mix(&planner->past, slot->when, now, mix.load, mix.sun);
		} else {
			const struct lattice_turns *turns =
			    lattice_turns_of(lattice, &planner->past, slot->when);

			turn(mix.load, LATTICE_LOADS, turns->load);
			turn(mix.sun, LATTICE_SUNS, turns->sun);
		}
		look_at(planner, stage, &mix, slot);
	}
}

void planner_outlook(const struct planner *planner, struct plan_when now, struct outlook *outlook)
{
	look(planner, now, outlook);
	for (int i = 0; i < outlook->count; i++) {
		if (outlook->slots[i].is_known)
			settle_ends(&planner->gauge, i, &outlook->slots[i]);
	}
}

static bool was_decided(const struct planner *planner, struct plan_when now)
{
	const struct lattice *lattice = &planner->lattice;
	struct plan_when when;

	if (planner->stage < 1)
		return false;
	when = planner->stage == 1 ? lattice->built_at : lattice->when[planner->stage - 1];
	return when.day == now.day && when.place == now.place;
}

void outlook_promise(struct planner *planner, struct plan_when now)
{
	struct outlook outlook;

	if (!was_decided(planner, now))
		return;
	look(planner, now, &outlook);
	for (int i = 0; i < outlook.count; i++) {
		const struct outlook_slot *slot = &outlook.slots[i];
		struct gauge_promise promise = {slot->is_known, slot->when, ends_of(slot->load_kwh),
						ends_of(slot->pv_kwh)};

		gauge_expect(&planner->gauge, i, &promise);
		if (slot->is_known)
			outside_expect(&planner->outside, i, slot->when, slot->own_pv_kwh);
	}
}
