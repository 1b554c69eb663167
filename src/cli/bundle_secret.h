/* What must not leave the house in a diagnostic archive, taken out of texts and JSON. */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* What stands where something was taken out. */
#define BUNDLE_REMOVED "(removed)"

/* Replaces the values of members that name or let in a person: user, url, to, token, … */
void bundle_secret_json(json_t *document);

/*
 * Copies a configuration from `in` to `out` line by line without such values and without what
 * comes before an @ in an address. Lines over 1000 bytes are left out whole. Returns how many
 * values were taken out.
 */
int bundle_secret_config(FILE *in, FILE *out);
