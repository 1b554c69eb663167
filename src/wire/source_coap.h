/*
 * A CoAP device's answer taken by a source: plain text and JSON as source_take.h
 * reads them, LwM2M's TLV and SenML value by value.
 *
 * The values of those have names (a resource's path, SenML's name), units and
 * times of their own: a row takes the value of its name, in the unit that the
 * message says. One in a unit of another kind is not usable.
 */
#pragma once

#include "wire/source_take.h"

struct source_coap_answer {
	const char *path; /* that was asked, as the rows say it */
	bool has_format;
	uint16_t format; /* coap_answer.h */
	const void *payload;
	size_t length;
	int64_t fresh_for_ms; /* by its Max-Age; 0: as long as the source says */
};

/* As source_take(). Allocates within the bounds of json_message.h, for SenML as JSON only. */
void source_coap_take(struct source_news *news, const struct source *source,
		      struct source_state *state, const struct source_coap_answer *answer,
		      const struct source_now *now);
