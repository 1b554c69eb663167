"""Daemons with readings in their journal, for the tests of export and import."""

import contextlib
import csv
import io
import json
import sqlite3
import subprocess
import threading
import time

from harness import Amphorad, Mosquitto, equal, wait_until

OK, FAILED, USAGE, UNREACHABLE, DENIED, NOT_FOUND, REFUSED, NOT_CONFIRMED = range(8)
BATTERY = {"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}


def home(env, broker=None, zone="Europe/Rome", name="amphorad", max_mb=4000, **options):
    config = {"zone": zone, "batteries": [BATTERY], "store": {"max_mb": max_mb}}
    if broker:
        config["mqtt"] = {"host": "127.0.0.1", "port": broker.port}
    return Amphorad(env, config, name=name, **options)


def store(daemon, readings):
    """Puts readings (time in ms, node, SoC, sequence) into the stopped daemon's journal."""
    with contextlib.closing(sqlite3.connect(daemon.store)) as journal:
        journal.executemany(
            "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, power_w, cells_mv, "
            "measured_ms, sequence, quality, flags) VALUES (?1, ?2, ?3, 21.5, -166.4, "
            "'3301,3302', ?1 - 120, ?4, 4, 0)", readings)
        journal.commit()


def filled(env, readings, **options):
    """A daemon with these readings in its journal."""
    daemon = home(env, **options)
    daemon.stop()
    store(daemon, readings)
    daemon.start()
    return daemon


def run(daemon, *arguments, code=OK, **options):
    """Runs `amphora ARGUMENTS`, which must end with `code`; returns its output and messages."""
    actual, out, error = daemon.cli(*arguments, **options)
    assert actual == code, f"amphora {arguments}: exit {actual}, expected {code}: {error}{out}"
    return out, error


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def trusting(daemon):
    """The daemon, as soon as it trusts its clock: before, no import is taken."""
    wait_until(lambda: daemon.state()["wall_trusted"], "a trusted clock")
    return daemon


def second_home(env, broker=None):
    """A daemon of its own with an empty journal."""
    return trusting(home(env, broker, name="second"))


class Feed:
    """Publishes a reading every few ms until it is stopped; `sent` counts them."""

    def __init__(self, broker, pause_s=0.01):
        self.publisher = subprocess.Popen(
            ["mosquitto_pub", "-p", str(broker.port), "-q", "1", "-l", "-t", "amphora/b1/battery"],
            stdin=subprocess.PIPE, text=True)
        self.sent, self.pause_s, self.is_on = 0, pause_s, True
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while self.is_on:
            self.publisher.stdin.write(
                json.dumps({"node": "b1", "SoC": 50 + self.sent % 9, "Temp": 25,
                            "seq": self.sent, "interval": 1}) + "\n")
            self.publisher.stdin.flush()
            self.sent += 1
            time.sleep(self.pause_s)

    def stop(self):
        self.is_on = False
        self.thread.join()
        self.publisher.stdin.close()
        equal(self.publisher.wait(), 0, "the publisher's exit code")


def fed(env, readings):
    """A daemon with these readings, and a feed of live ones."""
    broker = Mosquitto(env)
    daemon = filled(env, readings, broker=broker)
    wait_until(lambda: daemon.state()["broker"]["connected"], "the broker's connection")
    feed = Feed(broker)
    env.at_end(lambda: feed.is_on and feed.stop())
    return daemon, feed
