/* Words for roles and phases. */
#include "model/relay.h"

const char *relay_role_name(enum relay_role role)
{
	return role == RELAY_SOURCE ? "source" : "load";
}

const char *relay_phase_name(enum relay_phase phase)
{
	static const char *const names[] = {"unknown",   "requested", "sent",   "acked",
					    "confirmed", "mismatch",  "timeout"};

	return names[phase];
}
