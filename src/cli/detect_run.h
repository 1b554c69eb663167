/* Listening to a broker for a while and what was found, for the commands that want it. */
#pragma once

#include <jansson.h>

#include "base/text.h"
#include "model/house.h"

struct detect_wish {
	struct broker_config broker; /* its client_id is not used */
	const char *password;        /* borrowed; NULL: what its password_file has */
	uint32_t seconds;            /* 1..DETECT_SECONDS_MAX */
	bool only_listens;
	bool shows_progress; /* a dot a second on standard error */
};

/*
 * Listens, and gives `out` as detect_json() with "broker" and "port", a new reference.
 * Returns 0, or a negative errno with a sentence in `error`.
 */
int detect_run(const struct detect_wish *wish, json_t **out, struct text *error) MUST_CHECK;

/* One line for a person: what it is and what it says. */
void detect_words(struct text *out, const json_t *device);
