/* Names of nodes, batteries and relays, as they stand in topics and tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

#define IDENT_MAX 63

struct ident {
	char text[IDENT_MAX + 1];
};

/*
 * Reads a name of 1..IDENT_MAX bytes of ASCII letters, digits, `.`, `_`, `-`
 * and `:` that begins with a letter or digit. Returns 0, or -EINVAL and leaves
 * `out` alone.
 */
int ident_parse(struct ident *out, const char *text, size_t len) MUST_CHECK;

bool ident_equal(const struct ident *a, const struct ident *b);
