/*
 * The views at a real MariaDB, each on rows whose answer is known. Skipped as a
 * whole where MariaDB is not installed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapt/server_test_db.h"
#include "base/result.h"

#define SQL_MAX 1024

static int set_up(void **state)
{
	(void)state;
	if (db)
		test_db_reset();
	return 0;
}

/* One reading; `values` are temp_c, temp_max_c, voltage_v, current_a, power_w. */
static void put_reading(const char *collector, int row, const char *ts, const char *node,
			double soc_pct, const char *values, const char *quality, bool acts)
{
	char sql[SQL_MAX];

	snprintf(
	    sql, sizeof(sql),
	    "INSERT INTO battery_data (collector, epoch, `row`, ts, ts_trusted, node, soc_pct, "
	    "quality, acts, temp_c, temp_max_c, voltage_v, current_a, power_w) VALUES "
	    "('%s', 7, %d, '%s', 1, '%s', %g, '%s', %d, %s)",
	    collector, row, ts, node, soc_pct, quality, acts, values);
	test_db_run(sql);
}

static void put_relay(int row, const char *ts, const char *relay, const char *relay_state)
{
	char sql[SQL_MAX];

	snprintf(sql, sizeof(sql),
		 "INSERT INTO rele_data (collector, epoch, `row`, ts, ts_trusted, relay, battery, "
		 "role, state, phase, wished, lease_s) VALUES ('home', 7, %d, '%s', 1, '%s', 'b1', "
		 "'source', '%s', 'confirmed', 'on', 87.5)",
		 row, ts, relay, relay_state);
	test_db_run(sql);
}

#define COLD "2.5, NULL, NULL, NULL, NULL"
#define WARM "20, 24.5, NULL, NULL, NULL"

static void view_newest_reading_is_the_last_of_each_node_and_collector(void **state)
{
	(void)state;
	test_db_need();
	put_reading("home", 1, "2026-03-01 10:00:00", "b1", 40, WARM, "good", true);
	put_reading("home", 2, "2026-03-01 10:00:10", "b1", 41, WARM, "good", true);
	/* Two in one millisecond: the later row. */
	put_reading("home", 3, "2026-03-01 10:00:10", "b1", 42, WARM, "suspect", true);
	/* A late one, and one of a clock that is years ahead. */
	put_reading("home", 4, "2026-02-01 10:00:10", "b1", 43, WARM, "good", true);
	put_reading("home", 5, "2999-01-01 00:00:00", "b1", 44, WARM, "good", true);
	put_reading("home", 6, "2026-03-02 00:00:00", "b2", 50, COLD, "good", true);
	put_reading("barn", 1, "2026-01-01 00:00:00", "b1", 90, COLD, "good", true);
	assert_string_equal(
	    test_db_ask("SELECT GROUP_CONCAT(CONCAT_WS('/', collector, node, ts_utc, soc_pct, "
			"temp_c, COALESCE(temp_max_c, '-'), quality) ORDER BY collector, node "
			"SEPARATOR ' ') FROM newest_reading"),
	    "barn/b1/2026-01-01 00:00:00.000/90/2.5/-/good "
	    "home/b1/2026-03-01 10:00:10.000/42/20/24.5/suspect "
	    "home/b2/2026-03-02 00:00:00.000/50/2.5/-/good");
	put_reading("home", 7, "2026-03-03 00:00:00", "b2", 51, COLD, "good", true);
	test_db_run("UPDATE battery_data SET ts = UTC_TIMESTAMP(3) - INTERVAL 90 SECOND "
		    "WHERE `row` = 7");
	assert_string_equal(
	    test_db_ask("SELECT age_s BETWEEN 90 AND 150 FROM newest_reading WHERE node = 'b2'"),
	    "1");
}

static void view_newest_relay_is_the_last_state_of_each(void **state)
{
	(void)state;
	test_db_need();
	put_relay(1, "2026-03-01 10:00:00", "r1", "on");
	put_relay(2, "2026-03-01 11:00:00", "r1", "off");
	put_relay(3, "2026-03-01 09:00:00", "r2", "on");
	assert_string_equal(
	    test_db_ask("SELECT GROUP_CONCAT(CONCAT_WS('/', relay, battery, role, ts_utc, state, "
			"phase, wished, lease_s) ORDER BY relay SEPARATOR ' ') "
			"FROM newest_relay"),
	    "r1/b1/source/2026-03-01 11:00:00.000/off/confirmed/on/87.5 "
	    "r2/b1/source/2026-03-01 09:00:00.000/on/confirmed/on/87.5");
}

