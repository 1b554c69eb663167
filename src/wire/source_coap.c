/*
 * Answers with named values, see source_coap.h: each row gets the one value that is its
 * own, written as the plain text that it would be alone, with its unit and age.
 */
#include "wire/source_coap.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "wire/coap_answer.h"
#include "wire/json_glance.h"
#include "wire/named_values.h"
#include "wire/number.h"
#include "wire/senml_message.h"
#include "wire/tlv_message.h"

enum format { FORMAT_PLAIN, FORMAT_STRICT_JSON, FORMAT_TLV, FORMAT_SENML, FORMAT_SENML_CBOR };

/* Whether any row of that path waits for a value with a name. */
static bool wants_names(const struct source *source, const char *path)
{
	for (size_t i = 0; i < source->row_count; i++) {
		if (source->rows[i].name != NULL && strcmp(source->rows[i].topic, path) == 0)
			return true;
	}
	return false;
}

static enum format format_of(const struct source *source, const struct source_coap_answer *answer)
{
	const char *text = answer->payload;

	if (!answer->has_format) {
		if (!wants_names(source, answer->path) || answer->length == 0)
			return FORMAT_PLAIN;
		return text[0] == '[' ? FORMAT_SENML : FORMAT_SENML_CBOR;
	}
	switch (answer->format) {
	case COAP_FORMAT_JSON:
		return FORMAT_STRICT_JSON;
	case COAP_FORMAT_SENML_JSON:
		return FORMAT_SENML;
	case COAP_FORMAT_SENML_CBOR:
		return FORMAT_SENML_CBOR;
	case COAP_FORMAT_LWM2M_TLV:
	case COAP_FORMAT_LWM2M_TLV_EARLY:
		return FORMAT_TLV;
	default:
		return FORMAT_PLAIN;
	}
}

/* ---- units ---- */

struct unit_row {
	const char *name; /* RFC 8428, 12.1, and RFC 8798 */
	enum source_dimension dimension;
	double scale, offset; /* to ours */
};

static const struct unit_row units[] = {
    {"Cel", SOURCE_TEMPERATURE, 1, 0}, {"K", SOURCE_TEMPERATURE, 1, -273.15},
    {"%EL", SOURCE_RATIO, 1, 0},       {"%", SOURCE_RATIO, 1, 0},
    {"/", SOURCE_RATIO, 100, 0},       {"V", SOURCE_VOLTS, 1, 0},
    {"mV", SOURCE_VOLTS, 1e-3, 0},     {"A", SOURCE_AMPERES, 1, 0},
    {"mA", SOURCE_AMPERES, 1e-3, 0},   {"W", SOURCE_WATTS, 1, 0},
    {"kW", SOURCE_WATTS, 1e3, 0},      {"s", SOURCE_TIMES, 1, 0},
};

/* Turns `value` into our unit. Returns whether it can be one of `field`. */
static bool convert(double *value, const char *unit, enum source_field field)
{
	for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
		if (strcmp(units[i].name, unit) != 0)
			continue;
		if (units[i].dimension != source_field_info(field)->dimension)
			return false;
		*value = *value * units[i].scale + units[i].offset;
		return true;
	}
	return false;
}

/* ---- one value ---- */

#define VALUE_TEXT_MAX 64

static bool has_word(const struct source_map *map, const char *word)
{
	for (size_t i = 0; map != NULL && i < map->count; i++) {
		if (strcmp(map->words[i].from, word) == 0)
			return true;
	}
	return false;
}

/* A bool in the words that the row has for one, or else in ours. */
static const char *bool_word(const struct source_row *row, bool is_true)
{
	static const char *const words[][2] = {{"0", "1"}, {"false", "true"}, {"off", "on"}};

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
		if (has_word(row->map, words[i][0]) || has_word(row->map, words[i][1]))
			return words[i][is_true];
	}
	return is_true ? "on" : "off";
}

/* Writes what the row is to read, in ours or, where the message says no unit, the row's unit. */
static enum refusal write_value(struct text *out, struct source_row *row,
				const struct named_value *value)
{
	enum source_field_kind kind = source_field_info(row->field)->kind;
	bool is_number = kind == SOURCE_IS_NUMBER || kind == SOURCE_IS_WHOLE;
	double number = value->number;

	if (value->why != REFUSAL_NONE)
		return value->why;
	if (value->kind == NAMED_OTHER || (is_number && value->kind != NAMED_NUMBER))
		return REFUSAL_WRONG_TYPE;
	if (value->kind == NAMED_WORD) {
		text_add(out, "%s", value->word);
		return REFUSAL_NONE;
	}
	if (value->kind == NAMED_BOOL || (!is_number && (number == 0 || number == 1))) {
		text_add(out, "%s", bool_word(row, number != 0));
		return REFUSAL_NONE;
	}
	if (is_number && value->unit[0] != '\0') {
		row->unit = SOURCE_UNIT_OURS;
		if (!convert(&number, value->unit, row->field))
			return REFUSAL_NOT_USABLE;
	}
	number_add_shortest(out, number);
	return REFUSAL_NONE;
}

static bool is_age_known(int64_t *age_ms, const struct named_value *value,
			 const struct source_now *now)
{
	double at_s = value->time_s;

	if (!value->has_time)
		return false;
	if (fabs(at_s) < NAMED_VALUE_ABSOLUTE_FROM_S)
		*age_ms = -llround(at_s * MS_PER_SECOND);
	else if (now->has_wall && fabs(at_s) < 1e12)
		*age_ms = now->wall.ms - llround(at_s * MS_PER_SECOND);
	else
		return false;
	return true;
}

