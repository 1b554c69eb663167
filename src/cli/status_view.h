/* How everything stands, as lines of text. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "cli/cli.h"

/*
 * Writes the whole picture of `state` and the last `shown` changes of `events` (may be NULL);
 * `explanations` is the list that GET /explain gives.
 */
void status_view(const struct cli *cli, FILE *out, const json_t *state, const json_t *explanations,
		 const json_t *events, size_t shown);
