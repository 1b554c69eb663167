/* Whether what came out is what a vector expects, by the rules of the vectors' README. */
#include "vectors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 0.001

struct complaint {
	char *text;
	size_t size;
};

static bool complains(const struct complaint *why, const char *what, const json_t *expected,
		      const json_t *got)
{
	char *wanted =
	    expected != NULL ? json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	char *had = got != NULL ? json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

	snprintf(why->text, why->size, "%s: expected %s, got %s", what,
		 wanted != NULL ? wanted : "nothing", had != NULL ? had : "nothing");
	free(wanted);
	free(had);
	return false;
}

static bool is_alike(const json_t *expected, const json_t *got);

static bool are_alike(const json_t *expected, const json_t *got)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_array(expected)) {
		if (json_array_size(expected) != json_array_size(got))
			return false;
		json_array_foreach(expected, i, value)
		{
			if (!is_alike(value, json_array_get(got, i)))
				return false;
		}
		return true;
	}
	if (json_object_size(expected) != json_object_size(got))
		return false;
	json_object_foreach((json_t *)expected, key, value)
	{
		if (!is_alike(value, json_object_get(got, key)))
			return false;
	}
	return true;
}

/* Equal, numbers within the tolerance. */
static bool is_alike(const json_t *expected, const json_t *got)
{
	if (json_is_number(expected))
		return json_is_number(got) &&
		       fabs(json_number_value(expected) - json_number_value(got)) <= TOLERANCE;
	if (json_typeof(expected) != (got != NULL ? json_typeof(got) : JSON_NULL))
		return false;
	if (json_is_array(expected) || json_is_object(expected))
		return are_alike(expected, got);
	return json_equal(expected, got);
}

/* ---- what is sent ---- */

static const json_t *at_pointer(const json_t *json, const char *pointer)
{
	char name[128];

	while (json != NULL && *pointer == '/') {
		size_t length = strcspn(pointer + 1, "/");

		snprintf(name, sizeof name, "%.*s", (int)length, pointer + 1);
		json = json_object_get(json, name);
		pointer += 1 + length;
	}
	return json;
}

/* Payloads that are JSON are alike in whatever order their members come. */
static bool payload_agrees(const json_t *expected, const json_t *got)
{
	json_t *left = json_loads(json_string_value(expected), 0, NULL);
	json_t *right = got != NULL ? json_loads(json_string_value(got), 0, NULL) : NULL;
	bool is_same =
	    json_equal(expected, got) || (left != NULL && right != NULL && is_alike(left, right));

	json_decref(left);
	json_decref(right);
	return is_same;
}

static bool members_agree(const json_t *expected, const json_t *got, const struct complaint *why)
{
	const char *text = json_string_value(json_object_get(got, "payload"));
	json_t *payload = text != NULL ? json_loads(text, 0, NULL) : NULL;
	const json_t *absent = json_object_get(expected, "absent"), *member;
	bool is_good = true;
	const char *pointer;
	json_t *value;
	size_t i;

	json_object_foreach(json_object_get(expected, "json"), pointer, value)
	{
		member = at_pointer(payload, pointer);
		if (member == NULL || !is_alike(value, member))
			is_good = complains(why, pointer, value, member);
	}
	json_array_foreach(absent, i, value)
	{
		member = at_pointer(payload, json_string_value(value));
		if (member != NULL)
			is_good = complains(why, json_string_value(value), NULL, member);
	}
	json_decref(payload);
	return is_good;
}

static bool message_agrees(const json_t *expected, const json_t *got, const struct complaint *why)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)expected, key, value)
	{
		const json_t *had = json_object_get(got, key);

		if (strcmp(key, "json") == 0 || strcmp(key, "absent") == 0)
			continue;
		if (strcmp(key, "payload") == 0 ? !payload_agrees(value, had)
						: !is_alike(value, had))
			return complains(why, key, value, had);
	}
	return members_agree(expected, got, why);
}

static bool send_agrees(const json_t *expected, const json_t *got, const struct complaint *why)
{
	json_t *message;
	size_t i;

	if (json_array_size(expected) != json_array_size(got))
		return complains(why, "send", expected, got);
	json_array_foreach(expected, i, message)
	{
		if (!message_agrees(message, json_array_get(got, i), why))
			return false;
	}
	return true;
}

/* ---- the whole ---- */

static bool is_allowed_beside(const struct vector_result *result, const json_t *expected,
			      const char *key)
{
	if (strcmp(key, "available") == 0)
		return json_is_true(json_object_get(result->got, key));
	return strcmp(key, "power_w") == 0 && json_object_get(expected, "voltage_v") != NULL &&
	       json_object_get(expected, "current_a") != NULL;
}

static bool member_agrees(const struct vector_result *result, const char *key,
			  const json_t *expected, const struct complaint *why)
{
	const json_t *got = json_object_get(result->got, key);

	if (strcmp(key, "send") == 0)
		return send_agrees(expected, got, why);
	if (strcmp(key, "lease") == 0 && json_is_string(expected))
		return true; /* a note for people */
	if (strcmp(key, "confirm") == 0 && result->confirms != NULL)
		return result->confirms(result->user, expected) ||
		       complains(why, key, expected, got);
	return (got != NULL && is_alike(expected, got)) || complains(why, key, expected, got);
}

static bool all_agree(const struct vector_result *result, const json_t *expected,
		      const struct complaint *why)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)expected, key, value)
	{
		if (!member_agrees(result, key, value, why))
			return false;
	}
	json_object_foreach(result->got, key, value)
	{
		if (json_object_get(expected, key) == NULL &&
		    !is_allowed_beside(result, expected, key))
			return complains(why, key, NULL, value);
	}
	return true;
}

bool vector_agrees(const struct vector *vector, const struct vector_result *result, char *text,
		   size_t size)
{
	const char *error = json_string_value(json_object_get(vector->json, "expect_error"));
	const json_t *expected = json_object_get(vector->json, "expect");
	const struct complaint why = {text, size};
	json_t *got;

	if (error == NULL && result->error == NULL)
		return all_agree(result, expected, &why);
	if (error != NULL && result->error != NULL && strcmp(error, result->error) == 0)
		return true;
	got = result->error != NULL ? json_string(result->error) : json_incref(result->got);
	complains(&why, "result",
		  error != NULL ? json_object_get(vector->json, "expect_error") : expected, got);
	json_decref(got);
	if (result->words[0] != '\0')
		snprintf(text + strlen(text), size - strlen(text), " (%s)", result->words);
	return false;
}
