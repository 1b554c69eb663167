/* Any bytes as JSON: what is taken here jansson takes, and each value found is the same there. */
#include "wire/json_glance.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/json_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct json_glance *value, json_t *json);

static void compare_list(const struct json_glance *list, json_t *json)
{
	struct json_glance element = {0};
	size_t count = 0;

	while (json_glance_next(list, &element)) {
		compare(&element, json_array_get(json, count));
		count++;
	}
	if (count != json_array_size(json))
		abort();
}

/* Each member by its pointer, where its name has room in one. */
static void compare_object(const struct json_glance *object, json_t *json)
{
	const char *name;
	json_t *value;

	json_object_foreach(json, name, value)
	{
		char pointer[2 * JSON_GLANCE_TEXT_MAX + 2] = "/";
		size_t length = 1;
		struct json_glance found;

		if (strlen(name) >= JSON_GLANCE_TEXT_MAX)
			continue;
		for (const char *at = name; *at != '\0'; at++) {
			if (*at == '~' || *at == '/') {
				pointer[length++] = '~';
				pointer[length++] = *at == '~' ? '0' : '1';
			} else {
				pointer[length++] = *at;
			}
		}
		pointer[length] = '\0';
		found = json_glance_find(object->at, object->length, pointer);
		if (found.kind == GLANCE_NOTHING)
			abort();
		compare(&found, value);
	}
}

static void compare(const struct json_glance *value, json_t *json)
{
	static const int types[] = {[GLANCE_NULL] = JSON_NULL,
				    [GLANCE_NUMBER] = JSON_REAL,
				    [GLANCE_TEXT] = JSON_STRING,
				    [GLANCE_LIST] = JSON_ARRAY,
				    [GLANCE_OBJECT] = JSON_OBJECT};
	char text[JSON_GLANCE_TEXT_MAX];
	double number;
	int length;

	if (json == NULL)
		abort();
	if (value->kind == GLANCE_BOOL ? !json_is_boolean(json)
				       : types[value->kind] != (int)json_typeof(json))
		abort();
	if (value->kind == GLANCE_LIST)
		compare_list(value, json);
	if (value->kind == GLANCE_OBJECT)
		compare_object(value, json);
	if (value->kind == GLANCE_NUMBER && number_parse(&number, value->at, value->length) == 0 &&
	    number != json_real_value(json))
		abort();
	length = value->kind == GLANCE_TEXT ? json_glance_text(text, value) : -1;
	if (length >= 0 && ((size_t)length != json_string_length(json) ||
			    memcmp(text, json_string_value(json), (size_t)length) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL;
	enum refusal why = json_glance_check(data, size);
	struct json_glance whole;
	json_error_t error;
	json_t *json;

	if (why == REFUSAL_TOO_LARGE || why == REFUSAL_TOO_DEEP)
		return 0; /* bounds that are ours alone */
	/* jansson passes over a zero after a number: `[1\0]`. We do not. */
	if (why == REFUSAL_NOT_JSON && memchr(data, 0, size) != NULL)
		return 0;
	json = json_loadb((const char *)data, size, flags, &error);
	/* A number that no double holds is no error before somebody looks at it. */
	if (json == NULL && json_error_code(&error) == json_error_numeric_overflow)
		return 0;
	if ((why == REFUSAL_NONE) != (json != NULL))
		abort();
	if (json == NULL)
		return 0;
	whole = json_glance_find(data, size, "");
	compare(&whole, json);
	json_decref(json);
	return 0;
}
