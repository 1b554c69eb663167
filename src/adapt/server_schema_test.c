/*
 * The tables at a real MariaDB over time: from one version to the next, from one
 * month to the next, and the views on them. Skipped as a whole where MariaDB is
 * not installed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/server_partition.h"
#include "adapt/server_schema.h"
#include "adapt/server_test_db.h"

#define QUERY_MAX 1024

static char words[256], said[1024];
static struct text error, lines;

static int set_up(void **state)
{
	(void)state;
	if (db)
		test_db_reset();
	error = text_in(words, sizeof(words));
	lines = text_in(said, sizeof(said));
	return 0;
}

static void note_line(void *context, const char *line)
{
	text_add(context, "%s\n", line);
}

static int migrate(const char *grantee)
{
	error = text_in(words, sizeof(words));
	lines = text_in(said, sizeof(said));
	return server_schema_migrate(&db->admin, grantee, note_line, &lines, &error);
}

static int partition(void)
{
	error = text_in(words, sizeof(words));
	lines = text_in(said, sizeof(said));
	return server_schema_partition(&db->admin, note_line, &lines, &error);
}

/* Puts `count` readings of b1 a minute apart from `first` on, which is an SQL expression. */
static void put_readings(const char *first, int count)
{
	static int row;
	char sql[QUERY_MAX];

	snprintf(
	    sql, sizeof(sql),
	    "INSERT INTO battery_data (collector, epoch, `row`, ts, ts_trusted, node, soc_pct, "
	    "temp_c, quality, acts) SELECT 'home', 7, %d + seq, (%s) + INTERVAL seq MINUTE, 1, "
	    "'b1', 50 + seq, 20, 'good', 1 FROM seq_1_to_%d",
	    row, first, count);
	test_db_run(sql);
	row += count;
}

/* --- versions --------------------------------------------------------------- */

/* As version 1 made them, to the letter. */
static const char *const version_1[] = {
    "DROP TABLE battery_data, rele_data, decision_data, alert_data, parameter_data, meter_data, "
    "dead_letter, schema_version",
    "CREATE TABLE schema_version (version INT NOT NULL PRIMARY KEY, applied DATETIME NOT NULL)",
    "INSERT INTO schema_version VALUES (1, UTC_TIMESTAMP())",
    "CREATE TABLE battery_data (collector VARCHAR(63) NOT NULL, epoch BIGINT UNSIGNED NOT NULL, "
    "`row` BIGINT UNSIGNED NOT NULL, ts DATETIME(3) NOT NULL, ts_trusted BOOLEAN NOT NULL, "
    "node VARCHAR(63) NOT NULL, soc_pct DOUBLE NULL, temp_c DOUBLE NULL, temp_max_c DOUBLE NULL, "
    "voltage_v DOUBLE NULL, current_a DOUBLE NULL, power_w DOUBLE NULL, soh_pct DOUBLE NULL, "
    "interval_s DOUBLE NULL, cells_mv VARCHAR(255) NULL, measured DATETIME(3) NULL, "
    "sequence BIGINT NULL, quality VARCHAR(15) NOT NULL, acts BOOLEAN NOT NULL, "
    "PRIMARY KEY (collector, epoch, `row`, ts), INDEX (node, ts)) ENGINE=InnoDB "
    "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE rele_data (collector VARCHAR(63) NOT NULL, epoch BIGINT UNSIGNED NOT NULL, "
    "`row` BIGINT UNSIGNED NOT NULL, ts DATETIME(3) NOT NULL, ts_trusted BOOLEAN NOT NULL, "
    "relay VARCHAR(63) NOT NULL, battery VARCHAR(63) NOT NULL, role VARCHAR(15) NOT NULL, "
    "state VARCHAR(3) NOT NULL, phase VARCHAR(15) NOT NULL, wished VARCHAR(3) NOT NULL, "
    "lease_s DOUBLE NOT NULL, switches BIGINT NULL, n BIGINT NULL, boot BIGINT NULL, "
    "power_w DOUBLE NULL, PRIMARY KEY (collector, epoch, `row`, ts), INDEX (relay, ts)) "
    "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
};

