"""A daemon with a real MariaDB: the tables made, both stores compared, what is between them."""

import socket
import threading

from harness import MariaDb, equal, sqlite_rows, wait_until

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
METERS = PLAIN + same("meter", "power_w", "power_min_w", "power_max_w", "power_last_w", "count",
                      "known_s", "imported_wh", "exported_wh")

# By the journal's table: the server's, and its columns.
TABLES = {
    "battery_data": ("battery_data", READINGS),
    "rele_data": ("rele_data", RELAYS),
    "decision": ("decision_data", DECISIONS),
    "alert": ("alert_data", ALERTS),
    "setting_log": ("parameter_data", PARAMETERS),
    "meter_data": ("meter_data", METERS),
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


def migrate(env, database, *arguments, verb="migrate"):
    return env.run("amphora", "db", verb, "--db-socket", database.socket,
                   "--database", "amphora", "--user", "admin",
                   "--password-file", database.admin_password_file, *arguments)


def ready_database(env, **options):
    """A server with the tables made and the daemon's user granted what it needs."""
    database = MariaDb(env, **options)
    equal(migrate(env, database, "--grant-to", "amphora")[0], 0, "db migrate")
    return database


def await_subscription(broker):
    """The daemon answers before it has subscribed, and what comes earlier reaches nobody."""
    wait_until(lambda: " 1 amphora/+/battery" in broker.process.said(), "a subscription")


def publish(broker, count, first=0):
    """Publishes so many readings of b1, no two alike, once somebody wants them."""
    await_subscription(broker)
    lines = [f'{{"node":"b1","SoC":{50 + index % 7 / 10},"Temp":{20 + index % 5000 / 1000},"seq":{index}}}'
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
    equal(forwarded(database, "dead_letter"), 0, "rows that were refused, as those sent twice are")


def server_state(daemon):
    """How the daemon says that forwarding stands."""
    return daemon.state()["store"]["server"]


class Middle:
    """Stands between daemon and server on a Unix socket; what passes goes through `pass_on`."""

    def __init__(self, env, database):
        self.path = env.path("middle.sock")
        self.target = str(database.socket)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen()
        env.at_end(self.listener.close)
        threading.Thread(target=self.serve, daemon=True).start()

    def pass_on(self, data, is_from_daemon, connection):
        """What goes on instead of `data`; None ends the connection both ways."""
        return data

    def serve(self):
        connection = 0
        while True:
            try:
                client = self.listener.accept()[0]
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.target)
            except OSError:
                return
            connection += 1
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.copy, daemon=True,
                                 args=(source, sink, source is client, connection)).start()

    def copy(self, source, sink, is_from_daemon, connection):
        try:
            while data := source.recv(65536):
                data = self.pass_on(data, is_from_daemon, connection)
                if data is None:
                    source.shutdown(socket.SHUT_RDWR)
                    break
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
