/*
 * TLV, see tlv_message.h: a walk over the entries, a table of which resource is of
 * which kind, and the few kinds that a battery or a switch is made of.
 */
#include "wire/tlv_message.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/plain_text.h"

enum entry_type { ENTRY_INSTANCE, ENTRY_RESOURCE_INSTANCE, ENTRY_MULTIPLE, ENTRY_RESOURCE };

enum resource_kind { KIND_UNKNOWN, KIND_FLOAT, KIND_INTEGER, KIND_BOOL, KIND_STRING };

struct kind_row {
	uint16_t object_first, object_last, first, last;
	enum resource_kind kind;
};

#define IPSO 3200, 3499 /* objects that share the resources from 5500 on */

/* OMA's registry (OpenMobileAlliance/lwm2m-registry), what a home has of it. */
static const struct kind_row kinds[] = {
    {3, 3, 0, 3, KIND_STRING},        {3, 3, 6, 13, KIND_INTEGER},
    {3411, 3411, 1, 1, KIND_INTEGER}, /* level, % */
    {3411, 3411, 2, 3, KIND_FLOAT},   /* capacity, voltage */
    {3411, 3411, 4, 4, KIND_STRING},  {3411, 3411, 5, 5, KIND_INTEGER},
    {3411, 3411, 6, 7, KIND_BOOL},    {3411, 3411, 8, 8, KIND_INTEGER},
    {3411, 3411, 9, 9, KIND_BOOL},    {IPSO, 5500, 5500, KIND_BOOL},
    {IPSO, 5501, 5501, KIND_INTEGER}, {IPSO, 5521, 5521, KIND_FLOAT},
    {IPSO, 5534, 5534, KIND_INTEGER}, {IPSO, 5538, 5538, KIND_FLOAT},
    {IPSO, 5544, 5544, KIND_FLOAT},   {IPSO, 5550, 5551, KIND_BOOL},
    {IPSO, 5600, 5604, KIND_FLOAT},   {IPSO, 5650, 5652, KIND_FLOAT},
    {IPSO, 5700, 5700, KIND_FLOAT}, /* the value of a sensor */
    {IPSO, 5701, 5701, KIND_STRING},  {IPSO, 5702, 5705, KIND_FLOAT},
    {IPSO, 5750, 5750, KIND_STRING},  {IPSO, 5800, 5806, KIND_FLOAT},
    {IPSO, 5810, 5816, KIND_FLOAT},   {IPSO, 5820, 5821, KIND_FLOAT},
    {IPSO, 5850, 5850, KIND_BOOL}, /* on or off */
    {IPSO, 5851, 5852, KIND_INTEGER}, {IPSO, 5853, 5853, KIND_STRING},
    {IPSO, 5900, 5900, KIND_FLOAT},   {IPSO, 5903, 5903, KIND_FLOAT},
};

static enum resource_kind kind_of(uint16_t object, uint16_t resource)
{
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		const struct kind_row *row = &kinds[i];

		if (object >= row->object_first && object <= row->object_last &&
		    resource >= row->first && resource <= row->last)
			return row->kind;
	}
	return KIND_UNKNOWN;
}

/* ---- paths ---- */

#define PATH_DEPTH_MAX 4 /* object, instance, resource, its instance */

struct tlv_path {
	size_t depth;
	uint16_t ids[PATH_DEPTH_MAX];
};

static int path_parse(struct tlv_path *out, const char *text)
{
	struct tlv_path path = {0};

	while (*text == '/' && text[1] != '\0') {
		unsigned long id = 0;

		text++;
		if (path.depth == PATH_DEPTH_MAX || *text < '0' || *text > '9')
			return -EINVAL;
		for (; *text >= '0' && *text <= '9'; text++) {
			id = id * 10 + (unsigned long)(*text - '0');
			if (id > UINT16_MAX)
				return -EINVAL;
		}
		path.ids[path.depth++] = (uint16_t)id;
	}
	if (path.depth == 0 || *text != '\0')
		return -EINVAL;
	*out = path;
	return 0;
}

