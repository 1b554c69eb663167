/* CBOR item by item, see cbor.h. */
#include "wire/cbor.h"

#include <math.h>
#include <string.h>

#define TAG_DECIMAL_FRACTION 4
#define EXPONENT_MAX 400 /* beyond it there is no finite double */

enum major {
	MAJOR_UNSIGNED,
	MAJOR_NEGATIVE,
	MAJOR_BYTES,
	MAJOR_TEXT,
	MAJOR_ARRAY,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_SIMPLE
};

enum { INFO_ONE_BYTE = 24, INFO_TWO, INFO_FOUR, INFO_EIGHT, INFO_INDEFINITE = 31 };
enum { SIMPLE_FALSE = 20, SIMPLE_TRUE, SIMPLE_NULL, SIMPLE_UNDEFINED };

struct head {
	enum major major;
	uint8_t info;
	uint64_t argument;
};

static enum refusal take_head(struct head *out, struct cbor_cursor *cursor)
{
	struct head head;
	size_t extra;

	if (cursor->left == 0)
		return REFUSAL_BAD_LENGTH;
	head.major = (enum major)(cursor->at[0] >> 5);
	head.info = cursor->at[0] & 0x1f;
	head.argument = head.info;
	if (head.info > INFO_EIGHT && head.info != INFO_INDEFINITE)
		return REFUSAL_WRONG_TYPE;
	extra = head.info >= INFO_ONE_BYTE && head.info <= INFO_EIGHT
		    ? (size_t)1 << (head.info - INFO_ONE_BYTE)
		    : 0;
	if (cursor->left < 1 + extra)
		return REFUSAL_BAD_LENGTH;
	if (extra > 0)
		head.argument = 0;
	for (size_t i = 0; i < extra; i++)
		head.argument = head.argument << 8 | cursor->at[1 + i];
	cursor->at += 1 + extra;
	cursor->left -= 1 + extra;
	*out = head;
	return REFUSAL_NONE;
}

static double half_float(uint16_t raw)
{
	int exponent = raw >> 10 & 0x1f;
	double fraction = raw & 0x3ff, number;

	if (exponent == 0)
		number = ldexp(fraction, -24);
	else if (exponent < 31)
		number = ldexp(fraction + 1024, exponent - 25);
	else
		number = fraction == 0 ? (double)INFINITY : (double)NAN;
	return raw & 0x8000 ? -number : number;
}

static double float_of(const struct head *head)
{
	uint32_t raw = (uint32_t)head->argument;
	double number;
	float small;

	if (head->info == INFO_TWO)
		return half_float((uint16_t)raw);
	if (head->info == INFO_FOUR) {
		memcpy(&small, &raw, sizeof small);
		return (double)small;
	}
	memcpy(&number, &head->argument, sizeof number);
	return number;
}

static enum refusal take_simple(struct cbor_item *item, const struct head *head)
{
	switch (head->info) {
	case SIMPLE_FALSE:
	case SIMPLE_TRUE:
		item->type = CBOR_BOOL;
		item->number = head->info == SIMPLE_TRUE;
		return REFUSAL_NONE;
	case SIMPLE_NULL:
	case SIMPLE_UNDEFINED:
		item->type = CBOR_NULL;
		return REFUSAL_NONE;
	case INFO_TWO:
	case INFO_FOUR:
	case INFO_EIGHT:
		item->type = CBOR_NUMBER;
		item->number = float_of(head);
		return isfinite(item->number) ? REFUSAL_NONE : REFUSAL_NOT_FINITE;
	case INFO_INDEFINITE:
		item->type = CBOR_BREAK;
		return REFUSAL_NONE;
	default:
		item->type = CBOR_OTHER;
		return REFUSAL_NONE;
	}
}

static enum refusal take_string(struct cbor_item *item, const struct head *head,
				struct cbor_cursor *cursor)
{
	if (head->info == INFO_INDEFINITE)
		return REFUSAL_WRONG_TYPE;
	if (head->argument > cursor->left)
		return REFUSAL_BAD_LENGTH;
	item->type = head->major == MAJOR_TEXT ? CBOR_TEXT : CBOR_BYTES;
	item->text = (const char *)cursor->at;
	item->length = (size_t)head->argument;
	cursor->at += item->length;
	cursor->left -= item->length;
	return REFUSAL_NONE;
}

