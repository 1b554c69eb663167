"""Sensors and relays that nobody has configured are let in while the daemon runs, and forgotten again."""

import json

from harness import Amphorad, Mosquitto, Relay, Suite, equal, free_udp_port, wait_until
from stream import Stream

suite = Suite("strangers")

BATTERY = {"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 3}
API = "/api/v1/nodes/admissions"
HOME = "homeassistant/device/home/config"


def nodes(daemon, kind):
    return {node["node"]: node for node in daemon.http("GET", "/api/v1/nodes")[1]["nodes"]
            if node["kind"] == kind}


def batteries(daemon):
    return {battery["id"]: battery for battery in daemon.state()["batteries"]}


def speak(broker, node, soc_pct):
    broker.publish_lines(f"amphora/{node}/battery",
                         [json.dumps({"node": node, "SoC": soc_pct, "Temp": 20})])


def is_heard(daemon, node, soc_pct):
    battery = batteries(daemon).get(node)
    return battery and battery["soc_pct"] == soc_pct


def in_home_assistant(told, battery):
    """Whether the newest announcement has the battery; what is gone is in it without an id."""
    parts = json.loads(told.said().splitlines()[-1])["cmps"]
    return "uniq_id" in parts[f"{battery}_soc"]


@suite.test
def a_stranger_is_let_in_and_watched_over_restarts_until_it_is_forgotten(env):
    broker = Mosquitto(env)
    told = env.start("mosquitto_sub", "-h", "127.0.0.1", "-p", broker.port, "-t", HOME, name="home")
    daemon = Amphorad(env, {"mqtt": {"host": "127.0.0.1", "port": broker.port},
                            "collector": "home", "home_assistant": {},
                            "web": {"listen": "127.0.0.1:0"}, "batteries": [BATTERY],
                            "settings": {"logic": "threshold"}})
    daemon.await_live()
    equal(daemon.http("POST", API, {"node": "shed"})[0], 404, "one that nobody has heard")
    for node in ("shed", "attic"):
        speak(broker, node, 50)
        wait_until(lambda: node in nodes(daemon, "unknown"), f"{node} among the strangers")

    # One from the page's side, one by hand.
    stream = Stream(daemon.state()["web"]["port"])
    stream.until(lambda name, _: name == "snapshot")
    status, answer = daemon.http("POST", API, {"node": "shed", "chemistry": "lfp",
                                               "capacity_kwh": 5, "power_kw": 2})
    equal((status, answer), (201, {"node": "shed", "battery": "shed", "logic": "monitor"}))
    _, snapshot = stream.until(lambda name, _: name == "snapshot")[-1]
    equal([battery["id"] for battery in snapshot["state"]["batteries"]], ["b1", "shed"])
    equal(daemon.http("POST", API, {"node": "shed"})[0], 409, "once more")
    equal(daemon.http("POST", API, {"node": "b1"})[0], 409, "the configuration's")
    equal(daemon.cli("nodes", "admit", "attic")[0], 0, "by hand")
    equal(sorted(nodes(daemon, "unknown")), [], "strangers")
    equal({name: node["admitted"] for name, node in nodes(daemon, "sensor").items()},
          {"b1": False, "shed": True, "attic": True})

    # It is heard, decided about, and never commanded.
    speak(broker, "shed", 51)
    wait_until(lambda: is_heard(daemon, "shed", 51), "shed's reading")
    explained = daemon.http("GET", "/api/v1/explain?battery=shed")[1]["batteries"][0]
    equal((explained["decision"]["reason"]["code"], explained["relays"]), ("monitor", []),
          "why, and over which relays")
    equal(daemon.http("GET", "/api/v1/series?node=attic&from=0&to=1")[0], 200, "its empty past")
    equal(daemon.cli("set", "shed.reserve_pct", "20")[0], 0, "a setting of its own")

    # A kill and a clean stop: it stays, with its setting.
    daemon.kill()
    daemon.restart()
    equal(sorted(batteries(daemon)), ["attic", "b1", "shed"], "after a kill")
    speak(broker, "shed", 52)
    wait_until(lambda: is_heard(daemon, "shed", 52), "shed's reading after a kill")

    # Forgotten: the one behind keeps what is its own.
    speak(broker, "attic", 40)
    wait_until(lambda: is_heard(daemon, "attic", 40), "attic's reading")
    wait_until(lambda: in_home_assistant(told, "attic"), "attic in Home Assistant")
    equal(daemon.cli("nodes", "forget", "attic")[0], 0, "forgetting it by hand")
    wait_until(lambda: in_home_assistant(told, "shed") and not in_home_assistant(told, "attic"),
               "it to be gone from Home Assistant, and nothing else")
    equal(sorted(batteries(daemon)), ["b1", "shed"], "without attic")
    assert is_heard(daemon, "shed", 52), batteries(daemon)["shed"]
    equal(daemon.http("DELETE", API + "/b1")[0], 404, "what the configuration has")
    equal(daemon.http("DELETE", API + "/attic")[0], 404, "once more")
    speak(broker, "attic", 41)
    wait_until(lambda: "attic" in nodes(daemon, "unknown"), "attic as a stranger again")
    daemon.stop()
    asked = daemon.rows("audit", "method, what, status", "path LIKE '%admissions%'")
    equal([(method, status) for method, _, status in asked],
          [("POST", 404), ("POST", 201), ("POST", 409), ("POST", 409), ("POST", 201),
           ("DELETE", 204), ("DELETE", 404), ("DELETE", 404)], "audit")
    equal(asked[1][1], "let in shed: lfp 5000 2000", "what was asked")
    equal(daemon.rows("setting", "battery, parameter", order="battery"), [("shed", "reserve_pct")], "settings")

    # All that was decided meanwhile is made again from the journal.
    code, out, error = daemon.cli("replay", "--journal", daemon.store)
    count = daemon.rows("decision", "count(*)")[0][0]
    equal((code, out.strip().splitlines()[-1]), (0, f"{count} decisions, {count} identical"), error)
    assert count >= 4, count


@suite.test
def what_the_configuration_names_later_is_the_configurations(env):
    broker = Mosquitto(env)
    config = {"mqtt": {"host": "127.0.0.1", "port": broker.port}, "batteries": [BATTERY]}
    daemon = Amphorad(env, config)
    daemon.await_live()
    speak(broker, "shed", 50)
    wait_until(lambda: "shed" in nodes(daemon, "unknown"), "shed among the strangers")
    equal(daemon.cli("nodes", "admit", "shed")[0], 0, "letting it in")
    daemon.stop()
    config["batteries"] = [BATTERY, dict(BATTERY, id="shed", capacity_kwh=7)]
    daemon.configure(config)
    daemon.restart()
    equal({name: node["admitted"] for name, node in nodes(daemon, "sensor").items()},
          {"b1": False, "shed": False})
    wait_until(lambda: not daemon.rows("meta", "name", "name GLOB 'admitted:*'", order="name"),
               "it to be gone from the journal")


RELAY_PARAMETERS = {"logic": "threshold", "charge_below_pct": 30, "charge_until_pct": 80, "dwell_s": 0,
                    "interval_s": 1}


def relay_of(daemon, name):
    return next((relay for relay in daemon.state()["relays"] if relay["id"] == name), None)


def say_until(broker, condition, what):
    """A word a second: twice in an interval would be a burst, which closes nothing."""
    def is_there():
        speak(broker, "b1", 20)
        return condition()
    return wait_until(is_there, what, 30, every=1.0)


def charge(daemon, below, until):
    for name, value in sorted((("charge_below_pct", below), ("charge_until_pct", until)),
                              reverse=until > 50):
        equal(daemon.cli("set", name, str(value))[0], 0, name)


def stranger(daemon, name, is_on):
    node = nodes(daemon, "unknown-relay").get(name)
    return node if node and node["on"] is is_on else None


@suite.test
def a_relay_is_let_in_open_commanded_over_restarts_and_forgotten_open(env):
    """r3 registers and is refused, r4 is looked for; r2 is the configuration's, behind which they come."""
    broker, r2, port = Mosquitto(env), Relay(env, "r2"), free_udp_port()
    daemon = Amphorad(env, {"mqtt": {"host": "127.0.0.1", "port": broker.port},
                            "collector": "home", "coap": {"listen": f"127.0.0.1:{port}"},
                            "web": {"listen": "127.0.0.1:0"}, "batteries": [BATTERY],
                            "relays": [{"id": "r2", "battery": "b1", "role": "load", "uri": r2.uri}],
                            "settings": RELAY_PARAMETERS})
    r3, r4 = Relay(env, "r3", "--register", f"coap://127.0.0.1:{port}"), Relay(env, "r4")
    r4.command('{"state":"on","lease":60}')
    code, out, error = daemon.cli("nodes", "look", r4.uri.removesuffix("/relay"))
    equal((code, "1 new relay" in out), (0, True), error)
    equal(daemon.cli("nodes", "look", f"coap://127.0.0.1:{free_udp_port()}")[0], 6, "nobody there")
    equal(daemon.http("POST", "/api/v1/nodes/looks", {"address": "http://h"})[0], 400, "no address")
    wait_until(lambda: stranger(daemon, "r3", False) and stranger(daemon, "r4", True), "both strangers")
    wish = {"node": "r4", "role": "source", "battery": "b1"}
    equal(daemon.http("POST", API, wish)[0], 422, "one that is on")
    r4.command('{"state":"off"}')
    wait_until(lambda: stranger(daemon, "r4", False), "it to be seen open", 30)
    for refused, status in (({"battery": "b9"}, 404), ({"node": "r9"}, 404), ({"node": "r2"}, 409),
                            ({"address": "coap://127.0.0.1:9/relay"}, 404), ({"role": "both"}, 400),
                            ({"lease": "perhaps"}, 400)):
        equal(daemon.http("POST", API, {**wish, **refused})[0], status, str(refused))
    wish["lease"] = "none"
    equal(daemon.http("POST", API, wish), (201, wish), "letting it in")
    equal(daemon.cli("nodes", "admit", "r3", "--relay", "source", "--battery", "b1",
                     "--at", r3.uri)[0], 0, "by hand")
    equal(nodes(daemon, "unknown-relay"), {}, "strangers")

    # Both follow the rule like those of the configuration, over a kill too.
    daemon.await_live()
    for name, lease in (("r3", "yes"), ("r4", "none")):
        say_until(broker, lambda: relay_of(daemon, name)["state"], f"{name} to close")
        equal(relay_of(daemon, name)["lease"], lease, name)
    equal(daemon.http("DELETE", API + "/r3")[0], 422, "forgetting one that is on")
    equal(daemon.http("DELETE", API + "/r3?seen_open=true")[0], 422, "which opens by itself soon")
    daemon.kill()
    daemon.restart()
    equal([relay["id"] for relay in daemon.state()["relays"]], ["r2", "r3", "r4"], "after a kill")
    daemon.await_live()
    say_until(broker, lambda: relay_of(daemon, "r3")["state"], "r3 to close again")
    charge(daemon, 5, 10)
    wait_until(lambda: r3.status()["state"] == r4.status()["state"] == "off", "both to open")
    wait_until(lambda: relay_of(daemon, "r3")["state"] is False, "its readback")

    # Forgotten: the one behind it keeps what is its own, and is commanded at its own address.
    equal(daemon.cli("nodes", "forget", "r3")[0], 0, "forgetting it")
    equal(daemon.http("DELETE", API + "/r2")[0], 404, "what the configuration has")
    charge(daemon, 30, 80)
    say_until(broker, lambda: r4.status()["state"] == "on", "r4 to close")
    equal(r3.status()["state"], "off", "what is forgotten")
    r4.kill()
    equal(daemon.http("DELETE", API + "/r4")[0], 422, "one that nobody has seen open")
    equal(daemon.cli("nodes", "forget", "r4", "--seen-open")[0], 0, "once somebody has")
    equal([relay["id"] for relay in daemon.state()["relays"]], ["r2"])
    daemon.stop()
    equal(daemon.rows("meta", "name", "name GLOB 'admitted:*'", order="name"), [], "what is kept")
    code, out, error = daemon.cli("replay", "--journal", daemon.store)
    count = daemon.rows("decision", "count(*)")[0][0]
    equal((code, out.strip().splitlines()[-1]), (0, f"{count} decisions, {count} identical"), error)


suite.run()
