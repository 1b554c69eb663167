"""A way between the daemon and a relay that loses, doubles, delays and reorders datagrams."""

import heapq
import itertools
import random
import select
import socket
import threading
import time


class LossyPath:
    """Forwards datagrams between whoever writes to `port` and a relay on this machine.

    `plan(datagram)` says what becomes of one on its way to the relay: the delays in seconds after
    which a copy of it arrives; none of them and it is lost. `plan_back` is the same for the way
    back. Both may be changed at any time.
    """

    def __init__(self, env, relay_port):
        self.plan = self.plan_back = lambda datagram: [0]
        self.relay = ("127.0.0.1", relay_port)
        self.outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outside.bind(("127.0.0.1", 0))
        self.port = self.outside.getsockname()[1]
        self.uri = f"coap://127.0.0.1:{self.port}/relay"
        self.inside = {}  # by who writes to us: the socket that speaks for him
        self.waiting = []  # (when, order, socket, address, datagram)
        self.order = itertools.count()
        self.sent = []  # every datagram that was to go to the relay
        self.is_closed = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        env.at_end(self.close)

    def close(self):
        self.is_closed = True
        self.thread.join()
        for own in (self.outside, *self.inside.values()):
            own.close()

    def send_again(self, datagram, client):
        """A copy of what was sent once, as late as the test likes."""
        self.inside[client].sendto(datagram, self.relay)

    def run(self):
        while not self.is_closed:
            ready, _, _ = select.select([self.outside, *self.inside.values()], [], [], 0.005)
            for own in ready:
                self.take(own)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, own, address, datagram = heapq.heappop(self.waiting)
                own.sendto(datagram, address)

    def take(self, own):
        try:
            datagram, address = own.recvfrom(2048)
        except OSError:  # nobody listens at the relay's port: ICMP says so
            return
        if own is self.outside:
            speaker = self.inside.get(address)
            if speaker is None:
                speaker = self.inside[address] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sent.append((datagram, address))
            self.put(self.plan(datagram), speaker, self.relay, datagram)
        else:
            client = next(key for key, value in self.inside.items() if value is own)
            self.put(self.plan_back(datagram), self.outside, client, datagram)

    def put(self, delays, own, address, datagram):
        for delay in delays:
            heapq.heappush(self.waiting, (time.monotonic() + delay, next(self.order), own, address,
                                          datagram))


def clean(_datagram):
    return [0]


def losing(share, seed=1):
    """Loses that share of all datagrams."""
    chance = random.Random(seed)
    return lambda datagram: [] if chance.random() < share else [0]


def doubling(datagram):
    return [0, 0.05]


def jumbling(seed=1, most=0.4):
    """Each comes late, some twice and some never, in any order."""
    chance = random.Random(seed)

    def plan(_datagram):
        return [chance.uniform(0, most) for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    return plan
