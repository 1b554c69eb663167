/*
 * Whether a message may become JSON at all, and the making of it.
 *
 * The scan looks at bytes only: it knows strings from the rest, so that depth
 * and number of values are known before jansson allocates anything. What the
 * values mean is for mapping.c and the *_message.c files.
 */
#include "wire/json_message.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum refusal refusal_with(struct refusal_detail *detail, enum refusal why, const char *field,
			  double value, double limit)
{
	if (detail != NULL) {
		*detail = (struct refusal_detail){.value = value, .limit = limit};
		snprintf(detail->field, sizeof detail->field, "%.*s", REFUSAL_FIELD_MAX - 1, field);
	}
	return why;
}

/* A row of table 3-7 of the Unicode standard: which second byte may follow which first one. */
struct utf8_lead {
	unsigned char first, last;
	unsigned char second_min, second_max;
	unsigned char length;
};

static const struct utf8_lead utf8_leads[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* The length of the character at `at`, whose first byte is 0x80 or above; 0 if it is none. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
	for (size_t i = 0; i < ARRAY_LENGTH(utf8_leads); i++) {
		const struct utf8_lead *lead = &utf8_leads[i];

		if (at[0] < lead->first || at[0] > lead->last)
			continue;
		if (left < lead->length || at[1] < lead->second_min || at[1] > lead->second_max)
			return 0;
		for (size_t k = 2; k < lead->length; k++) {
			if ((at[k] & 0xc0) != 0x80)
				return 0;
		}
		return lead->length;
	}
	return 0;
}

struct scan {
	int depth;
	size_t separators; /* each begins a value or a member's name */
	size_t separators_max;
	bool is_in_string, is_escaped;
};

static void scan_in_string(struct scan *scan, unsigned char c)
{
	if (scan->is_escaped)
		scan->is_escaped = false;
	else if (c == '\\')
		scan->is_escaped = true;
	else if (c == '"')
		scan->is_in_string = false;
}

/* Whether a word that means no number begins here, as some senders print NaN and infinity. */
static bool is_not_finite(const unsigned char *word, size_t left)
{
	const char *text = (const char *)word;

	return left >= 3 && (strncasecmp(text, "nan", 3) == 0 || strncasecmp(text, "inf", 3) == 0);
}

static enum refusal scan_outside(struct scan *scan, const unsigned char *at, size_t left)
{
	switch (*at) {
	case '"':
		scan->is_in_string = true;
		break;
	case '{':
	case '[':
		if (++scan->depth > JSON_MESSAGE_DEPTH_MAX)
			return REFUSAL_TOO_DEEP;
		scan->separators++;
		break;
	case '}':
	case ']':
		scan->depth--;
		break;
	case ':':
	case ',':
		scan->separators++;
		break;
	case 'N':
	case 'n':
	case 'I':
	case 'i':
		if (is_not_finite(at, left))
			return REFUSAL_NOT_FINITE;
		break;
	}
	return scan->separators > scan->separators_max ? REFUSAL_TOO_LARGE : REFUSAL_NONE;
}

static bool is_blank(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (memchr(" \t\r\n", bytes[i], 4) == NULL)
			return false;
	}
	return true;
}

static enum refusal scan_within(const void *payload, size_t len, const struct json_bounds *bounds)
{
	const unsigned char *bytes = payload;
	struct scan scan = {.separators_max = bounds->values_max};
	enum refusal why;

	if (len > bounds->bytes_max)
		return REFUSAL_TOO_LARGE;
	if (len == 0 || is_blank(bytes, len))
		return REFUSAL_EMPTY;
	for (size_t at = 0; at < len;) {
		size_t length = bytes[at] < 0x80 ? 1 : utf8_length(bytes + at, len - at);

		if (length == 0)
			return REFUSAL_BAD_UTF8;
		if (scan.is_in_string) {
			scan_in_string(&scan, bytes[at]);
		} else {
			why = scan_outside(&scan, bytes + at, len - at);
			if (why != REFUSAL_NONE)
				return why;
		}
		at += length;
	}
	return REFUSAL_NONE;
}

static const struct json_bounds usual_bounds = {.bytes_max = JSON_MESSAGE_BYTES_MAX,
						.values_max = JSON_MESSAGE_VALUES_MAX};

enum refusal json_message_scan(const void *payload, size_t len)
{
	return scan_within(payload, len, &usual_bounds);
}

static enum refusal refusal_of(const json_error_t *error, enum json_numbers numbers)
{
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return REFUSAL_DUPLICATE_KEY;
	case json_error_numeric_overflow:
		/* A long integer is a number; 1e999 is none that a double can hold. */
		if (numbers == JSON_NUMBERS_KEPT && strstr(error->text, "integer") != NULL)
			return REFUSAL_OUT_OF_RANGE;
		return REFUSAL_NOT_FINITE;
	default:
		return REFUSAL_NOT_JSON;
	}
}

enum refusal json_message_load_within(json_t **out, const void *payload, size_t len,
				      enum json_numbers numbers, const struct json_bounds *bounds)
{
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY |
		       (numbers == JSON_NUMBERS_AS_REAL ? JSON_DECODE_INT_AS_REAL : 0);
	enum refusal why = scan_within(payload, len, bounds);
	json_error_t error;
	json_t *json;

	if (why != REFUSAL_NONE)
		return why;
	json = json_loadb(payload, len, flags, &error);
	if (json == NULL)
		return refusal_of(&error, numbers);
	*out = json;
	return REFUSAL_NONE;
}

enum refusal json_message_load_any(json_t **out, const void *payload, size_t len,
				   enum json_numbers numbers)
{
	return json_message_load_within(out, payload, len, numbers, &usual_bounds);
}

/* Of any value, so that a lone number is a wrong type rather than no JSON. */
enum refusal json_message_load(json_t **out, const void *payload, size_t len,
			       enum json_numbers numbers)
{
	json_t *json;
	enum refusal why = json_message_load_any(&json, payload, len, numbers);

	if (why != REFUSAL_NONE)
		return why;
	if (!json_is_object(json)) {
		json_decref(json);
		return REFUSAL_WRONG_TYPE;
	}
	*out = json;
	return REFUSAL_NONE;
}
