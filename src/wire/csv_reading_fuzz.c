/* Any bytes as a CSV file of readings; what is taken comes back as the same line. */
#include "wire/csv_reading.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A line that was read, written and read again is the same line. */
static void check_line(const struct csv_reading *reading)
{
	char first[CSV_READING_MAX], second[CSV_READING_MAX];
	struct csv_columns columns;
	struct csv_reading again;
	struct csv_record record;
	struct csv_fault fault;
	const char *why;
	struct text text = text_in(first, sizeof first);

	if (csv_record_read(&record, csv_reading_head, strlen(csv_reading_head), true, &why) !=
		CSV_READ ||
	    csv_reading_columns_parse(&columns, &record, &fault) != 0)
		abort();
	csv_reading_format(&text, reading, 3600, -16200);
	if (text.is_cut || csv_record_read(&record, first, text.length, true, &why) != CSV_READ ||
	    record.length != text.length ||
	    csv_reading_parse(&again, &columns, &record, &fault) != 0)
		abort();
	text = text_in(second, sizeof second);
	csv_reading_format(&text, &again, 3600, -16200);
	if (strcmp(first, second) != 0 || again.at.ms != reading->at.ms)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *why;
	struct csv_columns columns = {0};
	struct csv_record record;
	struct csv_reading reading;
	struct csv_fault fault;
	enum csv_answer answer;

	while ((answer = csv_record_read(&record, at, size, true, &why)) != CSV_AT_END) {
		if (answer == CSV_MORE || record.length == 0 || record.length > size ||
		    record.lines > record.length)
			abort();
		if (answer == CSV_READ && columns.count == 0)
			(void)!csv_reading_columns_parse(&columns, &record, &fault);
		else if (answer == CSV_READ &&
			 csv_reading_parse(&reading, &columns, &record, &fault) == 0)
			check_line(&reading);
		at += record.length;
		size -= record.length;
	}
	return 0;
}
