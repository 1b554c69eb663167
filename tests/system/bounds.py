"""The bounds of docs/design.md, section 4, each with the figure that it is held against.

The first four run on the world's clock. The alarms take minutes, and run on the
house's faster clock, whose figures are in its own time; they go on until the fault is mended.
"""

import time

from garage import charge, house, reading, send, start
from harness import Amphorad, Mosquitto, Relay, Suite, equal, wait_until
from lossy import LossyPath
from scene import SPEED, Scene

suite = Suite("bounds")

INTERVAL_S = 1
STALE_AFTER_S = 6
QUICK = {"charge_below_pct": 30, "charge_until_pct": 80, "dwell_s": 0, "interval_s": INTERVAL_S,
         "stale_after_s": STALE_AFTER_S}


def seconds_to_open(relay, since, most):
    """How long after `since` its contact opened; the looking around takes some 20 ms."""
    wait_until(lambda: relay.status()["state"] == "off", "the relay to open", most + 30, every=0)
    return time.monotonic() - since


def hold(what, seconds, bound):
    """Prints the figure beside its bound, and holds one against the other."""
    print(f"# {what}: {seconds:.2f} s, bound {bound:g} s", flush=True)
    assert seconds <= bound, f"{what}: {seconds:.2f} s, and {bound:g} s are allowed"


@suite.test
def a_truthful_reading_outside_the_envelope_opens_within_the_interval_and_2_s(env):
    broker, source, _, _ = start(env, settings=QUICK)
    charge(broker, source, temp=6)
    since = time.monotonic()
    send(broker, 20, 4.9)
    hold("from the reading to the open relay", seconds_to_open(source, since, 2), INTERVAL_S + 2)


@suite.test
def a_silent_sensor_opens_within_stale_after_and_2_s(env):
    broker, source, _, _ = start(env, settings=QUICK)
    since = time.monotonic()
    charge(broker, source)  # its last reading is no older than this
    hold("from the last reading to the open relay",
         seconds_to_open(source, max(since, time.monotonic() - 0.3), STALE_AFTER_S),
         STALE_AFTER_S + 2)


@suite.test
def a_relay_out_of_reach_opens_within_stale_after_and_4_s(env):
    broker = Mosquitto(env)
    source, load = Relay(env, "r1"), Relay(env, "r2")
    path = LossyPath(env, source.port)
    config = house(broker, {"r1": ("source", path.uri), "r2": ("load", load.uri)}, settings=QUICK)
    daemon = Amphorad(env, config)
    daemon.await_live()
    charge(broker, source)
    path.plan = lambda datagram: []
    since = time.monotonic()
    hold("from the last word to the open relay", seconds_to_open(source, since, STALE_AFTER_S),
         STALE_AFTER_S + 4)


@suite.test
def a_suspect_reading_opens_at_that_message(env):
    broker, source, _, _ = start(env, settings=QUICK)
    charge(broker, source)
    since = time.monotonic()
    send(broker, 60)
    hold("from the leap to the open relay", seconds_to_open(source, since, 2), 2)


@suite.test
def a_message_out_of_range_opens_at_that_message(env):
    broker, source, _, _ = start(env, settings=QUICK)
    charge(broker, source)
    since = time.monotonic()
    broker.publish("amphora/b1/battery", reading(20, -22089))
    hold("from the message to the open relay", seconds_to_open(source, since, 2), 2)


class Alarm:
    """How long an alarm takes after a fault, in the house's own time."""

    def __init__(self, scene, code):
        self.scene, self.code, self.since = scene, code, time.monotonic()

    def hold(self, bound_s):
        """The alert, which came within the bound."""
        alert = self.scene.await_alert(self.code, timeout=120)
        hold(f"from the fault to {self.code}", (time.monotonic() - self.since) * SPEED, bound_s)
        return alert


