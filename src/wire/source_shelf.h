/* The profiles as scripts/embed-profiles writes them. Internal to wire/source*.c. */
#pragma once

#include <stddef.h>

struct source_profile_text {
	const char *name, *text; /* both NULL after the last */
};

extern const struct source_profile_text source_profile_texts[];
