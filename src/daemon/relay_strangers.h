/*
 * Relays that speak our CoAP and are in no configuration: nodes that register, or try to, and what
 * is found where a person has us look. Each is read now and then, one at a time, and never
 * commanded; a person may let it in (relay_admissions.c).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/ident.h"
#include "model/status.h"

struct daemon;

/* In struct daemon; the relays themselves are in its status. */
struct relay_strangers {
	bool is_asking;    /* the hub's discovery is a person's, not that of discovery.c */
	bool has_news;     /* who watches is to be told */
	bool is_reading;   /* one is read, over `slot` of the hub */
	bool is_read_over; /* and has answered or failed */
	size_t slot;
	char reading[PATH_TEXT_MAX];                 /* where */
	uint64_t since, read_at[UNKNOWN_RELAYS_MAX]; /* the loop's time */
};

/* A relay registered as `node`, or tried to, and is reached at `uri`. */
void relay_strangers_registered(struct daemon *daemon, const struct ident *node, const char *uri);

/*
 * Asks `address`, coap://host[:port], for its relays; what comes of it is in the status. Returns 0;
 * -EINVAL for no such address, -EBUSY while another is asked; with a sentence in `error`.
 */
int relay_strangers_look(struct daemon *daemon, const char *address, struct text *error) MUST_CHECK;

/* What the hub reports while `is_asking`: a relay at `uri`, and the end. */
void relay_strangers_found(struct daemon *daemon, const char *uri);
void relay_strangers_look_over(struct daemon *daemon, int result);

/* What the hub reports of a slot that is no relay's of the house. `status` NULL: `detail` says why.
 */
void relay_strangers_heard(struct daemon *daemon, size_t slot, const struct relay_status *status,
			   const char *detail);

/* The one called `name`, at `uri` unless that is empty; NULL where none is, or more than one. */
struct unknown_relay *relay_strangers_find(struct daemon *daemon, const struct ident *name,
					   const char *uri);

/* It is a stranger no more. */
void relay_strangers_leave(struct daemon *daemon, struct unknown_relay *relay);

/* Once a second: reads the next, and tells who watches. */
void relay_strangers_second(struct daemon *daemon);
