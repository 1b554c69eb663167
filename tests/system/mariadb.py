"""Forwarding to a real MariaDB: the tables, the rows, and a server that comes and goes."""

import re
import socket
import threading

from harness import (Amphorad, MariaDb, Mosquitto, Suite, equal, free_port, sqlite_rows,
                     wait_until)

suite = Suite("mariadb")

# What both stores have, in the journal's words and in the server's.
READINGS = [
    ("row", "`row`"),
    ("ts_ms", "CAST(ROUND(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ts) / 1000) AS SIGNED)"),
    ("node", "node"), ("soc_pct", "soc_pct"), ("temp_c", "temp_c"), ("temp_max_c", "temp_max_c"),
    ("voltage_v", "voltage_v"), ("current_a", "current_a"), ("power_w", "power_w"),
    ("soh_pct", "soh_pct"), ("interval_s", "interval_s"), ("cells_mv", "cells_mv"),
    ("measured_ms",
     "CAST(ROUND(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', measured) / 1000) AS SIGNED)"),
    ("sequence", "sequence"),
]
RELAYS = [
    ("row", "`row`"), READINGS[1], ("relay", "relay"), ("battery", "battery"), ("role", "role"),
    ("state", "state"), ("phase", "phase"), ("wished", "wished"), ("lease_s", "lease_s"),
    ("switches", "switches"), ("n", "n"), ("boot", "boot"), ("power_w", "power_w"),
]
TIME = READINGS[1]
PLAIN = [("row", "`row`"), TIME]


def same(*names):
    """Columns that have one name in both stores."""
    return [(name, f"`{name}`") for name in names]


DECISIONS = PLAIN + same("id", "battery", "intent", "winner", "reason", "value", "limit_value",
                         "wanted", "wishes", "quality", "soc_pct", "temp_c", "temp_max_c", "flip",
                         "flip_limit")
ALERTS = PLAIN + same("id", "code", "subject", "value", "limit_value", "detail", "is_active",
                      "is_acknowledged", "count")
PARAMETERS = PLAIN + same("battery", "parameter", "value")

# By the journal's table: the server's, and its columns.
TABLES = {
    "battery_data": ("battery_data", READINGS),
    "rele_data": ("rele_data", RELAYS),
    "decision": ("decision_data", DECISIONS),
    "alert": ("alert_data", ALERTS),
    "setting_log": ("parameter_data", PARAMETERS),
}


def store_config(database, **more):
    """The daemon's configuration for this server over its socket."""
    return {"server": {"socket": str(database.socket), "user": "amphora",
                       "password_file": str(database.password_file), **more}}


def config(broker, store):
    return {
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "store": store,
        "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 3}],
    }


def migrate(env, database, *arguments):
    return env.run("amphora", "db", "migrate", "--db-socket", database.socket,
                   "--database", "amphora", "--user", "admin",
                   "--password-file", database.admin_password_file, *arguments)


def ready_database(env, **options):
    """A server with the tables made and the daemon's user granted what it needs."""
    database = MariaDb(env, **options)
    equal(migrate(env, database, "--grant-to", "amphora")[0], 0, "db migrate")
    return database


def publish(broker, count, first=0):
    """Publishes so many readings of b1, no two alike."""
    lines = [f'{{"node":"b1","SoC":{50 + index % 7 / 10},"Temp":{20 + index / 1000},"seq":{index}}}'
             for index in range(first, first + count)]
    arguments = ["mosquitto_pub", "-h", "127.0.0.1", "-p", broker.port, "-q", 1,
                 "-t", "amphora/b1/battery", "-l"]
    code, _, error = broker.env.run(*arguments, input="\n".join(lines) + "\n")
    equal(code, 0, error)


def stored(daemon):
    return sqlite_rows(daemon.store, "SELECT COUNT(*) FROM battery_data")[0][0]


def forwarded(database, table="battery_data"):
    return int(database.sql(f"SELECT COUNT(*) FROM {table}")[0][0])


def wait_for_rows(daemon, database, count):
    wait_until(lambda: stored(daemon) >= count, f"{count} rows in the journal")
    wait_until(lambda: forwarded(database) == stored(daemon), "the same rows at the server", 60)


def same_value(ours, theirs):
    """Whether a value of SQLite and the text of one of MariaDB are the same; floats bit for bit."""
    if ours is None:
        return theirs == "NULL"
    if isinstance(ours, (int, float)):
        return ours == type(ours)(theirs)
    return ours == theirs


def count_of(daemon, table):
    return sqlite_rows(daemon.store, f"SELECT COUNT(*) FROM {table}")[0][0]


def assert_stores_are_equal(daemon, database):
    for ours_table, (table, columns) in TABLES.items():
        wait_until(lambda: forwarded(database, table) == count_of(daemon, ours_table),
                   f"the rows of {table}")
        ours = daemon.rows(ours_table, ", ".join(name for name, _ in columns))
        theirs = database.sql(f"SELECT {', '.join(name for _, name in columns)} FROM {table} "
                              f"ORDER BY `row` LIMIT {len(ours)}")
        equal(len(theirs), len(ours), f"rows of {table}")
        for our_row, their_row in zip(ours, theirs):
            for (name, _), our, their in zip(columns, our_row, their_row):
                assert same_value(our, their), f"{table}.{name} of row {our_row[0]}: {our!r}, {their!r}"


