"""Who may talk: keys for relays and sensors, certificates for the broker, the socket's group."""

import contextlib
import grp
import json
import os
import pwd
import secrets
import select
import socket
import ssl
import subprocess
import threading
import time

from certificates import Authority
from garage import is_live
from harness import (Amphorad, Mosquitto, Relay, Sensor, Suite, coap, equal, free_port,
                     free_udp_port, skip, wait_until, yaml_text)
from lossy import LossyPath

suite = Suite("secure")

BATTERY = {"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 3}


def key_file(env, name, secret=None, mode=0o600):
    return env.write(f"{name}.key", (secret or secrets.token_hex(32)) + "\n", mode)


class SecureRelay(Relay):
    """amphora-relay with a key."""

    def __init__(self, env, node, key, *arguments, name=None):
        self.key = key
        super().__init__(env, node, "--key-file", key, *arguments, name=name)
        self.uri = f"coaps://127.0.0.1:{self.port}/relay"

    def status(self):
        assert self.process.is_running(), f"relay {self.node} has ended: {self.process.said()}"
        return json.loads(self.ask(self.key, self.node))

    def ask(self, key, identity, scheme="coaps"):
        """What libcoap's own client gets with that key."""
        arguments = ["-B", 3, "-m", "get"]
        if scheme == "coaps":
            arguments += ["-k", key.read_text().strip(), "-u", identity]
        _, out, _ = self.env.run("coap-client-openssl", *arguments,
                                 f"{scheme}://127.0.0.1:{self.port}/relay")
        return out.strip()


def house(env, broker, relays, **changes):
    config = {"mqtt": {"host": "127.0.0.1", "port": broker.port if broker else 9},
              "settings": {"charge_below_pct": 30, "charge_until_pct": 80, "dwell_s": 0},
              "batteries": [BATTERY], "relays": relays}
    config.update(changes)
    return config


def source(relay, **changes):
    entry = {"id": relay.node, "battery": "b1", "role": "source", "uri": relay.uri}
    entry.update(changes)
    return entry


def low(broker, soc=12):
    """A reading at which the battery is charged."""
    message = {"node": "b1", "SoC": soc, "Temp": 20, "ts": int(time.time() * 1000),
               "interval": 0.02}
    broker.publish("amphora/b1/battery", message)


def is_idle(broker, daemon):
    """Feeds one more reading at which nothing is to be done; to be waited for."""
    low(broker, 50)
    return "neither low enough" in daemon.cli("explain")[1]


def is_closed_by_hand(broker, daemon):
    """Feeds one more reading and asks for ON, which needs two good ones; to be waited for."""
    low(broker, 50)
    return daemon.cli("relay", "set", "r1", "on", "--for", "1h")[0] == 0


def is_charging(broker, daemon):
    """Feeds one more reading; to be waited for."""
    low(broker)
    return is_on(daemon)


def is_on(daemon, relay="r1"):
    states = {entry["id"]: entry for entry in daemon.state()["relays"]}
    return states[relay]["state"] is True


def relay_alert(daemon, words):
    alert = daemon.alerts().get("relay-timeout")
    return alert is not None and words in alert["words"]


# --- keys of relays and sensors -----------------------------------------------------------


@suite.test
def a_relay_answers_only_who_has_its_key(env):
    relay = SecureRelay(env, "r1", key_file(env, "r1"))
    assert '"state":"off"' in relay.ask(relay.key, "r1")
    for answer in (relay.ask(key_file(env, "other"), "r1"), relay.ask(relay.key, "r2"),
                   relay.ask(relay.key, "r1", "coap")):
        assert "state" not in answer, answer
    code, out, error = env.run("openssl", "s_client", "-dtls1_2", "-cipher",
                               "aNULL:ALL:@SECLEVEL=0", "-connect", f"127.0.0.1:{relay.port}",
                               input="", timeout=60)
    assert code != 0 and "alert" in out + error, out + error
    assert relay.status()["state"] == "off"


@suite.test
def a_key_file_that_others_may_use_is_refused_with_what_to_do(env):
    relay = {"id": "r1", "battery": "b1", "role": "source", "uri": "coaps://127.0.0.1:9/relay"}
    cases = [(key_file(env, "open", mode=0o640), "chmod 600"),
             (key_file(env, "short", "abc"), "openssl rand -hex 32"),
             (env.path("nothing.key"), "No such file"),
             (env.dir, "not a regular file")]
    if os.geteuid() == 0:
        given = key_file(env, "given")
        os.chown(given, pwd.getpwnam("nobody").pw_uid, -1)
        cases.append((given, "another user"))
    for path, words in cases:
        text = yaml_text(house(env, None, [dict(relay, key_file=str(path))]))
        config = env.write("house.yaml", text)
        code, _, error = env.run("amphorad", "--config", config, "--check-config")
        equal(code, 1, f"exit code of --check-config with {path}")
        assert str(path) in error and words in error, error
        code, _, error = env.run("amphora-relay", "--node", "r1", "--listen", "127.0.0.1:0",
                                 "--key-file", path)
        equal(code, 1, f"exit code of amphora-relay with {path}")
        assert str(path) in error and words in error, error


def check_relay_trouble(env, ours, theirs, words, identity=None):
    """The daemon's words for a relay that it cannot speak to, and that nothing switched."""
    broker = Mosquitto(env)
    relay = SecureRelay(env, "r1", theirs) if theirs else Relay(env, "r1")
    changes = {"uri": f"coaps://127.0.0.1:{relay.port}/relay", "key_file": str(ours)}
    if identity:
        changes["identity"] = identity
    daemon = Amphorad(env, house(env, broker, [source(relay, **changes)]))
    wait_until(lambda: relay_alert(daemon, words), f"an alert with '{words}'")
    out = daemon.cli("status")[1]
    assert words in out, out
    low(broker)
    equal(relay.status()["switches"], 0, "switches of the relay")


@suite.test
def a_relay_with_another_key_is_named(env):
    check_relay_trouble(env, key_file(env, "ours"), key_file(env, "theirs"),
                        "does not have the key")


@suite.test
def a_relay_that_refuses_our_identity_is_named(env):
    key = key_file(env, "r1")
    check_relay_trouble(env, key, key, "refuses the identity", identity="someone")


@suite.test
def a_relay_without_a_key_is_named(env):
    check_relay_trouble(env, key_file(env, "ours"), None, "does not answer the DTLS handshake")


@suite.test
def a_handshake_that_never_ends_keeps_nobody_waiting(env):
    deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deaf.bind(("127.0.0.1", 0))
    with contextlib.closing(deaf):
        broker = Mosquitto(env)
        good = SecureRelay(env, "r1", key_file(env, "r1"))
        bad = {"id": "r2", "battery": "b1", "role": "load", "key_file": str(good.key),
               "uri": f"coaps://127.0.0.1:{deaf.getsockname()[1]}/relay"}
        daemon = Amphorad(env, house(env, broker, [source(good, key_file=str(good.key)), bad],
                                     settings={"logic": "monitor"}))
        wait_until(lambda: relay_alert(daemon, "does not answer the DTLS handshake"), "an alert")
        low(broker)
        wait_until(lambda: daemon.state()["relays"][0]["heard_age_s"] is not None, "the good relay")
        before = cpu_seconds(daemon.process.pid)
        deaf.settimeout(20)
        for _ in range(3):
            deaf.recv(2000)
        assert cpu_seconds(daemon.process.pid) - before < 5, "a busy loop"


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@suite.test
def a_relay_that_was_killed_on_a_lease_is_spoken_to_in_a_new_session(env):
    broker = Mosquitto(env)
    relay = SecureRelay(env, "r1", key_file(env, "r1"))
    daemon = Amphorad(env, house(env, broker, [source(relay, key_file=str(relay.key))]))
    wait_until(lambda: is_charging(broker, daemon), "the relay on", every=0.1)
    relay.kill()
    relay.start()
    equal(relay.status()["state"], "off", "state after the boot")
    code, out, error = daemon.cli("relay", "set", "r1", "off", "--for", "1h")
    equal(code, 0, f"exit code of off: {out}{error}")
    wait_until(lambda: relay.status()["n"] > 0, "the command's arrival")
    wait_until(lambda: daemon.state()["relays"][0]["state"] is False, "the relay's new state")


@suite.test
def a_session_that_the_relay_has_forgotten_is_made_anew_within_the_command(env):
    broker = Mosquitto(env)
    first = SecureRelay(env, "r1", key_file(env, "r1"))
    path = LossyPath(env, first.port)
    config = source(first, key_file=str(first.key), uri=f"coaps://127.0.0.1:{path.port}/relay")
    daemon = Amphorad(env, house(env, broker, [config]))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    wait_until(lambda: is_idle(broker, daemon), "a good reading", every=0.1)
    # Another process of the same name and key in its place: it says nothing to what it cannot read.
    second = SecureRelay(env, "r1", first.key, name="relay-again")
    path.relay = ("127.0.0.1", second.port)
    wait_until(lambda: is_closed_by_hand(broker, daemon), "the person's ON", every=0.1)
    equal(second.status()["state"], "on", "state of the relay")
    equal(first.status()["switches"], 0, "switches of the relay that was before")
    equal(daemon.state()["relays"][0]["timeouts"], 0, "timeouts")


@suite.test
def a_sensor_with_a_key_is_read(env):
    key = key_file(env, "b1")
    port = free_udp_port()
    Sensor(env, "b1", "--coap", f"127.0.0.1:{port}", "--key-file", key, "--interval", 1)
    sensor = {"uri": f"coaps://127.0.0.1:{port}/battery", "key_file": str(key)}
    daemon = Amphorad(env, house(env, None, [], batteries=[dict(BATTERY, sensor=sensor)],
                                 mqtt={"host": ""}))
    wait_until(lambda: daemon.rows("battery_data"), "a reading")
    equal(coap(env, "get", f"coap://127.0.0.1:{port}/battery", seconds=1), "", "plain answer")


@suite.test
def a_name_with_a_key_is_registered_only_with_it(env):
    key, port, secure = key_file(env, "r1"), free_udp_port(), free_udp_port()
    relay = {"id": "r1", "battery": "b1", "role": "source", "key_file": str(key)}
    daemon = Amphorad(env, house(env, None, [relay], mqtt={"host": ""}, coap={
        "listen": f"127.0.0.1:{port}", "listen_secure": f"127.0.0.1:{secure}", "pairing": "open"}))
    answer = coap(env, "post", f"coap://127.0.0.1:{port}/registration",
                  {"node": "r1", "type": "relay", "port": 9})
    assert "4.03" in answer, answer
    wait_until(lambda: daemon.state()["registrations"]["refused"] == 1, "the refusal's count")
    node = SecureRelay(env, "r1", key, "--register", f"coaps://127.0.0.1:{secure}")
    daemon.process.wait_for(f"relay r1 registered at coaps://127.0.0.1:{node.port}/relay")
    wait_until(lambda: daemon.state()["relays"][0]["heard_age_s"] is not None, "the relay's answer")


@suite.test
def a_registration_that_changes_nothing_is_told_only_where_it_differs(env):
    port, elsewhere = free_udp_port(), free_udp_port()
    node = Relay(env, "r1", "--register", f"coap://127.0.0.1:{port}")
    relay = {"id": "r1", "battery": "b1", "role": "source", "uri": node.uri}
    daemon = Amphorad(env, house(env, None, [relay], mqtt={"host": ""}, coap={
        "listen": f"127.0.0.1:{port}", "pairing": "open"}))
    wait_until(lambda: daemon.state()["registrations"]["accepted"] >= 1, "the registration")
    assert "registered at" not in daemon.said(), daemon.said()
    coap(env, "post", f"coap://127.0.0.1:{port}/registration",
         {"node": "r1", "type": "relay", "port": elsewhere})
    daemon.process.wait_for(f"relay r1 registered at coap://127.0.0.1:{elsewhere}/relay; its "
                            f"configured address is used: {node.uri}")


# --- TLS to the broker --------------------------------------------------------------------


class SecureMosquitto(Mosquitto):
    """A broker with a second listener, `secure_port`, with the certificate of `files`."""

    def __init__(self, env, files, extra=""):
        self.secure_port = free_port()
        super().__init__(env, extra="\n".join([
            f"listener {self.secure_port} 127.0.0.1", f"certfile {files[0]}",
            f"keyfile {files[1]}", extra]))


def tls(broker, authority, host="127.0.0.1", **changes):
    settings = {"host": host, "port": broker.secure_port, "tls": "required",
                "tls_ca": str(authority.ca)}
    settings.update(changes)
    return settings


NAMES = "DNS:localhost,IP:127.0.0.1"


@suite.test
def readings_and_commands_go_over_tls_and_dtls_from_end_to_end(env):
    authority = Authority(env)
    broker = SecureMosquitto(env, authority.issue("broker", NAMES))
    relay = SecureRelay(env, "r1", key_file(env, "r1"))
    for host in ("127.0.0.1", "localhost"):
        daemon = Amphorad(env, house(env, broker, [source(relay, key_file=str(relay.key))],
                                     mqtt=tls(broker, authority, host)), name=f"at-{host}")
        wait_until(lambda: daemon.state()["broker"]["connected"], "the broker")
        wait_until(lambda: is_live(daemon), "the marker's echo")
        wait_until(lambda: is_charging(broker, daemon), "the relay on", every=0.1)
        equal(daemon.state()["unencrypted"], [], "what is not encrypted")
        equal(daemon.alerts(), {}, "alerts")
        daemon.stop()


class FullRecords:
    """A TLS server before a plain broker that fills its records: many packets are decrypted at once.

    Mosquitto makes a record of each packet; other brokers do not.
    """

    def __init__(self, env, broker, files):
        self.broker = broker
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*files)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.secure_port = self.listener.getsockname()[1]
        env.at_end(self.listener.close)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def serve(self, client):
        """Both ways on one thread, since an SSL object is not for two."""
        with contextlib.suppress(OSError), \
                self.context.wrap_socket(client, server_side=True) as secure, \
                socket.create_connection(("127.0.0.1", self.broker.port)) as plain:
            while True:
                ready = select.select([secure, plain], [], [])[0]
                if secure in ready:
                    data = secure.recv(16384)
                    if not data:
                        return
                    plain.sendall(data)
                if plain in ready:
                    time.sleep(0.02)  # lets a record fill
                    data = plain.recv(16384)
                    if not data:
                        return
                    secure.sendall(data)


