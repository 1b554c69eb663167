/* What all batteries come to, as one line of `amphora status`. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "base/text.h"

/*
 * Of `batteries`, as the state has them, "3 batteries: 55.2 %, 11.0 of 20.0 kWh", weighted by their
 * capacity. Those of which nothing is known now count for nothing, not for 0: "2 of 3 batteries: …".
 * Writes nothing where there are fewer than two of a known capacity.
 */
void status_total(struct text *out, const json_t *batteries);

/* The same as a line of its own, if any. */
void status_total_view(FILE *out, const json_t *batteries);
