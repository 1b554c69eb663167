/*
 * From what stands in a message to a value in our unit, with our sign and
 * within its bounds.
 *
 * It decides what counts as a number, as a state and as absence. Where the
 * value stands is source_take.c's.
 */
#include "wire/source_value.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define NOISE 1e-9 /* of a range's end: what scaling by binary fractions may be off by */

/* ---- what stands there ---- */

static void keep_text(struct source_raw *out, const char *text, size_t length)
{
	out->is_cut = length >= sizeof out->text;
	out->length = out->is_cut ? sizeof out->text - 1 : length;
	memcpy(out->text, text, out->length);
	out->text[out->length] = '\0';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *length)
{
	while (*length > 0 && is_blank(**text))
		++*text, --*length;
	while (*length > 0 && is_blank((*text)[*length - 1]))
		--*length;
}

void source_raw_json(struct source_raw *out, const struct json_glance *json)
{
	int length;

	out->json = *json;
	out->is_cut = false;
	out->length = 0;
	switch (json->kind) {
	case GLANCE_NOTHING:
		out->kind = RAW_NOTHING;
		return;
	case GLANCE_LIST:
	case GLANCE_OBJECT:
		out->kind = RAW_GROUP;
		return;
	case GLANCE_TEXT:
		out->kind = RAW_TEXT;
		length = json_glance_text(out->text, json);
		out->is_cut = length < 0;
		out->length = length < 0 ? 0 : (size_t)length;
		return;
	case GLANCE_NULL:
	case GLANCE_BOOL:
	case GLANCE_NUMBER:
		out->kind = json->kind == GLANCE_NULL   ? RAW_NULL
			    : json->kind == GLANCE_BOOL ? RAW_BOOL
							: RAW_NUMBER;
		keep_text(out, json->at, json->length);
		return;
	}
}

void source_raw_plain(struct source_raw *out, const void *payload, size_t length)
{
	const char *text = payload;

	trim(&text, &length);
	out->kind = RAW_PLAIN;
	keep_text(out, text, length);
}

/* ---- words ---- */

static bool is_literal(const char *text)
{
	double number;

	return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ||
	       number_parse(&number, text, strlen(text)) == 0;
}

bool source_raw_is(const struct source_raw *raw, const char *is)
{
	double left, right;

	if (raw->kind == RAW_NOTHING || raw->kind == RAW_GROUP || raw->is_cut)
		return false;
	if (strlen(is) == raw->length && memcmp(is, raw->text, raw->length) == 0)
		return true;
	return (raw->kind == RAW_NUMBER || raw->kind == RAW_PLAIN) &&
	       number_parse(&left, raw->text, raw->length) == 0 &&
	       number_parse(&right, is, strlen(is)) == 0 && left == right;
}

const char *source_map_find(const struct source_map *map, const struct source_raw *raw,
			    bool is_strict)
{
	for (size_t i = 0; i < map->count; i++) {
		/* `true` in quotes is another thing than true where types count. */
		if (is_strict && raw->kind == RAW_TEXT && is_literal(map->words[i].from))
			continue;
		if (source_raw_is(raw, map->words[i].from))
			return map->words[i].to;
	}
	return NULL;
}

bool source_raw_is_absence(const struct source_raw *raw)
{
	static const char *const words[] = {"unavailable", "unknown", "none", "n/a", "---"};

	if (raw->is_cut || (raw->kind != RAW_TEXT && raw->kind != RAW_PLAIN))
		return false;
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
		if (raw->length == strlen(words[i]) &&
		    strncasecmp(raw->text, words[i], raw->length) == 0)
			return true;
	}
	return false;
}

/* ---- numbers ---- */

static enum refusal parse(double *out, const char *text, size_t length)
{
	switch (number_parse(out, text, length)) {
	case 0:
		return REFUSAL_NONE;
	case -ERANGE:
		return REFUSAL_NOT_FINITE;
	default:
		return REFUSAL_BAD_NUMBER;
	}
}