@suite.test
def a_burst_in_full_records_is_stored_once_each(env):
    authority = Authority(env)
    broker = Mosquitto(env)
    front = FullRecords(env, broker, authority.issue("broker", NAMES))
    daemon = Amphorad(env, house(env, broker, [], mqtt=tls(front, authority)))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    lines = "".join(json.dumps({"node": "b1", "SoC": 50, "Temp": 20, "seq": i}) + "\n"
                    for i in range(1, 3001))
    code, _, error = env.run("mosquitto_pub", "-p", str(broker.port), "-q", "1", "-t",
                             "amphora/b1/battery", "-l", input=lines, timeout=120)
    equal(code, 0, error)
    wait_until(lambda: len(daemon.rows("battery_data")) >= 3000, "all readings", timeout=60)
    equal(len(daemon.rows("battery_data")), 3000, "rows")


@suite.test
def a_burst_over_tls_is_stored_once_each(env):
    authority = Authority(env)
    broker = SecureMosquitto(env, authority.issue("broker", NAMES))
    daemon = Amphorad(env, house(env, broker, [], mqtt=tls(broker, authority)))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    lines = "".join(json.dumps({"node": "b1", "SoC": 50, "Temp": 20, "seq": i}) + "\n"
                    for i in range(1, 3001))
    code, _, error = env.run("mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.secure_port),
                             "--cafile", authority.ca, "-q", "1", "-t", "amphora/b1/battery", "-l",
                             input=lines, timeout=120)
    equal(code, 0, error)
    wait_until(lambda: len(daemon.rows("battery_data")) >= 3000, "all readings", timeout=60)
    equal(len(daemon.rows("battery_data")), 3000, "rows")


