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

#include "adapt/server.h"
#include "adapt/server_schema.h"
#include "base/log.h"

struct server_forward {
	char path[PATH_TEXT_MAX];
	struct journal_reader *reader; /* NULL: not open */
	ino_t inode; /* of the file that is open: a journal set aside is replaced by another */
	struct journal_identity identity;
	struct server_link *link; /* borrowed */
	struct server_batch *batches[SERVER_TABLES];
	bool is_positioned; /* `position` is the server's */
	struct server_counts counts;
};

int server_forward_new(struct server_forward **out, const char *journal_path)
{
	struct server_forward *forward = calloc(1, sizeof(*forward));

	if (!forward)
		return -ENOMEM;
	for (enum server_table_id id = 0; id < SERVER_TABLES; id++) {
		if (server_batch_new(&forward->batches[id], server_table(id), SERVER_BATCH_ROWS) !=
		    0) {
			server_forward_free(forward);
			return -ENOMEM;
		}
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

/* Asks for the highest row that the server has of this journal. */
static int read_position(struct server_forward *forward, enum server_table_id id,
			 struct text *error)
{
	char query[256], value[32];
	struct text text = text_in(query, sizeof(query));

	/* Names are of letters, digits, `.`, `_`, `-` and `:` only: see model/ident.h. */
	text_add(&text, "SELECT MAX(`row`) FROM %s WHERE collector = '%s' AND epoch = %" PRId64,
		 server_table(id)->name, forward->identity.collector.text, forward->identity.epoch);
	if (server_link_ask(forward->link, query, value, sizeof(value), error) != 0)
		return -EIO;
	forward->counts.position[id] = strtoll(value, NULL, 10);
	return 0;
}

static int find_positions(struct server_forward *forward, struct text *error)
{
	for (enum server_table_id id = 0; id < SERVER_TABLES; id++)
		if (read_position(forward, id, error) != 0)
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
	if (open_journal(forward, error) != 0)
		return SERVER_FORWARD_NO_JOURNAL;
	return find_positions(forward, error);
}

static bool take_reading(void *user, const struct journal_reading *reading)
{
	struct server_forward *forward = user;

	server_batch_add_reading(forward->batches[SERVER_READINGS], &forward->identity, reading);
	return true;
}

static bool take_relay(void *user, const struct journal_relay *relay)
{
	struct server_forward *forward = user;

	server_batch_add_relay(forward->batches[SERVER_RELAYS], &forward->identity, relay);
	return true;
}

static int fill(struct server_forward *forward, enum server_table_id id)
{
	int64_t position = forward->counts.position[id];

	server_batch_clear(forward->batches[id]);
	if (id == SERVER_READINGS)
		return journal_read_readings_after(forward->reader, position, SERVER_BATCH_ROWS,
						   take_reading, forward);
	return journal_read_relays_after(forward->reader, position, SERVER_BATCH_ROWS, take_relay,
					 forward);
}

/* Leaves a row out for good: it stays in the journal, and a person is told. */
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
		note_refused(forward, id, server_batch_row(batch, first), reason);
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
	bool is_full = false;

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
		is_full = is_full || count == SERVER_BATCH_ROWS;
	}
	return is_full ? SERVER_FORWARD_MORE : SERVER_FORWARD_DONE;
}

void server_forward_count(struct server_forward *forward)
{
	struct server_counts *counts = &forward->counts;
	char words[ALERT_DETAIL_MAX];
	struct text error = text_in(words, sizeof(words));
	int64_t readings = 0, relays = 0;

	if (open_journal(forward, &error) != 0 ||
	    journal_read_last(forward->reader, &readings, &relays) != 0)
		return;
	int64_t unsent =
	    readings - counts->position[SERVER_READINGS] + relays - counts->position[SERVER_RELAYS];
	counts->unsent = unsent > 0 ? (uint64_t)unsent : 0;
}

const struct server_counts *server_forward_counts(const struct server_forward *forward)
{
	return &forward->counts;
}
