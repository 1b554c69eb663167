"""`amphora export` and `import`: every row once, in bounded memory, and back again."""

import contextlib
import csv
import io
import json
import os
import pathlib
import pty
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import (Amphorad, Mosquitto, Suite, equal, skip, sqlite_rows, wait_until)  # noqa: E402

OK, FAILED, USAGE, UNREACHABLE, DENIED, NOT_FOUND, REFUSED, NOT_CONFIRMED = range(8)
BATTERY = {"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}

suite = Suite("export")


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


# ---- export ----

@suite.test
def days_of_23_and_25_hours_have_each_row_once_told_apart_by_offset(env):
    """Case of the hour that comes twice: one UTC offset, today's, was taken for all rows."""
    spring, autumn = 1774738800000, 1792879200000  # midnight in Rome, 2026-03-29 and 2026-10-25
    quarter = 15 * 60 * 1000
    readings = [(begin + i * quarter, "b1", 50, i) for begin, hours in ((spring, 23), (autumn, 25))
                for i in range(hours * 4)]
    daemon = filled(env, readings)
    for zone in (None, "America/Los_Angeles"):
        environment = dict(os.environ, TZ=zone) if zone else None
        rows = table(run(daemon, "export", environment=environment)[0])
        times = [row["at"] for row in rows]
        equal(len(set(times)), 48 * 4, "times")
        for day, hours, first, last in (("2026-03-29", 23, "+01:00", "+02:00"),
                                        ("2026-10-25", 25, "+02:00", "+01:00")):
            of_day = [at for at in times if at.startswith(day)]
            equal(len(of_day), hours * 4, f"rows of {day}")
            assert of_day[0] == f"{day}T00:00:00.000{first}", of_day[0]
            assert of_day[-1] == f"{day}T23:45:00.000{last}", of_day[-1]
        twice = [at for at in times if at.startswith("2026-10-25T02:30")]
        equal(twice, ["2026-10-25T02:30:00.000+02:00", "2026-10-25T02:30:00.000+01:00"])
        assert not [at for at in times if at.startswith("2026-03-29T02")], times
        shown, _ = run(daemon, "history", "b1", "--level", "raw",
                       "--from", "2026-10-25T00:00:00+02:00",
                       "--to", "2026-10-26T00:00:00+01:00", environment=environment)
        equal(len([line for line in shown.splitlines() if line.startswith("2026-10-25")]), 100)
        assert "02:30:00 +02:00" in shown and "02:30:00 +01:00" in shown, shown
        assert "2026-10-25 00:00:00 " in shown and "2026-10-25 23:45:00 " in shown, shown


@suite.test
def each_format_holds_the_same_rows(env):
    daemon = filled(env, [(1792879200000 + i * 1000, "b1", i / 100, i) for i in range(4500)])
    rows = table(run(daemon, "export")[0])
    equal(len(rows), 4500)
    lines = run(daemon, "export", "--format", "json")[0].splitlines()
    objects = [json.loads(line) for line in lines]
    equal(len(objects), 4500)
    equal(objects[1], {
        "at": "2026-10-25T00:00:01.000+02:00", "node": "b1", "soc_pct": 0.01, "temp_c": 21.5,
        "temp_max_c": None, "voltage_v": None, "current_a": None, "power_w": -166.4,
        "soh_pct": None, "interval_s": None, "cells_mv": [3301, 3302],
        "measured": "2026-10-25T00:00:00.880+02:00", "sequence": 1, "quality": "good",
        "wall_trusted": True})
    run(daemon, "export", "--format", "sqlite", "--output", env.path("all.db"))
    stored = sqlite_rows(env.path("all.db"), "SELECT ts_ms, at, node, soc_pct, power_w, cells_mv, "
                         "sequence, wall_trusted FROM battery_data ORDER BY sequence")
    equal(len(stored), 4500)
    equal(stored[1], (1792879201000, "2026-10-25T00:00:01.000+02:00", "b1", 0.01, -166.4,
                      "3301,3302", 1, 1))
    equal(sqlite_rows(env.path("all.db"), "SELECT count(*) FROM rele_data"), [(0,)])
    for row, thing in zip(rows, objects):
        equal((row["at"], float(row["soc_pct"]), int(row["sequence"])),
              (thing["at"], thing["soc_pct"], thing["sequence"]))


@suite.test
def states_of_relays_are_exported_with_the_names_of_history(env):
    daemon = home(env)
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.store)) as journal:
        journal.executemany(
            "INSERT INTO rele_data (ts_ms, flags, relay, battery, role, state, phase, wished, "
            "lease_s, switches, n, boot, power_w) VALUES "
            "(?, 0, ?, 'b1', 'source', ?, 'confirmed', 'on', 89.5, 12, 4294967303, -1, 1500.5)",
            [(1792879200000 + i * 1000, f"r{i % 2}", "on" if i % 3 else "off")
             for i in range(2500)])
        journal.commit()
    daemon.start()
    rows = table(run(daemon, "export", "--relays")[0])
    equal(len(rows), 2500)
    equal(rows[1], {
        "at": "2026-10-25T00:00:01.000+02:00", "relay": "r1", "battery": "b1", "role": "source",
        "state": "on", "phase": "confirmed", "wished": "on", "lease_left_s": "89.5",
        "switches": "12", "n": "4294967303", "boot": "18446744073709551615", "power_w": "1500.5",
        "wall_trusted": "true"})
    of_one = run(daemon, "export", "r1", "--relays", "--format", "json")[0].splitlines()
    equal(len(of_one), 1250)
    equal(json.loads(of_one[0])["state"], True)
    run(daemon, "export", "--format", "sqlite", "--output", env.path("all.db"))
    equal(sqlite_rows(env.path("all.db"), "SELECT count(*), sum(n), min(boot) FROM rele_data "
                      "WHERE state = 'on'"), [(1666, 1666 * 4294967303, -1)])
    _, error = run(trusting(daemon), "import", "-", input=run(daemon, "export", "--relays")[0],
                   code=USAGE)
    assert 'column "relay": there is no such column' in error, error


