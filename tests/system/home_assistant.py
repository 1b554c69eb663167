"""Home Assistant over the broker: what it is told, and what it may ask for.

Its part is played by mosquitto_pub and mosquitto_sub, with the messages that it sends.
"""

import json
import time

from garage import SETTINGS, house, is_live, send, send_until, start
from harness import Amphorad, Mosquitto, Suite, equal, wait_until
from listener import Listener
from peers import EspSwitch
from raw_broker import RawBroker

suite = Suite("home assistant")

CONFIG = "homeassistant/device/home/config"
ON = {"collector": "home", "home_assistant": {}}


def press(broker, topic, payload="PRESS", **more):
    broker.publish(f"amphora/{topic}/set", payload, **more)


def announced(listener, number=1):
    """The newest announcement, once there were so many."""
    wait_until(lambda: len(listener.heard(CONFIG)) >= number, f"announcement {number}")
    return listener.last(CONFIG)


@suite.test
def it_is_told_what_there_is_and_commands_within_the_limits(env):
    broker, source, _, daemon = start(env, **ON)
    listener = Listener(env, broker, "homeassistant/#", "amphora/#")
    device = announced(listener)
    equal((device["o"]["name"], device["avty_t"]), ("Amphora", "amphora/status"), "device")
    soc = device["cmps"]["b1_soc"]
    equal((soc["uniq_id"], soc["stat_t"], soc["exp_aft"]), ("home_b1_soc", "amphora/b1/state", 120),
          "the state of charge")
    equal({key for key, part in device["cmps"].items() if not part.get("uniq_id")}, set(),
          "entities without a unique id")
    equal(listener.heard("amphora/status")[-1][1], "online", "availability")

    # States: known ones, not retained, and what is set
    wait_until(lambda: listener.heard("amphora/b1/state"), "a state")
    send_until(broker, lambda: listener.last("amphora/b1/state")["soc_pct"] == 50, "50 %", soc=50)
    state = listener.await_state("amphora/b1/state", mode="threshold", enabled="ON", power_w=None)
    equal((state["temp_c"], state["minutes"]), (20, 30), "temperature and minutes")
    equal(listener.heard("amphora/b1/state")[-1][0], False, "retained")
    listener.await_state("amphora/relay/r1/state", state="OFF")

    # A birth message: all of it again
    known = len(listener.heard(CONFIG))
    broker.publish("homeassistant/status", "online")
    announced(listener, known + 1)

    # Settings
    press(broker, "b1/reserve", "35")
    listener.await_state("amphora/b1/state", reserve_pct=35)
    listener.await_state("amphora/state", outcome="b1.reserve_pct = 35: done")
    press(broker, "b1/reserve", "96")
    listener.await_state("amphora/state", outcome="amphora/b1/reserve/set: refused: out-of-range")
    press(broker, "b9/mode", "monitor")
    listener.await_state("amphora/state", outcome='amphora/b9/mode/set: there is no battery "b9"')

    # Taking over ends by itself, and what a limit forbids is refused with its reason
    press(broker, "b1/minutes", "45")
    listener.await_state("amphora/b1/state", minutes=45)
    send(broker, 50)
    press(broker, "b1/charge")
    send_until(broker, lambda: source.status()["state"] == "on", "the source relay to close", 50)
    listener.await_state("amphora/relay/r1/state", state="ON", phase="confirmed")
    until = listener.await_state("amphora/b1/state", action="charge")["until"]
    assert until, "the takeover has no end"
    press(broker, "b1/auto")
    listener.await_state("amphora/b1/state", until=None)
    wait_until(lambda: source.status()["state"] == "off", "the relay to open")
    send_until(broker, lambda: listener.last("amphora/b1/state")["soc_pct"] == 30, "30 %", soc=30)
    press(broker, "b1/discharge")
    wait_until(lambda: "refused, and nothing was changed" in
               listener.last("amphora/state")["outcome"], "the refusal")

    # Watching, and back; our own states read back change nothing
    press(broker, "b1/enable", "OFF")
    listener.await_state("amphora/b1/state", mode="monitor", enabled="OFF")
    press(broker, "b1/enable", "ON")
    listener.await_state("amphora/b1/state", mode="threshold", enabled="ON")
    wait_until(lambda: settings(daemon) == ["reserve_pct"], "what is set")
    wait_until(lambda: "b1.logic unset" in [row["what"] for row in audit(daemon)], "its row")
    audited = len(audit(daemon))
    press(broker, "b1/mode", "threshold")
    listener.await_state("amphora/state", outcome="b1.logic = threshold: is so already")
    press(broker, "b1/reserve", "35.0")
    listener.await_state("amphora/state", outcome="b1.reserve_pct = 35: is so already")
    equal((settings(daemon), len(audit(daemon))), (["reserve_pct"], audited), "rows of a loop")
    done = [(row["path"], row["what"], row["status"]) for row in audit(daemon)]
    assert ("amphora/b1/reserve/set", "b1.reserve_pct = 35", 200) in done, done
    assert ("amphora/b1/reserve/set", "out-of-range", 422) in done, done

    # Alerts, and their acknowledgement
    broker.publish("amphora/b1/battery", json.dumps({"node": "b1", "SoC": 150, "Temp": 20}))
    state = listener.await_state("amphora/state", alerts=1, problem="ON")
    assert "150" in state["alert"], state
    press(broker, "ack")
    listener.await_state("amphora/state", alerts=0, outcome="alerts acknowledged: 1: done")

    # No more than a person can mean, and gone when we are
    for _ in range(25):
        press(broker, "b1/minutes", "0")
        press(broker, "b1/hold")
    wait_until(lambda: "more than 20 commands" in listener.last("amphora/state")["outcome"],
               "the end of patience")
    daemon.stop()
    wait_until(lambda: listener.heard("amphora/status")[-1][1] == "offline", "offline at the end")


