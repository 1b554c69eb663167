/* How values stand in a batch; journal_batch.h says it, and journal_batch.c reads it. */
#include "adapt/journal_packer.h"

#include <math.h>
#include <string.h>

#include "adapt/journal_schema.h"

/* Up to here a value may be stored as a whole number. */
#define STORED_WHOLE_MAX 1e7

static void pack(struct packer *to, enum journal_value kind, const void *data, size_t length)
{
	if (to->is_full || (size_t)(to->end - to->at) < length + 1) {
		to->is_full = true;
		return;
	}
	*to->at++ = (uint8_t)kind;
	if (length > 0)
		memcpy(to->at, data, length);
	to->at += length;
}

void packer_null(struct packer *to)
{
	pack(to, VALUE_NULL, NULL, 0);
}

void packer_integer(struct packer *to, int64_t value)
{
	pack(to, VALUE_INTEGER, &value, sizeof(value));
}

void packer_integer_if(struct packer *to, bool is_there, int64_t value)
{
	if (is_there)
		packer_integer(to, value);
	else
		packer_null(to);
}

void packer_real(struct packer *to, double value)
{
	if (isnan(value))
		packer_null(to);
	else
		pack(to, VALUE_REAL, &value, sizeof(value));
}

/* A value of a reading: a whole number of 1/`scale` where that is exactly it; see the schema. */
void packer_value(struct packer *to, double value, double scale)
{
	double whole = nearbyint(value * scale);

	if (fabs(value) < STORED_WHOLE_MAX && whole / scale == value)
		packer_integer(to, (int64_t)whole);
	else
		packer_real(to, value);
}

void packer_bytes(struct packer *to, enum journal_value kind, const void *data, size_t length)
{
	uint16_t short_length = (uint16_t)length;

	pack(to, kind, &short_length, sizeof(short_length));
	if (to->is_full || (size_t)(to->end - to->at) < length) {
		to->is_full = true;
		return;
	}
	memcpy(to->at, data, length);
	to->at += length;
}

void packer_text(struct packer *to, const char *text)
{
	packer_bytes(to, VALUE_TEXT, text, strlen(text));
}

void packer_begin(struct packer *to, enum journal_statement statement)
{
	pack(to, (enum journal_value)statement, NULL, 0);
}

void packer_end(struct packer *to)
{
	pack(to, (enum journal_value)VALUE_END, NULL, 0);
}

int64_t packer_flags(const struct record *record)
{
	return record->wall_is_trusted ? 0 : JOURNAL_FLAG_UNTRUSTED;
}
