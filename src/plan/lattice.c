/*
 * Both dynamic programmes, backwards from the end. The backups and the sums
 * over days are nearly all that a plan costs; rows are short and of fixed
 * length, so that the compiler unrolls them.
 */
#include "plan/lattice.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "plan/vector.h"

#define JOINT_SHARE 0.5f

static const struct likeness_kind JOINT = {
    3, {TRAIT_LOAD, TRAIT_SUN, TRAIT_LOAD_LONG}, {0.8f, 0.8f, 2}, LATTICE_LOADS, 13, 0.5f};
static const struct likeness_kind LOAD = {
    2, {TRAIT_LOAD, TRAIT_LOAD_LONG}, {0.8f, 2}, LATTICE_LOADS, 13, 0.5f};
static const struct likeness_kind SUN = {1, {TRAIT_SUN}, {0.8f}, LATTICE_SUNS, 10, 1};

static void row_add(struct plan_row *restrict sum, const struct plan_row *restrict row,
		    float weight)
{
	for (int k = 0; k < PLAN_POINTS; k++)
		sum->at[k] += weight * row->at[k];
}

/* ---- how days turn into others ---- */

static bool is_same_slot(struct plan_when a, struct plan_when b)
{
	return a.day == b.day && a.place == b.place;
}

/* How the home had been going on day `day` before the slot `when`; NULL where that is to come. */
static const float *traits_on(const struct plan_past *past, struct plan_when when, int day,
			      struct plan_when now)
{
	struct plan_when at = {when.day - 1 - day, when.place};
	const struct plan_moment *moment;

	if (is_same_slot(at, now))
		return past->trait;
	moment =
	    plan_past_has(past, at.day, at.place) ? plan_past_at(past, at.day, at.place) : NULL;
	return moment ? moment->trait : NULL;
}

static void turns_of_kind(const struct likeness_kind *kind, const struct plan_past *past,
			  struct plan_when when, struct plan_when now, struct lattice_turn *turns)
{
	struct likeness likeness;
	float weight[LIKENESS_DAYS];

	likeness_prepare(&likeness, kind, past, when, when);
	for (int j = 0; j < kind->days; j++) {
		struct lattice_turn *turn = &turns[j];

		*turn = (struct lattice_turn){.count = likeness.count == 0, .weight = {1}};
		if (likeness.count > 0)
			likeness_weigh(&likeness, kind, traits_on(past, when, j, now), weight);
		for (int q = 0; q < likeness.count; q++) {
			if (weight[q] <= 0)
				continue;
			turn->day[turn->count] = (uint8_t)likeness.day[q];
			turn->weight[turn->count++] = weight[q];
		}
	}
}

/* Slots counted through, as the clock names them. */
static int64_t number_of(const struct plan_past *past, struct plan_when when)
{
	return (int64_t)when.day * past->slots_per_day + when.place;
}

static int ring_of(const struct plan_past *past, struct plan_when when)
{
	int64_t most = LATTICE_STAGES_MAX;

	return (int)((number_of(past, when) % most + most) % most);
}

const struct lattice_turns *lattice_turns_of(const struct lattice *lattice,
					     const struct plan_past *past, struct plan_when when)
{
	return &lattice->turns[ring_of(past, when)];
}

/* Those of `when`; worked out unless they have been and cannot have changed. */
static const struct lattice_turns *turns_at(struct lattice *lattice, const struct plan_past *past,
					    struct plan_when when, struct plan_when now)
{
	int64_t ahead = number_of(past, when) - number_of(past, now);
	struct lattice_turns *turns = &lattice->turns[ring_of(past, when)];

	if (turns->is_final && is_same_slot(turns->when, when))
		return turns;
	turns_of_kind(&JOINT, past, when, now, turns->joint);
	turns_of_kind(&LOAD, past, when, now, turns->load);
	turns_of_kind(&SUN, past, when, now, turns->sun);
	turns->when = when;
	turns->is_final = ahead < past->slots_per_day;
	return turns;
}

/* ---- a stage ---- */

/* A slot's backup of one day. */
static void back(const struct lattice_ahead *ahead, int i, const struct plan_row *after, float net,
		 struct plan_row *cost)
{
	const struct plan_reach *reach = &ahead->reach[i * ahead->reach_step];
	struct plan_price price = ahead->slots[i].price;
	struct plan_mode mode = plan_mode_of(after, reach, price);

	plan_mode_backup(&mode, after, reach, net, price, cost);
}

float lattice_pv(const struct lattice *lattice, int stage, float pv_kwh)
{
	float share = stage < lattice->stages ? lattice->share[stage] : 0;

	return share > 0 ? pv_kwh + share * (lattice->said[stage] - pv_kwh) : pv_kwh;
}

