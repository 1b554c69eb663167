"""`amphora` against a real daemon, broker and relays: what it prints and how it ends."""

import csv
import fcntl
import io
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tarfile
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import (Amphorad, Mosquitto, Relay, Suite, equal, free_port, skip,  # noqa: E402
                     wait_until)

OK, FAILED, USAGE, UNREACHABLE, DENIED, NOT_FOUND, REFUSED, NOT_CONFIRMED = range(8)

suite = Suite("cli")


class Home:
    """A broker, a battery b1 with relays r1 (source) and r2 (load), and the daemon."""

    def __init__(self, env, clock=None, load_lease="device", zone="UTC", **settings):
        self.env = env
        self.broker = Mosquitto(env)
        arguments = ["--clock", clock] if clock else []
        self.r1 = Relay(env, "r1", *arguments)
        self.r2 = Relay(env, "r2", *arguments)
        self.daemon = Amphorad(env, {
            "zone": zone,
            "mqtt": {"host": "127.0.0.1", "port": self.broker.port},
            "settings": {"dwell_s": 0, "charge_below_pct": 20, **settings},
            "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}],
            "relays": [
                {"id": "r1", "battery": "b1", "role": "source", "uri": self.r1.uri},
                {"id": "r2", "battery": "b1", "role": "load", "uri": self.r2.uri,
                 "lease": load_lease},
            ],
        }, clock=clock)
        self.daemon.await_live()
        wait_until(lambda: all(relay["state"] is not None for relay in self.daemon.state()["relays"]),
                   "the relays' first answers")

    def feed(self, soc, temp, times=3):
        """Publishes readings as of a fast sensor, and waits until the daemon has them all."""
        before = self.daemon.state()["readings"]["accepted"]
        for _ in range(times):
            self.broker.publish("amphora/b1/battery", {"node": "b1", "SoC": soc, "Temp": temp,
                                                       "interval": 0.001})
        wait_until(lambda: self.daemon.state()["readings"]["accepted"] >= before + times,
                   "the readings")

    def cli(self, *arguments, **options):
        return self.daemon.cli(*arguments, **options)

    def expect(self, code, *arguments, **options):
        """Runs a command that must end with `code`; returns (out, err)."""
        actual, out, error = self.cli(*arguments, **options)
        assert actual == code, f"amphora {arguments}: exit {actual}, expected {code}: {error}{out}"
        return out, error


class Terminal:
    """A program on a pseudo-terminal."""

    def __init__(self, command, environment, rows=24, columns=80):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(command[0], command, environment)

    def read(self):
        ready, _, _ = select.select([self.fd], [], [], 0.05)
        if ready:
            try:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:  # the program has ended
                pass

    def wait_for(self, words, times=1):
        def is_seen():
            self.read()
            return self.seen.count(words) >= times
        wait_until(is_seen, f"'{words}' on the terminal")

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """Reads to the end; returns the exit code."""
        def is_over():
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            return pid and [os.waitstatus_to_exitcode(status)]
        code = wait_until(is_over, "the program's end")[0]
        self.read()
        os.close(self.fd)
        return code


def terminal(home, *arguments, size=(24, 80), **extra):
    environment = dict(os.environ, AMPHORA_SOCKET=str(home.daemon.socket), TERM="xterm", **extra)
    if "NO_COLOR" not in extra:
        environment.pop("NO_COLOR", None)
    return Terminal([str(home.env.program("amphora")), *arguments], environment, *size)


# ---- without a daemon ----

@suite.test
def wrong_words_end_with_usage_and_say_nothing_on_standard_output(env):
    env.program("amphora")
    for words in (["nothing"], ["relay", "set", "r1"], ["relay", "set", "r1", "on"],
                  ["relay", "set", "r1", "maybe", "--for", "15m"], ["get"], ["alerts", "ack"],
                  ["alerts", "ack", "x"], ["override", "cancel", "x"], ["override", "cancel", "-1"],
                  ["relay", "set", "r1", "on", "--for", "15"], ["history", "a", "b"],
                  ["plan", "nothing"], ["plan", "explain", "today", "18:30", "x"], ["plan", "--battery"],
                  ["status", "--nothing"], ["--socket"], ["override", "add", "b1", "charge"]):
        code, out, error = env.run("amphora", *words)
        equal(code, USAGE, f"exit of {words}")
        equal(out, "", f"output of {words}")
        assert error, f"{words} say nothing"


