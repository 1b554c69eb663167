/*
 * Reading a message by a mapping: find each value, take it for what it is to
 * be, hold it against its range.
 *
 * It decides what can be read and what is within bounds. Whether the values
 * agree with each other is for sensor_message.c, whether they are believable
 * for core/intake.
 */
#include "wire/mapping.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/flat_message.h"
#include "wire/topic.h"

#define POINTER_TOKEN_MAX 128
#define WHOLE_NUMBER_MAX 9007199254740992.0 /* 2^53: up to here a double is exact */
#define TIME_MS_MAX 253402300799999.0       /* 9999-12-31T23:59:59.999Z */

static const struct quantity_range ranges[QUANTITY_COUNT] = {
    [QUANTITY_NODE] = {QUANTITY_IS_NAME, 0, WHOLE_NUMBER_MAX, ""},
    [QUANTITY_SOC] = {QUANTITY_IS_NUMBER, 0, SOC_BP_MAX / 100.0, "%"},
    [QUANTITY_TEMP] = {QUANTITY_IS_NUMBER, TEMP_MC_MIN / 1e3, TEMP_MC_MAX / 1e3, "°C"},
    [QUANTITY_TEMP_MAX] = {QUANTITY_IS_NUMBER, TEMP_MC_MIN / 1e3, TEMP_MC_MAX / 1e3, "°C"},
    /* Generous: what no home battery reaches, so that only nonsense is refused. */
    [QUANTITY_VOLTAGE] = {QUANTITY_IS_NUMBER, 0, 2000, "V"},
    [QUANTITY_CURRENT] = {QUANTITY_IS_NUMBER, -10e3, 10e3, "A"},
    [QUANTITY_POWER] = {QUANTITY_IS_NUMBER, -10e6, 10e6, "W"},
    [QUANTITY_SOH] = {QUANTITY_IS_NUMBER, 0, 120, "%"}, /* new cells measure above 100 */
    [QUANTITY_INTERVAL] = {QUANTITY_IS_NUMBER, 0.001, 86400, "s"},
    [QUANTITY_SEQUENCE] = {QUANTITY_IS_WHOLE, 0, WHOLE_NUMBER_MAX, ""},
    [QUANTITY_TIME] = {QUANTITY_IS_TIME, 0, TIME_MS_MAX, "ms"},
    [QUANTITY_CELLS] = {QUANTITY_IS_NUMBERS, 0, 20, "V"}, /* a lead-acid block is a cell too */
};

const struct quantity_range *quantity_range(enum quantity quantity)
{
	return &ranges[quantity];
}

static const struct mapping_row amphora_rows[] = {
    {QUANTITY_NODE, "node", 1, true},          {QUANTITY_SOC, "SoC", 1, true},
    {QUANTITY_TEMP, "Temp", 1, true},          {QUANTITY_TEMP_MAX, "TempMax", 1, false},
    {QUANTITY_TIME, "ts", 1, false},           {QUANTITY_SEQUENCE, "seq", 1, false},
    {QUANTITY_VOLTAGE, "V", 1, false},         {QUANTITY_CURRENT, "A", 1, false},
    {QUANTITY_POWER, "W", 1, false},           {QUANTITY_SOH, "SoH", 1, false},
    {QUANTITY_INTERVAL, "interval", 1, false}, {QUANTITY_CELLS, "cells", 1, false},
};

static const struct mapping amphora_mapping = {
    .topic = TOPIC_BATTERY,
    .row_count = ARRAY_LENGTH(amphora_rows),
    .rows = amphora_rows,
};

const struct mapping *mapping_amphora(void)
{
	return &amphora_mapping;
}

/* A value of the message; all zero where there is none. */
struct found {
	enum { FOUND_NOTHING, FOUND_NUMBER, FOUND_TEXT, FOUND_OTHER } kind;
	double number;
	const char *text;
	size_t length;      /* of the text */
	const json_t *json; /* where it was read through JSON, as any other kind is */
};

/* Every number is a real here: see JSON_NUMBERS_AS_REAL. */
static struct found found_json(const json_t *value)
{
	struct found found = {.json = value};

