/* Words for roles, phases, and what opens a relay at the end. */
#include "model/relay.h"

#include "model/amount.h"

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

const char *opener_name(enum opener by)
{
	static const char *const names[] = {"none", "lease", "person"};

	return names[by];
}

void opening_format(const struct opening *opening, const char *relay, struct text *out)
{
	if (opening->by == OPENER_NONE)
		return;
	text_add(out, "relay %s %s; ", relay,
		 opening->was_heard ? "is not confirmed open" : "has never answered");
	if (opening->by == OPENER_PERSON) {
		text_add(out, "nothing opens it by itself: open it by hand");
		return;
	}
	text_add(out, "its lease opens it within ");
	duration_add(out, (opening->within_ms + MS_PER_SECOND - 1) / MS_PER_SECOND * MS_PER_SECOND,
		     0);
}
