/* The shortest decimal of a double: at once for what sensors send, else found by trying. */
#include "wire/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHORT_DIGITS 15 /* %g drops zeros: what has fewer is written with fewer */
#define ALL_DIGITS 17  /* any double reads back from these */
#define WHOLE_MAX 1e15 /* below, a double without a fraction is written out */
#define MILLI 1000

void number_add_shortest(struct text *out, double value)
{
	char digits[40];
	double again, milli = round(value * MILLI);

	if (value == trunc(value) && fabs(value) < WHOLE_MAX) {
		text_add_scaled(out, (int64_t)value, 1);
		return;
	}
	/* Three decimals, fifteen digits in all: no other decimal as short is the same double. */
	if (fabs(milli) < WHOLE_MAX && milli / MILLI == value) {
		text_add_scaled(out, (int64_t)milli, MILLI);
		return;
	}
	for (int count = SHORT_DIGITS; count <= ALL_DIGITS; count++) {
		snprintf(digits, sizeof digits, "%.*g", count, value);
		if (number_parse(&again, digits, strlen(digits)) == 0 && again == value)
			break;
	}
	text_add(out, "%s", digits);
}
