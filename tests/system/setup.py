"""`amphora setup` against homes of five kinds: from nothing to a daemon that hears and watches."""

import contextlib
import json
import os
import subprocess

from coap_peer import CourseNode
from harness import Mosquitto, Relay, Suite, equal, skip, wait_until
from peers import EspSwitch, ShellyPlus, TasmotaPlug, ZigbeePlug
from programs import UnixConnection
from speaking import Speaking

OK, FAILED = 0, 1

suite = Suite("setup")


class Walk:
    """One walk through setup, in a directory of its own; the daemon that it leaves is stopped."""

    def __init__(self, env, broker, answers, login=("",)):
        self.env = env
        self.directory = env.path("home")
        self.directory.mkdir()
        self.config = self.directory / "amphora.yaml"
        lines = [f"127.0.0.1:{broker.port}", *login, *map(str, answers)]
        done = subprocess.run(
            [env.program("amphora"), "setup", "--seconds", "2", "--output", self.config],
            input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
        self.code, self.out, self.error = done.returncode, done.stdout, done.stderr

    def ask(self, *words):
        return subprocess.run(
            [self.env.program("amphora"), "--socket", self.directory / "amphora.sock", *words],
            capture_output=True, text=True, timeout=30)

    def state(self):
        return json.loads(self.ask("status", "--json").stdout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ask("shutdown")


# After broker and user: which battery, chemistry, capacity, power, reserve.
BATTERY = (1, 1, 10, 3, 20)
# Zone; and start it.
END = ("Europe/Rome", "y")


def ends_well(walk, battery, soc, relays):
    equal(walk.code, OK, walk.error + walk.out)
    state = walk.state()
    equal([(one["id"], one["soc_pct"]) for one in state["batteries"]], [(battery, soc)], walk.out)
    wait_until(lambda: {one["id"]: one["state"] for one in walk.state()["relays"]} == relays, "the relays to be open")
    equal(state["batteries"][0]["logic"], "monitor", "the logic")
    assert "only watches" in walk.out, walk.out


@suite.test
def a_home_with_a_tasmota_plug_that_shows_that_it_opens_by_itself(env):
    broker = Mosquitto(env)
    plug = TasmotaPlug(broker, "garage")
    messages = {"amphora/b1/battery": {"node": "b1", "SoC": 54, "Temp": 21},
                "tele/garage/STATE": plug.tell_state}
    with Speaking(broker, messages), Walk(env, broker, (*BATTERY, 1, 0, *END, "y")) as walk:
        ends_well(walk, "b1", 54, {"garage": False})
        equal(walk.out.count("garage: relay (tasmota)"), 1, "how often one switch is offered")
        assert "garage: opened after" in walk.out, walk.out + walk.error
        equal([is_on for _, is_on in plug.switched], [True, False], "what the plug did")


@suite.test
def a_home_with_a_shelly_of_the_second_generation_and_a_broker_with_users(env):
    broker = Mosquitto(env, users={"anna": 'se"cret'}, extra="allow_anonymous true")
    plug = ShellyPlus(broker, "shellyplus1pm-a1b2c3")  # it says nothing before it is asked
    messages = {"garage/bms": {"SoC": 61.5, "temperature": 19}}
    login = ("anna", "wrong", f"127.0.0.1:{broker.port}", "anna", 'se"cret')
    with Speaking(broker, messages), Walk(env, broker, (*BATTERY, 1, 0, *END, "y"), login) as walk:
        ends_well(walk, "b1", 61.5, {plug.name: False})
        assert f"{plug.name}: opened after" in walk.out, walk.out + walk.error
        kept = walk.directory / "amphora.yaml.mqtt-password"
        equal((kept.read_text(), kept.stat().st_mode & 0o777), ('se"cret', 0o600), "the password's file")
        assert "refuses user anna: check the name and the password" in walk.out, walk.out
        assert "cret" not in walk.out + walk.error + walk.config.read_text(), walk.out


@suite.test
def a_home_with_zigbee_and_a_victron_box(env):
    broker = Mosquitto(env)
    good, other = ZigbeePlug(broker, "cellar plug"), ZigbeePlug(broker, "heater", knows_on_time=False)
    messages = {"N/c0619ab1/system/0/Dc/Battery/Soc": {"value": 71},
                "N/c0619ab1/system/0/Dc/Battery/Temperature": {"value": 18},
                "zigbee2mqtt/cellar plug": good.tell, "zigbee2mqtt/heater": other.tell}
    # Both are tried. The second does not know on_time: it is used with the owner's word, and tried so.
    answers = (*BATTERY, 1, 1, *END, "y", "y", "y", "y")
    with Speaking(broker, messages), Walk(env, broker, answers) as walk:
        ends_well(walk, "b1", 71, {"cellar-plug": False, "heater": False})
        leases = {one["id"]: (one["lease"], one["trial"]["result"]) for one in walk.state()["relays"]}
    equal(leases, {"cellar-plug": ("yes", "opens"), "heater": ("none", "follows")}, walk.out)
    assert "heater does not open by itself" in walk.out, walk.out
    equal([[is_on for _, is_on in plug.switched] for plug in (good, other)],
          [[True, False], [True, False, True, False]], "what the plugs did")


@suite.test
def a_home_with_esphome(env):
    broker = Mosquitto(env)
    switch = EspSwitch(broker, "bms", auto_off_s=5)  # the node has a pack's sensors too: it is battery and switch
    messages = {"bms/sensor/pack_soc/state": "63.5", "bms/sensor/pack_temperature/state": "19",
                "bms/status": "online", "bms/switch/charger/state": lambda: switch.on_message("/read", "")}
    with Speaking(broker, messages), Walk(env, broker, (*BATTERY, 1, 5, 0, *END, "y")) as walk:
        ends_well(walk, "b1", 63.5, {"bms-switch": False})
        assert "bms-switch: opened after" in walk.out, walk.out
        assert "auto_off_s: 5" in walk.config.read_text(), walk.config.read_text()
        equal(walk.state()["relays"][0]["lease"], "yes", "its lease")


@suite.test
def a_home_with_nodes_of_a_course_project(env):
    broker = Mosquitto(env)
    relay, actuator = Relay(env, "r1"), CourseNode({})
    messages = {"amphora/b1/battery": {"node": "b1", "SoC": 33, "Temp": 20}}
    # The second takes mode=on, and does not open by itself: used with the owner's word.
    answers = (*BATTERY, 1, 1, relay.uri, 1, 2, actuator.uri, "", "y", *END)
    with Speaking(broker, messages), Walk(env, broker, answers) as walk:
        ends_well(walk, "b1", 33, {"r1": False, "r2": False})
    actuator.stop()


@suite.test
def answers_that_end_early_write_nothing_and_wrong_ones_are_asked_again(env):
    broker = Mosquitto(env)
    with Speaking(broker, {"amphora/b1/battery": {"node": "b1", "SoC": 33, "Temp": 20}}):
        walk = Walk(env, broker, (1, 9, 1, "much", 10))
    equal(walk.code, FAILED, walk.out)
    assert not walk.config.exists() and "nothing was written" in walk.error, walk.error
    assert "from 1 to 3, please" in walk.out and "from 0.1 to 1000, please" in walk.out, walk.out


class Empty:
    """A daemon without any configuration, asked over its socket as the page asks it."""

    def __init__(self, env, directory):
        if os.path.exists("/etc/amphora/amphora.yaml"):
            skip("this machine has a configuration")
        self.directory = directory
        directory.mkdir()
        places = {"STATE_DIRECTORY": str(directory), "RUNTIME_DIRECTORY": str(directory)}
        self.process = env.start("amphorad", environment=os.environ | places)
        wait_until(lambda: (directory / "amphora.sock").exists(), "the socket")

    def ask(self, method, path, body=None):
        with contextlib.closing(UnixConnection(self.directory / "amphora.sock")) as connection:
            connection.request(method, "/api/v1/" + path, body and json.dumps(body))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or "null")

    def look(self, broker):
        equal(self.ask("POST", "detections?seconds=2", {"broker": broker})[0], 202, "looking")
        wait_until(lambda: self.ask("GET", "detections")[1]["state"] in ("done", "failed"), "its end")
        return self.ask("GET", "detections")[1]

    def lease(self):
        """Of its relay; None while nobody answers."""
        with contextlib.suppress(OSError):
            return self.ask("GET", "relays")[1]["relays"][0]["lease"]

    def heard(self):
        """(charge, logic, relays); None while nobody answers."""
        with contextlib.suppress(OSError):
            state = self.ask("GET", "state")[1]
            relays = {one["id"]: one["state"] for one in state["relays"]}
            return [(one["soc_pct"], one["logic"], relays) for one in state["batteries"]][:1]


def timer_that_fails_its_trial_is_none(daemon, plug, place, wish):
    plug.pulse_is_broken = True
    equal(daemon.ask("POST", "relays/garage/trial")[0], 202, "the trial")
    wait_until(lambda: daemon.ask("GET", "relays/garage/trial")[1]["result"] == "stays", "its end")
    found = {one["id"]: one["opens_by_itself"] for one in daemon.look(place)["devices"]}
    equal(found, {"b1": None, "garage": False}, "what is offered then")
    status, problem = daemon.ask("POST", "setup", wish)
    equal((status, problem["type"]), (422, "/problems/owners-word-needed"), problem)
    relays = [wish["relays"][0] | {"lease": "none"}]
    equal(daemon.ask("POST", "setup", wish | {"relays": relays})[0], 202, "with the owner's word")
    wait_until(lambda: daemon.lease() == "none", "it to run so")
    wait_until(lambda: daemon.heard() == [(54, "monitor", {"garage": False})], "both to be heard again")


@suite.test
def an_empty_daemon_is_set_up_over_the_api_and_starts_again_by_itself(env):
    broker = Mosquitto(env, users={"amphora": "se\"cret"}, extra="allow_anonymous true")
    plug = TasmotaPlug(broker, "garage")
    messages = {"amphora/b1/battery": {"node": "b1", "SoC": 54, "Temp": 21},
                "tele/garage/STATE": plug.tell_state}
    daemon = Empty(env, env.path("house of anna"))
    place = {"host": "127.0.0.1", "port": broker.port, "user": "amphora"}
    refused = daemon.look(place | {"password": "wrong"})
    equal((refused["state"], refused["connected"]), ("failed", False), refused)
    place["password"] = "se\"cret"
    with Speaking(broker, messages):
        equal(sorted(one["id"] for one in daemon.look(place)["devices"]), ["b1", "garage"], "found")
        wish = {"broker": place, "zone": "Europe/Rome",
                "battery": {"device": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 3,
                            "reserve_pct": 20},
                "relays": [{"role": "source", "device": "garage"}]}
        text = daemon.ask("POST", "setup", wish | {"preview": True})[1]["text"]
        assert not (daemon.directory / "amphora.yaml").exists(), "a preview writes nothing"
        status, done = daemon.ask("POST", "setup", wish)
        equal((status, done["kept"], done["text"]), (202, None, text), "what was done")
        wait_until(lambda: daemon.heard() == [(54, "monitor", {"garage": False})], "both to be heard")
        equal((daemon.directory / "amphora.yaml").read_text(), text, "the file")
        timer_that_fails_its_trial_is_none(daemon, plug, place, wish | {"replace": True})
    equal(daemon.process.is_running(), True, "that it is the same process")
    for name in ("amphora.yaml", "mqtt-password"):
        equal((daemon.directory / name).stat().st_mode & 0o777, 0o600, f"mode of {name}")
    assert "cret" not in text, text


suite.run()
