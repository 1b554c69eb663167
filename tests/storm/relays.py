"""The daemon dies while a battery becomes too hot to charge, and someone else closes its relay.

The house, which knows how contact and battery truly are, judges (src/sim/account.h).
"""

import json
import time

from harness import coap, wait_until
from stage import PATIENCE_S, Stage
from verdict import Outcome, judge

LONGEST_LEASE_S = 90  # a relay node's own, of the house's time


def storm(env, **stage_options):
    stage = Stage(env, **stage_options).start()
    stage.await_charging()
    stage.kill_and_converge(stage.await_decision("charge"))
    die_while_it_gets_hot(stage)
    close_from_outside(stage)
    stage.finish()
    return judge(Outcome("leases and readback"), stage)


def is_open(stage):
    return not stage.truth()["source_is_on"]


def is_known_open(stage):
    return stage.daemon.rows("rele_data", "state, wished, phase", "relay = 'r1'",
                             "row DESC LIMIT 1") == [("off", "off", "confirmed")]


def die_while_it_gets_hot(stage):
    """Nobody is left to open the relay: its lease must."""
    stage.await_charging()
    stage.house.say("sensor-silent")
    stage.kill()
    stage.house.say("battery-hot")
    wait_until(lambda: is_open(stage), "the lease to end", PATIENCE_S)
    stage.house.say("clear")
    stage.daemon.start()
    wait_until(stage.daemon.is_live, "the marker's echo")
    stage.await_decision("idle")


def close_from_outside(stage):
    """On a battery that is too hot now: what only the readback tells must be undone."""
    wait_until(lambda: is_known_open(stage), "the readback")
    port = dict(line.split() for line in stage.env.path("ports").read_text().splitlines())["r1"]
    coap(stage.env, "put", f"coap://127.0.0.1:{port}/relay",
         json.dumps({"state": "on", "lease": LONGEST_LEASE_S}))
    wait_until(lambda: is_open(stage), "the relay to be opened", PATIENCE_S)
    time.sleep(0.1)
