"""A house that plans: from prices and its own past, with relays that follow; and what happens where that is missing."""

import datetime
import json
import sqlite3
import zoneinfo

from described import Caller
from harness import Suite, equal, wait_until
from listener import Listener
from scene import Scene

suite = Suite("planned")

DAYS = 4
# The clocks of London change in the night that follows; until then they show UTC.
START = datetime.datetime(2027, 3, 27, 10, 40, tzinfo=datetime.timezone.utc)
CHEAP, DEAR, ELSE = 0.1, 0.5, 0.3
TARIFF = {**dict.fromkeys(range(9, 14), CHEAP), **dict.fromkeys(range(17, 21), DEAR)}
# The rule alone would rest.
RULE = {"charge_below_pct": 20, "charge_until_pct": 25, "discharge_above_pct": 90, "discharge_until_pct": 80}


class Planned(Scene):
    def config(self, batteries, is_demo, settings):
        self.publish(hours=11)
        prices = {"import": {"topic": "home/prices", "from": "/0", "price": "/1", "length": "1h", "unit": "EUR/kWh"},
                  "export": 0.05}
        # Of a roof that this home does not have.
        noon = START.replace(hour=12, minute=0).isoformat()
        sun = self.env.write("sun.json", json.dumps([{"at": noon, "w": 3000}]))
        forecast = {"pv": {"file": str(sun), "from": "/at", "value": "/w", "length": "1h", "unit": "W"}}
        return {**super().config(batteries, is_demo, settings), "zone": "Europe/London", "prices": prices,
                "forecast": forecast, "home_assistant": {}}

    def publish(self, hours=48, **others):
        """Says what each hour costs, from some days ago to so many after midnight; `others` as h15=0.02."""
        midnight = START.replace(hour=0, minute=0)
        begins = [midnight + datetime.timedelta(hours=hour) for hour in range(-DAYS * 24, hours)]
        local = [hour.astimezone(zoneinfo.ZoneInfo("Europe/London")) for hour in begins]
        self.env.run("mosquitto_pub", "-p", self.broker.port, "-q", 1, "-r", "-t", "home/prices", "-m", json.dumps(
            [[hour.isoformat(), others.get(f"h{there.hour}", TARIFF.get(there.hour, ELSE))]
             for hour, there in zip(begins, local)]))


def past():
    """Minutes of the last days: the house needs 1.5 kW in the evening, else 300 W; no sun.

    The day before the load's meter stood still.
    """
    lines = ["at,meter,power_w,known_s,quality"]
    for minute in range(-1440, DAYS * 1440):
        at = START - datetime.timedelta(minutes=DAYS * 1440 - minute)
        load = (9000, "frozen") if minute < 0 else (1500 if 17 <= at.hour < 21 else 300, "good")
        lines += [f"{at:%Y-%m-%dT%H:%M:00Z},{meter},{power},60,{quality}" for meter, (power, quality) in
                  (("load", load), ("pv", (0, "good")))]
    return "\n".join(lines) + "\n"


def meters_of(journal, at, **wh):
    """Writes what meters came to in the hour that begins `at`, by quarters: load=1500, in Wh."""
    begin = int(at.timestamp() * 1000)
    with sqlite3.connect(journal) as db:
        db.executemany("INSERT INTO meter_rollup VALUES (?1, 15, ?2, ?2 + 900000, ?2 + 840000, 15, 0, 900000, ?3, ?3, ?3, ?3, "
                       "max(?3, 0) / 4.0, max(-?3, 0) / 4.0)",
                       [(meter, begin + quarter * 900000, value) for meter, value in wh.items() for quarter in range(4)])


def has_learnt(scene):
    """The past is in the journal, rolled up."""
    return scene.daemon.rows("meter_rollup", "count(*)", order="1")[0][0] >= 2 * (DAYS + 1) * 95


