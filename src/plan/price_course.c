/* Prices over time: each slot is looked at as finely as its prices may change. */
#include "plan/price_course.h"

#include <math.h>

#define MINUTE_S 60

static int32_t grain_of(const struct price_config *price)
{
	return price->kind == PRICE_IS_TARIFF ? tariff_grain_s(&price->tariff) : PRICE_STEP_MAX_S;
}

static int32_t grain_of_both(const struct prices_config *prices)
{
	int32_t buy = grain_of(&prices->buy), sell = grain_of(&prices->sell);

	return buy < sell ? buy : sell;
}

int32_t price_course_step_s(const struct prices_config *prices, price_offset_at *offset_at,
			    int64_t at_s)
{
	int32_t step_s = grain_of_both(prices), offset_s = offset_at(at_s);

	/* Where it is half past here while it is a full hour in UTC, so are full hours here. */
	while (step_s > PRICE_STEP_MIN_S && offset_s % step_s != 0)
		step_s /= 2;
	return step_s > PRICE_STEP_MIN_S ? step_s : PRICE_STEP_MIN_S;
}

/* What one price is at a moment. */
struct glimpse {
	double price;
	enum price_mark mark;
};

static struct glimpse look(const struct price_config *price, price_offset_at *offset_at,
			   int64_t at_s)
{
	const struct tariff_rule *rule;
	struct tariff_moment moment;

	if (price->kind == PRICE_IS_FIXED)
		return (struct glimpse){price->fixed, PRICE_KNOWN};
	moment = tariff_moment_of(at_s + offset_at(at_s));
	rule = tariff_find(&price->tariff, &moment);
	return rule != NULL ? (struct glimpse){rule->price, PRICE_KNOWN}
			    : (struct glimpse){NAN, PRICE_MISSING};
}

/* The mean over a slot of what is there of it. */
static double mean_of(const struct price_config *price, price_offset_at *offset_at,
		      const struct price_slot *slot, int32_t grain_s, enum price_mark *mark)
{
	double sum = 0;
	int count = 0;

	for (int32_t at = 0; at < slot->length_s; at += grain_s) {
		struct glimpse glimpse = look(price, offset_at, slot->from_s + at);

		if (glimpse.mark > *mark)
			*mark = glimpse.mark;
		if (glimpse.mark == PRICE_MISSING)
			continue;
		sum += glimpse.price;
		count++;
	}
	return count > 0 ? sum / count : NAN;
}

static int64_t floor_to(int64_t at_s, int32_t step_s)
{
	return at_s - (at_s % step_s + step_s) % step_s;
}

size_t price_course(const struct prices_config *prices, price_offset_at *offset_at, int32_t step_s,
		    int64_t from_s, int64_t to_s, struct price_slot *out, size_t capacity)
{
	int32_t both = grain_of_both(prices), grain_s = both < step_s ? both : step_s;
	size_t count = 0;

	/* Zones are off UTC by quarters of an hour, and what follows full hours there does not
	 * here. */
	if (grain_s > PRICE_STEP_MIN_S)
		grain_s = PRICE_STEP_MIN_S;
	for (int64_t at = floor_to(from_s, step_s); at < to_s && count < capacity; at += step_s) {
		struct price_slot *slot = &out[count++];

		*slot = (struct price_slot){.from_s = at, .length_s = step_s};
		slot->buy = mean_of(&prices->buy, offset_at, slot, grain_s, &slot->mark);
		slot->sell = mean_of(&prices->sell, offset_at, slot, grain_s, &slot->mark);
	}
	return count;
}

static void add_price(struct text *out, double price)
{
	if (isnan(price))
		text_add(out, "unknown");
	else
		text_add_scaled(out, (int64_t)(price * 100000 + (price < 0 ? -0.5 : 0.5)), 100000);
}

/* The moment at which the clock of the house shows `local_s`, or the first of two. */
static int64_t moment_at(price_offset_at *offset_at, int64_t local_s)
{
	int64_t with_offset_before = local_s - offset_at(local_s - TARIFF_DAY_S);

	return local_s - offset_at(with_offset_before);
}

void price_course_format(const struct price_config *price, price_offset_at *offset_at, int64_t at_s,
			 struct text *out)
{
	int64_t day_s = floor_to(at_s + offset_at(at_s), TARIFF_DAY_S);
	int64_t from_s = moment_at(offset_at, day_s);
	int64_t to_s = moment_at(offset_at, day_s + TARIFF_DAY_S);
	double last = NAN;

	for (int64_t at = from_s; at < to_s; at += MINUTE_S) {
		int64_t minute = (at + offset_at(at) - day_s) / MINUTE_S;
		struct glimpse glimpse = look(price, offset_at, at);

		if (at > from_s && glimpse.price == last)
			continue;
		if (at > from_s)
			text_add(out, ", from %02d:%02d ", (int)(minute / 60), (int)(minute % 60));
		add_price(out, glimpse.price);
		last = glimpse.price;
	}
}