@suite.test
def a_welded_contact_shows_by_the_power_through_it_within_3_minutes(env):
    scene = Scene(env, discharge_above_pct=99)
    scene.await_charging()
    scene.break_it("relay-welded r1")
    scene.break_it("cloud")  # what still flows moves the battery too little to tell
    equal(scene.daemon.cli("relay", "set", "r1", "off", "--for", "12h")[0], 0, "relay set off")
    wait_until(lambda: "relay r1, charges: asked off, is off" in scene.why(), "the echo", every=0)
    # 2 min and 5 readbacks, the last of them up to half a minute old, seen a real second later
    welded = Alarm(scene, "relay-welded").hold(180 + SPEED)
    equal(welded["subject"], "r1", "whose contact is welded")
    assert "is reported open but" in welded["words"], welded["words"]
    scene.await_words("relay r1, charges: asked off, is off. It says off, but power flows.")
    equal(scene.daemon.state()["batteries"][0]["locked_out"], True, "whether b1 is locked out")
    equal(scene.truth()["source_is_on"], True, "the source relay")
    scene.break_it("clear")
    scene.acknowledge("locked-out")
    scene.await_end_of("relay-welded")
    scene.await_words("relay r1, charges: asked off, is off. They agree.")
    scene.check_account()


@suite.test
def a_battery_that_charges_with_all_sources_reported_open_is_told_of(env):
    scene = Scene(env, charge_until_pct=45, discharge_above_pct=99)
    scene.await_charging()
    scene.break_it("relay-lying r1")
    scene.daemon.cli("relay", "set", "r1", "off", "--for", "12h")
    wait_until(lambda: "relay r1, charges: asked off, is off" in scene.why(), "the lie", every=0)
    # 2 min, and 3 % of 5 kWh at the little that the sun gives in the worst case: an hour
    charging = Alarm(scene, "still-charging").hold(120 + 3600 + SPEED)
    assert "is reported open but the battery is still charging" in charging["words"], charging
    scene.await_words("locked out", "relay r1, charges: asked off, is off. It says off, but power flows.",
                      "it charges although the source relay is reported open")
    equal(scene.truth()["source_is_on"], True, "the source relay")
    scene.break_it("clear")
    wait_until(lambda: not scene.truth()["source_is_on"], "the mended relay to open")
    scene.acknowledge("locked-out")
    scene.await_end_of("still-charging")
    scene.await_words("relay r1, charges: asked off, is off. They agree.")
    scene.check_account()


@suite.test
def a_frozen_sensor_is_told_of_within_12_minutes_of_charging_and_opens_the_relay(env):
    scene = Scene(env, charge_until_pct=80, discharge_above_pct=99)  # not full meanwhile
    scene.await_charging()
    scene.break_it("sensor-frozen")
    Alarm(scene, "sensor-frozen").hold(12 * 60 + SPEED)
    scene.await_open()
    scene.await_words("the values of b1 stand still although the battery is in use",
                      "It would decide again once they move.")
    scene.break_it("clear")
    scene.await_charging()
    scene.await_end_of("sensor-frozen")
    scene.check_account()


@suite.test
def a_frozen_sensor_is_told_of_within_12_minutes_of_discharging(env):
    scene = Scene(env, soc_pct=80)
    scene.await_closed("load")
    scene.break_it("sensor-frozen")
    Alarm(scene, "sensor-frozen").hold(12 * 60 + SPEED)


@suite.test
def a_lying_relay_shows_by_its_want_of_effect_within_15_minutes_of_charging(env):
    # No dwell: where this machine is so busy that a lease lapses, it is closed again at once.
    scene = Scene(env, dwell_s=0)
    scene.break_it("relay-lying r1")
    is_on = "relay r1, charges: asked on, is on. They agree"
    wait_until(lambda: is_on in scene.why(), "the lie", every=0)
    # At full power 5 % of this battery take 3 min, so that the least time counts; and a reading.
    effect = Alarm(scene, "no-effect").hold(15 * 60 + SPEED)
    assert "check the source" in effect["words"], effect["words"]
    scene.await_words(is_on, "charging brought")
    equal(scene.truth()["source_is_on"], False, "the source relay")
    scene.break_it("clear")
    scene.await_charging()
    scene.check_account()


suite.run()
