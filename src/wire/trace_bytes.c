/* Numbers and texts, in both directions; reading checks every bound. */
#include "wire/trace_bytes.h"

#include <string.h>

#define VARINT_BITS 7
#define VARINT_BYTES_MAX 10

static void write_byte(struct coder *coder, uint8_t byte)
{
	if (coder->left == 0) {
		coder->has_failed = true;
		return;
	}
	*coder->to++ = byte;
	coder->left--;
}

static uint8_t read_byte(struct coder *coder)
{
	if (coder->left == 0) {
		coder->has_failed = true;
		return 0;
	}
	coder->left--;
	return *coder->from++;
}

static uint64_t read_varint(struct coder *coder)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
		uint8_t byte = read_byte(coder);

		value |= (uint64_t)(byte & 0x7f) << (i * VARINT_BITS);
		if (byte < 0x80)
			return value;
	}
	coder->has_failed = true;
	return 0;
}

void code_u64(struct coder *coder, uint64_t *value)
{
	if (coder->is_reading) {
		*value = read_varint(coder);
		return;
	}
	for (uint64_t rest = *value;; rest >>= VARINT_BITS) {
		write_byte(coder, (uint8_t)(rest < 0x80 ? rest : (rest & 0x7f) | 0x80));
		if (rest < 0x80)
			return;
	}
}

/* Zigzag: small numbers of either sign are short. */
void code_i64(struct coder *coder, int64_t *value)
{
	uint64_t folded = (uint64_t)*value << 1 ^ (*value < 0 ? UINT64_MAX : 0);

	code_u64(coder, &folded);
	if (coder->is_reading)
		*value = (int64_t)(folded >> 1) ^ -(int64_t)(folded & 1);
}

/* A number of at most `max`. */
static void code_within(struct coder *coder, uint64_t *value, uint64_t max)
{
	code_u64(coder, value);
	if (*value > max) {
		coder->has_failed = true;
		*value = 0;
	}
}

void code_u32(struct coder *coder, uint32_t *value)
{
	uint64_t wide = *value;

	code_within(coder, &wide, UINT32_MAX);
	*value = (uint32_t)wide;
}

void code_i32(struct coder *coder, int32_t *value)
{
	int64_t wide = *value;

	code_i64(coder, &wide);
	if (wide < INT32_MIN || wide > INT32_MAX)
		coder->has_failed = true;
	else
		*value = (int32_t)wide;
}

void code_bool(struct coder *coder, bool *value)
{
	uint64_t wide = *value;

	code_within(coder, &wide, 1);
	*value = wide != 0;
}

/* An enum, as the number `value` of `count`. Returns the number. */
unsigned code_enum(struct coder *coder, unsigned value, unsigned count)
{
	uint64_t wide = value;

	code_within(coder, &wide, count - 1);
	return (unsigned)wide;
}

size_t code_size(struct coder *coder, size_t value, size_t max)
{
	uint64_t wide = value;

	code_within(coder, &wide, max);
	return (size_t)wide;
}

void code_bytes(struct coder *coder, void *bytes, size_t length)
{
	if (coder->left < length) {
		coder->has_failed = true;
		return;
	}
	if (coder->is_reading) {
		memcpy(bytes, coder->from, length);
		coder->from += length;
	} else {
		memcpy(coder->to, bytes, length);
		coder->to += length;
	}
	coder->left -= length;
}

/* A text in an array of `size`. */
void code_text(struct coder *coder, char *text, size_t size)
{
	size_t length = code_size(coder, coder->is_reading ? 0 : strlen(text), size - 1);

	code_bytes(coder, text, length);
	if (coder->is_reading)
		text[coder->has_failed ? 0 : length] = '\0';
}

void code_ident(struct coder *coder, struct ident *ident)
{
	code_text(coder, ident->text, sizeof(ident->text));
}