	if (json_is_real(value)) {
		found.kind = FOUND_NUMBER;
		found.number = json_real_value(value);
	} else if (json_is_string(value)) {
		found.kind = FOUND_TEXT;
		found.text = json_string_value(value);
		found.length = json_string_length(value);
	} else if (value != NULL) {
		found.kind = FOUND_OTHER;
	}
	return found;
}

/* ---- finding ---- */

/* Copies one token of a JSON Pointer, up to the next `/`, with ~0 and ~1 undone. */
static int pointer_token(char out[POINTER_TOKEN_MAX], const char **pointer)
{
	const char *at = *pointer + 1;
	size_t length = 0;

	for (; *at != '\0' && *at != '/'; at++) {
		if (length == POINTER_TOKEN_MAX - 1)
			return -EINVAL;
		if (at[0] == '~' && (at[1] == '0' || at[1] == '1'))
			out[length++] = *++at == '0' ? '~' : '/';
		else
			out[length++] = *at;
	}
	out[length] = '\0';
	*pointer = at;
	return 0;
}

static const json_t *element(const json_t *array, const char *token)
{
	size_t index = 0;

	if (token[0] == '\0' || strlen(token) > 4 || (token[0] == '0' && token[1] != '\0'))
		return NULL;
	for (; *token != '\0'; token++) {
		if (*token < '0' || *token > '9')
			return NULL;
		index = index * 10 + (size_t)(*token - '0');
	}
	return json_array_get(array, index);
}

static const json_t *at_pointer(const json_t *json, const char *pointer)
{
	char token[POINTER_TOKEN_MAX];

	while (json != NULL && *pointer == '/') {
		if (pointer_token(token, &pointer) != 0)
			return NULL;
		json = json_is_array(json) ? element(json, token) : json_object_get(json, token);
	}
	return json;
}

/* Which row means the member `key`, of `length` bytes, or -1. */
static int row_of_member(const struct mapping *mapping, const char *key, size_t length)
{
	for (size_t i = 0; i < mapping->row_count; i++) {
		const char *place = mapping->rows[i].place;

		if (place[0] != '/' && strncasecmp(place, key, length) == 0 &&
		    place[length] == '\0')
			return (int)i;
	}
	return -1;
}

#define ROWS_MAX 32

/* One member of the outermost object; `SoC` beside `soc` is a duplicate. */
static enum refusal find_member(struct found found[ROWS_MAX], const struct mapping *mapping,
				const char *key, size_t length, struct found value,
				struct refusal_detail *detail)
{
	int row = row_of_member(mapping, key, length);

	if (row < 0)
		return REFUSAL_NONE;
	if (found[row].kind != FOUND_NOTHING)
		return refusal_with(detail, REFUSAL_DUPLICATE_KEY, mapping->rows[row].place, NAN,
				    NAN);
	found[row] = value;
	return REFUSAL_NONE;
}

static enum refusal find_values(struct found found[ROWS_MAX], const struct mapping *mapping,
				json_t *message, struct refusal_detail *detail)
{
	enum refusal why = REFUSAL_NONE;
	const char *key;
	json_t *value;

	for (size_t i = 0; i < mapping->row_count; i++)
		found[i] = mapping->rows[i].place[0] == '/'
			       ? found_json(at_pointer(message, mapping->rows[i].place))
			       : (struct found){0};
	json_object_foreach(message, key, value)
	{
		why = find_member(found, mapping, key, strlen(key), found_json(value), detail);
		if (why != REFUSAL_NONE)
			break;
	}
	return why;
}

/* The same for what could be read without JSON, by a mapping without pointers. */
static enum refusal find_flat(struct found found[ROWS_MAX], const struct mapping *mapping,
			      const struct flat_message *message, struct refusal_detail *detail)
{
	enum refusal why = REFUSAL_NONE;

	memset(found, 0, mapping->row_count * sizeof(*found));
	for (size_t i = 0; i < message->count && why == REFUSAL_NONE; i++) {
		const struct flat_member *member = &message->members[i];
		struct found value = {.kind = member->text != NULL ? FOUND_TEXT : FOUND_NUMBER,
				      .number = member->number,
				      .text = member->text,
				      .length = member->length};

		why = find_member(found, mapping, member->name, member->name_length, value, detail);
	}
	return why;
}

