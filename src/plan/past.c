/* The memory of the home: a ring of days, and running means. */
#include "plan/past.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "plan/vector.h"

#define AHEAD_HOURS 6
#define LOAD_GUESS_KW 0.5f /* before anything was measured */
#define GUESS_HOURS 24     /* of measuring that the guess weighs as much as */

static const float TRAIT_HOURS[TRAIT_COUNT] = {
    [TRAIT_LOAD] = 3, [TRAIT_LOAD_LONG] = 33, [TRAIT_LOAD_SHORT] = 0.7f,
    [TRAIT_SUN] = 9,  [TRAIT_SUN_LONG] = 24,
};

void plan_past_init(struct plan_past *past, int slots_per_day)
{
	memset(past, 0, sizeof(*past));
	past->slots_per_day = slots_per_day;
	past->slot_hours = 24.0f / (float)slots_per_day;
	past->load_mean_kw = LOAD_GUESS_KW;
	past->weight = GUESS_HOURS;
	past->is_empty = true;
	for (int i = 0; i < PLAN_DAYS; i++)
		past->day_of[i] = INT32_MIN;
}

static int ring_of(int32_t day)
{
	return (int)(((int64_t)day % PLAN_DAYS + PLAN_DAYS) % PLAN_DAYS);
}

const struct plan_moment *plan_past_at(const struct plan_past *past, int32_t day, int32_t place)
{
	int ring = ring_of(day);

	if (past->day_of[ring] != day || place < 0 || place >= past->slots_per_day)
		return NULL;
	return &past->moments[ring][place];
}

bool plan_past_has(const struct plan_past *past, int32_t day, int32_t place)
{
	const struct plan_moment *moment = plan_past_at(past, day, place);

	return moment != NULL && !isnan(moment->load_kwh);
}

static void begin_day(struct plan_past *past, int32_t day)
{
	int ring = ring_of(day);

	past->day_of[ring] = day;
	for (int i = 0; i < past->slots_per_day; i++) {
		struct plan_moment *moment = &past->moments[ring][i];

		*moment = (struct plan_moment){NAN, NAN, NAN, NAN, {0}};
		memcpy(moment->trait, past->trait, sizeof(moment->trait));
	}
}

/* The slot `count` before (day, place), on the clock. */
static struct plan_moment *moment_before(struct plan_past *past, struct plan_when when, int count)
{
	int32_t place = when.place - count, day = when.day;

	while (place < 0) {
		place += past->slots_per_day;
		day--;
	}
	return past->day_of[ring_of(day)] == day ? &past->moments[ring_of(day)][place] : NULL;
}

/* Now that a slot is over, the six hours that ended with it are known. */
static void note_ahead(struct plan_past *past, struct plan_when when)
{
	int count = AHEAD_HOURS * past->slots_per_day / 24, known = 0;
	struct plan_moment *from = moment_before(past, when, count);
	float load = 0, pv = 0, scale;

	if (from == NULL)
		return;
	for (int i = count - 1; i >= 0; i--) {
		const struct plan_moment *moment = moment_before(past, when, i);

		if (moment == NULL || isnan(moment->load_kwh))
			continue;
		load += moment->load_kwh;
		pv += moment->pv_kwh;
		known++;
	}
	if (known * 2 < count)
		return;
	scale = (float)count / (float)known;
	from->load_ahead_kwh = load * scale;
	from->pv_ahead_kwh = pv * scale;
}

static void follow(float *mean, float value, float keep)
{
	*mean = keep * *mean + (1 - keep) * value;
}

static void go_on(struct plan_past *past, float load_kw, float pv_kw)
{
	for (int i = 0; i < TRAIT_COUNT; i++) {
		bool is_sun = i >= TRAIT_SUN;
		float keep = i == TRAIT_SUN_LAST ? 1 - past->slot_hours
						 : plan_exp(-past->slot_hours / TRAIT_HOURS[i]);

		follow(&past->trait[i], is_sun ? pv_kw : load_kw, keep);
	}
	past->weight = fminf(past->weight + past->slot_hours, 24 * 30);
	follow(&past->load_mean_kw, load_kw, 1 - past->slot_hours / past->weight);
}

void plan_past_take(struct plan_past *past, const struct plan_slot *slot)
{
	struct plan_when when = slot->when;
	struct plan_moment *moment;

	if (past->is_empty)
		past->first_day = when.day;
	if (past->day_of[ring_of(when.day)] != when.day)
		begin_day(past, when.day);
	past->is_empty = false;
	past->last = when;
	moment = &past->moments[ring_of(when.day)][when.place];
	memcpy(moment->trait, past->trait, sizeof(moment->trait));
	if (isnan(slot->load_kwh) || isnan(slot->pv_kwh))
		return;
	moment->load_kwh = slot->load_kwh;
	moment->pv_kwh = slot->pv_kwh;
	go_on(past, slot->load_kwh / past->slot_hours, slot->pv_kwh / past->slot_hours);
	note_ahead(past, when);
}
