/* A password from who sits here, or from a program. */
#pragma once

#include <stddef.h>

#include "base/result.h"

/*
 * On a terminal asks twice, without showing what is typed; else takes the first
 * line of standard input. Returns an exit code, after it has complained where it is not
 * EXIT_OK; `out` of `size` bytes is to be wiped.
 */
int password_ask(char *out, size_t size) MUST_CHECK;
