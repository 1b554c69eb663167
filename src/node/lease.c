/*
 * The relay node's rules, see lease.h. They make sure that nothing late or
 * repeated closes a contact, and that a node which hears nothing more opens.
 * Bytes are wire/relay_message's, the contact is the driver's, the time is the
 * caller's.
 */
#include "node/lease.h"

static bool is_to_be_ignored(const struct relay_node_state *state,
			     const struct relay_command *command);
static int64_t granted_ms(const struct relay_node_state *state,
			  const struct relay_command *command);
static void move(struct relay_node_state *state, bool is_on);

struct relay_node_state relay_node_boot(int64_t longest_ms, uint32_t switches, uint64_t number,
					uint64_t boot)
{
	return (struct relay_node_state){
	    .longest_ms = longest_ms,
	    .switches = switches,
	    .number = number,
	    .boot = boot,
	};
}

enum lease_result relay_node_put(struct relay_node_state *state,
				 const struct relay_command *command, struct mono_time now)
{
	bool was_on = state->is_on;

	if (is_to_be_ignored(state, command))
		return LEASE_IGNORED;
	if (command->has_number && command->number > state->number)
		state->number = command->number;
	if (command->is_on)
		state->lease_ends = mono_add(now, granted_ms(state, command));
	move(state, command->is_on);
	return state->is_on == was_on ? LEASE_UNCHANGED : LEASE_SWITCHED;
}

bool relay_node_tick(struct relay_node_state *state, struct mono_time now)
{
	if (!state->is_on || mono_since(state->lease_ends, now) > 0)
		return false;
	move(state, false);
	return true;
}

int64_t relay_node_lease_left(const struct relay_node_state *state, struct mono_time now)
{
	int64_t left_ms = mono_since(state->lease_ends, now);

	return state->is_on && left_ms > 0 ? left_ms : 0;
}

struct relay_status relay_node_status(const struct relay_node_state *state,
				      const struct ident *node, int32_t clock_factor,
				      struct mono_time now)
{
	return (struct relay_status){
	    .node = *node,
	    .is_on = state->is_on,
	    .lease_left_ms = relay_node_lease_left(state, now),
	    .has_switches = true,
	    .switches = state->switches,
	    .has_number = true,
	    .number = state->number,
	    .has_boot = true,
	    .boot = state->boot,
	    .clock_factor = clock_factor,
	};
}

/*
 * libcoap 4.3.1 hands a late copy of a confirmable request to the handler again,
 * so an ON that is not newer than the last command must change nothing.
 */
static bool is_to_be_ignored(const struct relay_node_state *state,
			     const struct relay_command *command)
{
	if (!command->is_on)
		return false;
	if (command->has_number && command->number <= state->number)
		return true;
	return command->has_lease && command->lease_ms <= 0;
}

static int64_t granted_ms(const struct relay_node_state *state, const struct relay_command *command)
{
	if (!command->has_lease || command->lease_ms > state->longest_ms)
		return state->longest_ms;
	return command->lease_ms;
}

static void move(struct relay_node_state *state, bool is_on)
{
	if (state->is_on == is_on)
		return;
	state->is_on = is_on;
	state->switches++;
}
