/*
 * Draws a text in place: goes back up over what it drew last, writes each line
 * anew and clears what is left over. Lines are wrapped here and not by the
 * terminal, so that going back up always ends where it began.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/screen.h"

#define ROWS_USUAL 24
#define COLUMNS_USUAL 80

/* What a line goes on with below itself stands this much further in. */
#define HANGING 2

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

/* The smaller of what there is and what the environment allows. */
static size_t narrowed(size_t cells, const char *variable)
{
	const char *text = getenv(variable);
	long allowed = text ? strtol(text, NULL, 10) : 0;

	return allowed > 0 && (size_t)allowed < cells ? (size_t)allowed : cells;
}

struct screen_size screen_size(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
		size = (struct winsize){.ws_row = ROWS_USUAL, .ws_col = COLUMNS_USUAL};
	/* The last row is where the cursor rests. */
	return (struct screen_size){narrowed(size.ws_row > 1 ? size.ws_row - 1U : 1, "LINES"),
				    narrowed(size.ws_col, "COLUMNS")};
}

/* ---- wrapping ---- */

/* Bytes of a sequence that begins at `text`, 0 where none does; it takes no column. */
static size_t sequence(const char *text, size_t length)
{
	size_t at = 1;

	if (text[0] != '\033')
		return 0;
	while (at < length && text[at] != 'm')
		at++;
	return at < length ? at + 1 : length;
}

/* Bytes of `line` for one row of `columns`: up to the last space that fits, where there is one. */
static size_t row_length(const char *line, size_t length, size_t columns)
{
	size_t at = 0, width = 0, space = 0;

	while (at < length) {
		size_t skipped = sequence(line + at, length - at);

		if (skipped > 0) {
			at += skipped;
			continue;
		}
		if (((unsigned char)line[at] & 0xc0) != 0x80 && ++width > columns)
			return space > 0 ? space : at;
		if (line[at] == ' ' && width > 1 && line[at - 1] != ' ')
			space = at;
		at++;
	}
	return length;
}

/* A line that is being wrapped. */
struct wrapping {
	const char *rest;
	size_t length; /* of the rest */
	size_t columns, indent;
	bool is_begun;
};

static struct wrapping wrap(const char *line, size_t length, size_t columns)
{
	size_t indent = strspn(line, " ") + HANGING;

	return (struct wrapping){line, length, columns, indent < columns / 2 ? indent : 0, false};
}

/* The next row: how far in it begins, where and how many bytes. False after the last. */
static bool next_row(struct wrapping *wrapping, size_t *indent, const char **row, size_t *length)
{
	if (wrapping->is_begun && wrapping->length == 0)
		return false;
	*indent = wrapping->is_begun ? wrapping->indent : 0;
	wrapping->is_begun = true;
	*row = wrapping->rest;
	*length = row_length(*row, wrapping->length, wrapping->columns - *indent);
	wrapping->rest += *length;
	wrapping->length -= *length;
	while (wrapping->length > 0 && *wrapping->rest == ' ') {
		wrapping->rest++;
		wrapping->length--;
	}
	return true;
}

size_t screen_rows(const char *text, size_t columns)
{
	size_t rows = 0, indent, row_bytes;
	const char *row;

	while (*text) {
		size_t length = strcspn(text, "\n");
		struct wrapping wrapping = wrap(text, length, columns);

		while (next_row(&wrapping, &indent, &row, &row_bytes))
			rows++;
		text += length + (text[length] == '\n');
	}
	return rows;
}

void screen_print(const char *text)
{
	size_t columns = isatty(STDOUT_FILENO) ? screen_size().columns : SIZE_MAX / 2, indent, bytes;
	const char *row;

	while (*text) {
		size_t length = strcspn(text, "\n");
		struct wrapping wrapping = wrap(text, length, columns);

		while (next_row(&wrapping, &indent, &row, &bytes)) {
			printf("%*s", (int)indent, "");
			fwrite(row, 1, bytes, stdout);
			fputs("\n", stdout);
		}
		text += length + (text[length] == '\n');
	}
}

/* Writes one line; returns the rows that it took of the `room` that there is. */
static size_t draw_line(const char *line, size_t length, size_t columns, size_t room)
{
	struct wrapping wrapping = wrap(line, length, columns);
	size_t rows = 0, indent, row_bytes;
	const char *row;

	while (rows < room && next_row(&wrapping, &indent, &row, &row_bytes)) {
		printf("%*s", (int)indent, "");
		fwrite(row, 1, row_bytes, stdout);
		fputs("\033[K\n", stdout);
		rows++;
	}
	fputs("\033[0m", stdout);
	return rows;
}

void screen_draw(const char *text, struct screen_size size, size_t *rows_drawn)
{
	size_t rows = 0;

	if (*rows_drawn > 0)
		printf("\033[%zuA\r", *rows_drawn < size.rows ? *rows_drawn : size.rows);
	while (*text && rows < size.rows) {
		size_t length = strcspn(text, "\n");

		rows += draw_line(text, length, size.columns, size.rows - rows);
		text += length + (text[length] == '\n');
	}
	fputs("\033[J", stdout);
	fflush(stdout);
	*rows_drawn = rows;
}