@suite.test
def a_house_plans_its_relays_follow_and_a_replay_says_the_same(env):
    scene = Planned(env, shown_ms=int(START.timestamp() * 1000), logic="plan", **RULE)
    caller = Caller(scene.daemon)
    wait_until(lambda: scene.daemon.state()["wall_trusted"], "a clock that is trusted")

    # Without a past it says what it needs, and the rule decides.
    answer = wait_until(lambda: (now := caller.get("plan"))["needs"] == ["days"] and now, "a need of days")
    equal((answer["plan"], answer["meanwhile"], answer["battery"]), (None, "threshold", "b1"), "without a plan")
    scene.await_words("the rule decides, as there is no plan")
    caller.ask("GET", "plan/explain").problem(404, "not-found")
    caller.ask("GET", "plan?battery=b9").problem(404, "not-found")
    caller.ask("GET", "plan/explain?at=soon").problem(400, "malformed")

    # With one it plans; also after it was killed. Home Assistant's total of energy goes on then.
    home = Listener(env, scene.broker, "homeassistant/device/amphora/config", "amphora/energy/load/state",
                    "amphora/plan/b1/state")
    wait_until(lambda: home.last("amphora/energy/load/state")["energy_kwh"] > 0.02, "energy of the house")
    assert "b1_plan" not in home.last(home.topics[0])["cmps"], "a plan that is not there yet"
    code, out, error = scene.daemon.cli("import", "-", input=past())
    equal(code, 0, f"import: {out} {error}")
    wait_until(lambda: has_learnt(scene), "the past in the journal", 60)
    scene.daemon.kill()
    before = home.last("amphora/energy/load/state")["energy_kwh"]
    known = len(home.heard("amphora/energy/load/state"))
    scene.daemon.start()
    scene.daemon.await_live()
    plan = wait_until(lambda: caller.get("plan")["plan"], "a plan", 60)
    scene.await_charging()

    # Who publishes prices says nothing of what comes after eleven: those of the day before stand in, and it is said.
    at = {slot["at"][11:13]: slot for slot in plan["slots"]}
    equal([(at[hour]["buy"], at[hour]["price_assumed"]) for hour in ("10", "12", "18")],
          [(CHEAP, False), (CHEAP, True), (DEAR, True)], "known and assumed prices")
    wait_until(lambda: "import: nothing since" in json.dumps(scene.daemon.alerts().get("prices-old", {})),
               "the alert", 60)
    plan = wait_until(lambda: (now := caller.get("plan")["plan"])["from"][11:13] == "11" and now, "the next plan")
    equal((plan["state"], plan["prices_assumed"], plan["slots"][0]["price_assumed"]), ("in-force", True, True),
          "the plan without prices")
    scene.await_charging()
    assert "some prices are not known" in scene.daemon.cli("plan")[1], scene.daemon.cli("plan")[1]
    scene.publish()
    plan = wait_until(lambda: (now := caller.get("plan")["plan"])["prices_assumed"] is False and now,
                      "a plan with prices")
    scene.await_end_of("prices-old")

    # A forecast that cannot be of this roof is shown, said, and not gone by.
    twelve = next(slot for slot in plan["slots"] if slot["at"][11:13] == "12")
    equal((twelve["pv_said_w"], twelve["pv_w"], plan["slots"][-1]["pv_said_w"]), (3000, [0, 0, 0], None), "the sun")
    equal((plan["pv_forecast"]["state"], plan["pv_forecast"]["share_pct"]), ("odd", 0), "what it is taken for")

    # So are paths that are never both closed, with what they cost.
    paths = plan["paths"]
    assert 0 <= paths["cost"] < 0.5 and abs(plan["expected"]["bill"] - paths["cost"] - paths["bill_without"]) < 1e-3, paths
    scene.await_words("Charging because the plan", "decided by the plan", "the rule would rest")
    equal((plan["slot_s"], len(plan["slots"]), plan["prices_assumed"]), (3600, 24, False), "slots")
    equal(plan["days_known"], DAYS + 1, "days of the calendar that it knows: not those of a meter that stood still")
    at = {slot["at"][11:13]: slot for slot in plan["slots"]}
    equal([at[hour]["buy"] for hour in ("10", "15", "18")], [CHEAP, ELSE, DEAR], "prices")
    equal(at["18"]["load_w"], [1500] * 3, "what the house will need")
    begins = [datetime.datetime.fromisoformat(slot["at"].replace("Z", "+00:00")) for slot in plan["slots"]]
    equal({later - earlier for earlier, later in zip(begins, begins[1:])}, {datetime.timedelta(hours=1)},
          "from one slot to the next, over the change of the clocks")
    equal([at[hour]["buy"] for hour in ("07", "08")], [ELSE, CHEAP], "prices before and from 09:00 in summer")
    equal((at["15"]["mode"], at["18"]["mode"]), ("hold", "self-consume"), "before and in the dear hours")
    assert at["16"]["soc_pct"][1] > 80 and at["20"]["soc_pct"][1] < 20, plan["slots"]
    equal((plan["expected"]["bill_between"], plan["expected"]["saved_between"]), (None, None), "with few days")
    bills = {rule["name"]: rule["bill"] for rule in plan["expected"]["rules"]}
    assert plan["expected"]["saved"] > 1 and all(plan["expected"]["bill"] < bill + 0.01
                                                 for bill in bills.values()), plan["expected"]

    totals = [json.loads(state)["energy_kwh"] for _, state in home.heard("amphora/energy/load/state")[known:]]
    totals = [total for total in totals if total is not None]
    assert totals and totals[0] >= before and totals == sorted(totals), (before, totals)
    entity = wait_until(lambda: home.last(home.topics[0])["cmps"].get("b1_plan"), "the plan's entity")
    equal((entity["stat_t"], entity["json_attr_t"]), (home.topics[2], home.topics[2]), "where it is told")
    # On a busy machine the cheap hours are nearly over by now: what the plan says then is what is told.
    mode = caller.get("plan")["plan"]["mode"]
    told = home.await_state(home.topics[2], mode=mode["name"], state="in-force")
    assert told["sentence"] and told["next_at"], told

    # Why, and what else would cost.
    why = caller.get(f"plan/explain?battery=b1&at={at['15']['at']}")
    costs = {other["mode"]: other["costs"] for other in why["alternatives"]}
    equal((why["mode"], costs["hold"], why["inputs"]["dearest"]["buy"]), ("hold", 0, DEAR), "why")
    assert why["sentence"].startswith("rests: power costs 30.0 ct/kWh now"), why["sentence"]
    assert 0.005 < costs["self-consume"] < 0.1 and costs["charge-to"] >= 0, costs
    assert "discharge-to" not in costs and "ceiling" in {one["limit"] for one in why["binding"]}, why

    # It is kept, to be held against what comes.
    told = wait_until(lambda: (now := caller.get("plan/past?battery=b1&from=2027-03-27T00:00:00Z&to=2027-03-28T00:00:00Z"))
                      ["columns"]["load_p50_w"][18] and now, "a plan in the journal")
    columns = told["columns"]
    equal((told["slot_s"], columns["t"][18] - columns["t"][0]), (3600, 18 * 3600), "slots")
    equal((columns["load_p50_w"][18], columns["load_p50_w"][8], columns["load_w"][8], columns["load_w"][18]),
          (1500, None, 300, None), "what was forecast, and what happened")
    assert columns["soc_p50_pct"][16] > 80, columns["soc_p50_pct"]
    for query in ("from=soon", "ahead=30h", "ahead=x", "from=2026-01-01T00:00:00Z&to=2026-12-11T00:00:00Z"):
        caller.ask("GET", f"plan/past?{query}").problem(400, "malformed")
    caller.ask("GET", "plan/past?battery=b9").problem(404, "not-found")

    # The same for people: in short, slot by slot, and why.
    code, out, error = scene.daemon.cli("plan")
    equal(code, 0, error)
    for words in ("b1 plan ", "in force", "price ", "hour ", "power costs", "50.0 ct", "cover the home and store the sun",
                  "What it is worth\n  saved, expected: ", " h, expected: ", "\n  saved in 7 days: ",
                  "less than without a battery", "without a battery: ", "more than the plan",
                  "relays: a relay charges with full power", "sun: the forecast of the sun from outside cannot be right"):
        assert words in out, f"{words} in {out}"
    assert "\033" not in out, "colour without a terminal"
    code, out, error = scene.daemon.cli("plan", "show", "--csv")
    equal((code, len(out.splitlines())), (0, 25), f"a line for each slot: {error}")
    assert f"{at['18']['at']},self-consume,,{DEAR},0.05,false,1500,1500,1500,0,0,0," in out, out
    code, out, error = scene.daemon.cli("plan", "explain", "18:10")
    equal(code, 0, error)
    for words in ("18:00: cover the home and store the sun (plan ", "power costs          50.0 ct/kWh",
                  "home expected        1500 W\n", "What else would cost", "EUR more", "The next best, to "):
        assert words in out, f"{words} in {out}"
    equal(scene.daemon.cli("plan", "explain", "soon")[0], 2, "no time")
    equal(scene.daemon.cli("plan", "explain", "-2d")[0], 5, "no plan is about that time")

    # Of what is past: the plan that was in force, and what then happened.
    code, out, error = scene.daemon.cli("plan", "explain", "-3m")
    equal(code, 0, error)
    for words in (", made at ", "What held it back:", "would have cost, over all that was ahead", "What then happened, until ",
                  "the plan decided: Charging because", "relays closed        charging ", "charge at its end ", " (expected ", "kWh bought"):
        assert words in out, f"{words} in {out}"
    then = caller.get(f"plan/past/explain?battery=b1&at={why['made_at']}")
    equal((then["binding"] is None, then["currency"], then["happened"]["decisions"][-1]["decided_by"]),
          (False, "EUR", "plan"), then)
    assert then["number"] <= why["number"] and then["happened"]["charging_s"] > 0, then
    for told in (why, then):
        assert "power costs " in told["sentence"] and "ct/kWh now" in told["sentence"], told
    assert why["happened"] is None and then["happened"]["bill"] > 0, then
    begin = START.replace(hour=0).isoformat().replace("+00:00", "Z")
    assert b"no plan was in force" in caller.ask("GET", f"plan/past/explain?at={begin}").problem(404, "not-found").content
    caller.ask("GET", "plan/past/explain?at=2030-01-01T00:00:00Z").problem(400, "malformed")

    # And what it would come to in other circumstances.
    with_less = caller.get("plan/what-if?battery=b1&ceiling_pct=40")
    is_now, would = with_less["now"], with_less["would"]
    equal(with_less["hours"], 24, "hours")
    assert abs(is_now["saved"] - plan["expected"]["saved"]) < 0.3, (is_now, plan["expected"])
    assert would["saved"] < is_now["saved"] and would["cycles"] < is_now["cycles"], with_less
    code, out, error = scene.daemon.cli("plan", "what-if", "ceiling=40")
    equal(code, 0, error)
    for words in ("b1, the next 24 hours, with ceiling=40:", "as it is", "EUR more", "points lower", "Nothing was changed"):
        assert words in out, f"{words} in {out}"
    asked = scene.daemon.json("plan", "what-if", "ceiling=40")
    difference = asked["would"]["saved"] - asked["now"]["saved"]
    assert abs(asked["difference"]["saved"] - difference) < 1e-3 and difference < 0, asked
    equal([scene.daemon.cli("plan", "what-if", change)[0] for change in ("ceilin", "colour=3", "reserve=101")], [2, 2, 6],
          "what is none")
    at_one_price = caller.get(f"plan/what-if?import={ELSE}&export=0")["would"]
    assert at_one_price["saved"] < 0.1, at_one_price
    for query, status, kind in (("", 400, "malformed"), ("?reserve_pct=101", 422, "out-of-range"),
                                ("?reserve_pct=90&ceiling_pct=20", 422, "out-of-range"),
                                ("?battery=b9&reserve_pct=20", 404, "not-found")):
        caller.ask("GET", f"plan/what-if{query}").problem(status, kind)

    # Whom it is not asked of, it says so; a person beats it, and the next one goes on from there.
    equal(scene.daemon.cli("override", "add", "b1", "hold", "--for", "10m")[0], 0, "hold")
    scene.await_words("Resting because you asked for it", "the plan would charge")
    override = scene.daemon.json("override", "list")[0]["id"]
    equal(scene.daemon.cli("override", "cancel", str(override))[0], 0, "back")
    scene.await_charging()
    equal(scene.daemon.cli("set", "logic", "threshold")[0], 0, "another logic")
    wait_until(lambda: caller.get("plan")["plan"]["state"] == "not-asked", "a plan that is not asked for")
    scene.await_open()
    equal(scene.daemon.cli("set", "logic", "plan")[0], 0, "and back")
    scene.await_charging()

    # Meters that fall silent: the rule decides, and it is said why.
    scene.break_it("meters-silent")
    scene.await_open()
    scene.await_words("the rule decides, as there is no plan")
    plan = caller.get("plan")["plan"]
    equal((plan["state"], plan["why"]), ("void", "the meter of the home's load is silent"), "its state")
    home.await_state(home.topics[2], mode=None, state="void", why=plan["why"])
    scene.break_it("mend meters-silent")
    scene.await_charging()
    # A cheaper hour is published: the charge moves there.
    number = caller.get("plan")["plan"]["number"]
    scene.publish(h15=0.02)
    plan = wait_until(lambda: (now := caller.get("plan")["plan"])["number"] > number and now, "a new plan")
    at = {slot["at"][11:13]: slot for slot in plan["slots"]}
    equal((at["15"]["buy"], at["15"]["mode"], plan["mode"]["name"]), (0.02, "charge-to", "self-consume"),
          "the new plan")
    wait_until(lambda: not scene.truth(0)["source_is_on"], "the charging to end")
    # It was shown and is not stored, being the second of its slot; its number does not come again.
    shown = plan["number"]
    equal(scene.daemon.cli("set", "ceiling_pct", "93")[0], 0, "another battery to plan for")
    # That there is none between may be too short to be seen.
    renewed = wait_until(lambda: (now := caller.get("plan")["plan"]) and now["number"] != shown and now["number"],
                         "a plan of it")
    assert renewed > shown, f"plan {renewed} after plan {shown}"
    scene.check_account()
    scene.daemon.stop()
    kept = [number for number, in scene.daemon.rows("plan", "number", order="row")]
    assert len(kept) >= 2 and kept == sorted(kept), kept
    code, out, error = scene.daemon.cli("replay", "--journal", scene.daemon.store)
    count = scene.daemon.rows("decision", "count(*)", order="1")[0][0]
    equal((code, out.strip().splitlines()[-1]), (0, f"{count} decisions, {count} identical"), f"replay: {error}")
    assert count >= 8, f"only {count} decisions"

    # The prices of that day are in the journal: no file is needed, and none changes what it cost.
    flat = env.write("flat.yaml", "prices:\n  import: 9\n  export: 9\n  currency: GBP\n")
    for of_today in ((), ("--config", flat)):
        code, out, error = scene.daemon.cli("replay", "--json", "--journal", scene.daemon.store, "--set", "logic=monitor",
                                            *of_today)
        cost = json.loads(out)["cost"]
        equal((code, cost["currency"], cost["minutes_by_file"]), (0, "EUR", 0), f"what it cost: {error}")
        assert cost["minutes_known"] > 5 and cost["was"] != cost["would"], cost
    # That of eleven o'clock was assumed first and published later, which then counts.
    eleven = int(START.replace(hour=11, minute=0).timestamp() * 1000)
    equal([row[1:] for row in scene.daemon.rows("price", "ts_ms, import, assumed", order="row") if row[0] == eleven][:2],
          [(CHEAP, 1), (CHEAP, 0)], "the price of eleven o'clock")

    # What was paid in an hour that was planned: by the grid's meter, beside what was expected, and without a battery.
    hour = START.replace(hour=18, minute=0)
    meters_of(scene.daemon.store, hour, load=1500, pv=0, grid=1000)
    meters_of(scene.daemon.store, hour + datetime.timedelta(hours=1), load=1500, pv=0)
    scene.daemon.start()
    scene.daemon.await_live()
    worth = caller.get(f"plan/worth?battery=b1&from={at['18']['at']}&to={at['20']['at']}")
    equal((worth["measured_s"], worth["bill"], worth["without_battery"], worth["currency"]), (3600, DEAR, 1.5 * DEAR, "EUR"),
          "what was measured")
    assert 0 <= worth["expected_bill"] < 0.1, worth
    equal(caller.get(f"plan/worth?from={at['20']['at']}&to={at['21']['at']}")["bill"], None, "without meters")


