/*
 * Relay nodes of a simulated home: the real node's unit (node/relay_unit.h) over
 * contacts that can stick, weld, lie and fail.
 */
#include <errno.h>
#include <math.h>

#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

#define FOR_EVER_MS (100 * 365 * MS_PER_DAY) /* the lease of a relay that has none */

static bool obeys(const struct sim_contact *contact, bool is_on)
{
	return contact->hardware == SIM_SOUND || (contact->hardware == SIM_WELDED && is_on);
}

static int contact_set(void *user, bool is_on)
{
	struct sim_relay *relay = user;
	struct sim_contact *contact = &relay->contact;

	if (contact->hardware == SIM_FAILING)
		return -EIO;
	contact->is_ordered = is_on;
	if (!obeys(contact, is_on) || contact->is_closed == is_on)
		return 0;
	sim_world_to_now(relay->home, relay->battery);
	contact->is_closed = is_on;
	sim_oracle_switched(relay);
	return 0;
}

static int contact_get(void *user)
{
	const struct sim_relay *relay = user;
	const struct sim_contact *contact = &relay->contact;

	if (contact->hardware == SIM_LYING || contact->hardware == SIM_WELDED)
		return contact->is_ordered;
	return contact->is_closed;
}

static bool contact_power(void *user, int64_t *power_mw)
{
	const struct sim_relay *relay = user;
	double power_w = relay->home->batteries[relay->battery].flow.power_w;
	bool is_its_own = (relay->role == RELAY_SOURCE) == (power_w > 0);

	if (!relay->contact.measures || relay->contact.hardware == SIM_LYING ||
	    relay->home->broken == SIM_BREAK_POWER)
		return false;
	*power_mw = relay->contact.is_closed && is_its_own ? llround(fabs(power_w) * 1000) : 0;
	return true;
}

static struct mono_time node_now(const struct sim_relay *relay)
{
	return (struct mono_time){relay->home->now};
}

static void boot(struct sim_relay *relay)
{
	struct sim_home *home = relay->home;
	int64_t longest_ms =
	    home->house.relays[relay->index].has_lease ? LEASE_LONGEST_MS : FOR_EVER_MS;
	uint64_t number = (uint64_t)sim_between(&home->network, 1, INT64_C(1) << 50);

	/* A contact that fails to open is reported as it stands. */
	if (relay_unit_boot(&relay->unit, longest_ms, &relay->memory, number) < 0)
		relay->unit.state.is_on = relay->contact.is_closed;
}

void sim_relay_begin(struct sim_home *home, size_t index)
{
	struct sim_relay *relay = &home->relays[index];

	relay->unit = (struct relay_unit){
	    .node = home->house.relays[index].id,
	    .driver = {.user = relay,
		       .is_simulated = true,
		       .set = contact_set,
		       .get = contact_get,
		       .power = contact_power},
	};
	boot(relay);
}

static void remember(struct sim_relay *relay)
{
	if (relay->keeps_memory)
		relay->memory = relay_unit_memory(&relay->unit);
}

/* As the relay server's one timer. */
static void watch_lease(struct sim_relay *relay)
{
	struct sim_home *home = relay->home;
	int64_t left_ms = relay->unit.state.lease_ends.ms - home->now;

	relay->lease_timer++;
	if (!relay->unit.state.is_on || left_ms > MS_PER_DAY)
		return;
	sim_queue_add(&home->queue,
		      (struct sim_event){.at = home->now + (left_ms > 0 ? left_ms : SIM_RETRY_MS),
					 .kind = SIM_EV_LEASE,
					 .index = relay->index,
					 .number = relay->lease_timer});
}

static void expire(struct sim_relay *relay)
{
	int result;

	if (relay->home->broken == SIM_BREAK_LEASE)
		return;
	relay->contact.mover = SIM_BY_LEASE;
	result = relay_unit_expire(&relay->unit, node_now(relay));
	if (result == 0)
		return;
	remember(relay);
	sim_path_notify(relay);
}

void sim_relay_lease(struct sim_home *home, size_t index, uint64_t timer)
{
	struct sim_relay *relay = &home->relays[index];

	if (relay->is_down || timer != relay->lease_timer)
		return;
	expire(relay);
	watch_lease(relay);
}

int sim_relay_obey(struct sim_relay *relay, const struct relay_command *command, bool is_foreign)
{
	bool was_closed = relay->contact.is_closed;
	int result;

	expire(relay);
	relay->contact.mover = is_foreign ? SIM_BY_OTHERS : SIM_BY_US;
	result = relay_unit_obey(&relay->unit, command, node_now(relay));
	if (relay->contact.is_closed && !was_closed)
		sim_oracle_closed_by(relay, is_foreign);
	if (relay->contact.is_closed && !is_foreign && result >= 0 && result != LEASE_IGNORED &&
	    command->is_on)
		relay->contact.is_foreign = false; /* taken over */
	if (result == LEASE_IGNORED)
		return result;
	remember(relay);
	watch_lease(relay);
	sim_path_notify(relay);
	return result;
}

struct relay_status sim_relay_status(struct sim_relay *relay)
{
	sim_world_to_now(relay->home, relay->battery);
	return relay_unit_status(&relay->unit, 1, node_now(relay));
}

void sim_relay_reboot(struct sim_home *home, size_t index, bool forgets)
{
	struct sim_relay *relay = &home->relays[index];
	int64_t down_ms = sim_between(&home->chance, 500, 30 * MS_PER_SECOND);

	if (relay->is_down)
		return;
	relay->is_down = true;
	relay->hub.is_observed = false;
	relay->path.trouble_at = home->now + down_ms;
	if (forgets)
		relay->memory = (struct relay_memory){0};
	/* The coil loses its power: the contact opens if it can. */
	relay->contact.mover = SIM_BY_REBOOT;
	if (relay->contact.hardware != SIM_FAILING)
		contact_set(relay, false);
	sim_after(home, down_ms, SIM_EV_BOOTED, index);
}

void sim_relay_booted(struct sim_home *home, size_t index)
{
	struct sim_relay *relay = &home->relays[index];

	relay->is_down = false;
	boot(relay);
	remember(relay);
}

void sim_relay_break(struct sim_relay *relay, enum sim_hardware hardware)
{
	sim_trace(relay->home, "%s: hardware %d", relay->home->house.relays[relay->index].id.text,
		  (int)hardware);
	relay->contact.hardware = hardware;
	relay->contact.hardware_since = relay->home->now;
}

void sim_relay_mend(struct sim_home *home, size_t index)
{
	struct sim_relay *relay = &home->relays[index];

	if (relay->contact.hardware == SIM_SOUND)
		return;
	relay->contact.hardware = SIM_SOUND;
	relay->contact.mover = SIM_BY_MENDING;
	/* A new one stands as it was told; a contact that failed is told anew. */
	contact_set(relay, relay->unit.state.is_on);
	sim_oracle_mended(relay);
}
