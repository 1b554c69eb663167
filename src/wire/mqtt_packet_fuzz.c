/*
 * Any bytes as what a broker sends, one packet behind the other: what is read lies within
 * its packet, and a message that is written again is read the same.
 */
#include "wire/mqtt_packet.h"

#include <stdlib.h>
#include <string.h>

#define PACKET_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool is_so)
{
	if (!is_so)
		abort();
}

static void expect_within(const void *part, size_t length, const uint8_t *packet, size_t size)
{
	const uint8_t *at = part;

	expect(at >= packet && length <= size && at + length <= packet + size);
}

static void check_publish(const struct mqtt_publish *publish, const uint8_t *bytes, size_t size)
{
	static uint8_t again[PACKET_MAX];
	struct mqtt_outbox out = {again, sizeof(again), 0};
	struct mqtt_packet heard;

	expect_within(publish->topic, publish->topic_length + 1, bytes, size);
	expect_within(publish->payload, publish->length, bytes, size);
	expect(publish->topic_length > 0 &&
	       memchr(publish->topic, 0, publish->topic_length) == NULL);
	expect(publish->qos <= 1 && (publish->qos == 0) == (publish->id == 0));
	expect(mqtt_packet_publish(&out, publish) == 0);
	expect(mqtt_packet_read(&heard, again, out.length, sizeof(again)) == MQTT_READ_PACKET);
	expect(heard.publish.length == publish->length && heard.publish.id == publish->id);
	expect(memcmp(heard.publish.topic, publish->topic, publish->topic_length) == 0);
	expect(memcmp(heard.publish.payload, publish->payload, publish->length) == 0);
}

static void check(const struct mqtt_packet *packet, const uint8_t *bytes)
{
	if (packet->kind == MQTT_IS_PUBLISH)
		check_publish(&packet->publish, bytes, packet->size);
	else if (packet->kind == MQTT_IS_SUBACK)
		expect_within(packet->suback.reasons, packet->suback.count, bytes, packet->size);
	else if (packet->kind == MQTT_IS_CONNACK)
		expect(packet->connack.receive_max > 0 && packet->connack.packet_max > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mqtt_packet packet;
	size_t at = 0;

	while (mqtt_packet_read(&packet, data + at, size - at, PACKET_MAX) == MQTT_READ_PACKET) {
		expect(packet.size >= 2 && packet.size <= size - at);
		check(&packet, data + at);
		at += packet.size;
	}
	return 0;
}
