/*
 * Series as columns: what a chart draws, one value a point and null where nothing is known.
 */
#pragma once

#include "adapt/api_internal.h"
#include "adapt/journal_read.h"
#include "adapt/series_grid.h"

/* What a point says of a quantity. */
enum columns_way { COLUMNS_MEAN, COLUMNS_LAST, COLUMNS_EXTREMES };

/* What is known of the time of one point. */
struct columns_cell {
	struct rollup_readings readings;
	bool is_known; /* of a relay; likewise the rest */
	bool has_state, is_on;
	int64_t on_ms, closings;
};

struct columns {
	const char *name;
	enum journal_subject subject;
	int level; /* SERIES_ROWS or an enum rollup_level */
	enum columns_way way;
	struct series_grid grid;
	struct columns_cell *cells;      /* grid.count */
	bool is_cut;                     /* there were more rows than are read */
	struct wall_time now, rolled_up; /* `rolled_up` 0: not told */
};

/* Reads what `columns` (its name, grid, level set) are to say. A negative errno of the reader. */
int columns_read(struct columns *columns, struct journal_reader *reader) MUST_CHECK;

/* As JSON or CSV text from malloc; NULL when memory is out. */
char *columns_json(const struct columns *columns, size_t *length) MUST_CHECK;
char *columns_csv(const struct columns *columns, size_t *length) MUST_CHECK;

/* Whether a question for a series is one for columns. */
bool api_asks_columns(const struct http_request *request);

/* Answers it; `level` as in api_rollup.h. */
void api_reply_columns(struct api *api, const struct http_request *request, const char *name,
		       enum journal_subject subject, struct journal_span span,
		       struct http_reply *reply);
