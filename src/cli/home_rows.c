/* Reads a home's file line by line. Any line that is wrong ends it: a bill of half a year is none.
 */
#include "cli/home_rows.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define BUFFER_SIZE (64 * 1024)
#define ROWS_MAX (20 * 366 * 24 * 60) /* twenty years of minutes */
#define PRICE_LASTS_MS MS_PER_DAY     /* of an export price file's last row, or before a gap */

struct reader {
	FILE *file;
	const char *path;
	char data[BUFFER_SIZE];
	size_t from, length;
	bool is_at_end;
	size_t line;
	struct home_columns columns;
};

static int fill(struct reader *reader)
{
	memmove(reader->data, reader->data + reader->from, reader->length);
	reader->from = 0;
	reader->length += fread(reader->data + reader->length, 1,
				sizeof(reader->data) - reader->length, reader->file);
	reader->is_at_end = feof(reader->file) != 0;
	if (!ferror(reader->file))
		return 0;
	complain("%s: it cannot be read: %s", reader->path, strerror(errno));
	return -EIO;
}

/* The next record that is not an empty line. Returns 1, 0 at the end, or a negative errno. */
static int next(struct reader *reader, struct csv_record *record, size_t *line)
{
	for (;;) {
		const char *why = "";
		enum csv_answer answer;

		if (reader->length < CSV_RECORD_MAX && !reader->is_at_end && fill(reader) < 0)
			return -EIO;
		answer = csv_record_read(record, reader->data + reader->from, reader->length,
					 reader->is_at_end, &why);
		if (answer == CSV_AT_END)
			return 0;
		*line = reader->line;
		if (answer != CSV_READ) {
			complain("%s:%zu: %s", reader->path, reader->line,
				 answer == CSV_BAD ? why : "the line is too long");
			return -EINVAL;
		}
		reader->from += record->length;
		reader->length -= record->length;
		reader->line += record->lines > 0 ? record->lines : 1;
		if (record->count > 0)
			return 1;
	}
}

static int complain_of(const struct reader *reader, size_t line, const struct csv_fault *fault)
{
	complain("%s:%zu: %s%s%s%s", reader->path, line, fault->column[0] ? "column " : "",
		 fault->column, fault->column[0] ? ": " : "", fault->words);
	return -EINVAL;
}

static int grow(struct home_rows *rows)
{
	size_t room = rows->room > 0 ? rows->room * 2 : 16384;
	struct home_row *more = realloc(rows->rows, room * sizeof(*more));
	size_t *lines;

	if (more == NULL)
		return -ENOMEM;
	rows->rows = more;
	lines = realloc(rows->lines, room * sizeof(*lines));
	if (lines == NULL)
		return -ENOMEM;
	rows->lines = lines;
	rows->room = room;
	return 0;
}

static int add(struct home_rows *rows, const struct reader *reader, const struct home_row *row,
	       size_t line)
{
	if (rows->count > 0 && row->start.ms <= rows->rows[rows->count - 1].start.ms) {
		complain("%s:%zu: column time: it is not after the row before", reader->path, line);
		return -EINVAL;
	}
	if (rows->count >= ROWS_MAX) {
		complain("%s:%zu: more than %d rows", reader->path, line, ROWS_MAX);
		return -EINVAL;
	}
	if (rows->count == rows->room && grow(rows) < 0) {
		complain("%s: there is not enough memory for it", reader->path);
		return -ENOMEM;
	}
	rows->lines[rows->count] = line;
	rows->rows[rows->count++] = *row;
	return 0;
}

static int read_head(struct reader *reader, struct home_rows *rows)
{
	struct csv_fault fault;
	struct csv_record head;
	size_t line;
	int rc = next(reader, &head, &line);

	if (rc < 0)
		return rc;
	if (rc == 0) {
		complain("%s: it is empty", reader->path);
		return -EINVAL;
	}
	if (home_columns_parse(&reader->columns, &head, &fault) < 0)
		return complain_of(reader, line, &fault);
	for (int c = 0; c < HOME_COLUMNS; c++)
		rows->has[c] = reader->columns.field[c] >= 0;
	return 0;
}

static int read_rows(struct reader *reader, struct home_rows *rows, size_t least)
{
	struct csv_record record;
	struct csv_fault fault;
	struct home_row row;
	size_t line;
	int rc = read_head(reader, rows);

	while (rc == 0 && (rc = next(reader, &record, &line)) > 0) {
		if (home_row_parse(&row, &reader->columns, &record, &fault) < 0)
			return complain_of(reader, line, &fault);
		rc = add(rows, reader, &row, line);
	}
	if (rc == 0 && rows->count < least) {
		complain("%s: it has %zu rows; at least %zu are needed", reader->path, rows->count,
			 least);
		return -EINVAL;
	}
	return rc;
}

int home_rows_read(struct home_rows *rows, const char *path, size_t least)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	int rc;

	if (reader == NULL)
		return -ENOMEM;
	reader->path = path;
	reader->line = 1;
	reader->file = fopen(path, "re");
	if (reader->file == NULL) {
		rc = -errno;
		complain("%s: it cannot be opened: %s", path, strerror(errno));
	} else {
		rc = read_rows(reader, rows, least);
		fclose(reader->file);
	}
	free(reader);
	return rc;
}

/* A price holds until the next row's; `next` is the first row that is later. */
static double price_at(const struct home_rows *prices, struct wall_time at, size_t *next)
{
	while (*next < prices->count && prices->rows[*next].start.ms <= at.ms)
		++*next;
	if (*next == 0 || at.ms - prices->rows[*next - 1].start.ms > PRICE_LASTS_MS)
		return NAN;
	return prices->rows[*next - 1].value[HOME_SELL];
}

int home_rows_set_export(struct home_rows *rows, const struct home_export *export)
{
	struct home_rows prices = {0};
	size_t at = 0;
	int rc = 0;

	if (export->path != NULL) {
		rc = home_rows_read(&prices, export->path, 1);
		if (rc == 0 && !prices.has[HOME_SELL]) {
			complain("%s:1: there is no column export_price; needed are time and "
				 "export_price",
				 export->path);
			rc = -EINVAL;
		}
	} else if (!export->is_fixed) {
		return 0;
	}
	for (size_t i = 0; i < rows->count && rc == 0; i++) {
		rows->rows[i].value[HOME_SELL] =
		    export->is_fixed ? export->price : price_at(&prices, rows->rows[i].start, &at);
		rows->rows[i].is_absurd[HOME_SELL] = false;
	}
	rows->has[HOME_SELL] = rows->has[HOME_SELL] || rc == 0;
	home_rows_free(&prices);
	return rc;
}

void home_rows_free(struct home_rows *rows)
{
	free(rows->rows);
	free(rows->lines);
	*rows = (struct home_rows){0};
}
