/*
 * A stored reading as a line of CSV: what `amphora export` writes and
 * `amphora import` takes back, the same bytes after a round trip.
 *
 * The first line names the columns; they may stand in any order, and all but
 * `at`, `node`, `soc_pct` and `temp_c` may be missing. An empty field is absent.
 * docs/api.md describes them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "model/quantity.h"
#include "model/reading.h"
#include "wire/csv_line.h"

struct csv_reading {
	struct wall_time at; /* when it arrived */
	bool at_is_trusted;  /* by a clock that was */
	enum quality quality;
	/* Its name, `received`, cells, measured time and sequence; the numbers for decisions are 0.
	 */
	struct reading reading;
};

/* Enough for any line that csv_reading_format() writes. */
#define CSV_READING_MAX 640

/* The first line, with its end. */
extern const char csv_reading_head[];

/* Reads the first line. Returns 0, or -EINVAL and says in `fault` what is wrong. */
int csv_reading_columns_parse(struct csv_columns *out, const struct csv_record *head,
			      struct csv_fault *fault) MUST_CHECK;

/*
 * Reads any other line: as many fields as columns, each within the bounds of a
 * sensor's message. Returns 0, or -EINVAL and says in `fault` which column cannot be
 * read and why. Writes `out` only on 0.
 */
int csv_reading_parse(struct csv_reading *out, const struct csv_columns *columns,
		      const struct csv_record *record, struct csv_fault *fault) MUST_CHECK;

/*
 * Adds the line, with its end. Times are written at `at_offset_s` and
 * `measured_offset_s` east of UTC, cut to whole minutes.
 */
void csv_reading_format(struct text *out, const struct csv_reading *reading, int32_t at_offset_s,
			int32_t measured_offset_s);
