/*
 * The rules of SenML, see senml_record.h. A record's base fields are taken before it is
 * resolved, wherever in it they stand.
 */
#include "wire/senml_record.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LABEL_BIT(label) (UINT32_C(1) << ((label)-SENML_BASE_SUM))
#define VALUE_LABELS                                                                \
	(LABEL_BIT(SENML_VALUE) | LABEL_BIT(SENML_STRING) | LABEL_BIT(SENML_BOOL) | \
	 LABEL_BIT(SENML_DATA))
#define OWN_LABELS                                                               \
	(LABEL_BIT(SENML_NAME) | LABEL_BIT(SENML_UNIT) | LABEL_BIT(SENML_TIME) | \
	 LABEL_BIT(SENML_UPDATE_TIME))
#define SUM_LABELS (LABEL_BIT(SENML_SUM) | LABEL_BIT(SENML_BASE_SUM))

enum senml_label senml_label_find(const char *name, size_t len)
{
	static const char *const names[] = {"bs", "bv", "bu", "bt", "bn", "bver", "n", "u",
					    "v",  "vs", "vb", "s",  "t",  "ut",   "vd"};

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (enum senml_label)(SENML_BASE_SUM + (int)i);
	}
	return SENML_UNKNOWN;
}

enum refusal senml_take_unknown(const char *name, size_t len)
{
	return len > 0 && name[len - 1] == '_' ? REFUSAL_UNSUPPORTED_VERSION : REFUSAL_NONE;
}

static enum refusal take_text(char *out, size_t size, const struct senml_field *field)
{
	if (field->type != SENML_IS_TEXT)
		return REFUSAL_WRONG_TYPE;
	if (field->length >= size)
		return REFUSAL_TOO_LARGE;
	if (memchr(field->text, '\0', field->length) != NULL)
		return REFUSAL_WRONG_TYPE;
	memcpy(out, field->text, field->length);
	out[field->length] = '\0';
	return REFUSAL_NONE;
}

static enum refusal take_number(double *out, const struct senml_field *field)
{
	if (field->type != SENML_IS_NUMBER)
		return REFUSAL_WRONG_TYPE;
	*out = field->number;
	return REFUSAL_NONE;
}

static enum refusal take_version(const struct senml_field *field)
{
	if (field->type != SENML_IS_NUMBER || field->number != trunc(field->number) ||
	    field->number < 1)
		return REFUSAL_WRONG_TYPE;
	return field->number > SENML_VERSION_MAX ? REFUSAL_UNSUPPORTED_VERSION : REFUSAL_NONE;
}

/* What is there but of the wrong type spoils this value only. */
static void take_value(struct named_value *value, enum senml_label label,
		       const struct senml_field *field)
{
	bool is_right = (label == SENML_VALUE && field->type == SENML_IS_NUMBER) ||
			(label == SENML_BOOL && field->type == SENML_IS_BOOL) ||
			(label == SENML_STRING && field->type == SENML_IS_TEXT) ||
			(label == SENML_DATA &&
			 (field->type == SENML_IS_TEXT || field->type == SENML_IS_BYTES));

	value->why = REFUSAL_NONE;
	if (!is_right)
		value->why = field->type == SENML_IS_NULL ? REFUSAL_NULL_VALUE : REFUSAL_WRONG_TYPE;
	else if (label == SENML_STRING)
		named_value_set_word(value, field->text, field->length);
	else
		value->kind = label == SENML_VALUE  ? NAMED_NUMBER
			      : label == SENML_BOOL ? NAMED_BOOL
						    : NAMED_OTHER;
	if (is_right && value->kind != NAMED_WORD)
		value->number = field->number;
}

enum refusal senml_take(struct senml_record *record, struct senml_base *base,
			enum senml_label label, const struct senml_field *field)
{
	double ignored;

	if (label != SENML_UNKNOWN) {
		if (record->seen & LABEL_BIT(label))
			return REFUSAL_DUPLICATE_KEY;
		record->seen |= LABEL_BIT(label);
	}
	switch (label) {
	case SENML_BASE_NAME:
		return take_text(base->name, sizeof base->name, field);
	case SENML_BASE_UNIT:
		return take_text(base->unit, sizeof base->unit, field);
	case SENML_BASE_TIME:
		base->has_time = true;
		return take_number(&base->time_s, field);
	case SENML_BASE_VALUE:
		base->has_value = true;
		return take_number(&base->value, field);
	case SENML_BASE_VERSION:
		return take_version(field);
	case SENML_NAME:
		return take_text(record->name, sizeof record->name, field);
	case SENML_UNIT:
		return take_text(record->unit, sizeof record->unit, field);
	case SENML_TIME:
		return take_number(&record->time_s, field);
	case SENML_BASE_SUM:
	case SENML_SUM:
	case SENML_UPDATE_TIME:
		return take_number(&ignored, field);
	case SENML_VALUE:
	case SENML_STRING:
	case SENML_BOOL:
	case SENML_DATA:
		take_value(&record->value, label, field);
		return REFUSAL_NONE;
	case SENML_UNKNOWN:
		break;
	}
	return REFUSAL_NONE;
}

/* Whether the record has a value, if only the base's: RFC 8428, 4.6. */
static bool has_value(const struct senml_record *record, const struct senml_base *base)
{
	if (record->seen & VALUE_LABELS)
		return true;
	return base->has_value && (record->seen & OWN_LABELS) && !(record->seen & SUM_LABELS);
}

static enum refusal name_value(struct named_value *value, const struct senml_record *record,
			       const struct senml_base *base)
{
	size_t base_length = strlen(base->name), length = strlen(record->name);

	if (base_length + length == 0)
		return REFUSAL_MISSING_FIELD;
	if (base_length + length >= sizeof value->name)
		return REFUSAL_TOO_LARGE;
	memcpy(value->name, base->name, base_length);
	memcpy(value->name + base_length, record->name, length + 1);
	return REFUSAL_NONE;
}

enum refusal senml_resolve(struct named_values *out, const struct senml_record *record,
			   const struct senml_base *base)
{
	uint32_t values = record->seen & VALUE_LABELS;
	bool has_unit = record->seen & LABEL_BIT(SENML_UNIT);
	bool has_time = record->seen & LABEL_BIT(SENML_TIME);
	struct named_value *value;
	enum refusal why;

	if (!has_value(record, base))
		return REFUSAL_NONE;
	if (values & (values - 1))
		return REFUSAL_WRONG_TYPE; /* more than one value */
	value = named_values_add(out);
	if (value == NULL)
		return REFUSAL_TOO_LARGE;
	*value = record->value;
	why = name_value(value, record, base);
	if (why != REFUSAL_NONE)
		return why;
	strcpy(value->unit, has_unit ? record->unit : base->unit);
	value->has_time = has_time || base->has_time;
	value->time_s = base->time_s + record->time_s;
	if (value->kind == NAMED_NUMBER && value->why == REFUSAL_NONE)
		value->number += base->value;
	return isfinite(value->number) && isfinite(value->time_s) ? REFUSAL_NONE
								  : REFUSAL_NOT_FINITE;
}
