/*
 * Records of a CSV file (RFC 4180), one at a time, out of text that may end in
 * the middle of one. What a field means is its reader's affair.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "base/text.h"

#define CSV_FIELDS_MAX 32
#define CSV_RECORD_MAX 2048 /* bytes of one record, with its line end */

struct csv_record {
	size_t count;                       /* of fields; 0: an empty line */
	const char *fields[CSV_FIELDS_MAX]; /* in `text`, without quotes, terminated */
	char text[CSV_RECORD_MAX + 1];
	size_t length; /* bytes that it took, with its line end */
	size_t lines;  /* line ends among them */
};

enum csv_answer {
	CSV_READ,  /* a record */
	CSV_MORE,  /* `data` ends within a record: come again with more of it */
	CSV_BAD,   /* no record: `length` and `lines` say what to pass over, `why` what is wrong */
	CSV_AT_END /* `data` is empty */
};

/*
 * Reads the record at the beginning of `data`. With `is_whole` nothing follows
 * `data`, and a last line needs no end; never CSV_MORE then. Lines end with CR LF
 * or LF; within quotes both belong to the field. `why` (static) is written on CSV_BAD.
 * `out->fields` points into `out`: it is not to be copied. Does not allocate.
 */
enum csv_answer csv_record_read(struct csv_record *out, const char *data, size_t length,
				bool is_whole, const char **why) MUST_CHECK;