static void go_back_to_version_1(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(version_1); i++)
		test_db_run(version_1[i]);
}

/* What all columns of a table are, in order. */
static const char *columns_of(const char *table)
{
	char query[QUERY_MAX];

	snprintf(query, sizeof(query),
		 "SELECT MD5(GROUP_CONCAT(CONCAT_WS(' ', column_name, column_type, is_nullable, "
		 "collation_name) ORDER BY ordinal_position)) FROM information_schema.columns "
		 "WHERE table_schema = DATABASE() AND table_name = '%s'",
		 table);
	return test_db_ask(query);
}

static void schema_migrates_from_version_1_with_its_rows(void **state)
{
	char battery[64], relay[64];

	(void)state;
	test_db_need();
	snprintf(battery, sizeof(battery), "%s", columns_of("battery_data"));
	snprintf(relay, sizeof(relay), "%s", columns_of("rele_data"));
	go_back_to_version_1();
	put_readings("UTC_TIMESTAMP(3) - INTERVAL 70 DAY", 500);
	put_readings("'1970-01-01'", 2);
	put_readings("'2099-01-01'", 2);
	assert_int_equal(migrate("amphora"), 0);
	assert_non_null(strstr(said, "schema version 2"));
	assert_non_null(strstr(said, "made meter_data (schema version 3)"));
	assert_string_equal(test_db_ask("SELECT MAX(version) FROM schema_version"), "3");
	assert_string_equal(test_db_ask("SELECT CONCAT_WS(' ', COUNT(*), "
					"COUNT(DISTINCT `row`)) FROM battery_data"),
			    "504 504");
	assert_string_equal(columns_of("battery_data"), battery);
	assert_string_equal(columns_of("rele_data"), relay);
	assert_int_equal(server_schema_check(&db->admin, &error), 0);
}

static void schema_migration_that_was_cut_off_is_taken_again(void **state)
{
	static const char *const cuts[] = {
	    "SELECT 1 INTO @x", /* all was done but the note of it */
	    "DROP TABLE parameter_data, dead_letter",
	    "ALTER TABLE rele_data REMOVE PARTITIONING",
	    "DROP VIEW newest_reading, relay_day",
	    "DROP TABLE meter_data",
	    "ALTER TABLE meter_data REMOVE PARTITIONING",
	};

	(void)state;
	test_db_need();
	for (size_t i = 0; i < ARRAY_LENGTH(cuts); i++) {
		test_db_run("DELETE FROM schema_version WHERE version >= 2");
		test_db_run(cuts[i]);
		if (migrate("amphora") != 0)
			fail_msg("%s: %s", cuts[i], words);
		assert_int_equal(server_schema_check(&db->admin, &error), 0);
		assert_int_equal(partition(), 0);
		assert_string_equal(test_db_ask("SELECT COUNT(*) FROM newest_reading, relay_day"),
				    "0");
	}
}

static void schema_of_a_newer_version_is_left_alone_in_words(void **state)
{
	(void)state;
	test_db_need();
	test_db_run("INSERT INTO schema_version VALUES (4, NOW())");
	test_db_run("DROP TABLE parameter_data");
	assert_int_not_equal(migrate("amphora"), 0);
	assert_non_null(strstr(words, "version 4"));
	assert_non_null(strstr(words, "newer amphora"));
	assert_string_equal(said, "");
	assert_string_equal(test_db_ask("SELECT COUNT(*) FROM information_schema.tables WHERE "
					"table_name = 'parameter_data'"),
			    "0");
	assert_int_not_equal(server_schema_check(&db->admin, &error), 0);
}

