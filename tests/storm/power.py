"""Power is lost at every write: whatever had reached the disk by then must open, and hold all
that was acknowledged by then.

The shim writes down each write and sync of a run. Of every moment the disks that
may be left are made again: all writes up to there; and, of the journal, of its
log or of both, only those up to the last sync of that file.
"""

import bisect
import collections
import contextlib
import itertools
import os
import sqlite3
import struct

import shim
from harness import wait_until
from ledger import journal_keys
from line import Line
from stage import Daemon
from verdict import Outcome

ENTRY = struct.Struct("=qqqqq")
HAS_DATA = shim.WRITE_LOG | shim.WRITE_FILE
OF_LOG = shim.WRITE_LOG | shim.SYNC_LOG | shim.TRUNCATE_LOG | shim.REMOVE_LOG
BURST = 4
DENSE = 30  # operations after the journal itself was written that are all looked at
OF_FILE = shim.WRITE_FILE | shim.SYNC_FILE | shim.TRUNCATE_FILE
FOLDINGS = 3  # syncs of the journal itself: as it begins, within the run, at its end


def entries(path):
    """[(begun ns, done ns, kind, offset, data)] of a record."""
    with open(path, "rb") as file:
        while header := file.read(ENTRY.size):
            begun, done, kind, offset, length = ENTRY.unpack(header)
            yield begun, done, kind, offset, file.read(length) if kind & HAS_DATA else b""


class Disk:
    """One file: what was written, and what of it was there at its last sync."""

    def __init__(self):
        self.now = None  # not there
        self.synced = None

    def apply(self, kind, offset, data):
        self.now = bytearray() if self.now is None else self.now
        if kind & HAS_DATA:
            if len(self.now) < offset:
                self.now.extend(bytes(offset - len(self.now)))
            self.now[offset:offset + len(data)] = data
        elif kind & (shim.TRUNCATE_LOG | shim.TRUNCATE_FILE):
            del self.now[offset:]
            self.now.extend(bytes(offset - len(self.now)))
        elif kind & shim.REMOVE_LOG:
            self.now = self.synced = None
        else:
            self.synced = bytes(self.now)


    def states(self):
        """What may be left of it: all, or only what was synced."""
        return {None if content is None else bytes(content)
                for content in (self.now, self.synced)}


class Moments:
    """Makes the disks of each moment, and looks at them."""

    def __init__(self, env, line, outcome):
        self.line, self.outcome = line, outcome
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
        """What must be there once so many operations were done: all that was acknowledged before
        the log was synced again."""
        following = bisect.bisect_left(self.sync_at, count)
        if following == len(self.sync_at):
            return [key for _, key in self.acknowledged]
        until = bisect.bisect_left(self.acknowledged, (self.sync_ns[following],))
        return [key for _, key in self.acknowledged[:until]]

    def play(self, stride):
        file, log, folded = Disk(), Disk(), 0
        for count, (_, _, kind, offset, data) in enumerate(self.log, 1):
            (log if kind & OF_LOG else file).apply(kind, offset, data)
            folded = count if kind & OF_FILE else folded
            if count % stride == 0 or count - folded < DENSE:
                for left in itertools.product(file.states(), log.states()):
                    self.look(f"after operation {count}", left, self.due(count))
            if count % (len(self.log) // 4) == 0 and not self.outcome.problems:
                self.start_daemon(count, (file.synced, log.synced), self.due(count))

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
            stored = self.read()
        except sqlite3.DatabaseError as error:
            self.outcome.problems.append(f"{when}: {error}")
            self.outcome.lost += len(due)
            return
        self.hold(when, stored, due)

    def hold(self, when, stored, due):
        missing = [key for key in due if not stored[key]]
        strange = stored.keys() - self.line.ledger.copies.keys()
        doubled = [key for key, times in stored.items() if times > 1]
        self.outcome.lost += len(missing)
        self.outcome.doubled += len(doubled)
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
                return collections.Counter()
        return journal_keys(self.store)

    def start_daemon(self, count, left, due):
        """The daemon itself goes on from there, and sets nothing aside."""
        self.write(left)
        daemon = Daemon(self.env, {"mqtt": {"host": ""}, "store": {"path": str(self.store)}},
                        self.line.shim, name="after", is_started=False)
        daemon.environment = None
        daemon.start()
        wait_until(daemon.is_answering, "the API")
        daemon.stop()
        self.hold(f"the daemon, started after operation {count}", journal_keys(self.store), due)
        for path in self.env.dir.glob("after.db.damaged-*"):
            self.outcome.problems.append(f"after operation {count}: {path.name} was set aside")


def storm(env, bursts=260, stride=101, program=None):
    """Long enough for the log to be folded back into the journal at least once."""
    outcome = Outcome("power lost at every write")
    line = Line(env, program=program, is_recording=True).start()
    for _ in range(bursts):
        line.publish(BURST)
        line.await_acknowledged()
    line.daemon.stop()
    outcome.count(line.balance())
    moments = Moments(env, line, outcome)
    moments.play(stride)
    outcome.note = f"{moments.looked} disks of {len(moments.log)} operations"
    if sum(entry[2] == shim.SYNC_FILE for entry in moments.log) < FOLDINGS:
        outcome.problems.append("the log was never folded back: the run shows too little")
    return outcome