SUN = {11: 12, 12: 16, 13: 12, 14: 5, 15: 3}  # what charging brought, in % of an hour
USE = dict.fromkeys(range(17, 23), 8)           # and what the house drew from the battery


def log_of_days(journal, start):
    """Writes what the last days came to: charged by day through r1, used in the evening; no meter."""
    rows, soc = [], 35.0
    for quarter in range(DAYS * 96):
        at = start - datetime.timedelta(minutes=15 * (DAYS * 96 - quarter))
        soc += (SUN.get(at.hour, 0) - USE.get(at.hour, 0)) / 4
        rows.append((int(at.timestamp() * 1000), soc, 900 if at.hour in SUN or at.hour == 3 else 0,
                     -15 if 13 <= at.hour < 16 else 20))
    with sqlite3.connect(journal) as db:
        db.executemany("INSERT INTO reading_rollup VALUES ('b1', 15, ?1, ?1 + 900000, ?1 + 890000, 90, ?2, ?2, ?2, ?2, "
                       "?3, ?3, ?3, ?3, 0, NULL, NULL, NULL, NULL, 0, 0)", [(*row[:2], row[3]) for row in rows])
        db.executemany("INSERT INTO relay_rollup VALUES ('r1', 15, ?1, ?1 + 900000, ?2, 0)",
                       [(row[0], row[2]) for row in rows if row[2]])