static void schema_migrate_twice_changes_nothing(void **state)
{
	static const char shape[] =
	    "SELECT MD5(GROUP_CONCAT(CONCAT_WS(' ', t.table_name, t.create_time, "
	    "p.partition_name, p.partition_description) ORDER BY t.table_name, "
	    "p.partition_ordinal_position)) FROM information_schema.tables t LEFT JOIN "
	    "information_schema.partitions p USING (table_schema, table_name) WHERE "
	    "t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'";
	char before[64];

	(void)state;
	test_db_need();
	test_db_run("SET SESSION group_concat_max_len = 100000");
	snprintf(before, sizeof(before), "%s", test_db_ask(shape));
	assert_int_equal(migrate(NULL), 0);
	assert_string_equal(said, "the tables are up to date\n");
	assert_string_equal(test_db_ask(shape), before);
}

/* --- months ----------------------------------------------------------------- */

/* How many rows of battery_data are in that partition. */
static int rows_in(const char *name)
{
	char query[QUERY_MAX];

	snprintf(query, sizeof(query), "SELECT COUNT(*) FROM battery_data PARTITION (%s)", name);
	return atoi(test_db_ask(query));
}

/* "m202603": the month so many from now on. */
static const char *month_name(int from_now)
{
	static char name[16];
	char query[QUERY_MAX];

	snprintf(query, sizeof(query),
		 "SELECT DATE_FORMAT(DATE_FORMAT(UTC_TIMESTAMP(), '%%Y-%%m-15') + INTERVAL %d "
		 "MONTH, 'm%%Y%%m')",
		 from_now);
	snprintf(name, sizeof(name), "%s", test_db_ask(query));
	return name;
}

/* Partitions of months only. */
static int count_months(const char *table)
{
	char query[QUERY_MAX];

	snprintf(
	    query, sizeof(query),
	    "SELECT COUNT(*) FROM information_schema.partitions WHERE table_schema = DATABASE() "
	    "AND table_name = '%s' AND partition_name LIKE 'm%%'",
	    table);
	return atoi(test_db_ask(query));
}

static void partitions_are_written_from_month_to_month(void **state)
{
	char data[SERVER_PARTITIONS_TEXT_MAX];
	struct text text = text_in(data, sizeof(data));
	int november = server_month(2026, 11);

	(void)state;
	server_partition_write(november, november + 1, true, &text);
	assert_string_equal(data, "PARTITION earlier VALUES LESS THAN ('2026-11-01'), "
				  "PARTITION m202611 VALUES LESS THAN ('2026-12-01'), "
				  "PARTITION m202612 VALUES LESS THAN ('2027-01-01'), "
				  "PARTITION later VALUES LESS THAN (MAXVALUE)");
	text = text_in(data, sizeof(data));
	server_partition_write(november - SERVER_MONTHS_BACK_MAX, november + SERVER_MONTHS_AHEAD,
			       true, &text);
	assert_false(text.is_cut);
}

static void partitions_reach_from_the_oldest_row_to_a_year_ahead(void **state)
{
	(void)state;
	test_db_need();
	go_back_to_version_1();
	put_readings("DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-15') - INTERVAL 3 MONTH", 10);
	test_db_run("INSERT INTO battery_data SELECT collector, epoch, `row` + 1000, '1970-01-01', "
		    "0, node, soc_pct, temp_c, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
		    "NULL, quality, acts FROM battery_data");
	put_readings("UTC_TIMESTAMP(3) + INTERVAL 9 YEAR", 10);
	assert_int_equal(migrate(NULL), 0);
	assert_int_equal(count_months("battery_data"), 3 + 1 + SERVER_MONTHS_AHEAD);
	assert_int_equal(count_months("rele_data"), 1 + SERVER_MONTHS_AHEAD);
	assert_int_equal(rows_in(month_name(-3)), 10);
	assert_int_equal(rows_in("earlier"), 10);
	assert_int_equal(rows_in("later"), 10);
	put_readings("UTC_TIMESTAMP(3)", 10);
	assert_int_equal(rows_in(month_name(0)) + rows_in(month_name(1)), 10);
}

static void partitions_of_a_clock_far_off_end_after_ten_years(void **state)
{
	(void)state;
	test_db_need();
	go_back_to_version_1();
	put_readings("'1970-01-01'", 10);
	assert_int_equal(migrate(NULL), 0);
	assert_int_equal(count_months("battery_data"),
			 SERVER_MONTHS_BACK_MAX + 1 + SERVER_MONTHS_AHEAD);
	assert_int_equal(rows_in("earlier"), 10);
}