/* Which days were measured at a stage, and what they brought. */
struct stage {
	int load_count, sun_count;
	int load_day[LATTICE_LOADS], sun_day[LATTICE_SUNS];
	float load_kwh[LATTICE_LOADS], pv_kwh[LATTICE_LOADS]; /* by day */
};

/*
 * Where no day in reach of the PV's memory was measured it borrows the nearest of the load's, and
 * where none was at all the mean load stands for one without sun: day 0, to which all then turn.
 */
static void find_days(const struct lattice *lattice, int i, struct stage *stage,
		      const struct plan_past *past)
{
	struct plan_when when = lattice->when[i];

	stage->load_count = stage->sun_count = 0;
	for (int j = 0; j < LATTICE_LOADS; j++) {
		const struct plan_moment *moment;

		if (!plan_past_has(past, when.day - 1 - j, when.place))
			continue;
		moment = plan_past_at(past, when.day - 1 - j, when.place);
		stage->load_kwh[j] = moment->load_kwh;
		stage->pv_kwh[j] = lattice_pv(lattice, i, moment->pv_kwh);
		stage->load_day[stage->load_count++] = j;
		if (j < LATTICE_SUNS)
			stage->sun_day[stage->sun_count++] = j;
	}
	if (stage->load_count == 0) {
		stage->load_day[stage->load_count++] = 0;
		stage->load_kwh[0] = past->load_mean_kw * past->slot_hours;
		stage->pv_kwh[0] = 0;
	}
	if (stage->sun_count == 0) {
		stage->sun_day[stage->sun_count++] = 0;
		stage->pv_kwh[0] = stage->pv_kwh[stage->load_day[0]];
	}
}

static void back_stage(struct lattice *lattice, const struct lattice_ahead *ahead, int i,
		       const struct stage *stage)
{
	for (int x = 0; x < stage->load_count; x++) {
		int a = stage->load_day[x];

		back(ahead, i, &lattice->joint_value[a], stage->load_kwh[a] - stage->pv_kwh[a],
		     &lattice->joint[i][a]);
		for (int y = 0; y < stage->sun_count; y++) {
			int b = stage->sun_day[y];

			back(ahead, i, &lattice->value[a][b], stage->load_kwh[a] - stage->pv_kwh[b],
			     &lattice->factored[i][a][b]);
		}
	}
}

PLAN_WIDE static void turn_joint(struct plan_row *restrict value,
				 const struct plan_row *restrict cost,
				 const struct lattice_turns *turns)
{
	for (int j = 0; j < LATTICE_LOADS; j++) {
		const struct lattice_turn *turn = &turns->joint[j];
		struct plan_row sum = {{0}};

		for (int q = 0; q < turn->count; q++)
			row_add(&sum, &cost[turn->day[q]], turn->weight[q]);
		value[j] = sum;
	}
}

/* Over the days of PV first, then over those of load: two small products in place of a large one.
 */
PLAN_WIDE static void turn_factored(struct plan_row (*restrict value)[LATTICE_SUNS],
				    struct plan_row (*restrict half)[LATTICE_SUNS],
				    struct plan_row (*restrict cost)[LATTICE_SUNS],
				    const struct stage *stage, const struct lattice_turns *turns)
{
	for (int x = 0; x < stage->load_count; x++) {
		int a = stage->load_day[x];

		for (int b = 0; b < LATTICE_SUNS; b++) {
			const struct lattice_turn *turn = &turns->sun[b];
			struct plan_row sum = {{0}};

			for (int q = 0; q < turn->count; q++)
				row_add(&sum, &cost[a][turn->day[q]], turn->weight[q]);
			half[a][b] = sum;
		}
	}
	for (int a = 0; a < LATTICE_LOADS; a++) {
		const struct lattice_turn *turn = &turns->load[a];

		for (int b = 0; b < LATTICE_SUNS; b++)
			value[a][b] = (struct plan_row){{0}};
		for (int q = 0; q < turn->count; q++) {
			const struct plan_row *from = half[turn->day[q]];

			for (int b = 0; b < LATTICE_SUNS; b++)
				row_add(&value[a][b], &from[b], turn->weight[q]);
		}
	}
}

