/*
 * A message on its way in: whose topic it is, whether the device is there, how
 * old the message is, then each row of its topic.
 *
 * What one value is comes from source_value.c.
 */
#include "wire/source_take.h"

#include <math.h>
#include <string.h>

#include "wire/json_message.h"
#include "wire/source_phases.h"
#include "wire/source_time.h"
#include "wire/source_value.h"

/* A message as it is looked into. */
struct view {
	const struct source *source;
	const struct source_message *message;
	bool is_json, is_empty;
	enum refusal json_why; /* why it is no JSON, once a row asked for it */
	bool json_is_checked;
};

bool source_has_topic(const struct source *source, const char *topic)
{
	for (size_t i = 0; i < source->row_count; i++) {
		if (strcmp(source->rows[i].topic, topic) == 0)
			return true;
	}
	for (size_t i = 0; i < source->available_count; i++) {
		if (strcmp(source->available[i].topic, topic) == 0)
			return true;
	}
	return source->time.is_set && source->time.topic != NULL &&
	       strcmp(source->time.topic, topic) == 0;
}

int source_slot(const struct source *source, enum source_field field)
{
	for (size_t i = 0; i < source->field_count; i++) {
		if (source->fields[i] == field)
			return (int)i;
	}
	return -1;
}

void source_state_init(struct source_state *state, struct source_slot *slots,
		       const struct source *source)
{
	*state = (struct source_state){.slots = slots};
	memset(slots, 0, source->field_count * sizeof(*slots));
}

/* ---- looking ---- */

static enum refusal check_json(struct view *view)
{
	if (!view->json_is_checked) {
		view->json_why = json_glance_check(view->message->payload, view->message->length);
		view->json_is_checked = true;
	}
	return view->json_why;
}

/* What stands at `path`; only where check_json() found nothing. */
static void look_at(struct source_raw *out, const struct view *view, const char *path)
{
	struct json_glance json =
	    json_glance_find(view->message->payload, view->message->length, path);

	source_raw_json(out, &json);
}

static bool begins_as_json(const struct view *view)
{
	const char *text = view->message->payload;

	for (size_t i = 0; i < view->message->length; i++) {
		if (memchr(" \t\r\n", text[i], 4) == NULL)
			return text[i] == '{' || text[i] == '[';
	}
	return false;
}

/* The value at `path`, or the whole payload where there is no path. */
static enum refusal look(struct source_raw *out, struct view *view, const char *path)
{
	enum refusal why = REFUSAL_NONE;

	if (path == NULL) {
		source_raw_plain(out, view->message->payload, view->message->length);
		return REFUSAL_NONE;
	}
	why = check_json(view);
	if (why == REFUSAL_NONE)
		look_at(out, view, path);
	return why;
}

/* ---- whether the device is there ---- */

static enum source_presence presence_of(const struct source *source,
					const struct source_state *state)
{
	size_t count[SOURCE_DOWN + 1] = {0};

	if (state->is_gone)
		return SOURCE_DOWN;
	if (source->available_count == 0)
		return SOURCE_UNTOLD;
	for (size_t i = 0; i < source->available_count; i++)
		count[state->available[i]]++;
	switch (source->available_mode) {
	case SOURCE_AVAILABLE_LATEST:
		return state->latest == SOURCE_UP ? SOURCE_UP : SOURCE_DOWN;
	case SOURCE_AVAILABLE_ALL:
		return count[SOURCE_UP] == source->available_count ? SOURCE_UP : SOURCE_DOWN;
	case SOURCE_AVAILABLE_ANY:
		return count[SOURCE_UP] > 0 ? SOURCE_UP : SOURCE_DOWN;
	case SOURCE_AVAILABLE_NOT_DOWN:
		break;
	}
	if (count[SOURCE_DOWN] > 0)
		return SOURCE_DOWN;
	return count[SOURCE_UP] > 0 ? SOURCE_UP : SOURCE_UNTOLD;
}

/* Nothing that it said before is of use any more. */
static void forget(const struct source *source, struct source_state *state)
{
	for (size_t i = 0; i < source->field_count; i++)
		state->slots[i].is_set = false;
	state->has_time = false;
}

static void take_presence(struct source_news *news, struct view *view, struct source_state *state,
			  size_t index)
{
	const struct source_available *available = &view->source->available[index];
	const char *path = available->path, *word;
	struct source_raw raw;
	enum refusal why;

	/* Some write `online` and some {"state":"online"}, by their version. */
	if (path != NULL && !begins_as_json(view))
		path = NULL;
	why = look(&raw, view, path);
	if (why == REFUSAL_NONE && raw.kind == RAW_NOTHING)
		why = REFUSAL_MISSING_FIELD;
	word = why == REFUSAL_NONE ? source_map_find(available->words, &raw, false) : NULL;
	if (word == NULL) {
		news->why = why != REFUSAL_NONE ? why : REFUSAL_UNKNOWN_STATE;
		return;
	}
	state->available[index] = strcmp(word, "up") == 0 ? SOURCE_UP : SOURCE_DOWN;
	state->latest = state->available[index];
	news->available = presence_of(view->source, state);
	if (news->available == SOURCE_DOWN)
		forget(view->source, state);
}

