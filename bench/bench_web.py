"""The web listener: its rate, its event stream, and what control notices of either."""

import contextlib
import gzip
import http.client
import re
import socket
import statistics
import subprocess
import threading

from bench_figures import Row, percentile
from bench_memory import memory_of
from bench_scene import cpu_s, house, is_live, progress, scene
from harness import Amphorad, free_udp_port, wait_until

SECONDS = 4
CONNECTIONS = 16
READERS = 100
GAP_US = 20000  # 50 readings a second
READINGS = 900  # in all rounds, each heard by each reader
EVENTS = 1500
IDLE = 1000
SLOW = 100
# Of an answer: what the library sends by itself, and so does the reference's.
LIBRARY_HEADERS = {"date", "content-length", "connection"}
MB_MORE = 6


def start(at, coap_port=None, listen="127.0.0.1:0", batteries=None, name="amphorad"):
    """The daemon with a web listener; with so many batteries, or the house of all measurements."""
    config = house(at.broker.port, "normal", coap_port)
    config["web"] = {"listen": listen}
    config["batteries"] = config["batteries"][:batteries]
    config["relays"] = config.get("relays", [])[:batteries]
    daemon = Amphorad(at.env, config, name=name)
    if listen != "off":
        wait_until(lambda: daemon.state()["web"]["port"], "the port")
    wait_until(lambda: is_live(daemon), "the marker's echo")
    return daemon


def port_of(daemon):
    return daemon.state()["web"]["port"]


# --- requests ------------------------------------------------------------------


