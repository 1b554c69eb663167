"""CoAP nodes of other makes: a course project's sensor and actuator, libcoap's own server and
client, node-coap. They drive and obey, are killed in the middle and come back."""

import json
import os
import shutil

from coap_peer import CourseNode
from garage import SETTINGS
from harness import Amphorad, Suite, find_program, free_udp_port, wait_until
from suite import ROOT, equal, skip

suite = Suite("coap_nodes")

FAST = {**SETTINGS, "interval_s": 1, "stale_after_s": 8}


def value(number):
    return json.dumps({"value": number})


def nodes_house(sensor, act, **changes):
    """Battery b1 with the sensor node's values, and its source relay by the source `act`."""
    config = {
        "mqtt": {"host": "127.0.0.1", "port": free_udp_port()},  # nobody
        "settings": dict(FAST),
        "sources": [{"id": "bat", "transport": "coap", "stale_after": 4, **sensor,
                     "read": {"soc_pct": {"path": "/soc", "pointer": "/value"},
                              "temp_c": {"path": "/temp", "pointer": "/value"}}},
                    {"id": "act", **act}],
        "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5,
                       "sensor": {"source": "bat"}}],
        "relays": [{"id": "r1", "battery": "b1", "role": "source", "source": "act",
                    "lease": "none"}],
    }
    config.update(changes)
    return config


def sensor_node(soc=20):
    return CourseNode({"/soc": value(soc), "/temp": value(20)})


def relay_of(daemon):
    return daemon.state()["relays"][0]


def is_confirmed(daemon, is_on):
    relay = relay_of(daemon)
    return relay["state"] is is_on and relay["phase"] == "confirmed"


@suite.test
def a_course_projects_node_charges_a_battery_and_is_killed_and_back(env):
    node = sensor_node()
    daemon = Amphorad(env, nodes_house({"uri": node.uri}, {
        "profile": "course-node", "uri": node.uri, "actuator": "/temp_act"}))
    wait_until(lambda: is_confirmed(daemon, True), "the actuator to close")
    assert node.is_on
    equal(relay_of(daemon)["lease"], "none", "the relay's lease")
    assert "relay-no-lease" in daemon.alerts(), daemon.alerts()
    node.is_apart = True  # from now on, and everything twice
    node.resources["/soc"] = value(81)
    wait_until(lambda: is_confirmed(daemon, False), "the actuator to open at 81 %")
    assert not node.is_on
    node.stop()
    wait_until(lambda: "sensor-stale" in daemon.alerts(), "that the sensor is silent")
    node.resources["/soc"] = value(80.5)
    node.start()
    wait_until(lambda: "sensor-stale" not in daemon.alerts(), "the sensor to be back")
    wait_until(lambda: is_confirmed(daemon, False), "the actuator to be heard")
    rows = daemon.rows("battery_data", "node, soc_pct")
    assert {("b1", 20.0), ("b1", 81.0), ("b1", 80.5)} <= set(rows), set(rows)


@suite.test
def a_relay_without_get_obeys_and_is_never_confirmed(env):
    sensor, act = sensor_node(), CourseNode({}, has_get=False)
    daemon = Amphorad(env, nodes_house({"uri": sensor.uri}, {
        "profile": "course-node", "uri": act.uri, "actuator": "/temp_act", "confirm": "none"}))
    wait_until(lambda: act.is_on, "the actuator to close")
    wait_until(lambda: relay_of(daemon)["phase"] == "acked", "that it was taken")
    sensor.resources["/soc"] = value(81)
    wait_until(lambda: not act.is_on, "the actuator to open at 81 %")
    wait_until(lambda: act.switched.count(False) >= 3, "OFF again and again")
    relay = relay_of(daemon)
    equal((relay["confirmed"], relay["state"], relay["readback"]), (0, None, "none"),
          "what is known of it")
    assert "no readback" in daemon.cli("status")[1], daemon.cli("status")[1]
    assert all(path == "/temp_act" and method != 1 for method, path, _ in act.requests), act.requests


