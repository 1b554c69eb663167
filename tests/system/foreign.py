"""Programs that others wrote, on a real broker: a battery and a plug on MQTT.js and in Node-RED. Each
drives, obeys, is killed in the middle and comes back; and so are the broker and the daemon."""

import re
import shutil
import time

from garage import SETTINGS, house, is_live
from harness import ROOT, Amphorad, Mosquitto, Suite, wait_until
from npm_peers import start_npm_peer

suite = Suite("foreign")

AVAILABLE = {"topic": "shed/status", "up": ["online"], "down": ["offline"]}
SOURCES = [
    {"id": "bat", "available": AVAILABLE, "read": {"soc_pct": {"topic": "shed/bat", "path": "/bms/soc"},
                                                   "temp_c": {"topic": "shed/bat", "path": "/bms/t"}}},
    {"id": "plug", "available": AVAILABLE,
     "read": {"state": {"topic": "shed/plug", "path": "/on", "map": {"1": "on", "0": "off"}}},
     "write": {"on": {"topic": "shed/plug/set", "payload": '{"on":1,"for":$lease}'},
               "off": {"topic": "shed/plug/set", "payload": '{"on":0}'},
               "read": {"topic": "shed/plug/get", "payload": ""}, "confirm": "state",
               "lease": "device"}}]


def mqtt_js(env, broker):
    return start_npm_peer(env, "node", "device.js", broker.port)


def node_red(env, broker):
    place = env.path("flows")
    place.mkdir(exist_ok=True)
    flow = shutil.copy(ROOT / "tests/peers/node-red/flow.json", place)
    return start_npm_peer(env, "node-red", "node_modules/node-red/red.js", "-u", place, "-s",
                          ROOT / "tests/peers/node-red/settings.js", flow,
                          PEER_MQTT_PORT=str(broker.port))


def drives_obeys_is_killed_and_comes_back(env, start):
    broker = Mosquitto(env)
    peer = start(env, broker)
    config = house(broker, {"r1": ("source", None)}, sources=SOURCES,
                   settings={**SETTINGS, "interval_s": 1, "stale_after_s": 12})
    config["batteries"][0]["sensor"] = {"source": "bat"}
    config["relays"][0]["source"] = "plug"
    daemon = Amphorad(env, config)
    wait_until(lambda: is_live(daemon), "the marker's echo")

    def is_confirmed(is_on):
        relay = daemon.state()["relays"][0]
        return relay["state"] is is_on and relay["phase"] == "confirmed"
    wait_until(lambda: is_confirmed(True), "the plug to close", 60)
    assert 0 < daemon.state()["relays"][0]["lease_left_s"] <= 12, daemon.state()["relays"]

    # Its will says that it is gone, and with it its battery and its plug.
    peer.kill()
    wait_until(lambda: "sensor-stale" in daemon.alerts(), "the battery to be gone at once")
    peer = start(env, broker)
    wait_until(lambda: "sensor-stale" not in daemon.alerts() and is_confirmed(True),
               "the plug to close again", 60)

    # While the daemon is away they speak on, and nothing of it that the broker acknowledged is lost.
    daemon.kill()
    time.sleep(3)
    acknowledged = {float(soc) for soc in re.findall(r"acknowledged ([\d.]+)", peer.said())}
    daemon.start()
    wait_until(lambda: is_live(daemon) and is_confirmed(True), "the plug to be closed by the new start", 60)
    wait_until(lambda: acknowledged <= {soc for soc, in daemon.rows("battery_data", "soc_pct")},
               "all that was acknowledged in the store")

    # Each finds back to the broker by itself, and nobody is told anything of before.
    broker.kill()
    wait_until(lambda: not daemon.state()["broker"]["connected"], "the broker to be gone")
    broker.start()
    wait_until(lambda: is_live(daemon) and "sensor-stale" not in daemon.alerts() and is_confirmed(True),
               "the plug to be closed when the broker is back", 60)
    broker.publish("test/soc", 81)
    wait_until(lambda: is_confirmed(False), "the plug to open at 81 %")
    wait_until(lambda: daemon.rows("battery_data", where="node = 'b1' AND soc_pct >= 81"), "what is stored")
    assert "relay-mismatch" not in daemon.alerts(), daemon.alerts()


@suite.test
def mqtt_js_drives_obeys_is_killed_and_comes_back(env):
    drives_obeys_is_killed_and_comes_back(env, mqtt_js)


@suite.test
def node_red_drives_obeys_is_killed_and_comes_back(env):
    drives_obeys_is_killed_and_comes_back(env, node_red)


suite.run()
