"""./demo as a newcomer runs it: ports first, account last, nothing left behind."""

import json
import os
import re
import subprocess

from harness import ROOT, Suite, equal

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
                             (["--nonsense"], "--nonsense is no option")):
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