@suite.test
def a_node_registers_and_no_other_takes_its_place(env):
    find_program("coap-client-notls")
    port = free_udp_port()
    config = nodes_house({}, {"profile": "course-node", "actuator": "/temp_act"},
                         coap={"listen": f"127.0.0.1:{port}", "pairing": "open"})
    config["sources"][0]["id"] = "n1"
    config["batteries"][0]["sensor"] = {"source": "n1"}
    daemon = Amphorad(env, config)
    sensor, act = sensor_node(), CourseNode({}, address="127.0.0.2")
    equal(sensor.register(port, b'{"name":"n1","sensor_types":["soc"]}'), 201, "the sensor's answer")
    equal(act.register(port, b'{"device":"act","resources":["/temp_act"]}', "register"), 201,
          "the actuator's answer")
    wait_until(lambda: is_confirmed(daemon, True), "the actuator to close")
    stranger = CourseNode({"/soc": value(99), "/temp": value(20)}, address="127.0.0.3")
    equal(stranger.register(port, b"n1"), 403, "the answer to another n1")
    equal(stranger.register(port, b"{'name':'n1'}"), 400, "the answer to what is no JSON")
    for _ in range(200):
        stranger.register(port, b'{"name":"x"}')
    # libcoap's client, as a person would try it.
    code, _, error = env.run("coap-client-notls", "-m", "post", "-e", '{"name":"n2"}',
                             f"coap://127.0.0.1:{port}/Registration")
    equal(code, 0, f"coap-client: {error}")
    equal(stranger.requests, [], "what the stranger was asked")
    assert is_confirmed(daemon, True), relay_of(daemon)
    assert len(daemon.said().splitlines()) < 40, daemon.said()


@suite.test
def libcoaps_server_is_a_relay_and_is_killed_and_back(env):
    program, port = find_program("coap-server-notls"), free_udp_port()

    def serve():
        return env.start(program, "-A", "127.0.0.1", "-p", port, name="coap-server")

    def stands():
        _, out, _ = env.run("coap-client-notls", "-m", "get", f"coap://127.0.0.1:{port}/example_data")
        return out.strip()

    server, sensor = serve(), sensor_node()
    daemon = Amphorad(env, nodes_house({"uri": sensor.uri}, {
        "transport": "coap", "uri": f"coap://127.0.0.1:{port}",
        "read": {"state": {"path": "/example_data", "map": {
            "closed": "on", "open": "off", "This is a pseudo resource that stores data!": "off"}}},
        "write": {"on": {"path": "/example_data", "payload": "closed"},
                  "off": {"path": "/example_data", "payload": "open"}}}))
    wait_until(lambda: is_confirmed(daemon, True), "the resource to say so")
    equal(stands(), "closed", "the resource")
    server.kill()
    sensor.resources["/soc"] = value(81)
    wait_until(lambda: "relay-timeout" in daemon.alerts(), "that it is gone")
    serve()
    wait_until(lambda: is_confirmed(daemon, False), "the open relay", timeout=60)


@suite.test
def node_coap_answers_apart_and_is_killed_and_back(env):
    node = shutil.which("node")
    place = next((place for place in (os.environ.get("AMPHORA_NODE_COAP", ""),
                                      ROOT / "build/peers/node-coap")
                  if place and os.path.isdir(os.path.join(place, "node_modules/coap"))), None)
    if not node or not place:
        skip("node-coap is not there: tests/peers/node-coap/install")
    port = free_udp_port()

    def serve():
        peer = env.start(node, os.path.join(place, "relay.js"), port, "late", name="node-coap")
        peer.wait_for("listening")
        return peer

    peer, sensor = serve(), sensor_node()
    daemon = Amphorad(env, nodes_house({"uri": sensor.uri}, {
        "profile": "course-node", "uri": f"coap://127.0.0.1:{port}", "actuator": "/act",
        "method": "POST", "form": "query", "answer": "status"}))
    wait_until(lambda: is_confirmed(daemon, True), "the relay to close")
    peer.kill()
    serve()
    sensor.resources["/soc"] = value(81)
    wait_until(lambda: is_confirmed(daemon, False), "the relay to open", timeout=60)


suite.run()
