"""The broker restarts, connections end on one side only, and the path takes everything and passes nothing."""

import random
import time

from harness import wait_until
from kills import await_acknowledgements
from proxy import Proxy
from stage import PATIENCE_S, Stage
from verdict import Outcome, judge

DEAF_S = 0.5
CALM = 200  # readings that are not acknowledged


def restart_broker(stage):
    """It has kept session and queue on its disk."""
    stage.broker.stop()
    stage.broker.start()


def end_daemons_side(stage):
    """The broker holds on to a dead half, which the next connection takes over."""
    stage.proxy.cut(Proxy.CLIENT)


def end_brokers_side(stage):
    """The daemon hears of it later: till then its half is open, and what it sends is lost."""
    stage.proxy.cut(Proxy.BROKER)
    time.sleep(DEAF_S)
    stage.proxy.cut(Proxy.CLIENT)


def lose_acknowledgements(stage):
    """All that was acknowledged meanwhile comes again."""
    stage.proxy.withhold()
    await_acknowledgements(stage, 20)
    stage.proxy.cut(Proxy.CLIENT)


def lose_everything(stage):
    """A half-open path: both sides send, and nothing arrives, until it is cut."""
    stage.proxy.deafen()
    time.sleep(DEAF_S)
    stage.proxy.cut(Proxy.CLIENT)


def await_calm(stage):
    """What queued is acknowledged: mosquitto 2.0.11 has more and more on its way from one broken
    connection to the next, while it is not (src/adapt/redelivery.h)."""
    ledger = stage.ledger
    wait_until(lambda: len(ledger.copies) - len(ledger.acknowledged) < CALM, "the backlog to end",
               PATIENCE_S)


EVENTS = (restart_broker, end_daemons_side, end_brokers_side, lose_acknowledgements,
          lose_everything)


def storm(env, rounds=1, seed=1):
    chance = random.Random(seed)
    stage = Stage(env, is_persistent=True).start()
    for _ in range(rounds):
        for event in chance.sample(EVENTS, len(EVENTS)):
            event(stage)
            await_acknowledgements(stage, 100)
            # Anew: a third connection that ends so soon is taken for another client with our id.
            stage.kill_and_restart()
            await_acknowledgements(stage, 100)
        await_calm(stage)
    stage.finish()
    return judge(Outcome("broker and its connections"), stage)