class OnlyASource(Scene):
    """One relay, through which something charges; the house hangs on the battery. No price, and no meter counts."""

    def config(self, batteries, is_demo, settings):
        whole = super().config(batteries, is_demo, settings)
        return {**whole, "zone": "UTC", "relays": [relay for relay in whole["relays"] if relay["role"] == "source"]}


@suite.test
def without_meter_and_price_it_plans_by_the_log_of_its_battery(env):
    start = datetime.datetime(2027, 3, 23, 10, 50, tzinfo=datetime.timezone.utc)
    scene = OnlyASource(env, shown_ms=int(start.timestamp() * 1000), logic="plan", **RULE)
    caller = Caller(scene.daemon)
    wait_until(lambda: caller.get("plan")["needs"] == ["days"], "a need of days")
    scene.daemon.stop()
    log_of_days(scene.daemon.store, start.replace(minute=0))
    scene.daemon.start()
    scene.daemon.await_live()

    # It charges when that has brought most, and says what it knows and what not.
    def whole():
        made = caller.get("plan")["plan"]
        return made if made and made["slots"][0]["temp_c"] is not None else None
    plan = wait_until(whole, "a plan that says how warm it will be", 60)
    basis = plan["basis"]
    equal((basis["name"], basis["prices"]), ("log", False), "what it is made from")
    assert "no money is said" in basis["words"], basis
    at = {slot["at"][11:13]: slot for slot in plan["slots"]}
    equal([at[hour]["mode"] for hour in ("12", "05", "20")], ["charge-from-sun", "hold", "hold"], plan["slots"])
    assert 250 < at["20"]["load_w"][1] < 450 and at["20"]["pv_w"] is None, at["20"]
    assert at["12"]["soc_pct"][1] > 55 > at["22"]["soc_pct"][1], plan["slots"]
    # In the early afternoon it has been freezing: then nothing is charged, and it is said why.
    equal((at["14"]["mode"], at["14"]["temp_c"] < 5 < at["20"]["temp_c"]), ("hold", True), plan["slots"])
    why = caller.get(f"plan/explain?battery=b1&at={at['14']['at']}")
    assert "temperature" in {one["limit"] for one in why["binding"]}, why
    equal((plan["expected"]["bill"], at["12"]["buy"], at["12"]["bill"]), (None, None, None), "money")
    scene.await_charging()
    scene.await_words("Charging because the plan fills it", "decided by the plan")
    code, out, error = scene.daemon.cli("plan")
    equal(code, 0, error)
    assert "from the battery's own log alone" in out and "Not known: there is no price." in out, out
    caller.ask("GET", "plan/what-if?reserve_pct=20").problem(404, "not-found")

    # A relay that does not do as it is told is a reason to plan anew.
    scene.break_it("relay-stuck r1")
    equal(scene.daemon.cli("override", "add", "b1", "hold", "--for", "10m")[0], 7, "what came of holding")
    wait_until(lambda: caller.get("plan")["plan"]["made_for"] == "command", "a plan for a command that failed", 60)
    scene.break_it("mend relay-stuck r1")
    scene.await_open()
    scene.daemon.stop()
    code, out, error = scene.daemon.cli("replay", "--journal", scene.daemon.store)
    count = scene.daemon.rows("decision", "count(*)", order="1")[0][0]
    equal((code, out.strip().splitlines()[-1]), (0, f"{count} decisions, {count} identical"), f"replay: {error}")


