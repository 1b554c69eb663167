"""Devices of other makes on a real broker: their readings drive, their switches obey, confirm and
open by themselves."""

import json
import time

from garage import SETTINGS, house, is_live
from harness import Amphorad, Mosquitto, Suite, equal, wait_until
from peers import (EspSwitch, Evcc, OnBattery, OpenDtu, ShellyOne, ShellyPlus, SolarAssistant,
                   TasmotaPlug, VenusBox, ZigbeePlug)

suite = Suite("devices")

BATTERY = {"id": "bat", "read": {"soc_pct": {"topic": "shed/bat", "path": "/bms/soc"},
                                 "temp_c": {"topic": "shed/bat", "path": "/bms/t"}},
           "available": {"topic": "shed/status", "up": ["online"], "down": ["offline"]}}

PLUGS = {
    "tasmota": (TasmotaPlug, "plug1", {"profile": "tasmota", "topic": "plug1"}),
    "shelly2": (ShellyPlus, "shellyplus1pm-1", {"profile": "shelly2", "prefix": "shellyplus1pm-1"}),
    "shelly1": (ShellyOne, "shelly1-AABBCC", {"profile": "shelly1", "device": "shelly1-AABBCC",
                                              "auto_off_s": 30}),
    "z2m": (ZigbeePlug, "cellar/plug", {"profile": "z2m", "name": "cellar/plug", "lease": "on_time"}),
    "esphome": (EspSwitch, "espnode", {"profile": "esphome", "prefix": "espnode", "lease": "node",
                                       "state": "charger", "read_topic": "espnode/amphora/read"}),
}


def devices_house(broker, plug, battery=BATTERY, relay=None, **changes):
    config = house(broker, {"r1": ("source", None)}, **changes)
    config["sources"] = [battery, {"id": "plug", **plug}]
    config["batteries"][0]["sensor"] = {"source": "bat"}
    config["relays"][0].update({"source": "plug", **(relay or {})})
    return config


def start(env, make=TasmotaPlug, name="plug1", plug=None, **more):
    broker = Mosquitto(env)
    peer = make(broker, name)
    daemon = Amphorad(env, devices_house(broker, plug or {"profile": "tasmota", "topic": name},
                                         **more))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    return broker, peer, daemon


def say(broker, soc, temp=20.0):
    broker.publish("shed/bat", {"bms": {"soc": soc, "t": temp}})


def say_until(broker, condition, what, soc=20, timeout=30):
    """Twice in an interval would be a burst: the daemon of these tests takes 1 s for it."""
    def is_there():
        say(broker, soc)
        return condition()
    return wait_until(is_there, what, timeout, every=1.0)


def relay_of(daemon):
    return daemon.state()["relays"][0]


def refused(daemon, reason):
    return daemon.state()["readings"]["refused"].get(reason, 0)


FAST = {"settings": {**SETTINGS, "interval_s": 1}}


def charges_and_opens(env, kind):
    make, name, plug = PLUGS[kind]
    broker, peer, daemon = start(env, make, name, plug, **FAST)
    say_until(broker, lambda: peer.is_on, "the plug to close")
    wait_until(lambda: relay_of(daemon)["phase"] == "confirmed", "the confirmed state")
    assert 0 < relay_of(daemon)["lease_left_s"] <= 30, relay_of(daemon)
    say_until(broker, lambda: not peer.is_on, "the plug to open at 80 %", soc=81)
    wait_until(lambda: not relay_of(daemon)["state"] and
               relay_of(daemon)["phase"] == "confirmed", "the confirmed opening")
    return broker, peer, daemon


@suite.test
def a_tasmota_plug_charges_and_opens(env):
    broker, peer, daemon = charges_and_opens(env, "tasmota")
    commands = [payload for topic, payload in peer.heard if topic.endswith("Backlog")]
    assert commands[0].startswith("PulseTime1 1") and commands[0].endswith("; Power1 ON"), commands
    wait_until(lambda: set(daemon.rows("battery_data", "node, soc_pct")) ==
               {("b1", 20.0), ("b1", 81.0)}, "what is stored")
    # What it says by itself is seen, and its will is heard.
    peer.switch(True)
    wait_until(lambda: not peer.is_on, "what somebody switched at 81 % to be undone")
    peer.kill()
    wait_until(lambda: "relay-timeout" in daemon.alerts(), "that it is gone")


@suite.test
def a_shelly_of_the_second_generation_is_read_back_by_request(env):
    _, peer, _ = charges_and_opens(env, "shelly2")
    assert not any("toggle_after" in payload for _, payload in peer.heard
                   if '"on":false' in payload), peer.heard


