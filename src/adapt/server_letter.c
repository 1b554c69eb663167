/*
 * Writes a refused row into the table of dead letters. Its values are those that
 * were sent: numbers in full, times as the server writes them; a time that is
 * none, the usual reason, is the number that came.
 */
#include "adapt/server_letter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/server_time.h"

#define REASON_MAX 511

struct server_letters {
	struct server_batch *batch; /* of one */
};

int server_letters_new(struct server_letters **out)
{
	struct server_letters *letters = calloc(1, sizeof(*letters));

	if (!letters)
		return -ENOMEM;
	if (server_batch_new(&letters->batch, server_dead_letter_table(), 1) != 0) {
		free(letters);
		return -ENOMEM;
	}
	*out = letters;
	return 0;
}

void server_letters_free(struct server_letters *letters)
{
	if (!letters)
		return;
	server_batch_free(letters->batch);
	free(letters);
}

int server_letters_prepare(struct server_letters *letters, struct server_link *link,
			   struct text *error)
{
	return server_batch_prepare(letters->batch, link, error);
}

/* RFC 8259, section 7. */
static void add_string(struct text *out, const char *value)
{
	text_add(out, "\"");
	for (const char *at = value; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\')
			text_add(out, "\\%c", *at);
		else if ((unsigned char)*at < 0x20)
			text_add(out, "\\u%04x", (unsigned int)*at);
		else
			text_add(out, "%c", *at);
	}
	text_add(out, "\"");
}

static void add_time(struct text *out, int64_t wall_ms)
{
	if (!server_time_is_valid(wall_ms)) {
		text_add(out, "%" PRId64, wall_ms);
		return;
	}
	text_add(out, "\"");
	server_time_format(wall_ms, out);
	text_add(out, "\"");
}

static void add_value(struct text *out, const struct server_value *value)
{
	if (value->is_null) {
		text_add(out, "null");
		return;
	}
	switch (value->kind) {
	case COLUMN_INTEGER:
		text_add(out, "%" PRId64, value->integer);
		break;
	case COLUMN_DOUBLE:
		text_add(out, "%.17g", value->real);
		break;
	case COLUMN_TIME:
		add_time(out, value->integer);
		break;
	case COLUMN_TEXT:
		add_string(out, value->text);
		break;
	}
}

void server_letter_write(const struct server_table *table, const struct server_batch *batch,
			 size_t index, struct text *out)
{
	for (size_t i = 0; i < table->column_count; i++) {
		struct server_value value = server_batch_value(batch, i, index);

		text_add(out, "%s\"%s\":", i == 0 ? "{" : ",", table->columns[i].name);
		add_value(out, &value);
	}
	text_add(out, "}");
}

static struct server_value text_value(const char *text)
{
	return (struct server_value){.kind = COLUMN_TEXT, .text = text};
}

static struct server_value integer_value(int64_t integer)
{
	return (struct server_value){.kind = COLUMN_INTEGER, .integer = integer};
}

int server_letters_store(struct server_letters *letters, struct server_link *link,
			 const struct journal_identity *identity, const struct server_table *table,
			 const struct server_batch *batch, size_t index, const char *reason,
			 struct text *error)
{
	char content[SERVER_LETTER_MAX], words[REASON_MAX + 1];
	struct text json = text_in(content, sizeof(content));
	struct text cut = text_in(words, sizeof(words));
	struct server_value ts = server_batch_value(batch, SERVER_TS_COLUMN, index);

	server_letter_write(table, batch, index, &json);
	text_add(&cut, "%s", reason);
	ts.is_null = !server_time_is_valid(ts.integer);
	const struct server_value values[] = {
	    text_value(identity->collector.text),
	    integer_value(identity->epoch),
	    text_value(table->name),
	    integer_value(server_batch_row(batch, index)),
	    ts,
	    text_value(words),
	    text_value(content),
	};

	server_batch_clear(letters->batch);
	server_batch_add_values(letters->batch, values);
	return server_batch_store(letters->batch, link, 0, 1, error);
}
