"""Stands between the daemon and its broker, and sees every message and every acknowledgement.

    proxy = Proxy(env, broker.port, ledger)
    proxy.withhold()            # acknowledgements are seen, and do not reach the broker
    proxy.cut(Proxy.CLIENT)     # ends the daemon's side only: the broker holds on to the dead half

Packets pass whole, one after the other, on one thread; times are CLOCK_MONOTONIC.
"""

import contextlib
import selectors
import socket
import struct
import threading
import time

from raw_broker import CONNECT, PUBACK, PUBLISH, read_varint

CHUNK = 65536
DUPLICATE = 8


def packets(buffer):
    """Takes whole packets off the front of `buffer`; yields (first byte, body, all bytes)."""
    while len(buffer) >= 2:
        header = 1
        while header < len(buffer) and buffer[header] & 0x80:
            header += 1
        if header >= len(buffer):
            return
        length, at = read_varint(buffer, 1)
        if len(buffer) < at + length:
            return
        whole = bytes(buffer[:at + length])
        del buffer[:at + length]
        yield whole[0], whole[at:], whole


class Pair:
    """One connection of the daemon, and ours to the broker for it."""

    def __init__(self, client, broker):
        self.sides = {client: broker, broker: client}
        self.client, self.broker = client, broker
        self.buffers = {client: bytearray(), broker: bytearray()}
        self.client_id = ""
        self.has_properties = False
        self.waiting = {}  # by packet id: the payload that is not acknowledged yet
        self.withholds = False
        self.is_deaf = False


class Proxy:
    CLIENT, BROKER = "client", "broker"

    def __init__(self, env, broker_port, ledger):
        self.broker_port, self.ledger = broker_port, ledger
        self.delivered = self.acknowledgements = 0
        self.pairs = []
        self.cuts = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.is_closed = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        env.at_end(self.close)

    def close(self):
        self.is_closed = True
        self.thread.join()
        self.listener.close()

    def cut(self, side):
        """Ends that side of all connections; the other side hears nothing of it."""
        self.cuts.append(side)

    def withhold(self):
        """Lets no acknowledgement of the present connections through."""
        for pair in list(self.pairs):
            pair.withholds = True

    def deafen(self):
        """The present connections take everything from now on, and pass nothing."""
        for pair in list(self.pairs):
            pair.is_deaf = True

    # --- on the thread

    def run(self):
        while not self.is_closed:
            for key, _ in self.selector.select(0.02):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj.fileno() >= 0:
                    self.read(key.data, key.fileobj)
            while self.cuts:
                self.end_all(self.cuts.pop())
        for pair in list(self.pairs):
            self.end(pair)

    def accept(self):
        client, _ = self.listener.accept()
        try:
            broker = socket.create_connection(("127.0.0.1", self.broker_port), 5)
        except OSError:
            client.close()
            return
        pair = Pair(client, broker)
        self.pairs.append(pair)
        for side in pair.sides:
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(side, selectors.EVENT_READ, pair)

    def end_all(self, side):
        for pair in list(self.pairs):
            mine = pair.client if side == self.CLIENT else pair.broker
            self.forget(mine)
            mine.close()

    def forget(self, side):
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(side)

    def end(self, pair):
        for side in pair.sides:
            self.forget(side)
            side.close()
        if pair in self.pairs:
            self.pairs.remove(pair)

    def read(self, pair, side):
        try:
            data = side.recv(CHUNK)
        except OSError:
            data = b""
        if not data:
            self.end(pair)
            return
        buffer = pair.buffers[side]
        buffer += data
        passed = b"".join(whole for first, body, whole in packets(buffer)
                          if self.look(pair, side, first, body))
        if pair.is_deaf or not passed:
            return
        try:
            pair.sides[side].sendall(passed)
        except OSError:
            self.end(pair)

    def look(self, pair, side, first, body):
        """Notes what the packet tells; returns whether it may pass."""
        kind = first >> 4
        if side is pair.broker:
            if kind == PUBLISH and first & 6:
                self.look_at_message(pair, body)
            return True
        if kind == CONNECT:
            self.look_at_connect(pair, body)
        elif kind == PUBACK:
            return self.look_at_acknowledgement(pair, body)
        return True

    def look_at_connect(self, pair, body):
        pair.has_properties = body[6] == 5
        at = 10
        if pair.has_properties:
            length, at = read_varint(body, at)
            at += length
        size = struct.unpack(">H", body[at:at + 2])[0]
        pair.client_id = body[at + 2:at + 2 + size].decode()

    def look_at_message(self, pair, body):
        size = struct.unpack(">H", body[:2])[0]
        topic = body[2:2 + size]
        at = 2 + size
        number = struct.unpack(">H", body[at:at + 2])[0]
        at += 2
        if pair.has_properties:
            length, at = read_varint(body, at)
            at += length
        if topic.endswith(b"/battery"):
            self.delivered += 1
            pair.waiting[number] = body[at:]
            self.ledger.note_delivered(body[at:])

    def look_at_acknowledgement(self, pair, body):
        payload = pair.waiting.pop(struct.unpack(">H", body[:2])[0], None)
        if payload is None:
            return True
        self.acknowledgements += 1
        self.ledger.note_acknowledged(payload, time.monotonic_ns())
        return not pair.withholds