static void view_battery_day_counts_all_and_takes_its_figures_from_good_ones(void **state)
{
	(void)state;
	test_db_need();
	put_reading("home", 1, "2026-03-01 00:00:00", "b1", 40, COLD, "good", true);
	put_reading("home", 2, "2026-03-01 12:00:00", "b1", 50, WARM, "good", true);
	put_reading("home", 3, "2026-03-01 23:59:59.999", "b1", 60, COLD, "good", true);
	put_reading("home", 4, "2026-03-01 13:00:00", "b1", 0, "-40, 99, NULL, NULL, NULL",
		    "suspect", true);
	put_reading("home", 5, "2026-03-02 00:00:00", "b1", 99, WARM, "suspect", true);
	assert_string_equal(
	    test_db_ask("SELECT GROUP_CONCAT(CONCAT_WS('/', collector, node, day_utc, readings, "
			"good_readings, COALESCE(soc_min_pct, '-'), COALESCE(soc_mean_pct, '-'), "
			"COALESCE(soc_max_pct, '-'), COALESCE(temp_min_c, '-'), "
			"COALESCE(ROUND(temp_mean_c, 3), '-'), COALESCE(temp_max_c, '-')) "
			"ORDER BY day_utc SEPARATOR ' ') FROM battery_day"),
	    "home/b1/2026-03-01/4/3/40/50/60/2.5/8.333/24.5 "
	    "home/b1/2026-03-02/1/0/-/-/-/-/-/-");
}

static void view_relay_day_counts_changes_and_not_rows(void **state)
{
	static const struct {
		const char *ts, *state;
	} rows[] = {
	    {"2026-03-01 08:00:00", "off"}, /* how it stood at first is no change */
	    {"2026-03-01 09:00:00", "on"},  {"2026-03-01 09:00:30", "on"},
	    {"2026-03-01 10:00:00", "off"}, {"2026-03-01 11:00:00", "on"},
	    {"2026-03-02 00:00:00", "off"}, {"2026-03-02 00:00:01", "off"},
	};

	(void)state;
	test_db_need();
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		put_relay((int)i + 1, rows[i].ts, "r1", rows[i].state);
	put_relay(99, "2026-03-01 09:30:00", "r2", "on");
	assert_string_equal(
	    test_db_ask("SELECT GROUP_CONCAT(CONCAT_WS('/', relay, battery, role, day_utc, "
			"COALESCE(switched_on, '-'), COALESCE(switched_off, '-')) "
			"ORDER BY relay, day_utc SEPARATOR ' ') FROM relay_day"),
	    "r1/b1/source/2026-03-01/2/1 r1/b1/source/2026-03-02/0/1 "
	    "r2/b1/source/2026-03-01/0/0");
}

static void view_energy_day_adds_up_power_where_it_is_known(void **state)
{
	(void)state;
	test_db_need();
	/* 3,000 W for 60 s are 50 Wh; 48 V x -25 A for 90 s are -30 Wh. */
	put_reading("home", 1, "2026-03-01 10:00:00", "b1", 50, "20, NULL, NULL, NULL, 3000",
		    "good", true);
	put_reading("home", 2, "2026-03-01 10:01:00", "b1", 50, "20, NULL, 48, -25, NULL", "good",
		    true);
	put_reading("home", 3, "2026-03-01 10:02:30", "b1", 50, WARM, "good", true);
	/* 720 W, and then nothing for an hour: it counts for 5 min. */
	put_reading("home", 4, "2026-03-01 11:00:00", "b1", 50, "20, NULL, NULL, NULL, 720", "good",
		    true);
	/* What was not believed, or came late, has no part in it. */
	put_reading("home", 5, "2026-03-01 10:00:30", "b1", 50, "20, NULL, NULL, NULL, 9e9",
		    "suspect", true);
	put_reading("home", 6, "2026-03-01 10:00:31", "b1", 50, "20, NULL, NULL, NULL, 9e9", "good",
		    false);
	put_reading("home", 7, "2026-03-01 12:00:00", "b1", 50, WARM, "good", true);
	put_reading("home", 8, "2026-03-01 12:00:00", "b2", 50, WARM, "good", true);
	assert_string_equal(
	    test_db_ask("SELECT GROUP_CONCAT(CONCAT_WS('/', node, day_utc, ROUND(charged_wh, 6), "
			"ROUND(discharged_wh, 6), ROUND(known_h * 3600, 3))) FROM energy_day"),
	    "b1/2026-03-01/110.000000/30.000000/450.000");
}

