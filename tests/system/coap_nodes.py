"""CoAP nodes of other makes: a course project's sensor and actuator, libcoap's own server and
client, its resource directory, Contiki-NG's examples, LwM2M's objects, node-coap. They drive and
obey, are killed in the middle and come back."""

import json

from coap_peer import ContikiNode, CourseNode, IpsoNode
from garage import SETTINGS
from harness import Amphorad, Relay, Suite, find_program, free_udp_port, wait_until
from npm_peers import start_npm_peer
from suite import equal

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
    wait_until(lambda: {("b1", 20.0), ("b1", 81.0), ("b1", 80.5)} <=
               set(daemon.rows("battery_data", "node, soc_pct")), "all readings in the store")


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


def libcoaps_server_is_a_relay(env, program, port, scheme, options=(), **source):
    """Its DTLS is one port above."""
    def serve():
        return env.start(program, "-A", "127.0.0.1", "-p", port, *options, name="coap-server")

    server, sensor = serve(), sensor_node()
    daemon = Amphorad(env, nodes_house({"uri": sensor.uri}, {
        **source, "transport": "coap",
        "uri": f"{scheme}://127.0.0.1:{port + (scheme == 'coaps')}",
        "read": {"state": {"path": "/example_data", "map": {
            "closed": "on", "open": "off", "This is a pseudo resource that stores data!": "off"}}},
        "write": {"on": {"path": "/example_data", "payload": "closed"},
                  "off": {"path": "/example_data", "payload": "open"}}}))
    wait_until(lambda: is_confirmed(daemon, True), "the resource to say so")
    server.kill()
    sensor.resources["/soc"] = value(81)
    wait_until(lambda: "relay-timeout" in daemon.alerts(), "that it is gone")
    serve()
    wait_until(lambda: is_confirmed(daemon, False), "the open relay", timeout=60)
    return daemon


@suite.test
def libcoaps_server_is_a_relay_and_is_killed_and_back(env):
    port = free_udp_port()
    libcoaps_server_is_a_relay(env, "coap-server-notls", port, "coap")
    _, out, _ = env.run("coap-client-notls", "-m", "get", f"coap://127.0.0.1:{port}/example_data")
    equal(out.strip(), "open", "the resource")


@suite.test
def libcoaps_server_is_a_relay_over_dtls_too_and_only_with_its_key(env):
    key = "0123456789abcdef0123456789abcdef"
    path = str(env.write("act.key", key + "\n", 0o600))
    daemon = libcoaps_server_is_a_relay(env, "coap-server-openssl", free_udp_port(), "coaps",
                                        ("-k", key), key_file=path)
    equal([one["subject"] for one in daemon.state()["unencrypted"]], [], "what is in the open")
    daemon.stop()
    env.write("act.key", key[::-1] + "\n", 0o600)
    daemon.start()
    wait_until(lambda: "relay-timeout" in daemon.alerts(), "that nobody answers to another key")


@suite.test
def objects_of_lwm2m_and_a_node_of_contiki_are_batteries_and_relays(env):
    # To Contiki's example its owner added the battery's state of charge.
    ipso, contiki = IpsoNode(20, 24.5), ContikiNode(20, {"/soc": "20"})
    config = nodes_house({}, {"profile": "lwm2m", "uri": ipso.uri, "soc_pct": "/3411/0/1",
                              "temp_c": "/3303/0/5700", "state": "/3312/0/5850", "stale_after": 4})
    config["batteries"][0]["sensor"] = {"source": "act"}
    config["sources"][0] = {"id": "mote", "profile": "contiki-ng", "uri": contiki.uri, "led": "r",
                            "sensor": "sht11", "stale_after": 4, "read": {"soc_pct": {"path": "/soc"}}}
    config["batteries"].append({**config["batteries"][0], "id": "b2", "sensor": {"source": "mote"}})
    config["relays"].append({**config["relays"][0], "id": "r2", "battery": "b2", "source": "mote"})
    daemon = Amphorad(env, config)
    wait_until(lambda: is_confirmed(daemon, True) and ipso.is_on, "the object to close")
    wait_until(lambda: contiki.is_on, "the LED")
    equal([battery["temp_c"] for battery in daemon.state()["batteries"]], [24.5, 20], "temperatures")
    ipso.temp, contiki.temp = 3, -5
    wait_until(lambda: is_confirmed(daemon, False) and not ipso.is_on, "the object to open in the cold")
    wait_until(lambda: not contiki.is_on, "the LED to go out")
    equal(daemon.state()["batteries"][1]["temp_c"], -5, "what is unsigned there")
    ipso.stop()
    wait_until(lambda: "sensor-stale" in daemon.alerts(), "the objects to be gone")
    ipso.temp = 21
    ipso.start()
    wait_until(lambda: is_confirmed(daemon, True) and ipso.is_on, "the object to close again", 60)


