/*
 * The way of rows into a real MariaDB: session, tables, and what is stored.
 * Skipped as a whole where MariaDB is not installed.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/journal_forward.h"
#include "adapt/journal_schema.h"
#include "adapt/server_batch.h"
#include "adapt/server_schema.h"
#include "adapt/server_test_db.h"

static struct server_link link_to_db;
static struct server_batch *batch;
static enum server_table_id batch_id;
static struct journal_reader journal; /* in memory, with the tables of a real one */
static char words[256];
static struct text error;

static const struct journal_identity identity = {
    .collector = {"home"},
    .epoch = INT64_MAX,
};

/* 2026-03-29T02:10:00.123Z: a local hour that Rome's clocks skip. */
#define SKIPPED_HOUR "1774750200123"

static void put(const char *sql)
{
	if (sqlite3_exec(journal.db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(journal.db));
}

static int open_link(void **state)
{
	(void)state;
	if (!db)
		return 0;
	error = text_in(words, sizeof(words));
	test_db_reset();
	assert_int_equal(sqlite3_open(":memory:", &journal.db), SQLITE_OK);
	test_db_make_journal(journal.db);
	assert_int_equal(journal_forward_prepare(&journal), 0);
	if (server_link_open(&link_to_db, &db->config, db->password, 10, &error) !=
	    SERVER_LINK_OPEN)
		fail_msg("%s", words);
	return 0;
}

static int close_link(void **state)
{
	(void)state;
	server_batch_free(batch);
	batch = NULL;
	server_link_close(&link_to_db);
	sqlite3_close(journal.db);
	journal.db = NULL;
	return 0;
}

static void make_batch(enum server_table_id id, bool has_bulk)
{
	link_to_db.has_bulk = link_to_db.has_bulk && has_bulk;
	server_batch_free(batch);
	batch = NULL;
	batch_id = id;
	assert_int_equal(server_batch_new(&batch, server_table(id), 500), 0);
	if (server_batch_prepare(batch, &link_to_db, &error) != 0)
		fail_msg("%s", words);
}

static bool take_row(void *user, sqlite3_stmt *row)
{
	(void)user;
	server_batch_add(batch, &identity, row);
	return server_batch_has_room(batch);
}

/* Fills the batch with the rows of the journal, as the forwarder does. */
static void take(void)
{
	char sources[SERVER_STATEMENT_MAX];
	struct text text = text_in(sources, sizeof(sources));

	server_table_write_sources(server_table(batch_id), &text);
	server_batch_clear(batch);
	if (journal_forward_after(&journal, server_table(batch_id)->journal_table, sources, 0, 500,
				  take_row, NULL) != 0)
		fail_msg("%s", journal_reader_error(&journal));
}

/* Readings 1..count, a millisecond apart, with a SoC of `row` % 100 + 0.2. */
static void add_readings(int count)
{
	char sql[512];

	snprintf(
	    sql, sizeof(sql),
	    "DELETE FROM reading; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
	    "FROM n WHERE i < %d) INSERT INTO battery_data (row, ts_ms, node, soc_pct, temp_c, "
	    "quality, flags) SELECT i, " SKIPPED_HOUR " + i, 'b1', i %% 100 + 0.2, -0.1, 4, 0 "
	    "FROM n",
	    count);
	put(sql);
	take();
}

static int store(size_t first, size_t count)
{
	error = text_in(words, sizeof(words));
	return server_batch_store(batch, &link_to_db, first, count, &error);
}

static void server_session_is_utc_and_strict(void **state)
{
	char value[512];

	(void)state;
	test_db_need();
	assert_int_equal(
	    server_link_ask(&link_to_db, "SELECT @@time_zone", value, sizeof(value), &error), 0);
	assert_string_equal(value, "+00:00");
	assert_int_equal(
	    server_link_ask(&link_to_db, "SELECT @@sql_mode", value, sizeof(value), &error), 0);
	assert_non_null(strstr(value, "STRICT_ALL_TABLES"));
}

static void add_awkward_reading(void)
{
	const double reals[] = {0.1 + 0.2, -4.9406564584124654e-324, 1.7976931348623157e308};
	sqlite3_stmt *insert;

	put("DELETE FROM reading");
	assert_int_equal(
	    sqlite3_prepare_v2(journal.db,
			       "INSERT INTO battery_data (row, ts_ms, node, soc_pct, temp_c, "
			       "power_w, cells_mv, measured_ms, sequence, quality, flags) VALUES "
			       "(7, " SKIPPED_HOUR ", 'b1', ?, ?, ?, '3301,0,65535', -1, "
			       "-9223372036854775808, 4, 0)",
			       -1, &insert, NULL),
	    SQLITE_OK);
	for (int i = 0; i < 3; i++)
		sqlite3_bind_double(insert, i + 1, reals[i]);
	assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
	sqlite3_finalize(insert);
	take();
}

static void server_stores_a_reading_bit_for_bit(void **state)
{
	(void)state;
	test_db_need();
	for (int has_bulk = 0; has_bulk <= 1; has_bulk++) {
		test_db_run("DELETE FROM battery_data");
		link_to_db.has_bulk = true;
		make_batch(SERVER_READINGS, has_bulk);
		add_awkward_reading();
		assert_int_equal(store(0, 1), SERVER_BATCH_STORED);
		assert_string_equal(
		    test_db_ask(
			"SELECT CONCAT_WS(' ', collector, epoch, `row`, ts, ts_trusted, node, "
			"soc_pct = 3.0000000000000004e-1, "
			"temp_c = -4.9406564584124654e-324, ISNULL(temp_max_c), "
			"power_w = 1.7976931348623157e308, cells_mv, measured, sequence, "
			"quality, acts) FROM battery_data"),
		    "home 9223372036854775807 7 2026-03-29 02:10:00.123 1 b1 1 1 1 1 3301,0,65535 "
		    "1969-12-31 23:59:59.999 -9223372036854775808 good 1");
	}
}

static void server_says_quality_and_flags_in_words_and_truth(void **state)
{
	char sql[256], expected[64];

	(void)state;
	test_db_need();
	make_batch(SERVER_READINGS, true);
	for (int quality = QUALITY_MISSING; quality <= QUALITY_GOOD; quality++) {
		int flags = quality % 4;
		snprintf(sql, sizeof(sql),
			 "DELETE FROM reading; INSERT INTO battery_data (row, ts_ms, node, "
			 "soc_pct, temp_c, quality, flags) VALUES (1, 0, 'b1', 50, 20, %d, %d)",
			 quality, flags);
		put(sql);
		take();
		test_db_run("DELETE FROM battery_data");
		assert_int_equal(store(0, 1), SERVER_BATCH_STORED);
		snprintf(expected, sizeof(expected), "%s %d %d",
			 quality_name((enum quality)quality), !(flags & JOURNAL_FLAG_PASSIVE),
			 !(flags & JOURNAL_FLAG_UNTRUSTED));
		assert_string_equal(test_db_ask("SELECT CONCAT_WS(' ', quality, acts, "
						"ts_trusted) FROM battery_data"),
				    expected);
	}
}

static void server_stores_a_relay_row(void **state)
{
	(void)state;
	test_db_need();
	make_batch(SERVER_RELAYS, true);
	put("INSERT INTO rele_data VALUES (3, " SKIPPED_HOUR ", 5, 2, 'r1', '', 'load', 'on', "
	    "'confirmed', 'off', 87.125, NULL, 4294967303, -1, NULL)");
	take();
	assert_int_equal(store(0, 1), SERVER_BATCH_STORED);
	assert_string_equal(
	    test_db_ask(
		"SELECT CONCAT_WS(' ', `row`, ts_trusted, relay, battery = '', role, state, "
		"phase, wished, lease_s, ISNULL(switches), n, boot, ISNULL(power_w)) "
		"FROM rele_data"),
	    "3 0 r1 1 load on confirmed off 87.125 1 4294967303 -1 1");
}

static void server_stores_a_decision_with_its_sentence(void **state)
{
	(void)state;
	test_db_need();
	make_batch(SERVER_DECISIONS, true);
	put("INSERT INTO decision VALUES (1, " SKIPPED_HOUR ", 5, 0, 77, 'b1', 'idle', 'safety', "
	    "'charge-cold', 2100, 5000, 'charge', '[{\"decider\":\"threshold\"}]', 'good', 1500, "
	    "18.25, 2.1, 2.4, 'charge-cold-latched', 7000)");
	/* As a later version may write it, and one that had no flip did. */
	put("INSERT INTO decision VALUES (2, " SKIPPED_HOUR ", 5, 2, 78, 'b1', 'boost', 'plan', "
	    "'cheap', 0, 0, 'charge', '[]', 'good', 0, 18.25, 2.1, 2.4, NULL, NULL)");
	take();
	assert_int_equal(store(0, 2), SERVER_BATCH_STORED);
	assert_string_equal(
	    test_db_ask("SELECT sentence FROM decision_data WHERE `row` = 1"),
	    "Stopped because the battery is 2.1 °C; charging is allowed from 5.0 °C. It would charge "
	    "again from 7.0 °C.");
	assert_string_equal(
	    test_db_ask("SELECT CONCAT_WS(' ', id, battery, intent, winner, reason, value, "
			"limit_value, flip, flip_limit, wanted, wishes, quality, age_s, soc_pct, "
			"temp_c, temp_max_c, ts_trusted) FROM decision_data WHERE `row` = 1"),
	    "77 b1 idle safety charge-cold 2100 5000 charge-cold-latched 7000 charge "
	    "[{\"decider\":\"threshold\"}] good 1.5 18.25 2.1 2.4 1");
	assert_string_equal(test_db_ask("SELECT CONCAT_WS(' ', intent, winner, reason, "
					"ISNULL(sentence), ISNULL(flip), ts_trusted) "
					"FROM decision_data WHERE `row` = 2"),
			    "boost plan cheap 1 1 0");
}

static void server_stores_alerts_and_parameters(void **state)
{
	(void)state;
	test_db_need();
	make_batch(SERVER_ALERTS, true);
	put("INSERT INTO alert VALUES (1, " SKIPPED_HOUR
	    ", 9, 'locked-out', 'b1', 3, 3, 'trip', 1, "
	    "0, 2, " SKIPPED_HOUR ", 0)");
	put("INSERT INTO alert VALUES (2, " SKIPPED_HOUR ", 9, 'locked-out', 'b1', 3, 3, '', 0, "
	    "1, 2, " SKIPPED_HOUR ", " SKIPPED_HOUR ")");
	take();
	assert_int_equal(store(0, 2), SERVER_BATCH_STORED);
	assert_string_equal(
	    test_db_ask("SELECT CONCAT_WS(' ', id, code, subject, value, limit_value, detail, "
			"is_active, is_acknowledged, count, raised, ISNULL(cleared)) "
			"FROM alert_data WHERE `row` = 1"),
	    "9 locked-out b1 3 3 trip 1 0 2 2026-03-29 02:10:00.123 1");
	assert_string_equal(test_db_ask("SELECT CONCAT(sentence, '; ', cleared) "
					"FROM alert_data WHERE `row` = 2"),
			    "b1: the lockout is over; 2026-03-29 02:10:00.123");

	make_batch(SERVER_PARAMETERS, true);
	put("INSERT INTO setting_log VALUES (1, " SKIPPED_HOUR ", '', 'charge_below_pct', '40'), "
	    "(2, " SKIPPED_HOUR ", 'b1', 'charge_below_pct', NULL)");
	take();
	assert_int_equal(store(0, 2), SERVER_BATCH_STORED);
	assert_string_equal(test_db_ask("SELECT GROUP_CONCAT(CONCAT_WS('/', `row`, battery, "
					"parameter, COALESCE(value, 'unset')) ORDER BY `row`) "
					"FROM parameter_data"),
			    "1//charge_below_pct/40,2/b1/charge_below_pct/unset");
}

static void server_batch_of_long_texts_ends_before_they_are_cut(void **state)
{
	(void)state;
	test_db_need();
	make_batch(SERVER_DECISIONS, true);
	put("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
	    "INSERT INTO decision SELECT i, 0, 5, 0, i, 'b1', 'idle', 'safety', 'stale', 1, 2, "
	    "'charge', substr(hex(zeroblob(600)), 1, 1000), 'good', 0, 1, 2, 3, NULL, NULL FROM n");
	take();
	size_t count = server_batch_count(batch);
	assert_in_range(count, 2, 499);
	assert_int_equal(store(0, count), SERVER_BATCH_STORED);
	assert_string_equal(test_db_ask("SELECT CONCAT_WS(' ', MIN(LENGTH(wishes)), "
					"MAX(LENGTH(wishes))) FROM decision_data"),
			    "1000 1000");
}

static void server_stores_all_rows_of_a_batch_or_none(void **state)
{
	(void)state;
	test_db_need();
	for (int has_bulk = 0; has_bulk <= 1; has_bulk++) {
		test_db_reset();
		test_db_run("ALTER TABLE battery_data ADD CHECK (soc_pct < 99)");
		link_to_db.has_bulk = true;
		make_batch(SERVER_READINGS, has_bulk);
		add_readings(230);
		assert_int_equal(store(0, 230), SERVER_BATCH_REFUSED);
		assert_non_null(strstr(words, "CONSTRAINT"));
		assert_string_equal(test_db_ask("SELECT COUNT(*) FROM battery_data"), "0");
		assert_int_equal(store(0, 98), SERVER_BATCH_STORED);
		assert_int_equal(store(98, 1), SERVER_BATCH_REFUSED);
		assert_int_equal(store(99, 99), SERVER_BATCH_STORED);
		assert_string_equal(test_db_ask("SELECT CONCAT(COUNT(*), ' ', SUM(soc_pct = "
						"`row` % 100 + 0.2e0)) FROM battery_data"),
				    "197 197");
	}
}

static void server_refuses_a_row_that_it_has(void **state)
{
	(void)state;
	test_db_need();
	make_batch(SERVER_READINGS, true);
	add_readings(10);
	assert_int_equal(store(0, 10), SERVER_BATCH_STORED);
	assert_int_equal(store(0, 10), SERVER_BATCH_REFUSED);
	assert_string_equal(test_db_ask("SELECT COUNT(*) FROM battery_data"), "10");
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
	test_db_need();
	make_batch(SERVER_READINGS, true);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char sql[256];

		snprintf(
		    sql, sizeof(sql),
		    "DELETE FROM reading; INSERT INTO battery_data (row, ts_ms, node, "
		    "soc_pct, temp_c, measured_ms, quality, flags) VALUES (%zu, 0, 'b1', 50, 20, "
		    "%lld, 4, 0)",
		    i + 1, (long long)cases[i].ms);
		put(sql);
		take();
		assert_int_equal(store(0, 1), cases[i].answer);
	}
}

