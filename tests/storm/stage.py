"""All that takes part in a storm, on one machine and one monotonic clock.

Broker, virtual house with its sensor and relays, generator, daemon behind the
proxy and under the shim, and a MariaDB where one is wanted. House and daemon run
ten times as fast as the world, unless its own clock is the subject.
"""

import json
import time

import ledger as books
from generator import Generator
from harness import Amphorad, House, MariaDb, Mosquitto, wait_until
from proxy import Proxy
from shim import Shim

SPEED = 10
STALE_AFTER_S = 30   # of the house: shorter than a relay's own longest lease, so that ours counts
INTERVAL_S = 2
HOT_C = 23           # the battery's 22 °C and little more, so that it is too hot a second after
GENERATED = ("g1", "g2", "g3", "g4")
RATE_HZ = 600
PATIENCE_S = 120     # for what must come: a machine that does much else may need it
QUIET_S = 8          # of nothing acknowledged: what is missing then will not come


class Daemon(Amphorad):
    """amphorad, or another program built from it, under the shim."""

    def __init__(self, env, config, shim, program=None, **more):
        self.program = program or "amphorad"
        super().__init__(env, config, environment=shim.environment, **more)

    def start(self, is_awaited=True):
        self.process = self.env.start(self.program, "--config", self.config, *self.arguments,
                                      name=self.name, environment=self.environment)
        if is_awaited:
            wait_until(self.is_answering, f"{self.name}'s API")


class Stage:
    def __init__(self, env, program=None, has_database=False, rate_hz=RATE_HZ, sync="full",
                 is_recording=False, is_persistent=False, soc_pct=35, speed=SPEED, **store):
        self.env = env
        self.kills = []  # monotonic s
        self.held = 0    # how often it was held in the middle of something before
        self.speed = speed
        self.clock = f"{speed}@{int(time.time() * 1000)}"
        self.origin = time.time(), time.monotonic()
        self.ledger = books.Ledger()
        # On its disk when it stops, and not at each message, which would be all that it does.
        kept = f"persistence true\npersistence_location {env.dir}/\nautosave_interval 0\n"
        self.broker = Mosquitto(env, extra=kept if is_persistent else "")
        self.proxy = Proxy(env, self.broker.port, self.ledger)
        self.database = self.make_database() if has_database else None
        self.house = House(env, "--broker", f"127.0.0.1:{self.broker.port}", "--clock", self.clock,
                           "--soc", soc_pct, "--start", "11:00", "--interval", INTERVAL_S,
                           "--stale-after", STALE_AFTER_S, "--capacity-wh", 50000,
                           "--envelope", f"10,95,5,{HOT_C},-20,50",
                           "--account", env.path("account.json"),
                           "--ports-file", env.path("ports"), "--hold")
        self.shim = Shim(env, env.path("amphorad.db"), is_recording=is_recording)
        self.daemon = Daemon(env, self.config({"sync": sync, "drain_s": 60, **store}), self.shim, program, clock=self.clock,
                             is_started=False)
        self.generator = Generator(env, self.broker.port, self.ledger, rate_hz, self.wall_ms)

    def wall_ms(self):
        """What the house's clock shows."""
        return int(self.origin[0] * 1000 + (time.monotonic() - self.origin[1]) * 1000 * self.speed)

    def make_database(self):
        database = MariaDb(self.env)
        code, _, error = self.env.run(
            "amphora", "db", "migrate", "--db-socket", database.socket, "--database", "amphora",
            "--user", "admin", "--password-file", database.admin_password_file,
            "--grant-to", "amphora")
        assert code == 0, error
        return database

    def config(self, store):
        ports = dict(line.split() for line in self.env.path("ports").read_text().splitlines())
        if self.database:
            store["server"] = {"socket": str(self.database.socket), "user": "amphora",
                               "password_file": str(self.database.password_file)}
        return {
            "mqtt": {"host": "127.0.0.1", "port": self.proxy.port, "client_id": "amphora-storm"},
            "store": store,
            "settings": {"charge_below_pct": 80, "charge_until_pct": 90, "discharge_above_pct": 95,
                         "discharge_until_pct": 92, "charge_max_c": HOT_C, "hysteresis_c": 0.5,
                         "dwell_s": 2, "switches_per_day": 1000,
                         "trips_per_day": 100, "stale_after_s": STALE_AFTER_S,
                         "interval_s": INTERVAL_S},
            "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 50, "power_kw": 5},
                          *({"id": node} for node in GENERATED)],
            "relays": [{"id": relay, "battery": "b1", "role": role,
                        "uri": f"coap://127.0.0.1:{ports[relay]}/relay"}
                       for relay, role in (("r1", "source"), ("r2", "load"))],
        }

    def start(self):
        """All run, and what is sent from now on arrives."""
        self.daemon.start()
        wait_until(self.daemon.is_live, "the marker's echo")
        self.house.say("start")
        self.generator.start()
        return self

    def kill(self):
        """SIGKILL; the shim lets go of what it held, for the next start."""
        self.kills.append(time.monotonic())
        self.daemon.kill()
        self.shim.let_go()

    def kill_and_restart(self):
        self.kill()
        self.daemon.start(is_awaited=False)

    def truth(self):
        return self.house.say("state")["batteries"][0]

    def await_charging(self):
        wait_until(lambda: self.truth()["source_is_on"], "the source relay to close", PATIENCE_S)

    def decision(self):
        """The newest about the house's battery: its row, and what was decided and why. Others decide
        too, to watch: theirs may come last."""
        rows = self.daemon.rows("decision", "row, intent, winner, reason", "battery = 'b1'",
                                "row DESC LIMIT 1")
        return (rows[0][0], rows[0][1:]) if rows else (0, None)

    def await_decision(self, intent):
        return wait_until(lambda: (self.decision()[1] or [""])[0] == intent and self.decision(),
                          f"the decision to {intent}", PATIENCE_S)

    def kill_and_converge(self, before):
        """Kills, restarts, and waits until what was decided `before` is decided again."""
        self.kill_and_restart()
        try:
            wait_until(lambda: self.decision()[0] > before[0] and self.decision()[1] == before[1],
                       f"{before} to be decided again after the restart", PATIENCE_S)
        except AssertionError as error:
            raise AssertionError(f"{error}, but {self.decision()}") from None

    def finish(self):
        """Sends no more, and waits until all is stored or nothing comes any more; then stops."""
        self.generator.stop()
        self.house.say("stop")  # its sensor: relays open when the last reading is stale
        last, since = None, time.monotonic()
        while not self.ledger.is_stored(self.daemon.store) and time.monotonic() < since + QUIET_S:
            if self.proxy.acknowledgements != last:
                last, since = self.proxy.acknowledgements, time.monotonic()
            time.sleep(0.1)
        self.daemon.stop()

    def account(self):
        """The house's own account of its relays."""
        assert self.house.say("account").strip() == "ok", "the house's account"
        return json.loads(self.env.path("account.json").read_text())