/* Each item of an array needs a byte at least, and a pair two: no more than that is believed. */
static enum refusal take_container(struct cbor_item *item, const struct head *head,
				   const struct cbor_cursor *cursor)
{
	item->type = head->major == MAJOR_ARRAY ? CBOR_ARRAY : CBOR_MAP;
	item->count = CBOR_INDEFINITE;
	if (head->info == INFO_INDEFINITE)
		return REFUSAL_NONE;
	if (head->argument > cursor->left / (head->major == MAJOR_MAP ? 2 : 1))
		return REFUSAL_BAD_LENGTH;
	item->count = (size_t)head->argument;
	return REFUSAL_NONE;
}

static enum refusal take_whole(double *out, struct cbor_cursor *cursor)
{
	struct head head;
	enum refusal why = take_head(&head, cursor);

	if (why != REFUSAL_NONE)
		return why;
	if (head.major > MAJOR_NEGATIVE || head.info == INFO_INDEFINITE)
		return REFUSAL_WRONG_TYPE;
	*out = head.major == MAJOR_UNSIGNED ? (double)head.argument : -1 - (double)head.argument;
	return REFUSAL_NONE;
}

/* [exponent, mantissa], of base 10 (RFC 8949, 3.4.4). */
static enum refusal take_fraction(struct cbor_item *item, struct cbor_cursor *cursor)
{
	double exponent, mantissa;
	struct head head;
	enum refusal why = take_head(&head, cursor);

	if (why == REFUSAL_NONE && (head.major != MAJOR_ARRAY || head.argument != 2))
		why = REFUSAL_WRONG_TYPE;
	if (why == REFUSAL_NONE)
		why = take_whole(&exponent, cursor);
	if (why == REFUSAL_NONE)
		why = take_whole(&mantissa, cursor);
	if (why != REFUSAL_NONE)
		return why;
	item->type = CBOR_NUMBER;
	/* Divided, as 10^-n is not what its double is: 241 and -1 is 24.1. */
	item->number = exponent < 0 ? mantissa / pow(10, fmin(-exponent, EXPONENT_MAX))
				    : mantissa * pow(10, fmin(exponent, EXPONENT_MAX));
	return isfinite(item->number) ? REFUSAL_NONE : REFUSAL_NOT_FINITE;
}

static enum refusal take_item(struct cbor_item *item, const struct head *head,
			      struct cbor_cursor *cursor)
{
	switch (head->major) {
	case MAJOR_UNSIGNED:
	case MAJOR_NEGATIVE:
		if (head->info == INFO_INDEFINITE)
			return REFUSAL_WRONG_TYPE;
		item->type = CBOR_NUMBER;
		item->number = head->major == MAJOR_UNSIGNED ? (double)head->argument
							     : -1 - (double)head->argument;
		return REFUSAL_NONE;
	case MAJOR_BYTES:
	case MAJOR_TEXT:
		return take_string(item, head, cursor);
	case MAJOR_ARRAY:
	case MAJOR_MAP:
		return take_container(item, head, cursor);
	case MAJOR_TAG:
		return REFUSAL_WRONG_TYPE;
	case MAJOR_SIMPLE:
		break;
	}
	return take_simple(item, head);
}

enum refusal cbor_next(struct cbor_item *out, struct cbor_cursor *cursor)
{
	struct cbor_item item = {0};
	struct head head;
	enum refusal why = take_head(&head, cursor);

	if (why != REFUSAL_NONE)
		return why;
	if (head.major == MAJOR_TAG && head.info != INFO_INDEFINITE &&
	    head.argument == TAG_DECIMAL_FRACTION)
		why = take_fraction(&item, cursor);
	else
		why = take_item(&item, &head, cursor);
	if (why == REFUSAL_NONE)
		*out = item;
	return why;
}

static enum refusal skip_within(struct cbor_cursor *cursor, const struct cbor_item *item, int depth)
{
	size_t left = item->count;

	if (item->type != CBOR_ARRAY && item->type != CBOR_MAP)
		return REFUSAL_NONE;
	if (depth == CBOR_DEPTH_MAX)
		return REFUSAL_TOO_DEEP;
	if (item->type == CBOR_MAP && left != CBOR_INDEFINITE)
		left *= 2;
	while (left > 0) {
		struct cbor_item inner;
		enum refusal why = cbor_next(&inner, cursor);

		if (why != REFUSAL_NONE)
			return why;
		if (inner.type == CBOR_BREAK)
			return item->count == CBOR_INDEFINITE ? REFUSAL_NONE : REFUSAL_WRONG_TYPE;
		why = skip_within(cursor, &inner, depth + 1);
		if (why != REFUSAL_NONE)
			return why;
		if (left != CBOR_INDEFINITE)
			left--;
	}
	return REFUSAL_NONE;
}

enum refusal cbor_skip(struct cbor_cursor *cursor, const struct cbor_item *item)
{
	return skip_within(cursor, item, 0);
}