static void view_decision_reason_has_the_sentence(void **state)
{
	(void)state;
	test_db_need();
	test_db_run("INSERT INTO decision_data (collector, epoch, `row`, ts, ts_trusted, id, "
		    "battery, intent, winner, reason, value, limit_value, sentence, wanted, "
		    "wishes, quality, age_s, soc_pct, temp_c, temp_max_c) VALUES "
		    "('home', 7, 1, '2026-03-01 10:00:00', 1, 1, 'b1', 'idle', 'safety', "
		    "'charge-cold', 2100, 5000, 'IDLE: 2.1 °C < 5.0 °C', 'charge', '[]', 'good', "
		    "1.5, 18.25, 2.1, 2.4)");
	assert_string_equal(
	    test_db_ask("SELECT CONCAT_WS('/', collector, battery, ts_utc, intent, winner, "
			"reason, sentence, wanted, quality, age_s, soc_pct, temp_c, temp_max_c) "
			"FROM decision_reason"),
	    "home/b1/2026-03-01 10:00:00.000/idle/safety/charge-cold/IDLE: 2.1 °C < 5.0 °C/charge/"
	    "good/1.5/18.25/2.1/2.4");
}

static void view_parameter_change_says_what_it_was_before(void **state)
{
	(void)state;
	test_db_need();
	test_db_run("INSERT INTO parameter_data VALUES "
		    "('home', 7, 1, '2026-03-01 10:00:00', '', 'logic', 'threshold'), "
		    "('home', 7, 2, '2026-03-01 11:00:00', 'b1', 'logic', 'monitor'), "
		    "('home', 7, 3, '2026-03-01 12:00:00', '', 'logic', NULL)");
	assert_string_equal(
	    test_db_ask("SELECT GROUP_CONCAT(CONCAT_WS('/', battery, ts_utc, parameter, "
			"COALESCE(value, 'unset'), COALESCE(value_before, '-')) "
			"ORDER BY ts_utc SEPARATOR ' ') FROM parameter_change"),
	    "house/2026-03-01 10:00:00.000/logic/threshold/- "
	    "b1/2026-03-01 11:00:00.000/logic/monitor/- "
	    "house/2026-03-01 12:00:00.000/logic/unset/threshold");
}

#define RULE(name) cmocka_unit_test_setup(name, set_up)

static void put_meter(int row, const char *ts, const char *values)
{
	char sql[SQL_MAX];

	snprintf(sql, sizeof(sql),
		 "INSERT INTO meter_data (collector, epoch, `row`, ts, ts_trusted, meter, count, "
		 "quality, power_w, power_min_w, power_max_w, power_last_w, known_s, imported_wh, "
		 "exported_wh) VALUES ('home', 7, %d, '%s', 1, 'grid', 6, 'good', %s)",
		 row, ts, values);
	test_db_run(sql);
}

static void views_of_meters_keep_import_and_export_apart(void **state)
{
	(void)state;
	test_db_need();
	put_meter(1, "2026-03-01 23:58:00", "600, 500, 700, 650, 60, 10, 0");
	put_meter(2, "2026-03-01 23:59:00", "-1200, -1300, -1100, -1200, 30, 0, 10");
	put_meter(3, "2026-03-02 00:00:00", "NULL, 80, 90, 80, 0, 0, 0");
	put_meter(4, "2999-01-01 00:00:00", "NULL, 1, 1, 1, 0, 0, 0");
	assert_string_equal(
	    test_db_ask("SELECT CONCAT_WS(' ', power_min_w, power_mean_w, power_max_w, "
			"imported_wh, exported_wh, known_h) FROM meter_day WHERE meter = 'grid' "
			"AND day_utc = '2026-03-01'"),
	    "-1300 0 700 10 10 0.025");
	assert_string_equal(test_db_ask("SELECT power_mean_w IS NULL FROM meter_day WHERE "
					"day_utc = '2026-03-02'"),
			    "1");
	assert_string_equal(test_db_ask("SELECT CONCAT_WS(' ', ts_utc, power_w) FROM newest_meter"),
			    "2026-03-02 00:00:00.000 80");
}

int main(void)
{
	const struct CMUnitTest rules[] = {
	    RULE(view_newest_reading_is_the_last_of_each_node_and_collector),
	    RULE(view_newest_relay_is_the_last_state_of_each),
	    RULE(view_battery_day_counts_all_and_takes_its_figures_from_good_ones),
	    RULE(view_relay_day_counts_changes_and_not_rows),
	    RULE(view_energy_day_adds_up_power_where_it_is_known),
	    RULE(view_decision_reason_has_the_sentence),
	    RULE(view_parameter_change_says_what_it_was_before),
	    RULE(views_of_meters_keep_import_and_export_apart),
	};

	return cmocka_run_group_tests_name("server_view", rules, test_db_group_start,
					   test_db_group_stop);
}
