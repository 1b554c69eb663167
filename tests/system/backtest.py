"""`amphora backtest`: figures, causality, an optimum that is not ours, and what is said of bad data."""

import csv
import datetime
import json
import os
import pathlib
import random
import re
import xml.etree.ElementTree
import zoneinfo

from harness import ROOT, Suite, equal, find_program, skip

suite = Suite("backtest")
DATA = ROOT / "tests" / "data"
HEAD = "time,load_w,pv_w,import_price,export_price\n"
STRATEGIES = ("none", "self-use", "tou", "topup", "plan", "perfect")
ONE_WAY = 0.9 ** 0.5


def real_homes():
    """Where the recorded homes are, which are not part of the project."""
    place = pathlib.Path(os.environ.get("AMPHORA_HOMES", ROOT.parent / "shared" / "data" / "homes"))
    return place if place.is_dir() else skip(f"no recorded homes in {place} (AMPHORA_HOMES)")


def backtest(env, path, strategy, *options, code=0):
    result, out, error = env.run("amphora", "backtest", "--csv", path, "--strategy", strategy,
                                 *options, "--json", timeout=120)
    equal(result, code, f"exit code ({error})")
    return json.loads(out) if code == 0 else error


def first_lines(source, count):
    return "".join(source.read_text().splitlines(keepends=True)[:count + 1])


def hour(number, load, pv, buy, sell):
    return f"2026-06-{1 + number // 24:02}T{number % 24:02}:00:00+02:00,{load},{pv},{buy},{sell}\n"


@suite.test
def each_strategy_gives_all_figures_and_perfect_is_the_cheapest(env):
    path = env.write("home.csv", first_lines(DATA / "home-tou.csv", 24 * 21))
    found = {name: backtest(env, path, name, "--wear", "0.01") for name in STRATEGIES}
    for name, figures in found.items():
        for member in ("bill", "captured", "efc", "peak_import_w", "mean_soc_pct",
                       "hours_above_80_pct", "left_to_rule", "seconds", "p99_ms"):
            assert isinstance(figures[member], (int, float)), f"{name}: {member}"
        assert figures["cost"] >= found["perfect"]["cost"] - 1e-4, name
    equal((found["none"]["captured"], found["perfect"]["captured"]), (0, 1))
    equal(found["none"]["efc"], 0)
    assert found["plan"]["captured"] > 0.9, found["plan"]
    equal([(row["of"], row["hours"]) for row in found["plan"]["forecasts"]],
          [(of, hours) for of in ("load", "pv") for hours in (1, 6, 24)])
    for row in found["plan"]["forecasts"]:
        assert 0.6 < row["coverage_80"] < 0.92 and row["mae_w"] > 0, row
    forecasters = found["plan"]["forecasters"]
    equal([one["name"] for one in forecasters], ["days", "naive", "profile", "lags"])
    for one in forecasters:
        assert one["cost_alone"] >= found["perfect"]["cost"] and min(one["load_mae_w"]) > 0, one
    code, out, _ = env.run("amphora", "backtest", "--csv", path, "--strategy", "tou")
    equal(code, 0)
    assert re.search(r"^bill +\d+\.\d\d$", out, re.M) and "captured" in out, out


@suite.test
def bills_are_as_one_would_reckon_them(env):
    """Surplus of 2 kWh, then 3 kWh needed: what the battery gives back has lost a tenth."""
    path = env.write("two.csv", HEAD + hour(0, 0, 2000, 0.3, 0.1) + hour(1, 3000, 0, 0.3, 0.1))
    equal(backtest(env, path, "none")["bill"], round(-0.2 + 0.9, 4))
    equal(backtest(env, path, "self-use")["bill"], round((3 - 2 * 0.9) * 0.3, 4))
    equal(backtest(env, path, "none", "--export-price", "-0.05")["bill"], round(0.1 + 0.9, 4))
    prices = env.write("export.csv", "time,export_price\n2026-06-01T00:00:00+02:00,0.2\n")
    equal(backtest(env, path, "none", "--export-price", prices)["bill"], round(-0.4 + 0.9, 4))
    full = backtest(env, path, "self-use", "--soc-start", "100")
    equal(full["bill"], -0.2, "nothing goes into a full battery")
    limited = backtest(env, path, "none", "--import-limit", "2000", "--soc-start", "100")
    equal(limited["peak_import_w"], 2000)


