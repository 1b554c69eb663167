/*
 * One record of SenML and what carries on from those before it: the rules of RFC
 * 8428, section 4, for both ways of writing it. For senml_json.c and senml_cbor.c only.
 */
#pragma once

#include "wire/named_values.h"

#define SENML_VERSION_MAX 10

/* By their CBOR labels (RFC 8428, table 4). */
enum senml_label {
	SENML_BASE_SUM = -6,
	SENML_BASE_VALUE,
	SENML_BASE_UNIT,
	SENML_BASE_TIME,
	SENML_BASE_NAME,
	SENML_BASE_VERSION,
	SENML_NAME,
	SENML_UNIT,
	SENML_VALUE,
	SENML_STRING,
	SENML_BOOL,
	SENML_SUM,
	SENML_TIME,
	SENML_UPDATE_TIME,
	SENML_DATA,
	SENML_UNKNOWN
};

/* "bs" is SENML_BASE_SUM, … */
enum senml_label senml_label_find(const char *name, size_t len);

/* A field's value, as either format has it. */
struct senml_field {
	enum {
		SENML_IS_NUMBER,
		SENML_IS_TEXT,
		SENML_IS_BOOL,
		SENML_IS_NULL,
		SENML_IS_BYTES,
		SENML_IS_OTHER
	} type;
	double number;    /* of a number finite; of a bool 0 or 1 */
	const char *text; /* borrowed */
	size_t length;
};

/* What carries on. All zero before the first record. */
struct senml_base {
	char name[NAMED_VALUE_NAME_MAX];
	char unit[NAMED_VALUE_UNIT_MAX];
	double time_s, value;
	bool has_time, has_value;
};

struct senml_record {
	uint32_t seen; /* bits of the labels that were there */
	struct named_value value;
	char name[NAMED_VALUE_NAME_MAX];
	char unit[NAMED_VALUE_UNIT_MAX];
	double time_s;
};

/* Takes one field into the record, or into what carries on. */
enum refusal senml_take(struct senml_record *record, struct senml_base *base,
			enum senml_label label, const struct senml_field *field) MUST_CHECK;

/* Refuses an unknown field that must be understood. */
enum refusal senml_take_unknown(const char *name, size_t len) MUST_CHECK;

/* Ends the record, whose fields are all taken: adds its value, if it has one, to `out`. */
enum refusal senml_resolve(struct named_values *out, const struct senml_record *record,
			   const struct senml_base *base) MUST_CHECK;
