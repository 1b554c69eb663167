/*
 * Durations and moments as people write them on the command line. What they
 * are for is the command's affair.
 */
#include "cli/duration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DURATION_MAX_MS (366 * MS_PER_DAY)
#define DIGITS_MAX 9

static const struct unit {
	char letter;
	const char *name;
	int64_t ms;
} UNITS[] = {
    {'d', "d", MS_PER_DAY},
    {'h', "h", MS_PER_HOUR},
    {'m', "min", MS_PER_MINUTE},
    {'s', "s", MS_PER_SECOND},
};

/* Reads the digits at `*text` and moves past them. Returns -1 where there are none or too many. */
static int64_t take_number(const char **text)
{
	int64_t number = 0;
	int digits = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++) {
		if (++digits > DIGITS_MAX)
			return -1;
		number = number * 10 + (**text - '0');
	}
	return digits ? number : -1;
}

int duration_parse(int64_t *out_ms, const char *text)
{
	int64_t total = 0;
	size_t next = 0;

	while (*text) {
		int64_t number = take_number(&text);

		while (next < ARRAY_LENGTH(UNITS) && UNITS[next].letter != *text)
			next++;
		if (number < 0 || next == ARRAY_LENGTH(UNITS))
			return -EINVAL;
		total += number * UNITS[next++].ms;
		text++;
	}
	if (total <= 0 || total > DURATION_MAX_MS)
		return -EINVAL;
	*out_ms = total;
	return 0;
}

void duration_format(struct text *out, int64_t ms)
{
	size_t unit = 0;

	while (unit + 1 < ARRAY_LENGTH(UNITS) && ms < UNITS[unit].ms)
		unit++;
	text_add(out, "%lld %s", (long long)(ms / UNITS[unit].ms), UNITS[unit].name);
	ms %= UNITS[unit].ms;
	if (unit + 1 < ARRAY_LENGTH(UNITS) && ms >= UNITS[unit + 1].ms)
		text_add(out, " %lld %s", (long long)(ms / UNITS[unit + 1].ms),
			 UNITS[unit + 1].name);
}

static int64_t offset_ms(moment_offset *offset_at, const void *zone, int64_t at_ms)
{
	return offset_at ? (int64_t)offset_at(zone, (struct wall_time){at_ms}) * MS_PER_SECOND : 0;
}

/* When the local day of `now_ms`, or the one `days` before it, began: by the offset at that time.
 */
static int64_t midnight(int64_t now_ms, int64_t days, moment_offset *offset_at, const void *zone)
{
	int64_t local = now_ms + offset_ms(offset_at, zone, now_ms);
	int64_t begin = local - local % MS_PER_DAY - days * MS_PER_DAY;
	int64_t about = begin - offset_ms(offset_at, zone, now_ms);

	return begin - offset_ms(offset_at, zone, about);
}

/*
 * `today` and `yesterday`, alone or with ` 18:30` behind: by the offset at that time, so that it is
 * what clocks show then. Returns 0 or -EINVAL.
 */
static int day_parse(struct wall_time *out, const char *text, struct wall_time now,
		     moment_offset *offset_at, const void *zone)
{
	bool is_today = strncmp(text, "today", 5) == 0;
	const char *clock = text + (is_today ? strlen("today") : strlen("yesterday"));
	int64_t begin_ms = midnight(now.ms, is_today ? 0 : 1, offset_at, zone), at_ms;
	unsigned int hour, minute;
	char rest;

	if (clock[0] == '\0') {
		out->ms = begin_ms;
		return 0;
	}
	if (sscanf(clock, " %2u:%2u%c", &hour, &minute, &rest) != 2 || clock[0] != ' ' ||
	    hour > 23 || minute > 59)
		return -EINVAL;
	at_ms = begin_ms + hour * (int64_t)MS_PER_HOUR + minute * (int64_t)MS_PER_MINUTE;
	out->ms = at_ms + offset_ms(offset_at, zone, begin_ms) - offset_ms(offset_at, zone, at_ms);
	return 0;
}

int moment_parse(struct wall_time *out, const char *text, struct wall_time now,
		 moment_offset *offset_at, const void *zone)
{
	int64_t before_ms;

	if (strcmp(text, "now") == 0) {
		*out = now;
		return 0;
	}
	if (strncmp(text, "today", strlen("today")) == 0 ||
	    strncmp(text, "yesterday", strlen("yesterday")) == 0)
		return day_parse(out, text, now, offset_at, zone);
	if (text[0] == '-') {
		if (duration_parse(&before_ms, text + 1) < 0)
			return -EINVAL;
		out->ms = now.ms - before_ms;
		return 0;
	}
	return wall_parse(out, text, strlen(text));
}
