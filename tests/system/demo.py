"""./demo as a newcomer runs it: ports first, account last, nothing left behind."""

import contextlib
import itertools
import json
import os
import re
import sqlite3
import subprocess
import time

from harness import ROOT, Suite, equal, wait_until

suite = Suite("demo")

ACCOUNT = re.compile(r"^demo: stored=(\d+) lost=(\d+) commands=(\d+) confirmed=(\d+) unsafe=(\d+)$")


def run(*arguments):
    """Runs the demo headless; returns (exit code, lines of standard output)."""
    done = subprocess.run([ROOT / "demo", "--headless", *arguments], text=True, timeout=240,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.returncode, done.stdout.splitlines(), done.stderr


@suite.test
def half_a_minute_shows_the_source_relay_go_on_and_off_and_loses_nothing(env):
    code, lines, error = run("--for", "30s")
    equal(code, 0, f"exit code ({error})")
    assert re.match(r"^ports: mqtt=\d+ source=\d+ load=\d+$", lines[0]), lines[0]
    stored, lost, commands, confirmed, unsafe = map(int, ACCOUNT.match(lines[-1]).groups())
    assert stored > 100 and commands >= confirmed >= 2, lines[-1]
    equal((lost, unsafe), (0, 0), "lost and unsafe")
    assert re.match(r"^page: http://127\.0\.0\.1:\d+/#/login/\S+$", lines[1]), lines[1]
    words = "\n".join(lines)
    for expected in ("r1      asked on, is on, agree", "r1      asked off, is off, agree",
                     "Charging because 35 % is below 40 %", "Discharging because "):
        assert expected in words, f"{expected!r} is not in what the demo said"


BROKEN_S = 38
FAULTS = ("sensor-silent", "relay-stuck", "battery-hot", "meters-silent", "broker-gone", "relay-lying", "sensor-frozen")
DAY_MS = 24 * 3600 * 1000


def break_in_turn(process, say):
    """One fault after the other, each for an hour of the house, and mended well before the end."""
    end = time.monotonic() + BROKEN_S
    for fault in itertools.cycle(FAULTS):
        for line in (fault, "clear"):
            equal(say(line), 0, line)
            time.sleep(1)
        if time.monotonic() > end or process.poll() is not None:
            return


@suite.test
def two_days_full_of_faults_are_kept_and_every_decision_is_made_again_plans_included(env):
    kept = env.path("days")
    said = env.path("said")
    process = subprocess.Popen([ROOT / "demo", "--headless", "--speed", "3600", "--for", "50s", "--keep", kept],
                               stdin=subprocess.DEVNULL, stdout=said.open("w"), stderr=subprocess.STDOUT)
    wait_until(lambda: "page: " in said.read_text(), "the demo's page", 60)
    equal(env.run(ROOT / "build/amphora", "--socket", kept / "amphora.sock", "set", "logic", "plan")[0], 0, "a plan is asked for")
    break_in_turn(process, lambda line: env.run(ROOT / "scripts/demo-say", kept / "house.sock", line)[0])
    code = process.wait(180)
    lines = said.read_text().splitlines()
    equal(code, 0, f"exit code ({lines[-9:]})")
    count, identical = map(int, re.match(r"^demo: replay: (\d+) decisions, (\d+) identical$", lines[-2]).groups())
    assert count == identical > 100, lines[-2]

    # The directory is left: anybody may look again, and a decision that was altered is found.
    with contextlib.closing(sqlite3.connect(kept / "journal.db")) as journal:
        def one(query):
            return journal.execute(query).fetchone()[0]
        assert one("SELECT max(ts_ms) - min(ts_ms) FROM decision WHERE flags & 2 = 0") > DAY_MS, "a whole day"
        equal(one("SELECT count(*) FROM decision"), count, "decisions")
        assert one("SELECT count(*) FROM decision WHERE winner = 'plan'") > 0, "decisions of a plan"
        assert one("SELECT count(DISTINCT code) FROM alert") >= 3, "faults that were noticed"
        journal.execute("UPDATE decision SET value = value + 1 WHERE row = (SELECT max(row) FROM decision)")
        journal.commit()
    code, out, error = env.run(ROOT / "build/amphora", "replay", "--journal", kept / "journal.db")
    equal((code, out.splitlines()[-1]), (1, f"{count} decisions, {count - 1} identical"), error)


@suite.test
def readings_of_others_are_stored_and_disturb_nothing(env):
    process = subprocess.Popen([ROOT / "demo", "--headless", "--for", "25s"], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    port = re.search(r"mqtt=(\d+)", process.stdout.readline()).group(1)
    lines = "".join(json.dumps({"node": "guest", "SoC": i % 100, "Temp": 20}) + "\n"
                    for i in range(500))
    code, _, error = env.run("mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-q", "1", "-t",
                             "amphora/guest/battery", "-l", input=lines)
    equal(code, 0, error)
    last = process.communicate(timeout=120)[0].splitlines()[-1]
    equal(process.returncode, 0, f"exit code ({last})")
    assert int(ACCOUNT.match(last).group(1)) >= 500, last


@suite.test
def another_speed_and_a_server_work_as_well(env):
    code, lines, error = run("--for", "10s", "--speed", "120", "--mariadb")
    equal(code, 0, f"exit code ({error})")
    stored = ACCOUNT.match(lines[-1]).group(1)
    equal(lines[-2], f"demo: MariaDB holds {stored} readings", "what the server has")


@suite.test
def what_is_not_understood_is_said(env):
    for arguments, words in ((["--speed", "0"], '1 to 3600, not "0"'),
                             (["--speed", "3601"], "1 to 3600"), (["--speed", "x"], '"x"'),
                             (["--speed", ""], '""'), (["--speed"], "--speed needs a value"),
                             (["--for", "soon"], '"soon"'), (["--for", "0"], '"0"'),
                             (["--for"], "--for needs a value"), (["--seed", "-1"], '"-1"'),
                             (["--nonsense"], "--nonsense is no option"),
                             (["--keep"], "--keep needs a value"), (["--keep", "/"], "not there yet")):
        code, lines, error = run(*arguments)
        equal((code, lines), (2, []), f"exit code and output of {arguments}")
        assert error.startswith("demo: ") and words in error, f"{arguments}: {error!r}"


@suite.test
def nothing_is_left_behind_after_an_interruption(env):
    directory = env.path("tmp")
    directory.mkdir()
    process = subprocess.Popen([ROOT / "demo", "--headless", "--for", "60s"], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, env=dict(os.environ, TMPDIR=str(directory)))
    process.stdout.readline()
    assert any(directory.iterdir()), "no directory was made"
    process.terminate()
    process.wait(30)
    equal(list(directory.iterdir()), [], "what is left in the directory")


suite.run()