/* ---- values ---- */

static void note_missing(struct source_news *news, enum source_field field, enum refusal why)
{
	if ((news->missing & SOURCE_BIT(field)) == 0)
		news->reason[field] = why;
	news->missing |= SOURCE_BIT(field);
}

/* A value whose message is of no use: the first reason that was found stays the message's. */
static void note_refused(struct source_news *news, enum source_field field, enum refusal why)
{
	if (news->why == REFUSAL_NONE) {
		news->why = why;
		news->field = field;
	}
	note_missing(news, field, why);
}

/* Whether a row is meant by this message: what it is to be held against agrees. */
static bool is_meant(const struct source_row *row, struct view *view)
{
	struct source_raw raw;

	for (size_t i = 0; i < row->match_count; i++) {
		if (check_json(view) != REFUSAL_NONE)
			return true; /* which is told when its value is looked for */
		look_at(&raw, view, row->matches[i].path);
		if (!source_raw_is(&raw, row->matches[i].is))
			return false;
	}
	return true;
}

/* The unit that the message itself names, or the row's. */
static enum source_unit unit_of(const struct source_row *row, struct view *view)
{
	enum source_unit unit;
	struct source_raw raw;

	if (row->unit_at == NULL || check_json(view) != REFUSAL_NONE)
		return row->unit;
	look_at(&raw, view, row->unit_at);
	if (raw.kind != RAW_TEXT || source_unit_find(&unit, raw.text) != 0 ||
	    source_unit_dimension(unit) != source_field_info(row->field)->dimension)
		return row->unit;
	return unit;
}

static void keep_value(struct source_news *news, enum source_field field,
		       const struct source_taken *taken)
{
	news->got |= SOURCE_BIT(field);
	news->value[field] = taken->value;
	news->word[field] = taken->word;
}

static void take_row(struct source_news *news, struct view *view, const struct source_row *row)
{
	struct source_taken taken = {0};
	struct source_raw raw;
	enum refusal why;

	if ((news->got & SOURCE_BIT(row->field)) != 0 || !is_meant(row, view))
		return;
	if (row->word != NULL && row->path == NULL) {
		taken.word = row->word;
		keep_value(news, row->field, &taken);
		return;
	}
	why = view->is_empty ? REFUSAL_EMPTY : look(&raw, view, row->path);
	if (why == REFUSAL_NONE && raw.kind == RAW_NOTHING) {
		if (!view->source->is_partial)
			note_missing(news, row->field, REFUSAL_MISSING_FIELD);
		return;
	}
	if (why == REFUSAL_NONE)
		why = source_value_read(&taken, view->source, row, unit_of(row, view), &raw);
	if (why == REFUSAL_OUT_OF_RANGE && news->missing == 0) {
		news->refused_value = taken.value;
		news->refused_limit = taken.limit;
	}
	if (why != REFUSAL_NONE)
		note_missing(news, row->field, why);
	else if (taken.is_there)
		keep_value(news, row->field, &taken);
}

/* Whether `text` begins a JSON value that no row could look into: told once for the message. */
static bool is_unreadable(struct source_news *news, struct view *view)
{
	bool needs_json = false;
	enum refusal why = REFUSAL_NONE;

	for (size_t i = 0; i < view->source->row_count; i++) {
		const struct source_row *row = &view->source->rows[i];

		needs_json |= row->path != NULL && strcmp(row->topic, view->message->topic) == 0;
	}
	if (view->is_empty)
		return false;
	if (view->message->length > JSON_MESSAGE_BYTES_MAX)
		why = REFUSAL_TOO_LARGE;
	else if (needs_json)
		why = check_json(view);
	else if (json_message_scan(view->message->payload, view->message->length) ==
		 REFUSAL_BAD_UTF8)
		why = REFUSAL_BAD_UTF8;
	if (why == REFUSAL_NONE && needs_json && !begins_as_json(view))
		why = REFUSAL_WRONG_TYPE;
	news->why = why;
	return why != REFUSAL_NONE;
}

/* The age, and what it or a retained message takes away. */
static void judge_age(struct source_news *news, struct view *view, struct source_state *state,
		      const struct source_now *now)
{
	const struct source *source = view->source;
	struct source_age age = source_age_of(source, state, view->message, now);
	bool is_timed = age.is_known && source->takes_timed_retained;

	news->has_age = age.is_known;
	news->age_ms = age.age_ms;
	news->time_was_set_aside = age.was_set_aside;
	news->is_last_known = view->message->is_retained;
	for (int field = 0; field < SOURCE_FIELD_COUNT; field++) {
		enum refusal why = age.why;

		if ((news->got & SOURCE_BIT(field)) == 0)
			continue;
		if (why == REFUSAL_NONE && view->message->is_retained && !is_timed &&
		    !source_field_info((enum source_field)field)->is_last_known)
			why = REFUSAL_RETAINED;
		if (why == REFUSAL_NONE)
			continue;
		news->got &= ~SOURCE_BIT(field);
		note_missing(news, (enum source_field)field, why);
	}
}