@suite.test
def a_frontier_names_its_baseline_and_says_that_life_is_modelled(env):
    path = env.write("home.csv", first_lines(DATA / "home-dynamic.csv", 24 * 21))
    code, out, error = env.run("amphora", "backtest", "--csv", path, "--frontier", "--json")
    equal(code, 0, error)
    frontier = json.loads(out)
    equal((frontier["baseline"], frontier["temp_c"], frontier["years"]), ("self-use", 25, 10))
    assert "modelled, not measured" in frontier["words"], frontier["words"]
    first, *points = frontier["points"]
    equal((first["strategy"], first["saved"]), ("self-use", 0))
    equal([point["strategy"] for point in points], ["plan"] * len(points))
    assert points[0]["efc_a_year"] > points[-1]["efc_a_year"], "dear wear means fewer cycles"
    assert points[0]["bill"] < points[-1]["bill"], "and a higher bill"
    assert points[0]["lfp"]["cycles_pct"] > points[-1]["lfp"]["cycles_pct"]
    cold = backtest(env, path, "self-use", "--temperature", "10")["modelled"]
    for cell in ("lfp", "nmc"):
        assert 0 < cold[cell]["calendar_pct"] < first[cell]["calendar_pct"], cell
        equal(cold[cell]["cycles_pct"], first[cell]["cycles_pct"])
    code, out, _ = env.run("amphora", "backtest", "--csv", path, "--frontier")
    assert code == 0 and "the baseline is self-use" in out and "modelled" in out, out


@suite.test
def exclusive_paths_cost_what_charging_does_not_follow(env):
    """1 kW of surplus into 1 kWh at 4 kW: a quarter of the hour buys 3 kW, the rest sells 1 kW."""
    path = env.write("two.csv", HEAD + hour(0, 0, 1000, 0.3, 0.1) + hour(1, 3000, 0, 0.3, 0.1))
    options = "--power", "4", "--efficiency", "1"
    both = backtest(env, path, "self-use", *options, "--relays", "independent")
    equal(both["bill"], round((3 - 1) * 0.3, 4))
    equal(backtest(env, path, "self-use", *options)["bill"], both["bill"], "with an inverter")
    one = backtest(env, path, "self-use", *options, "--relays", "exclusive")
    equal(one["bill"], round(0.25 * 3 * 0.3 - 0.75 * 0.1 + (3 - 1) * 0.3, 4))
    assert "independent" in backtest(env, path, "none", "--relays", "both", code=2)


@suite.test
def steps_of_an_hour_and_a_quarter_give_the_same_bill(env):
    hours = [(i, 500 + 900 * (i % 3), 3000 if 9 <= i % 24 < 15 else 0, 0.2 + 0.1 * (i % 24 > 16), 0.05)
             for i in range(24 * 3)]
    coarse = env.write("hours.csv", HEAD + "".join(hour(*row) for row in hours))
    for minutes in (30, 15, 5):
        fine = env.write(f"{minutes}.csv", HEAD + "".join(
            hour(*row).replace(":00:00+", f":{minute:02}:00+", 1)
            for row in hours for minute in range(0, 60, minutes)))
        for strategy in ("none", "self-use", "tou"):
            one, other = (backtest(env, path, strategy)["bill"] for path in (coarse, fine))
            assert abs(one - other) < 0.002, f"{strategy} at {minutes} min: {one}, {other}"
        equal(backtest(env, fine, "plan")["step_minutes"], minutes)


@suite.test
def what_comes_later_changes_no_decision(env):
    """Load and PV from an hour on are others, or empty: nothing before it changes."""
    lines = (DATA / "home-dynamic.csv").read_text().splitlines(keepends=True)[:48 * 9 + 1]
    dice = random.Random(8)
    whole = env.write("whole.csv", "".join(lines))
    for strategy in STRATEGIES[:-1]:
        at = dice.randrange(48, len(lines) - 48)
        tail = [line.split(",") for line in lines[at + 1:]]
        for kind, change in (("other", lambda: f"{dice.randrange(5000)}"), ("empty", lambda: "")):
            path = env.write("changed.csv", "".join(lines[:at + 1]) + "".join(
                ",".join([row[0], change(), change(), *row[3:]]) for row in tail))
            courses = []
            for source in (whole, path):
                backtest(env, source, strategy, "--output", env.path("slots.csv"))
                courses.append(env.path("slots.csv").read_text().splitlines()[:at + 1])
            assert courses[0] == courses[1], f"{strategy}: {kind} after line {at + 1}"