def server_state(daemon):
    """How the daemon says that forwarding stands."""
    return daemon.state()["store"]["server"]


@suite.test
def migrate_makes_the_tables_and_doing_it_again_changes_nothing(env):
    env.program("amphora")
    database = MariaDb(env)
    code, out, _ = migrate(env, database, "--grant-to", "amphora")
    equal(code, 0)
    assert "made battery_data and rele_data" in out, out
    before = database.sql("SELECT table_name, create_time FROM information_schema.tables "
                          "WHERE table_schema = 'amphora' ORDER BY 1")
    code, out, _ = migrate(env, database)
    equal((code, out.splitlines()[0]), (0, "the tables are up to date"))
    equal(database.sql("SELECT table_name, create_time FROM information_schema.tables "
                       "WHERE table_schema = 'amphora' ORDER BY 1"), before)


@suite.test
def migrate_takes_the_server_and_the_daemons_user_from_the_configuration(env):
    env.program("amphora")
    database = MariaDb(env)
    daemon = Amphorad(env, {"store": store_config(database)}, is_started=False)
    code, out, error = env.run("amphora", "db", "migrate", "--config", daemon.config,
                               "--user", "admin", "--password-file", database.admin_password_file)
    equal(code, 0, error)
    grants = " ".join(row[0] for row in database.sql("SHOW GRANTS FOR amphora@localhost"))
    assert "SELECT, INSERT ON `amphora`.`battery_data`" in grants, grants
    for right in ("ALL", "UPDATE", "DELETE", "CREATE", "DROP"):
        assert right not in grants, grants


@suite.test
def migrate_says_what_is_wrong_with_how_it_is_called(env):
    env.program("amphora")
    database = MariaDb(env)
    wrong = env.write("wrong.password", "wrong", 0o600)
    for arguments, expected, words in (
            (["--password-file", wrong], 1, "Access denied"),
            (["--password-file", env.path("nothing")], 1, "nothing"),
            (["--grant-to", "nobody"], 1, "'nobody'@'localhost'"),
            (["--port", "99999"], 2, "--port"),
            (["--host", "localhost"], 2, "not both"),
            (["--config", env.path("nothing.yaml")], 1, "nothing.yaml"),
            (["--frobnicate"], 2, "--frobnicate")):
        code, _, error = env.run("amphora", "db", "migrate", *arguments, "--db-socket",
                                 database.socket, "--database", "amphora", "--user", "admin",
                                 *([] if "--password-file" in arguments else
                                   ["--password-file", database.admin_password_file]))
        equal(code, expected, f"{arguments}: {error}")
        assert words in error, f"{arguments}: {error}"


@suite.test
def migrate_refuses_tables_of_a_newer_version(env):
    env.program("amphora")
    database = ready_database(env)
    database.sql("INSERT INTO amphora.schema_version VALUES (999, NOW())")
    code, _, error = migrate(env, database)
    equal(code, 1)
    assert "999" in error, error


@suite.test
def rows_are_in_both_stores_and_equal(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 500)
    broker.publish("amphora/b1/battery", {
        "node": "b1", "SoC": 55.2, "Temp": 24.1, "TempMax": 24.30000000000001, "V": 52.1, "A": -3.3,
        "W": -171.93, "SoH": 97.5, "cells": [3.301, 3.302], "interval": 5, "seq": 500,
        "ts": "2026-03-29T02:10:00.123Z"})
    wait_for_rows(daemon, database, 501)
    equal(daemon.stop(), 0)
    assert_stores_are_equal(daemon, database)


@suite.test
def an_hour_that_the_servers_zone_skips_is_stored_as_it_is(env):
    broker = Mosquitto(env)
    database = ready_database(env, environment={"TZ": "Europe/Rome"})
    zones = {"TZ": "America/Los_Angeles"}
    daemon = Amphorad(env, config(broker, store_config(database)), environment=zones)
    broker.publish("amphora/b1/battery",
                   {"node": "b1", "SoC": 55, "Temp": 24, "ts": "2026-03-29T02:10:00Z"})
    wait_for_rows(daemon, database, 1)
    equal(database.sql("SELECT measured FROM battery_data"), [["2026-03-29 02:10:00.000"]])
    assert_stores_are_equal(daemon, database)


