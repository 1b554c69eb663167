/* Any bytes as the usual message: what is read without jansson, jansson reads likewise. */
#include "wire/flat_message.h"

#include <stdlib.h>
#include <string.h>

#include "wire/json_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *value_of(const json_t *object, const struct flat_member *member)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value)
	{
		if (strlen(name) == member->name_length &&
		    memcmp(name, member->name, member->name_length) == 0)
			return value;
	}
	return NULL;
}

static void compare(const json_t *value, const struct flat_member *member)
{
	double number;

	if (member->text != NULL) {
		if (!json_is_string(value) || json_string_length(value) != member->length ||
		    memcmp(json_string_value(value), member->text, member->length) != 0)
			abort();
		return;
	}
	number = json_real_value(value);
	if (!json_is_real(value) || memcmp(&number, &member->number, sizeof(number)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flat_message flat;
	json_t *json;

	if (size > JSON_MESSAGE_BYTES_MAX || flat_message_read(&flat, data, size) != 0)
		return 0;
	if (json_message_load(&json, data, size, JSON_NUMBERS_AS_REAL) != REFUSAL_NONE ||
	    json_object_size(json) != flat.count)
		abort();
	for (size_t i = 0; i < flat.count; i++)
		compare(value_of(json, &flat.members[i]), &flat.members[i]);
	json_decref(json);
	return 0;
}
