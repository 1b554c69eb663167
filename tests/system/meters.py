"""Meters stored: a row a minute, import and export apart, every level the same energy, at the server too."""

import datetime
import json
import sqlite3
import subprocess
import time

from harness import Amphorad, Mosquitto, Suite, equal, wait_until
from server_scene import assert_stores_are_equal, ready_database, store_config

suite = Suite("meters")

HOUSE = {"zone": "Europe/Rome",
         "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}]}
SPEED = 120
MINUTE_S = 60 / SPEED
UTC = datetime.timezone.utc


class Meters:
    """Publishes for a house on a faster clock, some times a minute."""

    def __init__(self, broker, minute_s=MINUTE_S):
        self.minute_s = minute_s
        self.pipes = {name: topic_pipe(broker, f"amphora/meter/{name}") for name in ("grid", "pv", "load")}

    def say(self, minutes, **values):
        end = time.monotonic() + minutes * self.minute_s
        while time.monotonic() < end:
            for name, power_w in values.items():
                self.pipes[name].stdin.write(f"{power_w}\n")
                self.pipes[name].stdin.flush()
            time.sleep(self.minute_s / 6)

    def stop(self):
        for pipe in self.pipes.values():
            pipe.stdin.close()
            equal(pipe.wait(), 0, "the publisher's exit code")


def topic_pipe(broker, topic):
    return subprocess.Popen(["mosquitto_pub", "-p", str(broker.port), "-q", "1", "-l", "-t", topic],
                            stdin=subprocess.PIPE, text=True)


def clock():
    """One that goes on from here over a restart."""
    return f"{SPEED}@{int(time.time() * 1000)}"


def series(daemon, query):
    status, body = daemon.http("GET", "/api/v1/series?kind=meter&" + query)
    equal(status, 200, f"{query}: {body}")
    return body


def sums(rows, name):
    return sum(row[name] for row in rows)


COLUMNS = ("ts_ms, meter, power_w, power_min_w, power_max_w, power_last_w, imported_wh, exported_wh, "
           "known_s, count, quality, flags")


def exported_and_back(env, daemon, count):
    """What is exported is another journal's when it is imported, each minute once, energy and all."""
    file, sqlite_file = env.path("meters.csv"), env.path("all.sqlite")
    equal(daemon.cli("export", "--meters", "--output", file)[0], 0)
    equal(daemon.cli("export", "--meters", "--decisions")[0], 2, "two kinds")
    other = Amphorad(env, HOUSE, name="other", clock=daemon.arguments[-1])
    wait_until(lambda: other.state()["wall_trusted"], "a clock that is trusted")
    code, out, error = other.cli("import", file)
    assert code == 0 and out.startswith(f"{count} rows stored, 0 were there"), (code, out, error)
    code, out, error = other.cli("import", file)
    assert out.startswith(f"0 rows stored, {count} were there already"), (code, out, error)
    equal(other.rows("meter_data", COLUMNS, order="ts_ms, meter, count"),
          daemon.rows("meter_data", COLUMNS, order="ts_ms, meter, count"), "minutes")
    wait_until(lambda: other.rows("meter_rollup", "sum(imported_wh)", "level = 1440", "1") !=
               [(None,)], "rollups")
    code, out, error = other.cli("import", "-", input="at,meter,power_w,known_s\n"
                                 "2999-01-01T00:00:00Z,grid,1,60\n2026-03-01T00:00:30Z,grid,1,60\n"
                                 "2026-03-01T00:00:00Z,b1,1,60\n2026-03-01T00:00:00Z,pv,600,60\n")
    assert out.startswith("1 rows stored, 0 were there already, 3 lines not understood"), (out, error)
    assert "line 2" in error and "still to come" in error and "beginning of a minute" in error, error
    equal(daemon.cli("export", "--format", "sqlite", "--output", sqlite_file)[0], 0)
    with sqlite3.connect(sqlite_file) as stored:
        equal(stored.execute("SELECT count(*), count(imported_wh), typeof(max(known_s)) FROM "
                             "meter_data").fetchone(), (count, count, "real"))
    stored.close()
    line = daemon.cli("export", "pv", "--meters", "--format", "json")[1].splitlines()[0]
    equal(json.loads(line)["power_max_w"], 600)


@suite.test
def meters_are_stored_by_the_minute_with_import_and_export_apart(env):
    broker = Mosquitto(env)
    broker.publish("amphora/meter/grid", "4711", retain=True)
    daemon = Amphorad(env, HOUSE | {"mqtt": {"host": "127.0.0.1", "port": broker.port}}, clock=clock())
    wait_until(lambda: daemon.state()["broker"]["connected"], "the broker")
    meters = Meters(broker)
    meters.say(3, grid=1200, pv=600, load=1800)
    broker.publish("amphora/meter/grid", "nonsense")
    meters.say(3, grid=-1200, pv=600, load=-20)
    live = daemon.state()["meters"]
    equal([live[name]["power_w"] for name in ("grid", "pv", "load")], [-1200, 600, 0], "live")
    meters.stop()

    # Silence: the last value holds for 90 s, and then nothing is stored.
    wait_until(lambda: daemon.state()["meters"]["pv"]["power_w"] is None, "silence")
    wait_until(lambda: len(daemon.rows("meter_data", "row", "meter = 'pv'")) >= 6, "minutes")
    equal(daemon.stop(), 0)
    count = len(daemon.rows("meter_data"))
    assert 18 <= count <= 30, count
    for power_w, known_s, imported, exported in daemon.rows(
            "meter_data", "power_w, known_s, imported_wh, exported_wh"):
        assert abs(power_w * known_s / 3600 - imported + exported) < 0.01, "mean and energy differ"
    limits = daemon.rows("meter_data", "meter, min(power_min_w), max(power_max_w)", "1 GROUP BY meter",
                         "meter")
    equal(limits, [("grid", -1200, 1200), ("load", 0, 1800), ("pv", 600, 600)], "extremes")
    imported, exported = daemon.rows("meter_data", "sum(imported_wh), sum(exported_wh)",
                                     "meter = 'grid'", "1")[0]
    assert 45 < imported < 85 and 60 < exported < 115, (imported, exported)

    daemon.start()
    wait_until(lambda: daemon.rows("meter_rollup", "sum(known_ms)", "level = 1440", "1") ==
               daemon.rows("meter", "sum(60000 - unknown_ms)", order="1"), "rollups")
    assert series(daemon, "level=1day&from=0")["rolled_up_to"], "how far"
    stored = series(daemon, "from=0&node=grid")
    equal(stored["level"], "raw")
    for level in ("1min", "15min", "1day"):
        rows = series(daemon, f"level={level}&from=0&node=grid")["rows"]
        for name in ("imported_wh", "exported_wh", "known_s", "count"):
            assert abs(sums(rows, name) - sums(stored["rows"], name)) < 0.01, (level, name, rows)
    equal(daemon.http("GET", "/api/v1/series?kind=meter&node=b1")[0], 404, "no meter")
    begin = stored["rows"][0]["at"]
    answer = series(daemon, f"node=grid&points=500&agg=minmax&from={begin}")
    equal(answer["level"], "1min")
    columns = answer["columns"]
    equal(len(columns["t"]), len(columns["exported_wh"]))
    assert abs(sum(wh or 0 for wh in columns["exported_wh"]) - exported) < 0.01, columns
    equal((max(w for w in columns["power_max_w"] if w is not None),
           min(w for w in columns["power_min_w"] if w is not None)), (1200, -1200))
    status, text = daemon.http("GET", f"/api/v1/series?kind=meter&node=pv&format=csv&from={begin}")
    equal((status, text.splitlines()[0]), (200, "at,power_w,imported_wh,exported_wh,known_s,count"))

    code, out, error = daemon.cli("history", "--meters", "grid", "--level", "1day")
    equal(code, 0, error)
    assert "in steps of a day" in error and "Wh out" in out and "known for" in out, (out, error)
    code, out, error = daemon.cli("history", "--meters", "--level", "raw", "--csv")
    equal((code, len(out.splitlines())), (0, count + 1), error)
    equal(daemon.cli("history", "--meters", "--relays")[0], 2, "two kinds")
    exported_and_back(env, daemon, count)


def second(text):
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@suite.test
def a_meters_day_is_the_houses_and_has_23_or_25_hours(env):
    path = env.path("journal.db")
    daemon = Amphorad(env, HOUSE | {"store": {"path": str(path)}})
    daemon.stop()
    with sqlite3.connect(path) as journal:
        journal.execute("INSERT INTO meter_name VALUES (1, 'load')")
        for first, last in (("2026-03-27T23:00:00", "2026-03-30T22:00:00"),
                            ("2026-10-24T22:00:00", "2026-10-26T23:00:00")):
            journal.executemany(
                "INSERT INTO meter VALUES (NULL, 1, ?, 0, 6000, 6000, 6000, 6000, 6, 0, 0)",
                ((at * 1000,) for at in range(second(first), second(last), 60)))
    journal.close()
    daemon.start()
    last = second("2026-10-26T23:00:00")
    wait_until(lambda: (series(daemon, "level=1day&from=0")["rolled_up_to"] or "") >=
               datetime.datetime.fromtimestamp(last, UTC).strftime("%Y-%m-%dT%H:%M:%S"), "rollups")
    days = series(daemon, "level=1day&from=2026-03-27T23:00:00Z&to=2026-10-26T23:00:00Z")["rows"]
    equal([(day["from"], round(day["imported_wh"]), round(day["known_s"] / 3600)) for day in days],
          [("2026-03-27T23:00:00.000Z", 24 * 600, 24), ("2026-03-28T23:00:00.000Z", 23 * 600, 23),
           ("2026-03-29T22:00:00.000Z", 24 * 600, 24), ("2026-10-24T22:00:00.000Z", 25 * 600, 25),
           ("2026-10-25T23:00:00.000Z", 24 * 600, 24)])
    begin = time.monotonic()
    answer = series(daemon, "node=load&points=1500&from=2026-03-28T23:00:00Z&to=2026-03-29T22:00:00Z")
    equal((answer["level"], len(answer["columns"]["t"])), ("1min", 23 * 60), answer["step_s"])
    print(f"# a day of minutes as columns: {(time.monotonic() - begin) * 1000:.0f} ms")


@suite.test
def meters_reach_the_server_row_by_row(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, HOUSE | {"mqtt": {"host": "127.0.0.1", "port": broker.port},
                                    "store": store_config(database)}, clock=clock())
    wait_until(lambda: daemon.state()["broker"]["connected"], "the broker")
    meters = Meters(broker)
    meters.say(4, grid=-800.4, pv=2500)
    meters.stop()
    wait_until(lambda: daemon.state()["meters"]["pv"]["power_w"] is None, "silence")
    wait_until(lambda: int(database.sql("SELECT COUNT(*) FROM meter_data")[0][0]) >= 8, "rows there")
    equal(daemon.stop(), 0)
    assert_stores_are_equal(daemon, database)
    # Two days of it where the minutes went past midnight.
    (meter, exported), = database.sql("SELECT meter, SUM(exported_wh) > 40 FROM meter_day WHERE "
                                      "meter = 'grid' GROUP BY meter")
    equal((meter, exported), ("grid", "1"))


@suite.test
def several_meters_are_added_up_and_a_silent_one_is_said(env):
    broker = Mosquitto(env)
    daemon = Amphorad(env, HOUSE | {"mqtt": {"host": "127.0.0.1", "port": broker.port},
                                    "meters": {"pv": ["roof", "garage", "carport"]}}, clock=clock())
    wait_until(lambda: daemon.state()["broker"]["connected"], "the broker")
    equal(daemon.state()["meters"]["pv"]["silent"], ["roof", "garage", "carport"])
    pipes = [topic_pipe(broker, f"amphora/meter/pv/{name}") for name in ("roof", "garage", "carport")]
    counter = topic_pipe(broker, "amphora/meter/grid/main/imported_wh")

    def say(minutes, roof, garage, carport, wh=None):
        """All of them, ten times a minute; None is silence. Returns what is live at the end."""
        end = time.monotonic() + minutes * MINUTE_S
        while time.monotonic() < end:
            for pipe, value in zip([*pipes, counter], (roof, garage, carport, wh and wh()), strict=True):
                if value is not None:
                    pipe.stdin.write(f"{value}\n")
                    pipe.stdin.flush()
            time.sleep(MINUTE_S / 10)
        return daemon.state()["meters"]

    pv = say(2, 1000, 200, 30)["pv"]
    equal((pv["power_w"], pv["of"], pv["silent"], pv["quality"]), (1230, 3, [], "good"))
    pv = say(3, 1000, None, 30)["pv"]
    equal((pv["power_w"], pv["of"], pv["silent"], pv["quality"]), (1030, 3, ["garage"], "assumed"))
    assert "1030 W (2 of 3: garage is silent)" in daemon.cli("status")[1], daemon.cli("status")[1]
    began = time.monotonic()

    def counted():
        """3 kW by the house's clock; a zero among them is none."""
        counted.calls += 1
        return 0 if counted.calls == 9 else round(1e6 + 3000 * (time.monotonic() - began) * SPEED / 3600, 3)

    counted.calls = 0
    grid = say(4, 1000, 200, 30, counted)["grid"]
    assert grid["of"] == 1 and 1500 < grid["power_w"] < 6000, grid
    broker.publish("amphora/meter/pv/roof", "-800")
    wait_until(lambda: "meter-wrong" in daemon.alerts(), "the alert")
    assert "roof: it says -800 W" in json.dumps(daemon.alerts()["meter-wrong"]), daemon.alerts()
    for pipe in [*pipes, counter]:
        pipe.stdin.close()
        pipe.wait()
    wait_until(lambda: daemon.state()["meters"]["pv"]["power_w"] is None, "silence")
    equal(daemon.stop(), 0)
    qualities = {quality for quality, in daemon.rows("meter_data", "quality", "meter = 'pv'")}
    equal(qualities, {4, 1}, "good and assumed")
    imported = daemon.rows("meter_data", "sum(imported_wh)", "meter = 'grid'", "1")[0][0]
    assert 100 < imported < 450, imported


@suite.test
def a_grid_meter_that_is_turned_is_named_and_its_values_marked(env):
    broker = Mosquitto(env)
    daemon = Amphorad(env, {"zone": "UTC", "mqtt": {"host": "127.0.0.1", "port": broker.port},
                            "store": {"commit_delay_s": 60}}, clock=clock())
    wait_until(lambda: daemon.state()["broker"]["connected"], "the broker")
    meters = Meters(broker)
    meters.say(2.2, grid=-1500, pv=0, load=1500)
    equal(daemon.rows("meter_data"), [], "minutes that wait for more, for the sake of an SD card")
    meters.say(10, grid=-1500, pv=0, load=1500)
    wait_until(lambda: "meter-wrong" in daemon.alerts(), "the alert")
    words = json.dumps(daemon.alerts()["meter-wrong"])
    assert "grid: its sign is turned: it says -1500 W, the others come to 1500 W" in words, words
    meters.say(1, grid=-1500, pv=0, load=1500)
    state = daemon.state()["meters"]
    equal({name: state[name]["quality"] for name in state},
          {"grid": "suspect", "pv": "good", "load": "good"})
    assert "(cannot be right)" in daemon.cli("status")[1], daemon.cli("status")[1]
    meters.say(11, grid=1500, pv=0, load=1500)
    wait_until(lambda: "meter-wrong" not in daemon.alerts(), "its end")
    meters.stop()
    equal(daemon.stop(), 0)
    for name in ("grid", "pv", "load"):
        minutes = [at for at, in daemon.rows("meter_data", "ts_ms", f"meter = '{name}'")]
        equal(minutes, list(range(minutes[0], minutes[-1] + 1, 60000)), "each minute once")
        assert len(minutes) >= 23, minutes
    equal({quality for quality, in daemon.rows("meter_data", "quality", "meter = 'grid'")}, {3, 4},
          "good and suspect")


class Battery:
    """One of 10 kWh that says its own power; its temperature moves a little, as any does."""

    def __init__(self, broker):
        self.pipe = topic_pipe(broker, "amphora/b1/battery")
        self.soc_pct, self.said = 40, 0

    def pass_10_s(self, power_w):
        self.soc_pct += power_w * 10 / 3600 / 10000 * 100
        self.said += 1
        self.pipe.stdin.write(json.dumps({"node": "b1", "SoC": round(self.soc_pct, 2), "W": power_w,
                                          "Temp": 20 + self.said % 5 / 10}) + "\n")
        self.pipe.stdin.flush()

    def stop(self):
        self.pipe.stdin.close()
        equal(self.pipe.wait(), 0, "the publisher's exit code")


@suite.test
def a_load_meter_that_stands_still_while_the_house_does_not_is_said_and_marked(env):
    broker = Mosquitto(env)
    daemon = Amphorad(env, HOUSE | {"zone": "UTC", "mqtt": {"host": "127.0.0.1", "port": broker.port}}, clock=480)
    wait_until(lambda: daemon.state()["broker"]["connected"], "the broker")
    meters, battery = Meters(broker, 60 / 480), Battery(broker)

    def pass_minutes(minutes, battery_w, **values):
        for _ in range(round(minutes * 6)):
            battery.pass_10_s(battery_w)
            meters.say(1 / 6, **values)
    # A base load that never changes is right as long as the others say so too, with what the battery takes.
    pass_minutes(32, 2000, grid=2300, pv=0, load=300)
    equal((daemon.alerts(), daemon.state()["meters"]["load"]["quality"]), ({}, "good"), "a quiet house")
    pass_minutes(2, 0, grid=320, pv=0, load=320)

    def is_told():
        for grid_w in (2300, 2310):
            pass_minutes(0.5, 0, grid=grid_w, pv=0, load=300)
        return "meter-wrong" in daemon.alerts()
    wait_until(is_told, "the alert")
    words = json.dumps(daemon.alerts()["meter-wrong"])
    assert "load: it has said 300 W and nothing else for " in words, words
    pass_minutes(1, 0, grid=2300, pv=0, load=300)
    state = daemon.state()["meters"]
    equal({name: state[name]["quality"] for name in state}, {"grid": "good", "pv": "good", "load": "frozen"})
    assert "load 300 W (stands still)" in daemon.cli("status")[1], daemon.cli("status")[1]
    pass_minutes(2, 0, grid=2300, pv=0, load=2310)
    wait_until(lambda: "meter-wrong" not in daemon.alerts(), "its end")
    meters.stop()
    battery.stop()
    equal(daemon.stop(), 0)
    equal({quality for quality, in daemon.rows("meter_data", "quality", "meter = 'load'")}, {2, 4},
          "good and frozen")


suite.run()
