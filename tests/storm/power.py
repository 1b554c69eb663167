"""Power is lost at every write: whatever had reached the disk by then must open, and hold all
that was acknowledged by then.

So must each change of a setting and each override that was answered. The shim writes down each write and sync of a run. Of every moment the disks that
may be left are made again: all writes up to there; of the journal, of its log or
of both only those up to the last sync of that file; and, since a disk owes no
order to what is not synced, that and any part of what came after: one write and
not the one before it, half of a write and the rest as it was.

All of these SQLite promises to read: its log has a checksum over all frames before,
so that it ends where one is missing or torn, and is only begun anew when the journal
itself is synced. A disk that loses what was synced is another matter: then the journal
may be damaged, and is set aside (tests/system/database.py).
"""

import bisect
import collections
import contextlib
import itertools
import math
import os
import random
import sqlite3
import struct
import time

import shim
from harness import equal, wait_until
from ledger import journal_keys
from line import COMMANDED, Line
from stage import Daemon
from verdict import Outcome

ENTRY = struct.Struct("=qqqqq")
HAS_DATA = shim.WRITE_LOG | shim.WRITE_FILE
OF_LOG = shim.WRITE_LOG | shim.SYNC_LOG | shim.TRUNCATE_LOG | shim.REMOVE_LOG
BURST = 4
CHANGE_EACH = 20  # bursts, and then a setting is changed and an override begins
BATTERY = COMMANDED["batteries"][0]["id"]
RELAY = COMMANDED["relays"][0]["id"]
SETTING = "reserve_pct"
DENSE = 30  # operations after the journal itself was written that are all looked at
OF_FILE = shim.WRITE_FILE | shim.SYNC_FILE | shim.TRUNCATE_FILE
SECTOR = 512  # a disk writes no less at once
TORN_TRIES = 3  # disks of chance at each moment
FOLDINGS = 3  # syncs of the journal itself: as it begins, within the run, at its end


def entries(path):
    """[(begun ns, done ns, kind, offset, data)] of a record."""
    with open(path, "rb") as file:
        while header := file.read(ENTRY.size):
            begun, done, kind, offset, length = ENTRY.unpack(header)
            yield begun, done, kind, offset, file.read(length) if kind & HAS_DATA else b""


class Change(collections.namedtuple("Change", ("setting", "override"))):
    """The value of SETTING and the number of the override: both only grow."""


UNCHANGED = Change(0, 0)


class Disk:
    """One file: what was written, and what of it was there at its last sync."""

    def __init__(self):
        self.now = None  # not there
        self.synced = None
        self.pending = []  # since the last sync, in order

    def apply(self, kind, offset, data):
        self.now = bytearray() if self.now is None else self.now
        if kind & shim.REMOVE_LOG:
            self.now = self.synced = None
            self.pending = []
        elif kind & (shim.SYNC_LOG | shim.SYNC_FILE):
            self.synced = bytes(self.now)
            self.pending = []
        else:
            change(self.now, kind, offset, data)
            self.pending.append((kind, offset, data))

    def states(self):
        """What may be left of it: all, or only what was synced."""
        return {None if content is None else bytes(content)
                for content in (self.now, self.synced)}

    def torn(self, chance):
        """What was synced, and of each write since then all, nothing, or some of its sectors."""
        if self.now is None:
            return None
        left = bytearray(self.synced or b"")
        for kind, offset, data in self.pending:
            how = chance.random()
            if how < 0.4 or not kind & HAS_DATA:
                if how < 0.6:
                    change(left, kind, offset, data)
                continue
            for begin, end in sectors(offset, len(data)) if how < 0.8 else ():
                if chance.random() < 0.5:
                    change(left, kind, begin, data[begin - offset:end - offset])
        return bytes(left)


def change(content, kind, offset, data):
    """Carries out one write or truncation."""
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if kind & HAS_DATA:
        content[offset:offset + len(data)] = data
    else:
        del content[offset:]


def sectors(offset, length):
    """The parts (begin, end) of a write that a disk writes at once."""
    while length > 0:
        part = min(length, SECTOR - offset % SECTOR)
        yield offset, offset + part
        offset, length = offset + part, length - part


