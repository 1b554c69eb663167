"""Readings as fast as the broker takes them."""

import statistics

from bench_figures import Row
from bench_scene import cpu_s, last_taken_ns, newest_row, progress, scene, wait_until_stored

INGEST_READINGS = 200000


def ingest_round(options, subject, qos, count):
    """Returns (readings per second, CPU seconds per million)."""
    with scene(options.build) as at:
        path = None
        if subject == "null":
            process = at.start_bare("bare_count", at.broker.port, qos, count)
        elif subject == "bare":
            path = at.env.path("bare.db")
            process = at.start_bare("bare_store", at.broker.port, qos, path, "full")
        else:
            daemon = at.start_ours("full")
            process, path = daemon.process, daemon.store
            wait_until_stored(at, path)
        before = newest_row(path) if path else 0
        cpu = cpu_s(process.pid)
        sent = at.finish(at.start("bench_ingest", at.broker.port, count, qos))
        end_ns = last_taken_ns(process, path, before + count)
        cpu = cpu_s(process.pid) - cpu
        return count / ((end_ns - sent["start_ns"]) / 1e9), cpu / count * 1e6


def ingest(options):
    rows = []
    count = round(INGEST_READINGS * options.scale)
    for qos in (0, 1):
        found = {"null": [], "bare": [], "ours": []}
        for turn in range(options.rounds):
            for subject, results in found.items():
                progress(f"ingest.qos{qos}: {subject}, round {turn + 1} of {options.rounds}")
                results.append(ingest_round(options, subject, qos, count))
        rate = {who: statistics.median(result[0] for result in found[who]) for who in found}
        cpu = {who: statistics.median(result[1] for result in found[who]) for who in found}
        name = f"ingest.qos{qos}"
        rows += [
            Row(f"{name}.rate", "1/s", rate["ours"], rate["null"], ">= 0.9 x null",
                0.9 * rate["null"], is_most=False),
            Row(f"{name}.rate.stored", "1/s", rate["ours"], rate["bare"]),
            Row(f"{name}.cpu", "s/M", cpu["ours"], cpu["null"], "<= 5 s", 5),
            Row(f"{name}.cpu.stored", "s/M", cpu["ours"], cpu["bare"]),
        ]
    return rows