/* What a number cannot be read from, whatever its digits. */
static enum refusal refuse_kind(const struct source_raw *raw, bool is_strict)
{
	if (raw->kind == RAW_NULL)
		return REFUSAL_NULL_VALUE;
	if (raw->kind == RAW_BOOL || raw->kind == RAW_GROUP)
		return REFUSAL_WRONG_TYPE;
	if (source_raw_is_absence(raw))
		return REFUSAL_UNAVAILABLE;
	if (raw->kind == RAW_TEXT && is_strict)
		return REFUSAL_WRONG_TYPE;
	return raw->is_cut ? REFUSAL_BAD_NUMBER : REFUSAL_NONE;
}

enum refusal source_number(double *out, const struct source_raw *raw, bool is_strict)
{
	enum refusal why = refuse_kind(raw, is_strict);
	const char *text = raw->text;
	size_t length = raw->length;

	if (why != REFUSAL_NONE)
		return why;
	trim(&text, &length);
	return parse(out, text, length);
}

/* The part of a text that the row means: one of several, without its suffix. */
static enum refusal part_of(const char **text, size_t *length, const struct source_row *row)
{
	size_t suffix = row->suffix != NULL ? strlen(row->suffix) : 0;

	for (size_t i = 0; row->split != 0 && i < row->index; i++) {
		const char *next = memchr(*text, row->split, *length);

		if (next == NULL)
			return REFUSAL_MISSING_FIELD;
		*length -= (size_t)(next + 1 - *text);
		*text = next + 1;
	}
	if (row->split != 0) {
		const char *end = memchr(*text, row->split, *length);

		*length = end != NULL ? (size_t)(end - *text) : *length;
	}
	trim(text, length);
	if (suffix > 0 && *length > suffix &&
	    memcmp(*text + *length - suffix, row->suffix, suffix) == 0)
		*length -= suffix;
	trim(text, length);
	return REFUSAL_NONE;
}

/* An unsigned number of `bits` bits that carries a signed one. */
static enum refusal unwrap(double *number, uint8_t bits)
{
	double range = ldexp(1, bits);

	if (*number != trunc(*number) || *number < -range / 2 || *number >= range)
		return REFUSAL_OUT_OF_RANGE;
	if (*number >= range / 2)
		*number -= range;
	return REFUSAL_NONE;
}

/* A number as the device counts, before its unit. */
static enum refusal raw_number(double *out, const struct source *source,
			       const struct source_row *row, const struct source_raw *raw)
{
	const char *text = raw->text, *mapped = NULL;
	size_t length = raw->length;
	enum refusal why;

	if (row->map != NULL)
		mapped = source_map_find(row->map, raw, source->is_strict);
	if (mapped != NULL)
		return parse(out, mapped, strlen(mapped));
	why = refuse_kind(raw, source->is_strict);
	if (why == REFUSAL_NONE)
		why = part_of(&text, &length, row);
	if (why == REFUSAL_NONE)
		why = parse(out, text, length);
	if (why != REFUSAL_NONE)
		return why;
	for (size_t i = 0; i < source->null_count; i++) {
		if (*out == source->nulls[i])
			return REFUSAL_NULL_VALUE;
	}
	return row->wrap > 0 ? unwrap(out, row->wrap) : REFUSAL_NONE;
}

/* A list added up; each of its elements must be a number. */
static enum refusal sum_of(double *out, const struct source *source, const struct source_row *row,
			   const struct source_raw *raw)
{
	struct json_glance element = {0};
	struct source_raw part;
	double sum = 0, number = 0;
	bool is_any = false;

	while (json_glance_next(&raw->json, &element)) {
		enum refusal why;

		source_raw_json(&part, &element);
		why = raw_number(&number, source, row, &part);
		if (why != REFUSAL_NONE)
			return why;
		sum += number;
		is_any = true;
	}
	*out = sum;
	return is_any ? REFUSAL_NONE : REFUSAL_MISSING_FIELD;
}

/* Within the range, or on its end but for the noise of binary fractions. */
static bool is_within(double *value, const struct source_field_info *info)
{
	if (*value<info->min && * value> info->min - NOISE)
		*value = info->min;
	if (*value > info->max && *value < info->max + NOISE)
		*value = info->max;
	return *value >= info->min && *value <= info->max;
}

static double rounded(double number, struct source_step step)
{
	double factor = pow(10, step.decimals);

	if (step.rounding == SOURCE_CUT)
		return trunc(number);
	return step.rounding == SOURCE_ROUND ? rint(number * factor) / factor : number;
}