@suite.test
def a_wrong_word_is_named_with_what_is_allowed_there(env):
    env.program("amphora")
    for words, said in ((["statsu"], "no such command: statsu; did you mean status?"),
                        (["help", "overide"], "did you mean override?"),
                        (["zzz"], "no such command: zzz (see `amphora help`)"),
                        (["relay", "set", "r1", "of", "--for", "1m"], "of: a relay is set on or off"),
                        (["override", "add", "b1", "chrge", "--for", "1m"],
                         "chrge: charge, discharge or hold is needed")):
        code, _, error = env.run("amphora", *words)
        equal(code, USAGE, f"exit of {words}")
        assert said in error, error


@suite.test
def a_bare_amphora_without_a_terminal_shows_how_it_is_used(env):
    env.program("amphora")
    code, out, error = env.run("amphora")
    equal(code, USAGE, "exit")
    equal(out, "", "output")
    assert "usage: amphora" in error and "Exit codes" in error, error


@suite.test
def help_lists_every_command_and_exit_code(env):
    env.program("amphora")
    code, out, _ = env.run("amphora", "help")
    equal(code, OK, "exit")
    for word in ("status", "history", "relay", "override", "shutdown", "7 not confirmed"):
        assert word in out, f"{word} is not in the help"
    code, out, _ = env.run("amphora", "relay", "--help")
    equal(code, OK, "exit")
    assert out.startswith("usage: amphora relay"), out
    commands = json.loads(env.run("amphora", "help", "--json")[1])
    assert {"status", "history", "relay"} <= {command["command"] for command in commands}, commands
    table = list(csv.DictReader(io.StringIO(env.run("amphora", "help", "status", "--csv")[1])))
    equal([(row["command"], row["arguments"]) for row in table], [("status", "[-w]")], "as CSV")


@suite.test
def version_is_told_as_csv_too(env):
    env.program("amphora")
    code, out, _ = env.run("amphora", "--socket", env.path("none.sock"), "version", "--csv")
    equal(code, OK, "exit")
    row, = csv.DictReader(io.StringIO(out))
    equal((bool(row["client"]), row["daemon"]), (True, ""), "without a daemon")
    daemon = Amphorad(env, {"mqtt": {"host": ""}})
    row, = csv.DictReader(io.StringIO(daemon.cli("version", "--csv")[1]))
    equal(row["client"], row["daemon"], "both versions")


@suite.test
def a_daemon_that_is_not_there_is_unreachable(env):
    env.program("amphora")
    code, out, error = env.run("amphora", "--socket", env.path("none.sock"), "status")
    equal((code, out), (UNREACHABLE, ""), "exit and output")
    assert "cannot be reached" in error and "none.sock" in error, error


@suite.test
def who_may_not_use_the_socket_is_denied(env):
    if os.geteuid() != 0:
        skip("needs root, to become somebody else")
    daemon = Amphorad(env, {"mqtt": {"host": ""}})
    env.dir.chmod(0o755)
    program = env.path("amphora-copy")
    program.write_bytes(env.program("amphora").read_bytes())
    program.chmod(0o755)
    done = subprocess.run([str(program), "--socket", str(daemon.socket), "status"], user=65534,
                          group=65534, extra_groups=[], capture_output=True, text=True, timeout=30)
    equal(done.returncode, DENIED, "exit")
    assert "permission denied" in done.stderr, done.stderr


# ---- looking ----

@suite.test
def status_shows_battery_relays_and_the_sentence(env):
    home = Home(env)
    home.feed(55, 24.1)
    out, error = home.expect(OK, "status")
    for word in ("b1", "55.0 %", "24.1 °C", "good", "r1", "charges", "r2", "uses", "lfp",
                 "asked off", "is off", "agree"):
        assert word in out, f"{word} is not in:\n{out}"
    assert "\033" not in out, "escape sequences without a terminal"
    decision = home.daemon.state()["batteries"][0]["decision"]
    for sentence in decision.split(". "):
        assert sentence in out, f"{sentence} is not in:\n{out}"
    equal(error, "", "messages")
    state = home.daemon.json("status")
    equal(state["batteries"][0]["soc_pct"], 55.0, "SoC")
    out, _ = home.expect(OK, "status", "--csv")
    row = next(csv.DictReader(io.StringIO(out)))
    equal((row["id"], row["soc_pct"], row["power_w"]), ("b1", "55.0", ""), "row")


