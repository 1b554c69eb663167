/*
 * Whether a text is JSON, in one pass: what json_glance_find.c looks into
 * afterwards it need not doubt.
 */
#include "wire/json_glance.h"

#include <stdint.h>
#include <string.h>

#include "wire/json_message.h"
#include "wire/json_reader.h"

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* Passes over a text whose first quote has been taken; `hash` is of what it means. */
static bool pass_text(struct json_reader *reader, uint64_t *hash)
{
	char bytes[4];
	int count;

	*hash = FNV_BASIS;
	while ((count = json_next_bytes(reader, bytes)) > 0) {
		for (int i = 0; i < count; i++)
			*hash = (*hash ^ (unsigned char)bytes[i]) * FNV_PRIME;
	}
	return count == 0;
}

struct check {
	struct json_reader reader;
	size_t values, open_members; /* of all objects that are not closed yet */
	int depth;
	enum refusal why;
	uint64_t members[JSON_GLANCE_MEMBERS_MAX]; /* hashes: two that are equal are one name */
};

static bool check_value(struct check *check);

static bool fails(struct check *check, enum refusal why)
{
	check->why = why;
	return false;
}

static size_t pass_digits(struct json_reader *reader)
{
	const char *begin = reader->at;

	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
		reader->at++;
	return (size_t)(reader->at - begin);
}

static bool pass_number(struct json_reader *reader)
{
	const char *begin;
	size_t digits;

	if (reader->at < reader->end && *reader->at == '-')
		reader->at++;
	begin = reader->at;
	digits = pass_digits(reader);
	if (digits == 0 || (digits > 1 && *begin == '0'))
		return false;
	if (reader->at < reader->end && *reader->at == '.') {
		reader->at++;
		if (pass_digits(reader) == 0)
			return false;
	}
	if (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E')) {
		reader->at++;
		if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-'))
			reader->at++;
		return pass_digits(reader) > 0;
	}
	return true;
}

static bool pass_word(struct json_reader *reader, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

/* One member's name, held against those of the same object, which begin at `first`. */
static bool check_name(struct check *check, size_t first)
{
	uint64_t hash;

	if (!json_take(&check->reader, '"') || !pass_text(&check->reader, &hash))
		return fails(check, REFUSAL_NOT_JSON);
	for (size_t i = first; i < check->open_members; i++) {
		if (check->members[i] == hash)
			return fails(check, REFUSAL_DUPLICATE_KEY);
	}
	if (check->open_members == JSON_GLANCE_MEMBERS_MAX)
		return fails(check, REFUSAL_TOO_LARGE);
	check->members[check->open_members++] = hash;
	return json_take(&check->reader, ':') ? true : fails(check, REFUSAL_NOT_JSON);
}

static bool check_inside(struct check *check, bool is_object, size_t first)
{
	char close = is_object ? '}' : ']';

	if (json_take(&check->reader, close))
		return true;
	do {
		if (is_object && !check_name(check, first))
			return false;
		if (!check_value(check))
			return false;
	} while (json_take(&check->reader, ','));
	return json_take(&check->reader, close) ? true : fails(check, REFUSAL_NOT_JSON);
}

static bool check_group(struct check *check, bool is_object)
{
	size_t first = check->open_members;
	bool is_good;

	if (++check->depth > JSON_MESSAGE_DEPTH_MAX)
		return fails(check, REFUSAL_TOO_DEEP);
	check->reader.at++;
	is_good = check_inside(check, is_object, first);
	check->open_members = first;
	check->depth--;
	return is_good;
}

static bool check_value(struct check *check)
{
	struct json_reader *reader = &check->reader;
	uint64_t hash;
	bool is_good;

	json_skip_blank(reader);
	if (reader->at == reader->end)
		return fails(check, REFUSAL_NOT_JSON);
	if (++check->values > JSON_MESSAGE_VALUES_MAX)
		return fails(check, REFUSAL_TOO_LARGE);
	switch (*reader->at) {
	case '{':
	case '[':
		return check_group(check, *reader->at == '{');
	case '"':
		reader->at++;
		is_good = pass_text(reader, &hash);
		break;
	case 't':
		is_good = pass_word(reader, "true");
		break;
	case 'f':
		is_good = pass_word(reader, "false");
		break;
	case 'n':
		is_good = pass_word(reader, "null");
		break;
	default:
		is_good = pass_number(reader);
	}
	return is_good ? true : fails(check, REFUSAL_NOT_JSON);
}

enum refusal json_glance_check(const void *payload, size_t length)
{
	struct check check;
	enum refusal why = json_message_scan(payload, length);

	/* What it takes for a number that is none is no JSON here, as anywhere. */
	if (why != REFUSAL_NONE)
		return why == REFUSAL_NOT_FINITE ? REFUSAL_NOT_JSON : why;
	check.reader = (struct json_reader){payload, (const char *)payload + length};
	check.values = check.open_members = 0;
	check.depth = 0;
	if (!check_value(&check))
		return check.why;
	json_skip_blank(&check.reader);
	return check.reader.at == check.reader.end ? REFUSAL_NONE : REFUSAL_NOT_JSON;
}
