/*
 * What can be broken in the house on command, and what is broken now.
 *
 * A fault is named as people type it: `NAME` or `NAME TARGET`, the target being a
 * battery (`b2`), or for the relay faults also a single relay (`r1`). Without
 * one it is the first battery, with both its relays.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/relay.h"

enum fault {
	FAULT_SENSOR_SILENT, /* reads and publishes no more */
	FAULT_SENSOR_FROZEN, /* publishes the same values again and again */
	FAULT_RELAY_STUCK,   /* does not move any more, and says truthfully how it stands */
	FAULT_RELAY_LYING,   /* reports what it was told, does not move, measures nothing */
	FAULT_RELAY_WELDED,  /* closes and opens no more; reports what it was told, and its power */
	FAULT_BATTERY_HOT,   /* heats itself towards 70 °C */
	FAULT_BROKER_GONE,   /* the house's sensors, and who comes by its gate, lose the broker */
	FAULT_CLOUD,         /* 5 % of the sun */
	FAULT_METERS_SILENT, /* grid, PV and load are told to nobody */
	FAULT_COUNT
};

/* "sensor-silent", … */
const char *fault_name(enum fault fault);

struct faults {
	/* one bit for each battery, relay (2 i source, 2 i + 1 load) or 1 for the house */
	uint64_t subjects[FAULT_COUNT];
};

/*
 * Breaks what `text` (NAME or NAME TARGET) says, in a house of `battery_count`
 * batteries. Returns 0, or -EINVAL with a sentence in `error` and nothing done.
 */
int faults_set(struct faults *faults, const char *text, size_t battery_count,
	       struct text *error) MUST_CHECK;

/* Mends what `text` says; what is not broken stays so. Returns as faults_set(). */
int faults_mend(struct faults *faults, const char *text, size_t battery_count,
		struct text *error) MUST_CHECK;

/* Mends everything. */
void faults_clear(struct faults *faults);

/* Whether it has befallen anything. */
bool fault_is_anywhere(const struct faults *faults, enum fault fault);

bool fault_is_active(const struct faults *faults, enum fault fault, size_t battery);
bool fault_is_on_relay(const struct faults *faults, enum fault fault, size_t battery,
		       enum relay_role role);

/* A fault that waits for its time. */
struct fault_plan {
	int64_t at_ms; /* of the house's time since its start */
	char text[48]; /* as faults_set() reads it */
	bool is_done;
};

/*
 * Reads `NAME@SECONDS` or `NAME:TARGET@SECONDS`, or `clear@SECONDS`; checks the
 * name as faults_set() does. Returns 0, or -EINVAL with a sentence in `error`.
 */
int fault_plan_parse(struct fault_plan *out, const char *text, size_t battery_count,
		     struct text *error) MUST_CHECK;

/*
 * Reads `b3` or `r5` as the battery's index 2 (and, for `r5`, its source relay).
 * Returns 0, or -EINVAL where there is no such thing.
 */
int subject_parse(const char *text, size_t battery_count, size_t *battery, bool *is_relay,
		  enum relay_role *role) MUST_CHECK;
