/*
 * One pass from the journal to the server: what comes next, whether it was
 * taken, what to do with a row that was not. When to try and when to wait is
 * for adapt/server.
 */
#include "adapt/server_forward.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adapt/journal_forward.h"
#include "adapt/server.h"
#include "adapt/server_letter.h"
#include "adapt/server_schema.h"
#include "base/log.h"

struct server_forward {
	char path[PATH_TEXT_MAX];
	struct journal_reader *reader; /* NULL: not open */
	ino_t inode; /* of the file that is open: a journal set aside is replaced by another */
	struct journal_identity identity;
	struct server_link *link; /* borrowed */
	struct server_batch *batches[SERVER_TABLES];
	char sources[SERVER_TABLES][SERVER_STATEMENT_MAX]; /* what is selected from the journal */
	struct server_letters *letters;
	bool is_positioned; /* `position` is the server's */
	struct server_counts counts;
};

static int make_batches(struct server_forward *forward)
{
	for (enum server_table_id id = 0; id < SERVER_TABLES; id++) {
		struct text sources = text_in(forward->sources[id], sizeof(forward->sources[id]));

		server_table_write_sources(server_table(id), &sources);
		if (server_batch_new(&forward->batches[id], server_table(id), SERVER_BATCH_ROWS) !=
		    0)
			return -ENOMEM;
	}
	return 0;
}

int server_forward_new(struct server_forward **out, const char *journal_path)
{
	struct server_forward *forward = calloc(1, sizeof(*forward));

	if (!forward)
		return -ENOMEM;
	if (make_batches(forward) != 0 || server_letters_new(&forward->letters) != 0) {
		server_forward_free(forward);
		return -ENOMEM;
	}
	snprintf(forward->path, sizeof(forward->path), "%s", journal_path);
	*out = forward;
	return 0;
}

void server_forward_free(struct server_forward *forward)
{
	if (!forward)
		return;
	for (enum server_table_id id = 0; id < SERVER_TABLES; id++)
		server_batch_free(forward->batches[id]);
	server_letters_free(forward->letters);
	journal_reader_free(forward->reader);
	free(forward);
}

static ino_t inode_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_ino : 0;
}

/* Opens the journal, again where another file has taken its place. */
static int open_journal(struct server_forward *forward, struct text *error)
{
	ino_t inode = inode_of(forward->path);

	if (forward->reader && forward->inode == inode)
		return 0;
	journal_reader_free(forward->reader);
	forward->reader = NULL;
	forward->is_positioned = false;
	forward->counts.is_position_known = false;
	memset(forward->counts.position, 0, sizeof(forward->counts.position));

	struct journal_reader *reader = NULL;
	int result = journal_reader_new(&reader, forward->path);
	if (result == 0)
		result = journal_read_identity(reader, &forward->identity);
	if (result == 0)
		result = journal_forward_prepare(reader);
	if (result != 0) {
		text_add(error, "the journal %s cannot be read: %s", forward->path,
			 reader ? journal_reader_error(reader) : strerror(-result));
		journal_reader_free(reader);
		return result;
	}
	forward->reader = reader;
	forward->inode = inode;
	return 0;
}

static int ask_number(struct server_forward *forward, const char *query, int64_t *number,
		      struct text *error)
{
	char value[32];

	if (server_link_ask(forward->link, query, value, sizeof(value), error) != 0)
		return -EIO;
	*number = strtoll(value, NULL, 10);
	return 0;
}

/*
 * Asks for the highest row that the server has of this journal: as a row, or as a
 * dead letter, since all rows before a letter have gone one of these ways too.
 */
static int read_position(struct server_forward *forward, enum server_table_id id,
			 struct text *error)
{
	char query[512];
	struct text text = text_in(query, sizeof(query));
	const struct journal_identity *identity = &forward->identity;
	const char *table = server_table(id)->name;

	/* Names are of letters, digits, `.`, `_`, `-` and `:` only: see model/ident.h. */
	text_add(&text,
		 "SELECT GREATEST(COALESCE((SELECT MAX(`row`) FROM %s WHERE collector = '%s' "
		 "AND epoch = %" PRId64 "), 0), COALESCE((SELECT MAX(`row`) FROM dead_letter "
		 "WHERE collector = '%s' AND epoch = %" PRId64 " AND table_name = '%s'), 0))",
		 table, identity->collector.text, identity->epoch, identity->collector.text,
		 identity->epoch, table);
	return ask_number(forward, query, &forward->counts.position[id], error);
}

