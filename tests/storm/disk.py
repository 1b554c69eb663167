"""Each write of a run fails in turn, once or for a while, from the journal's first page to its close.

What may come of it is written in docs/design.md, section 7: the daemon does not
start and says why, or acknowledgements stop, an alarm is raised, and when the
disk is back all is stored; never a journal set aside for a disk that failed,
nor a reading that is acknowledged and not stored.
"""

import errno
import time

import shim
from harness import wait_until
from line import Line
from stage import PATIENCE_S
from verdict import Outcome

READINGS = 20
ENDS_WITHIN_S = 15
WORDS = ("cannot open", "cannot use", "cannot read", "cannot write")


def storm(env, stride=9, errors=(errno.EIO, errno.ENOSPC), longest=1):
    """Every `stride`-th operation of a run fails; of a short run there are some 300."""
    outcome = Outcome("each write fails in turn")
    count = operations_of_a_run(env, outcome)
    refused = runs = 0
    for at in range(0, count, stride):
        runs += 1
        refused += run(env, f"fail-{at}", outcome, at, errors[runs % len(errors)],
                       1 + (runs % 2) * longest)
    outcome.note = f"{runs} runs of {count} operations, {refused} were refused a start"
    return outcome


def operations_of_a_run(env, outcome):
    run(env, "whole", outcome, None, 0, 0)
    return outcome.operations


def run(env, name, outcome, at, number, times):
    """Returns whether the daemon refused to start, as it may at the journal's first operations."""
    line = Line(env, name)
    if at is not None:
        line.shim.fail(shim.ALL, number, skip=at, count=times)
    is_refused = not starts(line)
    if is_refused:
        outcome.problems += refusal(line, name)
        line.shim.let_go()
        line.start()
    line.publish(READINGS)
    wait_until(line.are_acknowledged, f"{name}: all acknowledgements after the failure", PATIENCE_S)
    code = line.daemon.stop()
    outcome.operations = line.shim.operations
    if code != 0 and not line.shim.failed:
        outcome.problems.append(f"{name}: exit code {code}")
    outcome.count(line.balance())
    outcome.problems += [f"{name}: {path.name} was set aside"
                         for path in env.dir.glob(f"{name}.db.damaged-*")]
    line.close()
    return is_refused


def starts(line):
    """Whether the daemon gets as far as its subscriptions; false where it has ended before."""
    line.daemon.start(is_awaited=False)
    deadline = time.monotonic() + ENDS_WITHIN_S
    while time.monotonic() < deadline:
        if line.has_subscribed():
            return True
        if not line.daemon.process.is_running():
            return False
        time.sleep(0.01)
    raise AssertionError("the daemon neither ended nor subscribed")


def refusal(line, name):
    said = line.daemon.said()
    if not line.shim.failed or not any(words in said for words in WORDS):
        yield f"{name}: ended without a word on its journal: {said[-300:]}"
    if line.daemon.process.popen.returncode <= 0:
        yield f"{name}: exit code {line.daemon.process.popen.returncode}"
