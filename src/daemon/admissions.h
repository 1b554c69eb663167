/* Batteries and relays that a person lets in while we run, and forgets again. */
#pragma once

#include "daemon/daemon.h"
#include "model/admission.h"
#include "model/relay_admission.h"

/* Takes in what the journal kept of one that was let in, before the core begins. */
void admissions_restore(struct daemon *daemon, const char *node, const char *text);

/* Writes all of them again, into a new journal. */
void admissions_write_all(struct daemon *daemon);

/* As api_host's admit() and forget(). */
int admissions_admit(struct daemon *daemon, const struct admission *admission,
		     struct text *error) MUST_CHECK;
int admissions_forget(struct daemon *daemon, const char *node, bool is_seen_open,
		      struct text *error) MUST_CHECK;

/* Ends what is active about `subject`, which leaves the house. */
void admissions_end_alerts(struct daemon *daemon, const struct ident *subject);

/* Says so in `error`; returns -EAGAIN. */
int admissions_not_stored(struct text *error) MUST_CHECK;

/* --- relay_admissions.c --- */

void relay_admissions_restore(struct daemon *daemon, const char *node, const char *text);
void relay_admissions_write_all(struct daemon *daemon);

/* As api_host's admit_relay(); and forget() of the relay `index`, which was let in. */
int relay_admissions_admit(struct daemon *daemon, const struct relay_admission *asked,
			   struct text *error) MUST_CHECK;
int relay_admissions_forget(struct daemon *daemon, size_t index, bool is_seen_open,
			    struct text *error) MUST_CHECK;

/* A slot of the hub behind those of the configuration that is nobody's; RELAYS_MAX: none is. */
size_t admissions_free_slot(const struct daemon *daemon);

/* The relay that has that slot, or -1. */
int admissions_relay_of_slot(const struct daemon *daemon, size_t slot);
