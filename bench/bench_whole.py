"""The whole job, reading to row at QoS 1, beside what people use today (bench/peers)."""

import os
import shutil
import statistics
import subprocess
import sys
import time

from bench_figures import ROOT, Row
from bench_scene import (LONG_S, cpu_s, house, last_taken_ns, made_database, newest_row, progress, scene,
                         server_of, wait_until_stored)
from harness import Amphorad, Skip, free_port, wait_until

PEERS = ROOT / "bench" / "peers"
STORES = ("full", "normal", "mariadb")
READINGS = {"ours": 200000, "python": 10000, "node-red": 20000}
READINGS_SLOW = 3000  # of a peer whose SQLite has a rollback journal
FACTORS = {"python": 12, "node-red": 4}  # that ours is to be faster by
CPU_BUDGET_S = 10

PEER_TABLE = """
    CREATE DATABASE peers CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
    CREATE USER peer@'%' IDENTIFIED BY '{password}';
    CREATE USER peer@localhost IDENTIFIED BY '{password}';
    GRANT ALL ON peers.* TO peer@'%';
    GRANT ALL ON peers.* TO peer@localhost;
    CREATE TABLE peers.peer_data (id BIGINT AUTO_INCREMENT PRIMARY KEY, ts DATETIME(3) NOT NULL,
        node VARCHAR(64) NOT NULL, soc DOUBLE NOT NULL, temp DOUBLE NOT NULL, measured BIGINT,
        KEY peer_data_node (node, ts))"""
SQLITE_TABLE = """
    CREATE TABLE peer_data (id INTEGER PRIMARY KEY AUTOINCREMENT, ts TEXT NOT NULL,
        node TEXT NOT NULL, soc REAL NOT NULL, temp REAL NOT NULL, measured INTEGER);
    CREATE INDEX peer_data_node ON peer_data (node, ts)"""
OUR_NEWEST = ("SELECT `row` FROM battery_data WHERE collector = 'bench' "
              "ORDER BY epoch DESC, `row` DESC LIMIT 1")
PEER_NEWEST = "SELECT MAX(id) FROM peer_data"


class Database:
    """A private MariaDB for all rounds; on a port as well, since Node-RED speaks to ports only."""

    def __init__(self, at):
        self.at = at
        self.port = free_port()
        self.maria = made_database(at, "--skip-networking=0", "--bind-address=127.0.0.1",
                                   f"--port={self.port}", "--max-connections=151")
        self.password = self.maria.password_file.read_text().strip()
        self.maria.sql(PEER_TABLE.format(password=self.password))

    def empty(self):
        self.maria.sql("TRUNCATE battery_data; TRUNCATE peers.peer_data")

    def newest(self, query, name):
        return int((self.maria.sql(f"USE {name}; {query}") or [["0"]])[0][0].replace("NULL", "0"))

    def await_rows(self, at, user, name, wanted, query):
        """Starts to watch for them; finish() says when they were there."""
        return at.start("bench_await", self.maria.socket, user, self.maria.password_file, name,
                        wanted, query)


# --- who does it ---------------------------------------------------------------


def start_ours(at, store, database):
    """Returns (process, path of the journal or None), with a first row stored."""
    config = house(at.broker.port, store if database is None else "full", None)
    if database:
        config["store"]["server"] = server_of(database.maria)
    daemon = Amphorad(at.env, config)
    wait_until_stored(at, daemon.store)
    if database:
        wait_until(lambda: database.newest(OUR_NEWEST, "amphora") > 0, "a first row at the server")
        wait_until(lambda: daemon.state()["store"]["server"]["unsent_rows"] == 0, "all of them")
        return daemon.process, None
    return daemon.process, daemon.store


def start_python(at, store, database):
    path = None
    if database:
        arguments = ["mariadb", database.maria.socket, database.maria.password_file]
    else:
        path = at.env.path("peer.db")
        pragmas = ["journal_mode=WAL", "synchronous=NORMAL"] if store == "normal" else []
        arguments = ["sqlite", path, *pragmas]
    process = at.env.start(python(), PEERS / "python_collector.py", at.broker.port, *arguments,
                           name="python_collector")
    process.wait_for("ready")
    return process, path


