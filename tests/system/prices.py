"""What energy costs, from those who publish it: a server that lies and dies, a topic, a file."""

import csv
import json
import ssl
import time

from certificates import Authority
from harness import Amphorad, Mosquitto, Suite, equal, wait_until
from morning import HOUR_S, morning_zone
from receivers import Web

suite = Suite("prices")

ITEMS = {"items": "/rates", "from": "/start", "to": "/end", "price": "/value"}


def rates(first_s, values, length_s=HOUR_S):
    return json.dumps({"rates": [
        {"start": first_s + i * length_s, "end": first_s + (i + 1) * length_s, "value": value}
        for i, value in enumerate(values)]})


def house(prices, **changes):
    return {"collector": "home", "zone": "Europe/Rome", "mqtt": {"host": ""}, "prices": prices,
            **changes}


def prices(daemon, query=""):
    status, answer = daemon.http("GET", f"/api/v1/prices{query}")
    equal(status, 200, f"status of GET /prices: {answer}")
    return answer


def source(daemon, name="import"):
    return prices(daemon)["sources"][name]


def around(daemon, at_s, hours=1):
    """(buy, sell, assumed) of the slots from `at_s` on."""
    slots = prices(daemon, f"?from={int(at_s) * 1000}&to={int(at_s + hours * HOUR_S) * 1000}")["slots"]
    return list(zip(slots["buy"], slots["sell"], slots["assumed"]))


