/*
 * The bare store: readings that arrive are inserted into an SQLite table, one
 * transaction for what came together, acknowledged after it. No bounds, no
 * decision, no thread: what amphorad's store is compared with.
 *
 *     bare_store PORT QOS FILE full|normal [DELAY_MS]
 *
 * With DELAY_MS readings gather that long before they are committed and
 * acknowledged. Says `ready`; ends with SIGTERM.
 */
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bare_subscriber.h"

struct store {
	sqlite3 *database;
	sqlite3_stmt *begin, *insert, *commit;
	bool is_begun;
	int64_t delay_ms, begun_ms;
	struct bare_subscriber subscriber;
};

static const char schema[] = "CREATE TABLE battery_data (row INTEGER PRIMARY KEY,"
			     " ts_ms INTEGER NOT NULL, node TEXT NOT NULL, soc_pct REAL NOT NULL,"
			     " temp_c REAL NOT NULL, measured_ms INTEGER);"
			     "CREATE INDEX battery_data_node ON battery_data (node, ts_ms);";

static int64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static int64_t mono_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void run_statement(sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		fprintf(stderr, "bare_store: %s\n", sqlite3_errmsg(sqlite3_db_handle(statement)));
	sqlite3_reset(statement);
}

static void insert(struct store *store, const json_t *reading)
{
	const char *node = json_string_value(json_object_get(reading, "node"));

	if (node == NULL)
		return;
	if (!store->is_begun) {
		run_statement(store->begin);
		store->begun_ms = mono_ms();
	}
	store->is_begun = true;
	sqlite3_bind_int64(store->insert, 1, wall_ms());
	sqlite3_bind_text(store->insert, 2, node, -1, SQLITE_TRANSIENT);
	sqlite3_bind_double(store->insert, 3, json_number_value(json_object_get(reading, "SoC")));
	sqlite3_bind_double(store->insert, 4, json_number_value(json_object_get(reading, "Temp")));
	sqlite3_bind_int64(store->insert, 5, json_integer_value(json_object_get(reading, "ts")));
	run_statement(store->insert);
}

static void on_message(void *user, const struct mosquitto_message *message)
{
	json_t *reading = json_loadb(message->payload, (size_t)message->payloadlen, 0, NULL);

	if (reading != NULL)
		insert(user, reading);
	json_decref(reading);
}

static void commit(struct store *store)
{
	if (store->is_begun)
		run_statement(store->commit);
	store->is_begun = false;
	store->subscriber.is_holding = false;
}

static void on_dry(void *user)
{
	struct store *store = user;

	if (store->delay_ms == 0)
		commit(store);
	else
		store->subscriber.is_holding = true;
}

/* Commits what has gathered long enough, and says how long the rest may. */
static void gather(struct store *store)
{
	int64_t left_ms = store->begun_ms + store->delay_ms - mono_ms();

	if (store->is_begun && left_ms <= 0)
		commit(store);
	store->subscriber.wait_ms = store->is_begun ? (int)left_ms + 1 : BARE_WAIT_MS;
}

static int open_store(struct store *store, const char *path, bool is_full)
{
	sqlite3 *database;

	if (sqlite3_open(path, &database) != SQLITE_OK)
		return -1;
	store->database = database;
	sqlite3_exec(database, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
	sqlite3_exec(database,
		     is_full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", NULL,
		     NULL, NULL);
	if (sqlite3_exec(database, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(database, "BEGIN", -1, &store->begin, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(database, "COMMIT", -1, &store->commit, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(database, "INSERT INTO battery_data VALUES (NULL,?,?,?,?,?)", -1,
			       &store->insert, NULL) != SQLITE_OK)
		return -1;
	return 0;
}

static void close_store(struct store *store)
{
	sqlite3_finalize(store->begin);
	sqlite3_finalize(store->insert);
	sqlite3_finalize(store->commit);
	sqlite3_close(store->database);
}

int main(int argc, char **argv)
{
	struct store store = {0};
	struct bare_events events = {.user = &store, .on_message = on_message, .on_dry = on_dry};
	int result;

	if (argc != 5 && argc != 6)
		return 2;
	store.delay_ms = argc == 6 ? atoi(argv[5]) : 0;
	bare_catch_signals();
	if (open_store(&store, argv[3], strcmp(argv[4], "full") == 0) < 0 ||
	    bare_subscriber_open(&store.subscriber, (uint16_t)atoi(argv[1]), "bare-store",
				 atoi(argv[2]), &events) < 0)
		return 1;
	puts("ready");
	fflush(stdout);
	do {
		gather(&store);
		result = bare_subscriber_turn(&store.subscriber, -1);
	} while (!bare_is_stopped() && result >= 0);
	bare_subscriber_close(&store.subscriber);
	close_store(&store);
	return result < 0;
}