static int count_letters(struct server_forward *forward, struct text *error)
{
	char query[256];
	struct text text = text_in(query, sizeof(query));
	int64_t letters = 0;

	text_add(&text, "SELECT COUNT(*) FROM dead_letter WHERE collector = '%s'",
		 forward->identity.collector.text);
	if (ask_number(forward, query, &letters, error) != 0)
		return -EIO;
	forward->counts.letters = (uint64_t)letters;
	return 0;
}

static int find_positions(struct server_forward *forward, struct text *error)
{
	for (enum server_table_id id = 0; id < SERVER_TABLES; id++)
		if (read_position(forward, id, error) != 0)
			return SERVER_FORWARD_AWAY;
	if (count_letters(forward, error) != 0)
		return SERVER_FORWARD_AWAY;
	forward->is_positioned = true;
	forward->counts.is_position_known = true;
	return SERVER_FORWARD_DONE;
}

int server_forward_begin(struct server_forward *forward, struct server_link *link,
			 struct text *error)
{
	forward->link = link;
	forward->is_positioned = false;
	switch (server_schema_check(link, error)) {
	case 0:
		break;
	case -EIO:
		return SERVER_FORWARD_AWAY;
	default:
		return SERVER_FORWARD_UNFIT;
	}
	for (enum server_table_id id = 0; id < SERVER_TABLES; id++)
		if (server_batch_prepare(forward->batches[id], link, error) != 0)
			return SERVER_FORWARD_AWAY;
	if (server_letters_prepare(forward->letters, link, error) != 0)
		return SERVER_FORWARD_AWAY;
	if (open_journal(forward, error) != 0)
		return SERVER_FORWARD_NO_JOURNAL;
	return find_positions(forward, error);
}

/* Where the rows of one table go. */
struct filling {
	struct server_batch *batch;
	const struct journal_identity *identity;
};

static bool take_row(void *user, sqlite3_stmt *row)
{
	const struct filling *filling = user;

	server_batch_add(filling->batch, filling->identity, row);
	return server_batch_has_room(filling->batch);
}

static int fill(struct server_forward *forward, enum server_table_id id)
{
	struct filling filling = {forward->batches[id], &forward->identity};

	server_batch_clear(filling.batch);
	return journal_forward_after(forward->reader, server_table(id)->journal_table,
				     forward->sources[id], forward->counts.position[id],
				     SERVER_BATCH_ROWS, take_row, &filling);
}

/* Tells a person of a row that is left out for good; it stays in the journal too. */
static void note_refused(struct server_forward *forward, enum server_table_id id, int64_t row,
			 const char *reason)
{
	struct server_counts *counts = &forward->counts;
	struct text text = text_in(counts->refusal, sizeof(counts->refusal));

	text_add(&text, "%s row %" PRId64 ": %s", server_table(id)->name, row, reason);
	log_error("the server refuses %s row %" PRId64 " of journal %" PRId64 ": %s",
		  server_table(id)->name, row, forward->identity.epoch, reason);
	counts->refused++;
}

/*
 * Leaves the row at `index` out: among the dead letters, or where the server
 * refuses that too, in the journal alone.
 */
static int leave_out(struct server_forward *forward, enum server_table_id id, size_t index,
		     const char *reason, struct text *error)
{
	const struct server_batch *batch = forward->batches[id];
	int64_t row = server_batch_row(batch, index);
	char words[ALERT_DETAIL_MAX];
	struct text refusal = text_in(words, sizeof(words));

	switch (server_letters_store(forward->letters, forward->link, &forward->identity,
				     server_table(id), batch, index, reason, &refusal)) {
	case SERVER_BATCH_STORED:
		forward->counts.letters++;
		break;
	case SERVER_BATCH_REFUSED:
		log_error("the server refuses the dead letter of %s row %" PRId64 " too: %s",
			  server_table(id)->name, row, words);
		break;
	default:
		text_add(error, "%s", words);
		return -EIO;
	}
	note_refused(forward, id, row, reason);
	return 0;
}

static void note_done(struct server_forward *forward, enum server_table_id id, size_t first,
		      size_t count)
{
	forward->counts.position[id] = server_batch_row(forward->batches[id], first + count - 1);
}

