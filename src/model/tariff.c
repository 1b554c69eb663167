/* Which entry of a tariff counts when, and how hours, days and months are read. */
#include "model/tariff.h"

#include <errno.h>
#include <string.h>

#include "model/schedule.h"

#define DAYS_PER_WEEK 7
#define MONTHS_PER_YEAR 12
#define WORD_LENGTH 3

static const char *const day_words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
static const char *const month_words[] = {"jan", "feb", "mar", "apr", "may", "jun",
					  "jul", "aug", "sep", "oct", "nov", "dec"};

void tariff_rule_init(struct tariff_rule *rule)
{
	*rule = (struct tariff_rule){
	    .hours = {0, TARIFF_DAY_S}, .days = TARIFF_EVERY_DAY, .months = TARIFF_EVERY_MONTH};
}

/* ---- moments ---- */

/* The month of a day since 1970-01-01, 0 is January (Hinnant, chrono-compatible algorithms). */
static int month_of(int64_t day)
{
	int64_t shifted = day + 719468; /* since 0000-03-01, in eras of 400 years */
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int from_march = (int)((5 * of_year + 2) / 153);

	return (from_march + 2) % MONTHS_PER_YEAR;
}

struct tariff_moment tariff_moment_of(int64_t local_s)
{
	int64_t second = (local_s % TARIFF_DAY_S + TARIFF_DAY_S) % TARIFF_DAY_S;
	int64_t day = (local_s - second) / TARIFF_DAY_S;

	return (struct tariff_moment){
	    .second = (int32_t)second,
	    .weekday = (int)(((day + 3) % DAYS_PER_WEEK + DAYS_PER_WEEK) % DAYS_PER_WEEK),
	    .month = month_of(day),
	    .month_of_day_before = month_of(day - 1),
	};
}

static bool is_of(const struct tariff_rule *rule, int weekday, int month)
{
	return (rule->days >> weekday & 1) != 0 && (rule->months >> month & 1) != 0;
}

static bool fits(const struct tariff_rule *rule, const struct tariff_moment *moment)
{
	const struct tariff_hours *hours = &rule->hours;
	int day_before = (moment->weekday + DAYS_PER_WEEK - 1) % DAYS_PER_WEEK;

	if (hours->start_s < hours->end_s)
		return hours->start_s <= moment->second && moment->second < hours->end_s &&
		       is_of(rule, moment->weekday, moment->month);
	if (moment->second >= hours->start_s && is_of(rule, moment->weekday, moment->month))
		return true;
	return moment->second < hours->end_s &&
	       is_of(rule, day_before, moment->month_of_day_before);
}

const struct tariff_rule *tariff_find(const struct tariff *tariff,
				      const struct tariff_moment *moment)
{
	for (size_t i = 0; i < tariff->count; i++)
		if (fits(&tariff->rules[i], moment))
			return &tariff->rules[i];
	return NULL;
}

/* ---- as a whole ---- */

/* Whether a gap begins at `second` of some day; what fits changes only where hours begin or end. */
static bool has_gap_at(const struct tariff *tariff, int32_t second, struct tariff_moment *out)
{
	struct tariff_moment at = {.second = second};

	for (at.month = 0; at.month < MONTHS_PER_YEAR; at.month++) {
		for (at.weekday = 0; at.weekday < DAYS_PER_WEEK; at.weekday++) {
			for (int is_first = 0; is_first < 2; is_first++) {
				at.month_of_day_before =
				    (at.month + MONTHS_PER_YEAR - is_first) % MONTHS_PER_YEAR;
				if (tariff_find(tariff, &at) == NULL) {
					*out = at;
					return true;
				}
			}
		}
	}
	return false;
}

bool tariff_has_gap(const struct tariff *tariff, struct tariff_moment *out)
{
	if (has_gap_at(tariff, 0, out))
		return true;
	for (size_t i = 0; i < tariff->count; i++) {
		const struct tariff_hours *hours = &tariff->rules[i].hours;

		if (has_gap_at(tariff, hours->start_s % TARIFF_DAY_S, out) ||
		    has_gap_at(tariff, hours->end_s % TARIFF_DAY_S, out))
			return true;
	}
	return false;
}

int32_t tariff_grain_s(const struct tariff *tariff)
{
	static const int32_t grains[] = {3600, 1800, 900, 300, 60};
	size_t finest = 0;

	for (size_t i = 0; i < tariff->count; i++) {
		const struct tariff_hours *hours = &tariff->rules[i].hours;

		while (finest + 1 < ARRAY_LENGTH(grains) &&
		       (hours->start_s % grains[finest] != 0 || hours->end_s % grains[finest] != 0))
			finest++;
	}
	return grains[finest];
}

/* ---- text ---- */

/* `HH:MM` of `len` bytes; 24:00 is the end of the day. */
static int clock_parse_of_day(int32_t *out_s, const char *text, size_t len)
{
	if (len == 5 && memcmp(text, "24:00", 5) == 0) {
		*out_s = TARIFF_DAY_S;
		return 0;
	}
	return len == 5 ? time_of_day_parse(out_s, text, len) : -EINVAL;
}

int tariff_hours_parse(struct tariff_hours *out, const char *text)
{
	const char *dash = strchr(text, '-');
	struct tariff_hours hours;

	if (dash == NULL || clock_parse_of_day(&hours.start_s, text, (size_t)(dash - text)) != 0 ||
	    clock_parse_of_day(&hours.end_s, dash + 1, strlen(dash + 1)) != 0 ||
	    hours.start_s == hours.end_s || hours.start_s == TARIFF_DAY_S)
		return -EINVAL;
	*out = hours;
	return 0;
}

static int word_find(const char *const *words, int count, const char *text)
{
	for (int i = 0; i < count; i++)
		if (strncmp(words[i], text, WORD_LENGTH) == 0)
			return i;
	return -1;
}

/* Adds `mon` or `mon-fri` to `*set`; returns what follows it, or NULL. */
static const char *span_parse(unsigned *set, const char *const *words, int count, const char *text)
{
	int first = word_find(words, count, text), last = first;

	if (first < 0)
		return NULL;
	text += WORD_LENGTH;
	if (*text == '-') {
		last = word_find(words, count, text + 1);
		text += 1 + WORD_LENGTH;
	}
	if (last < 0)
		return NULL;
	for (int i = first;; i = (i + 1) % count) {
		*set |= 1u << i;
		if (i == last)
			return text;
	}
}

static int set_parse(unsigned *out, const char *const *words, int count, const char *text)
{
	unsigned set = 0;

	for (;;) {
		text = span_parse(&set, words, count, text);
		if (text == NULL || (*text != '\0' && *text != ','))
			return -EINVAL;
		if (*text == '\0')
			break;
		text++;
		text += strspn(text, " ");
	}
	*out = set;
	return 0;
}

int tariff_days_parse(uint8_t *out, const char *text)
{
	unsigned set;
	int result = set_parse(&set, day_words, DAYS_PER_WEEK, text);

	if (result == 0)
		*out = (uint8_t)set;
	return result;
}

int tariff_months_parse(uint16_t *out, const char *text)
{
	unsigned set;
	int result = set_parse(&set, month_words, MONTHS_PER_YEAR, text);

	if (result == 0)
		*out = (uint16_t)set;
	return result;
}

void tariff_moment_format(const struct tariff_moment *moment, struct text *out)
{
	text_add(out, "%s in %s at %02d:%02d", day_words[moment->weekday],
		 month_words[moment->month], (int)(moment->second / 3600),
		 (int)(moment->second / 60 % 60));
}
