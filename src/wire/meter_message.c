/* A meter's plain number: what counts as one. Its freshness and use are the daemon's affair. */
#include "wire/meter_message.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "wire/number.h"
#include "wire/plain_text.h"

static const char *const names[METER_COUNT] = {
    [METER_GRID] = "grid",
    [METER_PV] = "pv",
    [METER_LOAD] = "load",
};

const char *meter_kind_name(enum meter_kind kind)
{
	return names[kind];
}

int meter_kind_find(enum meter_kind *out, const char *name)
{
	for (int i = 0; i < METER_COUNT; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = (enum meter_kind)i;
			return 0;
		}
	}
	return -ENOENT;
}

/* `nan`, `-inf`, `Infinity`: a number's place is taken by what is none. */
static bool is_not_finite(struct plain_text text)
{
	if (text.length > 0 && (text.data[0] == '-' || text.data[0] == '+'))
		text = (struct plain_text){text.data + 1, text.length - 1};
	return text.length >= 3 &&
	       (strncasecmp(text.data, "nan", 3) == 0 || strncasecmp(text.data, "inf", 3) == 0);
}

static enum refusal read_number(double *out, struct plain_text text)
{
	int result;

	if (text.length == 0)
		return REFUSAL_EMPTY;
	if (is_not_finite(text))
		return REFUSAL_NOT_FINITE;
	result = number_parse(out, text.data, text.length);
	if (result != 0)
		return result == -ERANGE ? REFUSAL_NOT_FINITE : REFUSAL_WRONG_TYPE;
	return REFUSAL_NONE;
}

/* The number of a message, whatever it is of. */
static enum refusal read_message(double *out, const char *name, const void *payload, size_t len,
				 struct refusal_detail *detail)
{
	enum refusal why;

	if (len > METER_MESSAGE_MAX)
		return refusal_with(detail, REFUSAL_TOO_LARGE, "", NAN, NAN);
	why = read_number(out, plain_text_trim(payload, len));
	return why == REFUSAL_NONE ? why : refusal_with(detail, why, name, NAN, NAN);
}

enum refusal meter_counter_parse(double *energy_wh, const void *payload, size_t len,
				 struct refusal_detail *detail)
{
	double value;
	enum refusal why = read_message(&value, "energy", payload, len, detail);

	if (why != REFUSAL_NONE)
		return why;
	if (value < 0 || value > METER_COUNTER_WH_MAX)
		return refusal_with(detail, REFUSAL_OUT_OF_RANGE, "energy", value,
				    value < 0 ? 0 : METER_COUNTER_WH_MAX);
	*energy_wh = value;
	return REFUSAL_NONE;
}

enum refusal meter_message_parse(double *power_w, enum meter_kind kind, const void *payload,
				 size_t len, struct refusal_detail *detail)
{
	double least = kind == METER_GRID ? -METER_POWER_W_MAX : -METER_BELOW_ZERO_W_MAX;
	double value;
	enum refusal why = read_message(&value, names[kind], payload, len, detail);

	if (why != REFUSAL_NONE)
		return why;
	if (value < least || value > METER_POWER_W_MAX)
		return refusal_with(detail, REFUSAL_OUT_OF_RANGE, names[kind], value,
				    value < least ? least : METER_POWER_W_MAX);
	*power_w = kind != METER_GRID && value < 0 ? 0 : value;
	return REFUSAL_NONE;
}

void meter_message_format(struct text *out, double power_w)
{
	number_add_shortest(out, power_w);
}