@suite.test
def progress_is_told_on_a_terminal_only(env):
    daemon = filled(env, [(1792879200000 + i * 1000, "b1", 50, i) for i in range(2500)])
    own, terminal = pty.openpty()
    subprocess.run([str(env.program("amphora")), "--socket", str(daemon.socket), "export",
                    "--output", str(env.path("all.csv"))], stderr=terminal, check=True)
    os.close(terminal)
    said = os.read(own, 65536).decode()
    assert said.endswith("2500 rows, up to 2026-10-25T00:41\r\n"), said
    equal(run(daemon, "export", "--output", env.path("again.csv")), ("", ""))


@suite.test
def files_appear_when_complete_and_are_never_overwritten(env):
    daemon = filled(env, [(1792879200000, "b1", 50, 1)])
    for form in ("csv", "json", "sqlite"):
        path = env.path(f"kept.{form}")
        run(daemon, "export", "--format", form, "--output", path)
        content = path.read_bytes()
        _, error = run(daemon, "export", "--format", form, "--output", path, code=FAILED)
        assert "there already" in error, error
        assert path.read_bytes() == content
        _, error = run(daemon, "export", "nobody", "--format", form,
                       "--output", env.path(f"none.{form}"), code=NOT_FOUND)
        assert not env.path(f"none.{form}").exists()
        assert not env.path(f"none.{form}.part").exists()
    run(daemon, "export", "--format", "sqlite", code=USAGE)
    run(daemon, "export", "--format", "xml", code=USAGE)
    run(daemon, "export", "--from", "tomorrow", code=USAGE)


def needs_plain_memory(env):
    if b"__asan_init" in env.program("amphorad").read_bytes():
        skip("a sanitizer keeps what was freed")


def memory_kb(pid, name="Private_Dirty"):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def peak_kb(daemon, *arguments):
    """Runs `amphora ARGUMENTS` with its output thrown away; returns the most memory it had."""
    process = subprocess.Popen(
        [str(daemon.env.program("amphora")), "--socket", str(daemon.socket), *arguments],
        stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    equal(process.returncode, 0, "exit code")
    return usage.ru_maxrss


@suite.test
def memory_does_not_grow_with_the_number_of_rows(env):
    needs_plain_memory(env)
    few, many = 4000, 120000
    daemon = filled(env, [(1792879200000 + i * 10000, f"b{i % 3}", 50, i) for i in range(many)])
    end = f"{1792879200000 + few * 10000}"
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(end) / 1000))
    run(daemon, "export", "--to", moment)
    before = memory_kb(daemon.process.pid)
    small = peak_kb(daemon, "export", "--to", moment)
    large = peak_kb(daemon, "export")
    assert large < small + 1024, f"amphora took {large} kB for many rows, {small} kB for few"
    # Each of its workers keeps some memory for the next page; 12 MB went through them.
    first = memory_kb(daemon.process.pid)
    assert first < before + 3072, f"amphorad took {first} kB after many rows, {before} kB before"
    peak_kb(daemon, "export")
    second = memory_kb(daemon.process.pid)
    assert second < first + 1024, f"amphorad took {second} kB the second time, {first} the first"


# ---- long reads beside live readings ----

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


