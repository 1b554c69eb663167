/* What sources.c and source_relays.c share. */
#pragma once

#include <uv.h>

#include "adapt/source_relay.h"
#include "daemon/daemon.h"
#include "wire/source_index.h"

/* The values that make a reading, of which the first two it needs. */
enum { DEVICE_NEEDS = 3 }; /* SoC, temp_c, and temp_max_c where the source has it */

#define DEVICE_ADDRESS_MAX 64
#define DEVICE_URI_MAX 128

/* One source, as it feeds a battery or a node of its own. */
struct device {
	struct source_state state;
	struct source_state queued; /* of what queued while we were away, until it makes a reading */
	struct source_slot *slots;  /* of `state` */
	int battery;       /* -1: of none */
	bool is_read;      /* it has SoC and temperature, and does more than obey */
	bool is_meter[METER_COUNT], is_any_meter;
	bool is_one_topic; /* all of a reading comes in one message */
	bool has_given;    /* a whole reading; then parts are given as well */
	struct mono_time given[DEVICE_NEEDS];   /* when its parts were measured */
	struct mono_time kept_at, asked_all_at; /* the hook's last messages */
	bool is_kept;
	char address[DEVICE_ADDRESS_MAX],
	    uri[DEVICE_URI_MAX]; /* that it registered with; or empty */
};

struct devices {
	const struct sources *sources;
	struct source_index *index;
	struct device *list; /* one a source */
	struct source_slot *slots;
	struct source_relay_handlers handlers;
	struct source_relay relays[RELAYS_MAX];
	uv_timer_t timer; /* when a relay is due */
	uint64_t stranger_told_at; /* the loop's time; 0: never */
};

struct source_now devices_now(struct daemon *daemon);

/* Whether all of a reading of `source` comes in one message. */
bool devices_is_one_topic(const struct source *source);

/*
 * A message that queued while we were away: what makes a reading of it is stored, and nothing else comes
 * of it. The arrival's `is_backlog` is set by this.
 */
void devices_take_queued(struct daemon *daemon, size_t number, const struct source_message *message,
			 const struct arrival *arrival);

/* What source `number` told with a message that is stored as `arrival` says. */
void devices_take_news(struct daemon *daemon, size_t number, const struct source_news *news,
		       const struct arrival *arrival);

/* --- coap_devices.c --- */

/* Begins to ask those whose uri is known. */
int coap_devices_open(struct daemon *daemon, struct text *error) MUST_CHECK;

/* --- source_meters.c --- */

void device_meters_open(struct daemon *daemon, const struct source *source, struct device *device);
void device_meters_take(struct daemon *daemon, const struct source *source,
			const struct device *device, const struct source_news *news);

/* --- source_relays.c --- */

void device_relays_open(struct daemon *daemon);
void device_relays_turn(struct daemon *daemon);
