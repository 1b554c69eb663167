"""The programs that system tests run: broker, daemon, nodes, house, database. See harness.py."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time

from suite import DEADLINE_S, ROOT, find_program, free_port, free_udp_port, skip, wait_until


class Mosquitto:
    """A private broker. `users` ({name: password}) closes it to anonymous clients."""

    def __init__(self, env, users=None, is_persistent=False, extra="", port=None):
        self.env = env
        self.port = port or free_port()
        self.database = env.path("mosquitto.db")
        lines = [
            f"listener {self.port} 127.0.0.1",
            "max_queued_messages 1000000",
            "max_queued_bytes 0",
            "max_packet_size 1048576",
            "set_tcp_nodelay true",
            "log_dest stderr",
            "log_type error", "log_type warning", "log_type notice", "log_type subscribe",
        ]
        if os.geteuid() == 0:
            lines.append("user root")
        if users:
            lines += ["allow_anonymous false", f"password_file {self.password_file(users)}"]
        else:
            lines.append("allow_anonymous true")
        if is_persistent:
            lines += ["persistence true", f"persistence_location {env.dir}/",
                      "persistence_file mosquitto.db", "autosave_interval 1",
                      "autosave_on_changes true"]
        self.config = env.write("mosquitto.conf", "\n".join(lines) + "\n" + extra + "\n")
        self.process = None
        self.start()

    def password_file(self, users):
        path = self.env.write("mosquitto.passwords", "", 0o600)
        for user, password in users.items():
            code, _, error = self.env.run("mosquitto_passwd", "-b", path, user, password)
            assert code == 0, error
        return path

    def start(self):
        self.process = self.env.start("mosquitto", "-c", self.config)
        wait_until(self.is_listening, "the broker")

    def is_listening(self):
        assert self.process.is_running(), "the broker has ended"
        with socket.create_connection(("127.0.0.1", self.port), 1):
            return True

    def stop(self):
        # A SIGTERM is lost that comes while mosquitto begins: it sets run = 1 after its handler.
        again = threading.Timer(2, self.process.signal, (signal.SIGTERM,))
        again.start()
        self.process.stop()
        again.cancel()

    def kill(self):
        self.process.kill()

    def forget(self):
        """Removes what the stopped broker kept: sessions, queued and retained messages."""
        self.database.unlink(missing_ok=True)

    def publish(self, topic, payload, qos=1, retain=False, user=None, password=None):
        """Publishes one message with mosquitto_pub and waits until the broker has it."""
        payload = payload if isinstance(payload, (str, bytes)) else json.dumps(payload)
        arguments = [find_program("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(self.port),
                     "-q", str(qos), "-t", topic, "-s" if payload else "-n"]
        arguments += ["-r"] if retain else []
        arguments += ["-u", user, "-P", password] if user else []
        body = payload.encode() if isinstance(payload, str) else payload
        subprocess.run(arguments, input=body, check=True, timeout=DEADLINE_S, capture_output=True)

    def publish_lines(self, topic, payloads):
        """Publishes each payload as a message of its own, QoS 1, over one connection."""
        arguments = [find_program("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(self.port),
                     "-q", "1", "-t", topic, "-l"]
        subprocess.run(arguments, input="\n".join(payloads), text=True, check=True,
                       timeout=DEADLINE_S, capture_output=True)

    def publish_each(self, messages):
        """Publishes many messages {topic: payload}, QoS 0 and retained, over one connection."""
        packets = [b"\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05flood"]
        for topic, payload in messages.items():
            body = len(topic).to_bytes(2, "big") + topic.encode() + payload.encode()
            length, rest = b"", len(body)
            while True:
                rest, digit = divmod(rest, 128)
                length += bytes([digit | (128 if rest else 0)])
                if not rest:
                    break
            packets.append(b"\x31" + length + body)
        packets.append(b"\xe0\x00")
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE_S) as connection:
            connection.sendall(b"".join(packets))
            while connection.recv(4096):
                pass

    def subscribe(self, topic, name="subscriber"):
        """Starts mosquitto_sub on `topic`; its log has a line `topic payload` per message."""
        identity = f"{name}-{time.monotonic_ns()}"
        process = self.env.start("mosquitto_sub", "-h", "127.0.0.1", "-p", self.port, "-q", 1,
                                 "-i", identity, "-v", "-t", topic, name=name)
        self.process.wait_for(f": {identity} 1 {topic}")
        return process


class Amphorad:
    """The daemon with a configuration (dict or YAML text), its API on a private socket.

    A dict gets `store.path` and `api.socket` in the test's directory where it
    has none, and no `web.listen` unless it says one; `arguments` go to the program after --config.
    """

    def __init__(self, env, config, clock=None, name="amphorad", arguments=(), environment=None,
                 is_started=True):
        self.env = env
        self.name = name
        self.socket = env.path(f"{name}.sock")
        self.store = env.path(f"{name}.db")
        self.arguments = list(arguments)
        self.environment = environment
        if clock:
            self.arguments += ["--clock", str(clock)]
        self.config = env.path(f"{name}.yaml")
        self.process = None
        self.configure(config)
        if is_started:
            self.start()

    def configure(self, config):
        """Writes the configuration; takes effect at the next start()."""
        if isinstance(config, dict):
            config = json.loads(json.dumps(config))
            config.setdefault("store", {}).setdefault("path", str(self.store))
            config.setdefault("api", {}).setdefault("socket", str(self.socket))
            config.setdefault("web", {}).setdefault("listen", "off")
            self.store = pathlib.Path(config["store"]["path"])
            self.socket = pathlib.Path(config["api"]["socket"])
            config = yaml_text(config)
        self.config.write_text(config)

    def start(self, is_awaited=True):
        self.env.program("amphorad")
        self.process = self.env.start("amphorad", "--config", self.config, *self.arguments,
                                      name=self.name, environment=self.environment)
        if is_awaited:
            wait_until(self.is_answering, f"{self.name}'s API")

    def is_answering(self):
        if not self.process.is_running():
            raise AssertionError(f"{self.name} has ended with {self.process.popen.returncode}")
        return self.http("GET", "/api/v1/state")[0] == 200

    def is_live(self):
        """Connected, and what arrives from now on was sent from now on. Before it is connected
        no marker is awaited yet, so that alone says nothing."""
        broker = self.state()["broker"]
        return broker["connected"] and not broker["marker_awaited"]

    def await_live(self):
        wait_until(self.is_live, "the marker's echo")

    def stop(self):
        return self.process.stop(60)

    def kill(self):
        return self.process.kill()

    def restart(self):
        self.stop()
        self.start()

    def said(self):
        return self.process.said()

    def cli(self, *arguments, input=None, environment=None, timeout=DEADLINE_S):
        """Runs `amphora ARGUMENTS` against this daemon; returns (code, out, err)."""
        environment = dict(environment or os.environ, AMPHORA_SOCKET=str(self.socket))
        return self.env.run("amphora", *arguments, input=input, environment=environment,
                            timeout=timeout)

    def json(self, *arguments):
        """What `amphora ARGUMENTS --json` prints, decoded; the exit code must be 0."""
        code, out, error = self.cli(*arguments, "--json")
        assert code == 0, f"amphora {' '.join(map(str, arguments))}: exit {code}: {error or out}"
        return json.loads(out)

    def http(self, method, path, body=None):
        """One request to the API; returns (status, decoded answer or text)."""
        connection = UnixConnection(self.socket)
        with contextlib.closing(connection):
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read().decode()
        try:
            return answer.status, json.loads(content)
        except ValueError:
            return answer.status, content

    def state(self):
        """What GET /api/v1/state answers."""
        status, answer = self.http("GET", "/api/v1/state")
        assert status == 200, f"state: {status} {answer}"
        return answer

    def alerts(self):
        """The active alerts, as {code: alert}."""
        status, answer = self.http("GET", "/api/v1/alerts")
        assert status == 200, f"alerts: {status} {answer}"
        return {entry["code"]: entry for entry in answer["alerts"] if entry["active"]}

    def rows(self, table, columns="*", where="1", order="rowid"):
        """Rows of the daemon's journal, read beside it, as tuples."""
        return sqlite_rows(self.store, f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {order}")


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=DEADLINE_S)
        self.unix_path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.unix_path)


