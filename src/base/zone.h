/*
 * The house's time zone. It comes from the configuration, or from the daemon
 * that has read it, and becomes this process's own, whatever zone the machine
 * is set to.
 */
#pragma once

#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"

/*
 * Takes the IANA zone `name` ("Europe/Rome") for this process. Returns 0, or
 * -ENOENT with a sentence in `error` where the system's tzdata does not know
 * it. Call it before threads are started. It may be called again.
 */
int zone_take(const char *name, struct text *error) MUST_CHECK;

/* Writes the zone of the process, or else of the machine, before zone_take(); nothing where unknown. */
void zone_of_machine(struct text *out);

/*
 * What to add to UTC at `wall` to get local time, in seconds: by the rules that
 * held then, summer or winter. From any thread.
 */
int32_t zone_offset_s(struct wall_time wall);
