/* A bounded list of values with names, see named_values.h. */
#include "wire/named_values.h"

#include <math.h>
#include <string.h>

struct named_value *named_values_add(struct named_values *values)
{
	struct named_value *value;

	if (values->count == NAMED_VALUES_MAX)
		return NULL;
	value = &values->values[values->count++];
	memset(value, 0, sizeof *value);
	return value;
}

double named_value_time_s(const struct named_value *value, double now_s)
{
	if (fabs(value->time_s) < NAMED_VALUE_ABSOLUTE_FROM_S)
		return now_s + value->time_s;
	return value->time_s;
}

const struct named_value *named_values_find(const struct named_values *values, const char *name,
					    double now_s)
{
	const struct named_value *newest = NULL;
	double newest_s = 0;

	for (size_t i = 0; i < values->count; i++) {
		const struct named_value *value = &values->values[i];
		double at_s = named_value_time_s(value, now_s);

		if (strcmp(value->name, name) != 0 || (newest != NULL && at_s < newest_s))
			continue;
		newest = value;
		newest_s = at_s;
	}
	return newest;
}

void named_value_set_word(struct named_value *value, const char *text, size_t len)
{
	if (len >= sizeof value->word || memchr(text, '\0', len) != NULL) {
		value->kind = NAMED_OTHER;
		return;
	}
	value->kind = NAMED_WORD;
	memcpy(value->word, text, len);
	value->word[len] = '\0';
}
