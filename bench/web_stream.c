/*
 * Readers of the event stream, and what sends the readings that they hear of, in one
 * program, so that one clock sees a reading leave and each event arrive.
 *
 *     bench_web_stream MQTT-PORT HTTP-PORT READERS READINGS GAP-US
 *
 * Each reading is of the next value of one battery, so that an event says which it is of.
 * Time runs from before the reading is written to the broker until a reader has the whole
 * event. With READINGS 0 it only reads, until its standard input ends. Says `ready` when all
 * readers have their snapshot; prints samples (samples.h) of all readers together.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "house.h"
#include "mqtt_publisher.h"
#include "samples.h"
#include "web_client.h"

#define READERS_MAX 112
#define VALUES 64 /* of a battery, less than 1 % in all, and then again */
#define FIRST_CPCT 5100
#define WAIT_NS INT64_C(10000000000)
#define SETTLE_NS INT64_C(1000000000)
#define NS_PER_US 1000

#define ASK                                                                    \
	"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
#define MARK "\"kind\":\"reading\",\"subject\":\"b0\",\"soc_pct\":"

static struct web_client readers[READERS_MAX];
static struct pollfd polls[READERS_MAX + 1];
static size_t reader_count, snapshots;
static int64_t sent_ns[VALUES];
static struct samples samples;

/* One event, as it stands between two empty lines. */
static void take_event(char *text, int64_t at)
{
	char *mark;
	long value;

	if (strstr(text, "event: snapshot")) {
		snapshots++;
		return;
	}
	mark = strstr(text, MARK);
	if (!mark)
		return;
	value = (long)(strtod(mark + strlen(MARK), NULL) * 100 + 0.5) - FIRST_CPCT;
	if (value >= 0 && value < VALUES && sent_ns[value] > 0)
		samples_add(&samples, at - sent_ns[value]);
}

static int hear(struct web_client *reader)
{
	int result = web_client_take(reader);
	int64_t at = now_ns();
	char *begin = reader->buffer, *end;

	if (result == -EAGAIN)
		return 0;
	if (result <= 0)
		return result < 0 ? result : -ECONNRESET;
	while ((end = strstr(begin, "\n\n"))) {
		*end = '\0';
		take_event(begin, at);
		begin = end + 2;
	}
	web_client_drop(reader, (size_t)(begin - reader->buffer));
	return reader->used == WEB_BUFFER ? -ENOBUFS : 0;
}

/* Reads until `until`, or `is_over`. */
static int hear_until(int64_t until, bool (*is_over)(void))
{
	int64_t left;
	int result = 0;

	while (result == 0 && (left = until - now_ns()) > 0 && !(is_over && is_over())) {
		struct timespec wait = {left / 1000000000, left % 1000000000};

		if (ppoll(polls, reader_count, &wait, NULL) < 0)
			return -errno;
		for (size_t i = 0; i < reader_count && result == 0; i++)
			if (polls[i].revents)
				result = hear(&readers[i]);
	}
	return result;
}

static bool all_have_snapshots(void)
{
	return snapshots == reader_count;
}

static int join(uint16_t port)
{
	int result = 0;

	for (size_t i = 0; i < reader_count && result == 0; i++) {
		result = web_client_open(&readers[i], port);
		polls[i] = (struct pollfd){.fd = readers[i].fd, .events = POLLIN};
		if (result == 0)
			result = web_client_say(&readers[i], ASK);
	}
	if (result == 0)
		result = hear_until(now_ns() + WAIT_NS, all_have_snapshots);
	return result < 0 || all_have_snapshots() ? result : -ETIME;
}

static int publish(struct mqtt_publisher *publisher, long number)
{
	char topic[HOUSE_TOPIC_MAX], payload[HOUSE_PAYLOAD_MAX];
	int value = (int)(number % VALUES), result;

	house_topic(topic, 0);
	house_reading(payload, 0, FIRST_CPCT + value, HOUSE_TEMP_DC);
	sent_ns[value] = now_ns();
	result = mqtt_publisher_put(publisher, topic, payload, 1);
	return result < 0 ? result : mqtt_publisher_flush(publisher);
}

static int measure(uint16_t port, long count, int64_t gap_ns)
{
	static struct mqtt_publisher publisher;
	int result = mqtt_publisher_open(&publisher, port, "bench-stream");
	int64_t due = now_ns();

	for (long i = 0; i < count && result == 0; i++) {
		result = publish(&publisher, i);
		if (result == 0)
			result = hear_until(due += gap_ns, NULL);
		if (result == 0)
			result = mqtt_publisher_take(&publisher, 0);
	}
	if (result == 0)
		result = hear_until(now_ns() + SETTLE_NS, NULL);
	mqtt_publisher_close(&publisher);
	return result;
}

/* Only to be there, as long as somebody wants that. */
static int read_on(void)
{
	polls[reader_count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
	for (;;) {
		int result = 0;

		if (poll(polls, reader_count + 1, -1) < 0)
			return -errno;
		if (polls[reader_count].revents)
			return 0;
		for (size_t i = 0; i < reader_count && result == 0; i++)
			if (polls[i].revents)
				result = hear(&readers[i]);
		if (result < 0)
			return result;
	}
}

int main(int argc, char **argv)
{
	long count = argc == 6 ? atol(argv[4]) : -1;
	int result;

	reader_count = argc == 6 ? strtoul(argv[3], NULL, 10) : 0;
	if (count < 0 || reader_count > READERS_MAX)
		return 2;
	result = join((uint16_t)atoi(argv[2]));
	if (result == 0) {
		puts("ready");
		fflush(stdout);
		result = count == 0 ? read_on()
				    : measure((uint16_t)atoi(argv[1]), count,
					      atol(argv[5]) * (int64_t)NS_PER_US);
	}
	if (result < 0) {
		fprintf(stderr, "web_stream: errno %d\n", -result);
		return 1;
	}
	if (count > 0) {
		size_t wanted = (size_t)count * reader_count;

		samples.missing = wanted > samples.count ? wanted - samples.count : 0;
		samples_print(&samples);
	}
	return 0;
}
