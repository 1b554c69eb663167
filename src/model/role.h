/* What somebody may do. Each role may all that those before it may. */
#pragma once

#include "base/result.h"

enum role {
	ROLE_NONE,
	ROLE_VIEW,    /* read everything but secrets */
	ROLE_CONTROL, /* and change what can be changed */
	ROLE_COUNT
};

/* "none", "view", "control" */
const char *role_name(enum role role);

/* "view" or "control". Returns 0, or -EINVAL and leaves `out` alone. */
int role_parse(enum role *out, const char *text) MUST_CHECK;