@suite.test
def a_meter_a_little_below_zero_is_zero_and_far_below_it_is_refused(env):
    home = Home(env)
    for payload in ("-3", "-500"):
        home.broker.publish("amphora/meter/pv", payload)
    wait_until(lambda: home.daemon.state()["readings"]["refused"], "the refusal")
    state = home.daemon.state()
    equal(state["meters"]["pv"]["power_w"], 0, "the sun's power at night")
    equal(state["readings"]["refused"], {"out-of-range": 1}, "refused")
    out, _ = home.expect(OK, "status")
    assert "pv 0 W" in out and "1 refused: out-of-range" in out, out


@suite.test
def a_battery_that_was_never_heard_is_a_dash_and_null(env):
    home = Home(env)
    out, _ = home.expect(OK, "status")
    assert "— %" in out and "never heard" in out, out
    battery = home.daemon.json("status")["batteries"][0]
    equal((battery["soc_pct"], battery["temp_c"], battery["quality"]), (None, None, "missing"),
          "battery")


@suite.test
def open_says_where_the_page_is_with_a_code_that_logs_in_once(env):
    daemon = Amphorad(env, {"mqtt": {"host": ""}, "web": {"listen": "127.0.0.1:0"}})
    port = daemon.state()["web"]["port"]
    code, out, error = daemon.cli("open")
    equal((code, error), (OK, ""), "exit and messages")
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/#/login/[\w-]+\n", out), out
    answer = daemon.json("open")
    assert answer["url"].endswith(f"#/login/{answer['code']}") and answer["expires_s"] > 0, answer
    assert answer["url"] != out.strip(), "the same code twice"


@suite.test
def open_says_that_no_page_is_served(env):
    daemon = Amphorad(env, {"mqtt": {"host": ""}, "web": {"listen": "off"}})
    code, out, error = daemon.cli("open")
    equal((code, out), (FAILED, ""), "exit and output")
    assert "web.listen" in error, error


@suite.test
def an_empty_list_says_so_to_people_and_stays_a_list_for_programs(env):
    daemon = Amphorad(env, {"mqtt": {"host": ""}})
    for words, key in ((["alerts"], "alerts"), (["override", "list"], None), (["nodes"], "nodes"),
                       (["relay", "list"], None), (["history"], "rows"),
                       (["history", "--relays"], "rows"), (["events"], ""),
                       (["explain"], "batteries"), (["explain", "--last", "5"], "rows")):
        code, out, error = daemon.cli(*words)
        equal((code, out), (OK, ""), f"exit and output of {words}")
        assert re.match(r"amphora: (no|nothing|there are no) .*\n$", error), f"{words}: {error!r}"
        code, out, error = daemon.cli(*words, "--json")
        equal((code, error), (OK, ""), f"exit and messages of {words} --json")
        if key != "":
            answer = json.loads(out)
            equal(answer[key] if key else answer, [], f"{words} --json")
        code, out, error = daemon.cli(*words, "--csv")
        equal((code, error, out.count("\n")), (OK, "", 1), f"{words} --csv")


@suite.test
def history_is_shown_as_table_csv_and_json(env):
    home = Home(env)
    home.feed(55.2, 24.1, times=2)
    home.feed(55.4, 24.2, times=1)
    wait_until(lambda: len(home.daemon.json("history", "b1")["rows"]) == 3, "three stored rows")
    rows = home.daemon.json("history", "b1")["rows"]
    equal([row["soc_pct"] for row in rows], [55.2, 55.2, 55.4], "oldest first")
    out, _ = home.expect(OK, "history", "b1", "--csv", "--from", "-2h")
    table = list(csv.DictReader(io.StringIO(out)))
    equal([row["temp_c"] for row in table], ["24.1", "24.1", "24.2"], "temperatures")
    out, error = home.expect(OK, "history", "--limit", "1")
    assert "SoC %" in out and "55.4" in out and "55.2" not in out, out
    assert "--limit" in error, "the cut is not told"
    equal(home.daemon.json("history", "b1", "--to", "-1h")["rows"], [], "rows before the last hour")
    home.expect(NOT_FOUND, "history", "b9")
    home.expect(USAGE, "history", "b1", "--from", "soon")
    home.expect(USAGE, "history", "b1", "--limit", "0")


@suite.test
def numbers_have_dots_under_a_comma_locale(env):
    home = Home(env)
    home.feed(55.2, 24.1)
    comma = dict(os.environ, LC_ALL="de_DE.UTF-8")
    for words in (["status"], ["status", "--csv"], ["status", "--json"]):
        out, _ = home.expect(OK, *words, environment=comma)
        assert "55.2" in out and "24.1" in out and "55,2" not in out, out