def answer_of(port, path):
    """(body, headers) as a browser gets them."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as asking:
        asking.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = asking.getresponse()
        assert answer.status == 200, f"{path}: {answer.status}"
        return answer.read(), answer.headers.items()


def start_bare(at, name, body, headers):
    """The reference with the same bytes; returns (process, port)."""
    at.env.path(f"{name}.body").write_bytes(body)
    text = "".join(f"{key}: {value}\n" for key, value in headers
                   if key.lower() not in LIBRARY_HEADERS)
    bare = at.env.start(at.program("bare_web"), at.env.path(f"{name}.body"),
                        at.env.write(f"{name}.headers", text), name=f"bare-{name}")
    bare.wait_for("ready")
    return bare, int(re.search(r"ready (\d+)", bare.said()).group(1))


def load(at, process, port, path, seconds):
    """(answers per second, processor time of the server per million answers in s)."""
    before = cpu_s(process.pid)
    found = at.finish(at.start("bench_web_load", port, path, CONNECTIONS, seconds))
    return (found["answers"] / found["seconds"],
            (cpu_s(process.pid) - before) / found["answers"] * 1e6)


def requests(options):
    """One battery and its relay, as most houses are."""
    rows = []
    with scene(options.build) as at:
        daemon = start(at, free_udp_port(), batteries=1)
        port = port_of(daemon)
        page = answer_of(port, "/")[0]
        with contextlib.suppress(OSError):  # so small a page may not be packed
            page = gzip.decompress(page)
        asset = "/" + re.search(rb'src="(assets/[^"]+[.]js)"', page).group(1).decode()
        for name, path in (("state", "/api/v1/state"), ("page", "/"), ("asset", asset)):
            bare, bare_port = start_bare(at, name, *answer_of(port, path))
            ours, reference = [], []
            for turn in range(options.rounds):
                progress(f"web.{name}: round {turn + 1} of {options.rounds}")
                reference.append(load(at, bare, bare_port, "/", SECONDS * options.scale))
                ours.append(load(at, daemon.process, port, path, SECONDS * options.scale))
            bare.kill()
            (our_rate, our_cpu), (rate, cpu) = (map(statistics.median, zip(*found))
                                                for found in (ours, reference))
            rows += [Row(f"web.{name}.rate", "1/s", our_rate, rate, ">= 0.8 x bare", 0.8 * rate,
                         is_most=False),
                     Row(f"web.{name}.cpu", "s/M", our_cpu, cpu)]
    return rows


# --- the stream ----------------------------------------------------------------


def stream_round(options, readers, readings):
    with scene(options.build) as at:
        daemon = start(at)
        generator = at.start("bench_web_stream", at.broker.port, port_of(daemon), readers,
                             readings, GAP_US)
        generator.stdout.readline()
        found = at.finish(generator)
        if found["missing"]:
            progress(f"web.stream: {found['missing']} events of {readings * readers} not heard")
        return found["ns"]


def stream(options):
    readings = max(1, round(READINGS * options.scale / options.rounds))
    many, one = [], []
    for turn in range(options.rounds):
        progress(f"web.stream: round {turn + 1} of {options.rounds}")
        one += stream_round(options, 1, readings)
        many += stream_round(options, READERS, readings)
    return [Row(f"web.stream.{name}", "ms", figure(many) / 1e6, figure(one) / 1e6,
                *(("<= 5 ms", 5) if name == "p99" else ()))
            for name, figure in FIGURES.items()]


FIGURES = {"p50": lambda ns: percentile(ns, 50), "p99": lambda ns: percentile(ns, 99), "max": max}


# --- what control notices ------------------------------------------------------


@contextlib.contextmanager
def nobody(at, port):
    yield


@contextlib.contextmanager
def readers(at, port):
    """READERS that hear all that happens."""
    program = subprocess.Popen([at.program("bench_web_stream"), "0", str(port), str(READERS), "0",
                                "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "ready\n", "the readers did not come"
    try:
        yield
    finally:
        program.stdin.close()
        program.wait(10)


@contextlib.contextmanager
def idle(at, port):
    """IDLE connections that say nothing, as many as are let in, and again when they are cut."""
    held = [socket.socket() for _ in range(IDLE)]
    for connection in held:
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", port))
    try:
        yield
    finally:
        for connection in held:
            connection.close()


@contextlib.contextmanager
def slow(at, port):
    """SLOW connections whose request comes a byte at a time."""
    over = threading.Event()

    def speak():
        held = []
        text = b"GET /api/v1/state HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 10000
        said = 0
        while not over.wait(0.02):
            while len(held) < SLOW:
                held.append(socket.create_connection(("127.0.0.1", port)))
            for connection in list(held):
                try:
                    connection.sendall(text[said % len(text):][:1])
                except OSError:
                    held.remove(connection)
            said += 1
        for connection in held:
            connection.close()

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        yield
    finally:
        over.set()
        speaker.join()


BESIDE = {"nobody": nobody, "readers": readers, "idle": idle, "slow": slow}


def control_round(options, beside, events):
    with scene(options.build) as at:
        coap_port = free_udp_port()
        generator = at.start("bench_latency", at.broker.port, coap_port, events, 1, GAP_US)
        generator.stdout.readline()
        daemon = start(at, coap_port)
        with BESIDE[beside](at, port_of(daemon)):
            found = at.finish(generator)
        if found["missing"]:
            progress(f"web.control: {found['missing']} of {events} events brought no command")
        return found["ns"]


def control(options):
    """A reading to its relay's ACK, 50 a second, beside what the web listener has to do."""
    events = max(1, round(EVENTS * options.scale / options.rounds))
    found = {name: [] for name in BESIDE}
    for turn in range(options.rounds):
        for name, samples in found.items():
            progress(f"web.control.{name}: round {turn + 1} of {options.rounds}")
            samples += control_round(options, name, events)
    return [Row(f"web.control.{name}.{what}", "us", figure(samples) / 1e3,
                figure(found["nobody"]) / 1e3)
            for name, samples in found.items() if name != "nobody"
            for what, figure in FIGURES.items()]


# --- memory --------------------------------------------------------------------


def memory(options):
    """RSS with READERS that have heard some hundred changes, beside a daemon without listener."""
    progress("web.memory")
    with scene(options.build) as at:
        without = start(at, listen="off")
        bare = memory_of(without.process.pid)["rss"]
        without.stop()
        daemon = start(at, name="web")
        idle_rss = memory_of(daemon.process.pid)["rss"]
        generator = at.start("bench_web_stream", at.broker.port, port_of(daemon), READERS,
                             max(1, round(300 * options.scale)), GAP_US)
        generator.stdout.readline()
        at.finish(generator)
        streamed = memory_of(daemon.process.pid)["peak"]
    return [Row("web.memory.idle", "MB", idle_rss, bare, f"<= {MB_MORE} MB more", bare + MB_MORE),
            Row("web.memory.readers", "MB", streamed, bare, f"<= {MB_MORE} MB more",
                bare + MB_MORE)]


def web(options):
    return requests(options) + stream(options) + control(options) + memory(options)
