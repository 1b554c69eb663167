/* One battery as lines of text: how it stands, what it does, and its relays. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "cli/cli.h"

/* Writes `battery`, of GET /state; `explanations` is the list that GET /explain gives. */
void status_battery_view(const struct cli *cli, FILE *out, const json_t *battery,
			 const json_t *explanations);

/* One line, for a log: no ages, so that equal lines mean that nothing changed. */
void status_line(const struct cli *cli, FILE *out, const json_t *battery,
		 const json_t *explanations);
