/*
 * RFC 6690, section 2, as far as finding resources needs it: targets, `rt` and
 * `obs`. Other attributes are passed over by their syntax alone.
 */
#include "wire/link_format.h"

#include <errno.h>
#include <string.h>

struct link_cursor links_of(const void *data, size_t len)
{
	return (struct link_cursor){.data = data, .length = len};
}

static bool is_at(const struct link_cursor *cursor, char c)
{
	return cursor->at < cursor->length && cursor->data[cursor->at] == c;
}

/* Section 2 has none, but answers are seen with blanks and line ends after commas. */
static void skip_blanks(struct link_cursor *cursor)
{
	while (is_at(cursor, ' ') || is_at(cursor, '\t') || is_at(cursor, '\r') ||
	       is_at(cursor, '\n'))
		cursor->at++;
}

static int read_target(struct link_span *out, struct link_cursor *cursor)
{
	size_t start = cursor->at + 1;
	const char *end;

	if (!is_at(cursor, '<'))
		return -EINVAL;
	end = memchr(cursor->data + start, '>', cursor->length - start);
	if (end == NULL)
		return -EINVAL;
	*out = (struct link_span){cursor->data + start, (size_t)(end - cursor->data) - start};
	cursor->at = start + out->length + 1;
	return 0;
}

/* From the opening quote to after the closing one; `out` has what is between. */
static int read_quoted(struct link_span *out, struct link_cursor *cursor)
{
	size_t start = ++cursor->at;

	while (cursor->at < cursor->length && cursor->data[cursor->at] != '"')
		cursor->at += cursor->data[cursor->at] == '\\' ? 2 : 1;
	if (cursor->at >= cursor->length)
		return -EINVAL;
	*out = (struct link_span){cursor->data + start, cursor->at - start};
	cursor->at++;
	return 0;
}

/* A name or an unquoted value: up to what divides. */
static struct link_span read_word(struct link_cursor *cursor)
{
	size_t start = cursor->at;

	while (cursor->at < cursor->length &&
	       memchr("=;,\" \t\r\n", cursor->data[cursor->at], 8) == NULL)
		cursor->at++;
	return (struct link_span){cursor->data + start, cursor->at - start};
}

static bool span_is(struct link_span span, const char *word)
{
	return span.length == strlen(word) && memcmp(span.data, word, span.length) == 0;
}

/* From after the `;`. Only the first `rt` counts, as the RFC asks. */
static int read_attribute(struct link *link, struct link_cursor *cursor)
{
	struct link_span name, value = {"", 0};
	int result = 0;

	skip_blanks(cursor);
	name = read_word(cursor);
	if (name.length == 0)
		return -EINVAL;
	if (is_at(cursor, '=')) {
		cursor->at++;
		if (is_at(cursor, '"'))
			result = read_quoted(&value, cursor);
		else
			value = read_word(cursor);
	}
	if (result != 0)
		return result;
	if (span_is(name, "rt") && link->type.length == 0)
		link->type = value;
	if (span_is(name, "obs"))
		link->is_observable = true;
	skip_blanks(cursor);
	return 0;
}

static int read_link(struct link *link, struct link_cursor *cursor)
{
	int result = read_target(&link->target, cursor);

	skip_blanks(cursor);
	while (result == 0 && is_at(cursor, ';')) {
		cursor->at++;
		result = read_attribute(link, cursor);
	}
	if (result != 0)
		return result;
	if (cursor->at == cursor->length)
		return 0;
	if (!is_at(cursor, ','))
		return -EINVAL;
	cursor->at++;
	return 0;
}

int link_next(struct link_cursor *cursor, struct link *out)
{
	struct link link = {.type = {"", 0}};
	int result;

	if (cursor->length > LINK_FORMAT_MAX)
		return -E2BIG;
	skip_blanks(cursor);
	if (cursor->at >= cursor->length)
		return -ENOENT;
	if (cursor->count == LINKS_MAX)
		return -E2BIG;
	result = read_link(&link, cursor);
	if (result != 0) {
		cursor->at = cursor->length;
		return result;
	}
	cursor->count++;
	*out = link;
	return 0;
}

bool link_has_type(const struct link *link, const char *type)
{
	size_t length = strlen(type), at = 0;

	while (at < link->type.length) {
		const char *word = link->type.data + at;
		const char *end = memchr(word, ' ', link->type.length - at);
		size_t word_length = end != NULL ? (size_t)(end - word) : link->type.length - at;

		if (word_length == length && memcmp(word, type, length) == 0)
			return true;
		at += word_length + 1;
	}
	return false;
}

int links_find(char targets[][LINK_TARGET_MAX], size_t max, const char *type, const void *data,
	       size_t len)
{
	struct link_cursor cursor = links_of(data, len);
	struct link link;
	size_t count = 0;
	int result;

	while ((result = link_next(&cursor, &link)) == 0) {
		if (count == max || !link_has_type(&link, type) ||
		    link.target.length >= LINK_TARGET_MAX || link.target.length == 0 ||
		    link.target.data[0] != '/' ||
		    memchr(link.target.data, '\0', link.target.length))
			continue;
		memcpy(targets[count], link.target.data, link.target.length);
		targets[count++][link.target.length] = '\0';
	}
	return result == -ENOENT ? (int)count : result;
}