static void path_format(char *out, size_t size, const struct tlv_path *path)
{
	struct text text = text_in(out, size);

	for (size_t i = 0; i < path->depth; i++)
		text_add(&text, "/%u", path->ids[i]);
}

/* ---- values ---- */

static uint64_t big_endian(const uint8_t *bytes, size_t len)
{
	uint64_t number = 0;

	for (size_t i = 0; i < len; i++)
		number = number << 8 | bytes[i];
	return number;
}

static enum refusal take_integer(double *out, const uint8_t *bytes, size_t len)
{
	uint64_t raw = big_endian(bytes, len > 8 ? 0 : len);

	if (len != 1 && len != 2 && len != 4 && len != 8)
		return REFUSAL_BAD_TLV;
	if (len < 8 && (bytes[0] & 0x80) != 0)
		raw |= UINT64_MAX << (8 * len);
	*out = (double)(int64_t)raw;
	return REFUSAL_NONE;
}

static enum refusal take_float(double *out, const uint8_t *bytes, size_t len)
{
	if (len == 4) {
		uint32_t raw = (uint32_t)big_endian(bytes, 4);
		float number;

		memcpy(&number, &raw, sizeof number);
		*out = (double)number;
	} else if (len == 8) {
		uint64_t raw = big_endian(bytes, 8);

		memcpy(out, &raw, sizeof *out);
	} else {
		return REFUSAL_BAD_TLV;
	}
	return isfinite(*out) ? REFUSAL_NONE : REFUSAL_NOT_FINITE;
}

static enum refusal take_bool(double *out, const uint8_t *bytes, size_t len)
{
	if (len != 1 || bytes[0] > 1)
		return REFUSAL_BAD_TLV;
	*out = bytes[0];
	return REFUSAL_NONE;
}

static void take_value(struct named_value *value, enum resource_kind kind, const uint8_t *bytes,
		       size_t len)
{
	if (kind == KIND_UNKNOWN && (len == 1 || len == 2))
		kind = KIND_INTEGER;
	value->kind = kind == KIND_BOOL ? NAMED_BOOL : NAMED_NUMBER;
	switch (kind) {
	case KIND_FLOAT:
		value->why = take_float(&value->number, bytes, len);
		break;
	case KIND_INTEGER:
		value->why = take_integer(&value->number, bytes, len);
		break;
	case KIND_BOOL:
		value->why = take_bool(&value->number, bytes, len);
		break;
	case KIND_STRING:
		named_value_set_word(value, (const char *)bytes, len);
		break;
	default:
		value->kind = NAMED_OTHER;
		break;
	}
	if (value->why != REFUSAL_NONE)
		value->number = 0;
}

/* ---- entries ---- */

struct entry {
	enum entry_type type;
	uint16_t id;
	const uint8_t *data;
	size_t length;
};

struct bytes {
	const uint8_t *at;
	size_t left;
};

/* Takes the entry off the front of `bytes`. */
static enum refusal next_entry(struct entry *out, struct bytes *bytes)
{
	uint8_t head = bytes->at[0];
	size_t id_length = head & 0x20 ? 2 : 1, length_length = head >> 3 & 3;
	size_t header = 1 + id_length + length_length, length;

	if (header > bytes->left)
		return REFUSAL_BAD_TLV;
	length = length_length == 0 ? head & 7u
				    : (size_t)big_endian(bytes->at + 1 + id_length, length_length);
	if (length > bytes->left - header)
		return REFUSAL_BAD_TLV;
	*out = (struct entry){(enum entry_type)(head >> 6),
			      (uint16_t)big_endian(bytes->at + 1, id_length), bytes->at + header,
			      length};
	*bytes = (struct bytes){bytes->at + header + length, bytes->left - header - length};
	return REFUSAL_NONE;
}

