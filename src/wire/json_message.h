/*
 * JSON from strangers, read within fixed bounds.
 *
 * Before anything is built from a message it is scanned once: length, UTF-8,
 * depth, number of values. What is refused there has cost no memory, and what
 * passes can only cost JSON_MESSAGE_VALUES_MAX values.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "model/reading.h"

#define JSON_MESSAGE_BYTES_MAX (64 * 1024)
#define JSON_MESSAGE_DEPTH_MAX 16
#define JSON_MESSAGE_VALUES_MAX 4096

#define REFUSAL_FIELD_MAX 16

/* What exactly was refused. */
struct refusal_detail {
	char field[REFUSAL_FIELD_MAX]; /* its name, cut to fit; empty where it is the whole message
					*/
	double value;                  /* the number that was refused; NaN where it is not one */
	double limit; /* the bound that it broke, or the value that it contradicts; else NaN */
};

/* Fills `detail`, which may be NULL, and returns `why`. */
enum refusal refusal_with(struct refusal_detail *detail, enum refusal why, const char *field,
			  double value, double limit);

enum json_numbers {
	JSON_NUMBERS_KEPT,    /* integers up to 2^63 - 1 stay integers */
	JSON_NUMBERS_AS_REAL, /* every number is a double, however long it is written */
};

/*
 * Looks at `payload` of `len` bytes without building anything. Returns
 * REFUSAL_NONE, or REFUSAL_EMPTY, _TOO_LARGE, _BAD_UTF8, _TOO_DEEP or
 * _NOT_FINITE (a bare NaN or Infinity). Does not allocate.
 */
enum refusal json_message_scan(const void *payload, size_t len) MUST_CHECK;

/*
 * Reads `payload` as one JSON object without duplicate members. On REFUSAL_NONE
 * `out` holds a new reference for json_decref(); otherwise it is left alone.
 * Further refusals: REFUSAL_NOT_JSON, _DUPLICATE_KEY, _NOT_FINITE (1e999),
 * _OUT_OF_RANGE (an integer past 63 bits, with JSON_NUMBERS_KEPT), _WRONG_TYPE
 * (not an object).
 */
enum refusal json_message_load(json_t **out, const void *payload, size_t len,
			       enum json_numbers numbers) MUST_CHECK;

/* The same for any value, which may be an array or a lone number. */
enum refusal json_message_load_any(json_t **out, const void *payload, size_t len,
				   enum json_numbers numbers) MUST_CHECK;

/* Bounds of another kind of message than a sensor's. */
struct json_bounds {
	size_t bytes_max, values_max;
};

/* The same within `bounds`, instead of JSON_MESSAGE_BYTES_MAX and _VALUES_MAX. */
enum refusal json_message_load_within(json_t **out, const void *payload, size_t len,
				      enum json_numbers numbers,
				      const struct json_bounds *bounds) MUST_CHECK;
