/*
 * The house's nodes: real sensors and relays (node/) over drivers that look at
 * the world and move its contacts. Faults take effect here, where hardware
 * breaks: the nodes above do not know of them.
 */
#include <errno.h>
#include <math.h>

#include "sim/free_port.h"
#include "sim/virtual_house_parts.h"

static bool *contact_truth(const struct contact *contact)
{
	return &contact->house->world.batteries[contact->battery].is_closed[contact->role];
}

static bool contact_has(const struct contact *contact, enum fault fault)
{
	return fault_is_on_relay(&contact->house->faults, fault, contact->battery, contact->role);
}

static bool contact_is_immovable(const struct contact *contact)
{
	return contact_has(contact, FAULT_RELAY_STUCK) || contact_has(contact, FAULT_RELAY_LYING);
}

bool contact_is_broken(const struct contact *contact)
{
	return contact_is_immovable(contact) || contact_has(contact, FAULT_RELAY_WELDED);
}

/* A welded contact still closes. */
static bool contact_obeys(const struct contact *contact, bool is_on)
{
	return is_on ? !contact_is_immovable(contact) : !contact_is_broken(contact);
}

static void contact_move(struct contact *contact, bool is_on)
{
	struct virtual_house *house = contact->house;
	struct mono_time now = clock_mono(house->clock);

	virtual_house_catch_up(house, now);
	*contact_truth(contact) = is_on;
	account_switched(&house->account, contact->battery, contact->role, is_on, now);
}

static int contact_set(void *user, bool is_on)
{
	struct contact *contact = user;

	account_ordered(&contact->house->account, contact->battery, contact->role);
	contact->is_ordered = is_on;
	if (contact_obeys(contact, is_on))
		contact_move(contact, is_on);
	return 0;
}

static int contact_get(void *user)
{
	const struct contact *contact = user;

	if (contact_has(contact, FAULT_RELAY_LYING) || contact_has(contact, FAULT_RELAY_WELDED))
		return contact->is_ordered;
	return *contact_truth(contact);
}

static bool contact_power(void *user, int64_t *power_mw)
{
	const struct contact *contact = user;
	double power_w = contact->house->world.batteries[contact->battery].flow.power_w;
	bool is_its_own = (contact->role == RELAY_SOURCE) == (power_w > 0);

	if (contact_has(contact, FAULT_RELAY_LYING))
		return false;
	*power_mw = *contact_truth(contact) && is_its_own ? llround(fabs(power_w) * 1000) : 0;
	return true;
}

static int probe_measure(void *user, struct wall_time at, struct reading_received *out)
{
	struct probe *probe = user;
	struct virtual_house *house = probe->house;
	struct world_sensed sensed;

	(void)at;
	virtual_house_catch_up(house, clock_mono(house->clock));
	sensed = world_sense(&house->world, probe->battery);
	if (!fault_is_active(&house->faults, FAULT_SENSOR_FROZEN, probe->battery))
		probe->frozen = sensed;
	*out = (struct reading_received){
	    .soc_pct = probe->frozen.soc_pct,
	    .temp_c = probe->frozen.temp_c,
	    .temp_max_c = NAN,
	    .voltage_v = NAN,
	    .current_a = NAN,
	    .power_w = probe->frozen.power_w,
	    .soh_pct = NAN,
	    .interval_s = NAN,
	};
	return 0;
}

bool virtual_house_is_silent(const struct virtual_house *house, size_t battery)
{
	return house->sensors_are_stopped ||
	       fault_is_active(&house->faults, FAULT_SENSOR_SILENT, battery) ||
	       fault_is_active(&house->faults, FAULT_BROKER_GONE, battery);
}

static int start_sensor(struct virtual_house *house, size_t battery, struct text *error)
{
	struct probe *probe = &house->probes[battery];
	struct sensor_driver driver = {
	    .user = probe,
	    .is_simulated = true,
	    .measure = probe_measure,
	};
	struct sensor_options options = {
	    .interval_ms = house->options.interval_s * (int64_t)MS_PER_SECOND,
	    .broker_host = house->options.broker_host,
	    .broker_port = house->options.broker_port,
	};
	struct text name = text_in(options.node.text, sizeof(options.node.text));

	*probe = (struct probe){.house = house, .battery = battery};
	text_add(&name, "b%zu", battery + 1);
	return sensor_new(&probe->sensor, house->loop, house->clock, &options, &driver, error);
}

static int start_relay(struct virtual_house *house, size_t battery, enum relay_role role,
		       struct text *error)
{
	struct contact *contact = &house->contacts[battery][role];
	struct relay_driver driver = {
	    .user = contact,
	    .is_simulated = true,
	    .set = contact_set,
	    .get = contact_get,
	    .power = contact_power,
	};
	struct relay_server_options options = {.address = "127.0.0.1",
					       .port = free_port_next(&house->last_port)};
	struct text name = text_in(options.node.text, sizeof(options.node.text));

	*contact = (struct contact){.house = house, .battery = battery, .role = role};
	text_add(&name, "r%zu", 2 * battery + (role == RELAY_LOAD) + 1);
	return relay_server_new(&contact->server, house->loop, house->clock, &options, &driver,
				error);
}

int virtual_house_start_nodes(struct virtual_house *house, struct text *error)
{
	for (size_t i = 0; i < house->options.world.battery_count; i++) {
		int result = start_relay(house, i, RELAY_SOURCE, error);

		if (!result)
			result = start_relay(house, i, RELAY_LOAD, error);
		if (!result)
			result = start_sensor(house, i, error);
		if (result)
			return result;
	}
	return 0;
}

void virtual_house_stop_nodes(struct virtual_house *house)
{
	for (size_t i = 0; i < house->options.world.battery_count; i++) {
		sensor_free(house->probes[i].sensor);
		house->probes[i].sensor = NULL;
		for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++) {
			relay_server_free(house->contacts[i][role].server);
			house->contacts[i][role].server = NULL;
		}
	}
}

void virtual_house_apply_faults(struct virtual_house *house)
{
	broker_gate_set_closed(house->gate, fault_is_anywhere(&house->faults, FAULT_BROKER_GONE));
	for (size_t i = 0; i < house->options.world.battery_count; i++) {
		sensor_set_silent(house->probes[i].sensor, virtual_house_is_silent(house, i));
		for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++) {
			struct contact *contact = &house->contacts[i][role];

			if (!contact_is_broken(contact))
				contact_move(contact, contact->is_ordered);
		}
	}
}
