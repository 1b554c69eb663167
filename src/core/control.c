/*
 * The deciders below the gate, highest first: people's overrides (override.h),
 * the plan (planned.h), the schedule, the threshold rule; monitor in the rules' place where only
 * watching is wanted. All are asked, so that a decision can show who lost.
 */
#include "core/control.h"

#include "core/planned.h"

void control_follow(struct battery_state *battery, const struct settings *settings, int32_t soc_bp,
		    bool may_begin)
{
	if (may_begin && soc_bp < setting(settings, PARAMETER_CHARGE_BELOW))
		battery->wants_charge = true;
	if (soc_bp >= setting(settings, PARAMETER_CHARGE_UNTIL))
		battery->wants_charge = false;
	if (may_begin && soc_bp >= setting(settings, PARAMETER_DISCHARGE_ABOVE))
		battery->wants_discharge = true;
	if (soc_bp <= setting(settings, PARAMETER_DISCHARGE_UNTIL) || battery->wants_charge)
		battery->wants_discharge = false;
}

static struct wish threshold_wish(const struct battery_state *battery,
				  const struct settings *settings)
{
	int64_t soc_bp = battery->reading.soc_bp;
	int64_t below = setting(settings, PARAMETER_CHARGE_BELOW);
	int64_t above = setting(settings, PARAMETER_DISCHARGE_ABOVE);

	if (!battery->has_reading)
		return (struct wish){0};
	if (battery->wants_charge && soc_bp < below)
		return (struct wish){true, INTENT_CHARGE, {REASON_CHARGE_BELOW, soc_bp, below}};
	if (battery->wants_charge)
		return (struct wish){
		    true,
		    INTENT_CHARGE,
		    {REASON_CHARGE_UNTIL, soc_bp, setting(settings, PARAMETER_CHARGE_UNTIL)}};
	if (battery->wants_discharge && soc_bp >= above)
		return (struct wish){
		    true, INTENT_DISCHARGE, {REASON_DISCHARGE_ABOVE, soc_bp, above}};
	if (battery->wants_discharge)
		return (struct wish){
		    true,
		    INTENT_DISCHARGE,
		    {REASON_DISCHARGE_UNTIL, soc_bp, setting(settings, PARAMETER_DISCHARGE_UNTIL)}};
	return (struct wish){true, INTENT_SAFE, {REASON_BETWEEN, soc_bp, below}};
}

struct reason control_flip(struct reason reason, const struct settings *settings)
{
	if (reason.code == REASON_CHARGE_BELOW)
		return (struct reason){REASON_CHARGE_UNTIL, reason.value,
				       setting(settings, PARAMETER_CHARGE_UNTIL)};
	if (reason.code == REASON_DISCHARGE_ABOVE)
		return (struct reason){REASON_DISCHARGE_UNTIL, reason.value,
				       setting(settings, PARAMETER_DISCHARGE_UNTIL)};
	return reason;
}

int32_t control_second_of_day(struct now now)
{
	int64_t local_s =
	    (now.wall.ms >= 0 ? now.wall.ms : now.wall.ms - (MS_PER_SECOND - 1)) / MS_PER_SECOND +
	    now.utc_offset_s;
	int64_t second = local_s % SECONDS_PER_DAY;

	return (int32_t)(second < 0 ? second + SECONDS_PER_DAY : second);
}

static struct wish schedule_wish(const struct settings *settings, struct now now)
{
	const struct schedule *schedule = &settings->value[PARAMETER_SCHEDULE].schedule;
	const struct schedule_window *window;

	if (!now.wall_is_trusted)
		return (struct wish){true, INTENT_SAFE, {REASON_SCHEDULE_CLOCK, 0, 0}};
	window = schedule_at(schedule, control_second_of_day(now));
	if (window == NULL)
		return (struct wish){true, INTENT_SAFE, {REASON_SCHEDULE_NONE, 0, 0}};
	return (struct wish){
	    true, window->intent, {REASON_SCHEDULE_WINDOW, window->start_s, window->end_s}};
}

