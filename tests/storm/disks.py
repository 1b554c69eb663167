"""The disks that a loss of power may leave, made from what the shim recorded of a run.

The shim writes down each write and sync of a run. Of every moment the disks that
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
import contextlib
import itertools
import math
import os
import random
import sqlite3
import struct

import shim

ENTRY = struct.Struct("=qqqqq")
HAS_DATA = shim.WRITE_LOG | shim.WRITE_FILE
OF_LOG = shim.WRITE_LOG | shim.SYNC_LOG | shim.TRUNCATE_LOG | shim.REMOVE_LOG
OF_FILE = shim.WRITE_FILE | shim.SYNC_FILE | shim.TRUNCATE_FILE
DENSE = 30  # operations after the journal itself was written that are all looked at
SECTOR = 512  # a disk writes no less at once
STARTS = 4  # moments from which the daemon itself goes on
TORN_TRIES = 3  # disks of chance at each moment


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
    """Makes the disks of each moment, as a journal at `store`, and looks at them: what is to be
    found there says the class made of this."""

    def __init__(self, store, record, outcome, seed):
        self.store, self.outcome = store, outcome
        self.chance = random.Random(seed)
        self.torn = self.looked = 0
        self.log = list(entries(record))
        syncs = [(index, done) for index, (_, done, kind, _, _) in enumerate(self.log)
                 if kind & shim.SYNC_LOG]
        self.sync_at = [index for index, _ in syncs]
        self.sync_ns = [done for _, done in syncs]

    def look_into(self, when, count, file):
        """Compares the journal, open as `file`, with what must be there after `count` operations."""
        raise NotImplementedError

    def promised(self, count):
        """How much must be there after `count` operations."""
        raise NotImplementedError

    def start_daemon(self, count):
        """The daemon itself goes on from there."""
        raise NotImplementedError

    def answered_until(self, count):
        """Monotonic ns: what was acknowledged or answered before must be there once so many
        operations were done, as it waited for a sync, and the log is synced next only then."""
        following = bisect.bisect_left(self.sync_at, count)
        return self.sync_ns[following] if following < len(self.sync_at) else math.inf

    def play(self, stride):
        file, log, folded = Disk(), Disk(), 0
        for count, (_, _, kind, offset, data) in enumerate(self.log, 1):
            (log if kind & OF_LOG else file).apply(kind, offset, data)
            folded = count if kind & OF_FILE else folded
            if count % stride == 0 or count - folded < DENSE:
                for left in itertools.product(file.states(), log.states()):
                    self.look(f"after operation {count}", left, count)
                self.look_at_torn(count, file, log)
            if count % (len(self.log) // STARTS) == 0 and not self.outcome.problems:
                self.start_from(count, (file.synced, log.synced))
                self.start_from(count, (file.torn(self.chance), log.torn(self.chance)))

    def look_at_torn(self, count, file, log):
        for _ in range(TORN_TRIES if file.pending or log.pending else 0):
            left = file.torn(self.chance), log.torn(self.chance)
            self.torn += left not in itertools.product(file.states(), log.states())
            self.look(f"after operation {count}, torn", left, count)

    def write(self, left):
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(f"{self.store}{suffix}")
        for suffix, content in zip(("", "-wal"), left):
            if content is not None:
                with open(f"{self.store}{suffix}", "wb") as file:
                    file.write(content)

    def look(self, when, left, count):
        self.looked += 1
        self.write(left)
        try:
            with contextlib.closing(sqlite3.connect(self.store, isolation_level=None)) as file:
                # Nothing of this needs to reach a disk.
                file.execute("PRAGMA synchronous = OFF")
                word = file.execute("PRAGMA quick_check(1)").fetchone()[0]
                if word != "ok":
                    raise sqlite3.DatabaseError(word)
                self.look_into(when, count, file)
        except sqlite3.DatabaseError as error:
            self.outcome.problems.append(f"{when}: {error}")
            self.outcome.lost += self.promised(count)

    def start_from(self, count, left):
        """Nothing may be set aside."""
        self.write(left)
        self.start_daemon(count)
        for path in self.store.parent.glob(f"{self.store.name}.damaged-*"):
            self.outcome.problems.append(f"after operation {count}: {path.name} was set aside")

    def finish(self):
        self.outcome.note = (f"{self.looked} disks of {len(self.log)} operations, "
                             f"{self.torn} with writes torn or out of order")
        if not self.torn:
            self.outcome.problems.append("no disk had a write torn: the run shows too little")


def is_begun(file):
    """Whether the journal in `file` has its tables yet."""
    return file.execute("SELECT 1 FROM sqlite_schema WHERE name = 'refused'").fetchone() is not None
