/*
 * How warm the planned battery will be: its log is learnt beside the home's, and a plan counts on
 * no power when the cells are likely to be beyond their limits, and says how warm they will be
 * along its own course. On a worker, but for what the loop hands over.
 */
#include <math.h>

#include "core/limits.h"
#include "daemon/foresee.h"
#include "daemon/pilot_parts.h"

/* ---- on the loop ---- */

static float celsius(int32_t mc)
{
	return (float)mc / 1000;
}

void pilot_warmth_hand(const struct pilot *pilot, struct pilot_warmth *out)
{
	const struct daemon *daemon = pilot->daemon;
	const struct battery_state *battery = &daemon->site.batteries[pilot->battery];
	struct gate_limits limits = limits_of(&daemon->house.batteries[pilot->battery],
					      &daemon->site.settings[pilot->battery]);

	*out = (struct pilot_warmth){
	    .now = clock_wall(&daemon->clock),
	    .soc_pct = (float)battery->reading.soc_bp / 100,
	    .temp_c = celsius(battery->reading.temp_min_mc),
	    .limits = {celsius(limits.charge_min_mc), celsius(limits.charge_max_mc),
		       celsius(limits.discharge_min_mc), celsius(limits.discharge_max_mc)},
	};
}

/* ---- on a worker ---- */

int pilot_warmth_learn(struct pilot *pilot, struct journal_reader *reader)
{
	return foresee_learn(reader, pilot->log.node.text, pilot->job.warmth.now,
			     &pilot->foresight);
}

static struct warmth_slots slots_of(const struct pilot *pilot, int count)
{
	struct plan_when when = pilot->job.ahead[0].when;

	return (struct warmth_slots){.from_s = when.day * (int64_t)SECONDS_PER_DAY +
					       (int64_t)when.place * pilot->step_s,
				     .step_s = pilot->step_s,
				     .count = count};
}

void pilot_warmth_expect(struct pilot *pilot, struct plan_share *shares)
{
	const struct pilot_warmth *warmth = &pilot->job.warmth;
	struct warmth_slots slots = slots_of(pilot, planner_slots_ahead(&pilot->planner));
	bool is_limited;

	foresee_take(&pilot->foresight, warmth->now, (double)warmth->soc_pct,
		     (double)warmth->temp_c);
	foresight_look(&pilot->foresight, &pilot->view);
	is_limited = warmth_shares(&pilot->view, &warmth->limits, &slots, shares);
	/* What is built of other hours' power is of no use. */
	pilot->job.is_news = pilot->job.is_news || is_limited || pilot->was_limited;
	pilot->was_limited = is_limited;
}

void pilot_warmth_tell(struct pilot *pilot, struct planned *plan)
{
	float soc_pct[PLANNED_SLOTS_MAX], temp_c[PLANNED_SLOTS_MAX];
	struct warmth_slots slots = slots_of(pilot, plan->count);

	for (int i = 0; i < plan->count; i++)
		soc_pct[i] = (float)plan->slots[i].soc_bp[PLANNED_P50] / 100;
	warmth_course(&pilot->foresight, &pilot->view, &slots, pilot->job.warmth.soc_pct, soc_pct,
		      temp_c);
	for (int i = 0; i < plan->count; i++) {
		plan->slots[i].has_temp = !isnan(temp_c[i]);
		plan->slots[i].temp_mc = plan->slots[i].has_temp ? (int32_t)(temp_c[i] * 1000) : 0;
	}
}
