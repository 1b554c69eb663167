/*
 * Values over time that somebody else publishes: prices, what the sun will bring.
 *
 * How they are asked for and read is configured (struct feed_config); what came
 * is kept as slots (struct feed), from some days ago, so that a day that is not
 * published can be assumed to be as the one before, to some days ahead.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define FEED_SLOTS_MAX 2048
#define FEED_PLACE_MAX 256
#define FEED_POINTER_MAX 64
#define FEED_BODY_MAX 512
#define FEED_KEPT_S (9 * 86400) /* how far back and ahead slots are kept */

enum feed_kind { FEED_NONE, FEED_TOPIC, FEED_FILE, FEED_URL };

/* What values of power are given as; prices have a factor alone. */
enum feed_amount {
	FEED_IS_RATE,   /* holds throughout the slot: a price, W */
	FEED_IS_ENERGY, /* of the whole slot, in Wh: becomes W */
};

struct feed_config {
	enum feed_kind kind;
	char topic[FEED_PLACE_MAX], file[FEED_PLACE_MAX], url[FEED_PLACE_MAX]; /* one of them */
	char body[FEED_BODY_MAX];        /* of a POST to the url; empty: GET */
	char token_file[FEED_PLACE_MAX]; /* whose first line is the bearer token for the url */
	char tls_ca[FEED_PLACE_MAX];
	int32_t every_s;            /* how often the url is asked */
	char items[FEED_PLACE_MAX]; /* JSON Pointers of lists, blanks between; "": columns */
	char from[FEED_POINTER_MAX], to[FEED_POINTER_MAX]; /* within an item; "": none */
	char value[FEED_POINTER_MAX];
	char at[FEED_POINTER_MAX]; /* of the present value, where there are no slots */
	int32_t length_s;          /* of a slot that does not say it; 0: until the next */
	char unit[16];             /* as written; "": unsaid */
	enum feed_amount amount;
	double scale, add; /* value * factor * scale + add; scale 0: unsaid, and 1 */
	double factor;     /* of the unit */
	double max;        /* beyond it either way the unit must be wrong; 0: by the currency */
};

/* Half-open. */
struct feed_slot {
	int64_t from_s; /* since 1970, UTC */
	int32_t length_s;
	double value;
};

/* In the order of time, none overlaps another. */
struct feed {
	size_t count;
	struct feed_slot slots[FEED_SLOTS_MAX];
};

/*
 * Takes `count` slots that do not overlap: they count where there was another. What is further
 * away from `now_s` than FEED_KEPT_S goes, and so do the oldest where there is no room. Returns
 * whether anything is known now that was not, or was another.
 */
bool feed_take(struct feed *feed, const struct feed_slot *slots, size_t count, int64_t now_s);

/* The present value is `value` from now on and for `length_s`, unless another comes. Likewise. */
bool feed_hold(struct feed *feed, double value, int32_t length_s, int64_t now_s);

/* The slot that contains `at_s`, or NULL. */
const struct feed_slot *feed_find(const struct feed *feed, int64_t at_s);

/*
 * What `count` slots in the order of time come to between two moments, value times seconds; what is
 * not known adds nothing. `known_s`, which may be NULL: for how long it is known.
 */
double feed_sum(const struct feed_slot *slots, size_t count, int64_t from_s, int64_t to_s,
		int64_t *known_s);

/*
 * Whether a forecast of what is never below 0 says nothing but 0 for a time for which what is known
 * says more than `least` (value times seconds), from `now_s` on: a service that has not reckoned
 * yet.
 */
bool feed_is_blank(const struct feed *feed, const struct feed_slot *slots, size_t count,
		   double least, int64_t now_s);

/* Until when values are known without a gap from `at_s` on; `at_s` where it is not known. */
int64_t feed_known_until(const struct feed *feed, int64_t at_s);

/*
 * How long until a url is asked again, in s, where it is asked every `every_s`: after `failures` in
 * a row 1 min, 2, 4 ... to 10; where what is known ends within 12 h, 10 min at most, since what
 * follows may be published any moment.
 */
int32_t feed_wait_s(const struct feed *feed, int32_t every_s, int failures, int64_t now_s);

/* The longest of 3600, 1800, 900 and 60 s at whose multiples all slots begin and end. */
int32_t feed_grain_s(const struct feed *feed);
