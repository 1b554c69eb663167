"""Readings come in any order, some twice, nearly a day late: each is kept once, and none of them
drives control."""

import json
import random

from generator import Publisher
from harness import wait_until
from kills import await_acknowledgements
from stage import Stage
from verdict import Outcome, judge

HOUR_MS = 3600 * 1000
LATE_MS = 23 * HOUR_MS  # what is older than a day is taken for a sensor whose clock is wrong
COUNT = 200
ROUNDS = 2


def late_readings(stage, round_number):
    """Of battery b1 as it was a day ago: nearly full, where now it is charged."""
    for number in range(COUNT):
        measured_ms = stage.origin[0] * 1000 - LATE_MS + 1000 * (number + COUNT * round_number)
        yield {"node": "b1", "SoC": 94.5, "Temp": round(15 + number / 1000, 3),
               "ts": int(measured_ms)}


def publish(stage, messages):
    publisher = Publisher(stage.broker.port, stage.ledger, "storm-late")
    publisher.connect()
    for said in messages:
        publisher.publish("amphora/b1/battery", json.dumps(said).encode())
    publisher.drain()
    publisher.close()


def storm(env, seed=1, program=None):
    chance = random.Random(seed)
    stage = Stage(env, program=program).start()
    for round_number in range(ROUNDS):
        stage.await_charging()
        wait_until(lambda: is_timed(stage), "a reading whose own time counts")
        messages = list(late_readings(stage, round_number))
        chance.shuffle(messages)
        publish(stage, messages + chance.sample(messages, COUNT // 2))
        await_acknowledgements(stage, COUNT)
        stage.kill_and_restart()
        await_acknowledgements(stage, COUNT)
    stage.finish()
    outcome = judge(Outcome("late, double, disordered"), stage)
    outcome.problems += acted_on(stage)
    return outcome


def is_timed(stage):
    """Until our clock is trusted no reading's own time counts, and a late one is as good as any."""
    rows = stage.daemon.rows("battery_data", "flags", "node = 'b1'", "row DESC LIMIT 1")
    return rows and rows[0][0] == 0


def acted_on(stage):
    """Rows of a day ago that say that they were acted on."""
    border = stage.origin[0] * 1000 - LATE_MS / 2
    wrong = stage.daemon.rows("battery_data", "row", f"node = 'b1' AND measured_ms < {border} "
                                                     "AND flags = 0")
    if wrong:
        yield f"{len(wrong)} readings of a day ago were acted on, such as row {wrong[0][0]}"
