/* A picture that is drawn over itself on a terminal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Hides the cursor and lets SIGINT and SIGTERM end the picture instead of the program. */
void screen_open(void);

/* Whether such a signal has come. */
bool screen_is_ended(void);

/* Draws `text` over what was drawn last, cut to the terminal's size. */
void screen_draw(const char *text, size_t *lines_drawn);

/* Shows the cursor again. */
void screen_close(void);
