"""The database is stopped, killed while rows go in, and away for a day; it ends up equal to the journal."""

import random
import time

from generator import message
from harness import wait_until
from kills import await_acknowledgements
from stage import GENERATED, PATIENCE_S, Stage
from verdict import Outcome, judge

DAY_S = 24 * 3600
BURST = 500
KILLS_WITHIN_S = 0.05


def forwarded(stage):
    return int(stage.database.sql("SELECT COUNT(*) FROM battery_data")[0][0])


def storm(env, rounds=2, seed=1):
    """Stopped and started, killed while it stores a batch, and the daemon killed beside it."""
    chance = random.Random(seed)
    stage = Stage(env, has_database=True).start()
    for _ in range(rounds):
        stage.database.stop()
        await_acknowledgements(stage, 200)
        stage.kill_and_restart()
        await_acknowledgements(stage, 200)
        stage.database.start()
        kill_while_it_stores(stage, chance)
    stage.finish()
    return judge(Outcome("database stopped and killed"), stage)


def kill_while_it_stores(stage, chance):
    """Whole batches are on their way to it after an outage: one of them is cut off in the middle."""
    before = forwarded(stage)
    wait_until(lambda: forwarded(stage) > before, "rows at the server", PATIENCE_S)
    time.sleep(chance.uniform(0, KILLS_WITHIN_S))
    stage.database.kill()
    await_acknowledgements(stage, 200)
    stage.database.start()


def outage(env, hours=24, interval_s=10):
    """
    What a house's sensors send in so many hours, sent as fast as it is taken, while the
    database is away; then all of it is forwarded while new rows keep coming.
    """
    stage = Stage(env, has_database=True)
    stage.daemon.start()
    wait_until(stage.daemon.is_live, "the marker's echo")
    stage.house.say("start")
    stage.database.stop()
    count = int(hours * 3600 / interval_s) * len(GENERATED)
    publish_all(stage, count)
    wait_until(lambda: stage.ledger.is_stored(stage.daemon.store), "the journal to have all", 120,
               0.2)
    stage.generator.number = count
    stage.generator.start()
    stage.database.start()
    begun = time.monotonic()
    wait_until(lambda: forwarded(stage) >= count, "the backlog at the server", 180)
    took_s = time.monotonic() - begun
    stage.finish()
    outcome = judge(Outcome(f"database away for {hours:g} h"), stage)
    outcome.note = f"{count} rows there {took_s:.1f} s after its start"
    return outcome


def publish_all(stage, count):
    publisher = stage.generator
    publisher.connect()
    for number in range(1, count + 1):
        publisher.publish(*message(number, stage.wall_ms()))
        if len(publisher.waiting) >= BURST:
            publisher.take_answers(1)
    publisher.drain(60)
