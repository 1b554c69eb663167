/*
 * A reader's packets: what the broker says, and what it is asked. The bytes and their
 * rules are wire/mqtt_packet.h.
 */
#include <errno.h>
#include <mosquitto.h>
#include <string.h>

#include "adapt/mqtt_reader_parts.h"

#define TLS_ALERT 0x15 /* the first byte of one, which no MQTT packet from a broker begins with */

/* --- what the broker is asked ----------------------------------------------- */

static int queued(struct mqtt_reader *reader, int error)
{
	reader->was_full = reader->was_full || error == -ENOBUFS;
	return error;
}

void mqtt_reader_greet(struct mqtt_reader *reader)
{
	const struct mqtt_link_options *options = &reader->options.link;
	const struct mqtt_connect connect = {
	    .client_id = options->client_id,
	    .user = options->user,
	    .password = options->password,
	    .keepalive_s = options->keepalive_s,
	    .session_expiry_s = reader->options.session_expiry_s,
	    .receive_max = reader->options.receive_max,
	    .packet_max = MQTT_PACKET_MAX,
	};

	(void)!mqtt_packet_connect(&reader->out, &connect); /* the first: there is room */
}

/* An id that neither of the two things has that may wait for an answer. */
static uint16_t next_id(struct mqtt_reader *reader)
{
	do
		reader->last_id++;
	while (reader->last_id == 0 || reader->last_id == reader->publish_id ||
	       reader->last_id == reader->subscription.id);
	return reader->last_id;
}

static void subscribed(struct mqtt_reader *reader)
{
	bool is_granted = reader->subscription.is_granted;

	reader->subscription = (struct reader_subscription){0};
	reader->events.on_subscribed(reader->events.user, is_granted);
}

/* Asks for the next topics; one that fits into no packet is one that is not granted. */
static void subscribe_on(struct mqtt_reader *reader)
{
	struct reader_subscription *subscription = &reader->subscription;
	size_t left = subscription->count - subscription->answered;
	uint16_t id;

	if (left == 0 || subscription->id != 0)
		return;
	id = next_id(reader);
	subscription->asked =
	    mqtt_packet_subscribe(&reader->out, id, subscription->topics + subscription->answered,
				  left, subscription->qos, reader->granted.packet_max);
	if (subscription->asked > 0) {
		subscription->id = id;
	} else if (reader->out.length > 0) {
		reader->was_full = true;
	} else {
		subscription->is_granted = false;
		subscription->answered++;
		if (subscription->answered == subscription->count)
			subscribed(reader);
		else
			subscribe_on(reader);
	}
}

void mqtt_reader_subscribe(struct mqtt_reader *reader, const char *const topics[], size_t count,
			   uint8_t qos)
{
	if (reader->state != LINK_UP || count == 0)
		return;
	reader->subscription = (struct reader_subscription){
	    .topics = topics, .count = count, .qos = qos, .is_granted = true};
	subscribe_on(reader);
	mqtt_reader_flush(reader);
}

int mqtt_reader_publish(struct mqtt_reader *reader, const char *topic, const void *payload,
			size_t length)
{
	struct mqtt_outbox packet = {reader->publish_packet, MQTT_PUBLISH_MAX, 0};
	struct mqtt_publish publish = {.qos = reader->granted.qos_max > 0 ? 1 : 0,
				       .id = next_id(reader),
				       .topic = topic,
				       .topic_length = strlen(topic),
				       .payload = payload,
				       .length = length};

	if (reader->state != LINK_UP)
		return -ENOTCONN;
	if (reader->publish_id != 0)
		return -EBUSY;
	if (mqtt_packet_publish(&packet, &publish) != 0)
		return -EINVAL;
	if (reader->out.size - reader->out.length < packet.length)
		return queued(reader, -ENOBUFS);
	memcpy(reader->out.bytes + reader->out.length, packet.bytes, packet.length);
	reader->out.length += packet.length;
	reader->publish_id = publish.qos > 0 ? publish.id : 0;
	reader->publish_length = packet.length;
	mqtt_reader_flush(reader);
	return 0;
}

/* What the session of the last connection still waits for comes once more (4.4). */
static void publish_again(struct mqtt_reader *reader, bool has_session)
{
	if (!has_session)
		reader->publish_id = 0;
	if (reader->publish_id == 0 || reader->out.length > 0)
		return;
	memcpy(reader->out.bytes, reader->publish_packet, reader->publish_length);
	reader->out.bytes[0] |= 0x08; /* a duplicate */
	reader->out.length = reader->publish_length;
}

int mqtt_reader_acknowledge(struct mqtt_reader *reader, uint16_t id)
{
	if (reader->state != LINK_UP)
		return -ENOTCONN;
	return queued(reader, mqtt_packet_puback(&reader->out, id));
}

void mqtt_reader_has_room(struct mqtt_reader *reader)
{
	if (!reader->was_full || reader->state != LINK_UP)
		return;
	reader->was_full = false;
	subscribe_on(reader);
	reader->events.on_room(reader->events.user);
	mqtt_reader_flush(reader);
}

/* --- what the broker says --------------------------------------------------- */

