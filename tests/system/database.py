"""What is at the database server: months, views, dead letters; and no row lost on the way there."""

import sqlite3
import threading
import time

from garage import charge, house, is_live, send
from harness import Amphorad, Mosquitto, Relay, Suite, equal, wait_until
from server_scene import (Middle, assert_stores_are_equal, config, forwarded, migrate, publish,
                          ready_database, server_state, store_config, stored, wait_for_rows)

suite = Suite("database")

BACKLOG = 30000


def fill_journal(daemon, count):
    """Puts readings into the journal of a daemon that is stopped: one a second until now."""
    first_ms = int(time.time() - count) * 1000
    with sqlite3.connect(daemon.store) as journal:
        journal.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, sequence, quality, flags) "
            "SELECT ? + 1000 * i, 'b1', 50 + i % 300 / 10.0, 20.5, i, 4, 0 FROM n",
            [count, first_ms])
    journal.close()


def with_backlog(env, broker, store, count=BACKLOG):
    """A daemon whose journal has so many rows that the server has not; started."""
    daemon = Amphorad(env, config(broker, {}))
    daemon.stop()
    fill_journal(daemon, count)
    return Amphorad(env, config(broker, store))


def wait_until_all_is_sent(daemon, timeout=90):
    wait_until(lambda: server_state(daemon)["connected"] and
               server_state(daemon)["unsent_rows"] == 0, "the lag to be 0", timeout)


# --- nothing lost, nothing doubled -----------------------------------------------


class Cutter(Middle):
    """Ends one connection after the other, each at its point, and lets the rest be.

    A point is a number of bytes from the daemon, in the middle of a message, or
    "answer": the server gets a COMMIT and carries it out, its answer is lost.
    """

    def __init__(self, env, database, points):
        self.points = list(points)
        self.cuts = 0
        self.passed, self.is_committing = {}, set()
        super().__init__(env, database)

    def pass_on(self, data, is_from_daemon, connection):
        if connection > len(self.points):
            return data
        point = self.points[connection - 1]
        if point == "answer":
            if is_from_daemon and b"COMMIT" in data:
                self.is_committing.add(connection)
            return self.cut() if not is_from_daemon and connection in self.is_committing else data
        self.passed[connection] = self.passed.get(connection, 0) + len(data) * is_from_daemon
        return self.cut() if self.passed[connection] > point else data

    def cut(self):
        self.cuts += 1


@suite.test
def connections_cut_in_the_middle_of_a_batch_leave_each_row_once(env):
    broker, database = Mosquitto(env), ready_database(env)
    points = [150000, "answer", 400000, "answer", 70000]
    cutter = Cutter(env, database, points)
    daemon = with_backlog(env, broker, store_config(database, socket=str(cutter.path)))
    wait_until(lambda: cutter.cuts >= len(points), "all cuts", 90)
    publish(broker, 50, first=BACKLOG + 1)
    wait_for_rows(daemon, database, BACKLOG + 50)
    wait_until_all_is_sent(daemon)
    assert_stores_are_equal(daemon, database)


