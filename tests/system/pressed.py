"""Control while strangers press on the web: whatever comes, the relay follows its readings.

What each kind of bad request is answered is in web_access.py, commands.py and once.py; here all
come at once, as fast as they can, and somebody watches the relay meanwhile.
"""

import contextlib
import json
import resource
import socket
import threading
import time

from garage import charge, house, send_until
from harness import Amphorad, Mosquitto, Relay, Suite, equal, wait_until

suite = Suite("pressed")

SWITCHES = 6
MOST_S = 5  # a stall, however busy the machine is: the relay's own interval of asking is less
HOST = b"Host: localhost\r\n"
KEY = b"Idempotency-Key: again\r\n"
OFF = json.dumps({"relay": "r2", "state": "off", "duration_s": 60}).encode()


def post(path, body, *more):
    return (b"POST /api/v1/" + path + b" HTTP/1.1\r\n" + HOST + b"".join(more) +
            b"Content-Length: %d\r\n\r\n" % len(body) + body)


REQUESTS = {
    "malformed": b"\0\xff GET\r\n\r\n",
    "huge head": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 100000 + b"\r\n\r\n",
    "many heads": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 20000 + b"\r\n",
    "huge body": post(b"session", b"a" * 500000),
    "wrong method": b"BREW /api/v1/state HTTP/1.1\r\n" + HOST + b"\r\n",
    "forged host": b"GET /api/v1/state HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "forged origin": post(b"session", b"{}", b"Origin: https://evil.example\r\n"),
    "replayed key": post(b"overrides", OFF, KEY),
    "expired session": post(b"overrides", OFF, b"Cookie: amphora=" + b"0" * 64 + b"\r\n"),
    "wrong password": post(b"session", b'{"name":"anna","password":"guess"}'),
    "all there is": b"GET /api/v1/events?limit=1000 HTTP/1.1\r\n" + HOST + b"\r\n",
}


class Strangers:
    """A thread for each kind of request, one for a thousand connections, one that is slow."""

    def __init__(self, port):
        self.port, self.over, self.counts = port, threading.Event(), {}
        self.threads = [threading.Thread(target=self.ask, args=one) for one in REQUESTS.items()]
        self.threads += [threading.Thread(target=self.hold), threading.Thread(target=self.drip)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def ask(self, name, request):
        while not self.over.wait(0.01):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2) as asking:
                asking.settimeout(2)
                asking.sendall(request)
                answer = asking.recv(65536)
                assert not answer or answer.startswith(b"HTTP/1.1 "), (name, answer[:80])
                self.counts[name] = self.counts.get(name, 0) + 1

    def hold(self):
        while not self.over.wait(0.5):
            held = [socket.socket() for _ in range(1000)]
            for connection in held:
                connection.setblocking(False)
                connection.connect_ex(("127.0.0.1", self.port))
            self.over.wait(0.5)
            for connection in held:
                connection.close()

    def drip(self):
        held = []
        while not self.over.wait(0.05):
            with contextlib.suppress(OSError):
                held.append(socket.create_connection(("127.0.0.1", self.port), 1))
            for connection in held[-50:]:
                with contextlib.suppress(OSError):
                    connection.send(b"G")
        for connection in held:
            connection.close()


@suite.test
def the_relay_follows_its_readings_whatever_strangers_send(env):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    broker = Mosquitto(env)
    relay, other = Relay(env, "r1"), Relay(env, "r2")
    daemon = Amphorad(env, house(broker, {"r1": ("source", relay.uri), "r2": ("load", other.uri)},
                                 web={"listen": "127.0.0.1:0"}))
    daemon.await_live()
    daemon.http("PATCH", "/api/v1/settings", {"name": "switches_per_day", "value": 1000})
    charge(broker, relay)
    port = daemon.state()["web"]["port"]
    worst = 0
    with Strangers(port) as strangers:
        wait_until(lambda: len(strangers.counts) == len(REQUESTS), f"all kinds: {strangers.counts}", 60)
        for turn in range(SWITCHES):
            soc, state = (100, "off") if turn % 2 == 0 else (20, "on")
            began = time.monotonic()
            send_until(broker, lambda: relay.status()["state"] == state, f"the relay to go {state}", soc)
            worst = max(worst, time.monotonic() - began)
    print(f"# slowest of {SWITCHES} switches {worst:.2f} s, beside {sum(strangers.counts.values())} answers")
    assert worst < MOST_S, f"{worst:.1f} s from a reading to its relay"
    equal([code for code in daemon.alerts() if code.startswith(("relay", "sensor"))], [], "alerts")
    equal(daemon.json("override", "list"), [], "what a stranger has taken over")


suite.run()
