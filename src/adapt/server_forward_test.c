/*
 * From a journal's rows to those of a real MariaDB, and to its dead letters.
 * Skipped as a whole where MariaDB is not installed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "adapt/server.h"
#include "adapt/server_forward.h"
#include "adapt/server_test_db.h"

#define SQL_MAX 1024

static struct server_link link_to_db;
static struct server_forward *forward;
static sqlite3 *journal;
static char path[PATH_TEXT_MAX], words[256];
static struct text error;

static void put(const char *sql)
{
	if (sqlite3_exec(journal, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(journal));
}

static void make_journal(void)
{
	snprintf(path, sizeof(path), "%s/forward.db", db->directory);
	unlink(path);
	assert_int_equal(sqlite3_open(path, &journal), SQLITE_OK);
	test_db_make_journal(journal);
	put("INSERT INTO meta VALUES ('collector', 'home'), ('epoch', 7), ('created', 0)");
}

static int set_up(void **state)
{
	(void)state;
	if (!db)
		return 0;
	error = text_in(words, sizeof(words));
	test_db_reset();
	make_journal();
	return server_forward_new(&forward, path);
}

static int tear_down(void **state)
{
	(void)state;
	server_forward_free(forward);
	forward = NULL;
	server_link_close(&link_to_db);
	sqlite3_close(journal);
	journal = NULL;
	return 0;
}

/* As after a start: another forwarder over another connection. */
static void begin(void)
{
	server_forward_free(forward);
	forward = NULL;
	server_link_close(&link_to_db);
	assert_int_equal(server_forward_new(&forward, path), 0);
	error = text_in(words, sizeof(words));
	if (server_link_open(&link_to_db, &db->config, db->password, 10, &error) !=
		SERVER_LINK_OPEN ||
	    server_forward_begin(forward, &link_to_db, &error) != SERVER_FORWARD_DONE)
		fail_msg("%s", words);
}

static void forward_all(void)
{
	int answer;

	do {
		answer = server_forward_step(forward, &error);
	} while (answer == SERVER_FORWARD_MORE);
	if (answer != SERVER_FORWARD_DONE)
		fail_msg("%d: %s", answer, words);
	server_forward_count(forward);
}

/* Readings first..last; the SoC is the row's number. */
static void put_readings(int first, int last)
{
	char sql[SQL_MAX];

	snprintf(sql, sizeof(sql),
		 "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		 "INSERT INTO battery_data (row, ts_ms, node, soc_pct, temp_c, quality, flags) "
		 "SELECT i, 1774750200123 + i, 'b1', i, 20.1, 4, 0 FROM n",
		 first, last);
	put(sql);
}

static void put_one_of_each(void)
{
	put_readings(1, 1);
	put("INSERT INTO rele_data VALUES (1, 0, 5, 0, 'r1', 'b1', 'load', 'on', 'confirmed', "
	    "'on', "
	    "87.125, 1, 2, 3, NULL)");
	put("INSERT INTO decision VALUES (1, 0, 5, 0, 77, 'b1', 'idle', 'safety', 'stale', 1, 2, "
	    "'charge', '[]', 'good', 1500, 18.25, 2.1, 2.4, NULL, NULL)");
	put("INSERT INTO alert VALUES (1, 0, 9, 'locked-out', 'b1', 3, 3, '', 1, 0, 2, 0, 0)");
	put("INSERT INTO setting_log VALUES (1, 0, '', 'logic', 'monitor')");
	put("INSERT OR IGNORE INTO meter_name VALUES (1, 'grid')");
	put("INSERT INTO meter VALUES (1, 1, 60000, 0, -4000, -12005, 8000, 8000, 6, 15000, 7500)");
}

