"""Devices of other makes: what a mapped message costs beside our own, and what very many do."""

import statistics

from bench_figures import Row, percentile
from bench_ingest import INGEST_READINGS
from bench_memory import memory_of
from bench_scene import (BATTERIES, Amphorad, cpu_s, house, is_live, last_taken_ns, newest_row,
                         progress, scene, wait_until)
from harness import free_udp_port

DEVICES = 2000
BEATS_PER_S = 1000
GAP_US = 20000  # so that one in twenty changes what is decided
LATENCY_EVENTS = 3000
LATENCY_MAX_US = 1000
TOPICS = ("soc", "temp", "voltage", "current", "power")  # HOUSE_VALUES in house.h
FIELDS = ("soc_pct", "temp_c", "voltage_v", "current_a", "power_w")


def mapped_house(port):
    config = house(port, "full", None)
    add_sources(config)
    return config


def add_sources(config):
    config["sources"] = [{"id": f"s{i}", "time": {"path": "/at"}, "read": {
        "soc_pct": {"topic": f"shed/b{i}/bms", "path": "/bms/soc"},
        "temp_c": {"topic": f"shed/b{i}/bms", "path": "/bms/t"}}} for i in range(BATTERIES)]
    for i, battery in enumerate(config["batteries"]):
        battery["sensor"] = {"source": f"s{i}"}


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


def latencies_ns(options, form, events):
    """From a reading to its relay's command, while BEATS_PER_S others come."""
    with scene(options.build) as at:
        coap_port = free_udp_port()
        generator = at.start("bench_latency", at.broker.port, coap_port, events, 1, GAP_US, form,
                             1_000_000 // BEATS_PER_S)
        generator.stdout.readline()
        config = house(at.broker.port, "full", coap_port)
        if form == "mapped":
            add_sources(config)
        Amphorad(at.env, config)
        result = at.finish(generator)
    if result["missing"]:
        progress(f"mapped.latency: {result['missing']} of {events} events brought no command")
    return result["ns"]


def latency_rows(options):
    events = max(1, round(LATENCY_EVENTS * options.scale / options.rounds))
    found = {"own": [], "mapped": []}
    for turn in range(options.rounds):
        for form, results in found.items():
            progress(f"mapped.latency: {form}, round {turn + 1} of {options.rounds}")
            results += latencies_ns(options, form, events)
    rows = []
    for share, budget in ((50, None), (99, LATENCY_MAX_US)):
        mapped, own = (percentile(found[form], share) / 1e3 for form in ("mapped", "own"))
        rows.append(Row(f"mapped.latency.p{share}", "us", mapped, own,
                        "<= 1 ms" if budget else "", budget))
    return rows


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
        *latency_rows(options),
        Row("mapped.many.cpu", "s/M", many_cpu, None),
        Row("mapped.many.rss", "MB", many_rss, None),
    ]
