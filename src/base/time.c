/*
 * The clocks, and times as text. Calendar dates are computed here (days from
 * civil, Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms") and
 * not asked of the C library, so that neither the process's zone nor its
 * locale can have a part in them.
 */
#include "base/time.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

static int64_t read_clock_us(clockid_t which)
{
	struct timespec at;

	clock_gettime(which, &at);
	return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

struct clock clock_real(void)
{
	return (struct clock){.factor = 1};
}

int clock_parse(struct clock *out, const char *text)
{
	int64_t wall_ms = read_clock_us(CLOCK_REALTIME) / 1000;
	int64_t mono_ms = read_clock_us(CLOCK_MONOTONIC) / 1000;
	long long origin_ms = wall_ms;
	long factor;
	char *end;

	errno = 0;
	factor = strtol(text, &end, 10);
	if (end == text || errno != 0 || factor < 1 || factor > CLOCK_FACTOR_MAX)
		return -EINVAL;
	if (*end == '@') {
		const char *origin = end + 1;

		origin_ms = strtoll(origin, &end, 10);
		if (end == origin || errno != 0 || origin_ms < 0)
			return -EINVAL;
	}
	if (*end != '\0')
		return -EINVAL;
	*out = (struct clock){
	    .factor = (int32_t)factor,
	    .origin = {origin_ms},
	    .mono_offset_ms = mono_ms - (wall_ms - origin_ms),
	};
	return 0;
}

/* Real monotonic ms since the clock's origin, times the factor. */
static int64_t scaled_ms(const struct clock *clock)
{
	int64_t since_us = read_clock_us(CLOCK_MONOTONIC) - clock->mono_offset_ms * 1000;

	return since_us * clock->factor / 1000;
}

struct mono_time clock_mono(const struct clock *clock)
{
	if (clock->factor == 1)
		return (struct mono_time){read_clock_us(CLOCK_MONOTONIC) / 1000};
	return (struct mono_time){clock->mono_offset_ms + scaled_ms(clock)};
}

struct wall_time clock_wall(const struct clock *clock)
{
	if (clock->factor == 1)
		return (struct wall_time){read_clock_us(CLOCK_REALTIME) / 1000};
	return (struct wall_time){clock->origin.ms + scaled_ms(clock)};
}

uint64_t clock_real_ms(const struct clock *clock, int64_t ms)
{
	if (ms <= 0)
		return 0;
	return (uint64_t)((ms + clock->factor - 1) / clock->factor);
}

struct civil {
	int64_t year;
	int month, day; /* 1..12, 1..31 */
};

static int64_t days_from_civil(struct civil date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year =
	    (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static struct civil civil_from_days(int64_t days)
{
	int64_t shifted = days + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t day_of_era = shifted - era * 146097;
	int64_t year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
	    day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted_month = (5 * day_of_year + 2) / 153;
	int month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);

	return (struct civil){
	    .year = year_of_era + era * 400 + (month <= 2),
	    .month = month,
	    .day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1),
	};
}

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

#define YEAR_MAX 9999

/* Writes `value` with `count` digits, then `after`. Returns where to go on. */
static char *write_digits(char *to, int value, int count, char after)
{
	for (int i = count - 1; i >= 0; i--) {
		to[i] = (char)('0' + value % 10);
		value /= 10;
	}
	to[count] = after;
	return to + count + 1;
}

const char *wall_format(char out[WALL_TEXT_MAX], struct wall_time at, int32_t offset_s)
{
	int64_t local_ms = at.ms + (int64_t)offset_s * 1000;
	int64_t days = floor_divide(local_ms, MS_PER_DAY);
	int64_t ms = local_ms - days * MS_PER_DAY;
	struct civil date = civil_from_days(days);
	int zone_min = (offset_s < 0 ? -offset_s : offset_s) / 60;
	struct text text = text_in(out, WALL_TEXT_MAX);
	char *to = out;

	if (date.year < 0 || date.year > YEAR_MAX) {
		/* No record has such a year; it is still text, and not what another year is. */
		text_add(&text, "%lld-%02d-%02d", (long long)date.year, date.month, date.day);
		return out;
	}
	to = write_digits(to, (int)date.year, 4, '-');
	to = write_digits(to, date.month, 2, '-');
	to = write_digits(to, date.day, 2, 'T');
	to = write_digits(to, (int)(ms / MS_PER_HOUR), 2, ':');
	to = write_digits(to, (int)(ms / MS_PER_MINUTE % 60), 2, ':');
	to = write_digits(to, (int)(ms / 1000 % 60), 2, '.');
	to = write_digits(to, (int)(ms % 1000), 3, offset_s == 0 ? 'Z' : offset_s < 0 ? '-' : '+');
	if (offset_s != 0) {
		to = write_digits(to, zone_min / 60, 2, ':');
		to = write_digits(to, zone_min % 60, 2, '\0') - 1;
	}
	*to = '\0';
	return out;
}

/* Reads `count` digits at `*at`; -1 where they are not there. */
static int read_digits(const char *text, size_t len, size_t *at, size_t count)
{
	int value = 0;

	if (*at + count > len)
		return -1;
	for (size_t i = 0; i < count; i++) {
		char digit = text[*at + i];

		if (digit < '0' || digit > '9')
			return -1;
		value = value * 10 + (digit - '0');
	}
	*at += count;
	return value;
}

static bool read_char(const char *text, size_t len, size_t *at, const char *allowed)
{
	if (*at >= len || strchr(allowed, text[*at]) == NULL || text[*at] == '\0')
		return false;
	(*at)++;
	return true;
}

/* A fraction of a second in ms, cut after three digits; 0 where there is none, -1 if malformed. */
static int read_fraction_ms(const char *text, size_t len, size_t *at)
{
	int ms = 0, weight = 100, digits = 0;

	if (!read_char(text, len, at, ".,"))
		return 0;
	for (; *at < len && text[*at] >= '0' && text[*at] <= '9'; (*at)++, digits++) {
		ms += (text[*at] - '0') * weight;
		weight /= 10;
	}
	return digits == 0 ? -1 : ms;
}

/* `Z`, `+01:00` or `+0100`, in minutes. */
static bool read_zone_min(const char *text, size_t len, size_t *at, int *out_min)
{
	char sign;
	int hours, minutes;

	if (read_char(text, len, at, "Zz")) {
		*out_min = 0;
		return true;
	}
	if (*at >= len)
		return false;
	sign = text[*at];
	if (!read_char(text, len, at, "+-") || (hours = read_digits(text, len, at, 2)) < 0)
		return false;
	(void)read_char(text, len, at, ":");
	minutes = read_digits(text, len, at, 2);
	if (minutes < 0 || minutes > 59 || hours > 23)
		return false;
	*out_min = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
	return true;
}

static bool read_date(const char *text, size_t len, size_t *at, struct civil *out)
{
	int year, month, day;

	if ((year = read_digits(text, len, at, 4)) < 1 || !read_char(text, len, at, "-") ||
	    (month = read_digits(text, len, at, 2)) < 1 || !read_char(text, len, at, "-") ||
	    (day = read_digits(text, len, at, 2)) < 1 || month > 12)
		return false;
	*out = (struct civil){.year = year, .month = month, .day = day};
	/* A day that does not exist comes back as another one. */
	return civil_from_days(days_from_civil(*out)).day == day;
}

int wall_parse(struct wall_time *out, const char *text, size_t len)
{
	int hour, minute, second, fraction_ms, zone_min;
	struct civil date;
	size_t at = 0;

	if (!read_date(text, len, &at, &date) || !read_char(text, len, &at, "Tt ") ||
	    (hour = read_digits(text, len, &at, 2)) < 0 || !read_char(text, len, &at, ":") ||
	    (minute = read_digits(text, len, &at, 2)) < 0 || !read_char(text, len, &at, ":") ||
	    (second = read_digits(text, len, &at, 2)) < 0 ||
	    (fraction_ms = read_fraction_ms(text, len, &at)) < 0 ||
	    !read_zone_min(text, len, &at, &zone_min) || at != len)
		return -EINVAL;
	if (hour > 23 || minute > 59 || second > 60)
		return -EINVAL;
	out->ms = days_from_civil(date) * MS_PER_DAY + (int64_t)hour * MS_PER_HOUR +
		  (int64_t)(minute - zone_min) * MS_PER_MINUTE + (int64_t)second * 1000 +
		  fraction_ms;
	return 0;
}