# ---- the sun, as others foresee it; and paths that may both be closed ----

SUN_DAYS = 8
MODES = 5  # of a plan
SUNNY = datetime.datetime(2027, 3, 23, 11, 36, tzinfo=datetime.timezone.utc)


def roof_w(at):
    """Every other day is cloudy, which this home's own days do not know beforehand."""
    bright = max(0, 1 - ((at.hour - 12) / 6) ** 2)
    return round(3000 * bright * (1 if at.day % 2 else 0.3))


def whole_hours(first, count):
    return [first.replace(minute=0) + datetime.timedelta(hours=hour) for hour in range(count)]


def sunny_past():
    lines = ["at,meter,power_w,known_s"]
    for hour in whole_hours(SUNNY - datetime.timedelta(days=SUN_DAYS), SUN_DAYS * 24):
        for minute in range(60):
            at = hour + datetime.timedelta(minutes=minute)
            lines += [f"{at:%Y-%m-%dT%H:%M:00Z},load,400,60", f"{at:%Y-%m-%dT%H:%M:00Z},pv,{roof_w(hour)},60"]
    return "\n".join(lines) + "\n"


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def signed(value):
    return varint(value << 1 if value >= 0 else -value * 2 - 1)


def stored_plan(number, at):
    """A plan in the third format of src/wire/plan_code.c, of which only what was foreseen outside counts."""
    at_ms = int(at.timestamp() * 1000)
    slot = varint(0) + signed(0) + varint(0) * 2 + signed(0) * (2 + 3 * 3 + 1 + MODES) + varint(0) + signed(0)
    return (varint(3) + varint(number) + varint(2) + b"b1" + signed(at_ms) * 3 + varint(3600) + signed(9) +
            varint(0) * 4 + signed(0) * (2 + 4 + 2) + varint(0) + signed(0) * 4 + varint(24) +
            b"".join(slot + signed(roof_w(hour)) for hour in whole_hours(at, 24)))


