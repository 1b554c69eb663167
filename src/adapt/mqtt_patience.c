/*
 * Back-off of two kinds: of a broker that is not there, which is looked for
 * often, and of another client with our id, which is given way to.
 */
#include "adapt/mqtt_patience.h"

static uint32_t doubled(uint32_t wait_ms, uint32_t min_ms, uint32_t max_ms)
{
	if (wait_ms < min_ms)
		return min_ms;
	return wait_ms < max_ms / 2 ? wait_ms * 2 : max_ms;
}

static uint32_t takeover_wait_ms(const struct mqtt_patience *patience)
{
	uint32_t wait_ms = 0;

	for (uint32_t i = 0; i < patience->takeovers && wait_ms < MQTT_TAKEOVER_BACK_OFF_MAX_MS;
	     i++)
		wait_ms =
		    doubled(wait_ms, MQTT_TAKEOVER_BACK_OFF_MS, MQTT_TAKEOVER_BACK_OFF_MAX_MS);
	return wait_ms;
}

/* During a takeover each connection that does not last is one more. */
static bool is_takeover(const struct mqtt_patience *patience, enum mqtt_end end)
{
	return end == MQTT_END_TAKEN_OVER ||
	       (end == MQTT_END_SILENT &&
		(patience->takeovers > 0 || patience->short_ends >= MQTT_SHORT_MAX));
}

uint32_t mqtt_patience_ended(struct mqtt_patience *patience, enum mqtt_end end, uint64_t lasted_ms)
{
	bool was_accepted = end != MQTT_END_UNMADE;
	bool is_short = end == MQTT_END_SILENT && lasted_ms < MQTT_SHORT_MS;

	/* A broker that could not be reached in between was itself what went away. */
	patience->short_ends = is_short ? patience->short_ends + 1 : 0;
	if (is_takeover(patience, end)) {
		patience->takeovers += patience->takeovers < UINT32_MAX;
		patience->back_off_ms = takeover_wait_ms(patience);
	} else {
		patience->back_off_ms = doubled(was_accepted ? 0 : patience->back_off_ms,
						MQTT_BACK_OFF_MIN_MS, MQTT_BACK_OFF_MAX_MS);
	}
	return patience->back_off_ms;
}

bool mqtt_patience_lasts(struct mqtt_patience *patience, uint64_t lasted_ms)
{
	uint64_t enough_ms = (uint64_t)takeover_wait_ms(patience) * MQTT_LASTS_FACTOR;

	if (patience->takeovers == 0 || lasted_ms < enough_ms)
		return false;
	patience->takeovers = 0;
	patience->short_ends = 0;
	return true;
}

bool mqtt_patience_is_taken_over(const struct mqtt_patience *patience)
{
	return patience->takeovers > 0;
}