static enum refusal add_value(struct named_values *out, const struct tlv_path *path,
			      const struct entry *entry)
{
	struct named_value *value = named_values_add(out);

	if (value == NULL)
		return REFUSAL_TOO_LARGE;
	path_format(value->name, sizeof value->name, path);
	take_value(value, kind_of(path->ids[0], path->ids[2]), entry->data, entry->length);
	return REFUSAL_NONE;
}

/*
 * What may stand at a depth: below an object its instances, below those resources,
 * below a multiple resource its instances. `path` is that of what `bytes` is in.
 */
static enum refusal read_entries(struct named_values *out, const struct tlv_path *path,
				 struct bytes bytes)
{
	enum refusal why = REFUSAL_NONE;

	while (bytes.left > 0 && why == REFUSAL_NONE) {
		struct tlv_path own = *path;
		struct entry entry;

		why = next_entry(&entry, &bytes);
		if (why != REFUSAL_NONE)
			return why;
		own.ids[own.depth++] = entry.id;
		if (own.depth == 2 && entry.type == ENTRY_INSTANCE)
			why = read_entries(out, &own, (struct bytes){entry.data, entry.length});
		else if (own.depth == 3 && entry.type == ENTRY_MULTIPLE)
			why = read_entries(out, &own, (struct bytes){entry.data, entry.length});
		else if ((own.depth == 3 && entry.type == ENTRY_RESOURCE) ||
			 (own.depth == 4 && entry.type == ENTRY_RESOURCE_INSTANCE))
			why = add_value(out, &own, &entry);
		else
			why = REFUSAL_BAD_TLV;
	}
	return why;
}

/* How deep the outermost entries stand: their first says so. */
static struct tlv_path outermost(const struct tlv_path *asked, uint8_t head)
{
	struct tlv_path path = *asked;
	size_t depth = head >> 6 == ENTRY_INSTANCE            ? 1
		       : head >> 6 == ENTRY_RESOURCE_INSTANCE ? 3
							      : 2;

	if (path.depth > depth)
		path.depth = depth;
	return path;
}

enum refusal tlv_message_read(struct named_values *out, const char *path, const void *payload,
			      size_t len)
{
	struct named_values values = {0};
	struct tlv_path asked, top;
	enum refusal why;

	if (path_parse(&asked, path) < 0)
		return REFUSAL_NOT_USABLE;
	if (len == 0)
		return REFUSAL_EMPTY;
	if (len > TLV_MESSAGE_MAX)
		return REFUSAL_TOO_LARGE;
	top = outermost(&asked, *(const uint8_t *)payload);
	why = read_entries(&values, &top, (struct bytes){payload, len});
	if (why == REFUSAL_NONE)
		*out = values;
	return why;
}

enum refusal tlv_text_read(struct named_values *out, const char *path, const void *payload,
			   size_t len)
{
	struct plain_text text = plain_text_trim(payload, len);
	struct named_values values = {0};
	struct named_value *value = named_values_add(&values);
	enum resource_kind kind;
	struct tlv_path asked;

	if (path_parse(&asked, path) < 0 || asked.depth < 3)
		return REFUSAL_NOT_USABLE;
	if (text.length == 0)
		return REFUSAL_EMPTY;
	path_format(value->name, sizeof value->name, &asked);
	kind = kind_of(asked.ids[0], asked.ids[2]);
	if (kind == KIND_STRING) {
		named_value_set_word(value, text.data, text.length);
	} else {
		value->kind = kind == KIND_BOOL ? NAMED_BOOL : NAMED_NUMBER;
		if (number_parse(&value->number, text.data, text.length) < 0)
			return REFUSAL_BAD_NUMBER;
		if (kind == KIND_BOOL && value->number != 0 && value->number != 1)
			return REFUSAL_UNKNOWN_STATE;
	}
	*out = values;
	return REFUSAL_NONE;
}
