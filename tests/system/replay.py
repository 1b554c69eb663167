"""The journal is enough: what the daemon decided through faults, kills and a stuck disk is made
again from it, and is the same."""

import contextlib
import json
import sqlite3
import time

from harness import Amphorad, Mosquitto, Suite, equal, unwritable, wait_until
from scene import Scene
from suite import IS_UNDER_CHECKER

suite = Suite("replay")

MINUTE_MS = 60 * 1000
DAY_MS = 24 * 60 * MINUTE_MS


def replay(scene, *arguments):
    """The exit code of `amphora replay`, its last line, and what it said besides."""
    code, out, error = scene.daemon.cli("replay", "--journal", scene.daemon.store, *arguments)
    return code, out.strip().splitlines()[-1] if out.strip() else "", error


def what_if(scene, change, *arguments, code=0):
    """What `amphora replay --set` says, as JSON; where it must fail, its words."""
    actual, out, error = scene.daemon.cli("replay", "--journal", scene.daemon.store, "--json",
                                          "--set", change, *arguments)
    equal(actual, code, f"its exit code ({error})")
    return json.loads(out) if code == 0 else error


def decisions(scene):
    return scene.daemon.rows("decision", "count(*)")[0][0]


def is_identical(scene, least, *arguments):
    """All decisions that the journal holds, at least so many, are made again just so."""
    code, line, error = replay(scene, *arguments)
    count = decisions(scene)
    equal(line, f"{count} decisions, {count} identical", f"what replay prints ({error})")
    equal(code, 0, f"its exit code ({error})")
    assert count >= least, f"only {count} decisions: too few to show anything"


@suite.test
def every_decision_of_a_run_full_of_faults_is_made_again(env):
    scene = Scene(env, dwell_s=10)
    for fault in ("sensor-silent", "battery-hot"):
        scene.await_charging()
        scene.break_it(fault)
        scene.await_open()
        scene.break_it("clear")
    scene.await_charging()
    scene.break_it("relay-stuck")
    scene.await_alert("relay-mismatch")
    scene.break_it("clear")
    equal(scene.daemon.cli("set", "charge_below_pct", "41")[0], 0, "setting a parameter")
    equal(scene.daemon.cli("relay", "set", "r1", "off", "--for", "5m")[0], 0, "an override")
    scene.await_open()
    scene.daemon.stop()
    is_identical(scene, 10)


@suite.test
def decisions_before_and_after_a_kill_are_made_again(env):
    scene = Scene(env, dwell_s=10)
    scene.await_charging()
    scene.break_it("sensor-silent")
    scene.await_open()
    wait_until(lambda: decisions(scene) >= 2, "decisions in the journal")
    scene.daemon.kill()
    scene.daemon.restart()
    scene.break_it("clear")
    scene.await_charging()
    scene.daemon.stop()
    is_identical(scene, 4)
    other_settings_show_what_they_would_have_done(env, scene)


def other_settings_show_what_they_would_have_done(env, scene):
    """Beside the record, over a kill: the same settings do the same, others what they would."""
    same = what_if(scene, "charge_until_pct=55")
    equal((same["otherwise"], same["stretches"]), (0, []), "where the same settings decide otherwise")
    battery, = same["batteries"]
    was, would = battery["was"], battery["would"]
    equal(would["closings"], was["closings"], "how often relays closed")
    assert abs(would["charged_wh"] - was["charged_wh"]) < 0.05 * was["charged_wh"] + 5, battery
    assert abs(would["soc_end_pct"] - was["soc_end_pct"]) < 0.5, battery
    watched = what_if(scene, "b1.logic=monitor")
    battery, = watched["batteries"]
    assert watched["otherwise"] >= 1, watched
    equal({(one["was"], one["would"]) for one in watched["stretches"]}, {("charge", "idle")},
          "what would have been done")
    equal(battery["would"]["closings"], 0, "closings where it only watches")
    assert battery["would"]["soc_end_pct"] < battery["was"]["soc_end_pct"], battery
    assert "prices: none were recorded" in watched["cost"]["needs"], watched["cost"]
    priced = what_if(scene, "b1.logic=monitor", "--config", env.write(
        "prices.yaml", "prices:\n  import: 0.30\n  export: 0.30\n  currency: EUR\n"))["cost"]
    # At one price for both ways the cost is that of the energy alone, in the minutes whose meters
    # the kill left.
    more = 0.3 * (battery["was"]["charged_wh"] - battery["would"]["charged_wh"]) / 1000
    saved = priced["was"] - priced["would"]
    assert 0 < saved < 1.1 * more + 0.005, (saved, more, priced)
    equal((priced["minutes_by_file"], priced["minutes_assumed"]), (priced["minutes_known"], 0), "by the file's prices")
    assert priced["minutes_known"] < priced["minutes"] or saved > 0.9 * more - 0.005, (more, priced)
    for change, code, words in (("nix=3", 2, "nix is no setting"), ("reserve", 2, "NAME=VALUE"),
                                ("reserve=200", 2, "0 to 95 %"), ("b9.reserve=30", 6, "no battery b9"),
                                ("charge_until_pct=20", 6, "must be below charge_until_pct")):
        assert words in what_if(scene, change, code=code), change
    is_identical(scene, 4)


