/*
 * The plan in the daemon: what it is made from, when it is made anew, and what
 * of it reaches the core.
 *
 * The past comes from the journal's meters at the start, and live as slots end;
 * the planner works on a worker, with copies. What the battery is to do right
 * now follows from its decision and the house as it is (plan/follow), and goes
 * to the core as EVENT_PLAN, which knows until when that counts. Nothing of
 * safety is here: without a plan the threshold rule decides.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/plan_change.h"
#include "model/planned.h"

struct daemon;

/* Once a second: slots that ended, a plan that is due. Makes and frees what planning needs. */
void pilot_second(struct daemon *daemon);

/* A reading or a meter's value has come: what the plan wants may be something else now. */
void pilot_follow(struct daemon *daemon);

/* The first battery whose logic is plan, or else the first that could be; -1: none. */
int pilot_battery_of(const struct daemon *daemon);

/* What is to be said of the plan of `battery`; lasts until the loop turns. */
void pilot_tell(const struct daemon *daemon, size_t battery, struct plan_status *out);

/*
 * Plans the coming hours of `battery` as things are and with `change`, on a worker; `done` is called
 * with `call` on the loop, once, unless this fails: -ENOENT without a plan, -EBUSY while another is
 * made, -ERANGE where such a battery cannot be, -ENOMEM; with a sentence in `error`.
 */
int pilot_compare(struct daemon *daemon, size_t battery, const struct plan_change *change,
		  plan_compared_done *done, void *call, struct text *error) MUST_CHECK;

/* Ends a comparison that is under way; before the API closes. */
void pilot_compare_close(struct daemon *daemon);

/* Stops planning; what a worker still does ends as the loop turns. */
void pilot_close(struct daemon *daemon);