@suite.test
def nodes_lists_known_and_unknown_ones(env):
    home = Home(env)
    home.broker.publish("amphora/stranger/battery", {"node": "stranger", "SoC": 40, "Temp": 20})
    wait_until(lambda: "stranger" in home.cli("nodes")[1], "the stranger")
    out, _ = home.expect(OK, "nodes")
    for word in ("b1", "r1", "r2", "sensor", "relay", "unknown"):
        assert word in out, f"{word} is not in:\n{out}"


@suite.test
def explain_says_who_decided_and_why(env):
    home = Home(env)
    home.feed(15, 2.1)
    out, _ = home.expect(OK, "explain", "b1")
    assert "the battery is 2.1 °C; charging is allowed from 5.0 °C." in out and "decided by safety" in out, out
    assert "  It would charge again from 7.0 °C.\n" in out, out
    decision = home.daemon.json("explain")["batteries"][0]["decision"]
    equal((decision["winner"], decision["wanted"], decision["intent"]),
          ("safety", "charge", "idle"), "decision")
    wait_until(lambda: home.daemon.json("explain", "--last", "5")["rows"], "stored decisions")
    home.expect(NOT_FOUND, "explain", "b9")


@suite.test
def events_are_listed_and_followed(env):
    home = Home(env)
    home.feed(55, 24.1)
    out, _ = home.expect(OK, "events", "--last", "100")
    assert re.search(r"reading +b1 +55\.0 %", out), out
    follower = env.start("amphora", "--socket", home.daemon.socket, "events", "-w", "--json",
                         name="follower")
    follower.wait_for('"soc_pct":55.0')
    home.feed(55.5, 24.1)
    follower.wait_for('"soc_pct":55.5')
    for line in follower.said().splitlines():
        json.loads(line)


@suite.test
def status_says_in_plain_words_why_there_is_no_broker(env):
    broker = Mosquitto(env, users={"amphora": "right"})
    wrong = env.write("wrong.password", "wrong\n", 0o600)
    nobody = free_port()
    for mqtt, words in (
            ({"user": "amphora", "password_file": str(wrong)},
             ["the broker refuses user amphora", str(wrong)]),
            ({"user": "amphora"}, ["the broker refuses user amphora", "without a password"]),
            ({}, ["the broker wants a user and a password"]),
            ({"port": nobody}, [f"nobody listens on 127.0.0.1 port {nobody}"]),
            ({"host": "no-such-host.invalid"}, ["nobody knows a host named no-such-host.invalid"])):
        daemon = Amphorad(env, {"mqtt": {"host": "127.0.0.1", "port": broker.port, **mqtt}})
        wait_until(lambda: daemon.state()["broker"]["detail"], f"a reason with {mqtt}")
        _, out, _ = daemon.cli("status")
        for word in words:
            assert word in out, f"{word!r} is not in:\n{out}"
        said = daemon.alerts()["broker-away"]["words"]
        assert words[0] in said, said
        equal(daemon.stop(), 0, "exit code")


# ---- changing ----

@suite.test
def a_setting_is_set_shown_and_unset(env):
    home = Home(env, reserve_pct=12)
    assert "b1.reserve_pct = 12.0 % (house file)" in home.expect(OK, "get", "reserve")[0]
    out, _ = home.expect(OK, "set", "b1.reserve", "35.5")
    assert "b1.reserve_pct = 35.5 %" in out, out
    home.daemon.restart()
    assert "35.5" in home.expect(OK, "get", "b1.reserve_pct")[0], "lost by the restart"
    home.expect(OK, "set", "schedule", "charge", "00:30-04:30,", "discharge", "18:00-22:00")
    assert "charge 00:30-04:30" in home.expect(OK, "get", "schedule")[0]
    row = next(row for row in csv.DictReader(io.StringIO(home.expect(OK, "settings", "--csv")[0]))
               if row["name"] == "reserve_pct")
    equal((row["value"], row["file"], row["battery_set"]), ("35.5", "12.0", "35.5"), "settings")
    home.expect(OK, "unset", "b1.reserve")
    assert "12.0 % (house file)" in home.expect(OK, "get", "reserve")[0]


@suite.test
def a_setting_that_cannot_be_is_refused_with_what_is_allowed(env):
    home = Home(env)
    _, error = home.expect(REFUSED, "set", "reserve", "99")
    assert "reserve_pct" in error and "95" in error, error
    home.expect(REFUSED, "set", "charge_min_c", "-20")
    home.expect(USAGE, "set", "reserve", "12abc")
    home.expect(USAGE, "set", "reserve", "35,5")
    home.expect(NOT_FOUND, "set", "nothing", "1")
    _, error = home.expect(NOT_FOUND, "set", "hysteresis", "3")
    assert "hysteresis_pct (%) or hysteresis_c (°C)" in error, error
    home.expect(NOT_FOUND, "set", "b9.reserve", "20")
    home.expect(NOT_FOUND, "get", "b9.reserve")