/*
 * Stores a span of the batch. Where the server refuses a row, halves the span
 * until that row is alone: at most one more transaction for each halving and
 * each refused row, all others stored in order.
 */
static int store_span(struct server_forward *forward, enum server_table_id id, size_t first,
		      size_t count, struct text *error)
{
	struct server_batch *batch = forward->batches[id];
	char reason[ALERT_DETAIL_MAX];
	struct text words = text_in(reason, sizeof(reason));

	switch (server_batch_store(batch, forward->link, first, count, &words)) {
	case SERVER_BATCH_STORED:
		forward->counts.sent += count;
		note_done(forward, id, first, count);
		return 0;
	case SERVER_BATCH_REFUSED:
		break;
	default:
		text_add(error, "%s", reason);
		return -EIO;
	}
	if (count == 1) {
		if (leave_out(forward, id, first, reason, error) != 0)
			return -EIO;
		note_done(forward, id, first, count);
		return 0;
	}
	int result = store_span(forward, id, first, count / 2, error);
	return result != 0 ? result
			   : store_span(forward, id, first + count / 2, count - count / 2, error);
}

/*
 * Whether the server has got further than we thought: a commit whose answer
 * was lost may be carried out after we have asked where it stands.
 */
static int find_moved(struct server_forward *forward, enum server_table_id id, bool *has_moved,
		      struct text *error)
{
	int64_t before = forward->counts.position[id];

	if (read_position(forward, id, error) != 0)
		return -EIO;
	*has_moved = forward->counts.position[id] > before;
	if (!*has_moved)
		forward->counts.position[id] = before; /* refused rows count as passed */
	return 0;
}

static int send_batch(struct server_forward *forward, enum server_table_id id, struct text *error)
{
	struct server_batch *batch = forward->batches[id];
	size_t count = server_batch_count(batch);
	char reason[ALERT_DETAIL_MAX];
	struct text words = text_in(reason, sizeof(reason));
	bool has_moved = false;

	switch (server_batch_store(batch, forward->link, 0, count, &words)) {
	case SERVER_BATCH_STORED:
		forward->counts.sent += count;
		note_done(forward, id, 0, count);
		return 0;
	case SERVER_BATCH_REFUSED:
		break;
	default:
		text_add(error, "%s", reason);
		return -EIO;
	}
	if (find_moved(forward, id, &has_moved, error) != 0)
		return -EIO;
	return has_moved ? 0 : store_span(forward, id, 0, count, error);
}

int server_forward_step(struct server_forward *forward, struct text *error)
{
	bool has_more = false;

	if (open_journal(forward, error) != 0)
		return SERVER_FORWARD_NO_JOURNAL;
	if (!forward->is_positioned && find_positions(forward, error) != 0)
		return SERVER_FORWARD_AWAY;
	for (enum server_table_id id = 0; id < SERVER_TABLES; id++) {
		if (fill(forward, id) != 0) {
			text_add(error, "the journal: %s", journal_reader_error(forward->reader));
			return SERVER_FORWARD_NO_JOURNAL;
		}
		size_t count = server_batch_count(forward->batches[id]);
		if (count > 0 && send_batch(forward, id, error) != 0) {
			forward->is_positioned = false;
			return SERVER_FORWARD_AWAY;
		}
		has_more = has_more || count == SERVER_BATCH_ROWS ||
			   !server_batch_has_room(forward->batches[id]);
	}
	return has_more ? SERVER_FORWARD_MORE : SERVER_FORWARD_DONE;
}

void server_forward_count(struct server_forward *forward)
{
	struct server_counts *counts = &forward->counts;
	char words[ALERT_DETAIL_MAX];
	struct text error = text_in(words, sizeof(words));
	uint64_t unsent = 0;

	if (open_journal(forward, &error) != 0)
		return;
	for (enum server_table_id id = 0; id < SERVER_TABLES; id++) {
		int64_t last = 0;

		if (journal_forward_last(forward->reader, server_table(id)->journal_table, &last) !=
		    0)
			return;
		if (last > counts->position[id])
			unsent += (uint64_t)(last - counts->position[id]);
	}
	counts->unsent = unsent;
}

const struct server_counts *server_forward_counts(const struct server_forward *forward)
{
	return &forward->counts;
}
