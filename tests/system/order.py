"""Order, identity and restart: what the way to a relay, a stranger or a kill can do, on real CoAP."""

import json
import os
import pathlib
import random
import signal
import time

from garage import charge, house, is_live, send, send_until, start
from harness import (Amphorad, Mosquitto, Relay, Suite, coap, equal, sqlite_rows,
                     wait_until)
from lossy import LossyPath, clean, doubling, jumbling, losing
from morning import morning_zone

suite = Suite("order")


class Garage:
    """The garage with a lossy path to its source relay."""

    def __init__(self, env, **settings):
        self.env = env
        self.broker = Mosquitto(env)
        self.source, self.load = Relay(env, "r1"), Relay(env, "r2")
        self.path = LossyPath(env, self.source.port)
        config = house(self.broker, {"r1": ("source", self.path.uri),
                                     "r2": ("load", self.load.uri)})
        config["settings"].update(settings)
        self.daemon = Amphorad(env, config)
        wait_until(lambda: is_live(self.daemon), "the marker's echo")

    def is_on(self):
        return self.source.status()["state"] == "on"

    def charge(self, timeout=30):
        charge(self.broker, self.source, timeout=timeout)

    def open(self, timeout=30):
        """Messages out of range, which open at once, until the relay is open in truth."""
        def is_open():
            send(self.broker, 186)
            return not self.is_on()
        wait_until(is_open, "the relay to open", timeout, every=0.2)


def decision(daemon):
    """What happens now and who wants it."""
    said = daemon.json("explain", "b1")["batteries"][0]["decision"]
    return said["intent"], said["winner"], said["reason"]["code"]


@suite.test
def a_doubled_command_switches_once(env):
    garage = Garage(env)
    garage.path.plan = garage.path.plan_back = doubling
    garage.charge()
    garage.open()
    equal(garage.source.status()["switches"], 2, "changes of the contact")


@suite.test
def a_copy_of_an_on_that_comes_after_the_off_changes_nothing(env):
    garage = Garage(env)
    garage.charge()
    ons = [entry for entry in garage.path.sent if b'"on"' in entry[0]]
    assert ons, "no ON was seen on its way"
    garage.open()
    switches = garage.source.status()["switches"]
    for datagram, client in ons:
        # Under a message id of its own, so that no library takes it for a repeat.
        late = datagram[:2] + os.urandom(2) + datagram[4:]
        garage.path.send_again(late, client)
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        equal(garage.source.status()["state"], "off", "the relay after a late ON")
    equal(garage.source.status()["switches"], switches, "changes of the contact")


@suite.test
def commands_reach_a_relay_over_a_path_that_loses_half_of_all(env):
    garage = Garage(env)
    garage.path.plan, garage.path.plan_back = losing(0.5, 3), losing(0.5, 4)
    garage.charge(60)
    garage.open(60)
    garage.path.plan = garage.path.plan_back = clean
    wait_until(lambda: "relay r1, charges: asked off, is off. They agree."
               in garage.daemon.cli("explain", "b1")[1], "the confirmed off")


@suite.test
def a_path_that_jumbles_everything_never_leaves_a_forbidden_relay_on(env):
    garage = Garage(env)
    garage.path.plan, garage.path.plan_back = jumbling(1), jumbling(2)
    for _ in range(3):
        garage.charge(60)
        garage.open(60)
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            send(garage.broker, 186)
            equal(garage.is_on(), False, "whether the relay came on again")


@suite.test
def a_relay_that_hears_no_more_opens_by_its_lease(env):
    garage = Garage(env, stale_after_s=6, interval_s=1)
    garage.charge()
    garage.path.plan = lambda datagram: []
    lease_s = garage.source.status()["lease"]
    assert 0 < lease_s <= 6, f"a lease of {lease_s} s on readings valid for 6 s"
    wait_until(lambda: not garage.is_on(), "the lease to end", lease_s + 5)
    wait_until(lambda: "relay-timeout" in garage.daemon.alerts(), "the alert")


@suite.test
def a_node_that_answers_for_another_is_named_and_commands_nothing(env):
    broker = Mosquitto(env)
    impostor, load = Relay(env, "r9"), Relay(env, "r2")
    daemon = Amphorad(env, house(broker, {"r1": ("source", impostor.uri),
                                          "r2": ("load", load.uri)}))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    alert = send_until(broker, lambda: daemon.alerts().get("relay-impostor"), "the alert")
    assert "r9" in alert["words"], alert["words"]
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        send(broker, 20)
        equal(impostor.status()["state"], "off", "the relay of another name")