@suite.test
def a_shelly_of_the_first_generation_charges_and_opens(env):
    _, peer, _ = charges_and_opens(env, "shelly1")
    commands = [payload for topic, payload in peer.heard if topic.endswith("/relay/0/command")]
    assert "on" in commands and commands[-1] == "off" and "toggle" not in commands, commands


@suite.test
def a_plug_that_trips_is_seen_to_be_open(env):
    broker, peer, daemon = start(env, *PLUGS["shelly1"], **FAST)
    say_until(broker, lambda: relay_of(daemon)["state"], "the plug to be closed")
    peer.is_deaf = True
    peer.trip()  # "overpower" is no "off", and is understood as one
    wait_until(lambda: "r1: someone else switched the relay off" in daemon.said(), "the words")
    equal(relay_of(daemon)["state"], False, "how it stands")


@suite.test
def a_zigbee_plug_charges_and_opens(env):
    charges_and_opens(env, "z2m")


@suite.test
def an_esphome_switch_charges_and_opens(env):
    charges_and_opens(env, "esphome")


@suite.test
def a_device_that_only_says_so_is_a_mismatch(env):
    broker, peer, daemon = start(env, **FAST)
    peer.is_lying = True
    say_until(broker, lambda: "relay-mismatch" in daemon.alerts(), "the mismatch")
    equal(relay_of(daemon)["state"], False, "how it stands")


@suite.test
def a_plug_whose_timer_is_not_what_was_set_is_opened_and_said(env):
    broker, peer, daemon = start(env, **FAST)
    peer.forced_pulse = 700  # a rule of its owner's: ten minutes
    say_until(broker, lambda: "relay-mismatch" in daemon.alerts(), "the mismatch")
    words = json.dumps(daemon.alerts()["relay-mismatch"])
    assert "its timer is 600 s and 30 s were set" in words, words
    wait_until(lambda: not peer.is_on, "it to be opened")
    for _ in range(3):
        say(broker, 20)
        time.sleep(1)
    equal([is_on for _, is_on in peer.switched], [True, False], "switched")
    assert "relay-mismatch" in daemon.alerts(), daemon.alerts()


class Twin(TasmotaPlug):
    """Another device under the same topic, whose relay is stuck open."""
    client = "twin"


@suite.test
def two_devices_under_one_name_are_said_and_opened_both(env):
    broker, peer, daemon = start(env, settings={**SETTINGS, "interval_s": 1, "dwell_s": 5})
    twin = Twin(broker, "plug1")
    twin.is_lying = True
    say_until(broker, lambda: "someone else switched the relay off" in daemon.said(), "that one says off")
    say_until(broker, lambda: not peer.is_on, "the other to be opened at 81 %", soc=81)
    wait_until(lambda: relay_of(daemon)["phase"] == "confirmed", "the confirmed opening")


@suite.test
def a_device_opens_by_itself_when_the_daemon_is_gone(env):
    broker, peer, daemon = start(env, settings={**SETTINGS, "interval_s": 1, "stale_after_s": 6})
    say_until(broker, lambda: peer.is_on, "the plug to close")
    daemon.kill()
    began = time.monotonic()
    wait_until(lambda: not peer.is_on, "its own timer")
    assert time.monotonic() - began < 8, time.monotonic() - began


@suite.test
def a_retained_or_old_value_and_a_will_drive_nothing(env):
    broker = Mosquitto(env)
    broker.publish("shed/bat", {"bms": {"soc": 20, "t": 20.0}}, retain=True)
    peer = TasmotaPlug(broker, "plug1")
    daemon = Amphorad(env, devices_house(broker, {"profile": "tasmota", "topic": "plug1"}, **FAST))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    equal(daemon.state()["batteries"][0]["soc_pct"], None, "the state of charge")
    say_until(broker, lambda: peer.is_on, "the plug to close")
    broker.publish("shed/status", "offline", retain=True)
    wait_until(lambda: not peer.is_on, "the relay to open with the battery's will")
    assert "sensor-stale" in daemon.alerts(), daemon.alerts()
    broker.publish("shed/status", "online", retain=True)
    say_until(broker, lambda: peer.is_on, "the plug to close again")
    say(broker, 101)
    wait_until(lambda: not peer.is_on, "the relay to open at once")
    assert "reading-out-of-range" in daemon.alerts(), daemon.alerts()


