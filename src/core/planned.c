/*
 * The plan's wish over time, see planned.h. What counts is checked again at each
 * decision, since time and the state go on.
 */
#include "core/planned.h"

void planned_take(const struct turn *turn, size_t index, const struct plan_wish *wish)
{
	struct battery_state *battery = &turn->site->batteries[index];
	struct mono_time latest = mono_add(turn->now.mono, PLAN_WISH_MAX_MS);

	if (wish->number == 0) {
		battery->plan.number = 0;
		return;
	}
	if (wish->version != battery->plan_version || !reason_is_of_plan(wish->reason.code))
		return;
	if (wish->intent == INTENT_BOTH && !turn->house->batteries[index].paths_are_independent)
		return;
	battery->plan.number = wish->number;
	battery->plan.version = wish->version;
	battery->plan.intent = wish->intent;
	battery->plan.reason.code = wish->reason.code;
	battery->plan.reason.value = wish->reason.value;
	battery->plan.reason.limit = wish->reason.limit;
	battery->plan.until = wish->until.ms < latest.ms ? wish->until : latest;
}

void planned_void(const struct turn *turn, size_t index, enum reason_code why)
{
	struct battery_state *battery = &turn->site->batteries[index];

	battery->plan_version++;
	battery->plan_void = why;
}

static struct wish nothing(enum reason_code why, int64_t value)
{
	return (struct wish){true, INTENT_SAFE, {why, value, 0}};
}

struct wish planned_wish(const struct battery_state *battery, struct now now)
{
	const struct plan_wish *plan = &battery->plan;
	int64_t over_ms = mono_since(now.mono, plan->until);

	if (!now.wall_is_trusted)
		return nothing(REASON_PLAN_CLOCK, 0);
	if (plan->number == 0)
		return nothing(REASON_PLAN_NONE, 0);
	if (plan->version != battery->plan_version)
		return nothing(battery->plan_void, 0);
	if (over_ms >= 0)
		return nothing(REASON_PLAN_EXPIRED, over_ms);
	return (struct wish){true, plan->intent, plan->reason};
}