/* The one that ends first. */
static const struct override *sooner(const struct override *a, const struct override *b)
{
	return a == NULL || b->ends.ms < a->ends.ms ? b : a;
}

static struct wish person_wish(const struct override *override, enum intent intent, struct now now)
{
	return (struct wish){
	    true, intent, {REASON_OVERRIDE, mono_since(override->ends, now.mono), 0}};
}

/*
 * What people's words on single relays make of the battery. An ON charges or discharges it.
 * An OFF decides only where no other relay is left for what is wanted without it; else it is
 * kept to its relay (decide.c).
 */
static struct wish override_wish(const struct turn *turn, size_t index, enum intent ruled)
{
	const struct override *off = NULL, *on = NULL;
	enum intent on_intent = INTENT_SAFE;
	bool is_one_left = false;

	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct override *override = &turn->site->relays[i].override;
		enum intent own = turn_intent_of(turn->house->relays[i].role);

		if (turn->house->relays[i].battery != index)
			continue;
		if (override->is_active && override->is_on) {
			on = sooner(on, override);
			on_intent = own;
		} else if (ruled == INTENT_SAFE || turn_wants(ruled, turn->house->relays[i].role)) {
			is_one_left = is_one_left || !override->is_active;
			off = override->is_active ? sooner(off, override) : off;
		}
	}
	if (on != NULL)
		return person_wish(on, on_intent, turn->now);
	if (off != NULL && !is_one_left)
		return person_wish(off, INTENT_SAFE, turn->now);
	return (struct wish){0};
}

/* Whose wish counts, people and the gate left aside. */
static enum decider ruler_of(const struct wish wishes[DECIDER_COUNT])
{
	if (wishes[DECIDER_MONITOR].is_given)
		return DECIDER_MONITOR;
	if (wishes[DECIDER_PLAN].is_given &&
	    !reason_is_without_plan(wishes[DECIDER_PLAN].reason.code))
		return DECIDER_PLAN;
	if (wishes[DECIDER_SCHEDULE].is_given &&
	    wishes[DECIDER_SCHEDULE].reason.code != REASON_SCHEDULE_CLOCK)
		return DECIDER_SCHEDULE;
	if (wishes[DECIDER_THRESHOLD].is_given)
		return DECIDER_THRESHOLD;
	return DECIDER_SAFETY;
}

enum decider control_wish(const struct turn *turn, size_t index, struct decision *decision)
{
	const struct battery_state *battery = &turn->site->batteries[index];
	const struct settings *settings = &turn->site->settings[index];
	enum logic logic = (enum logic)setting(settings, PARAMETER_LOGIC);
	struct wish *wishes = decision->wishes;
	enum decider ruler;

	wishes[DECIDER_THRESHOLD] = threshold_wish(battery, settings);
	if (logic == LOGIC_SCHEDULE)
		wishes[DECIDER_SCHEDULE] = schedule_wish(settings, turn->now);
	if (logic == LOGIC_PLAN)
		wishes[DECIDER_PLAN] = planned_wish(battery, turn->now);
	if (logic == LOGIC_MONITOR)
		wishes[DECIDER_MONITOR] = (struct wish){true, INTENT_SAFE, {REASON_MONITOR, 0, 0}};
	ruler = ruler_of(wishes);
	wishes[DECIDER_OVERRIDE] = override_wish(turn, index, wishes[ruler].intent);
	decision->winner = wishes[DECIDER_OVERRIDE].is_given ? DECIDER_OVERRIDE : ruler;
	decision->wanted = wishes[decision->winner].intent;
	decision->reason = wishes[decision->winner].reason;
	if (decision->winner == DECIDER_SAFETY)
		decision->reason = (struct reason){REASON_NO_READING, 0, 0};
	return ruler;
}
