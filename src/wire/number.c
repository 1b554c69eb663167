/* The shortest decimal of a double, found by trying; for messages, not for tables of millions. */
#include "wire/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHORT_DIGITS 6 /* %g drops zeros, so that fewer need not be tried */
#define ALL_DIGITS 17  /* any double reads back from these */
#define WHOLE_MAX 1e15 /* below, a double without a fraction is written out */

void number_add_shortest(struct text *out, double value)
{
	char digits[40];
	double again;

	if (value == trunc(value) && fabs(value) < WHOLE_MAX) {
		text_add(out, "%" PRId64, (int64_t)value);
		return;
	}
	for (int count = SHORT_DIGITS; count <= ALL_DIGITS; count++) {
		snprintf(digits, sizeof digits, "%.*g", count, value);
		if (number_parse(&again, digits, strlen(digits)) == 0 && again == value)
			break;
	}
	text_add(out, "%s", digits);
}
