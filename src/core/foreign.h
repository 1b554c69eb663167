/* Someone else's switching of a relay: told of, and respected inside the safe envelope. */
#pragma once

#include "core/turn.h"

/* It was confirmed on, and is off without a word from us: so it stays until the wish changes. */
void foreign_take_off(const struct turn *turn, size_t index);

/* It was confirmed open, and is on: whether that may be is the gate's to say (decide.c). */
void foreign_take_on(const struct turn *turn, size_t index);

/*
 * Its trial begins or ends: meanwhile it is closed by nobody else. What it is left closed by is
 * someone else's.
 */
void foreign_trial(const struct turn *turn, size_t index, bool is_under_way);

/*
 * Whether `status` shows that a renewal or a late ON of ours has closed what
 * someone else had opened. To be asked before the status is kept.
 */
bool foreign_off_is_undone(const struct turn *turn, size_t index,
			   const struct relay_status *status);

/*
 * Whether it was on by its own word and `status` is off, by nothing that we sent
 * meanwhile: by someone else, or at its lease's end. To be asked before the
 * status is kept.
 */
bool foreign_has_opened(const struct turn *turn, size_t index, const struct relay_status *status);

/* So it was: it is to be opened again, and then left so. */
void foreign_take_undone_off(const struct turn *turn, size_t index);
