"""Power is lost at every write: whatever had reached the disk by then must open, and hold all
that was acknowledged by then. So must each change of a setting and each override that was
answered, also over a folding of the log; what else a person is told: told.py.
"""

import bisect
import collections
import time

import shim
from disks import Moments, is_begun
from harness import equal, wait_until
from ledger import journal_keys
from line import COMMANDED, Line
from stage import Daemon
from verdict import Outcome

BURST = 4
CHANGE_EACH = 20  # bursts, and then a setting is changed and an override begins
BATTERY = COMMANDED["batteries"][0]["id"]
RELAY = COMMANDED["relays"][0]["id"]
SETTING = "reserve_pct"
FOLDINGS = 3  # syncs of the journal itself: as it begins, within the run, at its end


class Change(collections.namedtuple("Change", ("setting", "override"))):
    """The value of SETTING and the number of the override: both only grow."""


UNCHANGED = Change(0, 0)


class Readings(Moments):
    """What was acknowledged is stored, once, and what was changed is as it was answered last."""

    def __init__(self, env, line, changes, outcome, seed):
        super().__init__(env.path("after.db"), line.shim.record, outcome, seed)
        self.env, self.line, self.changes = env, line, changes
        self.acknowledged = sorted((ns, key) for key, ns in line.ledger.acknowledged.items())

    def due(self, count):
        """The keys of what was acknowledged, and what was changed."""
        until = self.answered_until(count)
        keys = [key for _, key in self.acknowledged[:bisect.bisect_left(self.acknowledged, (until,))]]
        changed = [change for ns, change in self.changes if ns < until]
        return keys, changed[-1] if changed else UNCHANGED

    def promised(self, count):
        return len(self.due(count)[0])

    def look_into(self, when, count, file):
        if not is_begun(file):
            self.hold(when, collections.Counter(), UNCHANGED, self.due(count))
            return
        setting = file.execute("SELECT value FROM setting WHERE parameter = ?",
                               (SETTING,)).fetchall()
        override = file.execute("SELECT override_id FROM kept_relay WHERE relay = ?",
                                (RELAY,)).fetchall()
        self.hold(when, journal_keys(self.store),
                  Change(float(setting[0][0]) if setting else 0,
                         override[0][0] or 0 if override else 0), self.due(count))

    def hold(self, when, stored, changed, due):
        due, due_change = due
        missing = [key for key in due if not stored[key]]
        strange = stored.keys() - self.line.ledger.copies.keys()
        doubled = [key for key, times in stored.items() if times > 1]
        self.outcome.lost += len(missing)
        self.outcome.doubled += len(doubled)
        for name, is_there, is_due in zip(Change._fields, changed, due_change):
            if is_there < is_due:
                self.outcome.problems.append(f"{when}: {name} is {is_there}, and {is_due} was "
                                             "answered")
        if missing or strange or doubled:
            self.outcome.problems.append(f"{when}: {len(missing)} of {len(due)} acknowledged are "
                                         f"missing, {len(strange)} strange, {len(doubled)} doubled")

    def start_daemon(self, count):
        daemon = Daemon(self.env, {"mqtt": {"host": ""}, "store": {"path": str(self.store)},
                                   **COMMANDED},
                        self.line.shim, name="after", is_started=False)
        daemon.environment = None
        daemon.start()
        wait_until(daemon.is_answering, "the API")
        setting = daemon.json("get", f"{BATTERY}.{SETTING}")[0]["value"]
        overrides = daemon.json("override", "list")
        daemon.stop()
        self.hold(f"the daemon, started after operation {count}", journal_keys(self.store),
                  Change(setting, max((each["id"] for each in overrides), default=0)),
                  self.due(count))


def change_both(daemon, value):
    """Returns (monotonic ns when both were answered, Change)."""
    equal(daemon.cli("set", f"{BATTERY}.{SETTING}", str(value))[0], 0, "exit code")
    status, answer = daemon.http("POST", "/api/v1/overrides", {"battery": BATTERY, "intent": "hold",
                                                               "duration_s": 7200})
    equal((status, answer["stored"]), (202, True), "the override's answer")
    return time.monotonic_ns(), Change(value, answer["overrides"][0]["id"])


def storm(env, bursts=260, stride=101, program=None, seed=1):
    """Long enough for the log to be folded back into the journal at least once."""
    outcome = Outcome("power lost at every write")
    line = Line(env, program=program, is_recording=True).start()
    changes = []  # (monotonic ns when both were answered, Change)
    for burst in range(1, bursts + 1):
        line.publish(BURST)
        line.await_acknowledged()
        if burst % CHANGE_EACH == 0:
            changes.append(change_both(line.daemon, 20 + len(changes)))  # its preset is less
    line.daemon.stop()
    outcome.count(line.balance())
    moments = Readings(env, line, changes, outcome, seed)
    moments.play(stride)
    moments.finish()
    if sum(entry[2] == shim.SYNC_FILE for entry in moments.log) < FOLDINGS:
        outcome.problems.append("the log was never folded back: the run shows too little")
    return outcome
