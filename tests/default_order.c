/*
 * A subscriber as libmosquitto's manual shows it, which stores what it gets in
 * the journal's table: the order that system/ack_order.py must catch. The
 * library acknowledges each message before its callback can make it durable.
 */
#include <mosquitto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static const char table_sql[] = "PRAGMA journal_mode=WAL; CREATE TABLE battery_data "
				"(row INTEGER PRIMARY KEY, message_id INTEGER)";

static void store(struct mosquitto *client, void *object, const struct mosquitto_message *message)
{
	char sql[96];

	(void)client;
	(void)snprintf(sql, sizeof(sql), "INSERT INTO battery_data VALUES (NULL, %d)",
		       message->mid);
	if (sqlite3_exec(object, sql, NULL, NULL, NULL) != SQLITE_OK)
		fprintf(stderr, "not stored: %s\n", sqlite3_errmsg(object));
}

int main(int argc, char **argv)
{
	struct mosquitto *client;
	sqlite3 *db;
	int failed;

	if (argc != 4) {
		fprintf(stderr, "usage: default_order PORT STORE TOPIC\n");
		return 2;
	}
	if (sqlite3_open(argv[2], &db) != SQLITE_OK ||
	    sqlite3_exec(db, table_sql, NULL, NULL, NULL) != SQLITE_OK)
		return 1;
	sqlite3_busy_timeout(db, 30000);
	mosquitto_lib_init();
	client = mosquitto_new("default-order", false, db);
	if (client == NULL)
		return 1;
	mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
	mosquitto_message_callback_set(client, store);
	failed = mosquitto_connect(client, "127.0.0.1", atoi(argv[1]), 60) ||
		 mosquitto_subscribe(client, NULL, argv[3], 1) ||
		 mosquitto_loop_forever(client, -1, 1);
	mosquitto_destroy(client);
	sqlite3_close(db);
	return failed;
}