static bool has_pointers(const struct mapping *mapping)
{
	for (size_t i = 0; i < mapping->row_count; i++) {
		if (mapping->rows[i].place[0] == '/')
			return true;
	}
	return false;
}

static enum refusal check_required(const struct found found[ROWS_MAX],
				   const struct mapping *mapping, struct refusal_detail *detail)
{
	for (size_t i = 0; i < mapping->row_count; i++) {
		if (found[i].kind == FOUND_NOTHING && mapping->rows[i].is_required)
			return refusal_with(detail, REFUSAL_MISSING_FIELD, mapping->rows[i].place,
					    NAN, NAN);
	}
	return REFUSAL_NONE;
}

/* ---- taking ---- */

static enum refusal take_number(double *out, const struct found *value, double scale)
{
	if (value->kind != FOUND_NUMBER)
		return REFUSAL_WRONG_TYPE;
	*out = value->number * scale;
	return isfinite(*out) ? REFUSAL_NONE : REFUSAL_NOT_FINITE;
}

static enum refusal take_whole(double *out, const struct found *value)
{
	enum refusal why = take_number(out, value, 1);

	return why == REFUSAL_NONE && *out != trunc(*out) ? REFUSAL_WRONG_TYPE : why;
}

static enum refusal take_name(struct mapped *out, const struct found *value)
{
	char digits[32];
	double number;

	if (value->kind == FOUND_TEXT)
		return ident_parse(&out->node, value->text, value->length) == 0
			   ? REFUSAL_NONE
			   : REFUSAL_WRONG_TYPE;
	if (take_whole(&number, value) != REFUSAL_NONE || number < 0 || number > WHOLE_NUMBER_MAX)
		return REFUSAL_WRONG_TYPE;
	snprintf(digits, sizeof digits, "%.0f", number);
	return ident_parse(&out->node, digits, strlen(digits)) == 0 ? REFUSAL_NONE
								    : REFUSAL_WRONG_TYPE;
}

/* `number` is in ms afterwards, for the range; `time` is set by store_time(). */
static enum refusal take_time(double *number, const struct found *value)
{
	struct wall_time time;
	enum refusal why;

	if (value->kind == FOUND_TEXT) {
		if (wall_parse(&time, value->text, value->length) != 0)
			return REFUSAL_WRONG_TYPE;
		*number = (double)time.ms;
		return REFUSAL_NONE;
	}
	why = take_number(number, value, 1);
	if (why == REFUSAL_NONE && fabs(*number) < MAPPING_EPOCH_MS_FROM)
		*number *= MS_PER_SECOND;
	return why;
}

static enum refusal take_numbers(struct mapped *out, const struct found *value, double scale)
{
	enum refusal why = REFUSAL_NONE;

	if (!json_is_array(value->json))
		return REFUSAL_WRONG_TYPE;
	if (json_array_size(value->json) > CELLS_MAX)
		return REFUSAL_TOO_LARGE;
	out->cell_count = json_array_size(value->json);
	for (size_t i = 0; i < out->cell_count && why == REFUSAL_NONE; i++) {
		struct found cell = found_json(json_array_get(value->json, i));

		why = take_number(&out->cells_v[i], &cell, scale);
	}
	return why;
}

static enum refusal take_value(struct mapped *out, const struct mapping_row *row,
			       const struct found *value)
{
	double *number = &out->number[row->quantity];

	out->has[row->quantity] = true;
	switch (ranges[row->quantity].kind) {
	case QUANTITY_IS_NAME:
		return take_name(out, value);
	case QUANTITY_IS_TIME:
		return take_time(number, value);
	case QUANTITY_IS_NUMBERS:
		return take_numbers(out, value, row->scale);
	case QUANTITY_IS_WHOLE:
		return take_whole(number, value);
	case QUANTITY_IS_NUMBER:
	default:
		return take_number(number, value, row->scale);
	}
}

