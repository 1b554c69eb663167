/*
 * Has the contact follow the lease's rules, and says how it truly stands: a
 * contact that did not move is reported so, and is told again.
 */
#include "node/relay_unit.h"

static int move_contact(struct relay_unit *unit, bool was_on);

int relay_unit_boot(struct relay_unit *unit, int64_t longest_ms, const struct relay_memory *memory,
		    uint64_t boot)
{
	unit->state = relay_node_boot(longest_ms, memory->switches, memory->number, boot);
	return unit->driver.set(unit->driver.user, false);
}

int relay_unit_obey(struct relay_unit *unit, const struct relay_command *command,
		    struct mono_time now)
{
	bool was_on = unit->state.is_on;
	enum lease_result put = relay_node_put(&unit->state, command, now);
	int result = 0;

	/* OFF goes to the contact each time: it may stand otherwise than we think. */
	if (put == LEASE_SWITCHED || (put != LEASE_IGNORED && !command->is_on))
		result = move_contact(unit, was_on);
	return result < 0 ? result : (int)put;
}

int relay_unit_expire(struct relay_unit *unit, struct mono_time now)
{
	int result;

	if (!relay_node_tick(&unit->state, now))
		return 0;
	result = move_contact(unit, true);
	return result < 0 ? result : 1;
}

struct relay_status relay_unit_status(const struct relay_unit *unit, int32_t clock_factor,
				      struct mono_time now)
{
	struct relay_status status =
	    relay_node_status(&unit->state, &unit->node, clock_factor, now);
	const struct relay_driver *driver = &unit->driver;
	int contact = driver->get ? driver->get(driver->user) : -1;

	if (contact >= 0)
		status.is_on = contact > 0;
	if (driver->power)
		status.has_power = driver->power(driver->user, &status.power_mw);
	return status;
}

struct relay_memory relay_unit_memory(const struct relay_unit *unit)
{
	return (struct relay_memory){unit->state.switches, unit->state.number};
}

/* Moves the contact to what the state says; if that fails the state goes back. */
static int move_contact(struct relay_unit *unit, bool was_on)
{
	int result = unit->driver.set(unit->driver.user, unit->state.is_on);

	if (result < 0 && unit->state.is_on != was_on) {
		unit->state.is_on = was_on;
		unit->state.switches--;
	}
	return result;
}
