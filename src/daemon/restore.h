/* What the journal kept over a restart, taken back at the start. */
#pragma once

#include "base/result.h"
#include "base/text.h"
#include "daemon/daemon.h"

/*
 * Reads settings, overrides, lockouts, switch counts and the command epoch from
 * the journal at the house's store path, begins the core's state with them and
 * asks for a new epoch to be made durable. Blocks on the disk: for the start.
 * Returns 0, or a negative errno with a sentence in `error`: what cannot be
 * read or does not hold together stops the start rather than becoming a default.
 */
int restore_site(struct daemon *daemon, struct text *error) MUST_CHECK;