@suite.test
def connections_that_the_server_kills_leave_each_row_once(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = with_backlog(env, broker, store_config(database))
    kills = 0
    while kills < 5:
        for row in database.sql("SELECT id FROM information_schema.processlist "
                                "WHERE user = 'amphora'"):
            try:
                database.sql(f"KILL CONNECTION {row[0]}")
                kills += 1
            except AssertionError as error:  # it was gone already
                assert "Unknown thread" in str(error), error
        publish(broker, 10, first=BACKLOG + 10 * kills)
    wait_for_rows(daemon, database, BACKLOG)
    wait_until_all_is_sent(daemon)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_server_that_is_off_while_readings_go_on_gets_all_without_a_restart(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    wait_until_all_is_sent(daemon)
    is_over = threading.Event()

    def fifty_in_a_second():
        first = 0
        while not is_over.is_set():
            publish(broker, 10, first)
            first += 10
            time.sleep(0.2)

    sender = threading.Thread(target=fifty_in_a_second)
    sender.start()
    try:
        wait_until(lambda: forwarded(database) > 0, "the first rows")
        database.stop()
        wait_until(lambda: server_state(daemon)["unsent_rows"] > 300, "a lag", 60)
        equal(server_state(daemon)["connected"], False)
        database.start()
        wait_until_all_is_sent(daemon)
    finally:
        is_over.set()
        sender.join()
    wait_until(lambda: forwarded(database) == stored(daemon), "the same rows at the server", 60)
    assert_stores_are_equal(daemon, database)


def tear(path, offset):
    """Half a page becomes what it never was, as of a disk that lied about its syncs."""
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(b"#" * 2048)


@suite.test
def a_journal_torn_in_what_was_synced_is_set_aside_and_its_rows_reach_the_server(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    for turn, offset in enumerate((0, 4096)):
        publish(broker, 100, first=100 * turn)
        wait_until(lambda: forwarded(database) == 100 + 101 * turn, "the rows at the server")
        daemon.stop()
        tear(daemon.store, offset)
        publish(broker, 1, first=1000 + turn)
        daemon.start()
        alert = wait_until(lambda: daemon.alerts().get("journal-set-aside"), "the alert")
        assert ".damaged-" in alert["words"], alert["words"]
        wait_until(lambda: forwarded(database) == 101 + 101 * turn,
                   "the row that the broker kept to be there")
    publish(broker, 100, first=200)
    wait_until(lambda: forwarded(database) == 302, "all rows")
    counts = database.sql("SELECT count(DISTINCT epoch), count(DISTINCT sequence), count(*) "
                          "FROM battery_data")[0]
    equal([int(count) for count in counts], [3, 302, 302], "journals, numbers and rows there")


@suite.test
def readings_are_acknowledged_and_follow_while_a_backlog_drains(env):
    broker, database = Mosquitto(env), ready_database(env)
    database.stop()
    daemon = with_backlog(env, broker, store_config(database), 5 * BACKLOG)
    wait_until(lambda: is_live(daemon), "the marker's echo")
    database.start()
    seen = []
    for turn in range(200):
        publish(broker, 5, first=5 * BACKLOG + 1 + 5 * turn)
        seen.append(server_state(daemon)["unsent_rows"])
        if seen[-1] == 0:
            break
    wait_for_rows(daemon, database, 5 * BACKLOG + 5 * len(seen))
    wait_until_all_is_sent(daemon)
    assert len(seen) > 1, "the backlog was gone before any reading came"
    assert_stores_are_equal(daemon, database)


# --- what is there ----------------------------------------------------------------


@suite.test
def a_refused_row_is_a_dead_letter_that_is_shown_until_it_is_gone(env):
    broker, database = Mosquitto(env), ready_database(env)
    database.sql("ALTER TABLE battery_data ADD CONSTRAINT odd CHECK (soc_pct < 99)")
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 20)
    broker.publish("amphora/b1/battery", {"node": "b1", "SoC": 99.5, "Temp": 20})
    publish(broker, 20, first=20)
    wait_until(lambda: forwarded(database) == 40, "the other rows")
    wait_until(lambda: server_state(daemon)["dead_letters"] == 1, "the dead letter in the state")
    assert "server-refused" in daemon.alerts(), daemon.alerts()
    code, out, _ = daemon.cli("status")
    assert code == 0 and "1 dead letter" in out, out
    equal(database.sql("SELECT table_name, `row`, reason LIKE '%odd%', "
                       "JSON_VALUE(content, '$.soc_pct') FROM dead_letter"),
          [["battery_data", "21", "1", "99.5"]])
    daemon.stop()
    daemon.start()
    wait_until(lambda: server_state(daemon)["dead_letters"] == 1, "it after a restart")
    daemon.stop()
    database.sql("DELETE FROM dead_letter")
    daemon.start()
    wait_until_all_is_sent(daemon)
    equal((server_state(daemon)["dead_letters"], forwarded(database)), (0, 40))
    assert "1 dead letter" not in daemon.cli("status")[1]


@suite.test
def partition_adds_the_months_to_come_under_a_daemon_that_writes(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 50)
    wait_for_rows(daemon, database, 50)
    months = database.sql("SELECT partition_name FROM information_schema.partitions WHERE "
                          "table_name = 'battery_data' AND partition_name LIKE 'm%' ORDER BY 1")
    equal(len(months), 13, "this month and a year")
    names = ", ".join(name for name, in months[-6:])
    database.sql(f"ALTER TABLE battery_data REORGANIZE PARTITION {names}, later INTO "
                 "(PARTITION later VALUES LESS THAN (MAXVALUE))")
    code, _, error = env.run("amphora", "db", "partition", "--db-socket", database.socket,
                             "--database", "amphora", "--user", "amphora", "--password-file",
                             database.password_file)
    assert code == 1 and "denied" in error, (code, error)
    for turn, expected in enumerate(("added partitions for 6 months to battery_data",
                                     "the months to come have their partitions"), 1):
        code, out, error = migrate(env, database, verb="partition")
        equal((code, out.strip()), (0, expected), error)
        publish(broker, 50, first=50 * turn)
    wait_for_rows(daemon, database, 150)
    assert_stores_are_equal(daemon, database)


def view(database, name, columns, where="1"):
    return database.sql(f"SELECT {columns} FROM {name} WHERE {where}")


@suite.test
def views_say_what_the_journal_says_of_a_battery_that_was_charged(env):
    broker, database = Mosquitto(env), ready_database(env)
    source, load = Relay(env, "r1"), Relay(env, "r2")
    relays = {"r1": ("source", source.uri), "r2": ("load", load.uri)}
    daemon = Amphorad(env, house(broker, relays, store=store_config(database)))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    charge(broker, source, 29.5, 6)
    wait_until(lambda: daemon.rows("rele_data", "row", "relay = 'r1' AND state = 'on'"), "the state")
    equal(daemon.cli("set", "b1.charge_below_pct", "35")[0], 0, "amphora set")
    send(broker, 29.5, 4.9)
    wait_until(lambda: source.status()["state"] == "off", "the relay to open")
    wait_until(lambda: daemon.rows("rele_data", "row", "relay = 'r1'")[-1] and
               daemon.rows("rele_data", "state", "relay = 'r1'")[-1] == ("off",), "the state")
    equal(daemon.stop(), 0)
    assert_stores_are_equal(daemon, database)

    (soc, temp, quality), = view(database, "newest_reading", "soc_pct, temp_c, quality")
    last = daemon.rows("battery_data", "soc_pct, temp_c")[-1]
    equal((float(soc), float(temp)), last, "newest_reading")
    equal(view(database, "newest_relay", "relay, battery, role, state", "relay = 'r1'"),
          [["r1", "b1", "source", "off"]])
    states = [state for state, in daemon.rows("rele_data", "state", "relay = 'r1'")]
    closed = sum(pair == ("off", "on") for pair in zip(states, states[1:]))
    days = view(database, "relay_day", "SUM(switched_on), SUM(switched_off)", "relay = 'r1'")
    equal(days, [[str(closed), str(closed)]], "relay_day")
    readings = daemon.rows("battery_data", "COUNT(*), MIN(soc_pct), MAX(soc_pct), MIN(temp_c)")[0]
    day, = view(database, "battery_day",
                "SUM(readings), MIN(soc_min_pct), MAX(soc_max_pct), MIN(temp_min_c)")
    equal(tuple(map(float, day)), readings, "battery_day")
    reasons = view(database, "decision_reason", "winner, reason, sentence", "battery = 'b1'")
    assert any("29.5 % is below 30 %" in sentence for _, _, sentence in reasons), reasons
    assert any(reason.startswith("charge-cold") and "4.9 °C" in sentence
               for _, reason, sentence in reasons), reasons
    equal(view(database, "parameter_change", "battery, parameter, value"),
          [["b1", "charge_below_pct", "35"]])
    equal(view(database, "energy_day", "*"), [], "energy of a sensor that tells no power")


suite.run()
