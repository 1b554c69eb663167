/*
 * RFC 4180, read strictly where reading on would guess: a quote within a bare
 * field, or text after a closing quote, is an error and not text. After one the
 * next line is read as a new record, so that one bad line costs only itself.
 */
#include "wire/csv_record.h"

#include <string.h>

/* The record being read: where it stands in the bytes, and where its text goes. */
struct csv_reader {
	const char *data;
	size_t length, at;
	struct csv_record *out;
	char *to;
	const char *why;
};

static bool is_at_end(const struct csv_reader *reader)
{
	return reader->at == reader->length;
}

static char next(const struct csv_reader *reader)
{
	return reader->data[reader->at];
}

/* Whether a line ends here: LF, CR LF, or a CR that is the last of all. */
static bool is_line_end(const struct csv_reader *reader)
{
	if (is_at_end(reader))
		return false;
	return next(reader) == '\n' ||
	       (next(reader) == '\r' &&
		(reader->at + 1 == reader->length || reader->data[reader->at + 1] == '\n'));
}

static void take(struct csv_reader *reader)
{
	*reader->to++ = next(reader);
	reader->at++;
}

static void read_bare(struct csv_reader *reader)
{
	while (!is_at_end(reader) && next(reader) != ',' && !is_line_end(reader)) {
		if (next(reader) == '"' || next(reader) == '\0' || next(reader) == '\r') {
			reader->why = next(reader) == '"'
					  ? "a quote stands within a field that has none "
					    "around it"
					  : "a control character stands in it";
			return;
		}
		take(reader);
	}
}

/* After the opening quote, up to and with the closing one. */
static void read_quoted(struct csv_reader *reader)
{
	for (; !is_at_end(reader); take(reader)) {
		if (next(reader) == '\0') {
			reader->why = "a control character stands in it";
			return;
		}
		if (next(reader) != '"')
			continue;
		reader->at++;
		if (!is_at_end(reader) && next(reader) == '"')
			continue;
		if (!is_at_end(reader) && next(reader) != ',' && !is_line_end(reader))
			reader->why = "something stands behind a closing quote";
		return;
	}
	reader->why = "its last quote is missing";
}

static void read_field(struct csv_reader *reader)
{
	struct csv_record *out = reader->out;

	if (out->count == CSV_FIELDS_MAX) {
		reader->why = "it has more than 32 fields";
		return;
	}
	out->fields[out->count++] = reader->to;
	if (!is_at_end(reader) && next(reader) == '"') {
		reader->at++;
		read_quoted(reader);
	} else {
		read_bare(reader);
	}
	*reader->to++ = '\0';
}

/* Passes over the comma before another field; returns whether there is one. */
static bool take_comma(struct csv_reader *reader)
{
	if (is_at_end(reader) || next(reader) != ',')
		return false;
	reader->at++;
	return true;
}

static void take_line_end(struct csv_reader *reader)
{
	if (!is_at_end(reader) && next(reader) == '\r')
		reader->at++;
	if (!is_at_end(reader) && next(reader) == '\n')
		reader->at++;
}

/* Where the first line ends that begins at `data`, behind its LF; 0 where it does not. */
static size_t line_length(const char *data, size_t length)
{
	const char *end = memchr(data, '\n', length);

	return end ? (size_t)(end - data) + 1 : 0;
}

/* How far the record reaches: behind the LF that is not within quotes; 0 where that is not there.
 */
static size_t record_length(const char *data, size_t length, bool *has_open_quote)
{
	bool is_quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (data[i] == '"')
			is_quoted = !is_quoted;
		else if (data[i] == '\n' && !is_quoted)
			return i + 1;
	}
	*has_open_quote = is_quoted;
	return 0;
}

static size_t count_lines(const char *data, size_t length)
{
	size_t lines = 0;

	for (size_t i = 0; i < length; i++)
		lines += data[i] == '\n';
	return lines;
}

static enum csv_answer pass_over(struct csv_record *out, const char *data, size_t length)
{
	size_t line = line_length(data, length);

	out->count = 0;
	out->length = line ? line : length;
	out->lines = line ? 1 : 0;
	return CSV_BAD;
}

static enum csv_answer read_fields(struct csv_record *out, const char *data, size_t length,
				   const char **why)
{
	struct csv_reader reader = {.data = data, .length = length, .out = out, .to = out->text};

	out->count = 0;
	if (!is_line_end(&reader)) {
		do
			read_field(&reader);
		while (!reader.why && take_comma(&reader));
	}
	if (reader.why) {
		*why = reader.why;
		return pass_over(out, data, length);
	}
	take_line_end(&reader);
	out->length = reader.at;
	out->lines = count_lines(data, reader.at);
	return CSV_READ;
}

enum csv_answer csv_record_read(struct csv_record *out, const char *data, size_t length,
				bool is_whole, const char **why)
{
	bool has_open_quote = false;
	size_t most = length < CSV_RECORD_MAX ? length : CSV_RECORD_MAX;
	size_t record;

	if (length == 0)
		return CSV_AT_END;
	record = record_length(data, most, &has_open_quote);
	if (record > 0)
		return read_fields(out, data, record, why);
	if (length > CSV_RECORD_MAX || (!is_whole && length == CSV_RECORD_MAX)) {
		*why = has_open_quote ? "its last quote is missing, or it is longer than 2048 bytes"
				      : "it is longer than 2048 bytes";
		return pass_over(out, data, length);
	}
	if (!is_whole)
		return CSV_MORE;
	return read_fields(out, data, length, why);
}