static void forward_brings_every_table(void **state)
{
	const struct server_counts *counts;

	(void)state;
	test_db_need();
	put_one_of_each();
	server_forward_count(forward);
	assert_int_equal(server_forward_counts(forward)->unsent, SERVER_TABLES);
	begin();
	forward_all();
	counts = server_forward_counts(forward);
	assert_int_equal(counts->sent, SERVER_TABLES);
	assert_int_equal(counts->unsent, 0);
	for (int id = 0; id < SERVER_TABLES; id++) {
		char sql[SQL_MAX];
		snprintf(sql, sizeof(sql), "SELECT CONCAT_WS(' ', collector, epoch, `row`) FROM %s",
			 server_table((enum server_table_id)id)->name);
		assert_string_equal(test_db_ask(sql), "home 7 1");
	}
	assert_string_equal(
	    test_db_ask("SELECT CONCAT_WS(' ', ts, ts_trusted, meter, power_w, power_min_w, "
			"power_max_w, power_last_w, count, known_s, imported_wh, exported_wh, "
			"quality) FROM meter_data"),
	    "1970-01-01 00:01:00.000 1 grid -400 -1200.5 800 800 6 45 2.5 7.5 good");
	begin();
	forward_all();
	assert_int_equal(server_forward_counts(forward)->sent, 0);
}

static void forward_puts_refused_rows_of_every_table_among_the_dead_letters(void **state)
{
	(void)state;
	test_db_need();
	put_one_of_each();
	for (int id = 0; id < SERVER_TABLES; id++) {
		char sql[SQL_MAX];
		snprintf(sql, sizeof(sql), "ALTER TABLE %s ADD CHECK (`row` <> 1)",
			 server_table((enum server_table_id)id)->name);
		test_db_run(sql);
	}
	begin();
	forward_all();
	assert_int_equal(server_forward_counts(forward)->letters, SERVER_TABLES);
	assert_int_equal(server_forward_counts(forward)->refused, SERVER_TABLES);
	assert_string_equal(test_db_ask("SELECT GROUP_CONCAT(CONCAT_WS(' ', collector, epoch, "
					"`row`, table_name) ORDER BY table_name) FROM dead_letter"),
			    "home 7 1 alert_data,home 7 1 battery_data,home 7 1 decision_data,"
			    "home 7 1 meter_data,home 7 1 parameter_data,home 7 1 rele_data");
	assert_string_equal(test_db_ask("SELECT SUM(reason LIKE '%CONSTRAINT%' AND "
					"JSON_VALID(content)) FROM dead_letter"),
			    "6");
}

static void forward_writes_a_dead_letter_from_which_the_row_can_be_made(void **state)
{
	(void)state;
	test_db_need();
	put("INSERT INTO battery_data VALUES (1, 1774750200123, NULL, 'b1', 0.30000000000000004, "
	    "-0.1, NULL, 52.1, -3.3, NULL, NULL, 5, '3301,3302', NULL, 9007199254740993, 4, 1, "
	    "NULL, "
	    "NULL)");
	test_db_run("ALTER TABLE battery_data ADD CONSTRAINT wrong CHECK (node <> 'b1')");
	begin();
	forward_all();
	assert_string_equal(
	    test_db_ask("SELECT content FROM dead_letter"),
	    "{\"collector\":\"home\",\"epoch\":7,\"row\":1,\"ts\":\"2026-03-29 02:10:00.123\","
	    "\"ts_trusted\":1,\"node\":\"b1\",\"soc_pct\":0.30000000000000004,"
	    "\"temp_c\":-0.10000000000000001,\"temp_max_c\":null,"
	    "\"voltage_v\":52.100000000000001,\"current_a\":-3.2999999999999998,"
	    "\"power_w\":null,\"soh_pct\":null,\"interval_s\":5,\"cells_mv\":\"3301,3302\","
	    "\"measured\":null,\"sequence\":9007199254740993,\"quality\":\"good\",\"acts\":0}");
	/* As docs/database.md says. */
	test_db_run("ALTER TABLE battery_data DROP CONSTRAINT wrong");
	test_db_run("INSERT INTO battery_data (collector, epoch, `row`, ts, ts_trusted, node, "
		    "soc_pct, temp_c, quality, acts) SELECT collector, epoch, `row`, ts, "
		    "JSON_VALUE(content, '$.ts_trusted'), JSON_VALUE(content, '$.node'), "
		    "JSON_VALUE(content, '$.soc_pct'), JSON_VALUE(content, '$.temp_c'), "
		    "JSON_VALUE(content, '$.quality'), JSON_VALUE(content, '$.acts') "
		    "FROM dead_letter WHERE table_name = 'battery_data'");
	assert_string_equal(test_db_ask("SELECT soc_pct = 3.0000000000000004e-1 AND "
					"ts = '2026-03-29 02:10:00.123' FROM battery_data"),
			    "1");
}

