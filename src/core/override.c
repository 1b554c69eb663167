/* The life of overrides, see override.h. */
#include "core/override.h"

#include "core/planned.h"

/* A wall clock that was set by more than this has moved the end's time of day. */
#define WALL_STEP_MS 1000

static void note(const struct turn *turn, size_t relay)
{
	turn_note(turn, NOTE_OVERRIDE, relay);
	turn_note(turn, NOTE_KEEP_RELAY, relay);
}

bool override_concerns(const struct turn *turn, const struct override_wish *wish, size_t relay,
		       bool *is_on)
{
	const struct relay_config *config = &turn->house->relays[relay];

	*is_on = wish->is_by_relay ? wish->is_on : turn_intent_of(config->role) == wish->intent;
	return wish->index == (wish->is_by_relay ? relay : config->battery);
}

static void end(const struct turn *turn, size_t relay)
{
	struct override *override = &turn->site->relays[relay].override;

	if (!override->is_active && !override->waits_for_clock)
		return;
	override->is_active = false;
	override->waits_for_clock = false;
	note(turn, relay);
}

static void end_other_path(const struct turn *turn, const struct relay_config *path)
{
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct relay_config *config = &turn->house->relays[i];

		if (config->battery == path->battery && config->role != path->role &&
		    turn->site->relays[i].override.is_on)
			end(turn, i);
	}
}

void override_begin(const struct turn *turn, const struct override_wish *wish)
{
	uint32_t id = turn->site->next_override_id + 1;
	bool is_on;

	if (wish->duration_ms < MS_PER_SECOND || wish->duration_ms > OVERRIDE_MAX_MS)
		return;
	turn->site->next_override_id = id;
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		if (!override_concerns(turn, wish, i, &is_on))
			continue;
		turn->site->relays[i].override = (struct override){
		    .is_active = true,
		    .id = id,
		    .is_on = is_on,
		    .ends = mono_add(turn->now.mono, wish->duration_ms),
		    .ends_wall = {turn->now.wall.ms + wish->duration_ms},
		};
		note(turn, i);
		planned_void(turn, turn->house->relays[i].battery, REASON_PLAN_OVERRIDDEN);
		if (is_on)
			end_other_path(turn, &turn->house->relays[i]);
	}
}

void override_cancel(const struct turn *turn, uint32_t id)
{
	for (size_t i = 0; i < turn->house->relay_count; i++)
		if (turn->site->relays[i].override.id == id)
			end(turn, i);
}

static void resume(const struct turn *turn, size_t relay)
{
	struct override *override = &turn->site->relays[relay].override;
	int64_t left_ms = override->ends_wall.ms - turn->now.wall.ms;

	if (!override->waits_for_clock || !turn->now.wall_is_trusted)
		return;
	override->waits_for_clock = false;
	override->is_active = left_ms > 0;
	override->ends =
	    mono_add(turn->now.mono, left_ms < OVERRIDE_MAX_MS ? left_ms : OVERRIDE_MAX_MS);
	note(turn, relay);
}

/* Its length is what was asked for: where the wall clock steps, its end has another time of day. */
static void follow_wall(const struct turn *turn, size_t relay)
{
	struct override *override = &turn->site->relays[relay].override;
	int64_t ends_ms = turn->now.wall.ms + mono_since(override->ends, turn->now.mono);
	int64_t moved_ms = ends_ms - override->ends_wall.ms;

	if (!override->is_active || (moved_ms <= WALL_STEP_MS && moved_ms >= -WALL_STEP_MS))
		return;
	override->ends_wall.ms = ends_ms;
	turn_note(turn, NOTE_KEEP_RELAY, relay);
}

void override_follow(const struct turn *turn, size_t battery)
{
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct override *override = &turn->site->relays[i].override;

		if (turn->house->relays[i].battery != battery)
			continue;
		resume(turn, i);
		follow_wall(turn, i);
		if (override->is_active && mono_since(turn->now.mono, override->ends) >= 0)
			end(turn, i);
	}
}

void override_restore(const struct turn *turn, size_t relay, const struct override_kept *kept)
{
	if (turn->site->next_override_id < kept->id)
		turn->site->next_override_id = kept->id;
	if (!kept->is_active)
		return;
	turn->site->relays[relay].override = (struct override){
	    .waits_for_clock = true,
	    .id = kept->id,
	    .is_on = kept->is_on,
	    .ends_wall = kept->ends_wall,
	};
	resume(turn, relay);
}
