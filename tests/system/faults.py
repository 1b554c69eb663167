"""The house's seven faults: each ends in the safe state, and Amphora says why.

Everything is real but the battery, the sun and the time: broker, sensors,
relays and daemon run on one clock that is sixty times as fast as the world.
The house keeps account of what its relays truly did.
"""

import json
import time

from harness import Amphorad, House, Mosquitto, Suite, equal, wait_until

suite = Suite("faults")

SPEED = 60
STALE_AFTER_S = 90


class Scene:
    """A house with one battery at 35 % at eleven o'clock, and the daemon that runs it."""

    def __init__(self, env, soc_pct=35):
        clock = f"{SPEED}@{int(time.time() * 1000)}"
        self.env = env
        self.broker = Mosquitto(env)
        self.house = House(env, "--broker", f"127.0.0.1:{self.broker.port}", "--clock", clock,
                           "--soc", soc_pct, "--start", "11:00", "--hold",
                           "--stale-after", STALE_AFTER_S,
                           "--account", env.path("account.json"),
                           "--ports-file", env.path("ports"))
        self.daemon = Amphorad(env, self.config(), clock=clock)
        wait_until(self.is_live, "the marker's echo")
        self.house.say("start")

    def config(self):
        ports = dict(line.split() for line in self.env.path("ports").read_text().splitlines())
        roles = {"r1": "source", "r2": "load"}
        return {
            "mqtt": {"host": "127.0.0.1", "port": self.broker.port, "client_id": "amphora-test"},
            "settings": {"charge_below_pct": 40, "charge_until_pct": 55,
                         "discharge_above_pct": 50, "discharge_until_pct": 42, "dwell_s": 60,
                         "stale_after_s": STALE_AFTER_S, "switches_per_day": 200},
            "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 5, "power_kw": 5}],
            "relays": [{"id": name, "battery": "b1", "role": role,
                        "uri": f"coap://127.0.0.1:{ports[name]}/relay"}
                       for name, role in roles.items()],
        }

    def is_live(self):
        broker = self.daemon.state()["broker"]
        return broker["connected"] and not broker["marker_awaited"]

    def break_it(self, fault):
        equal(self.house.say(fault).strip(), "ok", f"the house's answer to {fault}")

    def truth(self):
        """How the battery and its contacts truly are."""
        return self.house.say("state")["batteries"][0]

    def await_charging(self):
        wait_until(lambda: self.truth()["source_is_on"], "the source relay to close")

    def await_open(self, timeout=60):
        def is_open():
            battery = self.truth()
            return not battery["source_is_on"] and not battery["load_is_on"]
        wait_until(is_open, "both relays to open", timeout)

    def await_alert(self, code, timeout=60):
        return wait_until(lambda: self.daemon.alerts().get(code), f"the alert {code}", timeout)

    def why(self):
        """What `amphora explain b1` says, as a person reads it."""
        code, out, error = self.daemon.cli("explain", "b1")
        equal(code, 0, f"exit code of explain ({error})")
        return out

    def await_words(self, *words):
        """Waits until explain says all of them; the numbers between may grow."""
        def are_said():
            said = self.why()
            assert all(part in said for part in words), said
            return True
        wait_until(are_said, f"{words} from explain", 60)

    def account(self):
        equal(self.house.say("account").strip(), "ok", "the house's account")
        return json.loads(self.env.path("account.json").read_text())

    def check_account(self, unavoidable=0):
        account = self.account()
        equal((account["unsafe"], account["unavoidable"]), (0, unavoidable),
              "unsafe and unavoidable")


@suite.test
def a_silent_sensor_opens_the_relay_and_charging_resumes_when_it_speaks(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("sensor-silent")
    scene.await_open()
    scene.await_alert("sensor-stale")
    scene.await_words("the reading is too old: ", f"> {STALE_AFTER_S} s")
    scene.break_it("clear")
    scene.await_charging()
    scene.check_account()


@suite.test
def a_frozen_sensor_is_noticed_and_opens_the_relay(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("sensor-frozen")
    scene.await_alert("sensor-frozen")
    scene.await_open()
    scene.await_words("the sensor stands still although the battery was in use")
    scene.check_account()


@suite.test
def a_relay_stuck_on_is_named_and_the_other_path_stays_open(env):
    scene = Scene(env, soc_pct=39)
    scene.await_charging()
    scene.break_it("relay-stuck r1")
    mismatch = scene.await_alert("relay-mismatch", timeout=120)
    equal(mismatch["subject"], "r1", "who does not do what it was told")
    assert "stays on" in mismatch["words"], mismatch["words"]
    scene.await_words("the other path is not confirmed open yet")
    equal(scene.truth()["load_is_on"], False, "the load relay beside a stuck source relay")
    scene.break_it("clear")
    wait_until(lambda: not scene.truth()["source_is_on"], "the freed relay to open")
    scene.check_account()


@suite.test
def a_relay_stuck_on_a_hot_battery_is_alarmed_and_counts_as_unavoidable(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("relay-stuck r1")
    scene.break_it("battery-hot")
    mismatch = scene.await_alert("relay-mismatch")
    assert "stays on" in mismatch["words"], mismatch["words"]
    scene.await_words("°C > 45.0 °C; would be ON at")
    wait_until(lambda: scene.account()["unavoidable"] == 1, "the house to count it")
    scene.check_account(unavoidable=1)
    scene.break_it("clear")
    scene.await_open()


@suite.test
def a_relay_stuck_off_is_asked_a_few_times_and_given_up(env):
    scene = Scene(env)
    scene.break_it("relay-stuck r1")
    mismatch = scene.await_alert("relay-mismatch")
    assert "r1" in mismatch["words"] and "stays off" in mismatch["words"], mismatch["words"]
    equal(scene.truth()["source_is_on"], False, "the source relay")
    scene.check_account()


@suite.test
def a_lying_relay_shows_by_its_want_of_effect(env):
    scene = Scene(env)
    scene.break_it("relay-lying r1")
    effect = scene.await_alert("no-effect")
    assert "check the source" in effect["words"], effect["words"]
    equal(scene.truth()["source_is_on"], False, "the source relay")
    scene.check_account()


@suite.test
def a_hot_battery_is_let_alone(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("battery-hot")
    scene.await_open()
    scene.await_words("°C > 45.0 °C; would be ON at")
    assert "limit-tripped" in scene.daemon.alerts(), scene.daemon.alerts()
    wait_until(lambda: scene.truth()["temp_c"] > 50, "the battery to be too hot for everything")
    scene.await_open()
    scene.check_account()


@suite.test
def a_broker_that_is_gone_opens_the_relay_until_it_is_back(env):
    scene = Scene(env)
    scene.await_charging()
    scene.broker.stop()
    scene.await_open()
    scene.await_alert("broker-away")
    scene.await_words("the reading is too old: ", f"> {STALE_AFTER_S} s")
    scene.broker.start()
    scene.await_charging()
    scene.check_account()


@suite.test
def the_houses_own_loss_of_its_broker_counts_as_silence(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("broker-gone")
    scene.await_open()
    scene.await_words("the reading is too old: ", f"> {STALE_AFTER_S} s")
    scene.check_account()


@suite.test
def a_thick_cloud_is_reported_and_harms_nothing(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("cloud")
    effect = scene.await_alert("no-effect", timeout=90)
    assert "25" in effect["words"], f"both numbers are not said: {effect['words']}"
    scene.check_account()


suite.run()