class House:
    """amphora-house with `arguments`; say() sends a line to its control socket."""

    def __init__(self, env, *arguments, name="house"):
        self.env = env
        self.control = env.path(f"{name}.ctl")
        self.process = env.start("amphora-house", "--control", self.control, *arguments, name=name)
        wait_until(self.is_listening, "the house's control socket")

    def is_listening(self):
        assert self.process.is_running(), "the house has ended"
        return self.control.exists()

    def say(self, line):
        """Sends a command and returns the answer, decoded where it is JSON."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(DEADLINE_S)
            control.connect(str(self.control))
            control.sendall(line.encode() + b"\n")
            control.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: control.recv(65536), b"")).decode()
        try:
            return json.loads(answer)
        except ValueError:
            return answer

    def stop(self):
        return self.process.stop()


class Relay:
    """amphora-relay on a free loopback port."""

    def __init__(self, env, node, *arguments, port=None, name=None):
        self.env = env
        self.node = node
        self.port = port or free_udp_port()
        self.uri = f"coap://127.0.0.1:{self.port}/relay"
        self.arguments = ["--node", node, "--listen", f"127.0.0.1:{self.port}", *arguments]
        self.name = name or f"relay-{node}"
        self.process = None
        self.start()

    def start(self):
        self.process = self.env.start("amphora-relay", *self.arguments, name=self.name)
        wait_until(self.status, f"relay {self.node}")

    def status(self):
        assert self.process.is_running(), f"relay {self.node} has ended"
        return json.loads(coap(self.env, "get", self.uri))

    def command(self, payload):
        """PUT as a plain client does, without a number of ours unless `payload` has one."""
        return coap(self.env, "put", self.uri, payload)

    def stop(self):
        return self.process.stop()

    def kill(self):
        return self.process.kill()


class Sensor:
    """amphora-sensor with `arguments`."""

    def __init__(self, env, node, *arguments, name=None):
        self.process = env.start("amphora-sensor", "--node", node, *arguments,
                                 name=name or f"sensor-{node}")

    def stop(self):
        return self.process.stop()

    def kill(self):
        return self.process.kill()


def coap(env, method, uri, payload=None, seconds=3):
    """One request with libcoap's own client; returns what it prints: the body, or the error."""
    arguments = ["-B", seconds, "-m", method]
    if payload is not None:
        body = payload if isinstance(payload, str) else json.dumps(payload)
        arguments += ["-t", "application/json", "-e", body]
    code, out, error = env.run("coap-client-openssl", *arguments, uri)
    assert code == 0, error
    return out.strip() or error.strip()


