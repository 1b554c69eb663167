"""Broker, proxy, daemon and journal alone, on the world's clock: a run takes a moment, so that
many can be made, each with a journal of its own."""

from generator import NODES, Publisher, message
from harness import Mosquitto, wait_until
from ledger import Balance, Ledger, journal_keys
from proxy import Proxy
from shim import Shim
from stage import PATIENCE_S, Daemon

CLIENT = "amphora-storm"
# What an owner may steer. Its relay does not answer, and nothing is heard of it.
COMMANDED = {"batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 3}],
             "relays": [{"id": "r1", "battery": "b1", "role": "source",
                         "uri": "coap://127.0.0.1:9/relay"}]}
TS_MS = 1790000000000  # of readings that say when they were measured: long ago, so recorded only


class Line:
    def __init__(self, env, name="line", program=None, sync="full", is_recording=False):
        self.env = env
        self.ledger = Ledger()
        self.broker = Mosquitto(env)
        self.said_before = len(self.broker.process.said())  # by the brokers of other lines
        self.proxy = Proxy(env, self.broker.port, self.ledger)
        self.shim = Shim(env, env.path(f"{name}.db"), name=name, is_recording=is_recording)
        config = {"mqtt": {"host": "127.0.0.1", "port": self.proxy.port, "client_id": CLIENT},
                  "store": {"sync": sync},
                  **COMMANDED, "batteries": [{"id": node} for node in NODES] + COMMANDED["batteries"]}
        self.daemon = Daemon(env, config, self.shim, program, name=name, is_started=False)
        self.publisher = Publisher(self.broker.port, self.ledger, f"publisher-{name}")
        self.publisher.connect()
        self.number = 0

    def start(self):
        """The daemon runs, and the broker has its subscriptions: what is sent now is kept for it."""
        self.daemon.start(is_awaited=False)
        wait_until(self.has_subscribed, "the daemon's subscriptions")
        return self

    def has_subscribed(self):
        return f": {CLIENT} 1 amphora/+/battery" in self.broker.process.said()[self.said_before:]

    def publish(self, count):
        for _ in range(count):
            self.number += 1
            self.publisher.publish(*message(self.number, TS_MS + self.number))
        self.publisher.drain()

    def are_acknowledged(self):
        return not self.ledger.copies.keys() - self.ledger.acknowledged.keys()

    def await_acknowledged(self):
        wait_until(self.are_acknowledged, "all acknowledgements", PATIENCE_S, every=0.002)

    def balance(self):
        return Balance(self.ledger, journal_keys(self.daemon.store))

    def close(self):
        self.publisher.close()
        self.broker.stop()
