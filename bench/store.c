/*
 * Publishes readings at a steady rate and watches the store for their rows.
 *
 *     store MQTT-PORT FILE COUNT QOS PER-SECOND
 *
 * The time of a reading runs from before it is written to the broker until
 * another connection to the same file sees its row: then it is committed. The
 * schedule is kept whatever the store does, so that a slow commit is charged
 * with all that waited for it. Prints samples (samples.h).
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "house.h"
#include "mqtt_publisher.h"
#include "samples.h"

#define NAP_NS 20000 /* between two looks; the error that it adds is below that */
#define WAIT_NS INT64_C(5000000000)

/* A steady value: these readings are to be stored, not to switch anything. */
#define SOC_CPCT 5020

struct store {
	struct mqtt_publisher publisher;
	sqlite3 *database;
	sqlite3_stmt *newest;
	int64_t first_row; /* rows that were there before */
	int qos;
	int64_t period_ns;
	size_t count, published, seen;
	int64_t published_at[SAMPLES_MAX];
	struct samples samples;
};

static int64_t rows(const struct store *store)
{
	int64_t newest = 0;

	if (sqlite3_step(store->newest) == SQLITE_ROW)
		newest = sqlite3_column_int64(store->newest, 0);
	sqlite3_reset(store->newest);
	return newest;
}

static int publish(struct store *store)
{
	char topic[HOUSE_TOPIC_MAX], payload[HOUSE_PAYLOAD_MAX];
	size_t battery = store->published % HOUSE_BATTERIES;
	int result;

	house_topic(topic, battery);
	house_reading(payload, battery, SOC_CPCT, HOUSE_TEMP_DC);
	store->published_at[store->published++] = now_ns();
	result = mqtt_publisher_put(&store->publisher, topic, payload, store->qos);
	if (result == 0)
		result = mqtt_publisher_flush(&store->publisher);
	return result < 0 ? result : mqtt_publisher_take(&store->publisher, 0);
}

/* Rows come in the order of the readings: one publisher, one topic filter. */
static void look(struct store *store)
{
	size_t stored = (size_t)(rows(store) - store->first_row);
	int64_t now = now_ns();

	for (; store->seen < stored && store->seen < store->published; store->seen++)
		samples_add(&store->samples, now - store->published_at[store->seen]);
}

static int measure(struct store *store)
{
	struct timespec nap = {.tv_nsec = NAP_NS};
	int64_t start = now_ns();
	int64_t end = start + (int64_t)store->count * store->period_ns + WAIT_NS;

	store->first_row = rows(store);
	while (store->seen < store->count && now_ns() < end) {
		int64_t due = start + (int64_t)store->published * store->period_ns;

		if (store->published < store->count && now_ns() >= due) {
			int result = publish(store);

			if (result < 0)
				return result;
		}
		/* Nothing to look for means nothing to disturb the machine with. */
		if (store->seen < store->published)
			look(store);
		nanosleep(&nap, NULL);
	}
	store->samples.missing += store->count - store->seen;
	return 0;
}

static int open_store(struct store *store, const char *path)
{
	if (sqlite3_open_v2(path, &store->database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(store->database, "SELECT max(row) FROM battery_data", -1,
			       &store->newest, NULL) != SQLITE_OK)
		return -EIO;
	sqlite3_busy_timeout(store->database, 1000);
	return 0;
}

int main(int argc, char **argv)
{
	static struct store store;
	int result;

	if (argc != 6)
		return 2;
	prctl(PR_SET_TIMERSLACK, 1);
	store.count = strtoull(argv[3], NULL, 10);
	store.qos = atoi(argv[4]);
	store.period_ns = INT64_C(1000000000) / atoi(argv[5]);
	if (store.count > SAMPLES_MAX)
		return 2;
	result = open_store(&store, argv[2]);
	if (result == 0)
		result =
		    mqtt_publisher_open(&store.publisher, (uint16_t)atoi(argv[1]), "bench-store");
	if (result == 0) {
		result = measure(&store);
		mqtt_publisher_close(&store.publisher);
	}
	sqlite3_finalize(store.newest);
	sqlite3_close(store.database);
	if (result < 0) {
		fprintf(stderr, "store: errno %d\n", -result);
		return 1;
	}
	samples_print(&store.samples);
	return 0;
}