static enum refusal take_number(struct source_taken *out, const struct source *source,
				const struct source_row *row, enum source_unit unit,
				const struct source_raw *raw)
{
	const struct source_field_info *info = source_field_info(row->field);
	bool is_list = raw->kind == RAW_GROUP && raw->json.kind == GLANCE_LIST;
	double number, value;
	enum refusal why = row->is_sum && is_list ? sum_of(&number, source, row, raw)
						  : raw_number(&number, source, row, raw);

	if (why != REFUSAL_NONE)
		return why;
	number = rounded(number, row->before) * row->scale + row->offset;
	value = source_unit_convert(unit, rounded(number, row->after));
	if (row->is_inverted && value != 0)
		value = -value;
	if (!isfinite(value))
		return REFUSAL_NOT_FINITE;
	if (info->kind == SOURCE_IS_WHOLE && value != trunc(value))
		return REFUSAL_WRONG_TYPE;
	out->value = value;
	out->is_there = true;
	if (is_within(&out->value, info))
		return REFUSAL_NONE;
	out->limit = value < info->min ? info->min : info->max;
	return REFUSAL_OUT_OF_RANGE;
}

/* ---- states and words ---- */

/* Why something is no state: its type, where no word of the map could be of that type. */
static enum refusal refuse_state(const struct source_raw *raw, const struct source_map *map,
				 bool is_strict)
{
	bool is_text = raw->kind == RAW_TEXT, has_alike = map == NULL;

	if (raw->kind == RAW_NULL)
		return REFUSAL_NULL_VALUE;
	if (raw->kind == RAW_GROUP)
		return REFUSAL_WRONG_TYPE;
	if (source_raw_is_absence(raw))
		return REFUSAL_UNAVAILABLE;
	for (size_t i = 0; map != NULL && i < map->count; i++)
		has_alike |= is_literal(map->words[i].from) != is_text;
	return is_strict && raw->kind != RAW_PLAIN && !has_alike ? REFUSAL_WRONG_TYPE
								 : REFUSAL_UNKNOWN_STATE;
}

/* What a state is where the row has no words for it. */
static const char *usual_state(const struct source_raw *raw, enum source_field_kind kind)
{
	static const char *const on[] = {"on", "ON", "true"}, *const off[] = {"off", "OFF",
									      "false"};

	for (size_t i = 0; i < ARRAY_LENGTH(on); i++) {
		if (source_raw_is(raw, on[i]))
			return "on";
		if (source_raw_is(raw, off[i]))
			return "off";
	}
	if (kind == SOURCE_IS_FLAG && source_raw_is(raw, "1"))
		return "on";
	return kind == SOURCE_IS_FLAG && source_raw_is(raw, "0") ? "off" : NULL;
}

static enum refusal take_state(struct source_taken *out, const struct source *source,
			       const struct source_row *row, const struct source_raw *raw)
{
	enum source_field_kind kind = source_field_info(row->field)->kind;
	const char *word = row->map != NULL ? source_map_find(row->map, raw, source->is_strict)
					    : usual_state(raw, kind);

	if (word == NULL)
		return refuse_state(raw, row->map, source->is_strict);
	out->value = strcmp(word, "on") == 0 || strcmp(word, "true") == 0;
	out->is_there = true;
	return REFUSAL_NONE;
}

static enum refusal take_word(struct source_taken *out, const struct source *source,
			      const struct source_row *row, const struct source_raw *raw)
{
	out->word = NULL;
	if (row->word != NULL)
		out->word = row->word;
	else if (row->map != NULL)
		out->word = source_map_find(row->map, raw, source->is_strict);
	else if (raw->kind != RAW_NULL)
		out->word = source_field_info(row->field)->name;
	out->is_there = out->word != NULL;
	return REFUSAL_NONE;
}

enum refusal source_value_read(struct source_taken *out, const struct source *source,
			       const struct source_row *row, enum source_unit unit,
			       const struct source_raw *raw)
{
	out->is_there = false;
	switch (source_field_info(row->field)->kind) {
	case SOURCE_IS_WORD:
		return take_word(out, source, row, raw);
	case SOURCE_IS_STATE:
	case SOURCE_IS_FLAG:
		return take_state(out, source, row, raw);
	case SOURCE_IS_NUMBER:
	case SOURCE_IS_WHOLE:
	default:
		return take_number(out, source, row, unit, raw);
	}
}
