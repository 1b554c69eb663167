/*
 * What a plan wants, as the core holds it: until when it counts, and what makes
 * it void. The plan itself is made elsewhere and comes as data (EVENT_PLAN), so
 * that safety never rests on it and a replay needs no planner.
 */
#pragma once

#include "core/turn.h"

/*
 * Takes what the plan wants of the battery `index` from now on, in place of what it wanted before.
 * One that was made from an older state, or wants nothing that a plan can want (both paths where
 * they are exclusive), changes nothing; one that would last longer than PLAN_WISH_MAX_MS ends then.
 * Number 0 says that there is none.
 */
void planned_take(const struct turn *turn, size_t index, const struct plan_wish *wish);

/* Something came that the plan of the battery `index` does not know of; `why` says what. */
void planned_void(const struct turn *turn, size_t index, enum reason_code why);

/* What the plan wishes; with a reason_is_without_plan() where none counts. */
struct wish planned_wish(const struct battery_state *battery, struct now now);
