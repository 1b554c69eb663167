/*
 * Text in a buffer with a fixed maximum. Writing past the end keeps what fits,
 * stays terminated and is remembered in `is_cut`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct text {
	char *data; /* borrowed, always terminated */
	size_t size;
	size_t length;
	bool is_cut;
};

/* Begins an empty text in `data`, which holds `size` bytes, at least 1. */
struct text text_in(char *data, size_t size);

void text_add(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);

/* Adds `length` bytes as they are: what tables of millions of rows are written with. */
void text_add_bytes(struct text *text, const char *bytes, size_t length);

/*
 * Adds `value` / `scale` as a decimal number with a dot whatever the locale
 * says, and no trailing zeros: 5020 over 100 is "50.2". `scale` is a power of 10.
 */
void text_add_scaled(struct text *text, int64_t value, int32_t scale);

/*
 * Reads a whole decimal number (sign, digits, point, exponent; always a dot:
 * programs stay in the "C" locale for numbers) of `len` bytes. Returns 0, or -EINVAL (anything else
 * in it, also a comma, `nan`, `inf`) or -ERANGE, and leaves `out` alone.
 */
int number_parse(double *out, const char *text, size_t len) MUST_CHECK;

/* FNV-1a, 64 bit (Fowler, Noll, Vo: draft-eastlake-fnv). Not for secrets. */
uint64_t hash_bytes(const void *data, size_t len);
