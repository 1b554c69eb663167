/*
 * `amphora import`: readings, or minutes of meters, of a CSV file back into the running daemon.
 *
 * It cuts the file into pieces of whole lines, each with the file's first line, and
 * sends one after another: the next when the one before is durable. The daemon
 * alone says what a line is worth. Rows of one time are not parted, since equal ones
 * are counted within a piece.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/show.h"
#include "wire/csv_record.h"

#define PIECE_MAX (32 * 1024) /* the daemon reads it within a turn of its loop */
#define BUFFER_MAX (PIECE_MAX + CSV_RECORD_MAX)
#define PROGRESS_MS 250
#define ROOM_WAIT_MS 20
#define ROOM_WAITS_MAX 1500 /* without any progress: a disk that takes nothing */
#define ERRORS_SHOWN_MAX 20
#define BAD_MAX 1000 /* lines; then it is the wrong file */

struct import {
	struct cli *cli;
	FILE *file;
	char head[CSV_RECORD_MAX];
	size_t head_length;
	char data[CSV_RECORD_MAX + BUFFER_MAX]; /* behind room for the head */
	size_t length;                          /* of what is to be sent */
	bool is_at_end;
	uint64_t line; /* of the first byte in it */
	bool has_sent; /* so that a file without rows is looked at too */
	uint64_t stored, known, bad;
	int64_t told_ms;
};

/* Where what is to be sent begins. */
static char *data_of(struct import *import)
{
	return import->data + CSV_RECORD_MAX;
}

/* ---- the file ---- */

static int fill(struct import *import)
{
	if (import->is_at_end || import->length >= PIECE_MAX)
		return 0;
	import->length +=
	    fread(data_of(import) + import->length, 1, BUFFER_MAX - import->length, import->file);
	import->is_at_end = feof(import->file) != 0;
	if (!ferror(import->file))
		return 0;
	complain("the file cannot be read: %s", strerror(errno));
	return -EIO;
}

static void drop(struct import *import, size_t length)
{
	const char *at = data_of(import), *end = at + length;

	for (; at < end; at++)
		import->line += *at == '\n';
	import->length -= length;
	memmove(data_of(import), data_of(import) + length, import->length);
}

/* Keeps the first line. */
static int take_head(struct import *import)
{
	struct csv_record record;
	const char *why = "there is none";

	if (fill(import) < 0)
		return -EIO;
	import->line = 1;
	if (csv_record_read(&record, data_of(import), import->length, import->is_at_end, &why) !=
	    CSV_READ) {
		complain("line 1: %s", why);
		return -EINVAL;
	}
	import->head_length = record.length;
	memcpy(import->head, data_of(import), record.length);
	drop(import, record.length);
	return 0;
}

/* Up to which byte the next piece goes: whole lines, where it can be up to a new time. */
static size_t cut(const struct import *import)
{
	const char *data = import->data + CSV_RECORD_MAX, *why;
	struct csv_record record;
	char last[64] = "";
	size_t at = 0, new_time = 0;

	while (at < PIECE_MAX) {
		enum csv_answer answer = csv_record_read(&record, data + at, import->length - at,
							 import->is_at_end, &why);

		if (answer == CSV_AT_END || answer == CSV_MORE || at + record.length > BUFFER_MAX)
			break;
		if (answer == CSV_READ && record.count > 0 && strcmp(record.fields[0], last) != 0) {
			struct text text = text_in(last, sizeof(last));

			text_add(&text, "%s", record.fields[0]);
			new_time = at;
		}
		at += record.length;
	}
	if (import->is_at_end && at == import->length)
		return at;
	return new_time > 0 ? new_time : at;
}

