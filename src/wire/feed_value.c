/* A time or a number of a feed's entry, in the ways that services write them. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "wire/feed_parts.h"
#include "wire/mapping.h"

#define EPOCH_MIN_S 1577836800.0 /* 2020-01-01: earlier is no time but a number */
#define EPOCH_MAX_S 4102444800.0 /* 2100-01-01 */
#define MINUTES_LENGTH 16        /* of 2026-11-30T05:15 */

static int epoch_read(int64_t *out_s, double number)
{
	if (fabs(number) >= MAPPING_EPOCH_MS_FROM)
		number /= MS_PER_SECOND;
	if (!(number >= EPOCH_MIN_S && number <= EPOCH_MAX_S))
		return -EINVAL;
	*out_s = (int64_t)number;
	return 0;
}

/* The moment that the clock of the house shows, which is off UTC by what holds there and then. */
static int64_t moment_at(int64_t local_s, feed_offset_at *offset_at)
{
	int64_t guess = local_s - offset_at(local_s - 86400);

	return local_s - offset_at(guess);
}

static int iso_read(int64_t *out_s, const char *text, size_t length, feed_offset_at *offset_at)
{
	char room[WALL_TEXT_MAX + 32];
	struct text whole = text_in(room, sizeof room);
	struct wall_time wall;

	/* Seconds may be missing. */
	if (length >= MINUTES_LENGTH && text[MINUTES_LENGTH - 3] == ':' &&
	    (length == MINUTES_LENGTH || text[MINUTES_LENGTH] != ':')) {
		text_add(&whole, "%.*s:00%.*s", MINUTES_LENGTH, text,
			 (int)(length - MINUTES_LENGTH), text + MINUTES_LENGTH);
	} else {
		text_add(&whole, "%.*s", (int)length, text);
	}
	if (whole.is_cut)
		return -EINVAL;
	if (wall_parse(&wall, room, whole.length) == 0) {
		*out_s = wall.ms / MS_PER_SECOND;
		return 0;
	}
	text_add(&whole, "Z");
	if (whole.is_cut || wall_parse(&wall, room, whole.length) != 0)
		return -EINVAL;
	*out_s = moment_at(wall.ms / MS_PER_SECOND, offset_at);
	return 0;
}

int feed_time_read(int64_t *out_s, const char *text, size_t length, feed_offset_at *offset_at)
{
	double number;

	if (number_parse(&number, text, length) == 0)
		return epoch_read(out_s, number);
	if (length > WALL_TEXT_MAX + 16)
		return -EINVAL;
	return iso_read(out_s, text, length, offset_at);
}

/* The text of a number or a text, or -1. */
static int text_of(char out[JSON_GLANCE_TEXT_MAX], const struct json_glance *json)
{
	if (json->kind == GLANCE_TEXT)
		return json_glance_text(out, json);
	if (json->kind != GLANCE_NUMBER || json->length >= JSON_GLANCE_TEXT_MAX)
		return -1;
	memcpy(out, json->at, json->length);
	out[json->length] = '\0';
	return (int)json->length;
}

bool feed_read_time(int64_t *out_s, const struct json_glance *json, feed_offset_at *offset_at)
{
	char text[JSON_GLANCE_TEXT_MAX];
	int length = text_of(text, json);

	return length > 0 && feed_time_read(out_s, text, (size_t)length, offset_at) == 0;
}

bool feed_read_number(double *out, const struct json_glance *json)
{
	char text[JSON_GLANCE_TEXT_MAX];
	int length = text_of(text, json);

	return length > 0 && number_parse(out, text, (size_t)length) == 0;
}
