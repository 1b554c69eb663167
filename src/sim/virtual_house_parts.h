/* What virtual_house.c, its nodes and its reports share. Not for others. */
#pragma once

#include "adapt/mqtt_link.h"
#include "node/relay_server.h"
#include "node/sensor.h"
#include "sim/account.h"
#include "sim/broker_gate.h"
#include "sim/virtual_house.h"

/* A battery's contact, as its node and the world have it. */
struct contact {
	struct virtual_house *house;
	size_t battery;
	enum relay_role role;
	bool is_ordered; /* what its node wants; the world's may differ when broken */
	struct relay_server *server;
};

struct probe {
	struct virtual_house *house;
	size_t battery;
	struct sensor *sensor;
	struct world_sensed frozen; /* what it goes on to show */
	bool is_frozen;
	uint64_t sent, confirmed; /* what the account knows of */
};

struct virtual_house {
	uv_loop_t *loop;
	const struct clock *clock;
	struct virtual_house_options options;
	struct mono_time started;
	struct world world;
	struct faults faults;
	struct mono_time broken_since[FAULT_COUNT]; /* where it has befallen anything */
	struct broker_gate *gate;                   /* NULL: none was asked for */
	struct account account;
	struct probe probes[BATTERIES_MAX];
	struct contact contacts[BATTERIES_MAX][2]; /* by relay_role */
	uint16_t last_port; /* of a relay; 0: none was started */
	struct mqtt_link *meters;
	uv_timer_t tick, meter_tick;
	bool has_timers;
	bool sensors_are_stopped;
};

/* Lets the world go on to `now`. */
void virtual_house_catch_up(struct virtual_house *house, struct mono_time now);

/* Starts sensor and relays of each battery. Returns 0 or a negative errno with a sentence. */
int virtual_house_start_nodes(struct virtual_house *house, struct text *error) MUST_CHECK;
void virtual_house_stop_nodes(struct virtual_house *house);

/* After faults have changed: what was mended moves to where it was told to be. */
void virtual_house_apply_faults(struct virtual_house *house);

/* Whether nothing of this battery's sensor reaches the broker. */
bool virtual_house_is_silent(const struct virtual_house *house, size_t battery);

/* Whether this contact does not do what it is told. */
bool contact_is_broken(const struct contact *contact);
