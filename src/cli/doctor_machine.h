/* What only somebody on the daemon's machine can see: its disk and who may read its files. */
#pragma once

#include <jansson.h>

#include "model/house.h"

/*
 * Adds what is found about the journal at `path` and its directory to `findings`, in the form of
 * GET /doctor.
 */
void doctor_machine(json_t *findings, const char *path);

/* Likewise of what a configuration names, for a daemon that does not run: files, and the broker's
 * port, which is tried (5 s at most). */
void doctor_configured(json_t *findings, const struct house *house);
