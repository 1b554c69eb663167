"""The house's faults: each ends in the safe state, and Amphora says why.

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
    """A house with batteries at 35 % at eleven o'clock, and the daemon that runs them.

    Battery `index` is b1, b2 …; its source relay is r1, r3 …
    """

    def __init__(self, env, soc_pct=35, batteries=1, **settings):
        clock = f"{SPEED}@{int(time.time() * 1000)}"
        self.env = env
        self.broker = Mosquitto(env)
        self.house = House(env, "--broker", f"127.0.0.1:{self.broker.port}", "--clock", clock,
                           "--batteries", batteries, "--power-w", 5000 // batteries,
                           "--soc", soc_pct, "--start", "11:00", "--hold",
                           "--stale-after", STALE_AFTER_S,
                           "--account", env.path("account.json"),
                           "--ports-file", env.path("ports"))
        self.daemon = Amphorad(env, self.config(batteries, settings), clock=clock)
        wait_until(self.is_live, "the marker's echo")
        self.house.say("start")

    def config(self, batteries, settings):
        ports = dict(line.split() for line in self.env.path("ports").read_text().splitlines())
        return {
            "mqtt": {"host": "127.0.0.1", "port": self.broker.port, "client_id": "amphora-test"},
            "settings": {"charge_below_pct": 40, "charge_until_pct": 55,
                         "discharge_above_pct": 50, "discharge_until_pct": 42, "dwell_s": 60,
                         "stale_after_s": STALE_AFTER_S, "switches_per_day": 200, **settings},
            "batteries": [{"id": f"b{index + 1}", "chemistry": "lfp", "capacity_kwh": 5,
                           "power_kw": 5 / batteries} for index in range(batteries)],
            "relays": [{"id": f"r{2 * index + side}", "battery": f"b{index + 1}", "role": role,
                        "uri": f"coap://127.0.0.1:{ports[f'r{2 * index + side}']}/relay"}
                       for index in range(batteries)
                       for side, role in ((1, "source"), (2, "load"))],
        }

    def is_live(self):
        broker = self.daemon.state()["broker"]
        return broker["connected"] and not broker["marker_awaited"]

    def break_it(self, fault):
        equal(self.house.say(fault).strip(), "ok", f"the house's answer to {fault}")

    def truth(self, index=0):
        """How a battery and its contacts truly are."""
        return self.house.say("state")["batteries"][index]

    def await_charging(self, index=0):
        """Confirmed, as its owner sees it, and true."""
        confirmed = f"relay r{2 * index + 1} (source): wished on, is on, confirmed"
        wait_until(lambda: confirmed in self.why(index) and self.truth(index)["source_is_on"],
                   "the source relay to close and be confirmed", 60)

    def await_open(self, timeout=60, index=0):
        def is_open():
            battery = self.truth(index)
            return not battery["source_is_on"] and not battery["load_is_on"]
        wait_until(is_open, "both relays to open", timeout)

    def await_alert(self, code, timeout=60):
        """The alert, once it is there; `alerts list` has its words for people."""
        alert = wait_until(lambda: self.daemon.alerts().get(code), f"the alert {code}", timeout)
        wait_until(lambda: alert["words"].split(":")[0] in self.daemon.cli("alerts", "list")[1],
                   f"{code} in what `alerts list` prints")
        return alert

    def await_end_of(self, code):
        wait_until(lambda: code not in self.daemon.alerts(), f"the alert {code} to end", 60)

    def acknowledge(self, code):
        alert = self.daemon.alerts()[code]
        equal(self.daemon.cli("alerts", "ack", str(alert["id"]))[0], 0, f"acknowledging {code}")
        self.await_end_of(code)

    def why(self, index=0):
        """What `amphora explain` says of a battery, as a person reads it."""
        code, out, error = self.daemon.cli("explain", f"b{index + 1}")
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
    scene.await_words("the sensor stands still although the battery was in use",
                      "would decide once its values move")
    scene.break_it("clear")
    scene.await_charging()
    scene.await_end_of("sensor-frozen")
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
    scene.await_end_of("relay-mismatch")
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
    scene.await_words("relay r1 (source): wished on, is on, confirmed", "charging brought")
    equal(scene.truth()["source_is_on"], False, "the source relay")
    scene.break_it("clear")
    scene.await_charging()
    scene.check_account()


@suite.test
def a_relay_that_lies_of_being_open_shows_by_a_battery_that_still_charges(env):
    scene = Scene(env, charge_until_pct=45, discharge_above_pct=99)
    scene.await_charging()
    scene.break_it("relay-lying r1")
    charging = scene.await_alert("still-charging", timeout=90)
    assert "is reported open but the battery is still charging" in charging["words"], charging
    scene.await_words("locked out", "relay r1 (source): wished off, is off, mismatch",
                      "it charges although the source relay is reported open")
    equal(scene.truth()["source_is_on"], True, "the source relay")
    scene.break_it("clear")
    wait_until(lambda: not scene.truth()["source_is_on"], "the mended relay to open")
    scene.acknowledge("locked-out")
    scene.await_end_of("still-charging")
    scene.await_words("relay r1 (source): wished off, is off, confirmed")
    scene.check_account()


@suite.test
def a_welded_contact_shows_by_the_power_through_it(env):
    scene = Scene(env, discharge_above_pct=99)
    scene.await_charging()
    scene.break_it("relay-welded r1")
    scene.break_it("cloud")  # what still flows moves the battery too little to tell
    equal(scene.daemon.cli("relay", "set", "r1", "off", "--for", "12h")[0], 0, "relay set off")
    welded = scene.await_alert("relay-welded")
    equal(welded["subject"], "r1", "whose contact is welded")
    assert "is reported open but" in welded["words"], welded["words"]
    scene.await_words("relay r1 (source): wished off, is off, mismatch")
    equal(scene.daemon.state()["batteries"][0]["locked_out"], True, "whether b1 is locked out")
    equal(scene.truth()["source_is_on"], True, "the source relay")
    scene.break_it("clear")
    scene.acknowledge("locked-out")
    scene.await_end_of("relay-welded")
    scene.await_words("relay r1 (source): wished off, is off, confirmed")
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
def a_battery_that_was_hot_is_charged_again_once_it_has_cooled(env):
    scene = Scene(env, charge_until_pct=95, discharge_above_pct=99, charge_max_c=30,
                  hysteresis_c=0.5)
    scene.await_charging()
    scene.break_it("battery-hot")
    scene.await_open()
    scene.break_it("clear")  # before it is so hot that it cools for hours
    scene.await_alert("limit-tripped")
    scene.await_words("charging is not allowed after heat", "would be ON at ≤ 29.5 °C")
    scene.await_charging()
    scene.await_end_of("limit-tripped")
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
    scene.break_it("clear")
    scene.await_charging()
    scene.await_end_of("sensor-stale")
    scene.check_account()


@suite.test
def a_thick_cloud_is_reported_and_harms_nothing(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("cloud")
    effect = scene.await_alert("no-effect", timeout=90)
    assert "25" in effect["words"], f"both numbers are not said: {effect['words']}"
    scene.await_words("relay r1 (source): wished on, is on, confirmed", "charging brought")
    scene.break_it("clear")
    scene.await_end_of("no-effect")
    scene.check_account()


@suite.test
def a_silent_sensor_at_one_battery_leaves_the_other_alone(env):
    scene = Scene(env, batteries=2)
    scene.await_charging(0)
    scene.await_charging(1)
    before = scene.truth(1)["soc_pct"]
    scene.break_it("sensor-silent b1")
    scene.await_open(index=0)
    stale = scene.await_alert("sensor-stale")
    equal(stale["subject"], "b1", "whose sensor is silent")
    wait_until(lambda: scene.truth(1)["soc_pct"] > before + 1, "b2 to be charged meanwhile")
    equal(scene.truth(0)["source_is_on"], False, "the source relay of b1")
    scene.break_it("clear")
    scene.await_charging(0)
    relays = {relay["relay"]: relay for relay in scene.account()["relays"]}
    equal(relays["r3"]["switches"], 1, "how often the source relay of b2 closed")
    scene.check_account()


suite.run()