@suite.test
def killed_at_any_moment_it_forgets_no_setting_override_count_or_lockout(env):
    broker, source, _, daemon = start(env, zone=morning_zone())  # closings are counted by the day
    charge(broker, source, soc=20)  # so that the limits are known to allow it
    equal(daemon.cli("override", "add", "b1", "charge", "--for", "2h")[0], 0, "exit code")
    ends = daemon.json("override", "list")[0]["ends"]
    chance = random.Random(7)
    for round_ in range(6):
        equal(daemon.cli("set", "b1.reserve_pct", str(5 + round_))[0], 0, "exit code of set")
        charge(broker, source, soc=20)
        time.sleep(chance.uniform(0, 0.3))  # any moment
        daemon.kill()
        daemon.start()
        wait_until(lambda: is_live(daemon), "the marker's echo")
        equal(daemon.json("get", "b1.reserve_pct")[0]["value"], 5 + round_, "the reserve")
        # It waits until the wall clock is trusted again, as its end is a time of day.
        wait_until(lambda: {entry["ends"] for entry in daemon.json("override", "list")} == {ends},
                   "the override, with its end")
        assert "relay-mismatch" not in daemon.alerts(), daemon.alerts()
    wait_until(lambda: source.status()["state"] == "off", "the relay to open at the start")
    wait_until(lambda: daemon.json("relay", "list")[0]["switches_today"]
               == (source.status()["switches"] + 1) // 2,
               "the closings counted to be those of the relay's own counter")
    lockout_outlives_a_kill(broker, source, daemon)


def lockout_outlives_a_kill(broker, source, daemon):
    """It is stored with the reading that made it, and ends by a person's word alone."""
    def is_locked_out():
        return daemon.state()["batteries"][0]["locked_out"]

    equal(daemon.cli("set", "b1.trips_per_day", "1")[0], 0, "exit code of set")
    charge(broker, source, temp=6)
    send(broker, 20, temp=4.9)
    wait_until(lambda: sqlite_rows(daemon.store, "SELECT is_locked_out FROM kept_battery") == [(1,)],
               "the lockout to be stored", every=0.002)
    daemon.kill()
    daemon.start()
    wait_until(lambda: is_live(daemon), "the marker's echo")
    for _ in range(5):
        send(broker, 20)
    wait_until(lambda: decision(daemon)[2] == "locked-out", "the battery to be let alone")
    assert is_locked_out() and "locked-out" in daemon.alerts(), daemon.alerts()
    equal(source.status()["state"], "off", "the source relay")


@suite.test
def after_a_kill_dwell_begins_anew_and_then_the_decision_is_the_same(env):
    broker, source, _, daemon = start(env, settings={
        "charge_below_pct": 30, "charge_until_pct": 80, "discharge_above_pct": 90,
        "discharge_until_pct": 40, "dwell_s": 4, "stale_after_s": 30})
    charge(broker, source)
    before = decision(daemon)
    daemon.process.signal(signal.SIGKILL)
    source.kill()  # its contact opens with it, and what we knew of it is old
    source.start()
    started = time.monotonic()
    daemon.start()
    wait_until(lambda: is_live(daemon), "the marker's echo")
    charge(broker, source)
    assert time.monotonic() - started >= 4, "it closed within the dwell of the new start"
    equal(decision(daemon), before, "the decision")


@suite.test
def a_relay_obeys_who_has_a_new_journal_or_an_old_one(env):
    """Each start takes an epoch above what the relay has obeyed, whatever the journal knows."""
    broker, source, _, daemon = start(env)
    charge(broker, source)
    daemon.stop()
    store = pathlib.Path(daemon.store)
    old, obeyed = store.read_bytes(), [source.status()["n"]]
    for journal in (None, old):
        for path in store.parent.glob(f"{store.name}*"):
            path.unlink()
        if journal:
            store.write_bytes(journal)
        daemon.start()
        wait_until(lambda: is_live(daemon), "the marker's echo")
        charge(broker, source)
        daemon.stop()
        equal(source.status()["state"], "off", "the relay after the stop")
        obeyed.append(source.status()["n"])
    epochs = [number >> 32 for number in obeyed]
    assert epochs[0] < epochs[1] < epochs[2], f"epochs: {epochs}"


suite.run()
