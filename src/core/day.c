/*
 * Follows the local day. While the wall clock is not trusted a day lasts 24
 * hours from when it was first seen, and what was counted before our start
 * goes on counting; closings that are counted meanwhile are those of the day
 * that the clock then tells. All that can only hold back switching.
 */
#include "core/day.h"

int64_t day_of(struct now now)
{
	int64_t local_ms = now.wall.ms + (int64_t)now.utc_offset_s * MS_PER_SECOND;
	int64_t day = local_ms / MS_PER_DAY;

	return local_ms % MS_PER_DAY < 0 ? day - 1 : day;
}

bool day_is_today(const struct turn *turn, int64_t day)
{
	return !turn->now.wall_is_trusted || day == DAY_UNKNOWN || day == day_of(turn->now);
}

static void begin_day(const struct turn *turn, int64_t day)
{
	struct site *site = turn->site;

	site->local_day = day;
	site->day_since = turn->now.mono;
	for (size_t i = 0; i < turn->house->battery_count; i++) {
		if (site->batteries[i].trips_today != 0)
			turn_note(turn, NOTE_KEEP_BATTERY, i);
		site->batteries[i].trips_today = 0;
	}
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		struct relay_state *relay = &site->relays[i];

		if (relay->switches_today != 0)
			turn_note(turn, NOTE_KEEP_RELAY, i);
		relay->switches_today = turn->now.wall_is_trusted ? relay->switches_undated : 0;
		relay->switches_undated = 0;
		relay->day = day;
	}
}

/* Now they are of today. */
static void date_switches(const struct turn *turn)
{
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		if (turn->site->relays[i].switches_undated == 0)
			continue;
		turn->site->relays[i].switches_undated = 0;
		turn_note(turn, NOTE_KEEP_RELAY, i);
	}
}

/* The day's name changes, its counts do not: it was not known, or the clock was set back. */
static void rename_day(struct site *site, const struct house *house, int64_t day)
{
	site->local_day = day;
	for (size_t i = 0; i < house->relay_count; i++)
		site->relays[i].day = day;
}

void day_follow(const struct turn *turn)
{
	struct site *site = turn->site;
	int64_t day;

	if (!turn->now.wall_is_trusted) {
		if (mono_since(turn->now.mono, site->day_since) >= MS_PER_DAY)
			begin_day(turn, site->local_day == 0 ? 0 : site->local_day + 1);
		return;
	}
	day = day_of(turn->now);
	if (site->local_day != 0 && day > site->local_day)
		begin_day(turn, day);
	else if (day != site->local_day)
		rename_day(site, turn->house, day);
	date_switches(turn);
}
