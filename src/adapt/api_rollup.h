/* The level of history that fits a question, and its rows. */
#pragma once

#include "adapt/api_page.h"
#include "adapt/journal_read.h"

/* The single rows; else an enum rollup_level. */
#define API_LEVEL_ROWS (-1)
#define API_LEVEL_AUTO (-2)

/* "raw", "auto", or a level's name; NULL is "raw". Returns 0 or -EINVAL. */
int api_level_find(int *out, const char *name) MUST_CHECK;
const char *api_level_name(int level);

/*
 * The finest level that shows `span` in at most some 800 rows a node, and of
 * which rows reach back to its beginning: single rows for up to two hours,
 * minutes for twelve, quarters for eight days, days beyond. Returns 0, or a
 * negative errno of the reader.
 */
int api_level_choose(struct journal_reader *reader, const char *name,
		     enum journal_subject subject, struct journal_span span,
		     int *level) MUST_CHECK;

/*
 * For rows that come to one point a `step_ms`: the coarsest level that is not coarser than that,
 * or a coarser one that reaches back further. Relays by their rows, where these are not too many,
 * since nothing else says whether one was on at a time. Likewise.
 */
int api_level_for_step(struct journal_reader *reader, const char *name,
		       enum journal_subject subject, struct journal_span span, int64_t step_ms,
		       int *level) MUST_CHECK;

/* Reads rollups into `page`. Returns 0, or a negative errno of the reader. */
int api_rollup_read(struct journal_reader *reader, const char *name,
		    enum journal_subject subject, int level, struct journal_span span,
		    struct api_page *page) MUST_CHECK;