static void note_missing(struct source_news *news, enum source_field field, enum refusal why)
{
	news->missing |= SOURCE_BIT(field);
	news->reason[field] = why;
}

static void merge(struct source_news *news, const struct source_news *part, enum source_field field)
{
	if ((part->got & SOURCE_BIT(field)) != 0) {
		news->got |= SOURCE_BIT(field);
		news->value[field] = part->value[field];
		news->word[field] = part->word[field];
		if (part->has_age && (!news->has_age || part->age_ms > news->age_ms))
			news->age_ms = part->age_ms;
		news->has_age |= part->has_age;
	} else if ((part->missing & SOURCE_BIT(field)) != 0) {
		note_missing(news, field, part->reason[field]);
		if (part->reason[field] == REFUSAL_OUT_OF_RANGE) {
			news->refused_value = part->refused_value;
			news->refused_limit = part->refused_limit;
		}
	}
	if (part->available != SOURCE_UNTOLD)
		news->available = part->available;
}

/* One row, as if its value had come alone. */
static void take_value(struct source_news *news, const struct source *source,
		       struct source_state *state, const struct source_row *row,
		       const struct named_value *value, const struct source_coap_answer *answer,
		       const struct source_now *now)
{
	char words[VALUE_TEXT_MAX];
	struct text text = text_in(words, sizeof words);
	struct source_row own = *row;
	struct source alone = *source;
	struct source_message message = {
	    .topic = row->topic, .payload = words, .fresh_for_ms = answer->fresh_for_ms};
	struct source_news part;
	enum refusal why = write_value(&text, &own, value);

	if (why != REFUSAL_NONE) {
		note_missing(news, row->field, why);
		return;
	}
	own.path = NULL;
	own.unit_at = NULL;
	own.match_count = 0;
	alone.rows = &own;
	alone.row_count = 1;
	message.length = text.length;
	message.has_age = is_age_known(&message.age_ms, value, now);
	source_take(&part, &alone, state, &message, now);
	merge(news, &part, row->field);
}

/* ---- the answer ---- */

/* Whether the resource of `row` is what was asked, or within it. */
static bool is_within(const struct source_row *row, const char *asked)
{
	size_t length = strlen(asked);

	while (length > 0 && asked[length - 1] == '/')
		length--;
	return strncmp(row->topic, asked, length) == 0 &&
	       (row->topic[length] == '\0' || row->topic[length] == '/');
}

static void take_values(struct source_news *news, const struct source *source,
			struct source_state *state, const struct named_values *values,
			const struct source_coap_answer *answer, const struct source_now *now)
{
	double now_s = now->has_wall ? (double)now->wall.ms / MS_PER_SECOND : 0;

	for (size_t i = 0; i < source->row_count; i++) {
		const struct source_row *row = &source->rows[i];
		const struct named_value *value;

		if (!is_within(row, answer->path) || (news->got & SOURCE_BIT(row->field)) != 0)
			continue;
		news->is_ours = true;
		value =
		    named_values_find(values, row->name != NULL ? row->name : row->topic, now_s);
		if (value != NULL)
			take_value(news, source, state, row, value, answer, now);
		else if (!source->is_partial)
			note_missing(news, row->field, REFUSAL_MISSING_FIELD);
	}
	news->missing &= ~news->got;
	for (int field = 0; field < SOURCE_FIELD_COUNT && news->got == 0; field++) {
		if ((news->missing & SOURCE_BIT(field)) == 0 || news->why != REFUSAL_NONE)
			continue;
		news->why = news->reason[field];
		news->field = (enum source_field)field;
	}
}

static bool is_asked_for(const struct source *source, const char *path)
{
	for (size_t i = 0; i < source->row_count; i++) {
		if (is_within(&source->rows[i], path))
			return true;
	}
	return false;
}

static void take_plain(struct source_news *news, const struct source *source,
		       struct source_state *state, const struct source_coap_answer *answer,
		       const struct source_now *now)
{
	struct source_message message = {.topic = answer->path,
					 .payload = answer->payload,
					 .length = answer->length,
					 .fresh_for_ms = answer->fresh_for_ms};

	source_take(news, source, state, &message, now);
}

void source_coap_take(struct source_news *news, const struct source *source,
		      struct source_state *state, const struct source_coap_answer *answer,
		      const struct source_now *now)
{
	struct named_values values = {0};
	enum refusal why = REFUSAL_NONE;
	enum format format = format_of(source, answer);

	*news = (struct source_news){.field = SOURCE_FIELD_COUNT};
	if (!is_asked_for(source, answer->path))
		return;
	if (format == FORMAT_STRICT_JSON)
		why = json_glance_check(answer->payload, answer->length);
	else if (format == FORMAT_TLV)
		why = tlv_message_read(&values, answer->path, answer->payload, answer->length);
	else if (format == FORMAT_SENML)
		why = senml_json_read(&values, answer->payload, answer->length);
	else if (format == FORMAT_SENML_CBOR)
		why = senml_cbor_read(&values, answer->payload, answer->length);
	if (why != REFUSAL_NONE) {
		news->is_ours = true;
		news->why = why;
		return;
	}
	if (format == FORMAT_PLAIN || format == FORMAT_STRICT_JSON)
		take_plain(news, source, state, answer, now);
	else
		take_values(news, source, state, &values, answer, now);
}
