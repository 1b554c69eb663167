/*
 * The way of rows into a real MariaDB: session, tables, and what is stored.
 * Skipped as a whole where MariaDB is not installed.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/server_batch.h"
#include "adapt/server_schema.h"
#include "adapt/server_test_db.h"

static struct test_db *db;
static struct server_link link_to_db;
static struct server_batch *batch;
static char words[256];
static struct text error;

static const struct journal_identity identity = {
    .collector = {"home"},
    .epoch = INT64_MAX,
};

/* 2026-03-29T02:10:00.123Z: a local hour that Rome's clocks skip. */
static const struct wall_time skipped_hour = {1774750200123};

static int start_db(void **state)
{
	(void)state;
	db = test_db_start();
	return 0;
}

static int stop_db(void **state)
{
	(void)state;
	test_db_stop(db);
	return 0;
}

static int open_link(void **state)
{
	(void)state;
	if (!db)
		return 0;
	error = text_in(words, sizeof(words));
	test_db_reset(db);
	if (server_link_open(&link_to_db, &db->config, db->password, &error) != SERVER_LINK_OPEN)
		fail_msg("%s", words);
	return 0;
}

static int close_link(void **state)
{
	(void)state;
	server_batch_free(batch);
	batch = NULL;
	server_link_close(&link_to_db);
	return 0;
}

static void need_db(void)
{
	if (!db) {
		print_message("# MariaDB is not installed\n");
		skip();
	}
}

static void make_batch(enum server_table_id id, bool has_bulk)
{
	link_to_db.has_bulk = link_to_db.has_bulk && has_bulk;
	assert_int_equal(server_batch_new(&batch, server_table(id), 500), 0);
	if (server_batch_prepare(batch, &link_to_db, &error) != 0)
		fail_msg("%s", words);
}

static struct journal_reading reading_of(int64_t row, double soc_pct)
{
	return (struct journal_reading){
	    .row = row,
	    .wall = {skipped_hour.ms + row},
	    .wall_is_trusted = true,
	    .node = "b1",
	    .received = {.soc_pct = soc_pct,
			 .temp_c = -0.1,
			 .temp_max_c = NAN,
			 .voltage_v = NAN,
			 .current_a = NAN,
			 .power_w = NAN,
			 .soh_pct = NAN,
			 .interval_s = NAN},
	    .quality = QUALITY_GOOD,
	    .acts = true,
	};
}

static void add_readings(int64_t count)
{
	for (int64_t row = 1; row <= count; row++) {
		struct journal_reading reading = reading_of(row, (double)(row % 100) + 0.2);
		server_batch_add_reading(batch, &identity, &reading);
	}
}

static void server_session_is_utc_and_strict(void **state)
{
	char value[512];

	(void)state;
	need_db();
	assert_int_equal(
	    server_link_ask(&link_to_db, "SELECT @@time_zone", value, sizeof(value), &error), 0);
	assert_string_equal(value, "+00:00");
	assert_int_equal(
	    server_link_ask(&link_to_db, "SELECT @@sql_mode", value, sizeof(value), &error), 0);
	assert_non_null(strstr(value, "STRICT_ALL_TABLES"));
}

static void server_stores_a_reading_bit_for_bit(void **state)
{
	(void)state;
	need_db();
	for (int has_bulk = 0; has_bulk <= 1; has_bulk++) {
		test_db_run(db, "DELETE FROM battery_data");
		link_to_db.has_bulk = true;
		server_batch_free(batch);
		make_batch(SERVER_READINGS, has_bulk);
		struct journal_reading reading = reading_of(7, 0.1 + 0.2);
		reading.wall = skipped_hour;
		reading.received.temp_c = -4.9406564584124654e-324;
		reading.received.power_w = 1.7976931348623157e308;
		reading.cell_count = 3;
		memcpy(reading.cell_mv, (uint16_t[]){3301, 0, 65535}, 6);
		reading.has_sequence = true;
		reading.sequence = INT64_MIN;
		reading.has_measured = true;
		reading.measured = (struct wall_time){-1};
		server_batch_add_reading(batch, &identity, &reading);
		assert_int_equal(server_batch_store(batch, &link_to_db, 0, 1, &error),
				 SERVER_BATCH_STORED);
		assert_string_equal(
		    test_db_ask(
			db, "SELECT CONCAT_WS(' ', collector, epoch, `row`, ts, ts_trusted, node, "
			    "soc_pct = 3.0000000000000004e-1, "
			    "temp_c = -4.9406564584124654e-324, ISNULL(temp_max_c), "
			    "power_w = 1.7976931348623157e308, cells_mv, measured, sequence, "
			    "quality, acts) FROM battery_data"),
		    "home 9223372036854775807 7 2026-03-29 02:10:00.123 1 b1 1 1 1 1 3301,0,65535 "
		    "1969-12-31 23:59:59.999 -9223372036854775808 good 1");
	}
}

