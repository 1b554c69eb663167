/* What trials of relays came to, over restarts: the last of each, as long as it is the same relay. */
#pragma once

#include "daemon/daemon.h"

/* The trial of that relay has shown something: that it does as it should, or does not. */
void proofs_note(struct daemon *daemon, size_t relay, const char *result, bool is_passed);

/* At the start. Returns whether that note is of this. */
bool proofs_recall(struct daemon *daemon, const char *name, const char *text);

/* The relays and their devices are known: what was proved of others counts no more. Returns 0. */
int proofs_open(struct daemon *daemon, struct text *error) MUST_CHECK;

/* The journal was begun anew. */
void proofs_write_all(struct daemon *daemon);
