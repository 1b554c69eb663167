/*
 * What somebody who knows would look at first when something does not work: each
 * part in turn, whether it is as it should be, and if not, what to do. Pure: it
 * reads what the daemon knows and touches nothing.
 */
#pragma once

#include "base/time.h"
#include "model/event.h"
#include "model/house.h"
#include "model/site.h"
#include "model/status.h"

enum doctor_verdict {
	DOCTOR_OK,
	DOCTOR_NOTE,    /* works, and could be better */
	DOCTOR_WARNING, /* something is lost or at risk */
	DOCTOR_FAULT,   /* does not work */
};

struct doctor_finding {
	const char *check; /* the part: "broker", "relay", … */
	const char *subject; /* which one; "" where there is only one */
	enum doctor_verdict verdict;
	const char *words;  /* how it is */
	const char *advice; /* what to do; "" with DOCTOR_OK */
};

/* What is looked at; all borrowed. */
struct doctor_look {
	const struct house *house;
	const struct site *site;
	const struct clock *clock;
	const struct daemon_status *status;
	struct now now;
};

/* Told of one finding, whose texts end with the call. */
typedef void doctor_tell(void *user, const struct doctor_finding *finding);

/* Tells of each part at least once, in an order in which one cause comes before what follows from it. */
void doctor_examine(const struct doctor_look *look, doctor_tell *tell, void *user);

/* "ok", "note", "warning", "fault" */
const char *doctor_verdict_name(enum doctor_verdict verdict);
