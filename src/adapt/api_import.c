/*
 * Rows that come back: a piece of a CSV file becomes stored readings, or minutes of
 * meters, of the past. Which they are is told by the first line.
 *
 * It decides what a line may say: what a sensor could have sent, and nothing of
 * the future, since the newest row is what the next start holds the clock against.
 * Control never hears of these rows, and no decision follows. Each is stored once: a row that is
 * there by node, time and sequence stays as it is, and as many rows of one node, time
 * and sequence are stored as one piece has of them. The answer waits for the disk,
 * and only then says how many were new.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "wire/csv_meter.h"
#include "wire/csv_reading.h"

#define ERRORS_TOLD_MAX 20
#define SAME_MAX 64 /* different rows of one ms that are told apart */

/* Rows of the same ms, so that two that are equal are both stored. */
struct same_time {
	struct wall_time at;
	size_t begins; /* where the first of them begins in the body */
	size_t count;
	struct {
		struct ident node;
		bool has_sequence;
		int64_t sequence;
		uint32_t copies;
	} each[SAME_MAX];
};

struct import_work {
	struct api *api;
	struct now now;
	bool is_of_meters;
	struct csv_columns columns;
	struct csv_record record;
	struct same_time same;
	uint64_t line;
	size_t at; /* bytes of the body that are done with */
	size_t rows, bad;
	json_t *errors;
};

/* ---- one line ---- */

static void tell_bad(struct import_work *work, const struct csv_fault *fault)
{
	work->bad++;
	if (json_array_size(work->errors) >= ERRORS_TOLD_MAX)
		return;
	json_array_append_new(work->errors,
			      json_pack("{s:I, s:o, s:s}", "line", (json_int_t)work->line, "column",
					fault->column[0] ? json_string(fault->column) : json_null(),
					"detail", fault->words));
}

/* The how manieth row this is of its node (or meter), time and sequence. */
static uint32_t count_copies(struct same_time *same, struct wall_time wall,
			     const struct ident *node, const int64_t *sequence, size_t at)
{
	if (wall.ms != same->at.ms || same->count == 0) {
		same->at = wall;
		same->begins = at;
		same->count = 0;
	}
	for (size_t i = 0; i < same->count; i++) {
		if (ident_equal(&same->each[i].node, node) &&
		    same->each[i].has_sequence == (sequence != NULL) &&
		    (!sequence || same->each[i].sequence == *sequence))
			return ++same->each[i].copies;
	}
	if (same->count < SAME_MAX) {
		same->each[same->count].node = *node;
		same->each[same->count].has_sequence = sequence != NULL;
		same->each[same->count].sequence = sequence ? *sequence : 0;
		same->each[same->count].copies = 1;
		same->count++;
	}
	return 1;
}

/* Reads the record into one for the journal. Returns 0 or -EINVAL. */
static int read_reading(struct import_work *work, struct record *record, struct csv_fault *fault)
{
	struct csv_reading line;
	const int64_t *sequence = &line.reading.sequence;

	if (csv_reading_parse(&line, &work->columns, &work->record, fault) < 0)
		return -EINVAL;
	*record = (struct record){
	    .kind = RECORD_IMPORTED, .wall = line.at, .wall_is_trusted = line.at_is_trusted};
	record->reading.reading = line.reading;
	record->reading.quality = line.quality;
	if (line.at.ms <= work->now.wall.ms)
		record->reading.copies =
		    count_copies(&work->same, line.at, &line.reading.node,
				 line.reading.has_sequence ? sequence : NULL, work->at);
	return 0;
}

static int read_meter(struct import_work *work, struct record *record, struct csv_fault *fault)
{
	struct csv_meter line;

	if (csv_meter_parse(&line, &work->columns, &work->record, fault) < 0)
		return -EINVAL;
	*record = (struct record){.kind = RECORD_METER_IMPORTED,
				  .wall = line.minute.from,
				  .wall_is_trusted = line.at_is_trusted};
	record->meter.meter = line.meter;
	record->meter.minute = line.minute;
	if (record->wall.ms <= work->now.wall.ms)
		record->meter.copies =
		    count_copies(&work->same, record->wall, &line.meter, NULL, work->at);
	return 0;
}

/* Returns 0 also where the line is bad; else what kept a good one from being taken. */
static int take_line(struct import_work *work, struct text *error)
{
	struct record record;
	struct csv_fault fault = {0};
	int rc;

	if (work->record.count == 0)
		return 0;
	rc = work->is_of_meters ? read_meter(work, &record, &fault)
				: read_reading(work, &record, &fault);
	if (rc == 0 && record.wall.ms > work->now.wall.ms) {
		struct text column = text_in(fault.column, sizeof(fault.column));
		struct text words = text_in(fault.words, sizeof(fault.words));

		text_add(&column, "at");
		text_add(&words, "\"%s\" is still to come", work->record.fields[0]);
		rc = -EINVAL;
	}
	if (rc < 0) {
		tell_bad(work, &fault);
		return 0;
	}
	rc = work->api->host.import(work->api->host.user, &record, error);
	work->rows += rc == 0;
	return rc;
}