static void server_that_lacks_the_table_failed_and_refused_no_row(void **state)
{
	(void)state;
	test_db_need();
	make_batch(SERVER_READINGS, true);
	add_readings(2);
	test_db_run("DROP TABLE battery_data");
	assert_int_equal(store(0, 2), SERVER_BATCH_FAILED);
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
	    {"ALTER TABLE decision_data MODIFY wishes VARCHAR(10) NOT NULL", "wishes"},
	    {"ALTER TABLE alert_data MODIFY raised DATETIME NULL", "alert_data: raised"},
	    {"DROP TABLE dead_letter", "dead_letter"},
	    {"ALTER TABLE dead_letter MODIFY content VARCHAR(9) NOT NULL", "content"},
	    {"DROP TABLE schema_version", "amphora db migrate"},
	    {"INSERT INTO schema_version VALUES (999, NOW())", "version 999"},
	    {"SELECT 1 INTO @x", NULL},
	};

	(void)state;
	test_db_need();
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		test_db_reset();
		test_db_run(cases[i].change);
		error = text_in(words, sizeof(words));
		int result = server_schema_check(&link_to_db, &error);
		if (result == 0 ? cases[i].named != NULL
				: !cases[i].named || !strstr(words, cases[i].named))
			fail_msg("%s: %d %s", cases[i].change, result, words);
		assert_string_equal(test_db_ask("SELECT COUNT(*) FROM battery_data"), "0");
	}
}

static void server_user_may_only_insert_and_read(void **state)
{
	(void)state;
	test_db_need();
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

static void server_grant_refuses_what_is_no_user(void **state)
{
	static const char *const names[] = {"@localhost", "nobody@", "nobody",
					    "x'; DROP TABLE y; --"};

	(void)state;
	test_db_need();
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
	    RULE(server_says_quality_and_flags_in_words_and_truth),
	    RULE(server_stores_a_relay_row),
	    RULE(server_stores_a_decision_with_its_sentence),
	    RULE(server_stores_alerts_and_parameters),
	    RULE(server_batch_of_long_texts_ends_before_they_are_cut),
	    RULE(server_stores_all_rows_of_a_batch_or_none),
	    RULE(server_refuses_a_row_that_it_has),
	    RULE(server_refuses_a_time_that_is_none),
	    RULE(server_that_lacks_the_table_failed_and_refused_no_row),
	    RULE(server_check_names_what_would_be_altered),
	    RULE(server_user_may_only_insert_and_read),
	    RULE(server_grant_refuses_what_is_no_user),
	};

	return cmocka_run_group_tests_name("server_batch", rules, test_db_group_start,
					   test_db_group_stop);
}
