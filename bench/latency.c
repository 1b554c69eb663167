/*
 * Sensors and relays of one house in one program, so that one clock sees a
 * reading leave and its command arrive.
 *
 *     latency MQTT-PORT COAP-PORT EVENTS QOS GAP-US [FORM BEAT-US]
 *
 * Each event is one reading of the next battery in turn, below the threshold
 * when its relay is off and above it when it is on, and must bring that relay's
 * PUT. Going round all batteries keeps each relay far below the closings that
 * the gate allows in a day, and gives each relay's readback the time to arrive.
 * Time runs from before the reading is written to the broker until the relay
 * has sent its ACK; GAP-US later comes the next event. FORM `mapped` is as devices
 * of another make say it (`own`: as ours do); with BEAT-US the gap is filled with
 * readings of the batteries in turn, one each BEAT-US, that ask for what is there.
 *
 * Says `ready` when its relays can be reached; waits until each battery has
 * switched in both directions; measures; prints samples (samples.h) and ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "house.h"
#include "mqtt_publisher.h"
#include "relays.h"
#include "samples.h"

#define EVENT_WAIT_NS INT64_C(2000000000)
#define WARM_UP_WAIT_NS INT64_C(100000000)
#define WARM_UP_TRIES 600 /* for all batteries together */

struct latency {
	struct mqtt_publisher publisher;
	struct relays relays;
	int qos;
	int64_t gap_ns, beat_ns;
	bool is_mapped;
	size_t next_beat; /* the battery whose reading fills the gap next */
	struct samples samples;
};

static int publish(struct latency *latency, size_t battery, bool wants_on)
{
	char topic[HOUSE_TOPIC_MAX], payload[HOUSE_PAYLOAD_MAX];
	int result;

	int soc_cpct = wants_on ? HOUSE_LOW_CPCT : HOUSE_HIGH_CPCT;

	if (latency->is_mapped) {
		house_mapped(topic, payload, battery, soc_cpct, HOUSE_TEMP_DC);
	} else {
		house_topic(topic, battery);
		house_reading(payload, battery, soc_cpct, HOUSE_TEMP_DC);
	}
	result = mqtt_publisher_put(&latency->publisher, topic, payload, latency->qos);
	return result < 0 ? result : mqtt_publisher_flush(&latency->publisher);
}

/* Sends one reading that asks for the other state. Returns its time in ns, -ETIME, or an errno. */
static int64_t event(struct latency *latency, size_t battery, int64_t wait_ns)
{
	struct relay *relay = &latency->relays.all[battery];
	bool wants_on = !relay->status.is_on;
	int64_t start = now_ns(), end;
	int result = publish(latency, battery, wants_on);

	if (result < 0)
		return result;
	do {
		relays_turn(&latency->relays, 1);
		end = now_ns();
	} while (relay->status.is_on != wants_on && end - start < wait_ns);
	if (relay->status.is_on != wants_on)
		return -ETIME;
	relays_notify(&latency->relays, battery);
	relays_turn(&latency->relays, 0);
	result = mqtt_publisher_take(&latency->publisher, 0);
	return result < 0 ? result : end - start;
}

/* The daemon may still be connecting, reading its relays or waiting for a second good reading. */
static int warm_up(struct latency *latency)
{
	int tries = WARM_UP_TRIES;

	for (size_t battery = 0; battery < HOUSE_BATTERIES; battery++) {
		for (int switched = 0; switched < 2;) {
			int64_t ns = event(latency, battery, WARM_UP_WAIT_NS);

			if (ns < 0 && (ns != -ETIME || --tries == 0))
				return (int)ns;
			switched += ns > 0;
		}
	}
	return 0;
}

/* Readings of `battery` are left to its event, which comes next. */
static int beat(struct latency *latency, size_t battery)
{
	int result;

	latency->next_beat = (latency->next_beat + 1) % HOUSE_BATTERIES;
	if (latency->next_beat == battery)
		latency->next_beat = (latency->next_beat + 1) % HOUSE_BATTERIES;
	result = publish(latency, latency->next_beat,
			 latency->relays.all[latency->next_beat].status.is_on);
	return result < 0 ? result : mqtt_publisher_take(&latency->publisher, 0);
}

/* The time between two events, before that of `battery`. */
static int wait_gap(struct latency *latency, size_t battery)
{
	int64_t now = now_ns(), end = now + latency->gap_ns, due = now + latency->beat_ns;
	struct timespec gap = {.tv_nsec = latency->gap_ns};
	int result = 0;

	if (latency->beat_ns == 0)
		return latency->gap_ns > 0 ? nanosleep(&gap, NULL) : 0;
	while (now < end && result >= 0) {
		for (; now >= due && result >= 0; due += latency->beat_ns)
			result = beat(latency, battery);
		relays_turn(&latency->relays, 1);
		now = now_ns();
	}
	return result;
}

static int measure(struct latency *latency, long events)
{
	for (long i = 0; i < events; i++) {
		int64_t ns = event(latency, (size_t)i % HOUSE_BATTERIES, EVENT_WAIT_NS);

		if (ns == -ETIME)
			latency->samples.missing++;
		else if (ns < 0)
			return (int)ns;
		else
			samples_add(&latency->samples, ns);
		if (wait_gap(latency, (size_t)(i + 1) % HOUSE_BATTERIES) < 0)
			return -EIO;
	}
	return 0;
}

static int run(struct latency *latency, uint16_t mqtt_port, long events)
{
	int result = mqtt_publisher_open(&latency->publisher, mqtt_port, "bench-latency");

	if (result < 0)
		return result;
	puts("ready");
	fflush(stdout);
	result = warm_up(latency);
	if (result == 0)
		result = measure(latency, events);
	mqtt_publisher_close(&latency->publisher);
	return result;
}

int main(int argc, char **argv)
{
	static struct latency latency;
	int result;

	if (argc != 6 && argc != 8)
		return 2;
	latency.qos = atoi(argv[4]);
	latency.gap_ns = atol(argv[5]) * 1000 % 1000000000;
	latency.is_mapped = argc == 8 && strcmp(argv[6], "mapped") == 0;
	latency.beat_ns = argc == 8 ? atol(argv[7]) * 1000 : 0;
	result = relays_open(&latency.relays, (uint16_t)atoi(argv[2]));
	if (result == 0) {
		result = run(&latency, (uint16_t)atoi(argv[1]), atol(argv[3]));
		relays_close(&latency.relays);
	}
	if (result < 0) {
		fprintf(stderr, "latency: errno %d\n", -result);
		return 1;
	}
	samples_print(&latency.samples);
	return 0;
}
