"""Memory of the daemon, at rest and after many readings."""

import pathlib

from bench_figures import Row
from bench_ingest import INGEST_READINGS
from bench_scene import last_taken_ns, newest_row, progress, scene, wait_until_stored

MILLION = 1000000
FLAT = 1.05  # of what it was after the first readings: the rest is how the heap happens to lie


def memory_of(pid):
    """{"rss", "private_dirty", "peak"} of a process in MB."""
    found = {}
    for file in ("smaps_rollup", "status"):
        for line in pathlib.Path(f"/proc/{pid}/{file}").read_text().splitlines():
            key, _, value = line.partition(":")
            if value.endswith("kB"):
                found[key] = int(value.split()[0]) / 1024
    return {"rss": found["Rss"], "private_dirty": found["Private_Dirty"], "peak": found["VmHWM"]}


def memory(options):
    count = round(INGEST_READINGS * options.scale)
    more = max(0, round(MILLION * options.scale) - count)
    progress("memory: bare")
    with scene(options.build) as at:
        bare = memory_of(at.start_bare("bare_init", at.env.dir).pid)
    progress("memory: ours")
    with scene(options.build) as at:
        daemon = at.start_ours("full")
        path = daemon.store
        wait_until_stored(at, path)
        idle = memory_of(daemon.process.pid)
        before = newest_row(path)
        at.finish(at.start("bench_ingest", at.broker.port, count, 1))
        last_taken_ns(daemon.process, path, before + count)
        loaded = memory_of(daemon.process.pid)
        progress(f"memory: {more} readings more")
        at.finish(at.start("bench_ingest", at.broker.port, more, 1))
        last_taken_ns(daemon.process, path, before + count + more)
        million = memory_of(daemon.process.pid)
    rows = []
    for name, found in (("idle", idle), ("loaded", loaded)):
        rows += [
            Row(f"memory.{name}.rss", "MB", found["rss"], bare["rss"], "<= 1.3 x bare",
                1.3 * bare["rss"]),
            Row(f"memory.{name}.private_dirty", "MB", found["private_dirty"],
                bare["private_dirty"], "<= 6 MB", 6),
        ]
    rows.append(Row("memory.peak.rss", "MB", loaded["peak"], bare["peak"]))
    rows.append(Row("memory.million.rss", "MB", million["rss"], loaded["rss"], "<= 1.05 x loaded",
                    FLAT * loaded["rss"]))
    return rows
