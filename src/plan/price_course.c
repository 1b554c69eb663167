/* Prices over time: each slot is looked at as finely as its prices may change. */
#include "plan/price_course.h"

#include <math.h>

#define MINUTE_S 60
#define DAYS_BACK_MAX 7

/* One of both prices. */
struct side {
	const struct price_config *config;
	const struct feed *feed;
	price_offset_at *offset_at;
	int32_t grain_s; /* how finely it may change */
};

static int32_t grain_of(const struct side *side)
{
	if (side->config->kind == PRICE_IS_TARIFF)
		return tariff_grain_s(&side->config->tariff);
	return side->feed != NULL ? feed_grain_s(side->feed) : PRICE_STEP_MAX_S;
}

static struct side side_of(const struct price_inputs *inputs, bool is_sell)
{
	const struct prices_config *config = inputs->config;
	struct side side = {
	    .config = is_sell ? &config->sell : &config->buy,
	    .feed = is_sell ? inputs->sell : inputs->buy,
	    .offset_at = inputs->offset_at,
	};

	side.grain_s = grain_of(&side);
	return side;
}

int32_t price_course_step_s(const struct price_inputs *inputs, int64_t at_s)
{
	int32_t buy = side_of(inputs, false).grain_s, sell = side_of(inputs, true).grain_s;
	int32_t step_s = buy < sell ? buy : sell, offset_s = inputs->offset_at(at_s);

	/* Where it is half past here while it is a full hour in UTC, so are full hours here. */
	while (step_s > PRICE_STEP_MIN_S && offset_s % step_s != 0)
		step_s /= 2;
	return step_s > PRICE_STEP_MIN_S ? step_s : PRICE_STEP_MIN_S;
}

static int64_t floor_to(int64_t at_s, int32_t step_s)
{
	return at_s - (at_s % step_s + step_s) % step_s;
}

/* The moment at which the clock of the house shows `local_s`, or the first of two. */
static int64_t moment_at(price_offset_at *offset_at, int64_t local_s)
{
	int64_t with_offset_before = local_s - offset_at(local_s - TARIFF_DAY_S);

	return local_s - offset_at(with_offset_before);
}

/* What one price is at a moment. */
struct glimpse {
	double price;
	enum price_mark mark;
};

static struct glimpse look_into_tariff(const struct side *side, int64_t at_s)
{
	struct tariff_moment moment = tariff_moment_of(at_s + side->offset_at(at_s));
	const struct tariff_rule *rule = tariff_find(&side->config->tariff, &moment);

	return rule != NULL ? (struct glimpse){rule->price, PRICE_KNOWN}
			    : (struct glimpse){NAN, PRICE_MISSING};
}

static struct glimpse look_into_feed(const struct side *side, int64_t at_s)
{
	const struct feed_slot *slot = feed_find(side->feed, at_s);
	int64_t local_s;

	if (slot != NULL)
		return (struct glimpse){slot->value, PRICE_KNOWN};
	if (side->feed->count == 0)
		return (struct glimpse){NAN, PRICE_MISSING};
	local_s = at_s + side->offset_at(at_s);
	for (int day = 1; day <= DAYS_BACK_MAX; day++) {
		int64_t then_s = moment_at(side->offset_at, local_s - day * (int64_t)TARIFF_DAY_S);

		if (then_s < side->feed->slots[0].from_s)
			break;
		slot = feed_find(side->feed, then_s);
		if (slot != NULL)
			return (struct glimpse){slot->value, PRICE_ASSUMED};
	}
	return (struct glimpse){NAN, PRICE_MISSING};
}

static struct glimpse look(const struct side *side, int64_t at_s)
{
	if (side->config->kind == PRICE_IS_FIXED)
		return (struct glimpse){side->config->fixed, PRICE_KNOWN};
	if (side->config->kind == PRICE_IS_TARIFF)
		return look_into_tariff(side, at_s);
	return side->feed != NULL ? look_into_feed(side, at_s)
				  : (struct glimpse){NAN, PRICE_MISSING};
}

/* The mean over a slot of what is there of it. */
static double mean_of(const struct side *side, const struct price_slot *slot, enum price_mark *mark)
{
	/* Zones are off UTC by quarters of an hour: full hours there need not be here. */
	int32_t grain_s = side->grain_s > PRICE_STEP_MIN_S ? PRICE_STEP_MIN_S : side->grain_s;
	double sum = 0;
	int count = 0;

	for (int32_t at = 0; at < slot->length_s; at += grain_s) {
		struct glimpse glimpse = look(side, slot->from_s + at);

		if (glimpse.mark > *mark)
			*mark = glimpse.mark;
		if (glimpse.mark == PRICE_MISSING)
			continue;
		sum += glimpse.price;
		count++;
	}
	return count > 0 ? sum / count : NAN;
}

/* What is known of a part of a slot stands for all of it: an assumption, not a hole. */
static void settle_mark(struct price_slot *slot)
{
	if (slot->mark == PRICE_MISSING && !isnan(slot->buy) && !isnan(slot->sell))
		slot->mark = PRICE_ASSUMED;
}

size_t price_course(const struct price_inputs *inputs, int32_t step_s, int64_t from_s, int64_t to_s,
		    struct price_slot *out, size_t capacity)
{
	const struct side buy = side_of(inputs, false), sell = side_of(inputs, true);
	size_t count = 0;

	for (int64_t at = floor_to(from_s, step_s); at < to_s && count < capacity; at += step_s) {
		struct price_slot *slot = &out[count++];

		*slot = (struct price_slot){.from_s = at, .length_s = step_s};
		slot->buy = mean_of(&buy, slot, &slot->mark);
		slot->sell = mean_of(&sell, slot, &slot->mark);
		settle_mark(slot);
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

void price_course_format(const struct price_inputs *inputs, bool is_sell, int64_t at_s,
			 struct text *out)
{
	const struct side side = side_of(inputs, is_sell);
	int64_t day_s = floor_to(at_s + side.offset_at(at_s), TARIFF_DAY_S);
	int64_t from_s = moment_at(side.offset_at, day_s);
	int64_t to_s = moment_at(side.offset_at, day_s + TARIFF_DAY_S);
	double last = NAN;

	for (int64_t at = from_s; at < to_s; at += MINUTE_S) {
		int64_t minute = (at + side.offset_at(at) - day_s) / MINUTE_S;
		struct glimpse glimpse = look(&side, at);

		if (at > from_s && (glimpse.price == last || (isnan(glimpse.price) && isnan(last))))
			continue;
		if (at > from_s)
			text_add(out, ", from %02d:%02d ", (int)(minute / 60), (int)(minute % 60));
		add_price(out, glimpse.price);
		last = glimpse.price;
	}
}
