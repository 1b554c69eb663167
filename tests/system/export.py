"""`amphora export`: every row once, in bounded memory, beside live readings."""

import contextlib
import json
import os
import pathlib
import pty
import sqlite3
import subprocess
import time

from harness import Suite, equal, skip, sqlite_rows, wait_until
from programs import UnixConnection
from past import (FAILED, NOT_FOUND, USAGE, fed, filled, home, run, table,
                  trusting)

suite = Suite("export")


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
def pages_of_the_api_are_linked_until_the_end(env):
    daemon = filled(env, [(1792879200000 + i // 2, "b1", 50, i) for i in range(5)])
    connection = UnixConnection(daemon.socket)
    path, seen = "/api/v1/export?node=b1&limit=2", []
    while path:
        connection.request("GET", path)
        answer = connection.getresponse()
        equal(answer.status, 200, path)
        assert answer.getheader("Content-Type").startswith("text/csv"), path
        rows = table(answer.read().decode())
        assert len(rows) <= 2, f"{len(rows)} rows in a page of 2"
        seen += [int(row["sequence"]) for row in rows]
        link = answer.getheader("Link")
        path = link and link[1:link.index(">")]
    connection.close()
    equal(seen, [0, 1, 2, 3, 4])
    for wrong in ("limit=0", "limit=1001", "kind=alert", "from=yesterday", "to=x", "after=1",
                  "after=1,2x", "after=,"):
        equal(daemon.http("GET", f"/api/v1/export?{wrong}")[0], 400, wrong)
    equal(daemon.http("GET", "/api/v1/export?node=nobody")[0], 404)


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


def store_decisions(daemon, count):
    """One a second: charging wanted and refused for cold, and before that nothing seen."""
    wishes = json.dumps([{"decider": "threshold", "intent": "charge", "reason": "charge-below",
                          "value": 2000, "limit": 3000}])
    with contextlib.closing(sqlite3.connect(daemon.store)) as journal:
        journal.execute(
            "INSERT INTO decision (ts_ms, flags, id, battery, intent, winner, reason, value, "
            "limit_value, wanted, wishes, quality, age_ms, soc_pct, temp_c, temp_max_c) VALUES "
            "(1792879199000, 2, 1, 'b1', 'idle', 'safety', 'no-reading', 0, 0, 'idle', '[]', "
            "'missing', 0, 0, 0, 0)")
        journal.executemany(
            "INSERT INTO decision (ts_ms, flags, id, battery, intent, winner, reason, value, "
            "limit_value, wanted, wishes, quality, age_ms, soc_pct, temp_c, temp_max_c, flip, "
            "flip_limit) VALUES (?, 0, ?, ?, 'idle', 'safety', 'charge-cold', -2100, 5000, "
            "'charge', ?, 'good', 1500, 20, -2.1, 3.25, 'charge-cold-latched', 7000)",
            [(1792879200000 + i * 1000, i + 2, f"b{1 + i % 2}", wishes) for i in range(count)])
        journal.commit()


@suite.test
def decisions_are_exported_with_their_sentence_and_what_they_saw(env):
    daemon = home(env)
    daemon.stop()
    store_decisions(daemon, 2500)
    daemon.start()
    rows = table(run(daemon, "export", "--decisions", "--to", "2026-10-26T00:00:00Z")[0])
    equal(len(rows), 2501)
    equal([row["id"] for row in rows], [str(i + 1) for i in range(2501)], "each once, in order")
    equal(rows[0] | {"words": ""}, {
        "at": "2026-10-24T23:59:59.000+02:00", "battery": "b1", "id": "1", "intent": "idle",
        "wanted": "idle", "winner": "safety", "reason": "no-reading", "value": "0",
        "limit_value": "0", "words": "", "losers": "", "quality": "missing", "age_s": "",
        "soc_pct": "", "temp_c": "", "temp_max_c": "", "wall_trusted": "false"})
    equal(rows[2], {
        "at": "2026-10-25T00:00:01.000+02:00", "battery": "b2", "id": "3", "intent": "idle",
        "wanted": "charge", "winner": "safety", "reason": "charge-cold", "value": "-2100",
        "limit_value": "5000", "words": "Stopped because the battery is -2.1 °C; charging is allowed "
        "from 5.0 °C. It would charge again from 7.0 °C.", "losers": "threshold: charge, 20 % is below "
        "30 %, where charging begins", "quality": "good",
        "age_s": "1.5", "soc_pct": "20", "temp_c": "-2.1", "temp_max_c": "3.25",
        "wall_trusted": "true"})
    part = ("--from", "2026-10-24T22:00:01Z", "--to", "2026-10-24T22:00:05Z")
    equal([row["id"] for row in table(run(daemon, "export", "b2", "--decisions", *part)[0])],
          ["3", "5"], "of one battery, half-open")
    said = json.loads(run(daemon, "export", "--decisions", "--format", "json", *part)[0]
                      .splitlines()[0])
    equal((said["id"], said["value"], said["age_s"], said["wall_trusted"]),
          (3, -2100, 1.5, True), "types in JSON")
    run(daemon, "export", "--format", "sqlite", "--output", env.path("all.db"))
    equal(sqlite_rows(env.path("all.db"), "SELECT count(*), max(temp_c), min(limit_value) "
                      "FROM decision WHERE battery = 'b2'"), [(1250, -2.1, 5000)])
    run(daemon, "export", "--format", "sqlite", "--decisions", "--output", env.path("some.db"))
    equal(sqlite_rows(env.path("some.db"), "SELECT name FROM sqlite_master WHERE type = 'table'"),
          [("decision",)])
    _, error = run(daemon, "export", "--decisions", "--relays", code=USAGE)
    assert "either --relays, --decisions or --meters" in error, error
    run(daemon, "export", "nobody", "--decisions", code=NOT_FOUND)


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
        return feed.sent - before >= 3500

    wait_until(has_lasted, "live readings beside the export", timeout=120)
    assert reader.poll() is None, "the export was not held open"
    limit = 20 * 1024 * 1024  # it is folded back at 4,000 pages, which are 16 MB
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


suite.run()
