/*
 * Draws a text in place: goes back up over what it drew last, writes each line
 * anew and clears what is left over. What does not fit the terminal is cut, so
 * that going back up always ends where it began.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/screen.h"

#define ROWS_USUAL 24
#define COLUMNS_USUAL 80

static volatile sig_atomic_t is_ended;

static void on_signal(int number)
{
	(void)number;
	is_ended = 1;
}

void screen_open(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	is_ended = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	fputs("\033[?25l", stdout);
}

bool screen_is_ended(void)
{
	return is_ended;
}

void screen_close(void)
{
	fputs("\033[?25h", stdout);
	fflush(stdout);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
}

/* Bytes of `line` that fit `columns`; sequences take none. */
static size_t fitting(const char *line, size_t length, size_t columns)
{
	size_t at = 0, width = 0;

	while (at < length) {
		if (line[at] == '\033') {
			while (at < length && line[at] != 'm')
				at++;
			at++;
			continue;
		}
		if (((unsigned char)line[at] & 0xc0) != 0x80 && ++width > columns)
			return at;
		at++;
	}
	return length;
}

void screen_draw(const char *text, size_t *lines_drawn)
{
	struct winsize size = {0};
	size_t rows, columns, lines = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
		size = (struct winsize){.ws_row = ROWS_USUAL, .ws_col = COLUMNS_USUAL};
	rows = size.ws_row - 1U;
	columns = size.ws_col;
	if (*lines_drawn > 0)
		printf("\033[%zuA\r", *lines_drawn < rows ? *lines_drawn : rows);
	while (*text && lines < rows) {
		size_t length = strcspn(text, "\n");

		fwrite(text, 1, fitting(text, length, columns), stdout);
		fputs("\033[0m\033[K\n", stdout);
		text += length + (text[length] == '\n');
		lines++;
	}
	fputs("\033[J", stdout);
	fflush(stdout);
	*lines_drawn = lines;
}
