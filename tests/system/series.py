"""Series as columns: one value a point, extremes kept, energy added up, null where nothing is known."""

import csv
import datetime
import io
import json
import sqlite3
import time

from harness import Amphorad, Suite, equal, wait_until

suite = Suite("series")

HOUSE = {"zone": "Europe/Rome",
         "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}],
         "relays": [{"id": "r1", "battery": "b1", "role": "source",
                     "uri": "coap://127.0.0.1:9/relay"}]}
UTC = datetime.timezone.utc


def second(text):
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def with_rows(env, readings=(), relays=()):
    """A daemon on a journal with (second, soc, power, interval) and (second, state) in it."""
    path = env.path("journal.db")
    daemon = Amphorad(env, HOUSE | {"store": {"path": str(path)}})
    daemon.stop()
    with sqlite3.connect(path) as journal:
        journal.executemany(
            "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, power_w, interval_s, quality,"
            " flags) VALUES (?, 'b1', ?, 21.5, ?, ?, 4, 0)",
            ((at * 1000, soc, power, interval) for at, soc, power, interval in readings))
        journal.executemany(
            "INSERT INTO rele_data (ts_ms, flags, relay, battery, role, state, phase, wished,"
            " lease_s) VALUES (?, 0, 'r1', 'b1', 'source', ?, 'confirmed', ?, 60)",
            ((at * 1000, state, state) for at, state in relays))
    journal.close()
    daemon.start()
    return daemon


def is_rolled_up(daemon, end):
    until = daemon.state()["store"]["journal"]["rolled_up_to"]
    return until is not None and second(until.rstrip("Z")) >= end


def columns(daemon, query):
    status, body = daemon.http("GET", "/api/v1/series?" + query)[:2]
    equal(status, 200, f"{query}: {body}")
    return body


DAY = second("2026-03-22T00:00:00")