@suite.test
def rows_of_the_time_before_the_server_came_are_forwarded(env):
    broker, database = Mosquitto(env), ready_database(env)
    database.stop()
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 300)
    wait_until(lambda: stored(daemon) == 300, "the rows in the journal")
    wait_until(lambda: server_state(daemon)["connected"] is False
               and server_state(daemon)["unsent_rows"] >= 300, "the backlog in the state")
    database.start()
    wait_for_rows(daemon, database, 300)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_server_that_is_killed_and_comes_back_has_each_row_once(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 400)
    database.kill()
    publish(broker, 400, first=400)
    database.start()
    publish(broker, 400, first=800)
    wait_for_rows(daemon, database, 1200)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_daemon_that_is_killed_goes_on_where_the_server_is(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)))
    for turn in range(3):
        publish(broker, 300, first=300 * turn)
        daemon.kill()
        daemon.start()
    wait_until(lambda: stored(daemon) >= 900, "the rows in the journal")
    wait_for_rows(daemon, database, 900)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_shutdown_says_what_is_still_unsent(env):
    broker, database = Mosquitto(env), ready_database(env)
    database.stop()
    daemon = Amphorad(env, config(broker, store_config(database)))
    publish(broker, 50)
    wait_until(lambda: stored(daemon) == 50, "the rows in the journal")
    equal(daemon.stop(), 0)
    unsent = re.search(r"(\d+) rows are not at the server", daemon.said())
    assert unsent and int(unsent[1]) == sum(count_of(daemon, table) for table in TABLES), \
        daemon.said()


class Liar:
    """Stands between daemon and server and changes words of the same length on the way."""

    def __init__(self, env, database, word, replacement):
        assert len(word) == len(replacement)
        self.path = env.path("liar.sock")
        self.target, self.word, self.replacement = str(database.socket), word, replacement
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen()
        env.at_end(self.listener.close)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.target)
            except OSError:
                return
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    def copy(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data.replace(self.word, self.replacement))
            sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def assert_refused_by_name(env, word, replacement, name):
    """The daemon must not send a row through a server (or proxy) that keeps another session."""
    broker, database = Mosquitto(env), ready_database(env)
    liar = Liar(env, database, word, replacement)
    store = store_config(database, socket=str(liar.path))
    daemon = Amphorad(env, config(broker, store))
    publish(broker, 5)
    wait_until(lambda: name in (server_state(daemon)["detail"] or ""), f"{name} in the state")
    wait_until(lambda: stored(daemon) == 5, "the rows in the journal")
    equal(server_state(daemon)["connected"], False)
    equal(forwarded(database), 0)


@suite.test
def a_server_without_strict_mode_is_refused_by_name(env):
    assert_refused_by_name(env, b"STRICT_ALL_TABLES", b"IGNORE_SPACE,ANSI", "sql_mode")


@suite.test
def a_server_that_keeps_another_time_zone_is_refused_by_name(env):
    assert_refused_by_name(env, b"time_zone = '+00:00'", b"time_zone = '+01:00'", "time_zone")


def certificates(env):
    """A certificate authority and a server's certificate for localhost."""
    def openssl(*arguments):
        code, _, error = env.run("openssl", *arguments)
        equal(code, 0, error)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", "/CN=test CA",
            "-keyout", env.path("ca.key"), "-out", env.path("ca.pem"))
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
            "-keyout", env.path("server.key"), "-out", env.path("server.csr"))
    names = env.write("names", "subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", env.path("server.csr"), "-CA", env.path("ca.pem"),
            "-CAkey", env.path("ca.key"), "-CAcreateserial", "-days", 2, "-extfile", names,
            "-out", env.path("server.pem"))


def over_tcp(env, *options):
    """A server that also listens on a loopback port."""
    port = free_port()
    database = ready_database(env, extra=["--skip-networking=0", "--bind-address=127.0.0.1",
                                          f"--port={port}", *options])
    return database, port


def tcp_store(database, port, **more):
    return {"server": {"host": "localhost", "port": port, "user": "amphora",
                       "password_file": str(database.password_file), **more}}


@suite.test
def a_server_is_reached_over_tls_when_its_certificate_is_trusted(env):
    certificates(env)
    database, port = over_tcp(env, f"--ssl-cert={env.path('server.pem')}",
                              f"--ssl-key={env.path('server.key')}", "--require-secure-transport")
    broker = Mosquitto(env)
    daemon = Amphorad(env, config(broker, tcp_store(database, port, tls="required",
                                                    tls_ca=str(env.path("ca.pem")))))
    publish(broker, 20)
    wait_for_rows(daemon, database, 20)
    assert_stores_are_equal(daemon, database)


@suite.test
def a_server_with_an_unknown_certificate_or_without_one_gets_nothing(env):
    certificates(env)
    for options, words in (([f"--ssl-cert={env.path('server.pem')}",
                             f"--ssl-key={env.path('server.key')}"], "ertificate"),
                           ([], "SSL")):
        database, port = over_tcp(env, *options)
        broker = Mosquitto(env)
        daemon = Amphorad(env, config(broker, tcp_store(database, port, tls="required")))
        publish(broker, 5)
        wait_until(lambda: words in (server_state(daemon)["detail"] or ""), f"'{words}' in the state")
        equal(forwarded(database), 0)
        daemon.stop()
        broker.stop()
        database.stop()
        database.forget()


suite.run()
