/*
 * JSON read where it lies: checked once, then looked into by JSON Pointers.
 *
 * Nothing is built and nothing is allocated, so a message costs what its bytes
 * cost, whoever sends it. What passes the check is what json_message_load()
 * would take, lists and lone values included, but for numbers: these are only
 * read where somebody looks, so that one that no double holds spoils no others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "model/reading.h"

/* Members of one object whose names are held against each other. */
#define JSON_GLANCE_MEMBERS_MAX 512

#define JSON_GLANCE_TEXT_MAX 128 /* of a member's name or a text that is looked at */

struct json_glance {
	enum {
		GLANCE_NOTHING, /* the pointer leads nowhere */
		GLANCE_NULL,
		GLANCE_BOOL,
		GLANCE_NUMBER,
		GLANCE_TEXT,
		GLANCE_LIST,
		GLANCE_OBJECT,
	} kind;
	const char *at; /* borrowed: all of the value, a text with its quotes */
	size_t length;
};

/*
 * Checks `payload` of `length` bytes. Returns REFUSAL_NONE, _EMPTY, _TOO_LARGE,
 * _BAD_UTF8, _TOO_DEEP, _DUPLICATE_KEY or _NOT_JSON (NaN and Infinity too). The
 * bounds are those of json_message.h, and JSON_GLANCE_MEMBERS_MAX.
 */
enum refusal json_glance_check(const void *payload, size_t length) MUST_CHECK;

/* The value at `pointer` (RFC 6901; "" is the whole) in what json_glance_check() has passed. */
struct json_glance json_glance_find(const void *payload, size_t length, const char *pointer);

/* The next element of a list; begin with `element` zero. Returns false after the last. */
bool json_glance_next(const struct json_glance *list, struct json_glance *element);

/* The next member of an object: `name` is a text. Likewise. */
bool json_glance_next_member(const struct json_glance *object, struct json_glance *name,
			     struct json_glance *value);

/*
 * Copies a text without quotes and escapes. Returns its length, or -1 where it
 * is longer than JSON_GLANCE_TEXT_MAX - 1 bytes.
 */
int json_glance_text(char out[JSON_GLANCE_TEXT_MAX], const struct json_glance *text);

/* Whether `pointer` is one that json_glance_find() can follow: tokens that fit, `~` only as ~0, ~1.
 */
bool json_pointer_is_valid(const char *pointer);
