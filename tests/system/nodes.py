"""The nodes as programs: amphora-relay over real CoAP, amphora-sensor over MQTT and CoAP."""

import json
import pathlib
import re
import socket

from harness import (DEADLINE_S, Mosquitto, Sensor, Suite, equal, find_program, free_udp_port,
                     wait_until)

suite = Suite("nodes")

GET, POST, PUT = 1, 2, 3
OBSERVE, URI_PATH, CONTENT_FORMAT = 6, 11, 12
TEXT, JSON, CBOR = 0, 50, 60


class Coap:
    """A raw CoAP client: what it sends is exactly what the test says, copies too."""

    def __init__(self, env, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(0.5)
        self.message_id = 100
        env.at_end(self.socket.close)

    def datagram(self, code, path, payload=b"", options=()):
        """A confirmable request; `options` are (number, bytes)."""
        self.message_id += 1
        token = self.message_id.to_bytes(2, "big")
        out = bytes([0x42, code]) + token + token
        last = 0
        segments = [(URI_PATH, segment.encode()) for segment in path.split("/")]
        for number, value in sorted([*segments, *options], key=lambda option: option[0]):
            assert number - last < 13 and len(value) < 13
            out += bytes([(number - last) << 4 | len(value)]) + value
            last = number
        return out + (b"\xff" + payload if payload else b"")

    def send(self, datagram):
        self.socket.send(datagram)

    def receive(self, token):
        """The next answer with that token, as (code, payload); others are passed over."""
        while True:
            data = self.socket.recv(2048)
            if data[0] >> 4 & 3 == 0:  # confirmable: acknowledged, or it comes again
                self.send(bytes([0x60, 0]) + data[2:4])
            length = data[0] & 15
            if data[4:4 + length] == token:
                return f"{data[1] >> 5}.{data[1] & 31:02}", payload_of(data)

    def exchange(self, datagram):
        """Sends until there is an answer."""
        def answered():
            self.send(datagram)
            return self.receive(datagram[4:6])
        return wait_until(answered, "an answer over CoAP")

    def get(self, path="relay", options=()):
        code, payload = self.exchange(self.datagram(GET, path, options=options))
        equal(code, "2.05")
        return json.loads(payload)

    def put(self, value, path="relay", options=()):
        payload = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.exchange(self.datagram(PUT, path, payload, options))


def payload_of(data):
    at = 4 + (data[0] & 15)
    while at < len(data) and data[at] != 0xFF:
        delta, length, at = data[at] >> 4, data[at] & 15, at + 1
        at += (delta == 13) + 2 * (delta == 14)
        if length == 13:
            length, at = 13 + data[at], at + 1
        at += length
    return data[at + 1:]


def content(number):
    return (CONTENT_FORMAT, bytes([number]) if number else b"")


def start_relay(env, *arguments, name="relay", node="r1"):
    relay = env.start("amphora-relay", "--node", node, "--listen", "127.0.0.1:0", *arguments,
                      name=name)
    relay.wait_for("listens on")
    port = int(re.findall(r"port (\d+)", relay.said())[-1])
    return relay, Coap(env, port)


@suite.test
def relay_boots_open_and_obeys_on_and_off(env):
    _, coap = start_relay(env)
    status = coap.get()
    equal((status["node"], status["state"], status["lease"]), ("r1", "off", 0))
    code, payload = coap.put({"state": "on", "lease": 60, "n": 7})
    equal((code, json.loads(payload)["state"]), ("2.04", "on"))
    status = coap.get()
    assert 55 < status["lease"] <= 60, status
    equal((status["switches"], status["n"]), (1, 7))
    equal(json.loads(coap.put({"state": "off", "n": 8})[1])["state"], "off")


@suite.test
def relay_takes_plain_text_too(env):
    _, coap = start_relay(env)
    equal(coap.put(b"on", options=[content(TEXT)]), ("2.04", b"on"))
    assert 85 < coap.get()["lease"] <= 90
    equal(coap.put(b"off"), ("2.04", b"off"))


@suite.test
def relay_opens_when_its_lease_ends(env):
    _, coap = start_relay(env)
    coap.put({"state": "on", "lease": 1})
    equal(coap.get()["state"], "on")
    status = wait_until(lambda: (s := coap.get())["state"] == "off" and s, "the open relay")
    equal((status["lease"], status["switches"]), (0, 2))


@suite.test
def case_e1_a_copy_of_an_on_that_comes_after_the_off_changes_nothing(env):
    """The copy is byte for byte the old datagram."""
    _, coap = start_relay(env)
    on = coap.datagram(PUT, "relay", b'{"state":"on","lease":60,"n":11}')
    off = coap.datagram(PUT, "relay", b'{"state":"off","n":12}')
    equal(coap.exchange(on)[0], "2.04")
    equal(coap.exchange(off)[0], "2.04")
    code, payload = coap.exchange(on)
    equal((code, json.loads(payload)["state"]), ("2.04", "off"))
    status = coap.get()
    equal((status["state"], status["switches"], status["n"]), ("off", 2, 12))


@suite.test
def case_e1_a_copy_of_an_on_without_a_number_is_answered_and_not_obeyed_again(env):
    for name, payload in (("json", b'{"state":"on","lease":60}'), ("text", b"on")):
        _, coap = start_relay(env, name=name)
        on, off = coap.datagram(PUT, "relay", payload), coap.datagram(PUT, "relay", b"off")
        equal(coap.exchange(on)[0], "2.04")
        equal(coap.get()["state"], "on")
        equal(coap.exchange(off)[0], "2.04")
        code, answer = coap.exchange(on)
        equal(code, "2.04")
        assert b"off" in answer, answer
        status = coap.get()
        equal((status["state"], status["switches"]), ("off", 2))
        equal(coap.put(payload)[0], "2.04")  # the same words, said anew
        equal(coap.get()["state"], "on")


@suite.test
def case_e1_a_copy_of_an_on_without_a_number_prolongs_no_lease(env):
    _, coap = start_relay(env)
    on = coap.datagram(PUT, "relay", b'{"state":"on","lease":1.5}')
    coap.exchange(on)
    def is_open():
        coap.exchange(on)
        return coap.get()["state"] == "off"
    wait_until(is_open, "the lease to end", 10)
    equal(coap.get()["switches"], 2)


@suite.test
def relay_obeys_off_whatever_its_number(env):
    _, coap = start_relay(env)
    coap.put({"state": "on", "n": 50})
    coap.put({"state": "on", "n": 50, "lease": 5})
    assert coap.get()["lease"] > 80
    coap.put({"state": "off", "n": 3})
    status = coap.get()
    equal((status["state"], status["n"]), ("off", 50))


@suite.test
def relay_refuses_what_it_does_not_wholly_understand(env):
    _, coap = start_relay(env)
    coap.put({"state": "on", "lease": 60, "n": 5})
    wrong = [b"", b"{", b"{}", b"toggle", b"ON", b"1", b"null", b'{"state":"toggle"}',
             b'{"state":"on","lease":0}', b'{"state":"on","lease":-1}', b'{"state":"on","n":"6"}',
             b'{"state":"off","n":-1}', b'{"state":"off","m":1}', b'{"state":true}',
             b'{"state":"off"', b'["off"]', b'{"state":"off","state":"on"}', b"\xff\xfe", b"x" * 900]
    for payload in wrong:
        equal(coap.put(payload)[0], "4.00", f"answer to {payload[:40]!r}")
    equal(coap.put(b"off", options=[content(CBOR)])[0], "4.00")
    equal(coap.put(b"off", options=[content(JSON)])[0], "4.00")
    equal(coap.exchange(coap.datagram(POST, "relay", b"off"))[0], "4.05")
    status = coap.get()
    equal((status["state"], status["n"], status["switches"]), ("on", 5, 1))
    assert 40 < status["lease"] <= 60, status


@suite.test
def relay_tells_its_observers(env):
    _, coap = start_relay(env)
    other = Coap(env, coap.socket.getpeername()[1])
    request = coap.datagram(GET, "relay", options=[(OBSERVE, b"")])
    equal(json.loads(coap.exchange(request)[1])["state"], "off")
    other.put({"state": "on", "lease": 1})
    coap.socket.settimeout(10)
    told = [json.loads(coap.receive(request[4:6])[1])["state"] for _ in range(2)]
    equal(told, ["on", "off"])


@suite.test
def relay_is_found_by_discovery(env):
    find_program("coap-client-notls")
    _, coap = start_relay(env)
    port = coap.socket.getpeername()[1]
    code, out, _ = env.run("coap-client-notls", "-m", "get",
                           f"coap://127.0.0.1:{port}/.well-known/core")
    equal(code, 0)
    assert '</relay>' in out and 'rt="amphora.relay"' in out and "obs" in out, out


@suite.test
def case_f4_a_relay_boots_open_after_a_power_cut_and_its_old_lease_is_dead(env):
    state, contact = env.path("relay.state"), env.path("contact")
    arguments = ("--state", state, "--driver", "file", "--file", contact)
    relay, coap = start_relay(env, *arguments)
    coap.put({"state": "on", "lease": 60, "n": 9})
    equal(contact.read_text(), "1\n")
    boot = coap.get()["boot"]
    relay.kill()
    _, coap = start_relay(env, *arguments, name="relay-again")
    equal(contact.read_text(), "0\n")
    status = coap.get()
    equal((status["state"], status["lease"], status["n"], status["switches"]), ("off", 0, 9, 1))
    assert status["boot"] != boot
    coap.put({"state": "on", "n": 9})
    equal(coap.get()["state"], "off")


@suite.test
def relay_opens_at_the_end(env):
    contact = env.path("contact")
    relay, coap = start_relay(env, "--driver", "file", "--file", contact)
    coap.put(b"on")
    equal(contact.read_text(), "1\n")
    equal(relay.stop(), 0)
    equal(contact.read_text(), "0\n")


@suite.test
def relay_says_how_fast_its_clock_is(env):
    _, coap = start_relay(env, "--clock", "60")
    equal(coap.get()["speed"], 60)
    coap.put({"state": "on", "lease": 60})
    wait_until(lambda: coap.get()["state"] == "off", "the end of a lease of one real second")


@suite.test
def nodes_say_what_is_wrong_with_their_command_line(env):
    port = free_udp_port()
    taken, _ = start_relay(env)
    taken_port = re.findall(r"port (\d+)", taken.said())[-1]
    cases = [
        ("amphora-relay", [], 2, "--node NAME is needed"),
        ("amphora-relay", ["--node", "r 1"], 2, "a name is"),
        ("amphora-relay", ["--node", "r1", "--driver", "magnet"], 2, "simulated, file or gpiod"),
        ("amphora-relay", ["--node", "r1", "--driver", "file"], 2, "needs --file"),
        ("amphora-relay", ["--node", "r1", "--longest-lease", "0"], 2, "from 1 to"),
        ("amphora-relay", ["--node", "r1", "--clock", "60", "--driver", "file", "--file", "x"], 2,
         "only for the simulated driver"),
        ("amphora-relay", ["--node", "r1", "--listen", "localhost:5683"], 2, "a numeric address"),
        ("amphora-relay", ["--node", "r1", "--register", "http://collector"], 2,
         "coap://HOST[:PORT] is needed"),
        ("amphora-relay", ["--node", "r1", "--register", "coap://"], 2, "coap://HOST[:PORT]"),
        ("amphora-relay", ["--node", "r1", "--register", "coap://collector/else"], 2,
         "coap://HOST[:PORT]"),
        ("amphora-relay", ["--node", "r1", "--register", "coaps://collector"], 2,
         "coap://HOST[:PORT]"),
        ("amphora-relay", ["--node", "r1", "--listen", f"127.0.0.1:{port}", "--state",
                           env.path("none/r1.state")], 1, "cannot write the state file"),
        ("amphora-relay", ["--node", "r1", "--listen", f"127.0.0.1:{port}", "--state", env.dir], 1,
         "cannot read the state file"),
        ("amphora-relay", ["--node", "r1", "--listen", f"127.0.0.1:{port}", "--state",
                           env.write("other.state", "mine\n")], 1, "it is not a relay's"),
        ("amphora-relay", ["--node", "r1", "--listen", f"127.0.0.1:{taken_port}"], 1,
         "already in use"),
        ("amphora-relay", ["--node", "r1", "--listen", f"127.0.0.1:{port}", "--driver", "gpiod",
                           "--chip", "gpiochip99", "--line", "1"], 1, "gpiochip99"),
        ("amphora-sensor", ["--node", "b1"], 2, "--broker HOST:PORT and --coap PORT"),
        ("amphora-sensor", ["--node", "b1", "--coap", "0", "--interval", "3601"], 2, "to 3600"),
        ("amphora-sensor", ["--node", "b1", "--coap", "localhost:0"], 2, "a numeric address"),
        ("amphora-sensor", ["--node", "b1", "--coap", "0", "--driver", "sysfs", "--clock", "2"], 2,
         "only for the simulated driver"),
        ("amphora-sensor", ["--node", "b1", "--coap", "0", "--driver", "sysfs", "--sysfs-root",
                            env.dir], 1, "no battery below"),
        ("amphora-sensor", ["--nod", "b1", "extra", "--coap", "0"], 2, "extra"),
    ]
    for program, arguments, expected, words in cases:
        code, out, error = env.run(program, *arguments)
        equal((code, out, error.count("\n")), (expected, "", 1), f"{program} {arguments}: {error}")
        assert words in error, error
    equal(env.path("other.state").read_text(), "mine\n", "a file of someone else")
    for program in ("amphora-relay", "amphora-sensor", "amphora-house"):
        equal(env.run(program, "--help")[0], 0)
        assert env.run(program, "--version")[1].startswith(f"{program} ")


def readings(subscriber):
    return [json.loads(line.split(" ", 1)[1]) for line in subscriber.said().splitlines()
            if "/battery {" in line]


@suite.test
def sensor_publishes_readings_and_its_presence(env):
    broker = Mosquitto(env)
    subscriber = broker.subscribe("amphora/b1/#")
    sensor = env.start("amphora-sensor", "--node", "b1", "--broker", f"127.0.0.1:{broker.port}",
                       "--interval", "1")
    found = wait_until(lambda: len(r := readings(subscriber)) >= 3 and r, "three readings")
    equal([reading["node"] for reading in found[:3]], ["b1"] * 3)
    equal([reading["seq"] for reading in found[:3]], [1, 2, 3])
    equal(found[0]["interval"], 1)
    assert all(0 <= reading["SoC"] <= 100 and reading["ts"] > 1.6e12 for reading in found)
    subscriber.wait_for("amphora/b1/status online")
    sensor.stop()
    subscriber.wait_for("amphora/b1/status offline")


@suite.test
def sensor_that_dies_is_offline_by_its_will(env):
    broker = Mosquitto(env)
    subscriber = broker.subscribe("amphora/b1/#")
    sensor = env.start("amphora-sensor", "--node", "b1", "--broker", f"127.0.0.1:{broker.port}")
    subscriber.wait_for("amphora/b1/status online")
    sensor.kill()
    subscriber.wait_for("amphora/b1/status offline")


@suite.test
def sensor_takes_an_interval_and_answers_in_its_next_reading(env):
    broker = Mosquitto(env)
    broker.publish("amphora/b1/set", {"interval": 77}, retain=True)
    subscriber = broker.subscribe("amphora/b1/battery")
    sensor = env.start("amphora-sensor", "--node", "b1", "--broker", f"127.0.0.1:{broker.port}",
                       "--interval", "3600")
    sensor.wait_for("refused a retained message")
    for wrong in ({"interval": 0}, {"interval": 3601}, {"interval": "5"}, {}, "nonsense"):
        broker.publish("amphora/b1/set", wrong)
    wait_until(lambda: sensor.said().count("refused a setting") == 5, "five refusals")
    broker.publish("amphora/b1/set", {"interval": 1})
    found = wait_until(lambda: len(r := readings(subscriber)) >= 3 and r, "readings every second")
    equal([reading["interval"] for reading in found[:3]], [3600, 1, 1])


@suite.test
def sensor_comes_back_when_the_broker_does(env):
    broker = Mosquitto(env, users={"b1": "secret"})
    secret = env.write("password", "secret\n", 0o600)
    broker.stop()
    sensor = env.start("amphora-sensor", "--node", "b1", "--broker", f"127.0.0.1:{broker.port}",
                       "--interval", "1", "--user", "b1", "--password-file", secret)
    sensor.wait_for("no connection to the broker")
    broker.start()
    sensor.wait_for("connected to the broker")


@suite.test
def sensor_serves_coap(env):
    sensor = env.start("amphora-sensor", "--node", "b2", "--coap", "127.0.0.1:0", "--interval", "1")
    sensor.wait_for("listens on")
    coap = Coap(env, int(re.findall(r"port (\d+)", sensor.said())[-1]))
    reading = wait_until(lambda: coap.get("battery"), "a reading")
    equal((reading["node"], reading["interval"]), ("b2", 1))
    request = coap.datagram(GET, "battery", options=[(OBSERVE, b"")])
    first = json.loads(coap.exchange(request)[1])["seq"]
    coap.socket.settimeout(10)
    equal(json.loads(coap.receive(request[4:6])[1])["seq"], first + 1)
    equal(coap.put({"interval": 0}, "battery")[0], "4.00")
    equal(coap.put({"interval": 9}, "battery")[0], "2.04")
    wait_until(lambda: coap.get("battery")["interval"] == 9, "the new interval")


@suite.test
def sensor_reads_a_battery_from_sysfs(env):
    battery = pathlib.Path(env.dir, "sys/class/power_supply/BAT0")
    battery.mkdir(parents=True)
    for name, text in {"type": "Battery", "capacity": "61", "temp": "233", "status": "Discharging",
                       "voltage_now": "52100000", "current_now": "1500000"}.items():
        (battery / name).write_text(text + "\n")
    sensor = env.start("amphora-sensor", "--node", "b3", "--coap", "127.0.0.1:0", "--interval", "1",
                       "--driver", "sysfs", "--sysfs-root", env.path("sys"))
    sensor.wait_for("listens on")
    coap = Coap(env, int(re.findall(r"port (\d+)", sensor.said())[-1]))
    reading = wait_until(lambda: coap.get("battery"), "a reading")
    equal((reading["SoC"], reading["Temp"], reading["V"], reading["A"]), (61, 23.3, 52.1, -1.5))
    (battery / "temp").unlink()
    sensor.wait_for("nothing measured")
    equal(coap.exchange(coap.datagram(GET, "battery"))[0], "5.03")
    (battery / "temp").write_text("-12\n")
    equal(wait_until(lambda: coap.get("battery"), "a reading again")["Temp"], -1.2)


@suite.test
def sensor_tells_once_why_it_has_no_broker(env):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE_S)
        sensor = Sensor(env, "b1", "--broker", f"127.0.0.1:{listener.getsockname()[1]}")
        for _ in range(3):  # it tries again and again
            listener.accept()[0].close()
        wait_until(lambda: "no connection" in sensor.process.said(), "the reason")
        equal(sensor.process.said().count("no connection"), 1, "times that it is told")


@suite.test
def nodes_that_only_pretend_say_so(env):
    switch = env.path("switch")
    for name, arguments, pretends in (
            ("default", [], True), ("named", ["--driver", "simulated"], True),
            ("file", ["--driver", "file", "--file", switch], False)):
        relay, _ = start_relay(env, *arguments, name=name)
        equal("simulated contact" in relay.said(), pretends, f"a warning with {arguments}")
    sensor = env.start("amphora-sensor", "--node", "b1", "--coap", "127.0.0.1:0")
    sensor.wait_for("listens on")
    assert "battery is simulated" in sensor.said(), sensor.said()


suite.run()
