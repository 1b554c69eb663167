"""Readings with a time of their own that come late, all at once, as after a bridge was away: each is
stored, and the relays follow the newest."""

import json
import time

from garage import house, is_live, reading
from harness import Amphorad, Mosquitto, Relay, Suite, equal, wait_until

suite = Suite("late")

TOPIC = "amphora/b1/battery"
SILENCE_S = 880
INTERVAL_S = 10


class Garage:
    """Charges below 30 % until 31 %, and has heard one reading, of a quarter of an hour ago."""

    def __init__(self, env, first_soc=30.5):
        self.broker = Mosquitto(env)
        self.source, load = Relay(env, "r1"), Relay(env, "r2")
        config = house(self.broker, {"r1": ("source", self.source.uri), "r2": ("load", load.uri)})
        config["settings"].update(stale_after_s=900, charge_until_pct=31)
        self.daemon = Amphorad(env, config)
        wait_until(lambda: is_live(self.daemon), "the marker's echo")
        # Before the clock is trusted no reading's own time counts.
        wait_until(lambda: self.daemon.state()["wall_trusted"], "the clock to be trusted", 60)
        wait_until(lambda: all(relay["confirmed"] for relay in self.daemon.json("relay", "list")),
                   "both relays to have been read")
        self.measured = []
        self.say([(first_soc, SILENCE_S + INTERVAL_S), (first_soc, SILENCE_S)])

    def say(self, late):
        """Hands over (soc, seconds ago), in this order, at once."""
        now = time.time()
        lines = [json.dumps(reading(round(soc, 2), ts=int((now - age_s) * 1000)))
                 for soc, age_s in late]
        self.measured += [json.loads(line)["ts"] for line in lines]
        self.broker.publish_lines(TOPIC, lines)

    def await_stored(self):
        """All that was said is in the journal in order, and so each was decided upon."""
        wait_until(lambda: [row[0] for row in self.daemon.rows("battery_data", "measured_ms")]
                   == self.measured, "the rows")


def queue(waypoints):
    """What was measured each 10 s in the silence: from one state of charge to the next."""
    count = SILENCE_S // INTERVAL_S
    for i in range(1, count):
        part = i / count * (len(waypoints) - 1)
        at, rest = int(part), part % 1
        yield (waypoints[at] + (waypoints[at + 1] - waypoints[at]) * rest,
               SILENCE_S - INTERVAL_S * i)


@suite.test
def a_queue_that_comes_at_once_never_makes_a_relay_flap(env):
    garage = Garage(env)
    garage.say([*queue([30.5, 29, 31.2]), (31.2, 0)])
    garage.await_stored()
    equal(garage.daemon.json("explain", "b1")["batteries"][0]["decision"]["reason"]["code"],
          "between", "what is decided by the newest")
    equal(garage.source.status()["switches"], 0, "changes of the contact")
    equal(len(garage.daemon.rows("decision", "intent", "intent = 'charge'")), 0,
          "decisions to charge on the way")


@suite.test
def the_newest_of_a_queue_switches_once(env):
    garage = Garage(env)
    garage.say([*queue([30.5, 31.2, 29]), (29, 0)])
    garage.await_stored()
    wait_until(lambda: garage.source.status()["state"] == "on", "the relay to close")
    equal(garage.source.status()["switches"], 1, "changes of the contact")


suite.run()