def check_broker_trouble(env, settings, *words):
    """What the daemon says of a broker that it does not trust, or that does not trust it."""
    daemon = Amphorad(env, house(env, None, [], mqtt=settings), name=f"daemon-{secrets.token_hex(4)}")
    wait_until(lambda: "broker-away" in daemon.alerts(), "an alert")
    text = daemon.alerts()["broker-away"]["words"]
    for word in words:
        assert word in text, f"{word!r} is not in {text!r}"
    assert words[0] in daemon.cli("status")[1], daemon.cli("status")[1]
    daemon.stop()


@suite.test
def a_broker_of_another_authority_is_not_trusted(env):
    ours, theirs = Authority(env), Authority(env, "other")
    broker = SecureMosquitto(env, theirs.issue("broker", NAMES))
    check_broker_trouble(env, tls(broker, ours), "not signed by a CA in", str(ours.ca))


@suite.test
def a_broker_is_not_trusted_without_its_authority(env):
    authority = Authority(env)
    broker = SecureMosquitto(env, authority.issue("broker", NAMES))
    settings = tls(broker, authority)
    del settings["tls_ca"]
    check_broker_trouble(env, settings, "not signed by a CA in the system's list")


@suite.test
def a_broker_with_another_name_is_not_trusted(env):
    authority = Authority(env)
    broker = SecureMosquitto(env, authority.issue("broker", "DNS:broker.lan"))
    check_broker_trouble(env, tls(broker, authority), "certificate is not for 127.0.0.1")
    check_broker_trouble(env, tls(broker, authority, "localhost"),
                         "certificate is not for localhost")


