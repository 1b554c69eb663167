/*
 * How the tables of one version become those of the next. A step is never changed once a version
 * with it was released.
 */
#include "adapt/journal_schema.h"

/* A value of a reading as it is stored: a whole number of 1/`scale` where that is exactly it. */
#define STORED(value, scale)                                                                       \
	"iif(CAST(round(" value " * " scale ") AS INTEGER) / " scale ".0 = " value ", CAST(round(" \
	value " * " scale ") AS INTEGER), " value " + 0.0)"
/* And how it is seen. */
#define SEEN(column, scale, name)                                                    \
	"  CASE typeof(" column ") WHEN 'integer' THEN " column " / " scale ".0 ELSE " \
	column " END AS " name ",\n"

const char *const journal_upgrade_sql[JOURNAL_VERSION - 1] = {
    "CREATE TABLE trace (\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  ts_ms INTEGER NOT NULL,  -- of its first entry\n"
    "  begins INTEGER NOT NULL, -- 1 with a start, 2 with a copy of the state, 0 neither\n"
    "  entries INTEGER NOT NULL,\n"
    "  data BLOB NOT NULL       -- what the core was given: `amphora replay` reads it\n"
    ");\n"
    "CREATE INDEX trace_begins ON trace (ts_ms) WHERE begins > 0;\n"
    "ALTER TABLE decision ADD COLUMN flip TEXT; -- the reason whose end would change it\n"
    "ALTER TABLE decision ADD COLUMN flip_limit INTEGER;\n"
    /* A person's word was on a battery, and now is on each of its relays. */
    "ALTER TABLE kept_relay ADD COLUMN override_id INTEGER; -- NULL: none\n"
    "ALTER TABLE kept_relay ADD COLUMN override_state TEXT; -- on, off\n"
    "ALTER TABLE kept_relay ADD COLUMN override_ends_ms INTEGER;\n"
    "UPDATE kept_relay SET (override_id, override_state, override_ends_ms) =\n"
    "  (SELECT b.override_id,\n"
    "     CASE WHEN (b.override_intent = 'charge' AND r.role = 'source')\n"
    "            OR (b.override_intent = 'discharge' AND r.role = 'load')\n"
    "          THEN 'on' ELSE 'off' END, b.override_ends_ms\n"
    "   FROM rele_data r JOIN kept_battery b ON b.battery = r.battery\n"
    "   WHERE r.relay = kept_relay.relay AND b.override_id IS NOT NULL\n"
    "   ORDER BY r.ts_ms DESC LIMIT 1);\n"
    "ALTER TABLE kept_battery DROP COLUMN override_id;\n"
    "ALTER TABLE kept_battery DROP COLUMN override_intent;\n"
    "ALTER TABLE kept_battery DROP COLUMN override_ends_ms;\n",
    "CREATE TABLE reading_rollup (\n"
    "  node TEXT NOT NULL,\n"
    "  level INTEGER NOT NULL,   -- minutes: 1, 15, or 1440 for a day of the house\n"
    "  from_ms INTEGER NOT NULL, -- from <= t < to\n"
    "  to_ms INTEGER NOT NULL,\n"
    "  last_ms INTEGER NOT NULL, -- when the last of its readings was\n"
    "  count INTEGER NOT NULL,\n"
    "  soc_min_pct REAL, soc_mean_pct REAL, soc_max_pct REAL, soc_last_pct REAL,\n"
    "  temp_min_c REAL, temp_mean_c REAL, temp_max_c REAL, temp_last_c REAL,\n"
    "  power_count INTEGER NOT NULL, -- readings that had it; + is charging\n"
    "  power_min_w REAL, power_mean_w REAL, power_max_w REAL, power_last_w REAL,\n"
    "  charged_wh REAL NOT NULL, discharged_wh REAL NOT NULL,\n"
    "  PRIMARY KEY (node, level, from_ms)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE relay_rollup (\n"
    "  relay TEXT NOT NULL,\n"
    "  level INTEGER NOT NULL,\n"
    "  from_ms INTEGER NOT NULL,\n"
    "  to_ms INTEGER NOT NULL,\n"
    "  on_s REAL NOT NULL,\n"
    "  closings INTEGER NOT NULL,\n"
    "  PRIMARY KEY (relay, level, from_ms)\n"
    ") WITHOUT ROWID;\n",
    "CREATE TABLE audit (\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  ts_ms INTEGER NOT NULL,\n"
    "  mono_ms INTEGER,\n"
    "  flags INTEGER NOT NULL,\n"
    "  who TEXT NOT NULL,       -- unix, user, code, token, nobody, various\n"
    "  name TEXT NOT NULL,      -- the user's, the token's, or that of the uid when it asked\n"
    "  uid INTEGER,             -- of who used the Unix socket\n"
    "  transport TEXT NOT NULL, -- unix, loopback, tls, proxy, insecure\n"
    "  address TEXT NOT NULL,\n"
    "  method TEXT NOT NULL,\n"
    "  path TEXT NOT NULL,\n"
    "  what TEXT NOT NULL,      -- what was understood of the body; never a secret\n"
    "  status INTEGER NOT NULL, -- of HTTP; from 400 on nothing was done\n"
    "  command INTEGER,         -- its number, counted from each start\n"
    "  count INTEGER NOT NULL   -- how many requests were summed up in it\n"
    ");\n"
    "CREATE INDEX audit_time ON audit (ts_ms);\n",
    /* Readings had a row as it is seen. */
    /* clang-format off */
    "ALTER TABLE battery_data RENAME TO old_reading;\n"
    "CREATE TABLE node (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  name TEXT NOT NULL UNIQUE\n"
    ");\n"
    "CREATE TABLE reading ( -- battery_data shows it in plain units\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  node INTEGER NOT NULL,\n"
    "  ts_ms INTEGER NOT NULL,\n"
    "  marks INTEGER NOT NULL, -- flags; << 2: what quality lacks of good; << 5: mono_ms + 1\n"
    "  -- An integer is so many 1/100 (1/1000 of V and A), a real the value itself.\n"
    "  soc, temp, power, temp_max, voltage, current, soh, interval,\n"
    "  cells_mv TEXT,\n"
    "  age_ms INTEGER, -- ts_ms - measured_ms\n"
    "  sequence INTEGER,\n"
    "  message INTEGER -- message_id << 32 | payload_hash\n"
    ");\n"
    "CREATE VIEW battery_data AS SELECT\n"
    "  r.row,\n"
    "  r.ts_ms, -- arrival, ms since 1970 UTC, by our clock\n"
    "  CASE WHEN r.marks >= 32 THEN (r.marks >> 5) - 1 END AS mono_ms, -- if not trusted\n"
    "  n.name AS node, -- all values as they were received\n"
    SEEN("r.soc", "100", "soc_pct")
    SEEN("r.temp", "100", "temp_c")
    SEEN("r.temp_max", "100", "temp_max_c")
    SEEN("r.voltage", "1000", "voltage_v")
    SEEN("r.current", "1000", "current_a")
    SEEN("r.power", "100", "power_w")
    SEEN("r.soh", "100", "soh_pct")
    SEEN("r.interval", "100", "interval_s")
    "  r.cells_mv, -- 3301,3302,...\n"
    "  r.ts_ms - r.age_ms AS measured_ms, -- by the node's clock\n"
    "  r.sequence,\n"
    "  4 - (r.marks >> 2 & 7) AS quality, -- 4 good, 3 suspect, 2 frozen, 1 assumed, 0 missing\n"
    "  r.marks & 3 AS flags, -- 1 not acted on (retained, backlog), 2 clock not trusted\n"
    "  r.message >> 32 AS message_id, -- of MQTT, QoS 1, unless its own time tells it\n"
    "  r.message & 4294967295 AS payload_hash\n"
    "  FROM reading r LEFT JOIN node n ON n.id = r.node;\n"
    /* For people and for tests; the daemon writes `reading`. */
    "CREATE TRIGGER battery_data_insert INSTEAD OF INSERT ON battery_data BEGIN\n"
    "  INSERT OR IGNORE INTO node (name) VALUES (NEW.node);\n"
    "  INSERT INTO reading SELECT NEW.row, n.id, NEW.ts_ms,\n"
    "    NEW.flags | ((4 - NEW.quality) << 2) | (ifnull(NEW.mono_ms + 1, 0) << 5),\n    "
    STORED("NEW.soc_pct", "100") ", "
    STORED("NEW.temp_c", "100") ", "
    STORED("NEW.power_w", "100") ", "
    STORED("NEW.temp_max_c", "100") ", "
    STORED("NEW.voltage_v", "1000") ", "
    STORED("NEW.current_a", "1000") ", "
    STORED("NEW.soh_pct", "100") ", "
    STORED("NEW.interval_s", "100") ",\n"
    "    NEW.cells_mv, NEW.ts_ms - NEW.measured_ms, NEW.sequence,\n"
    "    (NEW.message_id << 32) | (NEW.payload_hash & 4294967295)\n"
    "    FROM node n WHERE n.name = NEW.node;\n"
    "END;\n"
    "INSERT INTO battery_data\n"
    "  SELECT row, ts_ms, mono_ms, node, soc_pct, temp_c, temp_max_c, voltage_v, current_a,\n"
    "    power_w, soh_pct, interval_s, cells_mv, measured_ms, sequence, quality, flags,\n"
    "    message_id, payload_hash FROM old_reading ORDER BY row;\n"
    "DROP TABLE old_reading;\n"
    "CREATE INDEX reading_node ON reading (node, ts_ms);\n",
    /* clang-format on */
    "ALTER TABLE kept_relay ADD COLUMN is_ours INTEGER NOT NULL DEFAULT 0; -- 1: to open\n",
};
