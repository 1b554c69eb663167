/*
 * What the decoders of other people's CoAP formats yield: values with a name.
 *
 * A decoder knows a format, not what is wanted of it; which name is a battery's
 * state of charge is the mapping's to say. One value that can not be read stays,
 * with the reason, so that the others of the message can be used.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "model/reading.h"

#define NAMED_VALUES_MAX 64
#define NAMED_VALUE_NAME_MAX 96
#define NAMED_VALUE_WORD_MAX 32
#define NAMED_VALUE_UNIT_MAX 16

/* A time below it is relative to now (RFC 8428, 4.5.3), in s. */
#define NAMED_VALUE_ABSOLUTE_FROM_S 268435456.0

enum named_kind {
	NAMED_NUMBER,
	NAMED_BOOL,
	NAMED_WORD, /* a text; one that is too long is NAMED_OTHER */
	NAMED_OTHER /* bytes, or a number of a kind that is not known */
};

struct named_value {
	char name[NAMED_VALUE_NAME_MAX];
	enum refusal why; /* REFUSAL_NONE, or why there is nothing below */
	enum named_kind kind;
	double number; /* finite; of a bool 0 or 1 */
	char word[NAMED_VALUE_WORD_MAX];
	char unit[NAMED_VALUE_UNIT_MAX]; /* as the message says, empty where it does not */
	bool has_time;
	double time_s; /* since 1970, or relative to now */
};

struct named_values {
	size_t count;
	struct named_value values[NAMED_VALUES_MAX];
};

/* Room for one more, all zero, or NULL where there is none. */
struct named_value *named_values_add(struct named_values *values);

/*
 * The value of that name, the newest where there are several and the later one of
 * equals; `now_s` (since 1970) is what relative times are relative to. NULL: none.
 */
const struct named_value *named_values_find(const struct named_values *values, const char *name,
					    double now_s);

/* When it was measured, in s since 1970; only with `has_time`. */
double named_value_time_s(const struct named_value *value, double now_s);

/* Makes it the text of `len` bytes, or NAMED_OTHER where that is too long. */
void named_value_set_word(struct named_value *value, const char *text, size_t len);
