/* The words of roles. */
#include "model/role.h"

#include <errno.h>
#include <string.h>

static const char *const names[ROLE_COUNT] = {
    [ROLE_NONE] = "none", [ROLE_VIEW] = "view", [ROLE_CONTROL] = "control"};

const char *role_name(enum role role)
{
	return names[role];
}

int role_parse(enum role *out, const char *text)
{
	for (int role = ROLE_VIEW; role < ROLE_COUNT; role++) {
		if (strcmp(text, names[role]) == 0) {
			*out = (enum role)role;
			return 0;
		}
	}
	return -EINVAL;
}
