/*
 * Rows of history on their way into an answer: read newest first, so that a
 * limit keeps the newest, and answered oldest first. Each is written as text at
 * once: ten thousand of them stay small.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/* Rows as JSON text, one after the other, and where each begins. */
struct api_page {
	char *text;
	size_t length, size;
	size_t *starts;
	size_t count;
	uint32_t limit;
	struct text row; /* being written */
	int error; /* -ENOMEM */
};

/* For up to `limit` rows. Allocates. Returns 0 or -ENOMEM. */
int api_page_init(struct api_page *page, uint32_t limit) MUST_CHECK;
void api_page_deinit(struct api_page *page);

/* Begins a row: the text to write it into, borrowed until its end. NULL where memory is short. */
struct text *api_page_begin(struct api_page *page);

/* Takes the row that was begun. Returns whether to read on. */
bool api_page_end(struct api_page *page);

/* Takes `row` (NULL: out of memory). Returns whether to read on. */
bool api_page_add(struct api_page *page, json_t *row);

/*
 * `{` and `head` (members with a comma after each, or nothing), whether it was cut, and the rows,
 * oldest first. The caller frees it. NULL where memory is short.
 */
char *api_page_assemble(const struct api_page *page, const char *head, size_t *length) MUST_CHECK;
