/*
 * The tables of the journal. They are for people too: `sqlite3 journal.db` and
 * `select * from battery_data` show plain units, and `.schema` the comments.
 * Readings are stored narrow in `reading`; `battery_data` is how they are seen.
 *
 * Row numbers only grow as long as nobody deletes the newest row of a table;
 * the server's key and the forwarder rest on that.
 */
#include "adapt/journal_schema.h"

/* Of version 1, and never changed: what came later is a step in journal_upgrade.c. */
const char journal_schema_sql[] =
    "CREATE TABLE meta (\n"
    "  name TEXT PRIMARY KEY, -- collector, epoch (of this file), created, command_epoch,\n"
    "                         -- session_after_*: the last row before the broker's session\n"
    "  value\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE battery_data (\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  ts_ms INTEGER NOT NULL, -- arrival, ms since 1970 UTC, by our clock\n"
    "  mono_ms INTEGER,        -- only where our clock was not trusted\n"
    "  node TEXT NOT NULL,\n"
    "  soc_pct REAL NOT NULL,  -- all values as they were received\n"
    "  temp_c REAL NOT NULL,\n"
    "  temp_max_c REAL,\n"
    "  voltage_v REAL,\n"
    "  current_a REAL,         -- + is charging\n"
    "  power_w REAL,           -- + is charging\n"
    "  soh_pct REAL,\n"
    "  interval_s REAL,\n"
    "  cells_mv TEXT,          -- 3301,3302,...\n"
    "  measured_ms INTEGER,    -- by the node's clock\n"
    "  sequence INTEGER,\n"
    "  quality INTEGER NOT NULL, -- 4 good, 3 suspect, 2 frozen, 1 assumed, 0 missing\n"
    "  flags INTEGER NOT NULL, -- 1 not acted on (retained, backlog), 2 clock not trusted\n"
    "  message_id INTEGER,     -- of MQTT, QoS 1\n"
    "  payload_hash INTEGER    -- 32 bits\n"
    ");\n"
    "CREATE INDEX battery_data_node ON battery_data (node, ts_ms);\n"
    "CREATE TABLE rele_data (\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  ts_ms INTEGER NOT NULL,\n"
    "  mono_ms INTEGER,\n"
    "  flags INTEGER NOT NULL,\n"
    "  relay TEXT NOT NULL,\n"
    "  battery TEXT NOT NULL,\n"
    "  role TEXT NOT NULL,\n"
    "  state TEXT NOT NULL,    -- as the relay says: on, off\n"
    "  phase TEXT NOT NULL,    -- how far our wish has come\n"
    "  wished TEXT NOT NULL,   -- on, off\n"
    "  lease_s REAL NOT NULL,\n"
    "  switches INTEGER,\n"
    "  n INTEGER,              -- number of the last command it obeyed\n"
    "  boot INTEGER,\n"
    "  power_w REAL\n"
    ");\n"
    "CREATE INDEX rele_data_relay ON rele_data (relay, ts_ms);\n"
    "CREATE TABLE refused (\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  ts_ms INTEGER NOT NULL,\n"
    "  mono_ms INTEGER,\n"
    "  flags INTEGER NOT NULL,\n"
    "  reason TEXT NOT NULL,\n"
    "  topic TEXT NOT NULL,\n"
    "  length INTEGER NOT NULL, -- of the whole message\n"
    "  payload BLOB NOT NULL,   -- its beginning\n"
    "  message_id INTEGER,\n"
    "  payload_hash INTEGER\n"
    ");\n"
    "CREATE INDEX refused_time ON refused (ts_ms);\n"
    "CREATE TABLE decision (\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  ts_ms INTEGER NOT NULL,\n"
    "  mono_ms INTEGER,\n"
    "  flags INTEGER NOT NULL,\n"
    "  id INTEGER NOT NULL,\n"
    "  battery TEXT NOT NULL,\n"
    "  intent TEXT NOT NULL,\n"
    "  winner TEXT NOT NULL,\n"
    "  reason TEXT NOT NULL,\n"
    "  value INTEGER NOT NULL,       -- value and limit in the reason's own units\n"
    "  limit_value INTEGER NOT NULL,\n"
    "  wanted TEXT NOT NULL,\n"
    "  wishes TEXT NOT NULL,         -- JSON: who wanted what, and why\n"
    "  quality TEXT NOT NULL,\n"
    "  age_ms INTEGER NOT NULL,\n"
    "  soc_pct REAL NOT NULL,\n"
    "  temp_c REAL NOT NULL,\n"
    "  temp_max_c REAL NOT NULL\n"
    ");\n"
    "CREATE INDEX decision_battery ON decision (battery, ts_ms);\n"
    "CREATE INDEX decision_time ON decision (ts_ms);\n"
    "CREATE TABLE alert (\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  ts_ms INTEGER NOT NULL,\n"
    "  id INTEGER NOT NULL,\n"
    "  code TEXT NOT NULL,\n"
    "  subject TEXT NOT NULL,\n"
    "  value INTEGER NOT NULL,\n"
    "  limit_value INTEGER NOT NULL,\n"
    "  detail TEXT NOT NULL,\n"
    "  is_active INTEGER NOT NULL,\n"
    "  is_acknowledged INTEGER NOT NULL,\n"
    "  count INTEGER NOT NULL,\n"
    "  raised_ms INTEGER NOT NULL,\n"
    "  cleared_ms INTEGER NOT NULL\n"
    ");\n"
    "CREATE INDEX alert_time ON alert (ts_ms);\n"
    "CREATE TABLE setting (\n"
    "  battery TEXT NOT NULL, -- empty: the house\n"
    "  parameter TEXT NOT NULL,\n"
    "  value TEXT NOT NULL,\n"
    "  ts_ms INTEGER NOT NULL,\n"
    "  PRIMARY KEY (battery, parameter)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE setting_log (\n"
    "  row INTEGER PRIMARY KEY,\n"
    "  ts_ms INTEGER NOT NULL,\n"
    "  battery TEXT NOT NULL,\n"
    "  parameter TEXT NOT NULL,\n"
    "  value TEXT -- NULL: unset\n"
    ");\n"
    "CREATE TABLE kept_battery (\n"
    "  battery TEXT PRIMARY KEY,\n"
    "  day INTEGER NOT NULL,\n"
    "  trips_today INTEGER NOT NULL,\n"
    "  is_locked_out INTEGER NOT NULL,\n"
    "  override_id INTEGER, -- NULL: none\n"
    "  override_intent TEXT,\n"
    "  override_ends_ms INTEGER\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE kept_relay (\n"
    "  relay TEXT PRIMARY KEY,\n"
    "  day INTEGER NOT NULL,\n"
    "  switches_today INTEGER NOT NULL,\n"
    "  switches INTEGER\n"
    ") WITHOUT ROWID;\n";

