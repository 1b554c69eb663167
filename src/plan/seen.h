/*
 * A home as its battery sees it: where nobody measures the house, the state of charge and the
 * relays' times still tell what charging brings while the source relay is closed, and how fast the
 * battery falls while it feeds the house. Both are learned by hour and by type of day.
 *
 * What was never seen is not known: NaN, never 0.
 */
#pragma once

#include "plan/slot.h"

#define SEEN_HOURS 24

/* A slot that is over. */
struct seen_slot {
	struct plan_when when;
	float risen_kwh;    /* in the cells, from its beginning to its end; NaN: not measured */
	float source_share; /* of the slot that the source relay was closed, 0..1; NaN: not known */
	float load_share;   /* likewise; 1 where the house always hangs on the battery */
};

/* What the cells gave in it, as far as it was measured. */
static inline float seen_given_kwh(const struct seen_slot *slot)
{
	return slot->risen_kwh < 0 ? -slot->risen_kwh : 0;
}

/* A mean that forgets. */
struct seen_mean {
	float sum, weight;
};

struct seen {
	int slots_per_day;
	float slot_hours;
	int32_t measured;                       /* slots */
	struct seen_mean draw[2][SEEN_HOURS];   /* kW out of the cells; weekends are 1 */
	struct seen_mean charge[2][SEEN_HOURS]; /* kW into them */
	struct seen_mean all_draw, all_charge;
};

/* Begins without a log; `slots_per_day` is 24, 48 or 96. */
void seen_init(struct seen *seen, int slots_per_day);

/*
 * Takes a slot, in the order of time. Returns what the house drew in it, in kWh of the cells; NaN
 * where that slot does not tell.
 */
float seen_take(struct seen *seen, const struct seen_slot *slot);

/*
 * What the house draws at that time of such a day, in kW of the cells: the mean of that hour, drawn
 * to that of other days and hours while there are few. NaN while none was seen.
 */
float seen_draw_kw(const struct seen *seen, struct plan_when when);

/* What charging brings into the cells at that hour, in kW, likewise of days; NaN for an hour in
 * which the source relay was never closed for long.
 */
float seen_charge_kw(const struct seen *seen, struct plan_when when);

/* The most that it brings at any hour, and the mean of all; NaN while none was seen. */
float seen_charge_best_kw(const struct seen *seen);
float seen_charge_mean_kw(const struct seen *seen);

/* Whether some hours bring hardly half of what the best does, or were never seen: as the sun has
 * it. */
bool seen_is_by_hour(const struct seen *seen);
