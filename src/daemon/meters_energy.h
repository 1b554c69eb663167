/* The energy of each kind of meter in all, over restarts. */
#pragma once

#include "daemon/daemon.h"

/* A minute is in the batch: what it came to is told from now on, and owed a note. */
void meters_energy_add(struct daemon *daemon, enum meter_kind kind,
		       const struct meter_minute *minute);

/* Notes what is owed into the batch that is being filled; what has no room is owed still. */
void meters_energy_keep(struct daemon *daemon);

/* The journal was begun anew: all of it is owed. */
void meters_energy_owe(struct daemon *daemon);

/* At the start. Returns whether that note is of this. */
bool meters_energy_recall(struct daemon *daemon, const char *name, const char *text);