void lattice_build(struct lattice *lattice, const struct plan_past *past,
		   const struct lattice_ahead *ahead, const struct plan_row *end)
{
	struct plan_when now = ahead->slots[0].when;
	struct stage stage;

	lattice->built_at = now;
	lattice->stages = ahead->count;
	for (int i = 0; i < ahead->count; i++) {
		lattice->said[i] = ahead->said != NULL ? ahead->said[i] : 0;
		lattice->share[i] = ahead->share != NULL ? ahead->share[i] : 0;
	}
	for (int a = 0; a < LATTICE_LOADS; a++) {
		lattice->joint_value[a] = *end;
		for (int b = 0; b < LATTICE_SUNS; b++)
			lattice->value[a][b] = *end;
	}
	for (int i = ahead->count - 1; i >= 1; i--) {
		const struct lattice_turns *turns;

		lattice->when[i] = ahead->slots[i].when;
		find_days(lattice, i, &stage, past);
		back_stage(lattice, ahead, i, &stage);
		if (i == 1)
			break;
		turns = turns_at(lattice, past, lattice->when[i], now);
		turn_joint(lattice->joint_value, lattice->joint[i], turns);
		turn_factored(lattice->value, lattice->half, lattice->factored[i], &stage, turns);
	}
}

bool lattice_reaches(const struct lattice *lattice, int stage)
{
	return stage >= 1 && stage < lattice->stages;
}

/* ---- the root ---- */

/* Adds `weight` times `row` moved up by `shift` points; beyond its ends it goes on straight. */
static void add_shifted(struct plan_row *sum, const struct plan_row *row, float weight, float shift)
{
	float table[3 * PLAN_POINTS + 1], first = row->at[1] - row->at[0];
	float last = row->at[PLAN_CELLS] - row->at[PLAN_CELLS - 1];
	float down = fminf(fmaxf(-shift, -PLAN_POINTS + 1), PLAN_POINTS - 1);
	int whole = (int)floorf(down);
	const float *from = table + PLAN_POINTS + whole;
	float share = down - (float)whole;

	for (int k = 0; k < PLAN_POINTS; k++) {
		table[k] = row->at[0] - first * (float)(PLAN_POINTS - k);
		table[PLAN_POINTS + k] = row->at[k];
		table[2 * PLAN_POINTS + k] = row->at[PLAN_CELLS] + last * (float)(k + 1);
	}
	table[3 * PLAN_POINTS] = row->at[PLAN_CELLS] + last * (float)(PLAN_POINTS + 1);
	for (int k = 0; k < PLAN_POINTS; k++)
		sum->at[k] += weight * (from[k] + (from[k + 1] - from[k]) * share);
}

/* Weights by day of being how the home goes on from now, at the lattice's slot `of`. */
static void root_weights(const struct likeness_kind *kind, const struct plan_past *past,
			 struct plan_when of, struct plan_when now, float by_day[LATTICE_LOADS])
{
	struct likeness likeness;
	float weight[LIKENESS_DAYS];

	memset(by_day, 0, sizeof(*by_day) * LATTICE_LOADS);
	likeness_prepare(&likeness, kind, past, of, now);
	if (likeness.count == 0) {
		by_day[0] = 1;
		return;
	}
	likeness_weigh(&likeness, kind, past->trait, weight);
	for (int q = 0; q < likeness.count; q++)
		by_day[likeness.day[q]] = weight[q];
}

void lattice_mix(const struct plan_past *past, struct plan_when of, struct plan_when now,
		 float load[LATTICE_LOADS], float sun[LATTICE_LOADS])
{
	root_weights(&LOAD, past, of, now, load);
	root_weights(&SUN, past, of, now, sun);
}

void lattice_root(const struct lattice *lattice, const struct plan_past *past, struct plan_when now,
		  int stage, const struct plan_reach *reach, const struct lattice_shift *shift,
		  struct plan_row *value)
{
	float joint[LATTICE_LOADS], load[LATTICE_LOADS], sun[LATTICE_LOADS];
	float per_kwh = 1 / (reach->efficiency * reach->step_kwh);
	struct plan_when of = lattice->when[stage];

	*value = (struct plan_row){{0}};
	root_weights(&JOINT, past, of, now, joint);
	lattice_mix(past, of, now, load, sun);
	for (int a = 0; a < LATTICE_LOADS; a++) {
		if (joint[a] > 0)
			add_shifted(value, &lattice->joint[stage][a], JOINT_SHARE * joint[a],
				    (shift->load[a] - shift->sun[a]) * per_kwh);
		for (int b = 0; b < LATTICE_SUNS && load[a] > 0; b++) {
			float weight = (1 - JOINT_SHARE) * load[a] * sun[b];

			if (weight > 0)
				add_shifted(value, &lattice->factored[stage][a][b], weight,
					    (shift->load[a] - shift->sun[b]) * per_kwh);
		}
	}
}
