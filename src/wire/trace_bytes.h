/*
 * The coder that trace_code is written with: one description for both
 * directions. Each code_…() writes the value when the coder writes and reads it
 * when it reads, so that what was written can be read. What does not fit, or is
 * out of bounds, sets `has_failed`, and is 0 when read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/ident.h"

struct coder {
	bool is_reading;
	uint8_t *to;         /* when writing */
	const uint8_t *from; /* when reading */
	size_t left;
	bool has_failed;
};

/* LEB128; signed ones in zigzag, so that small numbers of either sign are short. */
void code_u64(struct coder *coder, uint64_t *value);
void code_i64(struct coder *coder, int64_t *value);
void code_u32(struct coder *coder, uint32_t *value);
void code_i32(struct coder *coder, int32_t *value);
void code_bool(struct coder *coder, bool *value);

/* An enum as its number `value`, one of `count`. Returns the number. */
unsigned code_enum(struct coder *coder, unsigned value, unsigned count);

/* Returns the number, at most `max`. */
size_t code_size(struct coder *coder, size_t value, size_t max);

void code_bytes(struct coder *coder, void *bytes, size_t length);

/* A text in an array of `size`; one that is read ends. */
void code_text(struct coder *coder, char *text, size_t size);
void code_ident(struct coder *coder, struct ident *ident);

/* An event, and the settings of a battery. (trace_event.c) */
void code_event(struct coder *coder, struct event *event);
void code_settings(struct coder *coder, struct settings *settings);

/* An event that is a reading, shorter; `at` is when it was taken in. (trace_event.c) */
void code_short_reading(struct coder *coder, struct event *event, struct wall_time at);
