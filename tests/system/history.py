"""Long history: what minutes, quarters and days came to, which of them is shown, and what goes."""

import datetime
import sqlite3

from harness import Amphorad, Suite, equal, wait_until

suite = Suite("long history")

HOUSE = {"zone": "Europe/Rome",
         "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}],
         "relays": [{"id": "r1", "battery": "b1", "role": "source",
                     "uri": "coap://127.0.0.1:9/relay"}]}
UTC = datetime.timezone.utc
INTERVAL_S = 60


def at(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def with_readings(env, first, last, **store):
    """A daemon on a journal with a reading a minute between the two, 600 W while charging."""
    path = env.path("journal.db")
    daemon = Amphorad(env, HOUSE | {"store": {"path": str(path), **store}})
    daemon.stop()
    start, end = (int(at(text).timestamp()) for text in (first, last))
    with sqlite3.connect(path) as journal:
        journal.executemany(
            "INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, power_w, quality, flags)"
            " VALUES (?, 'b1', ?, 21.5, 600, 4, 0)",
            ((second * 1000, 20 + second % 3600 / 60) for second in range(start, end, INTERVAL_S)))
    journal.close()
    daemon.start()
    wait_until(lambda: is_rolled_up(daemon, end), "rollups of all that is stored")
    return daemon


def is_rolled_up(daemon, end):
    until = daemon.state()["store"]["journal"]["rolled_up_to"]
    return until is not None and datetime.datetime.fromisoformat(
        until.replace("Z", "+00:00")).timestamp() >= end - INTERVAL_S


def history(daemon, *arguments):
    return daemon.json("history", "b1", *arguments, "--limit", "10000")


@suite.test
def history_picks_its_level_by_the_time_that_is_asked_for(env):
    daemon = with_readings(env, "2026-03-20T00:00:00", "2026-04-02T00:00:00")
    start = "2026-03-22T00:00:00Z"
    for end, level, rows in (("2026-03-22T02:00:00Z", "raw", 120),
                             ("2026-03-22T12:00:00Z", "1min", 720),
                             ("2026-03-24T00:00:00Z", "15min", 192),
                             ("2026-04-01T00:00:00Z", "1day", 11)):
        answer = history(daemon, "--from", start, "--to", end)
        equal(answer["level"], level, f"level until {end}")
        equal(len(answer["rows"]), rows, f"rows until {end}")


@suite.test
def a_day_is_the_houses_and_has_23_or_25_hours(env):
    daemon = with_readings(env, "2026-03-27T23:00:00", "2026-03-30T22:00:00")
    days = history(daemon, "--level", "1day", "--from", "2026-03-27T23:00:00Z",
                   "--to", "2026-03-30T22:00:00Z")["rows"]
    equal([day["from"] for day in days],
          ["2026-03-27T23:00:00.000Z", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
          "midnights in Rome")
    equal([day["count"] for day in days], [24 * 60, 23 * 60, 24 * 60], "readings")
    equal(round(days[1]["charged_wh"]), 23 * 600, "energy of 23 hours at 600 W")
    code, out, error = daemon.cli("history", "b1", "--level", "1day",
                               "--from", "2026-03-27T23:00:00Z", "--to", "2026-03-30T22:00:00Z")
    assert "in steps of a day" in error, error
    assert "13800" in out, f"{code} {out!r} {error!r}"
    assert "2026-03-29 00:00" in out, out


@suite.test
def old_readings_go_and_their_history_stays(env):
    daemon = with_readings(env, "2026-03-01T00:00:00", "2026-03-02T00:00:00", keep_d=1)
    equal(daemon.rows("battery_data", "count(*)", order="1"), [(24 * 60,)],
          "rows while the clock is not trusted for an hour yet")
    daemon.stop()
    # Half an hour of this machine's time is more than an hour of a clock that runs as fast.
    fast = Amphorad(env, HOUSE | {"store": {"path": str(env.path("journal.db")), "keep_d": 1}},
                    clock="3600", name="fast")
    wait_until(lambda: fast.rows("battery_data", "count(*)", order="1") == [(1,)],
               "the end of what is older than a day")
    answer = fast.json("history", "b1", "--from", "2026-03-01T06:00:00Z",
                       "--to", "2026-03-01T07:00:00Z")
    equal(answer["level"], "1min", "the finest level that is left")
    equal(len(answer["rows"]), 60, "minutes")
    equal(answer["rows"][5]["soc_mean_pct"], 25, "SoC of the sixth")


suite.run()