/* ---- a piece of a file ---- */

/* The first line, which each piece has. */
static int read_head(struct import_work *work, const struct http_request *request,
		     struct text *error)
{
	struct csv_fault fault = {0};
	const char *why = "there is none";
	enum csv_answer answer = csv_record_read(&work->record, request->body ? request->body : "",
						 request->body_length, true, &why);

	if (answer != CSV_READ) {
		text_add(error, "line 1: %s", why);
		return -EINVAL;
	}
	work->is_of_meters = csv_meter_is_head(&work->record);
	if ((work->is_of_meters ? csv_meter_columns_parse : csv_reading_columns_parse)(
		&work->columns, &work->record, &fault) < 0) {
		text_add(error, "line 1, column \"%s\": %s", fault.column, fault.words);
		return -EINVAL;
	}
	work->at = work->record.length;
	return 0;
}

/*
 * Where there is no room for a row, the piece is read on from here later; from the first row of
 * its ms, so that equal ones are counted from there.
 */
static void stop_here(struct import_work *work, size_t begin)
{
	if (work->same.count > 0 && work->same.begins > begin)
		work->at = work->same.begins;
}

static int read_lines(struct import_work *work, const struct http_request *request,
		      struct text *error)
{
	size_t begin = work->at;
	const char *why = "";
	enum csv_answer answer;

	while ((answer = csv_record_read(&work->record, request->body + work->at,
					 request->body_length - work->at, true, &why)) !=
	       CSV_AT_END) {
		int rc = 0;

		if (answer == CSV_READ) {
			rc = take_line(work, error);
		} else {
			struct csv_fault fault = {0};
			struct text words = text_in(fault.words, sizeof(fault.words));

			text_add(&words, "%s", why);
			tell_bad(work, &fault);
		}
		if (rc == -ENOBUFS) {
			stop_here(work, begin);
			return 0;
		}
		if (rc < 0)
			return rc;
		work->at += work->record.length;
		work->line += work->record.lines;
	}
	return 0;
}

/* ---- the answer ---- */

/* Called once the rows are durable, or known not to be: what else can be said now. */
static void settle(struct api *api, json_t *body)
{
	uint64_t stored = api->host.imported(api->host.user) - api->imported_before;
	json_int_t rows = json_integer_value(json_object_get(body, "rows"));

	json_object_set_new(body, "stored", json_integer((json_int_t)stored));
	json_object_set_new(body, "known", json_integer(rows - (json_int_t)stored));
	api->is_importing = false;
}

static int read_line_number(uint64_t *out, const char *text)
{
	char *end;

	*out = 2;
	if (!text)
		return 0;
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return *end || errno ? -EINVAL : 0;
}

static int begin(struct import_work *work, const struct http_request *request, struct text *error)
{
	if (read_line_number(&work->line, http_argument(request, "line")) < 0) {
		text_add(error, "\"line\" must be a number");
		return -EINVAL;
	}
	if (!work->now.wall_is_trusted) {
		text_add(error,
			 "nothing was done: amphorad's clock is not trusted yet, and what is "
			 "still to come cannot be told from what was");
		return -EAGAIN;
	}
	if (work->api->is_importing) {
		text_add(error, "nothing was done: another import is under way");
		return -EBUSY;
	}
	return read_head(work, request, error);
}

void api_post_import(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct import_work work = {.api = api, .now = api->host.now(api->host.user)};
	int rc;

	work.errors = json_array();
	rc = begin(&work, request, &error);
	if (rc == 0) {
		api->imported_before = api->host.imported(api->host.user);
		rc = read_lines(&work, request, &error);
	}
	if (rc < 0) {
		json_decref(work.errors);
		api_refuse(reply, rc, &error);
		return;
	}
	http_note(request, "%zu rows, %zu bad lines, to line %llu", work.rows, work.bad,
		  (unsigned long long)work.line - 1);
	api->is_importing = true;
	api_reply_when_stored(
	    api, request, reply,
	    &(struct api_change){
		.status = 200,
		.body = json_pack("{s:I, s:I, s:o, s:I}", "rows", (json_int_t)work.rows, "bad",
				  (json_int_t)work.bad, "errors", work.errors, "read_bytes",
				  (json_int_t)work.at),
		.settle = settle,
	    });
}
