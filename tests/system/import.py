"""`amphora import`: what was exported comes back, each row once, and moves nothing."""

import contextlib
import json
import sqlite3
import subprocess

from harness import Mosquitto, Suite, equal, wait_until
from past import FAILED, NOT_FOUND, OK, USAGE, filled, home, run, second_home, trusting

suite = Suite("import")


# ---- import ----

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
    assert out.startswith(f"{len(readings) + 1} rows stored, 0 were there"), out
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
    assert out.startswith("0 rows stored, 1500 were there already"), out
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
    assert out.startswith("2 rows stored, 0 were there already, 5 lines not understood"), out
    for words in ("line 3, column soc_pct:", "line 4, column at:", "line 6:",
                  "line 7, column at:", "line 8:"):
        assert f"amphora: {words}" in error, f"{words} is not in {error}"
    equal(daemon.rows("battery_data", "soc_pct"), [(50.0,), (51.0,)])
    for text, words in (("", "line 1"), ("at,node,soc_pct\n", "temp_c"),
                        ("at,node,soc_pct,temp_c,colour\nx\n", "colour")):
        _, error = run(daemon, "import", "-", input=text, code=USAGE)
        assert words in error, error
    run(daemon, "import", env.path("nothing.csv"), code=NOT_FOUND)
    equal(daemon.rows("battery_data", "count(*)"), [(2,)])


@suite.test
def journal_that_is_nearly_full_takes_no_import(env):
    """Or the oldest rows would have to go for it: from 95 % of the most on, the alarm is at 90."""
    daemon = filled(env, [(1792879200000 + i, "b1", 50, i) for i in range(226000)], max_mb=16)
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
    second.await_live()
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