@suite.test
def a_relay_is_set_for_a_while_and_confirmed(env):
    home = Home(env)
    home.feed(55, 24.1)
    out, _ = home.expect(OK, "relay", "set", "r1", "on", "--for", "15m")
    assert "relay r1 is confirmed on" in out, out
    equal(home.r1.status()["state"], "on", "the relay itself")
    entry = home.daemon.json("override", "list")[0]
    equal((entry["battery"], entry["relay"], entry["state"], entry["held_by"]),
          ("b1", "r1", "on", None), "override")
    assert 0 < entry["left_s"] <= 900, entry
    out, _ = home.expect(OK, "relay", "set", "r1", "off", "--for", "15m")
    assert re.search(r"it replaces the override of r1 \(on until \d{4}-\d\d-\d\d ", out), out
    equal(home.r1.status()["state"], "off", "the relay itself")
    entry, = home.daemon.json("override", "list")
    equal((entry["relay"], entry["state"]), ("r1", "off"), "override")
    out, _ = home.expect(OK, "override", "cancel", entry["id"])
    equal(out, f"override {entry['id']} has ended\n", "what cancel says")
    equal(home.daemon.json("override", "list"), [], "overrides")
    home.expect(NOT_FOUND, "override", "cancel", entry["id"])
    home.expect(NOT_FOUND, "relay", "set", "r9", "on", "--for", "15m")


@suite.test
def a_relay_that_the_limits_forbid_stays_open(env):
    home = Home(env)
    home.feed(55, 2.1)
    _, error = home.expect(REFUSED, "relay", "set", "r1", "on", "--for", "15m")
    for words in ("refused, and nothing was changed", "the battery is 2.1 °C; charging is allowed from 5.0 °C.",
                  "It would charge again from 7.0 °C."):
        assert words in error, f"{words!r} is not in:\n{error}"
    equal(home.r1.status()["state"], "off", "the relay itself")
    equal(home.daemon.json("override", "list"), [], "overrides that are kept")


@suite.test
def a_relay_that_does_not_answer_is_not_confirmed(env):
    home = Home(env)
    home.feed(55, 24.1)
    home.r1.process.pause()
    _, error = home.expect(NOT_CONFIRMED, "relay", "set", "r1", "on", "--for", "15m")
    assert "relay r1 is not confirmed on" in error, error
    assert "override 1 stays in force; `amphora override cancel 1` ends it" in error, error
    home.r1.process.resume()


@suite.test
def a_relay_whose_lease_is_over_is_not_shown_as_on(env):
    home = Home(env, clock="60")
    home.feed(55, 24.1)
    home.expect(OK, "relay", "set", "r1", "on", "--for", "2h")
    shown = re.search(r"r1 .*", home.expect(OK, "status")[0])[0]
    assert "is on" in shown and "lease" in shown and "ago" in shown, shown
    home.r1.process.pause()
    wait_until(lambda: "lease over, should be off" in home.cli("status")[1], "the lease's end")
    shown = re.search(r"r1 .*", home.expect(OK, "status")[0])[0]
    assert "is unknown" in shown and "last: on, " in shown and " old" in shown, shown
    relay = home.daemon.json("relay", "list")[0]
    equal((relay["state"], relay["last_state"], relay["lease_left_s"]), (None, True, 0), "the relay")
    assert "its lease is over: should be off" in home.expect(OK, "explain")[0]
    home.r1.process.resume()
    wait_until(lambda: re.search(r"r1 .* is off .* read back", home.cli("status")[1]), "its answer")


@suite.test
def an_override_must_end(env):
    home = Home(env)
    _, error = home.expect(USAGE, "override", "add", "b1", "charge")
    assert "always ends" in error, error
    _, error = home.expect(REFUSED, "override", "add", "b1", "charge", "--for", "25h")
    assert "25h is too long" in error and "24 h" in error, error


