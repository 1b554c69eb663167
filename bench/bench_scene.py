"""Where a measurement takes place: a private broker, our daemon, and the programs of bench/."""

import contextlib
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "system"))

from harness import (Amphorad, Environment, MariaDb, Mosquitto, Skip, sqlite_rows,  # noqa: E402, F401
                     wait_until)

BATTERIES = 32  # HOUSE_BATTERIES in house.h
LONG_S = 300


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Scene:
    """A private broker and what listens to it, for one subject and one round."""

    def __init__(self, build):
        self.env = Environment(build)
        self.broker = Mosquitto(self.env, extra="max_queued_messages 0")
        self.started = 0

    def close(self):
        for complaint in self.env.close():
            progress(complaint)

    def program(self, name):
        return self.env.build / "bench" / name

    def start_bare(self, name, *arguments):
        """Starts a reference program and waits until it is ready."""
        process = self.env.start(self.program(name), *arguments)
        process.wait_for("ready")
        return process

    def start(self, name, *arguments):
        """Starts a generator; its standard output is for finish()."""
        return subprocess.Popen([self.program(name), *map(str, arguments)],
                                stdout=subprocess.PIPE, text=True)

    def finish(self, generator):
        """What the generator prints at its end, decoded."""
        output, _ = generator.communicate(timeout=LONG_S)
        if generator.returncode != 0:
            raise RuntimeError(f"{generator.args[0].name} failed\n{self.account()}")
        return json.loads(output)

    def account(self):
        """What became of the programs, and what they said last."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.broker.process.popen.wait(2)  # a broker that dies ends its connections first
        ended = [f"{process.name}: ended with {process.popen.returncode}"
                 for process in self.env.processes if not process.is_running()]
        said = [f"{name}: {line}" for name, lines in self.env.logs() for line in lines]
        return "\n".join(ended + said)

    def start_ours(self, sync, coap_port=None):
        """The daemon on a house of BATTERIES batteries, with relays where there is a port."""
        return Amphorad(self.env, house(self.broker.port, sync, coap_port))


@contextlib.contextmanager
def scene(build):
    made = Scene(build)
    try:
        yield made
    finally:
        made.close()


def house(mqtt_port, sync, coap_port):
    """Thresholds as in house.h; no dwell and as many closings as may be set."""
    batteries = [{"id": f"b{i}", "chemistry": "lfp", "capacity_kwh": 5, "power_kw": 2}
                 for i in range(BATTERIES)]
    config = {
        "collector": "bench",
        "mqtt": {"host": "127.0.0.1", "port": mqtt_port, "client_id": "bench"},
        "store": {"sync": sync},
        "settings": {"charge_below_pct": 50, "charge_until_pct": 50.5, "dwell_s": 0,
                     "switches_per_day": 1000},
        "batteries": batteries,
    }
    if coap_port:
        config["relays"] = [{"id": f"r{i}", "battery": f"b{i}", "role": "source",
                             "uri": f"coap://127.0.0.1:{coap_port}/r{i}"}
                            for i in range(BATTERIES)]
    return config


def wait_until_stored(at, path):
    """Publishes until a row shows that the whole path stands."""
    def is_stored():
        at.broker.publish("amphora/probe/battery", {"node": "probe", "SoC": 50, "Temp": 20})
        return newest_row(path) > 0

    wait_until(is_stored, "a first row", every=0.2)
    settled = [-1]

    def is_settled():
        before, settled[0] = settled[0], newest_row(path)
        return before == settled[0]

    wait_until(is_settled, "the last of the first rows", every=0.2)


def newest_row(path, table="battery_data"):
    number = "row" if table == "battery_data" else "rowid"
    return sqlite_rows(path, f"SELECT coalesce(max({number}), 0) FROM {table}")[0][0]


def is_live(daemon):
    broker = daemon.state()["broker"]
    return broker["connected"] and not broker["marker_awaited"]


def cpu_s(pid):
    """Seconds of processor that a process has used, all its threads."""
    return time.clock_gettime(~pid << 3 | 2)


def last_taken_ns(process, path, wanted, table="battery_data"):
    """When the subscriber had all: as it says itself, or when the last row is there."""
    if path is None:
        process.wait_for("done", LONG_S)
        return int(process.said().split("done ")[1].split()[0])
    wait_until(lambda: newest_row(path, table) >= wanted, f"{wanted} rows", LONG_S, every=0.005)
    return time.monotonic_ns()


def made_database(at, *options):
    """A private MariaDB with the tables made and the daemon's user granted what it needs."""
    database = MariaDb(at.env, extra=options)
    code, _, error = at.env.run(
        "amphora", "db", "migrate", "--db-socket", database.socket, "--database", "amphora",
        "--user", "admin", "--password-file", database.admin_password_file,
        "--grant-to", "amphora")
    if code != 0:
        raise RuntimeError(f"amphora db migrate: {error}")
    return database


def server_of(database):
    """`store.server` of the configuration, for this database."""
    return {"socket": str(database.socket), "user": "amphora",
            "password_file": str(database.password_file)}
