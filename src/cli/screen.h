/* A picture that is drawn over itself on a terminal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Hides the cursor and lets SIGINT and SIGTERM end the picture instead of the program. */
void screen_open(void);

/* Whether such a signal has come. */
bool screen_is_ended(void);

/* What the picture may take; $LINES and $COLUMNS narrow it, as for any program. */
struct screen_size {
	size_t rows, columns; /* at least 1 */
};

struct screen_size screen_size(void);

/* How many rows `text` takes when its lines are wrapped at `columns`. */
size_t screen_rows(const char *text, size_t columns);

/* Prints `text` to standard output: on a terminal its lines are broken between words. */
void screen_print(const char *text);

/* Draws `text`, wrapped, over the `rows_drawn` rows that were drawn last; cut at the bottom. */
void screen_draw(const char *text, struct screen_size size, size_t *rows_drawn);

/* Shows the cursor again. */
void screen_close(void);