/* ---- the answer ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void tell_progress(struct import *import)
{
	if (!isatty(STDERR_FILENO) || now_ms() - import->told_ms < PROGRESS_MS)
		return;
	import->told_ms = now_ms();
	fprintf(stderr, "\rline %" PRIu64 ": %" PRIu64 " stored, %" PRIu64 " there already",
		import->line, import->stored, import->known);
}

static void tell_errors(const struct import *import, const json_t *answer)
{
	uint64_t shown = import->bad;
	const json_t *error;
	size_t index;

	json_array_foreach(json_object_get(answer, "errors"), index, error)
	{
		const char *column = member_text(error, "column");

		if (shown++ >= ERRORS_SHOWN_MAX)
			return;
		complain("line %.0f%s%s: %s", member_number(error, "line"),
			 column[0] ? ", column " : "", column, member_text(error, "detail"));
	}
}

static void take_counts(struct import *import, const json_t *answer)
{
	tell_errors(import, answer);
	import->stored += (uint64_t)member_number(answer, "stored");
	import->known += (uint64_t)member_number(answer, "known");
	import->bad += (uint64_t)member_number(answer, "bad");
}

/* Sends `length` bytes behind the head. Returns an exit code, and what was read of them. */
static int send_piece(struct import *import, size_t length, size_t *done)
{
	char *body = data_of(import) - import->head_length;
	const struct client_body sent = {"text/csv", body, import->head_length + length, NULL, NULL};
	char path[CLIENT_PATH_MAX];
	struct text text = text_in(path, sizeof(path));
	json_t *answer;
	int rc;

	memcpy(body, import->head, import->head_length);
	text_add(&text, "import?line=%" PRIu64, import->line);
	rc = client_send(import->cli, "POST", path, &sent, &answer);
	if (rc != EXIT_OK)
		return rc;
	take_counts(import, answer);
	*done = (size_t)member_number(answer, "read_bytes");
	*done = *done < import->head_length ? 0 : *done - import->head_length;
	*done = *done > length ? length : *done;
	json_decref(answer);
	return EXIT_OK;
}

static int import_pieces(struct import *import)
{
	const struct timespec pause = {.tv_nsec = ROOM_WAIT_MS * 1000000L};
	int waits = 0;

	while (fill(import) == 0) {
		size_t length = cut(import), done = 0;
		int rc;

		if (length == 0 && import->has_sent)
			return EXIT_OK;
		import->has_sent = true;
		rc = send_piece(import, length, &done);
		if (rc != EXIT_OK)
			return rc;
		drop(import, done);
		tell_progress(import);
		if (import->bad > BAD_MAX) {
			complain("more than %d lines are not understood: is this the right file?",
				 BAD_MAX);
			return EXIT_FAILED;
		}
		waits = done == 0 && length > 0 ? waits + 1 : 0;
		if (waits > ROOM_WAITS_MAX) {
			complain("the journal takes nothing more");
			return EXIT_FAILED;
		}
		if (done < length)
			nanosleep(&pause, NULL);
	}
	return EXIT_FAILED;
}

/* What came of it, also where it ended early. */
static void tell_end(const struct import *import)
{
	json_t *counts;

	if (isatty(STDERR_FILENO) && import->told_ms > 0)
		fputs("\n", stderr);
	if (import->cli->format != FORMAT_PEOPLE) {
		counts = json_pack("{s:I, s:I, s:I}", "stored", (json_int_t)import->stored, "known",
				   (json_int_t)import->known, "bad", (json_int_t)import->bad);
		json_show(stdout, counts);
		json_decref(counts);
		return;
	}
	printf("%" PRIu64 " rows stored, %" PRIu64 " were there already, %" PRIu64
	       " lines not understood\n",
	       import->stored, import->known, import->bad);
}

int command_import(struct cli *cli, int argc, char **argv)
{
	struct import import = {.cli = cli, .file = stdin};
	int rc;

	if (!words_fit(argc, argv, 1, 1))
		return usage(cli);
	if (strcmp(argv[1], "-") != 0)
		import.file = fopen(argv[1], "re");
	if (!import.file) {
		rc = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
		complain("%s: %s", argv[1], strerror(errno));
		return rc;
	}
	rc = take_head(&import) == 0 ? import_pieces(&import) : EXIT_USAGE;
	if (import.file != stdin)
		fclose(import.file);
	if (import.line > 1)
		tell_end(&import);
	return rc == EXIT_OK && import.bad > 0 ? EXIT_FAILED : rc;
}
