/*
 * Publishes readings as fast as the broker takes them.
 *
 *     ingest MQTT-PORT COUNT QOS [own|mapped|DEVICES]
 *
 * `own` (the default) is what our sensors send; `mapped` the same values as another
 * make's sensor nests them; a number: so many devices with five topics each, of
 * which each message is one value.
 *
 * Readings go round the house's batteries and stay between the thresholds. With
 * QoS 1 at most WINDOW are unacknowledged. Prints {"start_ns":…,"end_ns":…}
 * (CLOCK_MONOTONIC; the end is when the broker has all). When the subscriber has
 * all is bench/run's to find out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "house.h"
#include "mqtt_publisher.h"
#include "samples.h"

#define WINDOW 2000
#define ACKNOWLEDGE_WAIT_MS 30000
#define TAKE_EVERY 64
#define SOC_VALUES 40
#define TEMP_VALUES 10

/* Slowly up and down within 1 %: alive, and no reason to switch. */
static int soc_cpct(size_t message)
{
	return 5005 + (int)(message / HOUSE_BATTERIES % SOC_VALUES);
}

/* With it no two readings of a battery are alike within a ms: they would count as copies. */
static int temp_dc(size_t message)
{
	return HOUSE_TEMP_DC + (int)(message / HOUSE_BATTERIES / SOC_VALUES % TEMP_VALUES);
}

/* Lets the broker acknowledge until no more than `most` are open. */
static int settle(struct mqtt_publisher *publisher, uint64_t most)
{
	int result = mqtt_publisher_take(publisher, 0);

	while (result == 0 && publisher->published - publisher->acknowledged > most) {
		result = mqtt_publisher_flush(publisher);
		if (result == 0)
			result = mqtt_publisher_take(publisher, ACKNOWLEDGE_WAIT_MS);
	}
	return result;
}

/* The next message of the flood. */
static void compose(char topic[HOUSE_TOPIC_MAX], char payload[HOUSE_PAYLOAD_MAX], size_t i,
		    const char *form)
{
	size_t devices = strtoull(form, NULL, 10);

	if (devices > 0) {
		house_value(topic, payload, i / HOUSE_VALUES % devices, i % HOUSE_VALUES,
			    i / HOUSE_VALUES / devices);
		return;
	}
	house_topic(topic, i % HOUSE_BATTERIES);
	if (strcmp(form, "mapped") == 0)
		house_mapped(topic, payload, i % HOUSE_BATTERIES, soc_cpct(i), temp_dc(i));
	else
		house_reading(payload, i % HOUSE_BATTERIES, soc_cpct(i), temp_dc(i));
}

static int flood(struct mqtt_publisher *publisher, size_t count, int qos, const char *form)
{
	char topic[HOUSE_TOPIC_MAX], payload[HOUSE_PAYLOAD_MAX];
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++) {
		compose(topic, payload, i, form);
		result = mqtt_publisher_put(publisher, topic, payload, qos);
		if (result == 0 && qos > 0 && i % TAKE_EVERY == 0)
			result = settle(publisher, WINDOW);
	}
	if (result == 0)
		result = mqtt_publisher_flush(publisher);
	return result == 0 && qos > 0 ? settle(publisher, 0) : result;
}

int main(int argc, char **argv)
{
	static struct mqtt_publisher publisher;
	int64_t start;
	int result;

	if (argc != 4 && argc != 5)
		return 2;
	result = mqtt_publisher_open(&publisher, (uint16_t)atoi(argv[1]), "bench-ingest");
	start = now_ns();
	if (result == 0)
		result = flood(&publisher, strtoull(argv[2], NULL, 10), atoi(argv[3]),
			       argc == 5 ? argv[4] : "own");
	if (result < 0) {
		fprintf(stderr, "ingest: errno %d\n", -result);
		return 1;
	}
	printf("{\"start_ns\":%lld,\"end_ns\":%lld}\n", (long long)start, (long long)now_ns());
	mqtt_publisher_close(&publisher);
	return 0;
}