def plans_of_days(journal):
    """What was foreseen outside at each hour of the last days: what came."""
    with sqlite3.connect(journal) as db:
        db.executemany("INSERT INTO plan VALUES (NULL, ?, 0, 0, 'b1', ?, ?)",
                       [(int(at.timestamp() * 1000), number, stored_plan(number, at)) for number, at in enumerate(
                           whole_hours(SUNNY - datetime.timedelta(days=SUN_DAYS), SUN_DAYS * 24), 1)])


def in_one_line(text):
    return " ".join(text.split())


def losses_of_days(journal):
    """The battery's own log: 5 kWh, of which each way loses a fifth: charged and emptied by 30 % each night."""
    rows = []
    midnight = SUNNY.replace(hour=0, minute=0)
    for day in range(1, SUN_DAYS):
        for quarter in range(13):
            at_ms = int((midnight - datetime.timedelta(days=day, minutes=-15 * quarter)).timestamp() * 1000)
            charged, given = (312.5, 0) if 1 <= quarter <= 6 else (0, 200) if quarter > 6 else (0, 0)
            rows.append((at_ms, 30 + 5 * min(quarter, 12 - quarter), 4 * (charged - given), charged, given))
    with sqlite3.connect(journal) as db:
        db.executemany("INSERT INTO reading_rollup VALUES ('b1', 15, ?1, ?1 + 900000, ?1 + 890000, 90, ?2, ?2, ?2, ?2, "
                       "20, 20, 20, 20, 90, ?3, ?3, ?3, ?3, ?4, ?5)", rows)


