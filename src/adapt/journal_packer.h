/*
 * Writing the values of a row into a batch, in the order of their statement. Part of
 * journal_batch_add(): what kinds of records there are is journal_pack.c's affair.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/journal_batch.h"
#include "model/record.h"

/* A row being written; what does not fit sets `is_full`. */
struct packer {
	uint8_t *at;
	const uint8_t *end;
	bool is_full;
};

/* A row begins with its statement and has an end. */
void packer_begin(struct packer *to, enum journal_statement statement);
void packer_end(struct packer *to);

void packer_null(struct packer *to);
void packer_integer(struct packer *to, int64_t value);
void packer_integer_if(struct packer *to, bool is_there, int64_t value);

/* A NaN is NULL. */
void packer_real(struct packer *to, double value);

/* A whole number of 1/`scale` where that is exactly it, else the value itself. */
void packer_value(struct packer *to, double value, double scale);

/* VALUE_TEXT, VALUE_BLOB or VALUE_NODE. */
void packer_bytes(struct packer *to, enum journal_value kind, const void *data, size_t length);
void packer_text(struct packer *to, const char *text);

/* The flags that say whether the record's wall clock was trusted. */
int64_t packer_flags(const struct record *record);

/* A meter's minute: see journal_pack_meter.c. */
void pack_meter(struct packer *to, const struct record *record);
void pack_meter_imported(struct packer *to, const struct record *record);