@suite.test
def a_certificate_outside_its_time_is_not_trusted(env):
    authority = Authority(env)
    expired = SecureMosquitto(env, authority.issue("old", NAMES, begins=-3, ends=-1))
    check_broker_trouble(env, tls(expired, authority), "has expired", "UTC", "clock")
    early = SecureMosquitto(env, authority.issue("new", NAMES, begins=2))
    check_broker_trouble(env, tls(early, authority), "not valid yet", "UTC", "clock")


@suite.test
def a_broker_without_tls_is_told(env):
    authority = Authority(env)
    broker = Mosquitto(env)
    broker.secure_port = broker.port
    check_broker_trouble(env, tls(broker, authority), f"port {broker.port} does not speak TLS")


@suite.test
def a_broker_that_wants_tls_is_told_to_who_does_not_use_it(env):
    broker = SecureMosquitto(env, Authority(env).issue("broker", NAMES))
    check_broker_trouble(env, {"host": "127.0.0.1", "port": broker.secure_port},
                         "closed the connection", "may want TLS")


@suite.test
def a_client_certificate_is_shown_where_the_broker_wants_one(env):
    authority, other = Authority(env), Authority(env, "other")
    files = [authority.issue("broker", NAMES), authority.issue("amphora"), other.issue("stranger"),
             authority.issue("late", begins=-3, ends=-1)]
    for version in ("tlsv1.2", "tlsv1.3"):
        broker = SecureMosquitto(env, files[0], f"cafile {authority.ca}\n"
                                                f"require_certificate true\ntls_version {version}")
        right, stranger, late = (
            tls(broker, authority, tls_certificate=str(certificate), tls_key=str(key))
            for certificate, key in files[1:])
        check_broker_trouble(env, tls(broker, authority), "client certificate", "tls_key")
        check_broker_trouble(env, stranger, "our certificate", "stranger.pem")
        check_broker_trouble(env, late, "our certificate", "late.pem")
        daemon = Amphorad(env, house(env, None, [], mqtt=right), name=version)
        wait_until(lambda: daemon.state()["broker"]["connected"], "the broker")
        broker.stop()