class Foreseen(Scene):
    """Paths that may both be closed, and a forecast of the sun that is right and ends with this hour."""

    def config(self, batteries, is_demo, settings):
        sun = self.env.write("sun.json", json.dumps([{"at": SUNNY.replace(minute=0).isoformat(), "w": roof_w(SUNNY)}]))
        whole = super().config(batteries, is_demo, settings)
        whole["batteries"][0] |= {"paths": "independent", "cycles_per_day": 0.2, "wear_per_kwh": 0.01}
        return {**whole, "zone": "UTC", "prices": {"import": 0.3, "export": 0.05},
                "forecast": {"pv": {"file": str(sun), "from": "/at", "value": "/w", "length": "1h", "unit": "W"}}}


@suite.test
def in_surplus_both_relays_close_and_a_forecast_from_outside_counts_until_it_is_old(env):
    scene = Foreseen(env, shown_ms=int(SUNNY.timestamp() * 1000), logic="plan", **RULE)
    caller = Caller(scene.daemon)
    wait_until(lambda: scene.daemon.state()["wall_trusted"], "a clock that is trusted")
    equal(scene.daemon.cli("import", "-", input=sunny_past())[0], 0, "import")
    wait_until(lambda: scene.daemon.rows("meter_rollup", "count(*)", order="1")[0][0] >= 2 * SUN_DAYS * 95,
               "the past in the journal", 60)
    scene.daemon.stop()
    plans_of_days(scene.daemon.store)
    losses_of_days(scene.daemon.store)
    scene.daemon.start()
    scene.daemon.await_live()

    plan = wait_until(lambda: caller.get("plan")["plan"], "a plan", 60)
    slot, sun = plan["slots"][0], plan["pv_forecast"]
    equal((slot["mode"], slot["pv_said_w"], sun["state"]), ("self-consume", roof_w(SUNNY), "used"), "the sun")
    assert sun["share_pct"] > 50 and sun["off_w"] < sun["own_off_w"] / 2, sun
    assert abs(slot["pv_w"][1] - roof_w(SUNNY)) < 400, slot
    said = in_one_line(scene.daemon.cli("plan")[1])
    assert f"{sun['share_pct']} % of the sun ahead is the word of a forecast from outside" in said, said

    # It may give a fifth of its capacity until midnight, and of the dark hours no more is expected.
    charge = [one["soc_pct"][1] for one in plan["slots"] if one["at"] < "2027-03-24"]
    given = sum(max(before - after, 0) for before, after in zip(charge, charge[1:]))
    assert 10 < given <= 20.5, charge
    # What 400 W take from it in an hour of the night is by the efficiency that was measured.
    dark = [one["soc_pct"][1] for one in plan["slots"] if one["at"] > "2027-03-24"]
    assert abs(max(before - after for before, after in zip(dark, dark[1:])) - 100 * 0.4 / 0.8 / 5) < 0.3, dark

    # The sun shines on a house that needs less: it feeds the house, and charges with what is left.
    scene.await_closed("source")
    scene.await_closed("load")
    scene.await_words("Charging, in use because the plan", "decided by the plan")

    # The hour is over, and nobody foresees the next.
    plan = wait_until(lambda: (now := caller.get("plan")["plan"]) and now["pv_forecast"]["state"] == "stale" and now,
                      "a forecast that is old", 60)
    equal((plan["slots"][0]["pv_said_w"], plan["pv_forecast"]["share_pct"]), (None, 0), "what is not foreseen")
    said = in_one_line(scene.daemon.cli("plan")[1])
    assert "is missing or older than a day; the plan goes by the home's own days" in said, said


suite.run()