static void forward_keeps_a_time_that_is_none_as_the_number_it_was(void **state)
{
	(void)state;
	test_db_need();
	put_readings(1, 3);
	put("UPDATE reading SET ts_ms = 253402300800000 WHERE row = 2");
	put("UPDATE reading SET age_ms = ts_ms + 62135596800001 WHERE row = 3");
	begin();
	forward_all();
	assert_int_equal(server_forward_counts(forward)->sent, 1);
	assert_string_equal(test_db_ask("SELECT CONCAT_WS(' ', ISNULL(ts), "
					"JSON_VALUE(content, '$.ts')) FROM dead_letter "
					"WHERE `row` = 2"),
			    "1 253402300800000");
	assert_string_equal(test_db_ask("SELECT CONCAT_WS(' ', ts, "
					"JSON_VALUE(content, '$.measured')) FROM dead_letter "
					"WHERE `row` = 3"),
			    "2026-03-29 02:10:00.126 -62135596800001");
}

static void forward_counts_dead_letters_over_a_restart_and_sends_none_again(void **state)
{
	(void)state;
	test_db_need();
	put_readings(1, 2500);
	test_db_run("ALTER TABLE battery_data ADD CHECK (`row` NOT IN (1, 700, 701, 1000, 2500))");
	begin();
	forward_all();
	assert_int_equal(server_forward_counts(forward)->letters, 5);
	assert_int_equal(server_forward_counts(forward)->sent, 2495);
	assert_string_equal(test_db_ask("SELECT GROUP_CONCAT(`row` ORDER BY `row`) "
					"FROM dead_letter"),
			    "1,700,701,1000,2500");
	begin();
	forward_all();
	assert_int_equal(server_forward_counts(forward)->letters, 5);
	assert_int_equal(server_forward_counts(forward)->refused, 0);
	assert_int_equal(server_forward_counts(forward)->position[SERVER_READINGS], 2500);
	put_readings(2501, 2502);
	forward_all();
	assert_string_equal(test_db_ask("SELECT COUNT(*) FROM battery_data"), "2497");
}

static void forward_goes_on_where_the_dead_letter_is_refused_too(void **state)
{
	(void)state;
	test_db_need();
	put_readings(1, 100);
	test_db_run("ALTER TABLE battery_data ADD CHECK (`row` NOT IN (10, 20))");
	test_db_run("ALTER TABLE dead_letter ADD CHECK (`row` <> 10)");
	begin();
	forward_all();
	assert_int_equal(server_forward_counts(forward)->refused, 2);
	assert_int_equal(server_forward_counts(forward)->letters, 1);
	assert_string_equal(test_db_ask("SELECT COUNT(*) FROM battery_data"), "98");
	assert_string_equal(test_db_ask("SELECT `row` FROM dead_letter"), "20");
}

static void forward_leaves_no_row_out_while_dead_letters_cannot_be_written(void **state)
{
	(void)state;
	test_db_need();
	put_readings(1, 100);
	test_db_run("ALTER TABLE battery_data ADD CHECK (`row` <> 10)");
	begin();
	test_db_run("RENAME TABLE dead_letter TO elsewhere");
	assert_int_equal(server_forward_step(forward, &error), SERVER_FORWARD_AWAY);
	assert_int_equal(server_forward_counts(forward)->refused, 0);
	test_db_run("RENAME TABLE elsewhere TO dead_letter");
	begin();
	forward_all();
	assert_string_equal(
	    test_db_ask("SELECT CONCAT_WS(' ', (SELECT COUNT(*) FROM battery_data), "
			"(SELECT `row` FROM dead_letter))"),
	    "99 10");
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest rules[] = {
	    RULE(forward_brings_every_table),
	    RULE(forward_puts_refused_rows_of_every_table_among_the_dead_letters),
	    RULE(forward_writes_a_dead_letter_from_which_the_row_can_be_made),
	    RULE(forward_keeps_a_time_that_is_none_as_the_number_it_was),
	    RULE(forward_counts_dead_letters_over_a_restart_and_sends_none_again),
	    RULE(forward_goes_on_where_the_dead_letter_is_refused_too),
	    RULE(forward_leaves_no_row_out_while_dead_letters_cannot_be_written),
	};

	return cmocka_run_group_tests_name("server_forward", rules, test_db_group_start,
					   test_db_group_stop);
}