static void server_stores_a_relay_row(void **state)
{
	(void)state;
	need_db();
	make_batch(SERVER_RELAYS, true);
	struct journal_relay relay = {
	    .row = 3,
	    .wall = skipped_hour,
	    .relay = "r1",
	    .battery = "",
	    .role = RELAY_LOAD,
	    .is_on = true,
	    .phase = RELAY_CONFIRMED,
	    .lease_left_ms = 87125,
	    .has_number = true,
	    .number = 4294967303,
	    .has_boot = true,
	    .boot = -1,
	};
	server_batch_add_relay(batch, &identity, &relay);
	assert_int_equal(server_batch_store(batch, &link_to_db, 0, 1, &error), SERVER_BATCH_STORED);
	assert_string_equal(
	    test_db_ask(
		db, "SELECT CONCAT_WS(' ', `row`, ts_trusted, relay, battery = '', role, state, "
		    "phase, wished, lease_s, ISNULL(switches), n, boot, ISNULL(power_w)) "
		    "FROM rele_data"),
	    "3 0 r1 1 load on confirmed off 87.125 1 4294967303 -1 1");
}

static void server_stores_all_rows_of_a_batch_or_none(void **state)
{
	(void)state;
	need_db();
	for (int has_bulk = 0; has_bulk <= 1; has_bulk++) {
		test_db_reset(db);
		test_db_run(db, "ALTER TABLE battery_data ADD CHECK (soc_pct < 99)");
		link_to_db.has_bulk = true;
		server_batch_free(batch);
		make_batch(SERVER_READINGS, has_bulk);
		add_readings(230);
		error = text_in(words, sizeof(words));
		assert_int_equal(server_batch_store(batch, &link_to_db, 0, 230, &error),
				 SERVER_BATCH_REFUSED);
		assert_non_null(strstr(words, "CONSTRAINT"));
		assert_string_equal(test_db_ask(db, "SELECT COUNT(*) FROM battery_data"), "0");
		assert_int_equal(server_batch_store(batch, &link_to_db, 0, 98, &error),
				 SERVER_BATCH_STORED);
		assert_int_equal(server_batch_store(batch, &link_to_db, 98, 1, &error),
				 SERVER_BATCH_REFUSED);
		assert_int_equal(server_batch_store(batch, &link_to_db, 99, 99, &error),
				 SERVER_BATCH_STORED);
		assert_string_equal(test_db_ask(db, "SELECT CONCAT(COUNT(*), ' ', SUM(soc_pct = "
						    "`row` % 100 + 0.2e0)) FROM battery_data"),
				    "197 197");
	}
}

static void server_refuses_a_row_that_it_has(void **state)
{
	(void)state;
	need_db();
	make_batch(SERVER_READINGS, true);
	add_readings(10);
	assert_int_equal(server_batch_store(batch, &link_to_db, 0, 10, &error),
			 SERVER_BATCH_STORED);
	assert_int_equal(server_batch_store(batch, &link_to_db, 0, 10, &error),
			 SERVER_BATCH_REFUSED);
	assert_string_equal(test_db_ask(db, "SELECT COUNT(*) FROM battery_data"), "10");
}

static void server_refuses_a_time_that_is_none(void **state)
{
	/* first and last moment of the calendar, and one ms beyond; 2^16 years later than 2026 */
	static const struct {
		int64_t ms;
		enum server_batch_answer answer;
	} cases[] = {
	    {253402300799999, SERVER_BATCH_STORED},   {253402300800000, SERVER_BATCH_REFUSED},
	    {2069893100000000, SERVER_BATCH_REFUSED}, {INT64_MAX, SERVER_BATCH_REFUSED},
	    {INT64_MIN, SERVER_BATCH_REFUSED},
	};

	(void)state;
	need_db();
	make_batch(SERVER_READINGS, true);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct journal_reading reading = reading_of((int64_t)i + 1, 50);
		reading.has_measured = true;
		reading.measured.ms = cases[i].ms;
		server_batch_clear(batch);
		server_batch_add_reading(batch, &identity, &reading);
		assert_int_equal(server_batch_store(batch, &link_to_db, 0, 1, &error),
				 cases[i].answer);
	}
}

static void server_that_lacks_the_table_failed_and_refused_no_row(void **state)
{
	(void)state;
	need_db();
	make_batch(SERVER_READINGS, true);
	add_readings(2);
	test_db_run(db, "DROP TABLE battery_data");
	assert_int_equal(server_batch_store(batch, &link_to_db, 0, 2, &error), SERVER_BATCH_FAILED);
}

