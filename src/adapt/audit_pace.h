/*
 * How many rows what is refused may fill: twenty at once and then one in ten minutes; the rest
 * is summed up, by where it came from and how it was answered, and each sum is one row an hour.
 * So a flood, whoever makes it, is some 350 rows a day. Times are real ms.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/audit.h"

#define AUDIT_PACE_ROWS 20
#define AUDIT_PACE_ROW_MS 600000
#define AUDIT_PACE_SUMS 8
#define AUDIT_PACE_SUM_MS 3600000

struct audit_pace {
	uint64_t full_at_ms; /* all rows are allowed again then */
	uint64_t began_ms;   /* the first of the sums */
	struct audit
	    sums[AUDIT_PACE_SUMS + 1]; /* `count` 0: free; the last is what no other holds */
};

/* Whether a row of its own is allowed now; then it is used up. */
bool audit_pace_take(struct audit_pace *pace, uint64_t now_ms);

/* Adds `one` to its sum, which has of it what is the same for all. */
void audit_pace_add(struct audit_pace *pace, const struct audit *one, uint64_t now_ms);

/* Whether the sums are an hour old: audit_pace_end() then. */
bool audit_pace_is_due(const struct audit_pace *pace, uint64_t now_ms);

/* Takes the next sum out. Returns whether there was one. */
bool audit_pace_end(struct audit_pace *pace, struct audit *out);