@suite.test
def what_nothing_came_of_gathers_and_a_kill_takes_no_decision_with_it(env):
    """A page less for each reading; what came of it is never in the journal without it."""
    broker = Mosquitto(env)
    daemon = Amphorad(env, {"mqtt": {"host": "127.0.0.1", "port": broker.port},
                            "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10,
                                           "power_kw": 3}]})
    daemon.await_live()

    def send(numbers):
        for number in numbers:
            broker.publish_lines("amphora/b1/battery", [
                f'{{"node":"b1","SoC":{50 + number / 100},"Temp":22,"seq":{number}}}'])
            wait_until(lambda: daemon.rows("battery_data", "max(sequence)")[0][0] == number,
                       f"reading {number}")

    send(range(1, 6))
    wait_until(lambda: daemon.rows("decision", "count(*)")[0][0] >= 2, "the first decisions")
    time.sleep(0.5)  # for what else comes of a start
    before = daemon.rows("trace", "count(*)")[0][0]
    send(range(6, 16))
    equal(daemon.rows("trace", "count(*)")[0][0], before, "rows while nothing came of it")
    made = daemon.rows("decision", "count(*)")[0][0]
    equal(daemon.cli("set", "b1.charge_below_pct", "60")[0], 0, "setting a parameter")
    wait_until(lambda: daemon.rows("decision", "count(*)")[0][0] > made, "a decision")
    entries = daemon.rows("trace", "sum(entries)", f"row > {before}", "1")[0][0]
    assert entries >= 10, f"only {entries} entries beside the decision that came of them"
    send(range(16, 19))
    daemon.kill()
    code, out, error = daemon.cli("replay", "--journal", daemon.store)
    count = daemon.rows("decision", "count(*)")[0][0]
    equal((code, out.strip().splitlines()[-1]), (0, f"{count} decisions, {count} identical"), error)


@suite.test
def after_a_stuck_disk_the_trace_has_a_gap_and_goes_on(env):
    scene = Scene(env, dwell_s=10)
    scene.await_charging()
    with unwritable(scene.daemon.store):
        scene.await_alert("store-failed")
        # More than what waits in memory can hold, so that some of it is given up.
        said = '{"node":"b1","SoC":%.1f,"Temp":22}' % scene.truth()["soc_pct"]
        def has_gap():
            scene.broker.publish_lines("amphora/b1/battery", [said] * 5000)
            return scene.daemon.state()["store"]["journal"]["trace_gaps"] > 0
        wait_until(has_gap, "a gap", 60)
    scene.await_end_of("store-failed")
    scene.break_it("sensor-silent")
    scene.await_open()
    scene.break_it("clear")
    scene.await_charging()
    scene.daemon.stop()
    code, line, error = replay(scene)
    assert "gap" in error, f"nothing is said of the gap: {line} {error}"


@suite.test
def the_copy_of_the_state_that_is_made_at_midnight_is_what_replay_reaches(env):
    midnight_ms = (int(time.time() * 1000) // DAY_MS + 1) * DAY_MS
    before = 60 if IS_UNDER_CHECKER else 5  # the daemon has to start before midnight
    scene = Scene(env, dwell_s=10, shown_ms=midnight_ms - before * MINUTE_MS)
    scene.await_charging()
    wait_until(lambda: scene.daemon.rows("trace", "count(*)", "begins = 2")[0][0] > 0,
               "the copy in the journal")
    scene.break_it("sensor-silent")
    scene.await_open()
    scene.daemon.stop()
    is_identical(scene, 3)


@suite.test
def a_decision_that_was_altered_afterwards_is_found(env):
    scene = Scene(env, dwell_s=10)
    scene.await_charging()
    scene.daemon.stop()
    with contextlib.closing(sqlite3.connect(scene.daemon.store)) as file:
        file.execute("UPDATE decision SET value = value + 1 WHERE row = (SELECT max(row) FROM "
                     "decision)")
        file.commit()
    code, line, error = replay(scene)
    count = decisions(scene)
    equal(line, f"{count} decisions, {count - 1} identical", "what replay prints")
    equal(code, 1, "its exit code")
    assert "stored:" in error and "replayed:" in error, error


@suite.test
def what_is_no_journal_of_this_program_is_refused_in_words(env):
    scene = Scene(env, dwell_s=10)
    scene.await_charging()
    scene.daemon.stop()
    other = env.path("other.db")
    for version, words in ((1, "an older Amphora made this"), (1000, "a newer Amphora made this")):
        with contextlib.closing(sqlite3.connect(scene.daemon.store)) as file:
            file.execute(f"PRAGMA user_version = {version}")
        code, line, error = replay(scene)
        equal((code, line), (1, ""), f"replay of version {version}")
        assert words in error and "no such" not in error, error
    with contextlib.closing(sqlite3.connect(other)) as file:
        file.execute("CREATE TABLE mine (x)")
    for content, words in ((None, "not a journal of Amphora"), ("text\n" * 300, "no database")):
        if content:
            with open(other, "w", encoding="utf-8") as file:
                file.write(content)
        code, out, error = scene.daemon.cli("replay", "--journal", other)
        equal((code, out), (1, ""), f"replay of {content}")
        assert words in error and "Input/output" not in error, error


suite.run()