class Moments:
    """Makes the disks of each moment, and looks at them."""

    def __init__(self, env, line, changes, outcome, seed):
        self.line, self.changes, self.outcome = line, changes, outcome
        self.chance = random.Random(seed)
        self.torn = 0
        self.store = env.path("after.db")
        self.env = env
        self.looked = 0
        self.log = list(entries(line.shim.record))
        syncs = [(index, done) for index, (_, done, kind, _, _) in enumerate(self.log)
                 if kind & shim.SYNC_LOG]
        self.sync_at = [index for index, _ in syncs]
        self.sync_ns = [done for _, done in syncs]
        self.acknowledged = sorted((ns, key) for key, ns in line.ledger.acknowledged.items())

    def due(self, count):
        """What must be there once so many operations were done: all that was acknowledged or
        answered before the log was synced again. The keys, and what was changed."""
        following = bisect.bisect_left(self.sync_at, count)
        until = self.sync_ns[following] if following < len(self.sync_at) else math.inf
        keys = [key for _, key in self.acknowledged[:bisect.bisect_left(self.acknowledged, (until,))]]
        changed = [change for ns, change in self.changes if ns < until]
        return keys, changed[-1] if changed else UNCHANGED

    def play(self, stride):
        file, log, folded = Disk(), Disk(), 0
        for count, (_, _, kind, offset, data) in enumerate(self.log, 1):
            (log if kind & OF_LOG else file).apply(kind, offset, data)
            folded = count if kind & OF_FILE else folded
            if count % stride == 0 or count - folded < DENSE:
                for left in itertools.product(file.states(), log.states()):
                    self.look(f"after operation {count}", left, self.due(count))
                self.look_at_torn(count, file, log)
            if count % (len(self.log) // 4) == 0 and not self.outcome.problems:
                self.start_daemon(count, (file.synced, log.synced), self.due(count))
                self.start_daemon(count, (file.torn(self.chance), log.torn(self.chance)),
                                  self.due(count))

    def look_at_torn(self, count, file, log):
        for _ in range(TORN_TRIES if file.pending or log.pending else 0):
            left = file.torn(self.chance), log.torn(self.chance)
            self.torn += left not in itertools.product(file.states(), log.states())
            self.look(f"after operation {count}, torn", left, self.due(count))

    def write(self, left):
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(f"{self.store}{suffix}")
        for suffix, content in zip(("", "-wal"), left):
            if content is not None:
                with open(f"{self.store}{suffix}", "wb") as file:
                    file.write(content)

    def look(self, when, left, due):
        self.looked += 1
        self.write(left)
        try:
            stored, changed = self.read()
        except sqlite3.DatabaseError as error:
            self.outcome.problems.append(f"{when}: {error}")
            self.outcome.lost += len(due[0])
            return
        self.hold(when, stored, changed, due)

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

    def read(self):
        """What is in the journal; raises where it is damaged, empty where it was not begun."""
        with contextlib.closing(sqlite3.connect(self.store, isolation_level=None)) as file:
            # Nothing of this needs to reach a disk.
            file.execute("PRAGMA synchronous = OFF")
            word = file.execute("PRAGMA quick_check(1)").fetchone()[0]
            if word != "ok":
                raise sqlite3.DatabaseError(word)
            if not file.execute("SELECT 1 FROM sqlite_schema WHERE name = 'refused'").fetchone():
                return collections.Counter(), UNCHANGED
            setting = file.execute("SELECT value FROM setting WHERE parameter = ?",
                                   (SETTING,)).fetchall()
            override = file.execute("SELECT override_id FROM kept_relay WHERE relay = ?",
                                    (RELAY,)).fetchall()
        return journal_keys(self.store), Change(float(setting[0][0]) if setting else 0,
                                                override[0][0] or 0 if override else 0)

    def start_daemon(self, count, left, due):
        """The daemon itself goes on from there, and sets nothing aside."""
        self.write(left)
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
                  Change(setting, max((each["id"] for each in overrides), default=0)), due)
        for path in self.env.dir.glob("after.db.damaged-*"):
            self.outcome.problems.append(f"after operation {count}: {path.name} was set aside")


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
    moments = Moments(env, line, changes, outcome, seed)
    moments.play(stride)
    outcome.note = (f"{moments.looked} disks of {len(moments.log)} operations, "
                    f"{moments.torn} with writes torn or out of order")
    if not moments.torn:
        outcome.problems.append("no disk had a write torn: the run shows too little")
    if sum(entry[2] == shim.SYNC_FILE for entry in moments.log) < FOLDINGS:
        outcome.problems.append("the log was never folded back: the run shows too little")
    return outcome