def a_day(first=DAY, seconds=86400, step=10):
    """1 kW of charging, SoC from 20 up by a percent a quarter, and one short peak."""
    return [(at, 95 if at == first + 40000 else 20 + min((at - first) // 900, 50), 1000, step)
            for at in range(first, first + seconds, step)]


@suite.test
def where_a_battery_has_lived_is_told_with_its_cycles(env):
    first = int(time.time()) // 86400 * 86400 - 2 * 86400
    daemon = with_rows(env, a_day(first))
    wait_until(lambda: is_rolled_up(daemon, first + 86390), "rollups")
    status, life = daemon.http("GET", "/api/v1/battery/life?battery=b1")[:2]
    equal((status, life["measured_h"], sum(bin["h"] for bin in life["hours"])), (200, 24, 24), "hours")
    equal({bin["temp_c"] for bin in life["hours"]}, {20}, "temperatures")
    by_soc = {bin["soc_pct"]: bin["h"] for bin in life["hours"]}
    equal((by_soc[20], by_soc[65], by_soc[70]), (1.25, 1.25, 11.5), "at 20, 65 and 70 %")
    equal(round(life["cycles"]["efc"], 6), 0.25, "50 % in is a quarter of a cycle")
    assert life["cycles"]["low"] < 0.25 < life["cycles"]["high"] - 0.1, life["cycles"]  # the peak
    health = daemon.json("health", "b1")["batteries"][0]
    equal(health["life"]["cycles"], life["cycles"], "by hand")
    limits = {limit["name"]: (limit["value"], limit["release"]) for limit in health["limits"]}
    equal((limits["ceiling_pct"], limits["charge_min_c"]), ((95, 93), (5, 7)), "limits")
    equal((life["learned"]["capacity_wh"], life["learned"]["needs"].split(":")[0]),
          (None, "not enough data"), "what it holds")
    code, out, _ = daemon.cli("health")
    assert "not enough data: 1 charges and 0 discharges" in out, out
    assert code == 0 and "full cycles in 30 days: 0.2 EFC, from charge alone" in out and "of 24 h measured" in out, out
    assert "cold, charging" in out and "charge_min_c" not in out and "As it comes" in out, out
    equal(daemon.cli("health", "b9")[0], 5, "exit code for what is not there")


@suite.test
def what_a_battery_takes_and_gives_is_learned_from_measured_power(env):
    """Six days: from 20 to 70 % in ten hours at 500 W, and down again at 450 W."""
    first = int(time.time()) // 86400 * 86400 - 7 * 86400

    def row(at):
        hour = at % 86400 / 3600
        soc = 20 + 5 * (min(hour, 10) - min(max(hour - 12, 0), 10))
        return at, soc, 500 if hour < 10 else -450 if 12 <= hour < 22 else 0, 300
    daemon = with_rows(env, [row(at) for at in range(first, first + 6 * 86400, 300)])
    wait_until(lambda: is_rolled_up(daemon, first + 6 * 86400 - 300), "rollups")
    learned = daemon.http("GET", "/api/v1/battery/life?battery=b1")[1]["learned"]
    equal((learned["charges"], learned["discharges"], learned["needs"]), (6, 6, None), "runs")
    for name, truth in (("takes_wh", 10000), ("gives_wh", 9000), ("efficiency", 0.9)):
        assert abs(learned[name]["value"] / truth - 1) < 0.03, (name, learned[name])
        assert learned[name]["low"] <= learned[name]["value"] <= learned[name]["high"], learned
    code, out, _ = daemon.cli("health", "b1")
    assert code == 0 and "comes out again" in out and "from full to empty" in out, out


@suite.test
def what_happens_every_day_is_forecast_from_the_log(env):
    """Four days that are alike: up from 20 to 70 % in half a day, and at once down again."""
    now = int(time.time())
    midnight = now // 86400 * 86400

    def soc(at):
        return 20 + min(at % 86400 // 900, 50)
    daemon = with_rows(env, [(at, soc(at), 0, 300) for at in range(midnight - 4 * 86400, now, 300)])
    status, forecast = daemon.http("GET", "/api/v1/forecast?battery=b1&hours=24")[:2]
    equal((status, forecast["needs"], forecast["step_s"]), (200, [], 900), str(forecast)[:200])
    assert 3.9 < forecast["days_known"] < 5.1, forecast["days_known"]
    table = forecast["columns"]
    equal({len(column) for column in table.values()}, {96}, "length of each column")
    assert now - 900 < table["t"][0] - 900 <= now, (now, table["t"][0])
    off = [abs(value - soc(at - 1)) for at, value in zip(table["t"], table["soc_p50_pct"])]
    assert sum(off) / len(off) < 3, off
    for quantity in ("soc_p{}_pct", "temp_p{}_c"):
        low, middle, high = (table[quantity.format(q)] for q in (10, 50, 90))
        assert all(a <= b <= c for a, b, c in zip(low, middle, high)), quantity
    assert all(abs(value - 21.5) < 0.2 for value in table["temp_p50_c"]), table["temp_p50_c"]
    wait_until(lambda: is_rolled_up(daemon, midnight), "rollups")
    again = daemon.http("GET", "/api/v1/forecast?battery=b1&hours=24")[1]["columns"]["soc_p50_pct"]
    assert all(abs(a - b) < 2 for a, b in zip(again, table["soc_p50_pct"])), "from quarters of an hour"


@suite.test
def columns_are_of_one_length_and_keep_a_short_peak(env):
    daemon = with_rows(env, a_day())
    wait_until(lambda: is_rolled_up(daemon, DAY + 86390), "rollups")
    answer = columns(daemon, "node=b1&from=2026-03-22T00:00:00Z&to=2026-03-23T00:00:00Z"
                             "&points=200")
    table = answer["columns"]
    equal(answer["level"], "1min", "level")
    equal(answer["step_s"], 480, "whole minutes, at most 200 of them")
    equal({len(column) for column in table.values()}, {180}, "length of each column")
    equal(table["t"][:2], [DAY, DAY + 480], "beginnings")
    equal(max(table["soc_max_pct"]), 95, "the peak is kept")
    assert max(table["soc_pct"]) < 95, "and no mean"
    equal(sum(table["count"]), 8640, "readings")
    assert abs(sum(table["charged_wh"]) - 24000) < 10, "energy is added up"
    equal(sum(table["discharged_wh"]), 0, "nothing went out")


@suite.test
def the_last_value_and_the_extremes_are_there_when_asked_for(env):
    daemon = with_rows(env, a_day(seconds=3600))
    query = "node=b1&from=2026-03-22T00:00:00Z&to=2026-03-22T01:00:00Z&level=raw&points=2"
    equal(columns(daemon, query + "&agg=last")["columns"]["soc_pct"], [21, 23], "last")
    extremes = columns(daemon, query + "&agg=minmax")["columns"]
    equal(extremes["soc_min_pct"], [20, 22], "least")
    equal(extremes["power_max_w"], [1000, 1000], "most")
    equal(extremes["temp_min_c"], [21.5, 21.5], "coldest")


@suite.test
def a_gap_is_null_and_no_zero_and_what_comes_every_ten_seconds_has_none(env):
    daemon = with_rows(env, a_day(seconds=1200) + a_day(DAY + 2400, 1200))
    answer = columns(daemon, "node=b1&from=2026-03-22T00:00:00Z&to=2026-03-22T01:00:00Z"
                             "&points=5000")
    table = answer["columns"]
    equal(answer["step_s"], 20, "no point is shorter than two intervals")
    known = [value is not None for value in table["soc_pct"]]
    equal(known, [True] * 60 + [False] * 60 + [True] * 60, "what is known")
    for name in ("count", "power_w", "charged_wh", "soc_min_pct"):
        equal([value is not None for value in table[name]], known, name)
    assert sum(value or 0 for value in table["charged_wh"]) < 1000 * 2400 / 3600, "none over it"


@suite.test
def days_are_the_houses_and_have_23_hours_once(env):
    first = second("2026-03-27T23:00:00")
    daemon = with_rows(env, a_day(first, 71 * 3600, 60))
    wait_until(lambda: is_rolled_up(daemon, first + 71 * 3600 - 60), "rollups")
    answer = columns(daemon, "node=b1&level=1day&points=10&from=2026-03-27T23:00:00Z"
                             "&to=2026-03-30T22:00:00Z")
    table = answer["columns"]
    equal(answer["step_s"], None, "days need not be equally long")
    equal(table["t"], [first, first + 24 * 3600, first + 47 * 3600], "midnights")
    equal(table["count"], [1440, 1380, 1440], "readings")


@suite.test
def a_relay_is_on_off_or_not_known(env):
    rows = [(DAY, "off")] + [(DAY + 600 + minute * 60, "on") for minute in range(5)]
    rows += [(DAY + 900, "off"), (DAY + 1500, "on"), (DAY + 3000, "on"), (DAY + 3060, "off")]
    daemon = with_rows(env, relays=rows)
    table = columns(daemon, "node=r1&kind=relay&points=12&from=2026-03-22T00:00:00Z"
                            "&to=2026-03-22T01:00:00Z")["columns"]
    equal(table["on"][:6], [False, False, True, False, False, None],
          "off stays off; on is not taken for on over a gap")
    equal(table["on_s"][:4], [0, 0, 300, 0], "seconds")
    equal(sum(value or 0 for value in table["closings"]), 2, "closings")


@suite.test
def csv_says_the_same_as_the_columns(env):
    daemon = with_rows(env, a_day(seconds=1200) + a_day(DAY + 2400, 1200))
    query = "node=b1&points=30&level=raw&from=2026-03-22T00:00:00Z&to=2026-03-22T01:00:00Z"
    table = columns(daemon, query + "&format=columns")["columns"]
    status, text = daemon.http("GET", "/api/v1/series?" + query + "&format=csv")[:2]
    equal(status, 200, "status")
    rows = list(csv.DictReader(io.StringIO(text)))
    equal(len(rows), 30, "lines")
    equal(rows[0]["at"], "2026-03-22T01:00:00.000+01:00", "time of the house")
    for name in ("soc_pct", "charged_wh", "count"):
        equal([float(row[name]) if row[name] else None for row in rows], table[name], name)


@suite.test
def what_makes_no_sense_is_refused_by_name(env):
    daemon = with_rows(env)
    for query, word in (("points=0&node=b1", "points"), ("points=5001&node=b1", "points"),
                        ("agg=sum&node=b1", "agg"), ("format=xml&node=b1", "format"),
                        ("points=5", "node"), ("points=5&node=b1&level=week", "level"),
                        ("points=5&node=b1&from=2026-03-23T00:00:00Z&to=2026-03-22T00:00:00Z",
                         "from")):
        status, body = daemon.http("GET", "/api/v1/series?" + query)[:2]
        equal(status, 400, query)
        assert word in body["detail"], f"{query}: {body}"
    equal(daemon.http("GET", "/api/v1/series?points=5&node=other")[0], 404, "nobody")


suite.run()