@suite.test
def an_export_that_is_held_open_does_not_pin_the_log(env):
    """Case N3: a reader that takes its time, beside readings that come all the while."""
    daemon, feed = fed(env, [(1792879200000 + i * 1000, "b1", 50, i) for i in range(40000)])
    log = pathlib.Path(f"{daemon.store}-wal")
    reader = subprocess.Popen([str(env.program("amphora")), "--socket", str(daemon.socket),
                               "export"], stdout=subprocess.PIPE)
    begun = len(reader.stdout.read(1000))  # and then nobody reads on
    largest, before = 0, feed.sent

    def has_lasted():
        nonlocal largest
        largest = max(largest, log.stat().st_size)
        return feed.sent - before >= 1500

    wait_until(has_lasted, "live readings beside the export", timeout=120)
    assert reader.poll() is None, "the export was not held open"
    limit = 10 * 1024 * 1024
    assert largest < limit, f"the write-ahead log grew to {largest} bytes"
    equal(daemon.http("GET", "/api/v1/series?node=b1")[0], 200, "another read meanwhile")
    feed.stop()
    rest = reader.stdout.read().count(b"\r\n")
    equal(reader.wait(), 0, "the export's exit code")
    assert begun == 1000 and rest > 40000 - 20, f"{rest} rows came in the end"
    wait_until(lambda: daemon.rows("battery_data", "count(*)")[0][0] == 40000 + feed.sent,
               "all live readings")


@suite.test
def many_history_requests_leave_no_file_open_and_no_memory_taken(env):
    """Case N4, a tenth of it: 1,000 requests while readings come in."""
    needs_plain_memory(env)
    daemon, feed = fed(env, [(int(time.time() * 1000) - 3600000 + i * 1000, "b1", 50, i)
                             for i in range(3000)])

    def ask(times):
        for _ in range(times):
            equal(daemon.http("GET", "/api/v1/series?node=b1&limit=500")[0], 200, "history")

    def resources():
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd")), memory_kb(daemon.process.pid)

    ask(300)  # each worker has its memory then
    files, memory = resources()
    ask(1000)
    wait_until(lambda: abs(resources()[0] - files) <= 2, "open files as before")
    grown = resources()[1] - memory
    assert abs(grown) <= 1024, f"1000 requests took {grown} kB"
    feed.stop()


# ---- import ----

def trusting(daemon):
    """The daemon, as soon as it trusts its clock: before, no import is taken."""
    wait_until(lambda: daemon.state()["wall_trusted"], "a trusted clock")
    return daemon


def second_home(env, broker=None):
    """A daemon of its own with an empty journal."""
    return trusting(home(env, broker, name="second"))


@suite.test
def what_was_exported_comes_back_byte_for_byte(env):
    """Also rows of one ms, late ones, several nodes, an early clock, and a line in quotes."""
    start = 1792879200000
    readings = [(start + i * 10000, f"b{i % 3}", i / 40, i) for i in range(3000)]
    readings += [(start + 500, "b1", 50, None)] * 3 + [(start + 500, "b2", 50, None)] * 2
    readings += [(start - 10000, "b1", 50, 1), (start + 500, "b1", 50, 7)]
    daemon = filled(env, readings)
    with contextlib.closing(sqlite3.connect(daemon.store)) as journal:
        journal.execute("INSERT INTO battery_data (ts_ms, mono_ms, node, soc_pct, temp_c, "
                        "temp_max_c, voltage_v, soh_pct, interval_s, quality, flags) VALUES "
                        "(90000, 1, 'b1', 0.30000000000000004, -20, 1e-7, 51.2, 99, 10, 3, 2)")
        journal.commit()
    first, again = env.path("first.csv"), env.path("again.csv")
    run(daemon, "export", "--output", first)
    equal(first.read_bytes().count(b"\r\n"), len(readings) + 2, "lines")
    second = second_home(env)
    out, _ = run(second, "import", first)
    assert out.startswith(f"{len(readings) + 1} readings stored, 0 were there"), out
    run(second, "export", "--output", again)
    assert again.read_bytes() == first.read_bytes(), "what was imported is exported otherwise"
    equal({flags & 1 for flags, in second.rows("battery_data", "flags")}, {1}, "passive")
    equal(second.rows("battery_data", "count(message_id)"), [(0,)])


@suite.test
def importing_twice_changes_nothing(env):
    daemon = filled(env, [(1792879200000 + i * 1000, "b1", 50, None) for i in range(1500)])
    path = env.path("all.csv")
    run(daemon, "export", "--output", path)
    out, _ = run(trusting(daemon), "import", path)
    assert out.startswith("0 readings stored, 1500 were there already"), out
    second = second_home(env)
    run(second, "import", path)
    rows = second.rows("battery_data")
    counts = json.loads(run(second, "import", path, "--json")[0])
    equal(counts, {"stored": 0, "known": 1500, "bad": 0})
    equal(second.rows("battery_data"), rows)
    equal(second.state()["store"]["journal"]["rows"], 1500)