@suite.test
def files_of_tls_that_cannot_serve_are_refused_by_name(env):
    authority = Authority(env)
    certificate, key = authority.issue("amphora")
    _, another = authority.issue("other")
    open_key = env.write("open.pem", key.read_text(), 0o644)
    text = env.write("text", "hello\n", 0o600)
    for changes, words in (
            ({"tls_ca": "/no/ca"}, ["/no/ca", "No such file"]),
            ({"tls_ca": str(text)}, [str(text), "no certificate"]),
            ({"tls_certificate": str(text), "tls_key": str(key)}, [str(text), "no certificate"]),
            ({"tls_certificate": str(certificate), "tls_key": str(open_key)}, ["chmod 600"]),
            ({"tls_certificate": str(certificate), "tls_key": str(text)}, ["no private key"]),
            ({"tls_certificate": str(certificate), "tls_key": str(another)}, ["does not belong"])):
        settings = {"host": "127.0.0.1", "tls": "required", "tls_ca": str(authority.ca)}
        text_of = yaml_text(house(env, None, [], mqtt=dict(settings, **changes)))
        config = env.write("house.yaml", text_of)
        code, _, error = env.run("amphorad", "--config", config, "--check-config")
        equal(code, 1, f"exit code of --check-config ({error})")
        for word in words:
            assert word in error, f"{word!r} is not in {error!r}"


