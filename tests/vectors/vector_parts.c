#include "vectors.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *from_hex(const char *hex, size_t *length)
{
	uint8_t *bytes = malloc(strlen(hex) / 2 + 1);

	*length = 0;
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		char pair[3] = {hex[0], hex[1], '\0'};

		bytes[(*length)++] = (uint8_t)strtol(pair, NULL, 16);
	}
	return bytes;
}

static uint8_t *generated(const json_t *made, size_t *length)
{
	const char *head = json_string_value(json_object_get(made, "head"));
	const char *fill = json_string_value(json_object_get(made, "fill"));
	const char *tail = json_string_value(json_object_get(made, "tail"));
	size_t count = (size_t)json_integer_value(json_object_get(made, "count"));
	size_t step = fill != NULL ? strlen(fill) : 0;
	uint8_t *bytes =
	    malloc(strlen(head ? head : "") + strlen(tail ? tail : "") + count * step + 1);

	*length = 0;
	memcpy(bytes, head ? head : "", strlen(head ? head : ""));
	*length += strlen(head ? head : "");
	for (size_t i = 0; i < count; i++, *length += step)
		memcpy(bytes + *length, fill, step);
	memcpy(bytes + *length, tail ? tail : "", strlen(tail ? tail : ""));
	*length += strlen(tail ? tail : "");
	return bytes;
}

uint8_t *vector_payload(const json_t *message, size_t *length)
{
	const json_t *plain = json_object_get(message, "payload");
	const json_t *hex = json_object_get(message, "payload_hex");
	const json_t *made = json_object_get(message, "payload_gen");
	uint8_t *bytes;

	if (hex != NULL)
		return from_hex(json_string_value(hex), length);
	if (made != NULL)
		return generated(made, length);
	*length = json_string_length(plain);
	bytes = malloc(*length + 1);
	memcpy(bytes, plain != NULL ? json_string_value(plain) : "", *length);
	return bytes;
}

bool vector_now(const json_t *in, struct wall_time *out)
{
	const char *now = json_string_value(json_object_get(in, "now"));

	return now != NULL && wall_parse(out, now, strlen(now)) == 0;
}

void vector_missing(struct vector_result *result, const char *field, const char *reason)
{
	json_t *missing = json_object_get(result->got, "missing");

	if (missing == NULL) {
		missing = json_object();
		json_object_set_new(result->got, "missing", missing);
	}
	json_object_set_new(missing, field, json_string(reason));
}