static void hold_values(const struct source_news *news, const struct source *source,
			struct source_state *state, int64_t fresh_for_ms,
			const struct source_now *now)
{
	for (size_t i = 0; i < source->field_count; i++) {
		if ((news->got & SOURCE_BIT(source->fields[i])) == 0)
			continue;
		state->slots[i] = (struct source_slot){
		    .is_set = true,
		    .value = news->value[source->fields[i]],
		    .measured = mono_add(now->mono, -news->age_ms),
		    .fresh_for_ms = fresh_for_ms > 0 && fresh_for_ms < source->stale_after_ms
					? fresh_for_ms
					: source->stale_after_ms,
		};
	}
}

static void take_values(struct source_news *news, struct view *view, struct source_state *state,
			const struct source_now *now)
{
	const struct source *source = view->source;

	for (size_t i = 0; i < source->row_count; i++) {
		if (strcmp(source->rows[i].topic, view->message->topic) == 0)
			take_row(news, view, &source->rows[i]);
	}
	news->missing &= ~news->got; /* another place had it */
	if ((news->got & SOURCE_BIT(SOURCE_REFUSED)) != 0) {
		news->got = 0;
		note_refused(news, SOURCE_REFUSED, REFUSAL_REFUSED);
		return;
	}
	judge_age(news, view, state, now);
	for (int field = 0; field < SOURCE_FIELD_COUNT && news->got == 0; field++) {
		if ((news->missing & SOURCE_BIT(field)) != 0)
			note_refused(news, (enum source_field)field, news->reason[field]);
	}
	hold_values(news, source, state, view->message->fresh_for_ms, now);
	source_phases_add(news, source, state, now->mono);
}

static bool is_of_rows(const struct source *source, const char *topic)
{
	for (size_t i = 0; i < source->row_count; i++) {
		if (strcmp(source->rows[i].topic, topic) == 0)
			return true;
	}
	return false;
}

static bool is_blank(const struct source_message *message)
{
	const char *text = message->payload;

	for (size_t i = 0; i < message->length; i++) {
		if (memchr(" \t\r\n", text[i], 4) == NULL)
			return false;
	}
	return true;
}

void source_take(struct source_news *news, const struct source *source, struct source_state *state,
		 const struct source_message *message, const struct source_now *now)
{
	struct view view = {.source = source, .message = message, .is_empty = is_blank(message)};

	*news = (struct source_news){0};
	news->field = SOURCE_FIELD_COUNT;
	for (size_t i = 0; i < source->available_count; i++) {
		if (strcmp(source->available[i].topic, message->topic) == 0) {
			news->is_ours = true;
			take_presence(news, &view, state, i);
		}
	}
	if (source_time_take(source, state, message, now))
		news->is_ours = true;
	if (!is_of_rows(source, message->topic))
		return;
	news->is_ours = true;
	if (message->length == 0 && source->is_gone_if_empty) {
		state->is_gone = true;
		forget(source, state);
		news->available = SOURCE_DOWN;
		return;
	}
	state->is_gone = false;
	if (presence_of(source, state) == SOURCE_DOWN) {
		/* What a gateway goes on saying of a device that is gone is no news. */
		news->available = SOURCE_DOWN;
		news->why = REFUSAL_UNAVAILABLE;
		return;
	}
	if (!is_unreadable(news, &view))
		take_values(news, &view, state, now);
}

/* ---- what is held ---- */

bool source_value(double *value, int64_t *age_ms, const struct source *source,
		  const struct source_state *state, enum source_field field, struct mono_time now)
{
	int slot = source_slot(source, field);
	int64_t age;

	if (slot < 0 || !state->slots[slot].is_set || presence_of(source, state) == SOURCE_DOWN)
		return false;
	age = mono_since(now, state->slots[slot].measured);
	if (age > state->slots[slot].fresh_for_ms)
		return false;
	*value = state->slots[slot].value;
	*age_ms = age;
	return true;
}

/* Whether a field is a value of a reading, rather than a state, an answer or an event. */
static bool is_value(uint8_t field)
{
	return !source_field_info((enum source_field)field)->is_last_known;
}

/* A reading is as old as its oldest part; states alone are as old as the newest. */
bool source_is_available(const struct source *source, const struct source_state *state,
			 struct mono_time now)
{
	bool is_any_fresh = false;
	double value;
	int64_t age_ms;

	for (size_t i = 0; i < source->field_count; i++) {
		bool is_fresh = source_value(&value, &age_ms, source, state,
					     (enum source_field)source->fields[i], now);

		if (state->slots[i].is_set && !is_fresh && is_value(source->fields[i]))
			return false;
		is_any_fresh |= is_fresh;
	}
	return is_any_fresh;
}
