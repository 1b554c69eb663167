/*
 * Sensors of the hub, which are asked instead of publishing: observed, and read
 * where no notification has come within one and a half of what Max-Age promises.
 * The payload is handed on as it is; wire/ reads it.
 */
#include <errno.h>

#include "adapt/coap_hub_parts.h"

#define GRACE_MS 1000
#define READ_AGAIN_MS 5000 /* after a read that failed */

static void read_answered(struct coap_peer *peer, const struct coap_answer *answer);
static void failed(struct coap_peer *peer, bool is_refused, const char *detail);
static void read_failed(struct coap_peer *peer, bool is_refused, const char *detail);
static bool compose(struct coap_peer *peer, struct peer_message *out);
static void write_answered(struct coap_peer *peer, const struct coap_answer *answer);

const struct peer_actions sensor_actions = {
    .read_answered = read_answered,
    .read_failed = read_failed,
    .write_answered = write_answered,
    .write_failed = failed,
    .compose = compose,
};

int coap_hub_set_sensor(struct coap_hub *hub, size_t index, const char *uri)
{
	struct coap_place place;
	const struct shared_key *key;

	if (index >= COAP_SENSORS_MAX || coap_place_parse(&place, uri) < 0)
		return -EINVAL;
	key = &hub->sensor_keys[index].key;
	if (place.is_secure != (key->length > 0))
		return -EPERM;
	return peer_set(&hub->sensors[index], hub, index, &sensor_actions, &place, key, true);
}

int coap_hub_set_sensor_interval(struct coap_hub *hub, size_t index, int64_t interval_ms)
{
	if (index >= COAP_SENSORS_MAX || !hub->sensors[index].is_set ||
	    interval_ms < NODE_INTERVAL_MS_MIN || interval_ms > NODE_INTERVAL_MS_MAX)
		return -EINVAL;
	hub->sensor_intervals_ms[index] = interval_ms;
	peer_write(&hub->sensors[index]);
	return 0;
}

static bool compose(struct coap_peer *peer, struct peer_message *out)
{
	interval_message_format(&out->payload, peer->hub->sensor_intervals_ms[peer->index]);
	return true;
}

static void read_answered(struct coap_peer *peer, const struct coap_answer *answer)
{
	const struct coap_hub_handlers *handlers = &peer->hub->handlers;
	uint64_t expected_ms = answer->max_age_s * (uint64_t)MS_PER_SECOND;

	if (expected_ms == 0 || expected_ms > COAP_SENSOR_INTERVAL_MS * UINT64_C(1000))
		expected_ms = COAP_SENSOR_INTERVAL_MS;
	peer_read_after(peer, expected_ms + expected_ms / 2 + GRACE_MS);
	if (handlers->on_sensor)
		handlers->on_sensor(handlers->user, peer->index, answer->payload, answer->length);
}

static void read_failed(struct coap_peer *peer, bool is_refused, const char *detail)
{
	peer_read_after(peer, READ_AGAIN_MS);
	failed(peer, is_refused, detail);
}

static void failed(struct coap_peer *peer, bool is_refused, const char *detail)
{
	const struct coap_hub_handlers *handlers = &peer->hub->handlers;

	(void)is_refused;
	if (handlers->on_sensor_failed)
		handlers->on_sensor_failed(handlers->user, peer->index, detail);
}

/* The setting is confirmed by the next reading, which we go and get. */
static void write_answered(struct coap_peer *peer, const struct coap_answer *answer)
{
	(void)answer;
	peer_read_within(peer, COAP_CONFIRM_MS);
}
