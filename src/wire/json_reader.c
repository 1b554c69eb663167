#include "wire/json_reader.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

void json_skip_blank(struct json_reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
					    *reader->at == '\n' || *reader->at == '\r'))
		reader->at++;
}

bool json_take(struct json_reader *reader, char wanted)
{
	json_skip_blank(reader);
	if (reader->at == reader->end || *reader->at != wanted)
		return false;
	reader->at++;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits after `\u`, or -1. */
static int32_t take_hex(struct json_reader *reader)
{
	int32_t unit = 0;

	if (reader->end - reader->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(*reader->at++);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* A character written as \uXXXX, as two of them beyond the first 65536; -1 where it is none. */
static int32_t take_unicode(struct json_reader *reader)
{
	int32_t first = take_hex(reader), second;

	if (first < 0xd800 || first > 0xdfff)
		return first > 0 ? first : -1; /* a zero ends texts of C */
	if (first > 0xdbff || reader->end - reader->at < 6 || reader->at[0] != '\\' ||
	    reader->at[1] != 'u')
		return -1;
	reader->at += 2;
	second = take_hex(reader);
	if (second < 0xdc00 || second > 0xdfff)
		return -1;
	return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/* What stands after a backslash, or -1. */
static int32_t take_escape(struct json_reader *reader)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	if (reader->at == reader->end || *reader->at == '\0')
		return -1;
	if (*reader->at == 'u') {
		reader->at++;
		return take_unicode(reader);
	}
	letter = strchr(letters, *reader->at++);
	return letter != NULL ? meant[letter - letters] : -1;
}

static size_t put_utf8(char out[4], int32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

int json_next_bytes(struct json_reader *reader, char out[4])
{
	int32_t c;

	if (reader->at == reader->end)
		return -1;
	if (*reader->at == '"') {
		reader->at++;
		return 0;
	}
	if ((unsigned char)*reader->at < 0x20)
		return -1;
	if (*reader->at != '\\') {
		out[0] = *reader->at++;
		return 1;
	}
	reader->at++;
	c = take_escape(reader);
	return c < 0 ? -1 : (int)put_utf8(out, c);
}