@suite.test
def an_alert_is_listed_and_acknowledged(env):
    home = Home(env)
    home.feed(55, 24.1)
    home.broker.publish("amphora/b1/battery", {"node": "b1", "SoC": 186, "Temp": 24})
    alert = wait_until(lambda: home.daemon.alerts().get("reading-out-of-range"), "the alert")
    out, _ = home.expect(OK, "alerts")
    assert "186" in out, out
    equal(home.daemon.json("alerts", "ack", str(alert["id"])),
          {"id": alert["id"], "acknowledged": True}, "what acknowledging answers")
    seen = {entry["id"]: entry for entry in home.daemon.json("alerts")["alerts"]}
    assert seen[alert["id"]]["acknowledged"], seen
    home.expect(NOT_FOUND, "alerts", "ack", "999999")


def alert_rows(home, code):
    """The journal's (id, is_active, is_acknowledged) about `code`, in the order of their writing."""
    return home.daemon.rows("alert", "id, is_active, is_acknowledged", f"code = '{code}'", "row")


def restart_after_a_kill(home):
    home.daemon.kill()
    home.daemon.start()
    home.daemon.await_live()


@suite.test
def an_alarm_that_still_holds_is_there_after_a_kill_and_one_that_ended_is_not(env):
    home = Home(env)
    home.broker.publish("amphora/b1/battery", {"node": "b1", "SoC": 55, "Temp": 24, "V": 50,
                                               "A": 10, "W": 5000})
    wait_until(lambda: "power-contradiction" in home.daemon.alerts(), "an alarm that ends")
    home.feed(55, 24)
    home.broker.publish("amphora/b1/battery", {"node": "b1", "SoC": 186, "Temp": 24})
    wait_until(lambda: len(alert_rows(home, "power-contradiction")) == 2 and
               alert_rows(home, "reading-out-of-range"), "an alarm and an end to be stored")
    number = alert_rows(home, "reading-out-of-range")[0][0]
    raised = home.daemon.alerts()["reading-out-of-range"]["raised"]
    restart_after_a_kill(home)
    alerts = home.daemon.alerts()
    assert "power-contradiction" not in alerts, alerts
    alarm = alerts["reading-out-of-range"]
    equal((alarm["id"], alarm["acknowledged"], alarm["raised"]), (number, False, raised), "the alarm")
    assert "186" in alarm["words"], alarm
    home.expect(OK, "alerts", "ack", number)
    wait_until(lambda: (number, 1, 1) in alert_rows(home, "reading-out-of-range"), "it to be stored")
    restart_after_a_kill(home)
    assert home.daemon.alerts()["reading-out-of-range"]["acknowledged"], "seen, and forgotten"
    home.feed(55, 24.1)
    wait_until(lambda: "reading-out-of-range" not in home.daemon.alerts(), "the alarm's end")
    wait_until(lambda: (number, 0, 1) in alert_rows(home, "reading-out-of-range"), "it to be stored")
    restart_after_a_kill(home)
    assert "reading-out-of-range" not in home.daemon.alerts(), "it is over"


@suite.test
def what_the_daemon_finds_out_by_itself_begins_anew_with_it(env):
    home = Home(env)
    home.broker.kill()
    first = wait_until(lambda: home.daemon.alerts().get("broker-away"), "the alarm")
    wait_until(lambda: alert_rows(home, "broker-away"), "it to be stored")
    home.daemon.kill()
    home.daemon.start()
    second = wait_until(lambda: home.daemon.alerts().get("broker-away"), "the alarm after the kill")
    assert second["id"] != first["id"], "the same alarm"
    home.broker.start()
    wait_until(lambda: "broker-away" not in home.daemon.alerts(), "the alarms' end")
    wait_until(lambda: {(first["id"], 0, 0), (second["id"], 0, 0)} <=
               set(alert_rows(home, "broker-away")), "both ends to be stored")


