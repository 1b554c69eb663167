/* Decimal numbers written so that they read back as what they were. */
#pragma once

#include "base/text.h"

/*
 * Adds the shortest decimal that number_parse() reads as `value`, which is
 * finite: 24.1 is "24.1". Digits, one dot, and an exponent only below 1e-5 and
 * from 1e15 on.
 */
void number_add_shortest(struct text *out, double value);
