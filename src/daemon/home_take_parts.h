/* What home_take.c and home_switch.c share. Nobody else includes it. */
#pragma once

#include <uv.h>

#include "adapt/ha_listener.h"
#include "adapt/source_relay.h"
#include "daemon/daemon.h"

enum { HOME_PARTS = 6 }; /* values of a battery */

struct home_take {
	struct daemon *daemon;
	struct ha_listener *listener;

	/* batteries */
	int wish[HOME_TAKES_MAX][HOME_PARTS]; /* index of the wish, -1: not configured */
	bool has_given[HOME_TAKES_MAX];       /* a whole reading */
	struct mono_time given[HOME_TAKES_MAX][HOME_PARTS]; /* when its parts were measured */

	/* relays */
	size_t switch_wish; /* the wishes from here on are of relays */
	size_t switch_count;
	size_t relay_of[RELAYS_MAX]; /* of each of these wishes */
	struct source_relay_handlers handlers;
	struct source_relay relays[RELAYS_MAX];
	uv_timer_t timer; /* when one of them is due */
};

struct source_now home_take_now(const struct home_take *take);

/* --- home_switch.c --- */

/* Adds the relays' wishes behind `count` of them; returns how many there are then. */
size_t home_switch_wishes(struct home_take *take, struct ha_wish *wishes, size_t count);
void home_switch_open(struct home_take *take);

/* A wish of theirs was bound, or let go. */
void home_switch_bound(struct home_take *take, size_t wish, const struct ha_bound *bound);
void home_switch_heard(struct home_take *take, const struct source_message *message);
void home_switch_up(struct home_take *take, bool is_up);