@suite.test
def what_queued_while_the_daemon_was_away_is_stored_once_and_drives_nothing(env):
    broker = Mosquitto(env)
    peer = TasmotaPlug(broker, "plug1")
    config = devices_house(broker, {"profile": "tasmota", "topic": "plug1"}, **FAST)
    config["sources"].append({"id": "pair", "read": {"soc_pct": {"topic": "pair/soc"},
                                                     "temp_c": {"topic": "pair/t"}}})
    daemon = Amphorad(env, config)
    wait_until(lambda: is_live(daemon), "the marker's echo")
    daemon.kill()
    for soc in (21, 22, 23):
        say(broker, soc)
        broker.publish("pair/soc", str(soc + 30))
        broker.publish("pair/t", str(soc))
    say(broker, 120)
    daemon.start()
    wait_until(lambda: is_live(daemon), "the marker's echo after the start")

    def stored():
        return daemon.rows("battery_data", "node, soc_pct, temp_c, flags & 1")
    queued = [(node, soc, temp, 1) for at in (21, 22, 23)
              for node, soc, temp in (("b1", at, 20), ("pair", at + 30, at))]
    wait_until(lambda: sorted(stored()) == sorted(queued), "all of it in the store")
    equal(daemon.state()["batteries"][0]["soc_pct"], None, "what is known of now")
    assert not peer.switched and "reading-out-of-range" not in daemon.alerts(), daemon.alerts()
    say_until(broker, lambda: peer.is_on, "the plug to close by what is new")
    equal(stored()[:6], [row for row in stored() if row[3]], "that nothing came twice")


@suite.test
def a_venus_box_is_kept_talking_and_charges_through_several_topics(env):
    victron = {"id": "bat", "profile": "victron", "portal": "c0619ab1", "battery": 512}
    broker = Mosquitto(env)
    box, peer = VenusBox(broker, "c0619ab1"), TasmotaPlug(broker, "plug1")
    daemon = Amphorad(env, devices_house(broker, {"profile": "tasmota", "topic": "plug1"}, victron,
                                         meters={"grid": ["bat"]}, **FAST))
    wait_until(lambda: ("R/c0619ab1/keepalive", "") in box.heard, "the first keepalive")
    wait_until(lambda: daemon.state()["meters"]["grid"]["power_w"] == 950, "the sum of its phases")
    wait_until(lambda: daemon.state()["batteries"][0]["soc_pct"] == 20, "its values")

    def charges():
        box.set(soc=20.0, temp=20.0)
        return peer.is_on
    wait_until(charges, "the plug to close", every=1.0)
    # One part alone opens at once, though the other has not come anew.
    box.set(temp=3.0)
    wait_until(lambda: not peer.is_on, "the relay to open in the cold")


@suite.test
def without_a_timer_only_the_owners_word_closes_and_every_screen_says_so(env):
    broker = Mosquitto(env)
    plug = {"profile": "z2m", "name": "old", "lease": "none"}
    path = env.write("house.yaml", json.dumps(devices_house(broker, plug)))
    code, _, error = env.run("amphorad", "--config", path, "--check-config")
    equal(code, 1, "the exit code")
    assert "nothing opens \"plug\" when we are gone" in error and "lease: none" in error, error
    peer = ZigbeePlug(broker, "old")
    daemon = Amphorad(env, devices_house(broker, plug, relay={"lease": "none"}, **FAST))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    say_until(broker, lambda: peer.is_on, "the plug to close")
    equal([payload for topic, payload in peer.heard if "ON" in payload][0], '{"state":"ON"}', "ON")
    wait_until(lambda: "relay-no-lease" in daemon.alerts(), "the alert")
    out = daemon.cli("status")[1]
    assert "no lease" in out or "lease: none" in out, out


@suite.test
def gateways_are_meters_where_meters_names_them_and_only_as_old_as_they_say(env):
    broker = Mosquitto(env)
    config = house(broker, {}, meters={"grid": ["gateway"], "pv": ["sun"]})
    config["sources"] = [{"id": "gateway", "profile": "evcc"},
                         {"id": "sun", "profile": "opendtu", "serial": "114181234567"},
                         {"id": "unnamed", "read": {"load_w": {"topic": "shed/load"}}}]
    evcc, dtu = Evcc(broker, "evcc"), OpenDtu(broker, "dtu")
    # Of before: retained, and older than stale_after by their own word.
    evcc.say(at=time.time() - 3600, grid__power=5000)
    dtu.say(4000)
    daemon = Amphorad(env, config)
    wait_until(lambda: is_live(daemon), "the marker's echo")
    equal([daemon.state()["meters"][kind]["power_w"] for kind in ("grid", "pv")], [None, None])
    evcc.say(grid__power=-320.5, battery__soc=None)
    dtu.say(812.4)
    broker.publish("shed/load", 500)
    meters = wait_until(lambda: (found := daemon.state()["meters"])["pv"]["power_w"] and
                        found["grid"]["power_w"] and found, "both")
    equal((meters["grid"]["power_w"], meters["pv"]["power_w"]), (-321, 812), "grid and sun")
    equal(meters["load"]["power_w"], None, "a meter that nobody named")
    # What is repeated of an inverter that is not reached is no sun; the gateway may come back.
    dtu.say(900, reached=False)
    evcc.kill()
    broker.publish("evcc/site/grid/power", 1000)
    broker.publish("solar/dtu/status", "offline")
    dtu.say(950)
    wait_until(lambda: refused(daemon, "unavailable") >= 3, "what is refused")
    meters = daemon.state()["meters"]
    equal((meters["grid"]["power_w"], meters["pv"]["power_w"]), (-321, 812))
    evcc = Evcc(broker, "evcc")
    broker.publish("solar/dtu/status", "online")

    def both_are_new():
        evcc.say(grid__power=150)
        dtu.say(700)
        meters = daemon.state()["meters"]
        return (meters["grid"]["power_w"], meters["pv"]["power_w"]) == (150, 700)
    wait_until(both_are_new, "what they say when they are back", every=0.2)


