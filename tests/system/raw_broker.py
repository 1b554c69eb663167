"""A broker made of a bare TCP socket, for what a real one does not show.

It speaks as much MQTT 5 as one subscriber needs, sees every packet the moment
it arrives, and does nothing by itself but answer: CONNACK, SUBACK, PUBACK,
PINGRESP, and the client's own marker sent back on the same connection.

    broker = RawBroker()                       # listens on broker.port
    session = broker.wait_session("amphora")   # connected and subscribed
    number = session.publish("amphora/b1/battery", b"...")
    broker.on_puback = function                # (session, packet id), on the reading thread
    session.wait_pubacks(1)
    session.drop()                             # closes without a word
    session.goodbye(0x8E)                      # or with one

`has_session` is what the next CONNACK says; `refused` names clients whose
connections end right after their CONNACK, and `denied` how the ids begin of
those who are not authorized.
"""

import socket
import struct
import threading

from harness import wait_until

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 10, 11, 12, 13, 14


def varint(number):
    out = bytearray()
    while True:
        number, low = divmod(number, 128)
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def read_varint(data, at):
    value, shift = 0, 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def packet(kind, flags, body):
    return bytes([kind << 4 | flags]) + varint(len(body)) + body


class Session:
    """One accepted connection."""

    def __init__(self, broker, connection):
        self.broker = broker
        self.connection = connection
        self.client_id = ""
        self.properties = b""
        self.topics = []
        self.pubacks = []   # packet ids in their order
        self.published = [] # (topic, payload) that the client sent
        self.next_id = 1
        self.is_open = True
        self.lock = threading.Lock()

    def send(self, data):
        with self.lock:
            self.connection.sendall(data)

    def publish(self, topic, payload, qos=1, packet_id=None, is_duplicate=False, is_retained=False):
        """Sends one message; returns its packet id (0 with QoS 0)."""
        payload = payload if isinstance(payload, bytes) else payload.encode()
        body = text(topic)
        if qos:
            if packet_id is None:
                packet_id, self.next_id = self.next_id, self.next_id + 1
            body += struct.pack(">H", packet_id)
        flags = (8 if is_duplicate else 0) | qos << 1 | is_retained
        self.send(packet(PUBLISH, flags, body + b"\0" + payload))
        return packet_id if qos else 0

    def wait_pubacks(self, count, timeout=30):
        wait_until(lambda: len(self.pubacks) >= count, f"{count} acknowledgements", timeout)

    def drop(self):
        self.connection.close() if not self.is_open else self.shutdown()

    def goodbye(self, reason):
        """DISCONNECT with an MQTT 5 reason, then the end of the connection."""
        self.send(packet(DISCONNECT, 0, bytes([reason, 0])))
        self.shutdown()

    def shutdown(self):
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    # --- reading, on a thread of its own

    def receive(self, count):
        data = b""
        while len(data) < count:
            more = self.connection.recv(count - len(data))
            if not more:
                raise ConnectionError("closed")
            data += more
        return data

    def receive_packet(self):
        first = self.receive(1)[0]
        length = b""
        while not length or length[-1] & 0x80:
            length += self.receive(1)
        return first, self.receive(read_varint(length, 0)[0])

    def run(self):
        try:
            while True:
                first, body = self.receive_packet()
                self.take(first >> 4, first & 15, body)
        except OSError:
            pass
        finally:
            self.is_open = False
            self.connection.close()

    def take(self, kind, flags, body):
        if kind == CONNECT:
            self.take_connect(body)
        elif kind in (SUBSCRIBE, UNSUBSCRIBE):
            self.take_subscribe(kind, body)
        elif kind == PUBLISH:
            self.take_publish(flags, body)
        elif kind == PUBACK:
            number = struct.unpack(">H", body[:2])[0]
            if self.broker.on_puback:
                self.broker.on_puback(self, number)
            self.pubacks.append(number)
        elif kind == PINGREQ:
            self.send(packet(PINGRESP, 0, b""))
        elif kind == DISCONNECT:
            self.shutdown()

    def take_connect(self, body):
        length, at = read_varint(body, 10)
        self.properties = body[at:at + length]
        at += length
        size = struct.unpack(">H", body[at:at + 2])[0]
        self.client_id = body[at + 2:at + 2 + size].decode()
        has_session = self.broker.has_session and not body[7] & 2
        is_denied = bool(self.broker.denied) and self.client_id.startswith(self.broker.denied)
        self.send(packet(CONNACK, 0, bytes([has_session, 0x87 if is_denied else 0, 0])))
        if is_denied or self.client_id in self.broker.refused:
            self.shutdown()

    def take_subscribe(self, kind, body):
        length, at = read_varint(body, 2)
        at += length
        count = 0
        while at < len(body):
            size = struct.unpack(">H", body[at:at + 2])[0]
            if kind == SUBSCRIBE:
                self.topics.append(body[at + 2:at + 2 + size].decode())
            at += 2 + size + (kind == SUBSCRIBE)
            count += 1
        granted = bytes([1 if kind == SUBSCRIBE else 0]) * count
        self.send(packet(SUBACK if kind == SUBSCRIBE else UNSUBACK, 0, body[:2] + b"\0" + granted))

    def take_publish(self, flags, body):
        size = struct.unpack(">H", body[:2])[0]
        topic = body[2:2 + size].decode()
        at = 2 + size
        if flags & 6:
            self.send(packet(PUBACK, 0, body[at:at + 2]))
            at += 2
        length, at = read_varint(body, at)
        payload = body[at + length:]
        self.published.append((topic, payload))
        if topic.endswith("/marker") and topic in self.topics and self.broker.echoes:
            self.publish(topic, payload)


class RawBroker:
    def __init__(self):
        self.sessions = []
        self.on_puback = None
        self.has_session = False
        self.echoes = True     # whether markers come back
        self.denied = ""       # whose ids begin so is not authorized, as CONNACK says
        self.refused = set()   # client ids that are closed right after CONNACK
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = Session(self, connection)
            self.sessions.append(session)
            threading.Thread(target=session.run, daemon=True).start()

    def of(self, client_id):
        """All connections of a client so far, the oldest first."""
        return [session for session in self.sessions if session.client_id == client_id]

    def wait_session(self, client_id, after=None):
        """The client's open connection, once it has subscribed; not `after`."""
        def subscribed():
            for session in reversed(self.of(client_id)):
                if session.is_open and session.topics and session is not after:
                    return session
            return None
        return wait_until(subscribed, f"{client_id} to subscribe", 60)

    def wait_live(self, client_id, after=None):
        """As wait_session(), once its marker was sent and came back and was acknowledged."""
        session = self.wait_session(client_id, after)
        wait_until(lambda: session.pubacks, f"{client_id}'s marker to be echoed", 60)
        return session

    def close(self):
        self.listener.close()
        for session in self.sessions:
            session.shutdown()
