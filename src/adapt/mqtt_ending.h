/*
 * How a connection to a broker ended: what people are told of it, and when it is tried
 * again. What mqtt_link and mqtt_reader have in common.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "adapt/mqtt_link.h"
#include "adapt/mqtt_patience.h"
#include "adapt/mqtt_tls.h"
#include "base/text.h"

#define MQTT_REASON_MAX 160

/* How far a connection has come. */
enum link_state {
	LINK_WAITING,    /* until it is tried again */
	LINK_CONNECTING, /* on the attempt's thread */
	LINK_GREETING,   /* CONNECT is on its way, no CONNACK yet */
	LINK_UP,
};

/* All zero at the beginning. */
struct mqtt_ending {
	struct mqtt_patience patience;
	char refusal[MQTT_REASON_MAX]; /* what CONNACK or DISCONNECT said */
	int goodbye;                   /* DISCONNECT's reason, 0: none came */
};

struct mqtt_verdict {
	bool is_taken_over;
	uint64_t wait_ms;            /* real time, with jitter */
	char words[MQTT_REASON_MAX]; /* why, for people */
};

/* The broker answered our CONNECT with a failure, or ended the connection with a reason. */
void mqtt_ending_refused(struct mqtt_ending *ending, int reason,
			 const struct mqtt_link_options *options);
void mqtt_ending_goodbye(struct mqtt_ending *ending, int reason,
			 const struct mqtt_link_options *options);

/*
 * What failed in words, in `state`: a negative errno or the library's MOSQ_ERR_…;
 * `tls` is NULL where nothing is encrypted.
 */
void mqtt_ending_words(struct text *out, const struct mqtt_link_options *options,
		       const struct mqtt_tls *tls, enum link_state state, int result);

/* No word from the broker in time after CONNECT. */
void mqtt_ending_no_greeting(struct text *out, const struct mqtt_link_options *options,
			     const struct mqtt_tls *tls);

/* Whether that failure is a connection that was closed and nothing more. */
bool mqtt_ending_is_silent(int result);

/*
 * The connection ended in `state`, `lasted_ms` after that began; `reason` where the broker
 * gave none. Forgets what the broker said.
 */
struct mqtt_verdict mqtt_ending_judge(struct mqtt_ending *ending,
				      const struct mqtt_link_options *options,
				      enum link_state state, uint64_t lasted_ms, bool is_silent,
				      const char *reason);