def settings(daemon):
    """What is set at run time, as the journal has it."""
    return [row[0] for row in daemon.rows("setting", "parameter", order="1")]


def audit(daemon):
    status, answer = daemon.http("GET", "/api/v1/audit")
    equal(status, 200, "status")
    return [row for row in answer["rows"] if row["who"] == "home-assistant"]


@suite.test
def what_is_gone_is_taken_away_and_a_kept_command_does_nothing(env):
    broker, _, _, daemon = start(env, **ON)
    two = daemon.config.read_text()
    listener = Listener(env, broker, "homeassistant/#", "amphora/+", "amphora/+/state")
    announced(listener)
    # Killed, it is told as gone by the will; and at once as back
    daemon.kill()
    wait_until(lambda: listener.heard("amphora/status")[-1][1] == "offline", "the will")
    broker.publish("amphora/b1/mode/set", "monitor", retain=True)
    daemon.config.write_text(two.replace('"r2"', '"r9"').replace("id: r2", "id: r9"))
    daemon.start()
    wait_until(lambda: listener.heard("amphora/status")[-1][1] == "online", "online again")
    wait_until(lambda: "r9_relay" in announced(listener)["cmps"], "the new announcement")
    device = listener.last(CONFIG)
    equal(device["cmps"]["r2_relay"], {"p": "binary_sensor"}, "what is gone")
    assert device["cmps"]["r1_relay"]["uniq_id"] == "home_r1_relay", device["cmps"]["r1_relay"]
    listener.await_state("amphora/state",
                         outcome="amphora/b1/mode/set: refused: retained-command")
    equal(settings(daemon), [], "settings")

    # A will of an earlier connection that comes late is not the last word
    wait_until(lambda: is_live(daemon), "the marker's echo")
    broker.publish("amphora/status", "offline", retain=True)
    wait_until(lambda: listener.heard("amphora/status")[-1][1] == "online", "online again")

    # What was taken away is not named for ever
    daemon.restart()
    wait_until(lambda: "r2_relay" not in announced(listener)["cmps"], "an announcement without it")


