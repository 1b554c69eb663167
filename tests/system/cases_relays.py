"""Cases from the field (docs/cases.md), kinds F, G, M and P, on real parts."""

import datetime
import json
import os
import re
import time
import zoneinfo

from field import WrongClock, Yard
from garage import SETTINGS, charge, house, is_live, send, send_until, start
from harness import Amphorad, Mosquitto, Relay, Suite, equal, wait_until

suite = Suite("cases_relays")

HOUR_S = 3600
DAY_S = 24 * HOUR_S
WRONG_AGE = re.compile(r"(?<![\d:.-])-\d[\d.]* ?(s|m|min|h|d)\b|\b[12]\d{4} ?d\b|\b5\d years")


def overrides(daemon):
    return daemon.json("override", "list")


@suite.test
def case_f4_after_a_power_cut_the_relay_is_open_and_its_old_lease_is_dead(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    equal(daemon.cli("set", "dwell_s", "600")[0], 0, "exit code of set")
    broker.stop()  # nothing more is commanded for good reasons
    source.command({"state": "on", "lease": 60})
    source.kill()
    source.start()
    status = source.status()
    equal((status["state"], status["lease"]), ("off", 0), "the relay after the power cut")


def ages_in(value, name=""):
    """Every age, as (name, seconds), anywhere in what the API answers."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from ages_in(entry, key)
    elif isinstance(value, list):
        for entry in value:
            yield from ages_in(entry, name)
    elif isinstance(value, (int, float)) and (name.endswith("_s") and "utc" not in name):
        yield name, value


def check_ages(daemon):
    for what, answer in (("state", daemon.state()), ("explain", daemon.json("explain")),
                         ("relays", daemon.json("relay", "list")),
                         ("nodes", daemon.json("nodes"))):
        for name, seconds in ages_in(answer):
            assert 0 <= seconds <= DAY_S, f"{what}: {name} is {seconds}"


@suite.test
def case_g1_booted_in_1970_only_rules_count_no_age_leaps_and_early_rows_are_marked(env):
    wrong = WrongClock(env, 0)
    broker, source, load = Mosquitto(env), Relay(env, "r1"), Relay(env, "r2")
    config = house(broker, {"r1": ("source", source.uri), "r2": ("load", load.uri)},
                   settings={**SETTINGS, "logic": "schedule", "schedule": "discharge 00:00-23:59"})
    daemon = Amphorad(env, config, environment=wrong.environment)
    wait_until(lambda: is_live(daemon), "the marker's echo")

    def winner():
        return daemon.json("explain", "b1")["batteries"][0]["decision"]["winner"]
    charge(broker, source)  # by the rule, with a sensor that has the true time
    equal(winner(), "threshold", "who decides in 1970")
    equal(daemon.state()["wall_trusted"], False, "whether 1970 is trusted")
    check_ages(daemon)
    equal(daemon.cli("relay", "set", "r2", "off", "--for", "10m")[0], 0, "exit code")
    send_until(broker, lambda: "clock-untrusted" in daemon.alerts(), "the alert")
    equal((source.status()["state"], load.status()["switches"]), ("on", 0), "the relays in 1970")

    early = len(daemon.rows("battery_data"))
    wrong.step()
    check_ages(daemon)
    send_until(broker, lambda: daemon.state()["wall_trusted"], "the clock to be trusted")
    send_until(broker, lambda: winner() != "threshold", "the schedule to count")
    wait_until(lambda: source.status()["state"] == "off", "the source relay to open")
    check_ages(daemon)
    wait_until(lambda: "clock-untrusted" not in daemon.alerts(), "the alert to end")
    ends = datetime.datetime.fromisoformat(overrides(daemon)[0]["ends"].replace("Z", "+00:00"))
    left_s = ends.timestamp() - time.time()
    assert 500 < left_s <= 600, f"a person's off of 10 min has {left_s} s left"

    rows = daemon.rows("battery_data", "ts_ms, mono_ms, flags & 2")
    assert all(mark and mono is not None for _, mono, mark in rows[:early]), rows[:early]
    trusted = [ts for ts, _, mark in rows if not mark]
    assert trusted and min(trusted) > (time.time() - DAY_S) * 1000, rows
    daemon.restart()  # among rows of both times
    send_until(broker, lambda: daemon.state()["wall_trusted"], "the clock to be trusted again")
    check_ages(daemon)
    equal([entry["relay"] for entry in overrides(daemon)], ["r2"], "overrides after a restart")
    for command in (("status",), ("alerts", "list"), ("events",), ("history", "b1"), ("explain",)):
        code, out, error = daemon.cli(*command)
        equal(code, 0, error)
        assert not WRONG_AGE.search(out), out


@suite.test
def case_g2_the_window_follows_the_configured_zone_and_not_the_process(env):
    here, there = zoneinfo.ZoneInfo("Europe/London"), zoneinfo.ZoneInfo("America/Los_Angeles")
    elsewhere = dict(os.environ, TZ="America/Los_Angeles")
    now = datetime.datetime.now(datetime.timezone.utc)

    def window(zone):
        begin, end = (now.astimezone(zone) + datetime.timedelta(hours=hours) for hours in (-1, 2))
        return f"charge {begin:%H:%M}-{end:%H:%M}"
    broker, source = Mosquitto(env), Relay(env, "r1")
    config = house(broker, {"r1": ("source", source.uri)}, zone="Europe/London",
                   settings={**SETTINGS, "logic": "schedule", "schedule": window(there)})
    daemon = Amphorad(env, config, environment=elsewhere)
    wait_until(lambda: is_live(daemon), "the marker's echo")
    send_until(broker, lambda: daemon.state()["wall_trusted"], "the clock to be trusted", soc=50)
    send_until(broker, lambda: daemon.json("explain", "b1")["batteries"][0]["decision"]["winner"]
               == "schedule", "the schedule to count", soc=50)
    equal(source.status()["switches"], 0, "what the window of the process's zone switched")
    equal(daemon.cli("set", "schedule", window(here))[0], 0, "exit code of set")
    charge(broker, source, soc=50)


@suite.test
def case_g2_doctor_shows_both_zones(env):
    elsewhere = os.environ | {"TZ": "America/Los_Angeles"}
    daemon = Amphorad(env, {"zone": "Europe/London", "mqtt": {"host": ""}}, environment=elsewhere)
    zone = [one for one in daemon.json("doctor")["findings"] if one["check"] == "zone"]
    equal([one["subject"] for one in zone], ["Europe/London"], "the house's")
    assert "this machine's zone is America/Los_Angeles" in zone[0]["words"], zone


@suite.test
def case_h2_each_of_the_two_hours_of_one_name_has_its_own_price(env):
    midnight = datetime.datetime(2026, 10, 24, 23, tzinfo=datetime.timezone.utc)  # in London
    file = env.write("prices.json", json.dumps([
        [(midnight + datetime.timedelta(hours=hour)).isoformat(), (10 + hour) / 100]
        for hour in range(25)]))
    daemon = Amphorad(env, {
        "collector": "home", "zone": "Europe/London", "mqtt": {"host": ""},
        "prices": {"import": {"file": str(file), "from": "/0", "price": "/1", "unit": "EUR/kWh"}}},
        environment=WrongClock(env, midnight.timestamp() + 9 * HOUR_S).environment)
    wait_until(lambda: daemon.http("GET", "/api/v1/prices")[1]["sources"]["import"]["ok"], "prices")
    code, out, error = daemon.cli("prices", "--csv")
    equal(code, 0, error)
    rows = [row.split(",") for row in out.splitlines()]
    equal([row[:3] for row in rows[1:5]],
          [["2026-10-24T23:00:00.000Z", "2026-10-25T00:00:00.000Z", "0.1"],
           ["2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z", "0.11"],  # 01:00+01:00
           ["2026-10-25T01:00:00.000Z", "2026-10-25T02:00:00.000Z", "0.12"],  # 01:00+00:00
           ["2026-10-25T02:00:00.000Z", "2026-10-25T03:00:00.000Z", "0.13"]], "prices of the night")
    equal(len(rows) - 1, 25 + 24, "hours of that day and the next")
    equal([row[4] for row in rows[25:27]], ["", "yes"], "what is assumed")
    equal(rows[26][2], "0.1", "the first price of the next day")


@suite.test
def case_m1_an_override_outlives_a_kill_and_ends_when_it_was_to_end(env):
    yard = Yard(env, 360, dwell_s=0, interval_s=60, stale_after_s=1200)

    def soc():
        return round(50 + yard.passed() / HOUR_S * 4, 2)
    yard.say_until(lambda: yard.daemon.state()["wall_trusted"], "the trust", soc, every_s=60)
    began = yard.passed()
    equal(yard.daemon.cli("override", "add", "b1", "charge", "--for", "2h")[0], 0, "exit code")

    def is_on():
        return yard.source.status()["state"] == "on"
    yard.say_until(is_on, "the source relay to close", soc, every_s=60)
    yard.say_until(lambda: yard.passed() - began > HOUR_S, "an hour to pass", soc, every_s=60)
    yard.daemon.kill()
    yard.daemon.start()
    wait_until(lambda: is_live(yard.daemon), "the marker's echo")
    yard.say_until(is_on, "the source relay to close again", soc, every_s=60)
    assert yard.passed() - began < 2 * HOUR_S, "this machine is too slow for this test"
    yard.say_until(lambda: not is_on(), "the override to end", soc, every_s=60)
    lasted = yard.passed() - began
    assert 2 * HOUR_S - 60 <= lasted <= 2 * HOUR_S + 600, f"it lasted {lasted} s"
    events = yard.daemon.cli("events", "--last", "1000")[1]
    assert "you asked for it" in events and "override 1 ended" in events, events
    equal(yard.daemon.rows("decision", "intent, winner")[-1], ("idle", "threshold"), "the end")
    equal(overrides(yard.daemon), [], "overrides")


@suite.test
def case_m3_a_relay_that_forgot_is_commanded_again_within_one_period(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    source.kill()
    source.start()
    since = time.monotonic()
    charge(broker, source, timeout=45)
    assert time.monotonic() - since < 35, "longer than the period of 30 s and its answer"
    assert "relay-rebooted" in daemon.alerts(), daemon.alerts()


@suite.test
def case_m4_what_was_set_is_kept_and_what_cannot_be_read_stops_the_start_by_name(env):
    broker = Mosquitto(env)
    config = house(broker, {})
    daemon = Amphorad(env, config)
    equal(daemon.cli("set", "b1.reserve_pct", "35")[0], 0, "exit code of set")

    def reserve():
        return daemon.json("get", "b1.reserve_pct")[0]["value"]
    daemon.restart()
    equal(reserve(), 35, "the reserve after a restart")
    daemon.stop()
    daemon.configure({**config, "settings": {**SETTINGS, "minimum_soc": 20}})
    daemon.start(is_awaited=False)
    equal(daemon.process.wait(), 1, "exit code with a key of another version")
    assert re.search(r"\.yaml:\d+: .*minimum_soc", daemon.said()), daemon.said()
    daemon.configure(config)
    daemon.start()
    equal(reserve(), 35, "the reserve after the file is mended")


@suite.test
def case_p1_after_its_validity_a_value_is_null_and_its_age_grows(env):
    broker, _, _, daemon = start(env, settings={**SETTINGS, "interval_s": 2, "stale_after_s": 5})

    def battery():
        return daemon.state()["batteries"][0]
    send_until(broker, lambda: battery()["soc_pct"] == 50, "the reading", soc=50)

    def shows_power():
        send(broker, 50, W=1500)
        return battery()["power_w"] == 1500
    wait_until(shows_power, "the power", every=0.2)
    wait_until(lambda: battery()["quality"] == "missing", "its validity to end")
    stale = battery()
    equal([stale[name] for name in ("soc_pct", "temp_c", "power_w")], [None] * 3, "what is shown")
    assert stale["age_s"] > 5, stale
    wait_until(lambda: battery()["age_s"] > stale["age_s"] + 1, "the age to grow")
    out = daemon.cli("status")[1]
    assert "1500" not in out and "1.5 kW" not in out, out


suite.run()
