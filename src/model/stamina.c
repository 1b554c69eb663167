/* Runs, and what they say together. */
#include "model/stamina.h"

#include <math.h>

#define REST_PCT 0.05   /* in a quarter: neither charged nor discharged */
#define POWER_LEAST 0.9 /* of the readings have to have one */
#define STRAY 0.02      /* of a run's energy may flow the other way */
#define NINE_OF_TEN 1.645
#define FEW 2.0 /* wider where there are few runs: (n + FEW) / n */

static void end_run(struct stamina *stamina)
{
	struct stamina_runs *runs =
	    stamina->direction > 0 ? &stamina->charges : &stamina->discharges;
	double wh = stamina->run_wh, pct = stamina->run_pct;

	if (stamina->direction != 0 && pct >= STAMINA_RUN_PCT && wh > 0) {
		runs->count++;
		runs->wh += wh;
		runs->pct += pct;
		runs->wh2 += wh * wh;
		runs->pct2 += pct * pct;
		runs->x += wh * pct;
	}
	stamina->direction = 0;
	stamina->run_wh = stamina->run_pct = 0;
}

static bool is_measured(const struct rollup_readings *readings)
{
	return readings->soc_pct.count > 0 && readings->power_w.count > 0 &&
	       (double)readings->power_w.count >= POWER_LEAST * (double)readings->soc_pct.count;
}

/* Which way a quarter went; 0: to and fro, or at rest. */
static int direction_of(double moved_pct, const struct rollup_readings *readings)
{
	double in = readings->charged_wh, out = readings->discharged_wh;

	if (moved_pct > REST_PCT && in > 0 && out <= STRAY * in)
		return 1;
	if (moved_pct < -REST_PCT && out > 0 && in <= STRAY * out)
		return -1;
	return 0;
}

void stamina_add(struct stamina *stamina, struct rollup_span span,
		 const struct rollup_readings *readings)
{
	bool follows = stamina->has_last && stamina->last_to.ms == span.from.ms;
	double moved =
	    readings->soc_pct.count > 0 ? readings->soc_pct.last - stamina->last_soc_pct : 0;
	int direction = follows && is_measured(readings) ? direction_of(moved, readings) : 0;

	if (direction != stamina->direction)
		end_run(stamina);
	stamina->direction = direction;
	if (direction != 0) {
		stamina->run_pct += fabs(moved);
		stamina->run_wh += direction > 0 ? readings->charged_wh : readings->discharged_wh;
	}
	stamina->has_last = is_measured(readings);
	stamina->last_to = span.to;
	stamina->last_soc_pct = readings->soc_pct.last;
}

/* Wh of 100 %, with its relative error (one deviation). */
static double whole_of(const struct stamina_runs *runs, double *error)
{
	double ratio = runs->wh / runs->pct, n = runs->count;
	/* Of a ratio of sums: what each run departs from the line through all. */
	double left = runs->wh2 - 2 * ratio * runs->x + ratio * ratio * runs->pct2;

	*error = sqrt(fmax(left, 0) * n / (n - 1)) / runs->wh * (n + FEW) / n;
	return 100 * ratio;
}

static struct stamina_value value_of(double value, double error)
{
	double off = NINE_OF_TEN * error * value;

	return (struct stamina_value){true, value, value - off, value + off};
}

struct stamina_learned stamina_learn(const struct stamina *stamina)
{
	struct stamina all = *stamina;
	struct stamina_learned learned = {0};
	double takes = 0, gives = 0, in = 0, out = 0;

	end_run(&all);
	learned.charges = all.charges.count;
	learned.discharges = all.discharges.count;
	if (learned.charges >= STAMINA_RUNS_LEAST) {
		takes = whole_of(&all.charges, &in);
		learned.takes_wh = value_of(takes, in);
	}
	if (learned.discharges >= STAMINA_RUNS_LEAST) {
		gives = whole_of(&all.discharges, &out);
		learned.gives_wh = value_of(gives, out);
	}
	if (takes > 0 && gives > 0) {
		double error = sqrt(in * in + out * out);

		learned.efficiency = value_of(gives / takes, error);
		learned.efficiency.high = fmin(learned.efficiency.high, 1);
		learned.capacity_wh = value_of(sqrt(gives * takes), error / 2);
	}
	return learned;
}

float stamina_one_way(const struct stamina_learned *learned, float otherwise)
{
	const struct stamina_value *both_ways = &learned->efficiency;

	if (!both_ways->is_known || both_ways->high - both_ways->low > STAMINA_SURE ||
	    both_ways->value < STAMINA_LEAST || both_ways->value > 1)
		return otherwise;
	return (float)sqrt(both_ways->value);
}
