/* SenML as CBOR, see senml_message.h: an array of maps, pair by pair. */
#include <math.h>

#include "wire/cbor.h"
#include "wire/senml_message.h"
#include "wire/senml_record.h"

static struct senml_field field_of(const struct cbor_item *item)
{
	struct senml_field field = {
	    .number = item->number, .text = item->text, .length = item->length};

	switch (item->type) {
	case CBOR_NUMBER:
		field.type = SENML_IS_NUMBER;
		break;
	case CBOR_TEXT:
		field.type = SENML_IS_TEXT;
		break;
	case CBOR_BYTES:
		field.type = SENML_IS_BYTES;
		break;
	case CBOR_BOOL:
		field.type = SENML_IS_BOOL;
		break;
	case CBOR_NULL:
		field.type = SENML_IS_NULL;
		break;
	default:
		field.type = SENML_IS_OTHER;
		break;
	}
	return field;
}

/* Fields of the table have numbers for labels, all others texts (RFC 8428, section 6). */
static enum refusal label_of(enum senml_label *out, const struct cbor_item *key)
{
	*out = SENML_UNKNOWN;
	if (key->type == CBOR_TEXT)
		return senml_take_unknown(key->text, key->length);
	if (key->type != CBOR_NUMBER || key->number != trunc(key->number))
		return REFUSAL_WRONG_TYPE;
	if (key->number >= SENML_BASE_SUM && key->number < SENML_UNKNOWN)
		*out = (enum senml_label)(int)key->number;
	return REFUSAL_NONE;
}

static enum refusal read_pair(struct senml_record *record, struct senml_base *base,
			      const struct cbor_item *key, struct cbor_cursor *cursor)
{
	struct senml_field field;
	enum senml_label label;
	struct cbor_item item;
	enum refusal why = label_of(&label, key);

	if (why == REFUSAL_NONE)
		why = cbor_next(&item, cursor);
	if (why != REFUSAL_NONE)
		return why;
	if (item.type == CBOR_BREAK)
		return REFUSAL_WRONG_TYPE;
	why = cbor_skip(cursor, &item);
	if (why != REFUSAL_NONE)
		return why;
	field = field_of(&item);
	return senml_take(record, base, label, &field);
}

static enum refusal read_record(struct named_values *out, struct senml_base *base,
				const struct cbor_item *map, struct cbor_cursor *cursor)
{
	struct senml_record record = {0};
	enum refusal why = REFUSAL_NONE;

	if (map->type != CBOR_MAP)
		return REFUSAL_WRONG_TYPE;
	for (size_t i = 0; i < map->count && why == REFUSAL_NONE; i++) {
		struct cbor_item key;

		why = cbor_next(&key, cursor);
		if (why != REFUSAL_NONE)
			return why;
		if (key.type == CBOR_BREAK && map->count == CBOR_INDEFINITE)
			break;
		why = read_pair(&record, base, &key, cursor);
	}
	return why == REFUSAL_NONE ? senml_resolve(out, &record, base) : why;
}

static enum refusal read_pack(struct named_values *out, struct cbor_cursor *cursor)
{
	struct senml_base base = {0};
	struct cbor_item pack, map;
	enum refusal why = cbor_next(&pack, cursor);

	if (why == REFUSAL_NONE && pack.type != CBOR_ARRAY)
		why = REFUSAL_WRONG_TYPE;
	if (why != REFUSAL_NONE)
		return why;
	for (size_t i = 0; i < pack.count && why == REFUSAL_NONE; i++) {
		why = cbor_next(&map, cursor);
		if (why == REFUSAL_NONE && map.type == CBOR_BREAK && pack.count == CBOR_INDEFINITE)
			break;
		if (why == REFUSAL_NONE)
			why = read_record(out, &base, &map, cursor);
	}
	if (why == REFUSAL_NONE && cursor->left > 0)
		why = REFUSAL_BAD_LENGTH;
	return why;
}

enum refusal senml_cbor_read(struct named_values *out, const void *payload, size_t len)
{
	struct cbor_cursor cursor = {payload, len};
	struct named_values values = {0};
	enum refusal why;

	if (len == 0)
		return REFUSAL_EMPTY;
	if (len > SENML_MESSAGE_MAX)
		return REFUSAL_TOO_LARGE;
	why = read_pack(&values, &cursor);
	if (why == REFUSAL_NONE)
		*out = values;
	return why;
}
