/*
 * A stored minute of a meter as a line of CSV: what `amphora export --meters` writes
 * and `amphora import` takes back, the same bytes after a round trip.
 *
 * The first line names the columns, in any order; all but `at`, `meter`, `power_w` and
 * `known_s` may be missing. An empty field is absent. docs/api.md describes them.
 */
#pragma once

#include "base/result.h"
#include "base/text.h"
#include "model/ident.h"
#include "model/meter_minute.h"
#include "wire/csv_line.h"

struct csv_meter {
	bool at_is_trusted;
	struct ident meter;
	struct meter_minute minute;
};

/* Enough for any line that csv_meter_format() writes. */
#define CSV_METER_MAX 384

/* The first line, with its end. */
extern const char csv_meter_head[];

/* Whether a first line is one of meters: it has a column `meter`. */
bool csv_meter_is_head(const struct csv_record *head);

/* Reads the first line. Returns 0, or -EINVAL and says in `fault` what is wrong. */
int csv_meter_columns_parse(struct csv_columns *out, const struct csv_record *head,
			    struct csv_fault *fault) MUST_CHECK;

/*
 * Reads any other line: a minute of UTC of `grid`, `pv` or `load`, within the bounds of a meter's
 * message, whose energy is that of its mean. Returns 0, or -EINVAL and says in `fault` which
 * column cannot be read and why. Writes `out` only on 0.
 */
int csv_meter_parse(struct csv_meter *out, const struct csv_columns *columns,
		    const struct csv_record *record, struct csv_fault *fault) MUST_CHECK;

/* Adds the line, with its end. The time is written at `offset_s` east of UTC, cut to whole minutes.
 */
void csv_meter_format(struct text *out, const struct csv_meter *line, int32_t offset_s);
