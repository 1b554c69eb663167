/* Looking into what json_glance_check() has passed: a value by its pointer, a list's elements. */
#include "wire/json_glance.h"

#include <string.h>

#include "wire/json_reader.h"

/* Passes over the value at `reader->at`, at its first character. */
static void pass_value(struct json_reader *reader)
{
	int depth = 0;

	do {
		char c = *reader->at;

		if (c == '"') {
			for (reader->at++; *reader->at != '"'; reader->at++)
				reader->at += *reader->at == '\\';
			reader->at++;
		} else if (c == '{' || c == '[') {
			depth++;
			reader->at++;
		} else if (c == '}' || c == ']') {
			depth--;
			reader->at++;
		} else if (depth > 0) {
			reader->at++;
		} else {
			while (reader->at < reader->end &&
			       strchr(" \t\r\n,]}:", *reader->at) == NULL)
				reader->at++;
		}
	} while (depth > 0);
}

static struct json_glance glance_at(struct json_reader *reader)
{
	struct json_glance value = {.at = reader->at};

	switch (*reader->at) {
	case '{':
		value.kind = GLANCE_OBJECT;
		break;
	case '[':
		value.kind = GLANCE_LIST;
		break;
	case '"':
		value.kind = GLANCE_TEXT;
		break;
	case 't':
	case 'f':
		value.kind = GLANCE_BOOL;
		break;
	case 'n':
		value.kind = GLANCE_NULL;
		break;
	default:
		value.kind = GLANCE_NUMBER;
	}
	pass_value(reader);
	value.length = (size_t)(reader->at - value.at);
	return value;
}

/* One token of a pointer, up to the next `/`, with ~0 and ~1 undone; its length, -1 = too long. */
static int take_token(char out[JSON_GLANCE_TEXT_MAX], const char **pointer)
{
	const char *at = *pointer + 1;
	int length = 0;

	for (; *at != '\0' && *at != '/'; at++) {
		if (length == JSON_GLANCE_TEXT_MAX - 1)
			return -1;
		if (at[0] == '~' && (at[1] == '0' || at[1] == '1'))
			out[length++] = *++at == '0' ? '~' : '/';
		else if (at[0] == '~')
			return -1;
		else
			out[length++] = *at;
	}
	out[length] = '\0';
	*pointer = at;
	return length;
}

bool json_pointer_is_valid(const char *pointer)
{
	char token[JSON_GLANCE_TEXT_MAX];

	if (*pointer != '/')
		return *pointer == '\0';
	while (*pointer == '/') {
		if (take_token(token, &pointer) < 0)
			return false;
	}
	return true;
}

int json_glance_text(char out[JSON_GLANCE_TEXT_MAX], const struct json_glance *text)
{
	struct json_reader reader = {text->at + 1, text->at + text->length};
	int length = 0, count;
	char bytes[4];

	while ((count = json_next_bytes(&reader, bytes)) > 0) {
		if (length + count >= JSON_GLANCE_TEXT_MAX)
			return -1;
		memcpy(out + length, bytes, (size_t)count);
		length += count;
	}
	out[length] = '\0';
	return length;
}

static struct json_glance member(const struct json_glance *object, const char *name, int length)
{
	struct json_reader reader = {object->at + 1, object->at + object->length};
	char found[JSON_GLANCE_TEXT_MAX];

	while (json_skip_blank(&reader), *reader.at != '}') {
		struct json_glance key = glance_at(&reader), value;
		bool is_it = (size_t)length == key.length - 2 &&
			     memcmp(key.at + 1, name, (size_t)length) == 0;

		/* An escape makes it longer; the plain bytes alone would not be it then. */
		if (memchr(key.at, '\\', key.length) != NULL)
			is_it = json_glance_text(found, &key) == length &&
				memcmp(found, name, (size_t)length) == 0;
		json_take(&reader, ':');
		json_skip_blank(&reader);
		value = glance_at(&reader);
		if (is_it)
			return value;
		json_take(&reader, ',');
	}
	return (struct json_glance){0};
}

bool json_glance_next(const struct json_glance *list, struct json_glance *element)
{
	const char *from = element->at != NULL ? element->at + element->length : list->at + 1;
	struct json_reader reader = {from, list->at + list->length};

	json_take(&reader, ',');
	json_skip_blank(&reader);
	if (*reader.at == ']')
		return false;
	*element = glance_at(&reader);
	return true;
}

bool json_glance_next_member(const struct json_glance *object, struct json_glance *name,
			     struct json_glance *value)
{
	const char *from = value->at != NULL ? value->at + value->length : object->at + 1;
	struct json_reader reader = {from, object->at + object->length};

	json_take(&reader, ',');
	json_skip_blank(&reader);
	if (*reader.at == '}')
		return false;
	*name = glance_at(&reader);
	json_take(&reader, ':');
	json_skip_blank(&reader);
	*value = glance_at(&reader);
	return true;
}

static struct json_glance element(const struct json_glance *list, const char *token)
{
	struct json_glance found = {0};
	size_t index = 0;

	if (token[0] == '\0' || strlen(token) > 4 || (token[0] == '0' && token[1] != '\0'))
		return found;
	for (; *token != '\0'; token++) {
		if (*token < '0' || *token > '9')
			return found;
		index = index * 10 + (size_t)(*token - '0');
	}
	do {
		if (!json_glance_next(list, &found))
			return (struct json_glance){0};
	} while (index-- > 0);
	return found;
}

struct json_glance json_glance_find(const void *payload, size_t length, const char *pointer)
{
	struct json_reader reader = {payload, (const char *)payload + length};
	char token[JSON_GLANCE_TEXT_MAX];
	struct json_glance value;

	json_skip_blank(&reader);
	value = glance_at(&reader);
	while (*pointer == '/') {
		int token_length = take_token(token, &pointer);

		if (token_length < 0)
			return (struct json_glance){0};
		if (value.kind == GLANCE_OBJECT)
			value = member(&value, token, token_length);
		else if (value.kind == GLANCE_LIST)
			value = element(&value, token);
		else
			return (struct json_glance){0};
	}
	return value;
}