@suite.test
def what_a_resource_directory_keeps_is_no_relay(env):
    find_program("coap-rd-notls")
    port, sensor = free_udp_port(), sensor_node()
    uri = f"coap://127.0.0.1:{port}"

    def serve():
        return env.start("coap-rd-notls", "-A", "127.0.0.1", "-p", port, name="coap-rd")

    def register():
        env.run("coap-client-notls", "-m", "post", "-t", "40", "-e", '</relay>;rt="amphora.relay"',
                f"{uri}/rd?ep=r1&lt=600&rt=amphora.relay&ins=r1")
        listed = env.run("coap-client-notls", "-m", "get", f"{uri}/.well-known/core")[1]
        return 'rt="core.rd"' in listed and 'rt="amphora.relay"' in listed
    directory = serve()
    wait_until(register, "the directory to list a relay's entry")
    config = nodes_house({"uri": sensor.uri}, {})
    config["sources"].pop()
    config["relays"] = [{"id": "r1", "battery": "b1", "role": "source", "uri": uri}]
    daemon = Amphorad(env, config)
    wait_until(lambda: "relay r1 has no address" in daemon.said(), "that there is no relay")
    directory.kill()
    directory = serve()
    wait_until(register, "the directory to be back")
    assert "found at" not in daemon.said(), daemon.said()
    # A relay in its place is found, and a client that watches it too is killed in the middle and back.
    directory.kill()
    relay = Relay(env, "r1", port=port)

    def watch(name):
        return env.start("coap-client-notls", "-s", "60", "-m", "get", relay.uri, name=name)
    watching = watch("watching")
    wait_until(lambda: "found at" in daemon.said(), "the relay to be found")
    watching.kill()
    wait_until(lambda: relay.status()["state"] == "on" and is_confirmed(daemon, True), "it to close")
    again = watch("watching-again")
    wait_until(lambda: '"on"' in again.said(), "what the client hears first")
    sensor.resources["/soc"] = value(81)
    wait_until(lambda: is_confirmed(daemon, False) and '"off"' in again.said(), "both to hear of its opening")


@suite.test
def node_coap_answers_apart_and_is_killed_and_back(env):
    port = free_udp_port()

    def serve():
        peer = start_npm_peer(env, "node", "relay.js", port, "late")
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


def trial_of(daemon, relay):
    """Has the relay tried through the API; returns what came of it."""
    path = f"/api/v1/relays/{relay}/trial"
    equal(daemon.http("POST", path)[0], 202, f"trial of {relay}")
    equal(daemon.http("POST", path)[0], 409, "another meanwhile")
    wait_until(lambda: daemon.http("GET", path)[1]["state"] == "done", f"the end of {relay}'s trial", 20)
    return daemon.http("GET", path)[1]


@suite.test
def relays_are_tried_through_the_api_with_their_lease_or_without_one(env):
    sensor, act = sensor_node(50), CourseNode({})
    relay = Relay(env, "r2")
    config = nodes_house({"uri": sensor.uri}, {"profile": "course-node", "uri": act.uri,
                                               "actuator": "/temp_act"})
    config["settings"] |= {"logic": "monitor", "dwell_s": 300}  # dwell holds no trial up
    config["relays"].append({"id": "r2", "battery": "b1", "role": "load", "uri": relay.uri})
    daemon = Amphorad(env, config)
    path = "/api/v1/relays/r2/trial"
    wait_until(lambda: all(one["state"] is False for one in daemon.state()["relays"]) and
               daemon.state()["batteries"][0]["quality"] == "good", "all to be heard")
    equal(daemon.http("GET", path)[1]["state"], "none", "before any")
    wait_until(lambda: daemon.http("POST", path)[0] == 202, "the gate to let it be closed")
    wait_until(lambda: daemon.http("GET", path)[1]["state"] == "done", "the end", 20)
    told = daemon.http("GET", path)[1]
    equal((told["passed"], told["result"]), (True, "opens"), told)
    assert "opened after 5" in told["words"] or "opened after 4" in told["words"], told
    told = trial_of(daemon, "r1")
    equal((told["passed"], told["result"]), (True, "follows"), told)
    equal(act.switched, [True, False], "what the actuator did")
    assert not act.is_on and "mismatch" not in str(daemon.alerts()), daemon.alerts()
    code, out, error = env.run("amphora", "relay", "trial", "r1", "--yes", "--config", daemon.config)
    assert code == 0 and "closed and opened as it was told" in out, (code, out, error)
    daemon.http("PATCH", "/api/v1/settings", {"name": "logic", "value": "threshold"})
    status, told = daemon.http("POST", path)
    equal(status, 422, told)
    assert "monitor" in told["detail"], told


suite.run()
