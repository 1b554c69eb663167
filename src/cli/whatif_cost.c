/*
 * What the grid cost as it was, and as it would have been: minute by minute of its meter, at the
 * prices of that day as the daemon knew them.
 */
#include "cli/whatif_cost.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"

struct pricing {
	struct whatif_cost *cost;
	const struct whatif *whatif;
	const struct prices_config *prices; /* of the configuration, or NULL */
	size_t count, room, at;             /* `at`: the slot of the last minute */
	struct price_slot *slots;           /* recorded ones, oldest first; owned */
	bool has_failed;
};

/* ---- prices ---- */

/* One that was recorded again is in place of the one before. */
static bool take_price(void *user, const struct journal_price *price)
{
	struct pricing *pricing = user;
	struct price_slot *last = pricing->count > 0 ? &pricing->slots[pricing->count - 1] : NULL;

	memcpy(pricing->cost->currency, price->currency,
	       strnlen(price->currency, PRICE_CURRENCY_MAX - 1));
	if (last != NULL && last->from_s == price->slot.from_s) {
		*last = price->slot;
		return true;
	}
	if (pricing->count == pricing->room) {
		size_t room = pricing->room > 0 ? 2 * pricing->room : 256;
		struct price_slot *grown = realloc(pricing->slots, room * sizeof(*grown));

		if (grown == NULL) {
			pricing->has_failed = true;
			return false;
		}
		pricing->slots = grown;
		pricing->room = room;
	}
	pricing->slots[pricing->count++] = price->slot;
	return true;
}

/* The recorded slot that `at_s`, which grows from call to call, is in; NULL: none was recorded. */
static const struct price_slot *recorded_at(struct pricing *pricing, int64_t at_s)
{
	while (pricing->at + 1 < pricing->count && pricing->slots[pricing->at + 1].from_s <= at_s)
		pricing->at++;
	if (pricing->count == 0 || at_s < pricing->slots[pricing->at].from_s ||
	    at_s >= pricing->slots[pricing->at].from_s + pricing->slots[pricing->at].length_s)
		return NULL;
	return &pricing->slots[pricing->at];
}

/* NAN where the configuration does not tell: of what is published only the record does. */
static double configured_at(const struct price_config *config, int64_t at_s)
{
	const struct tariff_rule *rule;
	struct tariff_moment moment;

	if (config->kind == PRICE_IS_FIXED)
		return config->fixed;
	if (config->kind != PRICE_IS_TARIFF)
		return NAN;
	moment = tariff_moment_of(at_s + zone_offset_s((struct wall_time){at_s * 1000}));
	rule = tariff_find(&config->tariff, &moment);
	return rule != NULL ? rule->price : NAN;
}

/* Both prices at that time; NaN where neither record nor configuration has them. */
static struct price_slot price_at(struct pricing *pricing, int64_t at_s)
{
	const struct price_slot *recorded = recorded_at(pricing, at_s);
	struct price_slot price = {.buy = NAN, .sell = NAN};

	if (recorded != NULL) {
		price = *recorded;
		pricing->cost->minutes_assumed += price.mark == PRICE_ASSUMED;
	} else if (pricing->prices != NULL && pricing->prices->is_on) {
		price.buy = configured_at(&pricing->prices->buy, at_s);
		price.sell = configured_at(&pricing->prices->sell, at_s);
		pricing->cost->minutes_by_file += !isnan(price.buy) && !isnan(price.sell);
	}
	return price;
}

/* ---- the bill ---- */

static double bill(double wh, double buy, double sell)
{
	return wh > 0 ? wh / 1000 * buy : wh / 1000 * sell;
}

static bool price_minute(void *user, const struct journal_meter *meter)
{
	struct pricing *pricing = user;
	const struct whatif *whatif = pricing->whatif;
	const struct meter_minute *minute = &meter->minute;
	int64_t index = (minute->from.ms - whatif->first_minute.ms) / MS_PER_MINUTE;
	double wh = minute->imported_wh - minute->exported_wh, more_wh = 0, was;
	struct price_slot price;

	if (minute->known_ms == 0)
		return true;
	price = price_at(pricing, minute->from.ms / MS_PER_SECOND);
	if (isnan(price.buy) || isnan(price.sell))
		return true;
	if (index >= 0 && (size_t)index < whatif->minute_count)
		more_wh = whatif->minutes_wh[index];
	was = minute->imported_wh / 1000 * price.buy - minute->exported_wh / 1000 * price.sell;
	pricing->cost->minutes_known++;
	pricing->cost->was += was;
	/* Within a minute it may have taken and given: what did not change is billed as it was. */
	pricing->cost->would +=
	    was + bill(wh + more_wh, price.buy, price.sell) - bill(wh, price.buy, price.sell);
	return true;
}

static int price_all(struct pricing *pricing, struct journal_reader *reader)
{
	struct journal_span span = {pricing->whatif->first_minute,
				    pricing->whatif->has_last ? pricing->whatif->last.wall
							      : pricing->whatif->first_minute,
				    UINT32_MAX, false};
	struct journal_span begins = span;
	int result;

	begins.from.ms -= PRICE_STEP_MAX_S * (int64_t)MS_PER_SECOND;
	pricing->cost->minutes =
	    (uint64_t)((span.to.ms - span.from.ms + MS_PER_MINUTE - 1) / MS_PER_MINUTE);
	result = journal_read_prices(reader, begins, take_price, pricing);
	if (result == 0 && pricing->has_failed)
		result = -ENOMEM;
	return result == 0 ? journal_read_meters(reader, "grid", span, price_minute, pricing)
			   : result;
}

int whatif_cost(struct whatif_cost *cost, const struct whatif *whatif,
		const struct prices_config *prices, struct journal_reader *reader)
{
	struct pricing pricing = {.cost = cost, .whatif = whatif, .prices = prices};
	struct text needs = text_in(cost->needs, sizeof(cost->needs));
	int result;

	memset(cost, 0, sizeof(*cost));
	if (prices != NULL && prices->is_on)
		memcpy(cost->currency, prices->currency, sizeof(cost->currency));
	result = price_all(&pricing, reader);
	if (result == 0 && cost->minutes_known == 0)
		text_add(&needs,
			 "minutes of the grid's meter, and prices: none were recorded then, "
			 "and --config names no file that tells them");
	free(pricing.slots);
	return result;
}
