"""Publishes readings with known values, QoS 1, at a steady rate, and keeps what it sent.

Four watched batteries: `g1` numbers its readings, `g2` says when they were
measured, `g3` does neither, `g4` both. One message in fifty cannot be read or
is out of range, and must be refused and counted.
"""

import json
import select
import socket
import threading
import time

from raw_broker import CONNECT, PUBACK, PUBLISH, packet, text
from proxy import packets

NODES = ("g1", "g2", "g3", "g4")
KEEPALIVE_S = 600
PAUSE_S = 0.005


def message(number, at_ms):
    """(topic, payload) of the message with this number: no two alike."""
    node = NODES[number % len(NODES)]
    said = {"node": node, "SoC": 40 + number % 400 / 10, "Temp": round(-20 + number * 1e-4, 4)}
    if node in ("g1", "g4"):
        said["seq"] = number
    if node in ("g2", "g4"):
        said["ts"] = at_ms
    if number % 3 == 0:
        said.update(V=52 + number % 97 / 1000, A=-1.1 * (number % 31), W=0.1 * number)
    if number % 50 == 49:
        return f"amphora/{node}/battery", f"no reading {number}".encode()
    if number % 50 == 24:
        said["SoC"] = 100 + number
    return f"amphora/{node}/battery", json.dumps(said).encode()


class Publisher:
    """One connection that publishes; what the broker has not acknowledged is sent again on the next.
    """

    def __init__(self, port, ledger, client_id="storm-generator"):
        self.port, self.ledger, self.client_id = port, ledger, client_id
        self.waiting = {}  # by packet id: (topic, payload)
        self.next_id = 1
        self.socket = None
        self.buffer = bytearray()

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), 5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = text("MQTT") + bytes([4, 2]) + KEEPALIVE_S.to_bytes(2, "big") + text(self.client_id)
        self.socket.sendall(packet(CONNECT, 0, body))
        self.buffer.clear()
        for number, (topic, payload) in list(self.waiting.items()):
            self.send(number, topic, payload)

    def publish(self, topic, payload):
        while self.next_id in self.waiting:
            self.next_id = self.next_id % 65535 + 1
        number, self.next_id = self.next_id, self.next_id % 65535 + 1
        self.waiting[number] = (topic, payload)
        self.send(number, topic, payload)

    def send(self, number, topic, payload):
        self.ledger.note_sent(payload)
        self.socket.sendall(packet(PUBLISH, 2, text(topic) + number.to_bytes(2, "big") + payload))

    def take_answers(self, timeout=0):
        if not select.select([self.socket], [], [], timeout)[0]:
            return
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the broker closed")
        self.buffer += data
        for first, body, _ in packets(self.buffer):
            if first >> 4 == PUBACK:
                self.waiting.pop(int.from_bytes(body[:2], "big"), None)

    def drain(self, timeout=120):
        """Waits until the broker has all."""
        deadline = time.monotonic() + timeout
        while self.waiting and time.monotonic() < deadline:
            self.take_answers(0.05)
        assert not self.waiting, f"the broker does not acknowledge {len(self.waiting)} messages"

    def close(self):
        if self.socket:
            self.socket.close()


class Generator(Publisher):
    """A publisher on a thread of its own, from start() to stop(); survives the broker's restarts."""

    def __init__(self, env, port, ledger, rate_hz, now_ms):
        super().__init__(port, ledger)
        self.rate_hz, self.now_ms = rate_hz, now_ms
        self.number = 0
        self.is_stopping = False
        self.failure = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        env.at_end(self.end)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        """Sends no more, and waits until the broker has all that was sent."""
        self.is_stopping = True
        self.thread.join()
        if self.failure:
            raise self.failure

    def end(self):
        self.is_stopping = True
        if self.thread.is_alive():
            self.thread.join(60)
        self.close()

    def run(self):
        try:
            while True:
                try:
                    self.connect()
                    self.publish_all()
                    return
                except OSError:
                    time.sleep(0.02)  # the broker is away: it comes back
        except Exception as error:  # told where it is waited for
            self.failure = error

    def publish_all(self):
        begun, first = time.monotonic(), self.number
        while not self.is_stopping:
            due = first + int((time.monotonic() - begun) * self.rate_hz)
            while self.number < due:
                self.number += 1
                self.publish(*message(self.number, self.now_ms()))
            self.take_answers(PAUSE_S)
        self.drain()
