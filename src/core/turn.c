/*
 * What every part of a step needs: noting, sending, ages. Decides nothing. A
 * note is made once a step, so NOTES_MAX holds the notes of the largest house.
 */
#include "core/turn.h"

/* Decision, kept of each battery; state, override, kept of each relay; alerts; the epoch. */
_Static_assert(2 * BATTERIES_MAX + 3 * RELAYS_MAX + ALERTS_MAX + 1 <= NOTES_MAX,
	       "the outcome holds every note of a step");

void turn_note(const struct turn *turn, enum note_kind kind, size_t index)
{
	struct outcome *outcome = turn->outcome;

	for (size_t i = 0; i < outcome->note_count; i++)
		if (outcome->notes[i].kind == kind && outcome->notes[i].index == index)
			return;
	if (outcome->note_count < NOTES_MAX)
		outcome->notes[outcome->note_count++] = (struct note){kind, index};
}

void turn_send(const struct turn *turn, size_t index, const struct relay_command *command,
	       bool is_renewal)
{
	struct outcome *outcome = turn->outcome;

	if (outcome->command_count < COMMANDS_MAX)
		outcome->commands[outcome->command_count++] = (struct command){
		    .kind = COMMAND_RELAY,
		    .index = index,
		    .is_renewal = is_renewal,
		    .relay = *command,
		};
}

void turn_read(const struct turn *turn, size_t index)
{
	struct outcome *outcome = turn->outcome;

	if (outcome->command_count < COMMANDS_MAX)
		outcome->commands[outcome->command_count++] =
		    (struct command){.kind = COMMAND_READ, .index = index};
}

int32_t turn_clock_factor(const struct turn *turn)
{
	return turn->now.clock_factor != 0 ? turn->now.clock_factor : 1;
}

int64_t turn_age_ms(const struct turn *turn, const struct battery_state *battery)
{
	return mono_since(turn->now.mono, battery->measured_at);
}

enum intent turn_intent_of(enum relay_role role)
{
	return role == RELAY_SOURCE ? INTENT_CHARGE : INTENT_DISCHARGE;
}

bool turn_wants(enum intent intent, enum relay_role role)
{
	return intent == INTENT_BOTH || intent == turn_intent_of(role);
}

bool turn_path_is_on(const struct turn *turn, size_t battery, enum relay_role role)
{
	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct relay_config *config = &turn->house->relays[i];
		const struct relay_state *relay = &turn->site->relays[i];

		if (config->battery == battery && config->role == role && relay->is_heard &&
		    relay->status.is_on)
			return true;
	}
	return false;
}