/* It broke a rule: it is told which, and the connection ends. */
static void refuse(struct mqtt_reader *reader, enum mqtt_reading reading)
{
	uint8_t reason = reading == MQTT_READ_TOO_LARGE   ? MQTT_REASON_TOO_LARGE
			 : reading == MQTT_READ_MALFORMED ? MQTT_REASON_MALFORMED
							  : MQTT_REASON_PROTOCOL;
	bool is_alert = reader->state == LINK_GREETING && reader->in[reader->in_taken] == TLS_ALERT;

	if (reader->state == LINK_UP && mqtt_packet_disconnect(&reader->out, reason) == 0)
		mqtt_reader_flush(reader);
	mqtt_reader_failed(reader, is_alert ? -EBADF : MOSQ_ERR_PROTOCOL);
}

static void take_connack(struct mqtt_reader *reader, const struct mqtt_connack *connack)
{
	if (connack->reason != 0) {
		mqtt_ending_refused(&reader->ending, connack->reason, &reader->options.link);
		mqtt_reader_failed(reader, -ECONNRESET);
		return;
	}
	reader->granted = *connack;
	mqtt_reader_enter(reader, LINK_UP);
	publish_again(reader, connack->has_session);
	reader->events.on_up(reader->events.user, connack->has_session);
}

static void take_message(struct mqtt_reader *reader, const struct mqtt_publish *publish)
{
	size_t hashed = publish->length < MQTT_PAYLOAD_MAX ? publish->length : MQTT_PAYLOAD_MAX;
	struct mqtt_message message = {
	    .topic = publish->topic,
	    .payload = publish->length > 0 ? publish->payload : NULL,
	    .length = publish->length,
	    .id = publish->id,
	    .qos = publish->qos,
	    .is_retained = publish->is_retained,
	    .is_duplicate = publish->is_duplicate,
	    .payload_hash = hash_bytes(publish->payload, hashed),
	};
	size_t end = (size_t)((const uint8_t *)publish->topic - reader->in) + publish->topic_length;

	/* In its place: what follows a topic in its packet has been read. */
	reader->in[end] = '\0';
	reader->messages++;
	reader->events.on_message(reader->events.user, &message);
}

static void take_suback(struct mqtt_reader *reader, const struct mqtt_packet *packet)
{
	struct reader_subscription *subscription = &reader->subscription;

	if (subscription->id == 0 || packet->suback.id != subscription->id)
		return;
	if (packet->suback.count != subscription->asked)
		subscription->is_granted = false;
	for (size_t i = 0; i < packet->suback.count; i++) {
		if (packet->suback.reasons[i] >= MQTT_REASON_FAILURE)
			subscription->is_granted = false;
	}
	subscription->id = 0;
	subscription->answered += subscription->asked;
	if (subscription->answered < subscription->count)
		subscribe_on(reader);
	else
		subscribed(reader);
}

static void take_goodbye(struct mqtt_reader *reader, uint8_t reason)
{
	if (reason >= MQTT_REASON_FAILURE)
		mqtt_ending_goodbye(&reader->ending, reason, &reader->options.link);
	mqtt_reader_failed(reader, -ECONNRESET);
}

static void take_packet(struct mqtt_reader *reader, const struct mqtt_packet *packet)
{
	bool is_first = reader->state == LINK_GREETING;

	if (is_first != (packet->kind == MQTT_IS_CONNACK) &&
	    !(is_first && packet->kind == MQTT_IS_DISCONNECT)) {
		refuse(reader, MQTT_READ_PROTOCOL);
		return;
	}
	switch (packet->kind) {
	case MQTT_IS_CONNACK:
		take_connack(reader, &packet->connack);
		break;
	case MQTT_IS_PUBLISH:
		take_message(reader, &packet->publish);
		break;
	case MQTT_IS_PUBACK:
		if (packet->puback.id == reader->publish_id)
			reader->publish_id = 0;
		break;
	case MQTT_IS_SUBACK:
		take_suback(reader, packet);
		break;
	case MQTT_IS_PINGRESP:
		reader->asked_ms = 0;
		break;
	case MQTT_IS_DISCONNECT:
		take_goodbye(reader, packet->disconnect.reason);
		break;
	default:
		break;
	}
}

static bool stands(const struct mqtt_reader *reader)
{
	return reader->state >= LINK_GREETING && !reader->is_freed;
}

bool mqtt_reader_take(struct mqtt_reader *reader)
{
	struct mqtt_packet packet;

	while (!reader->is_paused && reader->in_taken < reader->in_length) {
		enum mqtt_reading reading =
		    mqtt_packet_read(&packet, reader->in + reader->in_taken,
				     reader->in_length - reader->in_taken, MQTT_PACKET_MAX);

		if (reading == MQTT_READ_PART)
			break;
		if (reading != MQTT_READ_PACKET) {
			refuse(reader, reading);
			return false;
		}
		take_packet(reader, &packet);
		if (!stands(reader))
			return false;
		reader->in_taken += packet.size;
	}
	reader->in_length -= reader->in_taken;
	memmove(reader->in, reader->in + reader->in_taken, reader->in_length);
	reader->in_taken = 0;
	return true;
}