#define METER_VALUES                                                                             \
	"SELECT NULL, (SELECT id FROM meter_name WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, " \
	"?9, ?10"

const char *const journal_statement_sql[STATEMENT_COUNT] = {
    [STATEMENT_READING] = "INSERT INTO reading VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STATEMENT_NODE_ADD] = "INSERT OR IGNORE INTO node (name) VALUES (?)",
    [STATEMENT_NODE_FIND] = "SELECT id FROM node WHERE name = ?",
    [STATEMENT_RELAY] = "INSERT INTO rele_data VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STATEMENT_REFUSED] = "INSERT INTO refused VALUES (NULL,?,?,?,?,?,?,?,?,?)",
    [STATEMENT_DECISION] =
	"INSERT INTO decision VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STATEMENT_ALERT] = "INSERT INTO alert VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STATEMENT_SETTING_SET] = "REPLACE INTO setting VALUES (?,?,?,?)",
    [STATEMENT_SETTING_UNSET] = "DELETE FROM setting WHERE battery = ? AND parameter = ?",
    [STATEMENT_SETTING_LOG] = "INSERT INTO setting_log VALUES (NULL,?,?,?,?)",
    [STATEMENT_KEPT_BATTERY] = "REPLACE INTO kept_battery VALUES (?,?,?,?)",
    [STATEMENT_KEPT_RELAY] = "REPLACE INTO kept_relay VALUES (?,?,?,?,?,?,?,?)",
    [STATEMENT_EPOCH] = "REPLACE INTO meta VALUES ('command_epoch',?)",
    [STATEMENT_ADMIT] = "REPLACE INTO meta VALUES ('admitted:' || ?,?)",
    [STATEMENT_ASKED] = "REPLACE INTO meta VALUES ('asked:' || ?,?)",
    [STATEMENT_NOTE] = "REPLACE INTO meta VALUES ('note:' || ?,?)",
    [STATEMENT_FORGET] = "DELETE FROM meta WHERE name = 'admitted:' || ?",
    [STATEMENT_SESSION_READINGS] =
	"REPLACE INTO meta SELECT 'session_after_reading', ifnull(max(row), 0) FROM reading",
    [STATEMENT_SESSION_REFUSED] =
	"REPLACE INTO meta SELECT 'session_after_refused', ifnull(max(row), 0) FROM refused",
    [STATEMENT_TRACE] = "INSERT INTO trace VALUES (NULL,?,?,?,?)",
    /* Stored once: as long as there are fewer of this node, time and sequence than there are to be.
     */
    [STATEMENT_IMPORTED] =
	("INSERT INTO reading SELECT NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,NULL "
	 "WHERE (SELECT count(*) FROM reading WHERE node = ?1 AND ts_ms = ?2 "
	 "AND sequence IS ?14) < ?15"),
    /* Which rows are imported, of those that are not rolled up: from the first to the last. */
    [STATEMENT_IMPORTED_ROWS] =
	"REPLACE INTO meta VALUES ('imported_from', iif("
	"ifnull((SELECT value FROM meta WHERE name = 'imported_to'), 0) <= "
	"ifnull((SELECT value FROM meta WHERE name = 'rollup_after_reading'), 0), ?1, "
	"(SELECT value FROM meta WHERE name = 'imported_from'))), ('imported_to', ?2)",
    [STATEMENT_AUDIT] = "INSERT INTO audit VALUES (NULL,?1,?2,?3,?4,ifnull(login_name(?6),?5),?6,"
			"?7,?8,?9,?10,?11,?12,?13,?14)",
    [STATEMENT_METER_NAME] = "INSERT OR IGNORE INTO meter_name (name) VALUES (?)",
    [STATEMENT_METER] = "INSERT INTO meter " METER_VALUES,
    [STATEMENT_METER_IMPORTED] =
	("INSERT INTO meter " METER_VALUES " WHERE (SELECT count(*) FROM meter WHERE ts_ms = ?2 "
	 "AND meter = (SELECT id FROM meter_name WHERE name = ?1)) < ?11"),
    [STATEMENT_PLAN] = "INSERT INTO plan VALUES (NULL,?,?,?,?,?,?)",
    [STATEMENT_PRICE] = "INSERT INTO price VALUES (NULL,?,?,?,?,?,?)",
};
