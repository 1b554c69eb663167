"""From a reading to its row."""

from bench_figures import Row, percentile
from bench_scene import progress, scene, wait_until_stored

STORE_RATE = 100
STORE_READINGS = 2000


def store_round(options, subject, sync, count):
    with scene(options.build) as at:
        if subject == "bare":
            path = at.env.path("bare.db")
            at.start_bare("bare_store", at.broker.port, 1, path, sync)
        else:
            daemon = at.start_ours(sync)
            path = daemon.store
            wait_until_stored(at, path)
        return at.finish(at.start("bench_store", at.broker.port, path, count, 1, STORE_RATE))


def store(options):
    rows = []
    count = round(STORE_READINGS * options.scale / options.rounds)
    for sync, p99_ms in (("normal", 1), ("full", 5)):
        samples = {"bare": [], "ours": []}
        for turn in range(options.rounds):
            for subject, found in samples.items():
                progress(f"store.{sync}: {subject}, round {turn + 1} of {options.rounds}")
                result = store_round(options, subject, sync, count)
                found += result["ns"]
                if result["missing"]:
                    progress(f"store.{sync}: {result['missing']} readings were not stored in time")
        for share in (50, 99):
            ours, bare = (percentile(samples[who], share) / 1e6 for who in ("ours", "bare"))
            rows.append(Row(f"store.{sync}.p{share}", "ms", ours, bare,
                            f"<= {p99_ms} ms" if share == 99 else "",
                            p99_ms if share == 99 else None))
    return rows
