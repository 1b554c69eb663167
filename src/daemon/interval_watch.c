/*
 * The verdict on a sensor's interval, see interval_watch.h. Pure: sending and
 * showing are intervals.c's.
 */
#include "daemon/interval_watch.h"

#include "model/status.h"

/* How long a node may take to follow. */
#define INTERVALS_TO_WAIT 4
#define WAIT_MIN_MS (30 * MS_PER_SECOND)

void interval_watch_told(struct interval_watch *watch, int64_t interval_ms, struct mono_time now)
{
	if (interval_ms != watch->told_ms)
		*watch = (struct interval_watch){.told_ms = interval_ms};
	watch->told_at = now;
	watch->attempts++;
	watch->run = 0;
}

static bool has_had_time(const struct interval_watch *watch, struct mono_time now)
{
	int64_t patience_ms = INTERVALS_TO_WAIT * watch->told_ms;

	return mono_since(now, watch->told_at) >=
	       (patience_ms > WAIT_MIN_MS ? patience_ms : WAIT_MIN_MS);
}

static enum interval_verdict confirm(struct interval_watch *watch)
{
	if (watch->run < INTERVAL_READINGS_NEEDED)
		watch->run++;
	if (watch->is_confirmed || watch->run < INTERVAL_READINGS_NEEDED)
		return INTERVAL_OPEN;
	watch->is_confirmed = true;
	watch->attempts = 0;
	return INTERVAL_CONFIRMED;
}

static enum interval_verdict doubt(struct interval_watch *watch, struct mono_time now)
{
	if (watch->run > -INTERVAL_READINGS_NEEDED)
		watch->run--;
	if (watch->run > -INTERVAL_READINGS_NEEDED)
		return INTERVAL_OPEN;
	watch->is_confirmed = false;
	if (!has_had_time(watch, now) || watch->attempts > INTERVAL_ATTEMPTS_MAX)
		return INTERVAL_OPEN;
	if (watch->attempts < INTERVAL_ATTEMPTS_MAX)
		return INTERVAL_TELL_AGAIN;
	watch->attempts++;
	return INTERVAL_IGNORED;
}

enum interval_verdict interval_watch_heard(struct interval_watch *watch, int64_t spacing_ms,
					   struct mono_time now)
{
	bool is_kept = sensor_interval_fits(spacing_ms, watch->told_ms);

	if (watch->told_ms == 0 || spacing_ms == 0)
		return INTERVAL_OPEN;
	if (is_kept != (watch->run > 0))
		watch->run = 0;
	return is_kept ? confirm(watch) : doubt(watch, now);
}