@suite.test
def bad_lines_are_named_and_the_others_taken(env):
    daemon = home(env)
    _, error = run(daemon, "import", "-", input="at,node,soc_pct,temp_c\n", code=FAILED)
    assert "clock is not trusted" in error, error
    trusting(daemon)
    text = ("at,node,soc_pct,temp_c,quality\r\n"
            "2026-01-01T00:00:00Z,b1,50,20,good\r\n"
            "2026-01-01T00:00:10Z,b1,101,20,good\r\n"
            "2026-01-01T00:00:20,b1,50,20,good\r\n"
            "\r\n"
            "2026-01-01T00:00:30Z,b1,50,20,\"go\"od\r\n"
            "2999-01-01T00:00:00Z,b1,50,20,good\r\n"
            "2026-01-01T00:00:40Z,b1,50,20\r\n"
            "2026-01-01T00:00:50Z,b1,51,20,\r\n")
    out, error = run(daemon, "import", "-", input=text, code=FAILED)
    assert out.startswith("2 readings stored, 0 were there already, 5 lines not understood"), out
    for words in ("line 3, column soc_pct:", "line 4, column at:", "line 6:",
                  "line 7, column at:", "line 8:"):
        assert f"amphora: {words}" in error, f"{words} is not in {error}"
    equal(daemon.rows("battery_data", "soc_pct"), [(50.0,), (51.0,)])
    for text, words in (("", "line 1"), ("at,node,soc_pct\n", "temp_c"),
                        ("at,node,soc_pct,temp_c,colour\nx\n", "colour")):
        _, error = run(daemon, "import", "-", input=text, code=USAGE)
        assert words in error, error
    run(daemon, "import", env.path("nothing.csv"), code=FAILED)
    equal(daemon.rows("battery_data", "count(*)"), [(2,)])


@suite.test
def journal_that_is_nearly_full_takes_no_import(env):
    """Or the oldest rows would have to go for it: from 95 % of the most on, the alarm is at 90."""
    daemon = filled(env, [(1792879200000 + i, "b1", 50, i) for i in range(161000)], max_mb=16)
    wait_until(lambda: "store-nearly-full" in daemon.alerts(), "the alarm")
    line = "at,node,soc_pct,temp_c\n2026-01-01T00:00:00Z,b1,50,20\n"
    _, error = run(trusting(daemon), "import", "-", input=line, code=FAILED)
    assert "nearly full; raise store.max_mb" in error, error
    equal(daemon.rows("battery_data", "count(*)", "ts_ms < 1792879200000"), [(0,)])


@suite.test
def import_that_is_killed_is_taken_up_by_importing_again(env):
    daemon = filled(env, [(1792879200000 + i * 1000, "b1", 50, i) for i in range(30000)])
    path = env.path("all.csv")
    run(daemon, "export", "--output", path)
    second = second_home(env)
    process = subprocess.Popen([str(env.program("amphora")), "--socket", str(second.socket),
                                "import", str(path)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    wait_until(lambda: second.rows("battery_data", "count(*)")[0][0] > 2000, "some rows")
    second.kill()
    process.wait()
    assert process.returncode != 0, "an import that ended early ended well"
    second.start()
    trusting(second)
    stored = second.rows("battery_data", "count(*)")[0][0]
    assert stored < 30000, "the kill came too late"
    counts = json.loads(run(second, "import", path, "--json")[0])
    equal(counts["stored"], 30000 - stored)
    run(second, "export", "--output", env.path("again.csv"))
    assert env.path("again.csv").read_bytes() == path.read_bytes(), "rows are missing or doubled"


@suite.test
def import_beside_live_readings_loses_none_and_moves_no_decision(env):
    broker = Mosquitto(env)
    daemon = filled(env, [(1792879200000 + i * 1000, "b1", 50, i) for i in range(20000)])
    path = env.path("all.csv")
    run(daemon, "export", "--output", path)
    second = second_home(env, broker)
    wait_until(lambda: second.state()["broker"]["connected"], "the broker's connection")
    wait_until(lambda: not second.state()["broker"]["marker_awaited"], "the marker")
    sent = 0
    process = subprocess.Popen([str(env.program("amphora")), "--socket", str(second.socket),
                                "import", str(path)], stdout=subprocess.DEVNULL)
    while process.poll() is None:
        broker.publish("amphora/b1/battery", {"node": "b1", "SoC": 77, "Temp": 25, "seq": sent})
        sent += 1
    equal(process.returncode, OK)
    wait_until(lambda: second.rows("battery_data", "count(*)", "soc_pct = 77")[0][0] == sent,
               "the live readings")
    equal(second.rows("battery_data", "count(*)", "soc_pct = 50"), [(20000,)])
    battery = second.state()["batteries"][0]
    equal(battery["soc_pct"], 77, "what control sees")
    equal(second.rows("decision", "count(*)", "soc_pct = 50"), [(0,)])


suite.run()