@suite.test
def a_sensor_publishes_over_tls(env):
    authority = Authority(env)
    files = authority.issue("broker", NAMES)
    broker = SecureMosquitto(env, files, f"cafile {authority.ca}\nrequire_certificate true")
    certificate, key = authority.issue("b1")
    daemon = Amphorad(env, house(env, broker, []))
    Sensor(env, "b1", "--broker", f"127.0.0.1:{broker.secure_port}", "--tls-ca", authority.ca,
           "--tls-certificate", certificate, "--tls-key", key, "--interval", 1)
    wait_until(lambda: daemon.rows("battery_data"), "a reading")
    other = Authority(env, "other")
    stranger = Sensor(env, "b2", "--broker", f"127.0.0.1:{broker.secure_port}", "--tls-ca",
                      other.ca)
    stranger.process.wait_for("not signed by a CA in")


# --- what is not encrypted, and the socket --------------------------------------------------


@suite.test
def what_leaves_the_machine_in_the_open_is_said_at_the_start_and_in_the_status(env):
    relays = [{"id": "r1", "battery": "b1", "role": "source", "uri": "coap://192.0.2.11/relay"},
              {"id": "r2", "battery": "b1", "role": "load", "uri": "coap://127.0.0.1:9/relay"}]
    store = {"path": str(env.path("amphorad.db")),
             "server": {"host": "192.0.2.9", "tls": "off"}}
    daemon = Amphorad(env, house(env, None, relays, store=store, mqtt={"host": "192.0.2.8"}))
    said = [line for line in daemon.said().splitlines() if "not encrypted" in line]
    equal(len(said), 3, f"lines of the start that speak of it: {said}")
    for line, word in zip(said, ("192.0.2.8:1883", "relay r1 (coap://192.0.2.11/relay)",
                                 "192.0.2.9:3306")):
        assert "warning" in line and word in line, line
    code, out, _ = daemon.cli("status")
    equal(code, 0, "exit code of status")
    assert "not encrypted: mqtt 192.0.2.8:1883, relay r1, server 192.0.2.9:3306" in out, out
    channels = daemon.json("status")["unencrypted"]
    equal([entry["channel"] for entry in channels], ["mqtt", "relay", "server"], "channels")
    assert all(entry["words"].startswith("not encrypted: ") for entry in channels), channels


@suite.test
def the_socket_is_for_a_group_and_who_is_not_in_it_is_told_its_name(env):
    if os.geteuid() != 0:
        skip("needs root, to become somebody else")
    group = grp.getgrnam("games")
    nobody = pwd.getpwnam("nobody")
    env.dir.chmod(0o755)
    path = env.path("run") / "amphora.sock"
    daemon = Amphorad(env, {"mqtt": {"host": ""},
                            "api": {"socket": str(path), "group": "games"}})
    status = path.stat()
    equal((status.st_mode & 0o777, status.st_uid, status.st_gid), (0o660, 0, group.gr_gid),
          "mode and owners of the socket")
    program = env.path("amphora-copy")
    program.write_bytes(env.program("amphora").read_bytes())
    program.chmod(0o755)

    def run_as_nobody(groups):
        return subprocess.run([program, "--socket", daemon.socket, "status"], user=nobody.pw_uid,
                              group=nobody.pw_gid, extra_groups=groups, capture_output=True,
                              text=True, timeout=60)

    denied = run_as_nobody([])
    equal(denied.returncode, 4, f"exit code of who is not in the group ({denied.stderr})")
    for word in ("permission denied", "the group games", "usermod -aG games"):
        assert word in denied.stderr, denied.stderr
    allowed = run_as_nobody([group.gr_gid])
    equal(allowed.returncode, 0, f"exit code of who is in the group ({allowed.stderr})")


@suite.test
def a_group_that_is_not_known_is_refused(env):
    config = env.write("house.yaml", yaml_text({"api": {"group": "no-such-group"}}))
    code, _, error = env.run("amphorad", "--config", config, "--check-config")
    equal(code, 1, "exit code")
    assert "no-such-group" in error and "addgroup" in error, error


suite.run()
