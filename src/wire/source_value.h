/* One value of a message to one value of ours. Internal to wire/source*.c. */
#pragma once

#include "wire/json_glance.h"
#include "wire/source.h"

/* A value as it stands in the message. */
struct source_raw {
	enum {
		RAW_NOTHING,
		RAW_NULL,
		RAW_BOOL,
		RAW_NUMBER,
		RAW_TEXT,
		RAW_GROUP, /* a list or an object */
		RAW_PLAIN, /* the payload itself */
	} kind;
	struct json_glance json; /* where it is JSON */
	size_t length;
	char text[JSON_GLANCE_TEXT_MAX]; /* all but groups; cut texts are marked by is_cut */
	bool is_cut;
};

struct source_taken {
	bool is_there; /* a word that is not of the map is not */
	double value;
	const char *word;
	double limit; /* with REFUSAL_OUT_OF_RANGE: the bound that `value` broke */
};

void source_raw_json(struct source_raw *out, const struct json_glance *json);

/* Without the blanks around it. */
void source_raw_plain(struct source_raw *out, const void *payload, size_t length);

/* Whether `raw` says `is`, however its kind writes it. */
bool source_raw_is(const struct source_raw *raw, const char *is);

/* Whether it says in words that there is no value. */
bool source_raw_is_absence(const struct source_raw *raw);

/* The word that `map` has for `raw`, or NULL. */
const char *source_map_find(const struct source_map *map, const struct source_raw *raw,
			    bool is_strict);

/* A whole number or decimal, nulls, suffix and range aside. */
enum refusal source_number(double *out, const struct source_raw *raw, bool is_strict) MUST_CHECK;

/* Reads `raw` by `row`, in `unit`. Writes `out` on REFUSAL_NONE, and value and limit out of range.
 */
enum refusal source_value_read(struct source_taken *out, const struct source *source,
			       const struct source_row *row, enum source_unit unit,
			       const struct source_raw *raw) MUST_CHECK;
