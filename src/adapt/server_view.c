/*
 * The SQL of the views. Every one can be asked for one node, relay or battery
 * without reading the others' rows; those of a day read all days unless they are
 * asked with a period: docs/database.md has the queries for large tables.
 */
#include "adapt/server_view.h"

#include <errno.h>

#define VIEW "CREATE OR REPLACE SQL SECURITY INVOKER VIEW "

/* A clock that is far ahead of the server's must not stay the newest for years. */
#define NOT_OF_THE_FUTURE "ts <= UTC_TIMESTAMP(3) + INTERVAL 1 DAY"

/* How long a power counts when no reading follows. */
#define POWER_HOLDS_S "300"

static const char *const views[] = {
    /* Of two rows of one millisecond, the later one of its journal. */
    VIEW "newest_reading AS "
	 "SELECT d.collector, d.node, d.ts AS ts_utc, "
	 "TIMESTAMPDIFF(SECOND, d.ts, UTC_TIMESTAMP(3)) AS age_s, d.soc_pct, d.temp_c, "
	 "d.temp_max_c, d.voltage_v, d.current_a, d.power_w, d.soh_pct, d.quality "
	 "FROM (SELECT node, collector, MAX(ts) AS ts FROM battery_data WHERE " NOT_OF_THE_FUTURE
	 " GROUP BY node, collector) newest "
	 "JOIN battery_data d ON d.node = newest.node AND d.collector = newest.collector "
	 "AND d.ts = newest.ts "
	 "WHERE NOT EXISTS (SELECT 1 FROM battery_data later WHERE later.node = d.node "
	 "AND later.collector = d.collector AND later.ts = d.ts "
	 "AND (later.epoch > d.epoch OR (later.epoch = d.epoch AND later.`row` > d.`row`)))",

    VIEW "newest_relay AS "
	 "SELECT d.collector, d.relay, d.battery, d.role, d.ts AS ts_utc, "
	 "TIMESTAMPDIFF(SECOND, d.ts, UTC_TIMESTAMP(3)) AS age_s, d.state, d.phase, d.wished, "
	 "d.lease_s, d.power_w "
	 "FROM (SELECT relay, collector, MAX(ts) AS ts FROM rele_data WHERE " NOT_OF_THE_FUTURE
	 " GROUP BY relay, collector) newest "
	 "JOIN rele_data d ON d.relay = newest.relay AND d.collector = newest.collector "
	 "AND d.ts = newest.ts "
	 "WHERE NOT EXISTS (SELECT 1 FROM rele_data later WHERE later.relay = d.relay "
	 "AND later.collector = d.collector AND later.ts = d.ts "
	 "AND (later.epoch > d.epoch OR (later.epoch = d.epoch AND later.`row` > d.`row`)))",

    /* What the sensor was not believed in is counted, and not in the figures. */
    VIEW "battery_day AS "
	 "SELECT collector, node, DATE(ts) AS day_utc, COUNT(*) AS readings, "
	 "SUM(quality = 'good') AS good_readings, "
	 "MIN(IF(quality = 'good', soc_pct, NULL)) AS soc_min_pct, "
	 "AVG(IF(quality = 'good', soc_pct, NULL)) AS soc_mean_pct, "
	 "MAX(IF(quality = 'good', soc_pct, NULL)) AS soc_max_pct, "
	 "MIN(IF(quality = 'good', temp_c, NULL)) AS temp_min_c, "
	 "AVG(IF(quality = 'good', temp_c, NULL)) AS temp_mean_c, "
	 "MAX(IF(quality = 'good', COALESCE(temp_max_c, temp_c), NULL)) AS temp_max_c "
	 "FROM battery_data GROUP BY collector, node, DATE(ts)",

    VIEW "relay_day AS "
	 "SELECT collector, relay, MAX(battery) AS battery, MAX(role) AS role, "
	 "DATE(ts) AS day_utc, SUM(state = 'on' AND before_it <=> 'off') AS switched_on, "
	 "SUM(state = 'off' AND before_it <=> 'on') AS switched_off "
	 "FROM (SELECT collector, relay, battery, role, ts, state, LAG(state) OVER "
	 "(PARTITION BY collector, relay ORDER BY ts, epoch, `row`) AS before_it "
	 "FROM rele_data) changes GROUP BY collector, relay, DATE(ts)",

    /* A reading's power holds until the next one, and no longer than POWER_HOLDS_S. */
    VIEW "energy_day AS "
	 "SELECT collector, node, DATE(ts) AS day_utc, "
	 "SUM(GREATEST(known_w, 0) * held_s) / 3600 AS charged_wh, "
	 "SUM(GREATEST(-known_w, 0) * held_s) / 3600 AS discharged_wh, "
	 "SUM(held_s) / 3600 AS known_h "
	 "FROM (SELECT collector, node, ts, known_w, LEAST(" POWER_HOLDS_S
	 ", COALESCE(TIMESTAMPDIFF(MICROSECOND, ts, LEAD(ts) OVER (PARTITION BY collector, node "
	 "ORDER BY ts, epoch, `row`)) / 1e6, 0)) AS held_s "
	 "FROM (SELECT collector, node, epoch, `row`, ts, "
	 "COALESCE(power_w, voltage_v * current_a) AS known_w FROM battery_data "
	 "WHERE acts AND quality = 'good') live) held "
	 "WHERE known_w IS NOT NULL GROUP BY collector, node, DATE(ts)",

    VIEW "newest_meter AS "
	 "SELECT d.collector, d.meter, d.ts AS ts_utc, "
	 "TIMESTAMPDIFF(SECOND, d.ts, UTC_TIMESTAMP(3)) AS age_s, d.power_last_w AS power_w, "
	 "d.quality "
	 "FROM (SELECT meter, collector, MAX(ts) AS ts FROM meter_data WHERE " NOT_OF_THE_FUTURE
	 " GROUP BY meter, collector) newest "
	 "JOIN meter_data d ON d.meter = newest.meter AND d.collector = newest.collector "
	 "AND d.ts = newest.ts "
	 "WHERE NOT EXISTS (SELECT 1 FROM meter_data later WHERE later.meter = d.meter "
	 "AND later.collector = d.collector AND later.ts = d.ts "
	 "AND (later.epoch > d.epoch OR (later.epoch = d.epoch AND later.`row` > d.`row`)))",

    VIEW "meter_day AS "
	 "SELECT collector, meter, DATE(ts) AS day_utc, MIN(power_min_w) AS power_min_w, "
	 "SUM(power_w * known_s) / NULLIF(SUM(IF(power_w IS NULL, 0, known_s)), 0) "
	 "AS power_mean_w, "
	 "MAX(power_max_w) AS power_max_w, SUM(imported_wh) AS imported_wh, "
	 "SUM(exported_wh) AS exported_wh, SUM(known_s) / 3600 AS known_h "
	 "FROM meter_data GROUP BY collector, meter, DATE(ts)",

    VIEW "decision_reason AS "
	 "SELECT collector, battery, ts AS ts_utc, intent, winner, reason, sentence, wanted, "
	 "quality, age_s, soc_pct, temp_c, temp_max_c FROM decision_data",

    VIEW
    "parameter_change AS "
    "SELECT collector, IF(battery = '', 'house', battery) AS battery, ts AS ts_utc, parameter, "
    "value, LAG(value) OVER (PARTITION BY collector, battery, parameter "
    "ORDER BY ts, epoch, `row`) AS value_before FROM parameter_data",
};

int server_view_make(struct server_link *link, struct text *error)
{
	for (size_t i = 0; i < ARRAY_LENGTH(views); i++)
		if (server_link_run(link, views[i], error) != 0)
			return -EIO;
	return 0;
}
