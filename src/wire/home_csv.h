/*
 * A line of a home's record: what `amphora backtest` reads.
 *
 * The first line names the columns, in any order: `time`, `load_w`, `pv_w`,
 * `import_price`, `export_price`; others are passed over. An empty field and
 * `nan` are "not known". docs/planner.md describes them.
 */
#pragma once

#include "base/time.h"
#include "wire/csv_reading.h"

enum home_column {
	HOME_TIME,
	HOME_LOAD,
	HOME_PV,
	HOME_BUY,
	HOME_SELL,
	HOME_COLUMNS,
};

struct home_row {
	struct wall_time start;
	int32_t utc_offset_s;         /* as it is written: of the home's clock */
	double value[HOME_COLUMNS];   /* NaN where not known; HOME_TIME is not used */
	bool is_absurd[HOME_COLUMNS]; /* was outside of all bounds, and is NaN now */
};

struct home_columns {
	size_t count;            /* of the first line's fields */
	int field[HOME_COLUMNS]; /* -1: not there */
};

/* The name of a column, as in the first line. */
const char *home_column_name(enum home_column column);

/* Reads the first line. Returns 0, or -EINVAL and says in `fault` what is wrong with it. */
int home_columns_parse(struct home_columns *out, const struct csv_record *head,
		       struct csv_fault *fault) MUST_CHECK;

/*
 * Reads any other line. Returns 0, or -EINVAL and says in `fault` which column cannot be read and
 * what is allowed. Writes `out` only on 0.
 */
int home_row_parse(struct home_row *out, const struct home_columns *columns,
		   const struct csv_record *record, struct csv_fault *fault) MUST_CHECK;