static void server_check_names_what_would_be_altered(void **state)
{
	static const struct {
		const char *change, *named;
	} cases[] = {
	    {"ALTER TABLE battery_data MODIFY soc_pct FLOAT", "battery_data: soc_pct"},
	    {"ALTER TABLE battery_data MODIFY ts DATETIME NOT NULL", "battery_data: ts"},
	    {"ALTER TABLE rele_data MODIFY lease_s DECIMAL(10,3) NOT NULL", "rele_data: lease_s"},
	    {"ALTER TABLE battery_data MODIFY node VARCHAR(10) NOT NULL", "node"},
	    {"ALTER TABLE battery_data MODIFY node VARCHAR(63) CHARACTER SET latin1 COLLATE "
	     "latin1_bin NOT NULL",
	     NULL},
	    {"CREATE TRIGGER wrong BEFORE INSERT ON battery_data FOR EACH ROW SET NEW.temp_c = 0",
	     "battery_data: temp_c"},
	    {"CREATE TRIGGER wrong BEFORE INSERT ON rele_data FOR EACH ROW SET NEW.epoch = 1",
	     "rele_data: its key"},
	    {"ALTER TABLE rele_data ENGINE=MyISAM", "rele_data: the table's engine"},
	    {"DROP TABLE rele_data", "rele_data"},
	    {"DROP TABLE schema_version", "amphora db migrate"},
	    {"INSERT INTO schema_version VALUES (999, NOW())", "version 999"},
	    {"SELECT 1 INTO @x", NULL},
	};

	(void)state;
	need_db();
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		test_db_reset(db);
		test_db_run(db, cases[i].change);
		error = text_in(words, sizeof(words));
		int result = server_schema_check(&link_to_db, &error);
		if (result == 0 ? cases[i].named != NULL
				: !cases[i].named || !strstr(words, cases[i].named))
			fail_msg("%s: %d %s", cases[i].change, result, words);
		assert_string_equal(test_db_ask(db, "SELECT COUNT(*) FROM battery_data"), "0");
	}
}

static void server_user_may_only_insert_and_read(void **state)
{
	(void)state;
	need_db();
	assert_int_not_equal(server_link_run(&link_to_db, "DELETE FROM battery_data", &error), 0);
	assert_int_not_equal(
	    server_link_run(&link_to_db, "UPDATE battery_data SET soc_pct = 0", &error), 0);
	assert_int_not_equal(server_link_run(&link_to_db, "CREATE TABLE x (i INT)", &error), 0);
	assert_int_equal(
	    server_link_run(&link_to_db, "DO (SELECT COUNT(*) FROM rele_data)", &error), 0);
}

static void note_line(void *context, const char *line)
{
	text_add(context, "%s\n", line);
}

static void server_migrate_twice_changes_nothing(void **state)
{
	char said[512];
	struct text lines = text_in(said, sizeof(said));

	(void)state;
	need_db();
	assert_int_equal(server_schema_migrate(&db->admin, NULL, note_line, &lines, &error), 0);
	assert_string_equal(said, "the tables are up to date\n");
	test_db_run(db, "UPDATE schema_version SET version = 2");
	assert_int_not_equal(server_schema_migrate(&db->admin, NULL, note_line, &lines, &error), 0);
	assert_non_null(strstr(words, "newer amphora"));
}

static void server_grant_refuses_what_is_no_user(void **state)
{
	static const char *const names[] = {"@localhost", "nobody@", "nobody",
					    "x'; DROP TABLE y; --"};

	(void)state;
	need_db();
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		assert_int_not_equal(
		    server_schema_migrate(&db->admin, names[i], note_line,
					  &(struct text){.data = (char[512]){0}, .size = 512},
					  &error),
		    0);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, open_link, close_link)

int main(void)
{
	const struct CMUnitTest rules[] = {
	    RULE(server_session_is_utc_and_strict),
	    RULE(server_stores_a_reading_bit_for_bit),
	    RULE(server_stores_a_relay_row),
	    RULE(server_stores_all_rows_of_a_batch_or_none),
	    RULE(server_refuses_a_row_that_it_has),
	    RULE(server_refuses_a_time_that_is_none),
	    RULE(server_that_lacks_the_table_failed_and_refused_no_row),
	    RULE(server_check_names_what_would_be_altered),
	    RULE(server_user_may_only_insert_and_read),
	    RULE(server_migrate_twice_changes_nothing),
	    RULE(server_grant_refuses_what_is_no_user),
	};

	return cmocka_run_group_tests_name("server_batch", rules, start_db, stop_db);
}
