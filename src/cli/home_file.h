/*
 * A home's record from a CSV file: every slot from the first to the last, at
 * one step, and what was wrong with it in sentences.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"
#include "plan/slot.h"

#define HOME_COMPLAINTS_MAX 16

struct home_slot {
	struct wall_time start;
	int32_t utc_offset_s;  /* of the home's clock */
	struct plan_slot plan; /* its energies and prices are NaN where not known */
};

struct home_record {
	size_t count;
	int step_minutes; /* of the file */
	int plan_minutes; /* of what is planned with: the step, or a multiple that is at least 15 */
	struct home_slot *slots;
	size_t unknown; /* slots without load, PV or price */
	size_t said;
	char words[HOME_COMPLAINTS_MAX][192]; /* what a person should know of the data */
};

/* Where prices of export come from, if not from the file's column. */
struct home_export {
	const char *path; /* a CSV with time,export_price; NULL: none */
	bool is_fixed;
	double price;
};

/*
 * Reads `path`. Returns 0 and a record to be freed with home_record_free(), or a negative errno
 * after complaining of the file, line and column.
 */
int home_record_read(struct home_record *out, const char *path,
		     const struct home_export *export) MUST_CHECK;

void home_record_free(struct home_record *record);