/* As if the months had been made so long ago that the year ahead is over. */
static void let_a_year_and_a_half_pass(void)
{
	char data[QUERY_MAX];
	struct text sql = text_in(data, sizeof(data));
	int left = 1 + SERVER_MONTHS_AHEAD - 5; /* the last five go */

	text_add(&sql, "ALTER TABLE battery_data REORGANIZE PARTITION ");
	for (int month = left; month <= SERVER_MONTHS_AHEAD; month++)
		text_add(&sql, "%s, ", month_name(month));
	text_add(&sql, "later INTO (PARTITION later VALUES LESS THAN (MAXVALUE))");
	test_db_run(data);
}

static void partitions_are_added_under_rows_that_came_before_them(void **state)
{
	(void)state;
	test_db_need();
	let_a_year_and_a_half_pass();
	assert_int_equal(count_months("battery_data"), 1 + SERVER_MONTHS_AHEAD - 5);
	put_readings("DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-15') + INTERVAL 11 MONTH", 10);
	put_readings("DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-15') + INTERVAL 12 MONTH", 10);
	put_readings("UTC_TIMESTAMP(3) + INTERVAL 9 YEAR", 10);
	assert_int_equal(rows_in("later"), 30);

	assert_int_equal(partition(), 0);
	assert_string_equal(said, "added partitions for 5 months to battery_data\n");
	assert_int_equal(count_months("battery_data"), 1 + SERVER_MONTHS_AHEAD);
	assert_int_equal(rows_in(month_name(11)), 10);
	assert_int_equal(rows_in(month_name(12)), 10);
	assert_int_equal(rows_in("later"), 10);
	assert_string_equal(test_db_ask("SELECT COUNT(*) FROM battery_data"), "30");

	assert_int_equal(partition(), 0);
	assert_string_equal(said, "the months to come have their partitions\n");
}

static void partitions_that_were_dropped_stay_dropped(void **state)
{
	char sql[QUERY_MAX];

	(void)state;
	test_db_need();
	put_readings("DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-15')", 10);
	snprintf(sql, sizeof(sql), "ALTER TABLE battery_data DROP PARTITION earlier, %s",
		 month_name(0));
	test_db_run(sql);
	assert_int_equal(partition(), 0);
	assert_string_equal(said, "the months to come have their partitions\n");
	/* What still comes of that time has a place: in the oldest that there is. */
	put_readings("DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-15')", 10);
	assert_int_equal(rows_in(month_name(1)), 10);

	test_db_run("ALTER TABLE battery_data DROP PARTITION later");
	assert_int_equal(partition(), 0);
	put_readings("'2099-01-01'", 10);
	assert_int_equal(rows_in("later"), 10);
}

static void partitions_lack_before_the_migration_and_it_says_so(void **state)
{
	(void)state;
	test_db_need();
	go_back_to_version_1();
	assert_int_not_equal(partition(), 0);
	assert_non_null(strstr(words, "amphora db migrate"));
}

#define RULE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest rules[] = {
	    RULE(schema_migrates_from_version_1_with_its_rows),
	    RULE(schema_migration_that_was_cut_off_is_taken_again),
	    RULE(schema_of_a_newer_version_is_left_alone_in_words),
	    RULE(schema_migrate_twice_changes_nothing),
	    RULE(partitions_are_written_from_month_to_month),
	    RULE(partitions_reach_from_the_oldest_row_to_a_year_ahead),
	    RULE(partitions_of_a_clock_far_off_end_after_ten_years),
	    RULE(partitions_are_added_under_rows_that_came_before_them),
	    RULE(partitions_that_were_dropped_stay_dropped),
	    RULE(partitions_lack_before_the_migration_and_it_says_so),
	};

	return cmocka_run_group_tests_name("server_schema", rules, test_db_group_start,
					   test_db_group_stop);
}