def linear_programme(rows, wear):
    """Model A as an LP: with hindsight, where selling never pays more than buying costs."""
    hours = range(len(rows))
    cost = " ".join(f"+ {buy} i{t} - {sell} e{t} + {wear} d{t}"
                    for t, (_, _, buy, sell) in enumerate(rows))
    lines = ["Minimize", f" cost: {cost}", "Subject To"]
    for t, (load, pv, _, _) in enumerate(rows):
        before = f" - s{t - 1}" if t else ""
        lines += [f" i{t} - e{t} - c{t} + d{t} = {(load - pv) / 1000}",
                  f" s{t}{before} - {ONE_WAY} c{t} + {1 / ONE_WAY} d{t} = 0"]
    lines += ["Bounds"] + [f" s{t} <= 6.4\n c{t} <= 5\n d{t} <= 5" for t in hours]
    return "\n".join(lines + ["End", ""])


def read_rows(path):
    with open(path, encoding="ascii") as file:
        return [tuple(float(value) for value in row[1:5]) for row in list(csv.reader(file))[1:]]


@suite.test
def perfect_agrees_with_a_solver_that_is_not_ours(env):
    if not find_program("glpsol"):
        skip("glpsol (glpk-utils) is not installed")
    for name, wear in (("home-tou", 0), ("home-tou", 0.04)):
        path = env.write("month.csv", first_lines(DATA / f"{name}.csv", 24 * 28))
        model = env.write("month.lp", linear_programme(read_rows(path), wear))
        code, out, _ = env.run("glpsol", "--lp", model, "-o", env.path("solution"), timeout=120)
        equal(code, 0, out)
        best = float(re.search(r"Objective: +cost = (\S+)", env.path("solution").read_text())[1])
        ours = backtest(env, path, "perfect", "--wear", f"{wear}")
        # A bill near zero has no percents: of what there would be to pay without a battery.
        assert -1e-3 <= ours["cost"] - best <= 0.0005 * ours["none_cost"], f"{ours}, GLPK {best}"


@suite.test
def recorded_homes_cost_to_the_cent_what_is_known_of_them(env):
    homes = real_homes()
    known = {"none": (2250.87, 1966.13, 1315.52, 1707.28, 1540.88),
             "self-use": (1444.29, 1332.66, 739.50, 1353.82, 1023.76)}
    for strategy, bills in known.items():
        for number, bill in enumerate(bills, 1):
            found = backtest(env, homes / f"home{number}-tou.csv", strategy)["bill"]
            assert abs(found - bill) < 0.006, f"{strategy}, home {number}: {found}, not {bill}"


@suite.test
def odd_data_is_named_and_planned_around(env):
    rows = [hour(i, 400 + i % 7, 2000 if 10 <= i % 24 < 14 else 0, 0.3, 0.1) for i in range(24 * 4)]
    del rows[30:33]
    rows[5] = hour(5, "nan", 0, 0.3, 0.1)
    rows[40] = hour(43, 400, 900000, 0.3, 0.1)
    rows[26] = hour(26, 400, 700, 0.3, 0.1)
    rows[50] = hour(53, 400, 0, "", 0.1)
    found = backtest(env, env.write("odd.csv", HEAD + "".join(rows)), "plan")
    equal((found["slots"], found["billed"]), (96, 90))
    for words in ("3 slots are missing, the first before line 32", "1 values of pv_w no home can have",
                  "PV gives power between 23 and 3", "6 of 96 slots have no load, PV or price"):
        assert any(words in note for note in found["notes"]), f"{words}: {found['notes']}"
    still = "".join(hour(i, 400, 0, 0.3, 0.1) for i in range(40))
    assert "stands still" in backtest(env, env.write("still.csv", HEAD + still), "none")["notes"][0]


@suite.test
def days_of_23_and_25_hours_are_planned(env):
    for first in ("2026-03-27T00:00:00Z", "2026-10-23T00:00:00Z"):
        at = datetime.datetime.fromisoformat(first.replace("Z", "+00:00"))
        rows = [(at + datetime.timedelta(hours=i)).astimezone(zoneinfo.ZoneInfo("Europe/Rome"))
                for i in range(24 * 6)]
        text = "".join(f"{row.isoformat()},{500 + 50 * row.hour},0,{0.2 + 0.1 * (row.hour > 16)},0\n"
                       for row in rows)
        found = backtest(env, env.write("days.csv", HEAD + text), "plan")
        equal((found["billed"], found["notes"]), (144, []))


