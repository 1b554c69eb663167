/*
 * Series as columns, asked for: which points, from which level, in which form.
 *
 * Runs on a worker. Reading is columns_read.c's affair, writing columns_text.c's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_columns.h"
#include "adapt/api_rollup.h"

#define POINTS_USUAL 500

struct question {
	uint32_t points;
	int level; /* also API_LEVEL_AUTO */
	enum columns_way way;
	bool is_csv;
};

bool api_asks_columns(const struct http_request *request)
{
	return http_argument(request, "points") || http_argument(request, "agg") ||
	       http_argument(request, "format");
}

/* The place of `word` among `words`; 0 where it is NULL, -EINVAL where it is none of them. */
static int choose(const char *word, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!word || strcmp(word, words[i]) == 0)
			return (int)i;
	return -EINVAL;
}

static int read_question(struct question *out, const struct http_request *request, const char *name,
			 struct http_reply *reply)
{
	static const char *const WAYS[] = {"mean", "last", "minmax"};
	static const char *const FORMATS[] = {"columns", "csv"};
	const char *level = http_argument(request, "level");
	int way = choose(http_argument(request, "agg"), WAYS, ARRAY_LENGTH(WAYS));
	int format = choose(http_argument(request, "format"), FORMATS, ARRAY_LENGTH(FORMATS));

	*out = (struct question){.points = POINTS_USUAL, .level = API_LEVEL_AUTO};
	if (!name)
		http_problem(reply, 400, "\"node\" is needed: columns are of one node, relay or meter");
	else if (api_read_limit(&out->points, http_argument(request, "points"), SERIES_POINTS_MAX) <
		 0)
		http_problem(reply, 400, "\"points\" must be within 1..5000");
	else if (way < 0)
		http_problem(reply, 400, "\"agg\" must be mean, last or minmax");
	else if (format < 0)
		http_problem(reply, 400, "\"format\" must be columns or csv");
	else if (level && api_level_find(&out->level, level) < 0)
		http_problem(reply, 400, "\"level\" must be auto, raw, 1min, 15min or 1day");
	else {
		out->way = (enum columns_way)way;
		out->is_csv = format == 1;
		return 0;
	}
	return -EINVAL;
}

static bool keep_interval(void *user, const struct journal_reading *reading)
{
	*(double *)user = reading->received.interval_s;
	return false;
}

/*
 * The shortest time that a point is of: two intervals of a node that says one, so that what
 * comes a little late is no gap.
 */
static int least_step(struct journal_reader *reader, const struct columns *columns,
		      struct wall_time to, int64_t *least_ms)
{
	double interval_s = 0;
	struct journal_span newest = {.to = to, .limit = 1, .newest_first = true};
	int rc = columns->subject != JOURNAL_NODE
		     ? 0
		     : journal_read_readings(reader, columns->name, newest,
							   keep_interval, &interval_s);

	*least_ms = interval_s > 0 && interval_s < MS_PER_DAY / MS_PER_SECOND
			? (int64_t)(2 * interval_s * MS_PER_SECOND)
			: MS_PER_SECOND;
	return rc;
}

static int read_columns(const struct api *api, const struct question *question,
			struct columns *columns, struct journal_span span,
			struct journal_reader *reader)
{
	int64_t step_ms = (span.to.ms - span.from.ms) / question->points, least_ms = 0;
	int rc = question->level == API_LEVEL_AUTO
		     ? api_level_for_step(reader, columns->name, columns->subject, span, step_ms,
					  &columns->level)
		     : 0;

	/* A meter's rows are its minutes. */
	if (columns->subject == JOURNAL_METER && columns->level == SERIES_ROWS)
		columns->level = ROLLUP_MINUTE;
	if (rc == 0)
		rc = least_step(reader, columns, span.to, &least_ms);
	if (rc == 0)
		rc = series_grid_init(&columns->grid, columns->level, span.from, span.to,
				      question->points, least_ms, api->host.offset_s);
	if (rc == 0)
		rc = columns_read(columns, reader);
	return rc;
}

static bool is_empty(const struct columns *columns)
{
	for (size_t i = 0; i < columns->grid.count; i++)
		if (columns->cells[i].readings.count > 0 || columns->cells[i].is_known)
			return false;
	return true;
}

static void answer(struct api *api, const struct question *question,
		   const struct columns *columns, struct http_reply *reply)
{
	if (is_empty(columns) && !api_is_known(api, columns->subject, columns->name)) {
		http_problem(reply, 404, "no such node, and no rows of one in this time");
		return;
	}
	reply->body = question->is_csv ? columns_csv(columns, &reply->body_length)
				       : columns_json(columns, &reply->body_length);
	if (!reply->body) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	reply->status = 200;
	reply->content_type =
	    question->is_csv ? "text/csv; charset=utf-8; header=present" : "application/json";
}

void api_reply_columns(struct api *api, const struct http_request *request, const char *name,
		       enum journal_subject subject, struct journal_span span,
		       struct http_reply *reply)
{
	struct journal_reader *reader = NULL;
	struct question question;
	struct columns columns = {
	    .name = name, .subject = subject, .now = clock_wall(api->host.clock)};
	int rc;

	if (read_question(&question, request, name, reply) < 0)
		return;
	columns.level = question.level;
	columns.way = question.way;
	if (span.from.ms < 0 || span.to.ms <= span.from.ms ||
	    span.to.ms - span.from.ms > SERIES_DAYS_MAX * MS_PER_DAY) {
		http_problem(reply, 400, "\"from\" must be before \"to\", by 100 years at most");
		return;
	}
	rc = journal_reader_new(&reader, api->host.journal_path);
	if (rc == 0)
		rc = read_columns(api, &question, &columns, span, reader);
	if (rc == 0)
		answer(api, &question, &columns, reply);
	else if (rc == -ENOMEM)
		http_problem(reply, 500, "out of memory");
	else
		http_problem(reply, reader ? 500 : 503,
			     reader ? journal_reader_error(reader) : "the journal cannot be read");
	journal_reader_free(reader);
	free(columns.cells);
	series_grid_deinit(&columns.grid);
}
