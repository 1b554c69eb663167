/*
 * CBOR (RFC 8949) from strangers, item by item and without copying.
 *
 * What SenML is written with, and no more: texts and bytes of indefinite length are
 * refused, of tags only the decimal fraction is known.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "model/reading.h"

#define CBOR_DEPTH_MAX 8

struct cbor_cursor {
	const uint8_t *at; /* borrowed */
	size_t left;
};

enum cbor_type {
	CBOR_NUMBER, /* whole, with a fraction, or a decimal fraction */
	CBOR_TEXT,
	CBOR_BYTES,
	CBOR_BOOL,
	CBOR_NULL,
	CBOR_ARRAY, /* `count` items follow */
	CBOR_MAP,   /* `count` pairs follow */
	CBOR_BREAK, /* the end of an array or map of indefinite length */
	CBOR_OTHER
};

#define CBOR_INDEFINITE SIZE_MAX

struct cbor_item {
	enum cbor_type type;
	double number;
	const char *text; /* borrowed, not terminated; also of bytes */
	size_t length;
	size_t count; /* or CBOR_INDEFINITE */
};

/*
 * Takes one item, of an array or map its head. Returns REFUSAL_NONE, or
 * REFUSAL_BAD_LENGTH (nothing left of it), _WRONG_TYPE (what is not known, or can not be),
 * _NOT_FINITE. Writes `out` only on REFUSAL_NONE.
 */
enum refusal cbor_next(struct cbor_item *out, struct cbor_cursor *cursor) MUST_CHECK;

/* Passes over what belongs to `item`, which was just taken. Besides the above REFUSAL_TOO_DEEP. */
enum refusal cbor_skip(struct cbor_cursor *cursor, const struct cbor_item *item) MUST_CHECK;
