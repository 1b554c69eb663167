/*
 * Takes a reading in: whether it may act at all, how old it is, whether it is
 * believable, and what it then changes in the battery's state.
 */
#pragma once

#include "core/turn.h"

/* An accepted reading of the battery `index`. Returns whether it changed anything. */
bool intake_reading(const struct turn *turn, size_t index, const struct event *event);

/* A readable message of the battery `index` was refused: its relays open, nothing is renewed. */
void intake_refused(const struct turn *turn, size_t index, const struct event *event);

/* A person says that the battery's values are right: they are judged anew from the next one on. */
void intake_believe(const struct turn *turn, size_t index);
