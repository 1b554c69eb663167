/* Members of small JSON messages: type first, then range, and which one it was. */
#include "wire/json_member.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum refusal json_member_integer(int64_t *out, bool *is_there, const json_t *object,
				 const char *name, int64_t min, int64_t max,
				 struct refusal_detail *detail)
{
	const json_t *value = json_object_get(object, name);
	int64_t number;

	*is_there = value != NULL;
	if (value == NULL)
		return REFUSAL_NONE;
	if (!json_is_integer(value))
		return refusal_with(detail, REFUSAL_WRONG_TYPE, name, NAN, NAN);
	number = json_integer_value(value);
	if (number < min || number > max)
		return refusal_with(detail, REFUSAL_OUT_OF_RANGE, name, (double)number,
				    (double)(number < min ? min : max));
	*out = number;
	return REFUSAL_NONE;
}

enum refusal json_member_number(double *out, bool *is_there, const json_t *object, const char *name,
				double min, double max, struct refusal_detail *detail)
{
	const json_t *value = json_object_get(object, name);
	double number;

	*is_there = value != NULL;
	if (value == NULL)
		return REFUSAL_NONE;
	if (!json_is_number(value))
		return refusal_with(detail, REFUSAL_WRONG_TYPE, name, NAN, NAN);
	number = json_number_value(value);
	if (number < min || number > max)
		return refusal_with(detail, REFUSAL_OUT_OF_RANGE, name, number,
				    number < min ? min : max);
	*out = number;
	return REFUSAL_NONE;
}

enum refusal json_member_word(int *out, bool *is_there, const json_t *object, const char *name,
			      const char *const *words, int count, struct refusal_detail *detail)
{
	const json_t *value = json_object_get(object, name);

	*is_there = value != NULL;
	if (value == NULL)
		return REFUSAL_NONE;
	for (int i = 0; json_is_string(value) && i < count; i++) {
		if (strcmp(json_string_value(value), words[i]) == 0) {
			*out = i;
			return REFUSAL_NONE;
		}
	}
	return refusal_with(detail, REFUSAL_WRONG_TYPE, name, NAN, NAN);
}

enum refusal json_member_ident(struct ident *out, bool *is_there, const json_t *object,
			       const char *name, struct refusal_detail *detail)
{
	const json_t *value = json_object_get(object, name);
	char digits[32];
	const char *text = digits;

	*is_there = value != NULL;
	if (value == NULL)
		return REFUSAL_NONE;
	if (json_is_string(value))
		text = json_string_value(value);
	else if (json_is_integer(value))
		snprintf(digits, sizeof digits, "%" PRId64, (int64_t)json_integer_value(value));
	else
		return refusal_with(detail, REFUSAL_WRONG_TYPE, name, NAN, NAN);
	if (ident_parse(out, text, strlen(text)) != 0)
		return refusal_with(detail, REFUSAL_WRONG_TYPE, name, NAN, NAN);
	return REFUSAL_NONE;
}

enum refusal json_members_known(json_t *object, const char *const *names, int count,
				struct refusal_detail *detail)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		bool is_known = false;

		for (int i = 0; i < count && !is_known; i++)
			is_known = strcmp(names[i], key) == 0;
		if (!is_known)
			return refusal_with(detail, REFUSAL_WRONG_TYPE, key, NAN, NAN);
	}
	return REFUSAL_NONE;
}
