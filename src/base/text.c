/*
 * Bounded text, and decimal numbers that look the same under every locale.
 */
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_TEXT_MAX 64

struct text text_in(char *data, size_t size)
{
	data[0] = '\0';
	return (struct text){.data = data, .size = size};
}

void text_add(struct text *text, const char *format, ...)
{
	size_t room = text->size - text->length;
	va_list arguments;
	int wanted;

	va_start(arguments, format);
	wanted = vsnprintf(text->data + text->length, room, format, arguments);
	va_end(arguments);
	if (wanted < 0)
		return;
	if ((size_t)wanted >= room) {
		text->is_cut = true;
		wanted = (int)room - 1;
	}
	text->length += (size_t)wanted;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	size_t room = text->size - text->length - 1;

	if (length > room) {
		text->is_cut = true;
		length = room;
	}
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

/* Writes the digits of `value` in front of `end`. Returns where they begin. */
static char *digits_before(char *end, uint64_t value)
{
	do
		*--end = (char)('0' + value % 10);
	while (value /= 10);
	return end;
}

void text_add_scaled(struct text *text, int64_t value, int32_t scale)
{
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint64_t whole = size / (uint64_t)scale, part = size % (uint64_t)scale;
	char digits[NUMBER_TEXT_MAX];
	char *point = digits + NUMBER_TEXT_MAX / 2, *end = point, *begin;

	if (part > 0)
		*end++ = '.';
	for (int64_t step = scale / 10; step > 0 && part > 0; step /= 10) {
		*end++ = (char)('0' + part / (uint64_t)step);
		part %= (uint64_t)step;
	}
	begin = digits_before(point, whole);
	if (value < 0)
		*--begin = '-';
	text_add_bytes(text, begin, (size_t)(end - begin));
}

static size_t skip_digits(const char *text, size_t at, size_t len)
{
	while (at < len && text[at] >= '0' && text[at] <= '9')
		at++;
	return at;
}

/* Whether all of `text` is sign, digits, point and digits, exponent. */
static bool is_decimal(const char *text, size_t len)
{
	size_t at = 0, digits_at, digits = 0;

	if (at < len && (text[at] == '-' || text[at] == '+'))
		at++;
	digits_at = at;
	at = skip_digits(text, at, len);
	digits += at - digits_at;
	if (at < len && text[at] == '.') {
		digits_at = ++at;
		at = skip_digits(text, at, len);
		digits += at - digits_at;
	}
	if (digits == 0)
		return false;
	if (at < len && (text[at] == 'e' || text[at] == 'E')) {
		at++;
		if (at < len && (text[at] == '-' || text[at] == '+'))
			at++;
		digits_at = at;
		at = skip_digits(text, at, len);
		if (at == digits_at)
			return false;
	}
	return at == len;
}

int number_parse(double *out, const char *text, size_t len)
{
	char copy[NUMBER_TEXT_MAX];
	double value;

	if (len == 0 || len >= sizeof copy || !is_decimal(text, len))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	/* A dot, since no program of ours leaves the "C" locale for numbers. */
	value = strtod(copy, NULL);
	if (!isfinite(value))
		return -ERANGE;
	*out = value;
	return 0;
}

uint64_t hash_bytes(const void *data, size_t len)
{
	const unsigned char *bytes = data;
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return hash;
}
