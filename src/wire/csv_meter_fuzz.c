/* Any bytes as a CSV file of meters; what is taken comes back as the same line. */
#include "wire/csv_meter.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A line that was read, written and read again is the same line. */
static void check_line(const struct csv_meter *meter)
{
	char first[CSV_METER_MAX], second[CSV_METER_MAX];
	struct csv_columns columns;
	struct csv_record record;
	struct csv_fault fault;
	struct csv_meter again;
	const char *why;
	struct text text = text_in(first, sizeof first);

	if (csv_record_read(&record, csv_meter_head, strlen(csv_meter_head), true, &why) !=
		CSV_READ ||
	    !csv_meter_is_head(&record) || csv_meter_columns_parse(&columns, &record, &fault) != 0)
		abort();
	csv_meter_format(&text, meter, -16200);
	if (text.is_cut || csv_record_read(&record, first, text.length, true, &why) != CSV_READ ||
	    record.length != text.length || csv_meter_parse(&again, &columns, &record, &fault) != 0)
		abort();
	text = text_in(second, sizeof second);
	csv_meter_format(&text, &again, -16200);
	if (strcmp(first, second) != 0 || again.minute.from.ms != meter->minute.from.ms)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *why;
	struct csv_columns columns = {0};
	struct csv_record record;
	struct csv_meter meter;
	struct csv_fault fault;
	enum csv_answer answer;

	while ((answer = csv_record_read(&record, at, size, true, &why)) != CSV_AT_END) {
		if (answer == CSV_READ && columns.count == 0)
			(void)!csv_meter_columns_parse(&columns, &record, &fault);
		else if (answer == CSV_READ &&
			 csv_meter_parse(&meter, &columns, &record, &fault) == 0)
			check_line(&meter);
		at += record.length;
		size -= record.length;
	}
	return 0;
}
