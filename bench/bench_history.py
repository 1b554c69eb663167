"""A year of one battery: how fast it is rolled up and asked for, and what a reading takes on disk."""

import contextlib
import http.client
import random
import sqlite3
import subprocess
import time

from bench_figures import Row, percentile
from bench_scene import LONG_S, house, is_live, newest_row, progress, scene
from harness import Amphorad, find_program, sqlite_rows, wait_until
from programs import UnixConnection

INTERVAL_MS = 10000
YEAR_MS = 365 * 86400000
DAY_MS = 86400000
QUESTIONS = 50
YEAR_SCANS = 3  # of the reference, which takes seconds for each
DAY_BUDGET_MS = 50
YEAR_BUDGET_MS = 200
BYTES_READINGS = 2000
BYTES_SPEED = 1000
BYTES_BUDGET = 64

FILL = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)
    INSERT INTO battery_data (ts_ms, node, soc_pct, temp_c, power_w, measured_ms, sequence,
                              quality, flags)
    SELECT :start + i * :interval, 'b0', 40 + abs(i % 6000 - 3000) / 100.0, 20 + i % 97 / 20.0,
           (i / 3000 % 2 * 2 - 1) * 600.0, :start + i * :interval - 5, i, 4, 0 FROM n"""
GROUPED = """
    SELECT ts_ms / :step, count(*), min(soc_pct), avg(soc_pct), max(soc_pct), min(temp_c),
           avg(temp_c), max(temp_c), min(power_w), avg(power_w), max(power_w)
    FROM battery_data WHERE node = 'b0' AND ts_ms >= :start AND ts_ms < :end GROUP BY 1"""
RAW = """
    SELECT row, ts_ms, node, soc_pct, temp_c, temp_max_c, voltage_v, current_a, power_w, soh_pct,
           quality, flags, measured_ms
    FROM battery_data WHERE node = 'b0' AND ts_ms >= :start AND ts_ms < :end ORDER BY ts_ms"""


# --- the year ------------------------------------------------------------------


class Year:
    """A daemon on a journal with a year of readings that ends now, all rolled up."""

    def __init__(self, at, count):
        self.count = count
        self.end_ms = int(time.time() * 1000) // INTERVAL_MS * INTERVAL_MS
        self.start_ms = self.end_ms - count * INTERVAL_MS
        config = house(at.broker.port, "full", None)
        config["batteries"] = config["batteries"][:1]
        self.daemon = Amphorad(at.env, config)
        self.daemon.stop()
        with contextlib.closing(sqlite3.connect(self.daemon.store)) as journal, journal:
            journal.execute("PRAGMA synchronous = OFF")
            journal.execute(FILL, {"count": count, "start": self.start_ms,
                                   "interval": INTERVAL_MS})
        begun = time.monotonic()
        self.daemon.start()
        wait_until(self.is_rolled_up, "the year's rollups", LONG_S, every=0.1)
        self.rollup_s = time.monotonic() - begun
        self.reader = sqlite3.connect(f"file:{self.daemon.store}?mode=ro", uri=True)
        self.connection = UnixConnection(self.daemon.socket)

    def is_rolled_up(self):
        rows = newest_rolled_up(self.daemon.store)
        return rows is not None and rows >= self.count

    def close(self):
        self.connection.close()
        self.reader.close()
        self.daemon.stop()

    def spans(self, length_ms, count):
        """So many random ones, the same in each call."""
        chance = random.Random(1)
        latest_ms = self.end_ms - length_ms
        earliest_ms = min(self.start_ms, latest_ms - DAY_MS)
        starts = [chance.randint(earliest_ms, latest_ms) for _ in range(count)]
        return [(start, start + length_ms) for start in starts]

    def ask(self, start_ms, end_ms, **more):
        """Milliseconds until the answer is here, and the answer."""
        arguments = {"node": "b0", "from": start_ms, "to": end_ms, "limit": 10000, **more}
        path = "/api/v1/series?" + "&".join(f"{key}={value}" for key, value in arguments.items())
        begun = time.monotonic()
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        content = answer.read()
        took_ms = (time.monotonic() - begun) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]}")
        return took_ms, content

    def scan(self, query, start_ms, end_ms, step_ms=None):
        begun = time.monotonic()
        self.reader.execute(query, {"start": start_ms, "end": end_ms, "step": step_ms}).fetchall()
        return (time.monotonic() - begun) * 1000


def newest_rolled_up(store):
    found = sqlite_rows(store, "SELECT value FROM meta WHERE name = 'rollup_after_reading'")
    return found[0][0] if found else None


def figures(name, ours, reference, budget_ms):
    return [Row(f"history.{name}.p50", "ms", percentile(ours, 50), percentile(reference, 50)),
            Row(f"history.{name}.max", "ms", max(ours), max(reference), f"<= {budget_ms} ms",
                budget_ms)]


def history(options):
    count = max(1000, round(YEAR_MS / INTERVAL_MS * options.scale))
    with scene(options.build) as at:
        progress(f"history: {count} readings are put into a journal and rolled up")
        year = Year(at, count)
        with contextlib.closing(year):
            rows = [Row("history.rollup", "s", year.rollup_s, None)]
            progress("history: days")
            days = year.spans(DAY_MS, QUESTIONS)
            rows += figures("day", [year.ask(*span, level="auto")[0] for span in days],
                            [year.scan(GROUPED, *span, 15 * 60000) for span in days],
                            DAY_BUDGET_MS)
            rows += figures("day.raw", [year.ask(*span, level="raw")[0] for span in days],
                            [year.scan(RAW, *span) for span in days], DAY_BUDGET_MS)
            progress("history: years")
            years = year.spans(YEAR_MS, QUESTIONS)
            rows += figures("year", [year.ask(*span, level="auto")[0] for span in years],
                            [year.scan(GROUPED, *span, DAY_MS) for span in years[:YEAR_SCANS]],
                            YEAR_BUDGET_MS)
    return rows + bytes_of_a_reading(options)


# --- bytes ---------------------------------------------------------------------


def pages_of(store, *names):
    """Bytes of tables and indexes with these names."""
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as journal:
        marks = ",".join("?" * len(names))
        return journal.execute(f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({marks})",
                               names).fetchone()[0]


def publish_apart(at, store, count):
    """Readings one after the other, each in a commit of its own as at 10 s."""
    publisher = subprocess.Popen(
        [find_program("mosquitto_pub"), "-p", str(at.broker.port), "-q", "1", "-t", "amphora/b0/battery", "-l"],
        stdin=subprocess.PIPE, text=True)
    for number in range(1, count + 1):
        publisher.stdin.write(f'{{"node":"b0","SoC":{50 + number % 400 * 0.02:.2f},"Temp":24.1,'
                              f'"seq":{number}}}\n')
        publisher.stdin.flush()
        time.sleep(INTERVAL_MS / BYTES_SPEED / 1000)
    publisher.stdin.close()
    publisher.wait(LONG_S)
    wait_until(lambda: newest_row(store) >= count, f"{count} rows", LONG_S)


def bytes_of_a_reading(options):
    """One battery at 10 s, on a clock as much faster: what each reading takes for good."""
    count = max(200, round(BYTES_READINGS * options.scale))
    progress(f"history: {count} readings, {BYTES_SPEED} times as fast")
    with scene(options.build) as at:
        path = at.env.path("bare.db")
        at.start_bare("bare_store", at.broker.port, 1, path, "normal")
        config = house(at.broker.port, "normal", None)
        config["batteries"] = config["batteries"][:1]
        daemon = Amphorad(at.env, config, clock=BYTES_SPEED)
        wait_until(lambda: is_live(daemon), "the marker's echo")
        publish_apart(at, daemon.store, count)
        bare = pages_of(path, "battery_data", "battery_data_node") / count
        ours = pages_of(daemon.store, "reading", "reading_node") / count
        trace = pages_of(daemon.store, "trace", "trace_begins") / count
    return [Row("history.bytes", "B", ours, bare, f"<= {BYTES_BUDGET} B", BYTES_BUDGET),
            Row("history.bytes.trace", "B", trace, None)]
