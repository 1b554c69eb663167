/* The lines of a home's file as they are: in order of time, with where they stood. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli/home_file.h"
#include "wire/home_csv.h"

struct home_rows {
	size_t count, room;
	struct home_row *rows;
	size_t *lines;          /* of each row, from 1 */
	bool has[HOME_COLUMNS]; /* whether the column is there */
};

/*
 * Reads `path`. Returns 0, or a negative errno after complaining: of what cannot be opened or
 * read, of the line and column that is wrong, of times that do not go on, of fewer rows than
 * `least`. Free the rows with home_rows_free() in any case.
 */
int home_rows_read(struct home_rows *rows, const char *path, size_t least) MUST_CHECK;

/* Puts other prices of export in. Returns 0, or a negative errno after complaining. */
int home_rows_set_export(struct home_rows *rows, const struct home_export *export) MUST_CHECK;

void home_rows_free(struct home_rows *rows);
