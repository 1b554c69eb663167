/*
 * Objects as JSON, written straight into a bounded text: for tables of ten
 * thousand rows, where building each value first would cost more than reading it.
 *
 * Names are ours and written as they are; texts are escaped. What does not fit
 * is remembered by the text (`is_cut`). A real has 12 digits, and stays a real: 50.0.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"

/* An object being written. */
struct json_text {
	struct text *to; /* borrowed */
	bool has_member;
};

/* Begins an object at the end of `to`. */
struct json_text json_text_open(struct text *to);
void json_text_close(struct json_text *object);

void json_text_integer(struct json_text *object, const char *name, int64_t value);
void json_text_null(struct json_text *object, const char *name);
void json_text_bool(struct json_text *object, const char *name, bool value);
/* null for what is not finite. */
void json_text_real(struct json_text *object, const char *name, double value);
/* `value` / `scale`; `scale` is a power of 10, at most 10000. */
void json_text_scaled(struct json_text *object, const char *name, int64_t value, int32_t scale);
/* UTF-8. */
void json_text_string(struct json_text *object, const char *name, const char *value);
/* ISO 8601 in UTC; null for 0. */
void json_text_time(struct json_text *object, const char *name, struct wall_time at);
