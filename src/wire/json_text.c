#include "wire/json_text.h"

#include <math.h>
#include <string.h>

/* Up to here a value times SCALE is a whole number that a double holds with digits to spare. */
#define PLAIN_MAX 1e8
#define SCALE 10000

static void add_word(struct text *to, const char *word)
{
	text_add_bytes(to, word, strlen(word));
}

static void begin_member(struct json_text *object, const char *name)
{
	add_word(object->to, object->has_member ? ",\"" : "\"");
	add_word(object->to, name);
	add_word(object->to, "\":");
	object->has_member = true;
}

struct json_text json_text_open(struct text *to)
{
	add_word(to, "{");
	return (struct json_text){.to = to};
}

void json_text_close(struct json_text *object)
{
	add_word(object->to, "}");
}

void json_text_integer(struct json_text *object, const char *name, int64_t value)
{
	begin_member(object, name);
	text_add_scaled(object->to, value, 1);
}

void json_text_null(struct json_text *object, const char *name)
{
	begin_member(object, name);
	add_word(object->to, "null");
}

void json_text_bool(struct json_text *object, const char *name, bool value)
{
	begin_member(object, name);
	add_word(object->to, value ? "true" : "false");
}

static void add_scaled(struct text *to, int64_t value, int32_t scale)
{
	text_add_scaled(to, value, scale);
	if (value % scale == 0)
		add_word(to, ".0");
}

/* What has more than four decimals, or is large: as printf does it, and still a real. */
static void add_any_real(struct text *to, double value)
{
	size_t begin = to->length;

	text_add(to, "%.12g", value);
	if (strpbrk(to->data + begin, ".e") == NULL)
		add_word(to, ".0");
}

void json_text_real(struct json_text *object, const char *name, double value)
{
	double scaled = nearbyint(value * SCALE);

	begin_member(object, name);
	if (!isfinite(value))
		add_word(object->to, "null");
	else if (fabs(value) < PLAIN_MAX && scaled / SCALE == value)
		add_scaled(object->to, (int64_t)scaled, SCALE);
	else
		add_any_real(object->to, value);
}

void json_text_scaled(struct json_text *object, const char *name, int64_t value, int32_t scale)
{
	begin_member(object, name);
	add_scaled(object->to, value, scale);
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

void json_text_string(struct json_text *object, const char *name, const char *value)
{
	begin_member(object, name);
	add_word(object->to, "\"");
	while (*value != '\0') {
		size_t plain = 0;

		while (is_plain(value[plain]))
			plain++;
		text_add_bytes(object->to, value, plain);
		value += plain;
		if (*value != '\0')
			text_add(object->to, "\\u%04x", (unsigned)(unsigned char)*value++);
	}
	add_word(object->to, "\"");
}

void json_text_time(struct json_text *object, const char *name, struct wall_time at)
{
	char text[WALL_TEXT_MAX];

	begin_member(object, name);
	if (at.ms == 0) {
		add_word(object->to, "null");
		return;
	}
	add_word(object->to, "\"");
	add_word(object->to, wall_format(text, at, 0));
	add_word(object->to, "\"");
}
