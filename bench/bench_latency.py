"""From a reading to the command of its relay."""

from bench_figures import Row, percentile
from bench_scene import progress, scene
from harness import free_udp_port

LATENCY_EVENTS = 10000


def latency_round(options, subject, gap_us, events):
    with scene(options.build) as at:
        coap_port = free_udp_port()
        generator = at.start("bench_latency", at.broker.port, coap_port, events, 1, gap_us)
        generator.stdout.readline()
        if subject == "bare":
            at.start_bare("bare_loop", at.broker.port, coap_port)
        else:
            at.start_ours(subject, coap_port)
        result = at.finish(generator)
    if result["missing"]:
        progress(f"latency: {result['missing']} of {events} events brought no command")
    return result["ns"]


def latency(options):
    """Reading to command: back to back, and with time for the disk between."""
    rows = []
    for title, gap_us in (("latency", 0), ("latency.paced", 5000)):
        events = round(LATENCY_EVENTS * options.scale / (1 if gap_us == 0 else 4) / options.rounds)
        samples = {"bare": [], "normal": [], "full": []}
        for turn in range(options.rounds):
            for subject, found in samples.items():
                progress(f"{title}: {subject}, round {turn + 1} of {options.rounds}")
                found += latency_round(options, subject, gap_us, max(1, events))
        rows += latency_rows(title, samples)
    return rows


def latency_rows(title, samples):
    def figures(values):
        return {"p50": percentile(values, 50), "p99": percentile(values, 99), "max": max(values)}

    bare = figures(samples["bare"])
    rows = []
    for sync in ("normal", "full"):
        for name, ns in figures(samples[sync]).items():
            has_budget = name != "max"
            rows.append(Row(f"{title}.{sync}.{name}", "us", ns / 1e3, bare[name] / 1e3,
                            "<= 1.2 x bare" if has_budget else "",
                            1.2 * bare[name] / 1e3 if has_budget else None))
    return rows
