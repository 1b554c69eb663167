/*
 * Times as devices tell them: epoch in s or ms, ISO 8601 with a zone or
 * without, seconds since; in the message or on a topic of their own.
 *
 * A device whose clock is not set tells the 1970s: that is no time, and the
 * message is as old as its arrival. A time ahead of our clock is refused.
 */
#include "wire/source_time.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "wire/mapping.h"
#include "wire/source_value.h"

#define SET_FROM_MS INT64_C(1577836800000) /* 2020-01-01: a clock that says less was never set */
#define STAMP_MAX_MS 253402300799999.0     /* 9999-12-31T23:59:59.999Z */

enum stamp { STAMP_NONE, STAMP_OF_TIME, STAMP_OF_AGE, STAMP_WITHOUT_ZONE };

static enum stamp iso_stamp(int64_t *ms, const struct source_time *time,
			    const struct source_raw *raw)
{
	char zoned[WALL_TEXT_MAX + 16];
	struct text text = text_in(zoned, sizeof zoned);
	struct wall_time wall;

	if (raw->is_cut)
		return STAMP_NONE;
	if (wall_parse(&wall, raw->text, raw->length) == 0) {
		*ms = wall.ms;
		return STAMP_OF_TIME;
	}
	text_add(&text, "%sZ", raw->text);
	if (text.is_cut || wall_parse(&wall, zoned, text.length) != 0)
		return STAMP_NONE;
	*ms = wall.ms - (time->has_offset ? time->offset_s * (int64_t)MS_PER_SECOND : 0);
	return time->has_offset ? STAMP_OF_TIME : STAMP_WITHOUT_ZONE;
}

static enum stamp number_stamp(int64_t *ms, const struct source_time *time, double number)
{
	bool is_ms = time->format == SOURCE_TIME_MS ||
		     (time->format == SOURCE_TIME_AUTO && fabs(number) >= MAPPING_EPOCH_MS_FROM);

	if (!is_ms)
		number *= MS_PER_SECOND;
	if (!(number >= 0 && number <= STAMP_MAX_MS))
		return STAMP_NONE;
	*ms = (int64_t)number;
	return time->format == SOURCE_TIME_AGE ? STAMP_OF_AGE : STAMP_OF_TIME;
}

/* What `message` says at the place of the time: ms since 1970, or of age. */
static enum stamp stamp_of(int64_t *ms, const struct source_time *time,
			   const struct source_message *message)
{
	struct source_raw raw;
	double number;

	if (time->path == NULL) {
		source_raw_plain(&raw, message->payload, message->length);
	} else {
		struct json_glance json;

		if (json_glance_check(message->payload, message->length) != REFUSAL_NONE)
			return STAMP_NONE;
		json = json_glance_find(message->payload, message->length, time->path);
		source_raw_json(&raw, &json);
	}
	if (raw.kind == RAW_NOTHING)
		return STAMP_NONE;
	if (time->format != SOURCE_TIME_ISO && source_number(&number, &raw, false) == REFUSAL_NONE)
		return number_stamp(ms, time, number);
	if (time->format == SOURCE_TIME_AUTO || time->format == SOURCE_TIME_ISO)
		return iso_stamp(ms, time, &raw);
	return STAMP_NONE;
}

static void judge(struct source_age *age, const struct source *source)
{
	if (age->age_ms < -SOURCE_AHEAD_MS)
		age->why = REFUSAL_CLOCK_SKEW;
	else if (age->age_ms > source->stale_after_ms)
		age->why = REFUSAL_STALE;
	if (age->age_ms < 0)
		age->age_ms = 0;
}

/* By a stamp of the message itself, or on the topic of times. */
static struct source_age age_by_stamp(const struct source *source,
				      const struct source_message *message,
				      const struct source_now *now)
{
	struct source_age age = {0};
	int64_t ms = 0;
	enum stamp stamp = stamp_of(&ms, &source->time, message);

	age.was_set_aside =
	    (stamp == STAMP_OF_TIME || stamp == STAMP_WITHOUT_ZONE) && ms < SET_FROM_MS;
	if (stamp == STAMP_OF_AGE) {
		age.is_known = true;
		age.age_ms = ms;
	} else if (stamp == STAMP_OF_TIME && !age.was_set_aside && now->has_wall) {
		age.is_known = true;
		age.age_ms = now->wall.ms - ms;
	}
	return age;
}

bool source_time_take(const struct source *source, struct source_state *state,
		      const struct source_message *message, const struct source_now *now)
{
	struct source_age age;

	if (!source->time.is_set || source->time.topic == NULL ||
	    strcmp(source->time.topic, message->topic) != 0)
		return false;
	age = age_by_stamp(source, message, now);
	state->has_time = age.is_known;
	state->measured = mono_add(now->mono, -age.age_ms);
	return true;
}

struct source_age source_age_of(const struct source *source, const struct source_state *state,
				const struct source_message *message, const struct source_now *now)
{
	struct source_age age = {0};

	if (!source->time.is_set && !message->has_age)
		return age;
	if (message->has_age) {
		age.is_known = true;
		age.age_ms = message->age_ms;
	} else if (source->time.topic == NULL) {
		age = age_by_stamp(source, message, now);
	} else if (state->has_time) {
		age.is_known = true;
		age.age_ms = mono_since(now->mono, state->measured);
	}
	judge(&age, source);
	return age;
}
