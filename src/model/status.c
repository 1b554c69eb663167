/* How often a sensor sends, in words. */
#include "model/status.h"

#include <string.h>

#include <stdlib.h>

bool sensor_interval_fits(int64_t spacing_ms, int64_t interval_ms)
{
	return llabs(spacing_ms - interval_ms) <= interval_ms / 4;
}

/* To a tenth of a second: the way of a message is no part of it. */
static void add_seconds(struct text *out, const char *lead, int64_t ms, const char *tail)
{
	text_add(out, "%s", lead);
	text_add_scaled(out, (ms + 50) / 100, 10);
	text_add(out, " s%s", tail);
}

void sensor_interval_format(const struct sensor_interval *interval, struct text *out)
{
	bool is_as_set = interval->set_ms != 0 && interval->is_confirmed;
	bool says_otherwise = interval->says_ms != 0 && interval->seen_ms != 0 &&
			      !sensor_interval_fits(interval->seen_ms, interval->says_ms);
	size_t before = out->length;

	if (interval->set_ms != 0 && !is_as_set)
		add_seconds(out, "set to ", interval->set_ms, "");
	if (says_otherwise)
		add_seconds(out, out->length > before ? ", says " : "says ", interval->says_ms, "");
	if (interval->seen_ms == 0)
		return;
	if (out->length > before)
		add_seconds(out, ", sends every ", interval->seen_ms, "");
	else
		add_seconds(out, "", interval->seen_ms, is_as_set ? ", as set" : "");
}

const struct relay_proof *relay_proof_find(const struct relay_proof *proofs, const char *relay)
{
	for (size_t i = 0; i < RELAYS_MAX && proofs[i].relay.text[0] != '\0'; i++)
		if (strcmp(proofs[i].relay.text, relay) == 0)
			return &proofs[i];
	return NULL;
}
