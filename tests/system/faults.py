"""The house's faults: each ends in the safe state, and Amphora says why. Those of which a person is
told within a time are in bounds.py."""

from harness import Suite, equal, wait_until
from scene import STALE_AFTER_S, Scene

suite = Suite("faults")


@suite.test
def a_silent_sensor_opens_the_relay_and_charging_resumes_when_it_speaks(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("sensor-silent")
    scene.await_open()
    scene.await_alert("sensor-stale")
    scene.await_words("b1 has said nothing for ", f"readings count for {STALE_AFTER_S} s")
    scene.break_it("clear")
    scene.await_charging()
    scene.check_account()


@suite.test
def a_relay_stuck_on_is_named_and_the_other_path_stays_open(env):
    scene = Scene(env, soc_pct=39)
    scene.await_charging()
    scene.break_it("relay-stuck r1")
    mismatch = scene.await_alert("relay-mismatch", timeout=120)
    equal(mismatch["subject"], "r1", "who does not do what it was told")
    assert "stays on" in mismatch["words"], mismatch["words"]
    scene.await_words("the other relay is not confirmed open yet")
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
    scene.await_words("°C; charging is allowed up to 45.0 °C.", "It would charge again at")
    wait_until(lambda: scene.account()["unavoidable"] == 1, "the house to count it")
    scene.check_account(unavoidable=1)
    scene.break_it("clear")
    scene.await_open()


@suite.test
def a_relay_stuck_off_is_asked_a_few_times_and_given_up(env):
    scene = Scene(env)
    scene.break_it("relay-stuck r1")
    equal(scene.await_alert("relay-mismatch")["subject"], "r1", "who does not do what it was told")
    wait_until(lambda: "ON is not sent again" in scene.daemon.alerts()["relay-mismatch"]["words"],
               "it to be given up")
    assert "stays off" in scene.daemon.cli("events", "--last", "1000")[1], "why is in no event"
    equal(scene.truth()["source_is_on"], False, "the source relay")
    scene.check_account()


@suite.test
def a_hot_battery_is_let_alone(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("battery-hot")
    scene.await_open()
    scene.await_words("°C; charging is allowed up to 45.0 °C.", "It would charge again at")
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
    scene.await_words("the battery was too hot and is", "It would charge again at 29.5 °C or less.")
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
    scene.await_words("b1 has said nothing for ", f"readings count for {STALE_AFTER_S} s")
    scene.broker.start()
    scene.await_charging()
    scene.check_account()


@suite.test
def the_houses_own_loss_of_its_broker_counts_as_silence(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("broker-gone")
    scene.await_open()
    scene.await_words("b1 has said nothing for ", f"readings count for {STALE_AFTER_S} s")
    scene.break_it("clear")
    scene.await_charging()
    scene.await_end_of("sensor-stale")
    scene.check_account()


@suite.test
def a_fault_that_is_switched_over_the_api_befalls_the_house_until_it_is_mended(env):
    scene = Scene(env, is_demo=True)
    equal(scene.daemon.state()["demo"], True, "that it is a demo")
    equal([name for name, on, _ in faults(scene) if on], [], "faults at the start")
    scene.await_charging()
    code, answer = scene.daemon.http("POST", "/api/v1/demo/faults",
                                     {"fault": "sensor-silent", "on": True})
    equal(code, 200, answer)
    equal([fault["fault"] for fault in answer["faults"] if fault["on"]], ["sensor-silent"],
          "what is answered")
    scene.await_open()
    assert [age for name, _, age in faults(scene) if name == "sensor-silent"][0] > 30
    scene.daemon.http("POST", "/api/v1/demo/faults", {"fault": "sensor-silent", "on": False})
    equal([name for name, on, _ in faults(scene) if on], [], "faults after mending")
    scene.await_charging()
    scene.check_account()


def faults(scene):
    """(name, whether it is on, for how long) of each fault, by the daemon's API."""
    code, answer = scene.daemon.http("GET", "/api/v1/demo/faults")
    equal(code, 200, answer)
    return [(fault["fault"], fault["on"], fault["on_for_s"]) for fault in answer["faults"]]


@suite.test
def a_broker_that_is_gone_is_gone_for_the_daemon_too_and_nothing_is_lost(env):
    scene = Scene(env, is_demo=True)
    scene.await_charging()
    scene.break_it("broker-gone")
    wait_until(lambda: not scene.daemon.state()["broker"]["connected"], "the broker to be gone")
    scene.await_alert("broker-away")
    scene.await_open()
    scene.break_it("mend broker-gone")
    scene.await_charging()
    scene.await_end_of("broker-away")
    scene.house.say("stop")
    sent = scene.account()["sensors"][0]["sent"]
    wait_until(lambda: len(scene.daemon.rows("battery_data")) >= sent,
               "all that was sent to be stored")
    scene.check_account()


@suite.test
def a_thick_cloud_is_reported_and_harms_nothing(env):
    scene = Scene(env)
    scene.await_charging()
    scene.break_it("cloud")
    effect = scene.await_alert("no-effect", timeout=90)
    assert "25" in effect["words"], f"both numbers are not said: {effect['words']}"
    scene.await_words("relay r1, charges: asked on, is on. They agree", "charging brought")
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
