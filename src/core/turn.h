/*
 * One step's arguments in one place, and the two ways to speak out of it:
 * notes and commands.
 */
#pragma once

#include "model/event.h"
#include "model/house.h"
#include "model/site.h"

/* Borrowed for the step. */
struct turn {
	struct site *site;
	const struct house *house;
	struct now now;
	struct outcome *outcome;
};

/* Notes `kind` about `index`, once a step. */
void turn_note(const struct turn *turn, enum note_kind kind, size_t index);

/* Has `command` sent to the relay `index`. */
void turn_send(const struct turn *turn, size_t index, const struct relay_command *command,
	       bool is_renewal);

/* Has the relay `index` read now. */
void turn_read(const struct turn *turn, size_t index);

/* Our clock's factor; 1 where none is told. */
int32_t turn_clock_factor(const struct turn *turn);

/* How old the last good reading is, in ms; only with has_reading. */
int64_t turn_age_ms(const struct turn *turn, const struct battery_state *battery);

/* What its battery does while a relay of that role is on. */
enum intent turn_intent_of(enum relay_role role);

/* Whether `intent` wants the paths of that role closed. */
bool turn_wants(enum intent intent, enum relay_role role);

/* Whether a relay of `battery` with that role is on, as it says itself. */
bool turn_path_is_on(const struct turn *turn, size_t battery, enum relay_role role);
