/* Slots of values that others publish, kept in the order of time. */
#include "model/feed.h"

#include <string.h>

/* Where what is known ends soon. */
#define SOON_S (12 * 3600)
#define SOON_EVERY_S 600

#define FIRST_RETRY_S 60
#define RETRY_MAX_S 600

static int64_t end_of(const struct feed_slot *slot)
{
	return slot->from_s + slot->length_s;
}

/* The first slot that ends after `at_s`; `count` where there is none. */
static size_t first_after(const struct feed *feed, int64_t at_s)
{
	size_t low = 0, high = feed->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (end_of(&feed->slots[middle]) > at_s)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct feed_slot *feed_find(const struct feed *feed, int64_t at_s)
{
	size_t index = first_after(feed, at_s);

	return index < feed->count && feed->slots[index].from_s <= at_s ? &feed->slots[index]
									: NULL;
}

/* Takes `count` slots from `at` on away. */
static void remove_slots(struct feed *feed, size_t at, size_t count)
{
	memmove(&feed->slots[at], &feed->slots[at + count],
		(feed->count - at - count) * sizeof(feed->slots[0]));
	feed->count -= count;
}

/* Puts a slot before the one at `at`; the oldest goes where there is no room. */
static void add_slot(struct feed *feed, size_t at, const struct feed_slot *slot)
{
	if (feed->count == FEED_SLOTS_MAX) {
		if (at == 0)
			return;
		remove_slots(feed, 0, 1);
		at--;
	}
	memmove(&feed->slots[at + 1], &feed->slots[at],
		(feed->count - at) * sizeof(feed->slots[0]));
	feed->slots[at] = *slot;
	feed->count++;
}

/* Makes room for `slot` by cutting what overlaps it; returns where it belongs. */
static size_t clear(struct feed *feed, const struct feed_slot *slot)
{
	size_t at = first_after(feed, slot->from_s), gone = 0;
	int64_t end = end_of(slot);

	if (at < feed->count && feed->slots[at].from_s < slot->from_s) {
		struct feed_slot rest = feed->slots[at];

		feed->slots[at].length_s = (int32_t)(slot->from_s - rest.from_s);
		if (end_of(&rest) > end) {
			rest.length_s = (int32_t)(end_of(&rest) - end);
			rest.from_s = end;
			add_slot(feed, at + 1, &rest);
			at = first_after(feed, slot->from_s - 1);
		}
		if (at < feed->count && feed->slots[at].from_s < slot->from_s)
			at++;
	}
	while (at + gone < feed->count && end_of(&feed->slots[at + gone]) <= end)
		gone++;
	remove_slots(feed, at, gone);
	if (at < feed->count && feed->slots[at].from_s < end) {
		feed->slots[at].length_s = (int32_t)(end_of(&feed->slots[at]) - end);
		feed->slots[at].from_s = end;
	}
	return at;
}

static bool take_one(struct feed *feed, const struct feed_slot *slot)
{
	const struct feed_slot *known = feed_find(feed, slot->from_s);

	if (known != NULL && known->value == slot->value && end_of(known) >= end_of(slot))
		return false;
	add_slot(feed, clear(feed, slot), slot);
	return true;
}

static void forget_old(struct feed *feed, int64_t now_s)
{
	remove_slots(feed, 0, first_after(feed, now_s - FEED_KEPT_S));
}

bool feed_take(struct feed *feed, const struct feed_slot *slots, size_t count, int64_t now_s)
{
	bool is_news = false;

	forget_old(feed, now_s);
	for (size_t i = 0; i < count; i++) {
		struct feed_slot slot = slots[i];

		if (end_of(&slot) > now_s + FEED_KEPT_S)
			slot.length_s = (int32_t)(now_s + FEED_KEPT_S - slot.from_s);
		if (slot.length_s > 0 && end_of(&slot) > now_s - FEED_KEPT_S)
			is_news |= take_one(feed, &slot);
	}
	return is_news;
}

bool feed_hold(struct feed *feed, double value, int32_t length_s, int64_t now_s)
{
	struct feed_slot slot = {now_s, length_s, value};
	size_t at;

	forget_old(feed, now_s);
	at = clear(feed, &slot);
	if (at > 0 && end_of(&feed->slots[at - 1]) == now_s && feed->slots[at - 1].value == value) {
		feed->slots[at - 1].length_s += length_s;
		return false;
	}
	add_slot(feed, at, &slot);
	return true;
}

double feed_sum(const struct feed_slot *slots, size_t count, int64_t from_s, int64_t to_s,
		int64_t *known_s)
{
	int64_t known = 0;
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t from = slots[i].from_s > from_s ? slots[i].from_s : from_s;
		int64_t to = end_of(&slots[i]) < to_s ? end_of(&slots[i]) : to_s;

		if (to <= from)
			continue;
		sum += slots[i].value * (double)(to - from);
		known += to - from;
	}
	if (known_s != NULL)
		*known_s = known;
	return sum;
}

bool feed_is_blank(const struct feed *feed, const struct feed_slot *slots, size_t count,
		   double least, int64_t now_s)
{
	int64_t end_s = count > 0 ? end_of(&slots[count - 1]) : now_s;

	for (size_t i = 0; i < count; i++)
		if (slots[i].value != 0 && end_of(&slots[i]) > now_s)
			return false;
	return feed_sum(feed->slots, feed->count, now_s, end_s, NULL) > least;
}

int64_t feed_known_until(const struct feed *feed, int64_t at_s)
{
	for (size_t i = first_after(feed, at_s); i < feed->count; i++) {
		if (feed->slots[i].from_s > at_s)
			break;
		at_s = end_of(&feed->slots[i]);
	}
	return at_s;
}

int32_t feed_wait_s(const struct feed *feed, int32_t every_s, int failures, int64_t now_s)
{
	int32_t wait_s = FIRST_RETRY_S;

	if (failures == 0)
		return every_s > SOON_EVERY_S && feed_known_until(feed, now_s) < now_s + SOON_S
			   ? SOON_EVERY_S
			   : every_s;
	for (int i = 1; i < failures && wait_s < RETRY_MAX_S; i++)
		wait_s *= 2;
	return wait_s < RETRY_MAX_S ? wait_s : RETRY_MAX_S;
}

int32_t feed_grain_s(const struct feed *feed)
{
	static const int32_t grains[] = {3600, 1800, 900, 60};
	size_t finest = 0;

	for (size_t i = 0; i < feed->count; i++) {
		const struct feed_slot *slot = &feed->slots[i];

		while (finest + 1 < ARRAY_LENGTH(grains) &&
		       (slot->from_s % grains[finest] != 0 || end_of(slot) % grains[finest] != 0))
			finest++;
	}
	return grains[finest];
}