@suite.test
def what_is_gone_is_taken_away_also_where_the_broker_is_slow(env):
    broker = RawBroker()
    env.at_end(broker.close)
    Amphorad(env, {"mqtt": {"host": "127.0.0.1", "port": broker.port}, "batteries": [{"id": "b1"}],
                   **ON})
    control = wait_until(lambda: next(
        (each for each in broker.sessions if "-control-" in each.client_id and each.topics), None),
        "the connection for commands")

    def announcements():
        return [json.loads(said) for topic, said in control.published if topic == CONFIG]
    wait_until(announcements, "an announcement before the broker tells of the last one")
    last = dict(announcements()[-1])
    assert "b0_soc" not in last["cmps"], last
    last["cmps"] = {"b0_soc": {"p": "sensor", "name": "State of charge"}}
    control.publish(CONFIG, json.dumps(last), is_retained=True)
    wait_until(lambda: announcements()[-1]["cmps"].get("b0_soc") == {"p": "sensor"}, "what is gone")


PACK = {"dev": {"ids": ["pack"], "name": "Pack"}, "o": {"name": "bms2mqtt"}, "avty_t": "bms/status",
        "stat_t": "bms/state", "cmps": {
            "s": {"p": "sensor", "uniq_id": "pack_soc", "dev_cla": "battery", "unit_of_meas": "%",
                  "val_tpl": "{{ value_json.soc | float / 10 }}"},
            "t": {"p": "sensor", "uniq_id": "pack_temp", "dev_cla": "temperature",
                  "unit_of_meas": "°F", "val_tpl": "{{ value_json.t }}"},
            "p": {"p": "sensor", "uniq_id": "pack_power", "dev_cla": "power", "unit_of_meas": "kW",
                  "stat_t": "bms/power"}}}


def flood(broker):
    """5,000 entities that nobody named, 1,000 a connection."""
    for first in range(0, 5000, 1000):
        broker.publish_each({f"homeassistant/sensor/n{number % 7}/flood{number}/config": json.dumps(
            {"uniq_id": f"flood{number}", "stat_t": f"flood/{number}", "dev_cla": "battery",
             "unit_of_meas": "%", "name": "x" * 90}) for number in range(first, first + 1000)})


def is_sanitized(env):
    """Whether what was freed is kept, so that memory says nothing."""
    return b"__asan_init" in env.program("amphorad").read_bytes()


def sensor(daemon):
    return next(node for node in daemon.http("GET", "/api/v1/nodes")[1]["nodes"]
                if node["kind"] == "sensor")


def memory_kb(daemon):
    status = open(f"/proc/{daemon.process.pid}/status", encoding="ascii").read()
    return int(status.split("VmRSS:")[1].split()[0])


