/*
 * Home Assistant's templates, as far as they say where a value stands: one path into the
 * message, `float`, `int` and `round(n)`, one factor. Anything else is refused
 * by name: a template is a program, and what it would do is not guessed.
 */
#pragma once

#include <stdbool.h>

#include "base/result.h"
#include "wire/source.h"

#define HA_PATH_MAX 128

/* What stands at `path`, rounded as `before`, times `scale`, rounded as `after`. */
struct ha_template {
	bool has_path;          /* false: the whole payload is the value */
	char path[HA_PATH_MAX]; /* a JSON Pointer */
	struct source_step before, after;
	double scale;
};

/* The template of a message that has none: its whole payload. */
struct ha_template ha_template_none(void);

/*
 * Reads `text`: `{{ EXPRESSION }}` and nothing beside it. A default, as of `float(0)`, is read and
 * has no effect: what is missing is missing. Returns 0, or -EINVAL for what is not of this
 * subset or longer than HA_PATH_MAX, and leaves `out` alone.
 */
int ha_template_parse(struct ha_template *out, const char *text) MUST_CHECK;

/* Whether it only says where the value stands, as a word's must. */
bool ha_template_is_place(const struct ha_template *template);
