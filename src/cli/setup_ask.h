/* Questions on a terminal, or to who types ahead into a pipe; one line is one answer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

/* All return 0, or -EPIPE where nobody answers any more. What is no answer is asked again. */

/* A text of at most `size` - 1 bytes without control characters; empty is `otherwise`. */
int ask_text(char *out, size_t size, const char *question, const char *otherwise) MUST_CHECK;

/* Likewise, without showing what is typed on a terminal; empty is an answer. */
int ask_hidden(char *out, size_t size, const char *question) MUST_CHECK;

int ask_yes(bool *out, const char *question, bool otherwise) MUST_CHECK;

/* min..max; an empty answer is `otherwise`, unless that is out of bounds. */
int ask_number(double *out, const char *question, double min, double max,
	       double otherwise) MUST_CHECK;

/* One of `count` lines by its number from 1, or 0 for none where `none` says what that means. */
int ask_which(size_t *out, const char *question, const char *const *lines, size_t count,
	      const char *none, size_t otherwise) MUST_CHECK;
