"""What was sent, what the daemon acknowledged and what is in the journal, held against each other.

A message is known by all that must be stored of it: the values of a reading
bit for bit, the bytes of one that is refused. So a value that was altered on
its way shows as one message lost and another that nobody sent.
"""

import collections
import json

from harness import sqlite_rows

REFUSED_KEPT_BYTES = 256
COLUMNS = ("node, soc_pct, temp_c, temp_max_c, voltage_v, current_a, power_w, soh_pct, interval_s, "
           "sequence, measured_ms")
FIELDS = ("TempMax", "V", "A", "W", "SoH", "interval")
READING, REFUSED = "reading", "refused"


def as_real(value):
    return None if value is None else float(value)


def key_of(payload):
    """What the journal must say of this message."""
    try:
        said = json.loads(payload)
        soc = float(said["SoC"])
    except (ValueError, KeyError, TypeError):
        return (REFUSED, payload[:REFUSED_KEPT_BYTES])
    if not 0 <= soc <= 100:
        return (REFUSED, payload[:REFUSED_KEPT_BYTES])
    return (READING, said["node"], soc, float(said["Temp"]),
            *(as_real(said.get(field)) for field in FIELDS), said.get("seq"), said.get("ts"))


def has_identity(key):
    """Whether it can be told from another with the same values: by its number or its time."""
    return key[0] == READING and (key[-1] is not None or key[-2] is not None)


def journal_keys(path):
    """How often each message is in the journal at `path`."""
    rows = sqlite_rows(path, f"SELECT {COLUMNS} FROM battery_data")
    refused = sqlite_rows(path, "SELECT payload FROM refused")
    return collections.Counter(
        [(READING, *row) for row in rows] + [(REFUSED, bytes(row[0])) for row in refused])


class Ledger:
    """Filled by the generator's and the proxy's threads; read when all is quiet."""

    def __init__(self):
        self.copies = collections.Counter()  # by key: how often it was handed to the broker
        self.acknowledged = {}               # key: monotonic ns of the first acknowledgement

    def note_sent(self, payload):
        self.copies[key_of(payload)] += 1

    def note_delivered(self, payload):
        """Of a sender that does not report to us: the house's sensor."""
        key = key_of(payload)
        if not self.copies[key]:
            self.copies[key] = 1

    def note_acknowledged(self, payload, at_ns):
        self.acknowledged.setdefault(key_of(payload), at_ns)

    def is_stored(self, path):
        """Whether all that was sent is in the journal."""
        return not self.copies.keys() - journal_keys(path).keys()


class Balance:
    """The ledger held against what is stored: `stored` is a Counter of keys."""

    def __init__(self, ledger, stored):
        self.sent = len(ledger.copies)
        self.acknowledged = len(ledger.acknowledged)
        self.stored = sum(stored.values())
        self.lost = [key for key in ledger.acknowledged if not stored[key]]
        self.doubled = {key: count for key, count in stored.items()
                        if count > (1 if has_identity(key) else max(1, ledger.copies[key]))}
        self.unknown = [key for key in stored if not ledger.copies[key]]

    def problems(self):
        """Sentences for people; none where all is well."""
        for name, keys in (("acknowledged and not stored", self.lost),
                           ("stored more than once", list(self.doubled)),
                           ("stored and never sent so", self.unknown)):
            if keys:
                yield f"{len(keys)} {name}, such as {keys[0]}"