@suite.test
def gateways_of_batteries_drive_them_until_their_values_are_old(env):
    broker = Mosquitto(env)
    config = devices_house(broker, {"profile": "tasmota", "topic": "plug1"},
                           {"id": "bat", "profile": "onbattery"}, **FAST)
    config["sources"] += [{"id": "total", "profile": "solarassistant"},
                          {"id": "shelly", **PLUGS["shelly1"][2]}]
    config["batteries"].append({**config["batteries"][0], "id": "b2", "sensor": {"source": "total"}})
    config["relays"].append({"id": "r2", "battery": "b2", "role": "source", "source": "shelly"})
    box, total = OnBattery(broker, "dtu"), SolarAssistant(broker, "sa")
    plug, shelly = TasmotaPlug(broker, "plug1"), ShellyOne(broker, "shelly1-AABBCC")
    box.hear(20, 20)
    box.say_again(age_s=900)
    daemon = Amphorad(env, config)
    wait_until(lambda: is_live(daemon), "the marker's echo")
    equal([one["soc_pct"] for one in daemon.state()["batteries"]], [None, None], "what is retained")

    def both_charge():
        box.hear(20, 20)
        box.say_again()
        total.say(20, 21)
        return plug.is_on and shelly.is_on
    wait_until(both_charge, "both plugs to close", every=1.0)
    equal(daemon.state()["batteries"][1]["temp_c"], 21, "its temperature")
    # The gateway goes on speaking of a battery that it hears no more.
    box.say_again(age_s=61)
    wait_until(lambda: refused(daemon, "stale"), "that it is old")

    def opens_in_the_cold():
        total.say(20, 3)
        return not shelly.is_on
    wait_until(opens_in_the_cold, "the second plug to open in the cold", every=1.0)
    box.kill()
    wait_until(lambda: not plug.is_on, "the first to open with the gateway's will", 15)


@suite.test
def a_trial_shows_whether_a_device_opens_by_itself(env):
    broker = Mosquitto(env)
    peer = TasmotaPlug(broker, "plug1")
    path = env.write("house.yaml", json.dumps(
        devices_house(broker, {"profile": "tasmota", "topic": "plug1"})))

    def trial(*options, **more):
        return env.run("amphora", "relay", "trial", "r1", "--config", path, *options, **more)
    code, out, _ = trial(input="n\n")
    equal((code, peer.switched), (6, []), "without an agreement")
    code, out, error = trial("--yes")
    assert code == 0 and "r1: opened after 5" in out, (code, out, error)
    # Where the daemon runs, it tries it: that is nobody else's switching, and is remembered.
    daemon = Amphorad(env, {**json.loads(path.read_text()), "settings": {**SETTINGS, "logic": "monitor"}})
    wait_until(lambda: say(broker, 50) or daemon.state()["batteries"][0]["quality"] == "good", "readings", every=1.0)
    code, out, error = env.run("amphora", "relay", "trial", "r1", "--yes", "--config", daemon.config)
    assert code == 0 and "r1: opened after 5" in out, (code, out, error)
    daemon.stop()
    daemon.start()
    relay = wait_until(lambda: relay_of(daemon), "the relay")
    equal((relay["timer"], relay["trial"]["passed"], relay["trial"]["result"]), ("told", True, "opens"), relay)
    equal([code for code in daemon.alerts() if code.startswith("relay-")], [], "alerts of the relay")
    daemon.stop()
    peer.pulse_is_broken = True
    code, _, error = trial("--yes")
    assert code == 1 and "did not open by itself" in error, (code, error)
    wait_until(lambda: not peer.is_on, "that it was opened all the same")


suite.run()