@suite.test
def every_time_that_people_see_is_the_house_s(env):
    home = Home(env, zone="Asia/Kathmandu")  # UTC+05:45
    home.feed(55, 24.1)
    home.expect(OK, "override", "add", "b1", "hold", "--for", "15m")
    home.broker.publish("amphora/b1/battery", {"node": "b1", "SoC": 186, "Temp": 24})
    wait_until(lambda: home.daemon.alerts().get("reading-out-of-range"), "the alert")
    wait_until(lambda: home.daemon.json("explain", "--last", "5")["rows"], "stored decisions")
    now = time.time()
    local = [time.strftime("%Y-%m-%d %H:%M", time.gmtime(now + 5.75 * 3600 + minute * 60))
             for minute in range(-2, 20)]
    for words in (["status"], ["alerts"], ["explain", "--last", "5"], ["events"], ["history"],
                  ["history", "--relays"], ["override", "list"]):
        out, _ = home.expect(OK, *words)
        times = re.findall(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", out)
        assert times, f"no time in {words}: {out}"
        assert set(times) <= set(local), f"{words} has times of another zone: {out}"


@suite.test
def shutdown_opens_the_relays_and_ends_the_daemon(env):
    home = Home(env)
    home.feed(55, 24.1)
    home.expect(OK, "relay", "set", "r1", "on", "--for", "15m")
    out, _ = home.expect(OK, "shutdown")
    assert "has stopped" in out, out
    equal(home.daemon.process.wait(), 0, "the daemon's exit code")
    equal(home.r1.status()["state"], "off", "the relay itself")
    home.expect(UNREACHABLE, "status")


@suite.test
def shutdown_names_a_relay_that_is_not_confirmed_open_and_what_opens_it(env):
    home = Home(env, load_lease="none")
    home.feed(55, 24.1)
    home.expect(OK, "relay", "set", "r1", "on", "--for", "15m")
    home.r1.process.pause()
    home.r2.process.pause()
    out, error = home.expect(NOT_CONFIRMED, "shutdown")
    assert "has stopped" in out, out
    assert re.search(r"relay r1 is not confirmed open; its lease opens it within \d+ (s|min)\b",
                     error), error
    assert "r2" not in error, f"r2 has confirmed that it is open:\n{error}"
    equal(home.daemon.process.wait(), 0, "the daemon's exit code")
    home.r1.process.resume()
    home.r2.process.resume()


# ---- what must always be seen ----

@suite.test
def another_clock_and_a_relay_without_a_lease_are_always_shown(env):
    origin = int(time.time() * 1000)
    home = Home(env, clock=f"5@{origin}", load_lease="none")
    for words in (["status"], ["relay", "list"], ["explain"], ["events"], ["history"]):
        out, error = home.expect(OK, *words)
        assert "clock ×5" in out + error, f"{words}:\n{out}{error}"
        assert "lease: none" in out + error, f"{words}:\n{out}{error}"
    equal(home.daemon.json("status")["clock_factor"], 5, "factor")


@suite.test
def monitor_mode_is_always_shown(env):
    home = Home(env, logic="monitor")
    assert "monitor mode" in home.expect(OK, "status")[0]


# ---- on a terminal ----

@suite.test
def the_live_screen_is_redrawn_in_place_and_gives_the_cursor_back(env):
    home = Home(env)
    home.feed(55, 24.1)
    screen = terminal(home, "status", "-w")
    screen.wait_for("55.0 %")
    home.feed(55.1, 24.1)
    screen.wait_for("55.1 %")
    assert "\033[?25l" in screen.seen and re.search(r"\033\[\d+A", screen.seen), "not in place"
    assert "\033[32m" in screen.seen, "no colour on a terminal"
    os.kill(screen.pid, signal.SIGINT)
    equal(screen.end(), OK, "exit")
    assert screen.seen.rstrip().endswith("\033[?25h"), "the cursor stays hidden"


@suite.test
def the_live_screen_wraps_at_a_narrow_terminal_and_drops_old_events_first(env):
    home = Home(env)
    home.feed(15, 2.1)
    for rows, columns, extra in ((24, 40, {}), (24, 40, {"LINES": "9"}), (40, 33, {}),
                                 (24, 80, {"COLUMNS": "40"})):
        screen = terminal(home, "status", "-w", size=(rows, columns), NO_COLOR="1", **extra)
        screen.wait_for("\033[J", 2)
        os.kill(screen.pid, signal.SIGINT)
        equal(screen.end(), OK, "exit")
        columns = int(extra.get("COLUMNS", columns))
        drawn = screen.seen.split("\033[J")[0].removeprefix("\033[?25l")
        lines = re.sub(r"\033\[[0-9?]*[a-zA-Z]|\r", "", drawn).split("\n")
        assert len(lines) - 1 <= int(extra.get("LINES", rows - 1)), f"{len(lines) - 1} rows"
        assert max(map(len, lines)) <= columns, max(lines, key=len)
        words = " ".join(" ".join(lines).split())
        assert words.startswith("amphorad "), words
        whole = "It would charge again from 7.0 °C." in words and "grid — W pv — W load — W" in words
        equal(whole, "LINES" not in extra, f"whether all is there: {words}")


@suite.test
def no_color_is_honoured_on_a_terminal(env):
    home = Home(env)
    screen = terminal(home, "status", NO_COLOR="1")
    equal(screen.end(), OK, "exit")
    assert "b1" in screen.seen and "\033[3" not in screen.seen, repr(screen.seen)


@suite.test
def the_prompt_runs_commands_and_completes_names(env):
    home = Home(env)
    prompt = terminal(home)
    prompt.wait_for("amphora> ")
    prompt.type("version\n")
    prompt.wait_for("amphorad ")
    prompt.type("get reser\t\n")
    prompt.wait_for("b1.reserve_pct = ")
    prompt.type("plan sh\t\n")
    prompt.wait_for("Until then the rule decides.")
    prompt.type("nothing\n")
    prompt.wait_for("no such command: nothing")
    prompt.type("quit\n")
    equal(prompt.end(), OK, "exit")


@suite.test
def in_the_prompt_ctrl_c_clears_the_line_or_ends_the_command_and_ctrl_d_leaves(env):
    home = Home(env)
    prompt = terminal(home)
    prompt.wait_for("amphora> ")
    prompt.type("nonsense")
    prompt.wait_for("nonsense")
    prompt.type("\x03")
    prompt.wait_for("amphora> ", 2)
    prompt.type("get reserve\n")
    prompt.wait_for("b1.reserve_pct = ")
    prompt.type("plan sh\t\n")
    prompt.wait_for("Until then the rule decides.")
    assert "no such command" not in prompt.seen, prompt.seen
    for command, words in (("events -w", "decision"), ("status -w", "up "),
                           ("override add b1 charge --for 5m", "override")):
        prompts = prompt.seen.count("amphora> ")
        prompt.type(command + "\n")
        prompt.wait_for(words, prompt.seen.count(words) + 1)
        prompt.type("\x03")
        prompt.wait_for("amphora> ", prompts + 1)
        assert "^Camphora>" not in prompt.seen, prompt.seen[-200:]
    # It reads keys again, and no longer lines, of which an empty one's end would be lost.
    prompts = prompt.seen.count("amphora> ")
    prompt.type("version\n")
    prompt.wait_for("amphora> ", prompts + 1)
    prompt.type("\x04")
    equal(prompt.end(), OK, "exit")


@suite.test
def a_watched_status_without_a_terminal_appends_lines(env):
    home = Home(env)
    home.feed(55, 24.1)
    watcher = env.start("amphora", "--socket", home.daemon.socket, "status", "-w", name="watcher")
    watcher.wait_for("55.0 %")
    home.feed(55.1, 24.1)
    watcher.wait_for("55.1 %")
    assert "\033" not in watcher.said(), "escape sequences without a terminal"


@suite.test
def the_doctor_finds_what_is_wrong_and_says_what_to_do(env):
    home = Home(env, load_lease="none")
    home.feed(50, 20)
    for topic in ("cmnd/garage/POWER", "stat/garage/POWER"):
        home.broker.publish(topic, "ON", retain=True)
    out, _ = home.expect(OK, "doctor")
    assert "kept-commands cmnd/garage/POWER: the broker keeps a command" in out, out
    assert "stat/garage" not in out, out
    assert "ok       broker 127.0.0.1" in out and "relay r2: has no lease" in out, out
    assert "0 faults" in out, out
    home.broker.stop()

    def finds_the_broker():
        code, out, _ = home.cli("doctor", "--json")
        faults = [one for one in json.loads(out)["findings"] if one["verdict"] == "fault"]
        return code == FAILED and any(one["check"] == "broker" for one in faults) and faults
    assert all(one["advice"] for one in wait_until(finds_the_broker, "the broker's fault"))
    home.daemon.stop()
    out, _ = home.expect(UNREACHABLE, "doctor", "--config", home.daemon.config)
    assert "daemon: does not answer" in out and "fault    broker 127.0.0.1" in out, out


@suite.test
def a_bundle_has_how_it_is_and_no_secret(env):
    home = Home(env)
    home.feed(50, 20)
    config, target = env.path("with-secrets.yaml"), env.path("b.tar.gz")
    config.write_text(home.daemon.config.read_text() + "\n# url: https://ntfy.example/my-topic\n")
    home.expect(OK, "bundle", "--output", target, "--config", config)
    with tarfile.open(target) as archive:
        files = {pathlib.Path(one.name).name: archive.extractfile(one).read().decode()
                 for one in archive.getmembers() if one.isfile()}
    equal(json.loads(files["state.json"])["batteries"][0]["id"], "b1", "the battery")
    assert "(removed)" in files["amphorad.yaml"] and "127.0.0.1" in files["amphorad.yaml"]
    assert all("my-topic" not in text for text in files.values())
    _, error = home.expect(FAILED, "bundle", "--output", target)
    assert "is there already" in error, error


suite.run()
