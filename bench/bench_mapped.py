"""Devices of other makes: what a mapped message costs beside our own, and what very many do."""

import statistics

from bench_figures import Row
from bench_ingest import INGEST_READINGS
from bench_memory import memory_of
from bench_scene import (BATTERIES, Amphorad, cpu_s, house, is_live, last_taken_ns, newest_row,
                         progress, scene, wait_until)

DEVICES = 2000
TOPICS = ("soc", "temp", "voltage", "current", "power")  # HOUSE_VALUES in house.h
FIELDS = ("soc_pct", "temp_c", "voltage_v", "current_a", "power_w")


def mapped_house(port):
    config = house(port, "full", None)
    config["sources"] = [{"id": f"s{i}", "time": {"path": "/at"}, "read": {
        "soc_pct": {"topic": f"shed/b{i}/bms", "path": "/bms/soc"},
        "temp_c": {"topic": f"shed/b{i}/bms", "path": "/bms/t"}}} for i in range(BATTERIES)]
    for i, battery in enumerate(config["batteries"]):
        battery["sensor"] = {"source": f"s{i}"}
    return config


def many_devices(port):
    config = house(port, "full", None)
    config["sources"] = [{"id": f"d{i}", "read": {field: {"topic": f"d/{i}/{topic}"} for field, topic
                                                  in zip(FIELDS, TOPICS)}} for i in range(DEVICES)]
    return config


def one(options, form, count):
    """CPU seconds per million messages."""
    with scene(options.build) as at:
        port = at.broker.port
        daemon = Amphorad(at.env, mapped_house(port) if form == "mapped" else
                          house(port, "full", None))
        wait_until(lambda: is_live(daemon), "the marker's echo")
        before, cpu = newest_row(daemon.store), cpu_s(daemon.process.pid)
        at.finish(at.start("bench_ingest", at.broker.port, count, 1, form))
        last_taken_ns(daemon.process, daemon.store, before + count)
        return (cpu_s(daemon.process.pid) - cpu) / count * 1e6


def many(options, count):
    """CPU seconds per million messages of very many devices, and the memory they take."""
    with scene(options.build) as at:
        daemon = Amphorad(at.env, many_devices(at.broker.port))
        wait_until(lambda: is_live(daemon), "the marker's echo")
        cpu = cpu_s(daemon.process.pid)
        at.finish(at.start("bench_ingest", at.broker.port, count, 1, DEVICES))
        at.broker.publish("amphora/probe/battery", {"node": "probe", "SoC": 50, "Temp": 20})
        wait_until(lambda: any(node["node"] == "probe" for node in daemon.json("nodes")["nodes"]),
                   "the last", 300)
        return ((cpu_s(daemon.process.pid) - cpu) / count * 1e6,
                memory_of(daemon.process.pid)["rss"])


def mapped(options):
    count = round(INGEST_READINGS * options.scale)
    found = {"own": [], "mapped": []}
    for turn in range(options.rounds):
        for form, results in found.items():
            progress(f"mapped.cpu: {form}, round {turn + 1} of {options.rounds}")
            results.append(one(options, form, count))
    cpu = {form: statistics.median(results) for form, results in found.items()}
    progress(f"mapped.many: {DEVICES} devices with {len(TOPICS)} topics each")
    many_cpu, many_rss = many(options, count)
    return [
        Row("mapped.cpu", "s/M", cpu["mapped"], cpu["own"], "<= 1.5 x own", 1.5 * cpu["own"]),
        Row("mapped.many.cpu", "s/M", many_cpu, None),
        Row("mapped.many.rss", "MB", many_rss, None),
    ]