def secure(authority):
    """The part of a server on this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("server", "IP:127.0.0.1"))
    return context


@suite.test
def whatever_a_price_server_does_what_is_known_stays_known(env):
    authority = Authority(env)
    context = secure(authority)
    web = Web(env, context=context)
    hour = int(time.time() // HOUR_S * HOUR_S)
    web.answer = rates(hour - 24 * HOUR_S, [100 + i for i in range(48)])
    token = env.write("token", "secret\n", 0o600)
    config = house({"import": {"url": web.url("/p?zone=IT"), "every": "1min", "unit": "EUR/MWh",
                               "scale": 2, "add": 0.05, "token_file": str(token),
                               "tls_ca": str(authority.ca), **ITEMS}, "export": 0.08})
    daemon = Amphorad(env, config, clock=600)
    wait_until(lambda: source(daemon)["ok"], "the first prices")
    request = web.next()
    equal((request.method, request.path, request.headers["authorization"]),
          ("GET", "/p?zone=IT", "Bearer secret"), "what the server was asked")
    known = around(daemon, hour + 2 * HOUR_S)
    equal(known, [(round(2 * 0.126 + 0.05, 6), 0.08, False)], "a price two hours from now")
    equal(around(daemon, hour + 30 * HOUR_S)[0][2], True, "whether what is not published is assumed")

    # It lies: a page, an error, too much, a price in the wrong unit. Each is said, and changes nothing.
    for status, answer, words in (
            (200, "<html>login</html>", "is no JSON that can be read"),
            (500, "", "HTTP status 500"),
            (200, " " * 70000, "the answer is larger than 65536 bytes"),
            (200, rates(hour, [100000] * 24), "is the unit right?"),
            (200, rates(hour, []), "has no entry that can be read")):
        web.status, web.answer = status, answer
        wait_until(lambda said=words: said in source(daemon)["words"], f"{words!r} to be said")
        equal(source(daemon)["ok"], False, "whether the source is well")
        equal(around(daemon, hour + 2 * HOUR_S), known, f"the price after {words!r}")

    # It dies, and the daemon is killed: what was known is known.
    web.stop()
    daemon.kill()
    daemon.start()
    wait_until(lambda: "onnect" in source(daemon)["words"], "the failure to be said")
    equal(around(daemon, hour + 2 * HOUR_S), known, "the price after a restart without a server")

    # It comes back, at the same place, with other prices.
    web = Web(env, context=context, port=web.port)
    web.answer = rates(hour, [-50] * 24)
    wait_until(lambda: source(daemon)["ok"], "the prices that came back")
    equal(around(daemon, hour + 2 * HOUR_S)[0][:2], (-0.05, 0.08), "a negative price")
    daemon.stop()
    assert "secret" not in daemon.said(), "the token is in the log"


@suite.test
def prices_that_stop_are_told_and_those_of_the_day_before_are_assumed(env):
    hour = int(time.time() // HOUR_S * HOUR_S)
    file = env.path("prices.json")
    file.write_text(rates(hour - 24 * HOUR_S, [0.1 + i / 100 for i in range(25)]))
    config = house({"import": {"file": str(file), "unit": "EUR/kWh", **ITEMS},
                    "export": {"topic": "home/export", "at": "/now", "unit": "ct/kWh",
                               "length": "1d"}})
    sun = env.path("sun.json")
    config["zone"] = morning_zone()
    config["forecast"] = {"pv": {"file": str(sun), "items": "/wh", "to": "/", "unit": "Wh"}}

    def foresee(*energies):
        sun.with_suffix(".new").write_text(json.dumps({"wh": {
            str(hour + (i + 12) * HOUR_S): energy for i, energy in enumerate(energies)}}))
        sun.with_suffix(".new").replace(sun)
    foresee(0, 3000, 4000)
    broker = Mosquitto(env)

    def publish(value, *options):
        env.run("mosquitto_pub", "-p", broker.port, "-q", 1, *options, "-t", "home/export",
                "-m", json.dumps({"now": value}))
    publish(7.5, "-r")
    config["mqtt"] = {"host": "127.0.0.1", "port": broker.port}
    daemon = Amphorad(env, config, clock=720)
    wait_until(lambda: source(daemon, "export")["ok"], "what is retained")
    wait_until(lambda: source(daemon)["words"] == "nothing is known from now on", "the prices to end",
               timeout=30)
    wait_until(lambda: "prices-old" in daemon.alerts(), "the alert", timeout=30)
    assert "import: nothing since" in json.dumps(daemon.alerts()["prices-old"]), daemon.alerts()
    buy, sell, is_assumed = around(daemon, hour + 5 * HOUR_S)[0]
    equal((round(buy, 6), sell, is_assumed), (0.15, 0.075, True), "five hours on")
    code, out, error = daemon.cli("prices")
    equal((code, error.count("nothing")), (0, 0), error)
    assert "░ assumed" in out and "import: file" in out and "nothing is known from now on" in out, out
    rows = list(csv.DictReader(daemon.cli("prices", "--csv")[1].splitlines()))
    equal(len(rows), len(prices(daemon)["slots"]["t"]), "rows of CSV")
    equal({row["assumed"] for row in rows}, {"", "yes"}, "marks in CSV")
    equal(rows[-1]["export"], "0.075", "an export price in CSV")
    equal(daemon.json("prices")["sources"]["import"]["kind"], "file", "a source in JSON")
    findings = {finding["subject"]: finding["verdict"]
                for finding in daemon.http("GET", "/api/v1/doctor")[1]["findings"]
                if finding["check"] == "prices"}
    equal(findings, {"import": "warning", "export": "ok", "pv": "ok"}, "what doctor finds")
    publish(-1)
    wait_until(lambda: prices(daemon)["slots"]["sell"][-1] == -0.01, "another present price")
    publish("NaN")
    wait_until(lambda: source(daemon, "export")["words"] == "there is no number at \"/now\"",
               "what is no price to be said")

    # A forecast of nothing right after one of much is not believed.
    def forecast():
        return daemon.http("GET", "/api/v1/forecast/pv")[1]["pv"]
    equal(forecast()["slots"]["power_w"], [0, 3000, 4000], "what the sun will bring")
    equal(forecast()["source"]["ok"], True, "whether the source is well")
    foresee(0, 0, 0)
    wait_until(lambda: forecast()["source"]["words"].startswith("says 0 where 7.0 kWh were expected"),
               "what is blank to be said")
    equal(forecast()["slots"]["power_w"], [0, 3000, 4000], "what is kept")
    foresee(0, 100, 4000)
    wait_until(lambda: forecast()["slots"]["power_w"] == [0, 100, 4000], "another forecast")
    equal(prices(daemon)["sources"]["pv"]["kind"], "file", "the source of the forecast")

    # Quarters of an hour: the file is read again, and slots become as fine.
    file.with_suffix(".new").write_text(rates(hour, [i / 1000 for i in range(4 * 100)], 900))
    file.with_suffix(".new").replace(file)
    wait_until(lambda: source(daemon)["ok"], "the new file")
    wait_until(lambda: "prices-old" not in daemon.alerts(), "the end of the alert")
    equal([slot[0] for slot in around(daemon, hour + 10 * HOUR_S)], [0.04, 0.041, 0.042, 0.043],
          "the quarters of an hour")
    equal(set(prices(daemon)["slots"]["length_s"]), {900}, "lengths of slots")
    equal(daemon.http("GET", "/api/v1/prices?from=yesterday")[0], 400, "status of a bad time")
    equal(daemon.http("GET", "/api/v1/prices?from=0")[0], 200, "status of a time long ago")
    equal(daemon.http("GET", "/api/v1/prices?from=0&to=9999999999")[0], 400, "status of 115 days")


suite.run()
