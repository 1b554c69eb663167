#include "wire/flat_message.h"

#include <errno.h>
#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * Up to so many digits a whole number is exact in a double, and so is each of these powers of ten:
 * one division rounds as strtod() does (Clinger, "How to Read Floating Point Numbers Accurately").
 */
#define EXACT_DIGITS 15

static const double powers[EXACT_DIGITS] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
					    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};

struct reader {
	const char *at, *end;
};

static void skip_blank(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
					    *reader->at == '\n' || *reader->at == '\r'))
		reader->at++;
}

/* Takes `wanted` and the blanks before it. */
static bool take(struct reader *reader, char wanted)
{
	skip_blank(reader);
	if (reader->at == reader->end || *reader->at != wanted)
		return false;
	reader->at++;
	return true;
}

/* What stands between two quotes, of printable ASCII without escapes. */
static bool take_text(struct reader *reader, const char **text, size_t *length)
{
	if (!take(reader, '"'))
		return false;
	*text = reader->at;
	for (; reader->at < reader->end; reader->at++) {
		unsigned char c = (unsigned char)*reader->at;

		if (c == '"') {
			*length = (size_t)(reader->at++ - *text);
			return true;
		}
		if (c < 0x20 || c >= 0x80 || c == '\\')
			return false;
	}
	return false;
}

/* Adds the digits that follow to `digits`. Returns how many there were. */
static size_t take_digits(struct reader *reader, uint64_t *digits)
{
	const char *begin = reader->at;

	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
		if (reader->at - begin < EXACT_DIGITS)
			*digits = *digits * 10 + (uint64_t)(*reader->at - '0');
	}
	return (size_t)(reader->at - begin);
}

/* Without an exponent, and of few digits; leading zeros count among these. */
static bool take_number(struct reader *reader, double *out)
{
	bool is_negative = reader->at < reader->end && *reader->at == '-';
	uint64_t digits = 0;
	size_t whole, part = 0;
	const char *begin;
	double value;

	reader->at += is_negative;
	begin = reader->at;
	whole = take_digits(reader, &digits);
	if (whole == 0 || (whole > 1 && *begin == '0'))
		return false;
	if (reader->at < reader->end && *reader->at == '.') {
		reader->at++;
		part = take_digits(reader, &digits);
		if (part == 0)
			return false;
	}
	if (whole + part > EXACT_DIGITS ||
	    (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E')))
		return false;
	value = (double)digits / powers[part];
	*out = is_negative ? -value : value;
	return true;
}

static bool is_there(const struct flat_message *message, const struct flat_member *member)
{
	for (size_t i = 0; i < message->count; i++) {
		if (message->members[i].name_length == member->name_length &&
		    memcmp(message->members[i].name, member->name, member->name_length) == 0)
			return true;
	}
	return false;
}

static bool take_member(struct reader *reader, struct flat_message *out)
{
	struct flat_member *member = &out->members[out->count];

	if (out->count == FLAT_MEMBERS_MAX ||
	    !take_text(reader, &member->name, &member->name_length) || is_there(out, member) ||
	    !take(reader, ':'))
		return false;
	skip_blank(reader);
	member->text = NULL;
	if (reader->at < reader->end && *reader->at == '"') {
		if (!take_text(reader, &member->text, &member->length))
			return false;
	} else if (!take_number(reader, &member->number)) {
		return false;
	}
	out->count++;
	return true;
}

int flat_message_read(struct flat_message *out, const void *payload, size_t length)
{
	struct reader reader = {payload, (const char *)payload + length};

	out->count = 0;
	/* Where a double is computed with more digits it is rounded twice. */
	if (FLT_EVAL_METHOD != 0 || !take(&reader, '{'))
		return -EINVAL;
	do {
		if (!take_member(&reader, out))
			return -EINVAL;
	} while (take(&reader, ','));
	if (!take(&reader, '}'))
		return -EINVAL;
	skip_blank(&reader);
	return reader.at == reader.end ? 0 : -EINVAL;
}
