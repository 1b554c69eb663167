/* "Did you mean …?": the known word that is nearest to a mistyped one. */
#pragma once

#include <stddef.h>

struct nearest {
	const char *word; /* borrowed */
	const char *best; /* borrowed from nearest_offer(); NULL: none is near */
	size_t distance;
};

struct nearest nearest_to(const char *word);
void nearest_offer(struct nearest *nearest, const char *candidate);
