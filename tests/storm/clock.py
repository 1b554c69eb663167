"""The machine's wall clock jumps by an hour, a year and to 1970, under a running daemon and over a
restart, on the world's own pace. Ages, dwell and leases are monotonic: nothing may come of it but
records with a wrong time, and readings that look old where our clock is ahead of the sensor's by
less than a day: then the relay opens.
"""

import time

from harness import wait_until
from kills import await_acknowledgements
from stage import PATIENCE_S, Stage
from verdict import Outcome, judge

HOUR_S = 3600
DAY_S = 24 * HOUR_S
YEAR_S = 365 * DAY_S
NS_PER_S = 10**9
STAYS_S = 1.5  # in which a relay that a jump opened would be seen open


def jumps(is_long):
    to_1970_s = HOUR_S - int(time.time())
    return [HOUR_S, -HOUR_S, YEAR_S, -YEAR_S, to_1970_s] if is_long else [-HOUR_S, YEAR_S, to_1970_s]


def storm(env, is_long=False):
    stage = Stage(env, speed=1).start()
    for offset_s in jumps(is_long):
        stage.await_charging()
        stage.shim.wall_offset_ns = offset_s * NS_PER_S
        wait_until(lambda: abs(newest_row_s(stage) - time.time() - offset_s) < HOUR_S / 2,
                   f"rows {offset_s} s off", PATIENCE_S)
        if 0 < offset_s <= DAY_S:
            wait_until(lambda: not is_closed(stage), "the relay to open: its reading looks old")
        else:
            stays_closed(stage, offset_s)
        stage.kill_and_restart()
        await_acknowledgements(stage, 100)
        stage.shim.wall_offset_ns = 0
    stage.await_charging()
    stage.finish()
    return judge(Outcome("wall clock jumps"), stage)


def is_closed(stage):
    return stage.truth()["source_is_on"]


def stays_closed(stage, offset_s):
    until = time.monotonic() + STAYS_S
    while time.monotonic() < until:
        assert is_closed(stage), f"a jump by {offset_s} s opened the relay"
        time.sleep(0.05)


def newest_row_s(stage):
    return stage.daemon.rows("battery_data", "ts_ms", order="row DESC LIMIT 1")[0][0] / 1000
