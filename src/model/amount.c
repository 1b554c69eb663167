/* Rounding for the words of decisions and alerts. What is decided uses the exact numbers. */
#include "model/amount.h"

#include <string.h>

#include "base/result.h"
#include "base/time.h"

#define MS_PER_TENTH 100
#define TENTHS_PER_SECOND 10
#define DURATION_TEXT_MAX 64

/* Units that a duration is said in, from how many tenths of a second on. */
static const struct span {
	int64_t from, tenths;
	const char *name;
} spans[] = {
    {2 * MS_PER_DAY / MS_PER_TENTH, MS_PER_DAY / MS_PER_TENTH, "d"},
    {2 * MS_PER_HOUR / MS_PER_TENTH, MS_PER_HOUR / MS_PER_TENTH, "h"},
    {5 * MS_PER_MINUTE / MS_PER_TENTH, MS_PER_MINUTE / MS_PER_TENTH, "min"},
};

static int64_t floor_div(int64_t value, int64_t step)
{
	return value / step - (value % step < 0);
}

/* To a whole number of steps, away from `beside`. */
static int64_t in_steps(int64_t value, int64_t beside, int64_t step)
{
	return value > beside ? -floor_div(-value, step) : floor_div(value, step);
}

/* The greatest unit and the one below it; all of it where `is_exact`. */
static void add_tenths(struct text *out, int64_t tenths, bool is_exact)
{
	const char *gap = "";
	size_t i = 0, last;

	if (tenths < 0) {
		text_add(out, "-");
		tenths = -tenths;
	}
	while (i < ARRAY_LENGTH(spans) && tenths < spans[i].from)
		i++;
	last = is_exact || i == ARRAY_LENGTH(spans) ? ARRAY_LENGTH(spans) : i + 2;
	for (; i < last && i < ARRAY_LENGTH(spans); i++) {
		int64_t count = tenths / spans[i].tenths;

		tenths %= spans[i].tenths;
		if (count == 0)
			continue;
		text_add(out, "%s%lld %s", gap, (long long)count, spans[i].name);
		gap = " ";
	}
	if (gap[0] != '\0' && (last < ARRAY_LENGTH(spans) || !is_exact || tenths == 0))
		return;
	text_add(out, "%s", gap);
	text_add_scaled(out, tenths, TENTHS_PER_SECOND);
	text_add(out, " s");
}

void duration_add(struct text *out, int64_t ms, int64_t beside_ms)
{
	char own_words[DURATION_TEXT_MAX], other_words[DURATION_TEXT_MAX];
	struct text own = text_in(own_words, sizeof(own_words));
	struct text other = text_in(other_words, sizeof(other_words));
	int64_t tenths = in_steps(ms, beside_ms, MS_PER_TENTH);

	add_tenths(&own, tenths, false);
	add_tenths(&other, in_steps(beside_ms, ms, MS_PER_TENTH), false);
	add_tenths(out, tenths, ms != beside_ms && strcmp(own_words, other_words) == 0);
}

void rounded_add(struct text *out, int64_t value, int64_t beside, int32_t scale, int32_t shown)
{
	text_add_scaled(out, in_steps(value, beside, scale / shown), shown);
}
