"""The daemon is killed again and again, by chance and where it hurts.

A kill at a random moment nearly always finds the daemon idle and shows
nothing. So most kills hold the daemon first (shim.py): before a write of its
log, before or after the sync that makes a batch durable, within a checkpoint;
or withhold its acknowledgements from the broker (proxy.py), so that all that
is stored comes again.
"""

import random
import time

import shim
from harness import wait_until
from stage import PATIENCE_S, Stage
from verdict import Outcome, judge

MORE_MESSAGES_S = 0.03  # what is sent meanwhile: an early acknowledgement would go out now
STALL_S = 1.0
ACKNOWLEDGED_A_KILL = 100  # at least: a storm of fewer would show too little
KILLS_WHOLE = 100  # a storm of fewer is over before it has come into its swing


def held(mask, is_after=False, most_skipped=3):
    """Holds the daemon at such an operation, lets messages come, and kills it there."""
    def kill(stage, chance):
        stage.shim.stall(mask, chance.randrange(most_skipped), is_after)
        if stage.shim.wait_stalled(STALL_S):
            stage.held += 1
            time.sleep(MORE_MESSAGES_S)
        stage.kill()
    return kill


def at_random(stage, chance):
    time.sleep(chance.uniform(0, 0.3))
    stage.kill()


def while_starting(stage, chance):
    time.sleep(chance.uniform(0, 0.05))
    stage.kill()


def without_acknowledgements(stage, chance):
    """All that is stored from here on comes again after the restart."""
    before = stage.proxy.acknowledgements
    stage.proxy.withhold()
    wait_until(lambda: stage.proxy.acknowledgements > before + 20, "acknowledgements", PATIENCE_S)
    stage.kill()


def while_charging(stage, _chance):
    """The daemon is gone while a relay is closed; the one after it decides the same."""
    stage.await_charging()
    stage.kill_and_converge(stage.await_decision("charge"))
    stage.kill()


POINTS = {
    "at random": at_random,
    "while starting": while_starting,
    "before a write of the log": held(shim.WRITE_LOG, most_skipped=12),
    "before the log's sync": held(shim.SYNC_LOG),
    "after the log's sync": held(shim.SYNC_LOG, is_after=True),
    "acknowledgements withheld": without_acknowledgements,
    "while charging": while_charging,
    "within a checkpoint": held(shim.WRITE_FILE | shim.SYNC_FILE, most_skipped=2),
}


def storm(env, kills, seed=1, points=None, sync="full", **stage_options):
    """Kills that often, each point in turn, in an order of chance."""
    chance = random.Random(seed)
    stage = Stage(env, sync=sync, **stage_options).start()
    names = []
    while len(stage.kills) < kills:
        names = names or chance.sample(list(points or POINTS), len(points or POINTS))
        POINTS[names.pop()](stage, chance)
        stage.daemon.start(is_awaited=False)
        if not names:
            await_acknowledgements(stage)
    wait_until(stage.daemon.is_answering, "the API")
    stage.finish()
    more = "".join(f", {name} {value}" for name, value in stage_options.items()
                   if name not in ("has_database", "program"))
    outcome = judge(Outcome(f"{kills} kills, {sync}{more}"), stage)
    outcome.note = f"{stage.held} of them held within a commit"
    if kills >= KILLS_WHOLE and outcome.acknowledged < ACKNOWLEDGED_A_KILL * kills:
        outcome.problems.append(f"only {outcome.acknowledged} readings were acknowledged: the run "
                                "shows too little")
    return outcome


def await_acknowledgements(stage, count=50):
    before = stage.proxy.acknowledgements
    wait_until(lambda: stage.proxy.acknowledgements > before + count, "acknowledgements", PATIENCE_S)
