/*
 * What energy cost goes to the journal, a row a slot: what a day has cost is reckoned with its own
 * prices, whatever the configuration says later.
 */
#include <math.h>
#include <string.h>

#include "daemon/prices_parts.h"
#include "model/schedule.h"

#define SLOTS_MAX (SECONDS_PER_DAY / PRICE_STEP_MIN_S + 1)

static bool is_same_price(double one, double other)
{
	return (isnan(one) && isnan(other)) || one == other;
}

static bool is_recorded(const struct price_slot *kept, const struct price_slot *slot)
{
	return kept->from_s == slot->from_s && kept->length_s == slot->length_s &&
	       kept->mark == slot->mark && is_same_price(kept->buy, slot->buy) &&
	       is_same_price(kept->sell, slot->sell);
}

/* The slots between are those of a clock so fast that more than one began since; none is further
 * back than a day, as the clock was set then. */
static int64_t first_s(const struct price_slot *kept, int64_t now_s)
{
	bool goes_on =
	    kept->length_s > 0 && kept->from_s <= now_s && now_s - kept->from_s < SECONDS_PER_DAY;

	return goes_on ? kept->from_s : now_s;
}

static bool record_slot(struct daemon *daemon, const struct price_slot *slot)
{
	struct record record = {.kind = RECORD_PRICE, .wall_is_trusted = true};

	record.price.slot = *slot;
	memcpy(record.price.currency, daemon->house.prices.currency, sizeof record.price.currency);
	return daemon_record(daemon, &record);
}

void prices_record(struct daemon *daemon)
{
	struct price_slot slots[SLOTS_MAX];
	struct now now = daemon_now(daemon);
	int64_t now_s = now.wall.ms / MS_PER_SECOND;
	size_t count;

	if (!prices_are_configured(daemon) || !now.wall_is_trusted)
		return;
	count = prices_at(daemon, prices_step_s(daemon), first_s(&daemon->prices->kept, now_s),
			  now_s + 1, slots, SLOTS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (is_recorded(&daemon->prices->kept, &slots[i]))
			continue;
		if (!record_slot(daemon, &slots[i]))
			return;
		daemon->prices->kept = slots[i];
	}
}
