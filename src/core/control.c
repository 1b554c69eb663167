/*
 * The deciders below the gate, highest first: a person's override, the
 * schedule, the threshold rule; monitor in their place where only watching is
 * wanted. All are asked, so that a decision can show who lost.
 */
#include "core/control.h"

void control_follow(struct battery_state *battery, const struct settings *settings, int32_t soc_bp)
{
	if (soc_bp < setting(settings, PARAMETER_CHARGE_BELOW))
		battery->wants_charge = true;
	if (soc_bp >= setting(settings, PARAMETER_CHARGE_UNTIL))
		battery->wants_charge = false;
	if (soc_bp >= setting(settings, PARAMETER_DISCHARGE_ABOVE))
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

static struct wish override_wish(const struct battery_state *battery, struct now now)
{
	const struct override *override = &battery->override;

	if (!override->is_active)
		return (struct wish){0};
	return (struct wish){
	    true, override->intent, {REASON_OVERRIDE, mono_since(override->ends, now.mono), 0}};
}

/* Whose wish counts, the gate left aside. */
static enum decider winner_of(const struct wish wishes[DECIDER_COUNT])
{
	if (wishes[DECIDER_OVERRIDE].is_given)
		return DECIDER_OVERRIDE;
	if (wishes[DECIDER_MONITOR].is_given)
		return DECIDER_MONITOR;
	if (wishes[DECIDER_SCHEDULE].is_given &&
	    wishes[DECIDER_SCHEDULE].reason.code != REASON_SCHEDULE_CLOCK)
		return DECIDER_SCHEDULE;
	if (wishes[DECIDER_THRESHOLD].is_given)
		return DECIDER_THRESHOLD;
	return DECIDER_SAFETY;
}

void control_wish(const struct turn *turn, size_t index, struct decision *decision)
{
	const struct battery_state *battery = &turn->site->batteries[index];
	const struct settings *settings = &turn->site->settings[index];
	enum logic logic = (enum logic)setting(settings, PARAMETER_LOGIC);
	struct wish *wishes = decision->wishes;

	for (size_t i = 0; i < DECIDER_COUNT; i++)
		wishes[i] = (struct wish){0};
	wishes[DECIDER_OVERRIDE] = override_wish(battery, turn->now);
	wishes[DECIDER_THRESHOLD] = threshold_wish(battery, settings);
	if (logic == LOGIC_SCHEDULE)
		wishes[DECIDER_SCHEDULE] = schedule_wish(settings, turn->now);
	if (logic == LOGIC_MONITOR)
		wishes[DECIDER_MONITOR] = (struct wish){true, INTENT_SAFE, {REASON_MONITOR, 0, 0}};
	decision->winner = winner_of(wishes);
	decision->wanted = wishes[decision->winner].intent;
	decision->reason = wishes[decision->winner].reason;
	if (decision->winner == DECIDER_SAFETY) {
		decision->wanted = INTENT_SAFE;
		decision->reason = (struct reason){REASON_NO_READING, 0, 0};
	}
}

static void note_override(const struct turn *turn, size_t index)
{
	turn_note(turn, NOTE_OVERRIDE, index);
	turn_note(turn, NOTE_KEEP_BATTERY, index);
}

void control_override(const struct turn *turn, size_t index, enum intent intent,
		      int64_t duration_ms)
{
	if (duration_ms < MS_PER_SECOND || duration_ms > OVERRIDE_MAX_MS ||
	    !battery_is_commanded(&turn->house->batteries[index]))
		return;
	turn->site->batteries[index].override = (struct override){
	    .is_active = true,
	    .id = ++turn->site->next_override_id,
	    .intent = intent,
	    .ends = mono_add(turn->now.mono, duration_ms),
	    .ends_wall = {turn->now.wall.ms + duration_ms},
	};
	note_override(turn, index);
}

void control_override_end(const struct turn *turn, size_t index)
{
	struct override *override = &turn->site->batteries[index].override;

	if (!override->is_active && !override->waits_for_clock)
		return;
	override->is_active = false;
	override->waits_for_clock = false;
	note_override(turn, index);
}

void control_override_resume(const struct turn *turn, size_t index)
{
	struct override *override = &turn->site->batteries[index].override;
	int64_t left_ms = override->ends_wall.ms - turn->now.wall.ms;

	if (!override->waits_for_clock || !turn->now.wall_is_trusted)
		return;
	override->waits_for_clock = false;
	override->is_active = left_ms > 0;
	override->ends =
	    mono_add(turn->now.mono, left_ms < OVERRIDE_MAX_MS ? left_ms : OVERRIDE_MAX_MS);
	note_override(turn, index);
}

void control_override_restore(const struct turn *turn, size_t index,
			      const struct override_kept *kept)
{
	if (turn->site->next_override_id < kept->id)
		turn->site->next_override_id = kept->id;
	if (!kept->is_active)
		return;
	turn->site->batteries[index].override = (struct override){
	    .waits_for_clock = true,
	    .id = kept->id,
	    .intent = kept->intent,
	    .ends_wall = kept->ends_wall,
	};
	control_override_resume(turn, index);
}
