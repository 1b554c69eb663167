/* Batteries that a person lets in while we run, and forgets again. */
#pragma once

#include "daemon/daemon.h"
#include "model/admission.h"

/* Takes in what the journal kept of one that was let in, before the core begins. */
void admissions_restore(struct daemon *daemon, const char *node, const char *text);

/* Writes all of them again, into a new journal. */
void admissions_write_all(struct daemon *daemon);

/* As api_host's admit() and forget(). */
int admissions_admit(struct daemon *daemon, const struct admission *admission,
		     struct text *error) MUST_CHECK;
int admissions_forget(struct daemon *daemon, const char *node, struct text *error) MUST_CHECK;
