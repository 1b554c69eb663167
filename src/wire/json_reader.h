/* The smallest steps of reading JSON where it lies. Internal to wire/json_glance*.c. */
#pragma once

#include <stdbool.h>

/* Where the reading stands; the check and the search walk alike. */
struct json_reader {
	const char *at, *end;
};

void json_skip_blank(struct json_reader *reader);

/* Takes `wanted` and the blanks before it. */
bool json_take(struct json_reader *reader, char wanted);

/*
 * The next bytes of a text as it is meant, 1..4 of them, after its first quote; 0 where its
 * last quote was taken, -1 where it is no text.
 */
int json_next_bytes(struct json_reader *reader, char out[4]);