@suite.test
def what_cannot_be_read_is_said_with_its_place(env):
    row = hour(0, 1, 1, 1, 1)
    for text, words in (
            ("", "it is empty"),
            ("time,load_w\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,1\n", "1: there is no column pv_w; needed are"),
            ("time,load_w,pv_w,import_price\n2026-01-01T00:00:00Z,1,1,1\n2026-01-01T01:00:00Z,1,1,1\n",
             "1: there is no column export_price"),
            (HEAD + row, "it has 1 rows; at least 2 are needed"),
            (HEAD + row + hour(1, "1 kW", 1, 1, 1), "3: column load_w: 1 kW is no number"),
            (HEAD + row + "2026-06-01T01:00:00,1,1,1,1\n", "3: column time: 2026-06-01T01:00:00 is no"),
            (HEAD + hour(1, 1, 1, 1, 1) + row, "3: column time: it is not after the row before"),
            (HEAD + row + hour(7, 1, 1, 1, 1), "rows are 420.0 min apart"),
            (HEAD + row + hour(1, 1, 1, 1, 1) + hour(2, 1, 1, 1, 1).replace("02:00:00", "02:30:00"),
             "4: column time:"),
            (HEAD + row + "2026-06-01T01:00:00Z,1\n", "3: it has 2 fields, the first line 5")):
        error = backtest(env, env.write("bad.csv", text), "none", code=1)
        assert words in error and "bad.csv" in error, f"{words} is not in {error}"
    error = backtest(env, env.path("nowhere.csv"), "none", code=1)
    assert "it cannot be opened" in error, error


@suite.test
def options_are_checked_before_anything_is_read(env):
    path = env.path("nowhere.csv")
    assert "did you mean plan" in backtest(env, path, "plam", code=2)
    for options, words in ((("--capacity", "0"), "--capacity takes a number from"),
                           (("--efficiency", "1.1"), "not 1.1"), (("--soc-start", "101"), "to 100"),
                           (("--wear", "x"), "--wear takes"), (("--colour", "red"), "unknown option")):
        assert words in backtest(env, path, "plan", *options, code=2), options
    code, _, error = env.run("amphora", "backtest", "--strategy", "plan")
    equal(code, 2)
    assert "--csv is needed" in error, error


@suite.test
def a_cap_on_cycles_is_kept_and_what_is_left_goes_to_the_dear_hours(env):
    path, table = env.write("home.csv", first_lines(DATA / "home-dynamic.csv", 48 * 20)), env.path("slots.csv")
    free = backtest(env, path, "plan", "--wear", 0.01)
    capped = backtest(env, path, "plan", "--wear", 0.01, "--cycles", 1, "--output", table)
    assert free["efc"] > 1.3 * 20 and capped["efc"] <= 20.5, (free["efc"], capped["efc"])
    # Half of the cycles bring more than half of what all do.
    share = (capped["none_cost"] - capped["cost"]) / (free["none_cost"] - free["cost"])
    assert capped["efc"] / free["efc"] < share < 1, (share, capped["efc"], free["efc"])
    given = {}
    for row in csv.DictReader(table.read_text().splitlines()):
        day = row["time"][:10]
        given[day] = given.get(day, 0) + max(-float(row["battery_w"]), 0) / 2 / ONE_WAY
    assert max(given.values()) <= 6400 * 1.001, given


@suite.test
def a_picture_and_a_table_of_slots_are_written(env):
    path = env.write("home.csv", first_lines(DATA / "home-dynamic.csv", 48 * 3))
    picture, table = env.path("home.svg"), env.path("slots.csv")
    backtest(env, path, "plan", "--plot", picture, "--output", table)
    drawn = picture.read_text()
    assert drawn.startswith("<svg") and drawn.endswith("</svg>\n"), drawn[:80]
    equal((drawn.count("class='line'"), drawn.count("class='shade'")), (6, 0), "lines")
    assert "nan" not in drawn and "State of charge" in drawn and ">06:00</text>" in drawn, drawn
    xml.etree.ElementTree.fromstring(drawn)
    # A long one is drawn by the day, with what was between a day's least and most.
    backtest(env, DATA / "home-tou.csv", "self-use", "--plot", picture)
    drawn = picture.read_text()
    equal((drawn.count("class='line'"), drawn.count("class='shade'")), (6, 2), "lines and shades")
    assert "means of a day" in drawn and ">8 Sep</text>" in drawn, drawn[:900]
    lines = table.read_text().splitlines()
    equal((lines[0], len(lines)), ("time,battery_w,grid_w,soc_pct", 48 * 3 + 1))
    assert lines[1].startswith("2025-09-01T00:00:00.000+02:00,"), lines[1]
    error = backtest(env, path, "none", "--plot", env.path("none/x.svg"), code=1)
    assert "it cannot be written" in error, error


suite.run()
