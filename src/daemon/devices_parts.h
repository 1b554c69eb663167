/* What sources.c and source_relays.c share. */
#pragma once

#include <uv.h>

#include "adapt/source_relay.h"
#include "daemon/daemon.h"
#include "wire/source_index.h"

/* The values that make a reading, of which the first two it needs. */
enum { DEVICE_NEEDS = 3 }; /* SoC, temp_c, and temp_max_c where the source has it */

/* One source, as it feeds a battery or a node of its own. */
struct device {
	struct source_state state;
	struct source_slot *slots;
	int battery;       /* -1: of none */
	bool is_read;      /* it has SoC and temperature, and does more than obey */
	bool is_meter[METER_COUNT], is_any_meter;
	bool is_one_topic; /* all of a reading comes in one message */
	bool has_given;    /* a whole reading; then parts are given as well */
	struct mono_time given[DEVICE_NEEDS];   /* when its parts were measured */
	struct mono_time kept_at, asked_all_at; /* the hook's last messages */
	bool is_kept;
};

struct devices {
	const struct sources *sources;
	struct source_index *index;
	struct device *list; /* one a source */
	struct source_slot *slots;
	struct source_relay_handlers handlers;
	struct source_relay relays[RELAYS_MAX];
	uv_timer_t timer; /* when a relay is due */
};

struct source_now devices_now(struct daemon *daemon);

/* --- source_meters.c --- */

void device_meters_open(struct daemon *daemon, const struct source *source, struct device *device);
void device_meters_take(struct daemon *daemon, const struct source *source,
			const struct device *device, const struct source_news *news);

/* --- source_relays.c --- */

void device_relays_open(struct daemon *daemon);
void device_relays_turn(struct daemon *daemon);