@suite.test
def what_others_announced_is_taken_over_as_a_sensor(env):
    broker, source, _, daemon = start(
        env, settings={**SETTINGS, "interval_s": 1, "stale_after_s": 6}, home_assistant={
            "announce": False, "take": [{"battery": "b1", "soc": "pack_soc", "temp": "pack_temp",
                                         "power": "pack_power", "positive": "discharge"}]})

    def tell(soc, fahrenheit=68):
        broker.publish("bms/state", json.dumps({"soc": soc * 10, "t": fahrenheit}))

    def tell_until(condition, what, soc=20):
        def is_there():
            tell(soc)
            return condition()
        return wait_until(is_there, what, every=0.3)

    # Nothing before it is announced, nor of what was not named, nor while it is not there
    wait_until(lambda: "homeassistant/+/+/+/config" in broker.process.said(), "the subscriptions")
    tell(20)
    equal(daemon.state()["batteries"][0]["age_s"], None, "age of what nobody announced")
    broker.publish("homeassistant/device/pack/config", json.dumps(PACK), retain=True)
    wait_until(lambda: "amphora-test-home 1 bms/state" in broker.process.said(), "the state's topic")
    broker.publish("bms/power", "-1.5")
    broker.publish("bms/status", "online", retain=True)
    tell_until(lambda: source.status()["state"] == "on", "the source relay to close")
    battery = daemon.state()["batteries"][0]
    equal((battery["soc_pct"], battery["temp_c"]), (20, 20), "taken over")
    broker.publish("bms/power", "-1.5")
    wait_until(lambda: daemon.rows("battery_data", "power_w", "power_w = 1500"),
               "the power, charging, in the journal")

    equal(sensor(daemon)["interval_says_s"], None, "an interval that nobody said")

    # A flood of announcements stands before nothing, and takes no more memory than it may
    before = memory_kb(daemon)
    flood(broker)
    tell_until(lambda: daemon.rows("battery_data", where="soc_pct = 21"), "a reading after it", 21)
    tell_until(lambda: source.status()["state"] == "on", "the relay after the flood", 21)
    if not is_sanitized(env):
        assert memory_kb(daemon) - before < 2048, (before, memory_kb(daemon))

    # Another value alone renews nothing
    def is_stale():
        broker.publish("bms/power", "-1.5")
        return "sensor-stale" in daemon.alerts() and source.status()["state"] == "off"
    wait_until(is_stale, "the sensor to be stale", every=0.3)
    tell_until(lambda: source.status()["state"] == "on", "the source relay to close again")

    # Out of range opens at once; so does silence, which an offline is
    tell(101)
    wait_until(lambda: source.status()["state"] == "off", "the relay to open")
    assert "reading-out-of-range" in daemon.alerts(), daemon.alerts()
    rows = len(daemon.rows("battery_data"))
    broker.publish("bms/status", "offline", retain=True)
    wait_until(lambda: sensor(daemon)["presence"] == "offline", "the node to be offline")
    equal(sensor(daemon)["address"], "entity pack_soc", "the node's address")
    tell(20)
    broker.publish("bms/power", "-1.4")
    broker.publish("homeassistant/device/pack/config", "", retain=True)
    daemon.process.wait_for("entity pack_soc (soc_pct) is announced no more")
    equal(len(daemon.rows("battery_data")), rows, "readings of what is not there")


@suite.test
def a_switch_that_others_announced_is_a_relay_without_a_lease(env):
    broker = Mosquitto(env)
    plug = EspSwitch(broker, "node")
    config = house(broker, {"r1": ("source", None)}, home_assistant={"announce": False},
                   settings={**SETTINGS, "interval_s": 1})
    config["relays"][0].update({"entity": "charger", "lease": "none"})
    daemon = Amphorad(env, config)
    wait_until(lambda: is_live(daemon), "the marker's echo")
    relay = lambda: daemon.state()["relays"][0]
    # As long as nobody announces it, it is asked for in vain
    wait_until(lambda: relay()["phase"] == "timeout", "what nobody announced to be missed")
    broker.publish("homeassistant/switch/charger/config", json.dumps(
        {"uniq_id": "charger", "~": "node/switch/charger", "cmd_t": "~/command",
         "stat_t": "~/state", "avty_t": "node/status", "ret": True}), retain=True)
    daemon.process.wait_for("entity charger is taken as state")
    send_until(broker, lambda: plug.is_on, "the switch to close")
    wait_until(lambda: relay()["phase"] == "confirmed" and relay()["state"], "its confirmation")
    equal((relay()["lease"], relay()["uri"]), ("none", "charger"), "lease and address")
    broker.publish("homeassistant/switch/charger/config", "", retain=True)
    daemon.process.wait_for("entity charger (state) is announced no more")
    send(broker, 81)
    wait_until(lambda: relay()["phase"] in ("mismatch", "timeout"), "what is gone to be missed")
    # It comes back, and is opened as soon as it does
    broker.publish("homeassistant/switch/charger/config", json.dumps(
        {"uniq_id": "charger", "cmd_t": "node/switch/charger/command",
         "stat_t": "node/switch/charger/state"}), retain=True)
    send_until(broker, lambda: not plug.is_on, "the switch to open", soc=81, timeout=90)
    plug.stop()


suite.run()