class MariaDb:
    """A private MariaDB on a Unix socket, with database `amphora` (scripts/mariadb)."""

    def __init__(self, env, environment=None, extra=()):
        find_program("mariadbd")
        find_program("mariadb-install-db")
        self.env = env
        self.dir = env.path("mariadb")
        self.socket = self.dir / "mariadb.sock"
        self.environment = dict(os.environ, **(environment or {}))
        self.extra = list(extra)
        self.script = ROOT / "scripts" / "mariadb"
        env.at_end(lambda: self.run("stop"))
        self.start()

    def run(self, verb, *arguments, input=None):
        code, out, error = self.env.run(self.script, verb, self.dir, *arguments, input=input,
                                        timeout=120, environment=self.environment)
        assert code == 0, f"scripts/mariadb {verb}: {error}"
        return out

    def start(self):
        self.run("start", *self.extra)

    def stop(self):
        self.run("stop")

    def kill(self):
        """As in a power cut."""
        self.run("kill")

    def forget(self):
        """Removes the stopped server with its data."""
        shutil.rmtree(self.dir)

    def sql(self, statement):
        """Rows of a statement run as root in `amphora`, as lists of texts (NULL is 'NULL')."""
        lines = self.run("sql", input=f"USE amphora; {statement}").splitlines()
        return [line.split("\t") for line in lines]

    @property
    def password_file(self):
        """Password of the daemon's user `amphora`, who may INSERT and SELECT."""
        return self.dir / "amphora.password"

    @property
    def admin_password_file(self):
        """Password of the user `admin`, who may create tables and grant."""
        return self.dir / "admin.password"


@contextlib.contextmanager
def unwritable(store):
    """Keeps the daemon from writing its journal, as a stuck disk does; what is in it can be read."""
    lock = sqlite3.connect(store, timeout=30, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        lock.close()


def sqlite_rows(path, query, arguments=()):
    """Rows of a query on an SQLite file that another program may be writing."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as file:
        return file.execute(query, arguments).fetchall()


def yaml_text(value, indent=0):
    """A dict or list as YAML; texts are quoted, so that none is read as another type."""
    pad = "  " * indent
    if isinstance(value, dict):
        return "".join(f"{pad}{key}:{yaml_entry(entry, indent)}" for key, entry in value.items())
    return "".join(f"{pad}-{yaml_entry(entry, indent)}" for entry in value)


def yaml_entry(entry, indent):
    if isinstance(entry, (dict, list)) and entry:
        return "\n" + yaml_text(entry, indent + 1)
    return " " + json.dumps(entry) + "\n"


def comma_locale(env):
    """Environment variables of a locale with a decimal comma, made for this test."""
    if not pathlib.Path("/usr/share/i18n/locales/de_DE").exists():
        skip("the package locales is not installed")
    env.path("locale").mkdir()
    target = env.path("locale") / "de_DE.UTF-8"
    env.run("localedef", "-i", "de_DE", "-f", "UTF-8", target)
    return dict(os.environ, LOCPATH=str(env.path("locale")), LC_ALL="de_DE.UTF-8")