def start_node_red(at, store, database):
    home = node_red(at, needs_sqlite=database is None)
    path = None if database else at.env.path("peer.db")
    environment = dict(os.environ, PEER_MQTT_PORT=str(at.broker.port))
    if database:
        environment["PEER_DB_PORT"] = str(database.port)
        at.env.write("flow_cred.json", '{"peer-database": {"user": "peer", "password": "%s"}}'
                     % database.password)
    else:
        environment["PEER_DB_FILE"] = str(path)
        subprocess.run([sys.executable, "-c", "import sqlite3, sys;"
                        "sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])",
                        path, SQLITE_TABLE], check=True)
    flow = PEERS / "node-red" / f"flow-{'mariadb' if database else 'sqlite'}.json"
    shutil.copy(flow, at.env.path("flow.json"))
    (at.env.path("node_modules")).symlink_to(home / "node_modules")
    shutil.copy(PEERS / "node-red" / "package.json", at.env.path("package.json"))
    process = at.env.start("node", home / "node_modules" / "node-red" / "red.js", "--userDir",
                           at.env.dir, "--settings", PEERS / "node-red" / "settings.js",
                           "flow.json", name="node-red", environment=environment)
    process.wait_for("Started flows", LONG_S)
    at.broker.process.wait_for(": node-red 1 amphora/")
    time.sleep(1)  # its pool connects on its own
    return process, path


STARTS = {"ours": start_ours, "python": start_python, "node-red": start_node_red}


def python():
    """An interpreter that has what the collector imports: Debian's, where it is not ours."""
    for candidate in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run([candidate, "-c", "import paho.mqtt.client, pymysql"],
                              capture_output=True)
        if done.returncode == 0:
            return candidate
    raise Skip("python3-paho-mqtt or python3-pymysql is not installed: scripts/deps bench")


def node_red(at, needs_sqlite):
    """Where Node-RED was installed."""
    if not shutil.which("node"):
        raise Skip("Node.js is not installed: scripts/deps bench")
    home = ROOT / "build" / "peers" / "node-red"
    if not (home / "node_modules" / "node-red").exists():
        raise Skip("it is not installed: bench/peers/node-red/install (after scripts/deps bench)")
    module = home / "node_modules" / "sqlite3" / "build" / "Release" / "node_sqlite3.node"
    if needs_sqlite and not module.exists():
        raise Skip("its node for SQLite could not be built here")
    return home


# --- the job -------------------------------------------------------------------


def round_of(options, subject, store, database):
    """Returns (readings per second, CPU seconds per million)."""
    is_slow = subject != "ours" and store == "full"
    count = max(100, round((READINGS_SLOW if is_slow else READINGS[subject]) * options.scale))
    if database:
        database.empty()
    with scene(options.build) as at:
        process, path = STARTS[subject](at, store, database)
        table = "battery_data" if subject == "ours" else "peer_data"
        user, name, query = (("amphora", "amphora", OUR_NEWEST) if subject == "ours"
                             else ("peer", "peers", PEER_NEWEST))
        before = (database.newest(query, name) if database
                  else newest_row(path, table))
        cpu = cpu_s(process.pid)
        if database:
            watcher = database.await_rows(at, user, name, before + count, query)
        sent = at.finish(at.start("bench_ingest", at.broker.port, count, 1))
        if database:
            end_ns = at.finish(watcher)["end_ns"]
        else:
            end_ns = last_taken_ns(process, path, before + count, table)
        cpu = cpu_s(process.pid) - cpu
        return count / ((end_ns - sent["start_ns"]) / 1e9), cpu / count * 1e6


def rounds_of(options, store, database):
    """{subject: [round's figures]}; a peer that is not here is left out, with a word."""
    found = {}
    for turn in range(options.rounds):
        for subject in STARTS:
            if turn > 0 and subject not in found:
                continue
            if subject == "node-red" and store == "normal":
                continue  # its node has no such setting
            progress(f"whole.{store}: {subject}, round {turn + 1} of {options.rounds}")
            try:
                found.setdefault(subject, []).append(round_of(options, subject, store, database))
            except Skip as reason:
                if subject == "ours":
                    raise
                del found[subject]
                progress(f"whole.{store}: {subject} left out: {reason}")
    return found


def rows_of(store, found):
    rate = {who: statistics.median(result[0] for result in found[who]) for who in found}
    cpu = {who: statistics.median(result[1] for result in found[who]) for who in found}
    rows = []
    for peer in [who for who in found if who != "ours"]:
        least = FACTORS[peer]
        rows.append(Row(f"whole.{store}.rate.{peer}", "1/s", rate["ours"], rate[peer],
                        f">= {least} x {peer}", least * rate[peer], is_most=False))
        rows.append(Row(f"whole.{store}.cpu.{peer}", "s/M", cpu["ours"], cpu[peer]))
    return [Row(f"whole.{store}.rate", "1/s", rate["ours"], None),
            Row(f"whole.{store}.cpu", "s/M", cpu["ours"], None, f"<= {CPU_BUDGET_S} s",
                CPU_BUDGET_S), *rows]


def whole(options):
    rows = []
    with scene(options.build) as base:
        for store in STORES:
            database = Database(base) if store == "mariadb" else None
            rows += rows_of(store, rounds_of(options, store, database))
    return rows