static enum refusal take_values(struct mapped *out, const struct mapping *mapping,
				const struct found found[ROWS_MAX], struct refusal_detail *detail)
{
	for (size_t i = 0; i < mapping->row_count; i++) {
		const struct mapping_row *row = &mapping->rows[i];
		enum refusal why;

		if (found[i].kind == FOUND_NOTHING)
			continue;
		why = take_value(out, row, &found[i]);
		if (why != REFUSAL_NONE)
			return refusal_with(detail, why, row->place, NAN, NAN);
	}
	return REFUSAL_NONE;
}

/* ---- holding against the range ---- */

static enum refusal check_number(double number, const struct mapping_row *row,
				 struct refusal_detail *detail)
{
	const struct quantity_range *range = &ranges[row->quantity];

	if (number >= range->min && number <= range->max)
		return REFUSAL_NONE;
	return refusal_with(detail, REFUSAL_OUT_OF_RANGE, row->place, number,
			    number < range->min ? range->min : range->max);
}

static enum refusal check_value(const struct mapped *mapped, const struct mapping_row *row,
				struct refusal_detail *detail)
{
	enum refusal why = REFUSAL_NONE;

	switch (ranges[row->quantity].kind) {
	case QUANTITY_IS_NAME:
		return REFUSAL_NONE;
	case QUANTITY_IS_NUMBERS:
		for (size_t i = 0; i < mapped->cell_count && why == REFUSAL_NONE; i++)
			why = check_number(mapped->cells_v[i], row, detail);
		return why;
	default:
		return check_number(mapped->number[row->quantity], row, detail);
	}
}

static enum refusal check_values(const struct mapped *mapped, const struct mapping *mapping,
				 struct refusal_detail *detail)
{
	for (size_t i = 0; i < mapping->row_count; i++) {
		enum refusal why = REFUSAL_NONE;

		if (mapped->has[mapping->rows[i].quantity])
			why = check_value(mapped, &mapping->rows[i], detail);
		if (why != REFUSAL_NONE)
			return why;
	}
	return REFUSAL_NONE;
}

static enum refusal read_found(struct mapped *mapped, const struct mapping *mapping,
			       const struct ident *expected_node,
			       const struct found found[ROWS_MAX], struct refusal_detail *detail)
{
	enum refusal why = check_required(found, mapping, detail);

	if (why == REFUSAL_NONE)
		why = take_values(mapped, mapping, found, detail);
	if (why != REFUSAL_NONE)
		return why;
	/* Before the ranges: what another node says is no reason to open our relays. */
	if (expected_node != NULL && mapped->has[QUANTITY_NODE] &&
	    !ident_equal(expected_node, &mapped->node))
		return refusal_with(detail, REFUSAL_NODE_MISMATCH, "node", NAN, NAN);
	return check_values(mapped, mapping, detail);
}

static enum refusal read_json(struct mapped *mapped, const struct mapping *mapping,
			      const struct ident *expected_node, const void *payload, size_t len,
			      struct refusal_detail *detail)
{
	struct found found[ROWS_MAX];
	json_t *message;
	enum refusal why = json_message_load(&message, payload, len, JSON_NUMBERS_AS_REAL);

	if (why != REFUSAL_NONE)
		return refusal_with(detail, why, "", NAN, NAN);
	why = find_values(found, mapping, message, detail);
	if (why == REFUSAL_NONE)
		why = read_found(mapped, mapping, expected_node, found, detail);
	json_decref(message);
	return why;
}

enum refusal mapping_read(struct mapped *out, const struct mapping *mapping,
			  const struct ident *expected_node, const void *payload, size_t len,
			  struct refusal_detail *detail)
{
	struct mapped mapped = {0};
	struct found found[ROWS_MAX];
	struct flat_message flat;
	enum refusal why;

	if (len <= JSON_MESSAGE_BYTES_MAX && !has_pointers(mapping) &&
	    flat_message_read(&flat, payload, len) == 0) {
		why = find_flat(found, mapping, &flat, detail);
		if (why == REFUSAL_NONE)
			why = read_found(&mapped, mapping, expected_node, found, detail);
	} else {
		why = read_json(&mapped, mapping, expected_node, payload, len, detail);
	}
	if (why != REFUSAL_NONE)
		return why;
	mapped.time.ms = llround(mapped.number[QUANTITY_TIME]);
	*out = mapped;
	return REFUSAL_NONE;
}
