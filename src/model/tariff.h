/*
 * A tariff as its bill prints it: prices by hours, weekdays and months.
 *
 * The first entry that fits a moment counts. Hours may cross midnight; then
 * weekday and month are those of the day on which they began, so that Friday's
 * 23:30-05:30 goes on into Saturday. All of it is by the clock of the house.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

#define TARIFF_RULES_MAX 24
#define TARIFF_DAY_S 86400
#define TARIFF_EVERY_DAY 0x7f
#define TARIFF_EVERY_MONTH 0xfff

/* Half-open, of the local day; start > end crosses midnight; the whole day is 0..86400. */
struct tariff_hours {
	int32_t start_s, end_s;
};

struct tariff_rule {
	double price; /* per kWh; may be negative */
	struct tariff_hours hours;
	uint8_t days;    /* bit 0 is Monday */
	uint16_t months; /* bit 0 is January */
};

struct tariff {
	size_t count;
	struct tariff_rule rules[TARIFF_RULES_MAX];
};

/* A moment of the house's clock, and what its hours that came over midnight need to know. */
struct tariff_moment {
	int32_t second;                 /* of the day, 0..86399 */
	int weekday;                    /* 0 is Monday */
	int month, month_of_day_before; /* 0 is January */
};

/* A rule that fits always; its price is 0. */
void tariff_rule_init(struct tariff_rule *rule);

/* `local_s`: seconds since 1970-01-01T00:00:00 on the clock of the house. */
struct tariff_moment tariff_moment_of(int64_t local_s);

/* The rule that counts at that moment, or NULL where none fits. Borrowed. */
const struct tariff_rule *tariff_find(const struct tariff *tariff,
				      const struct tariff_moment *moment);

/*
 * Whether there are moments of a year that no rule fits; then `out` is one of
 * them. Some thousand steps.
 */
bool tariff_has_gap(const struct tariff *tariff, struct tariff_moment *out);

/* The longest of 3600, 1800, 900, 300 and 60 s at whose multiples of local time prices change. */
int32_t tariff_grain_s(const struct tariff *tariff);

/* `16:00-21:00`, `23:30-05:30`, `22:00-24:00`. Returns 0 or -EINVAL and leaves `out` alone. */
int tariff_hours_parse(struct tariff_hours *out, const char *text) MUST_CHECK;

/* `mon-fri`, `sat, sun`, `fri-mon`. Likewise. */
int tariff_days_parse(uint8_t *out, const char *text) MUST_CHECK;

/* `jun-sep`, `nov-feb`, `jan, jul`. Likewise. */
int tariff_months_parse(uint16_t *out, const char *text) MUST_CHECK;

/* "Sundays in January at 13:00", for people. */
void tariff_moment_format(const struct tariff_moment *moment, struct text *out);
