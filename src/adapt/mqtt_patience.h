/*
 * When a connection to a broker that ended is tried again, and whether another
 * client takes it from us.
 *
 * A client id is one connection's: a broker ends the older one when a second
 * client comes with the same. MQTT 5 has a word for it; mosquitto 2.0.11 says
 * nothing, and what shows is a connection that ends again and again soon after
 * it was accepted. Two clients that both come back at once would knock each
 * other out for ever, so one has to wait, longer each time.
 *
 * Pure: times come as arguments, real ones, in ms.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MQTT_BACK_OFF_MIN_MS 1000
#define MQTT_BACK_OFF_MAX_MS 30000

/* Ended without a word sooner than this after it was accepted: a short connection. */
#define MQTT_SHORT_MS 20000
#define MQTT_SHORT_MAX 3 /* in a row are a takeover */

#define MQTT_TAKEOVER_BACK_OFF_MS 10000 /* doubles with each further one */
#define MQTT_TAKEOVER_BACK_OFF_MAX_MS 300000

/*
 * After a takeover a connection lasts when it is so many times as old as the
 * wait before it: another daemon that backs off as we do waits up to twice our
 * time and half as much again.
 */
#define MQTT_LASTS_FACTOR 3

/* How a connection ended. */
enum mqtt_end {
	MQTT_END_UNMADE,     /* it was never accepted */
	MQTT_END_SILENT,     /* accepted, then closed without a word */
	MQTT_END_TAKEN_OVER, /* the broker said so (reason 0x8E) */
	MQTT_END_OTHER,      /* accepted, and ended for a reason that was given */
};

/* All zero at the beginning. */
struct mqtt_patience {
	uint32_t back_off_ms; /* before the try that is next, or was last */
	uint32_t short_ends;  /* in a row */
	uint32_t takeovers;   /* since a connection last lasted; 0: nobody takes it from us */
};

/*
 * A connection ended, or could not be made, `lasted_ms` after it was accepted (0
 * where it was not). Returns after how many ms to try again, to which the
 * caller adds up to half as much, so that many clients do not come at once.
 */
uint32_t mqtt_patience_ended(struct mqtt_patience *patience, enum mqtt_end end, uint64_t lasted_ms);

/*
 * A connection stands since `lasted_ms`. Returns true once, when it is the one
 * that ends a takeover.
 */
bool mqtt_patience_lasts(struct mqtt_patience *patience, uint64_t lasted_ms);

bool mqtt_patience_is_taken_over(const struct mqtt_patience *patience);
