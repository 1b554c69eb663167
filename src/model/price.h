/*
 * What energy costs, as it is configured and as the planner takes it: per kWh
 * in the currency of the house, buying from the grid and selling to it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/feed.h"
#include "model/tariff.h"

#define PRICE_MAX 10000.0     /* of any currency, per kWh; larger is a mistake */
#define PRICE_CURRENCY_MAX 4  /* ISO 4217 and its end */
#define PRICE_STEP_MIN_S 900  /* slots of prices are not finer */
#define PRICE_STEP_MAX_S 3600 /* nor coarser */
#define PRICE_SLOTS_MAX 2000  /* that are asked for at once */

enum price_mark {
	PRICE_KNOWN,
	PRICE_ASSUMED, /* at least a part of it: what held at that hour of a day before */
	PRICE_MISSING, /* nothing is known: the price is NaN, and never 0 */
};

/* One slot of prices, half-open. */
struct price_slot {
	int64_t from_s; /* since 1970, UTC */
	int32_t length_s;
	enum price_mark mark; /* the worse of both */
	double buy, sell;
};

/* Where prices come from, and what the sun will bring. */
enum price_source { PRICE_SOURCE_IMPORT, PRICE_SOURCE_EXPORT, PRICE_SOURCE_PV, PRICE_SOURCES };

#define PRICE_WORDS_MAX 160

/* How one of them does, for people. */
struct price_source_view {
	const char *kind; /* fixed, tariff, topic, file or url; NULL: there is none */
	bool has_age;
	int64_t age_s;         /* since something of use came */
	bool is_ok;            /* what came last was of use, and the present is known */
	int64_t known_until_s; /* since 1970; 0: for ever, or not at all */
	char words[PRICE_WORDS_MAX]; /* what is wrong or odd; "" where nothing is */
};

enum price_kind { PRICE_IS_FIXED, PRICE_IS_TARIFF, PRICE_IS_FEED };

/* Where one of the two prices comes from. */
struct price_config {
	enum price_kind kind;
	double fixed;
	struct tariff tariff;
	struct feed_config feed;
};

struct prices_config {
	bool is_on;
	char currency[PRICE_CURRENCY_MAX];
	struct price_config buy, sell;
};
