"""A backlog on its way to a database server that is back."""

import contextlib
import sqlite3
import statistics
import time

from bench_figures import Row
from bench_scene import LONG_S, house, made_database, progress, scene, server_of
from harness import Amphorad, wait_until

DRAIN_READINGS = 1000000
DRAIN_BATCH = 4000  # rows in a transaction of the bare program, as SERVER_BATCH_ROWS
LOOK_S = 0.05  # each look at the state costs the daemon something


class Drain:
    """A private MariaDB with the tables made, and a journal that it has nothing of."""

    def __init__(self, at, count):
        self.at, self.count = at, count
        self.database = made_database(at)

    def empty(self):
        self.database.sql("TRUNCATE battery_data")

    def bare(self):
        self.empty()
        output = self.at.finish(self.at.start("bare_drain", self.database.socket,
                                              self.database.password_file, self.count,
                                              DRAIN_BATCH))
        return self.count / output["seconds"]

    def ours(self):
        """From the first rows at the server to the last: connecting is not part of it."""
        self.empty()
        daemon = self.at.start_ours("full")
        daemon.stop()
        fill_journal(daemon.store, self.count)
        config = house(self.at.broker.port, "full", None)
        config["store"]["server"] = server_of(self.database)
        daemon = Amphorad(self.at.env, config)
        begun = wait_until(lambda: drained(daemon, self.count), "the first rows", LONG_S, LOOK_S)
        ended = wait_until(lambda: drained(daemon, 1), "the last row", LONG_S, LOOK_S)
        daemon.stop()
        return (begun[1] - ended[1]) / (ended[0] - begun[0])


def fill_journal(path, count):
    """Readings as `amphorad` stores them, a second apart, without going through a broker."""
    with contextlib.closing(sqlite3.connect(path)) as journal, journal:
        journal.execute("DELETE FROM reading")
        journal.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO battery_data (row, ts_ms, node, soc_pct, temp_c, quality, flags) "
            "SELECT i, ? + 1000 * i, 'b' || (i % 32), 40 + i % 100 / 10.0, 20.5, 4, 0 "
            "FROM n", [count, int(time.time() - count) * 1000])


def drained(daemon, below):
    """(when, how many are left) once fewer than `below` are; else nothing."""
    server = daemon.state()["store"]["server"]
    left = server["unsent_rows"]
    return (time.monotonic(), left) if server["connected"] and left < below else None


def drain(options):
    """A backlog to a database server that is back."""
    found = {"bare": [], "ours": []}
    count = round(DRAIN_READINGS * options.scale)
    for turn in range(options.rounds):
        with scene(options.build) as at:
            made = Drain(at, count)
            for subject in found:
                progress(f"drain: {subject}, round {turn + 1} of {options.rounds}")
                found[subject].append(getattr(made, subject)())
    ours, bare = (statistics.median(found[who]) for who in ("ours", "bare"))
    return [Row("drain.rate", "1/s", ours, bare, ">= 100,000", 100000, is_most=False)]
