"""A sensor that nobody has configured is let in while the daemon runs, and forgotten again."""

import json

from harness import Amphorad, Mosquitto, Suite, equal, wait_until
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
    wait_until(lambda: not daemon.state()["broker"]["marker_awaited"], "the marker's echo")
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
    wait_until(lambda: not daemon.state()["broker"]["marker_awaited"], "the marker's echo")
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


suite.run()
