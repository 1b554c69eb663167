/* Any bytes as a home's record: what is taken is a time and numbers within bounds, or NaN. */
#include "wire/home_csv.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct home_row *row)
{
	if (abs(row->utc_offset_s) >= 100 * 3600)
		abort();
	for (int c = HOME_LOAD; c < HOME_COLUMNS; c++) {
		double value = row->value[c];

		if (!isnan(value) && (row->is_absurd[c] || fabs(value) > 100000))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *why;
	struct home_columns columns = {0};
	bool has_head = false;
	struct csv_record record;
	struct csv_fault fault;
	struct home_row row;
	enum csv_answer answer;

	while ((answer = csv_record_read(&record, at, size, true, &why)) != CSV_AT_END) {
		if (record.length == 0 || record.length > size)
			abort();
		if (answer == CSV_READ && !has_head)
			has_head = home_columns_parse(&columns, &record, &fault) == 0;
		else if (answer == CSV_READ && home_row_parse(&row, &columns, &record, &fault) == 0)
			check_row(&row);
		at += record.length;
		size -= record.length;
	}
	return 0;
}
