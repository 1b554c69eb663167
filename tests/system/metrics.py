"""GET /metrics: what a Prometheus reads, held against the format's own rules and the daemon's state."""

import http.client
import json
import re
import subprocess

from harness import Amphorad, Mosquitto, Relay, Suite, equal, skip, wait_until
from scene import SPEED, Scene
from web_access import ask, log_in, own, port_of, with_user

suite = Suite("metrics")

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.e+-]+|NaN|[+-]Inf)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
UNITS = ("seconds", "ratio", "celsius", "watts", "volts", "amperes", "joules", "bytes")
FOREIGN = ("ms", "percent", "pct", "w", "wh", "kwh", "kilobytes", "mb", "minutes", "hours", "s", "c")


def labels_of(text):
    """The labels between braces, all of which must be labels."""
    found = LABEL.findall(text or "")
    equal("".join(f'{name}="{value}",' for name, value in found), f"{text}," if text else "",
          "labels")
    return dict(found)


class Metrics:
    """A parser that takes nothing but what the format allows, and what it found."""

    def __init__(self, text):
        assert text.endswith("\n"), "the last line has no end"
        self.types, self.samples, family = {}, {}, None
        lines = iter(text.splitlines())
        for line in lines:
            if line.startswith("# HELP "):
                family, help_text = line[7:].split(" ", 1)
                assert family not in self.types and help_text, line
                kind = next(lines)
                assert kind in (f"# TYPE {family} gauge", f"# TYPE {family} counter"), kind
                self.types[family] = kind.split()[-1]
                continue
            match = SAMPLE.fullmatch(line)
            assert match and match.group(1) == family, f"{line} after {family}"
            key = (family, tuple(sorted(labels_of(match.group(2)).items())))
            assert key not in self.samples, f"twice: {key}"
            self.samples[key] = float(match.group(3))

    def get(self, name, **labels):
        """The value of the one sample that has these labels among its own; None: there is none."""
        found = [value for (family, has), value in self.samples.items()
                 if family == name and set(labels.items()) <= set(has)]
        assert len(found) <= 1, f"{name}{labels}: {found}"
        return found[0] if found else None


def scrape(home):
    connection = home.http("GET", "/metrics")
    equal(connection[0], 200, f"status: {connection[1]}")
    return connection[1]


def metrics(home):
    return Metrics(scrape(home))


def house(env, batteries=1, **more):
    """A daemon with a broker and a relay that answers, and the broker."""
    broker = Mosquitto(env)
    relay = Relay(env, "r1")
    home = Amphorad(env, {
        "mqtt": {"host": "127.0.0.1", "port": broker.port, "client_id": "amphora-test"},
        "batteries": [{"id": f"b{n + 1}", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}
                      for n in range(batteries)],
        "relays": [{"id": "r1", "battery": "b1", "role": "source", "uri": relay.uri}], **more})
    home.await_live()
    return home, broker


def publish(broker, seq, soc=55.2, node="b1", **more):
    broker.publish(f"amphora/{node}/battery",
                   json.dumps({"node": node, "SoC": soc, "Temp": 24.1, "seq": seq, **more}))


# ---- the format

@suite.test
def the_format_and_its_customs_are_kept(env):
    home, broker = house(env, batteries=3)
    publish(broker, 1, power=1200)
    wait_until(lambda: metrics(home).get("amphora_battery_soc_ratio", battery="b1"), "a reading")
    found = metrics(home)
    for name, kind in found.types.items():
        words = name.split("_")
        equal(name.endswith("_total"), kind == "counter", f"_total of {name}")
        assert words[0] in ("amphora", "process"), name
        assert not set(words[1:]) & set(FOREIGN), f"{name} is not in a base unit"
        if set(words) & set(UNITS):
            assert (words[-2] if kind == "counter" else words[-1]) in UNITS, f"unit of {name}"
    for (name, labels), value in found.samples.items():
        if name.endswith("_ratio"):
            assert 0 <= value <= 1, (name, value)
        assert found.types[name] == "gauge" or value >= 0, (name, value)
        assert len(labels) <= 4, (name, labels)


@suite.test
def a_parser_that_is_not_ours_understands_it(env):
    home, _ = house(env)
    program = ("import sys\n"
               "from prometheus_client.parser import text_string_to_metric_families as parse\n"
               "for family in parse(sys.stdin.read()):\n"
               "    assert family.documentation and family.type in ('gauge', 'counter'), family\n"
               "    print(family.name, len(family.samples))\n")
    there = subprocess.run(["/usr/bin/python3", "-c", "import prometheus_client"],
                           capture_output=True, check=False)
    if there.returncode != 0:
        skip("python3-prometheus-client is not installed")
    text = scrape(home)
    done = subprocess.run(["/usr/bin/python3", "-c", program], input=text, text=True,
                          capture_output=True, check=False)
    equal(done.returncode, 0, f"exit code: {done.stderr}")
    counted = sum(int(line.split()[1]) for line in done.stdout.splitlines())
    equal(counted, len(Metrics(text).samples), "samples")


@suite.test
def the_content_type_names_the_version(env):
    home, _ = house(env, web={"listen": "127.0.0.1:0"})
    connection = http.client.HTTPConnection("127.0.0.1", port_of(home), timeout=30)
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    Metrics(answer.read().decode())
    equal((answer.status, answer.headers["Content-Type"]),
          (200, "text/plain; version=0.0.4; charset=utf-8"), "answer")


# ---- what it says

@suite.test
def values_are_those_of_the_state_in_base_units(env):
    home, broker = house(env)
    publish(broker, 1, power=-1200)
    wait_until(lambda: metrics(home).get("amphora_battery_soc_ratio", battery="b1"), "a reading")
    found, state = metrics(home), home.state()
    battery = state["batteries"][0]
    equal(found.get("amphora_battery_soc_ratio", battery="b1", node="b1"), 0.552, "SoC")
    equal(found.get("amphora_battery_temperature_celsius", battery="b1"), 24.1, "temperature")
    equal(found.get("amphora_battery_power_watts", battery="b1"), battery["power_w"], "power")
    equal(found.get("amphora_battery_capacity_joules", battery="b1"), 36e6, "capacity")
    equal(found.get("amphora_battery_reserve_ratio", battery="b1"), battery["reserve_pct"] / 100,
          "reserve")
    assert 0 <= found.get("amphora_battery_reading_age_seconds", battery="b1") < 30
    equal(found.get("amphora_battery_reading_live", battery="b1"), 1, "whether it is live")
    equal(found.get("amphora_build_info", version=state["version"]), 1, "build")
    equal(found.get("amphora_broker_connected"), 1, "broker")
    equal(found.get("amphora_journal_up"), 1, "journal")
    wait_until(lambda: metrics(home).get("amphora_journal_readings_total") == 1, "a stored one")
    wait_until(lambda: metrics(home).get("amphora_journal_last_commit_age_seconds") is not None,
               "a commit")
    assert metrics(home).get("amphora_journal_commits_total") >= 1
    assert metrics(home).get("amphora_journal_written_bytes_total") > 0
    assert found.get("process_resident_memory_bytes") > 1e6
    assert 0 < found.get("process_cpu_seconds_total") < 600
    equal(found.get("amphora_http_connections", listener="unix"), 1, "who asks")
    equal(found.get("amphora_http_connections", listener="tcp"), 0, "over TCP")


@suite.test
def readings_are_counted_by_what_became_of_them(env):
    home, broker = house(env)
    publish(broker, 1)
    publish(broker, 1)
    broker.publish("amphora/b1/battery", "no JSON")
    wait_until(lambda: metrics(home).get("amphora_readings_received_total") == 3, "three")
    found = metrics(home)
    equal(found.get("amphora_readings_accepted_total"), 1, "accepted")
    equal(found.get("amphora_readings_duplicate_total"), 1, "known")
    refused = home.state()["readings"]["refused"]
    equal({reason: found.get("amphora_readings_refused_total", reason=reason)
           for reason in refused}, refused, "refused by reason")


@suite.test
def what_is_not_known_has_no_sample(env):
    home, _ = house(env)
    found = metrics(home)
    for name in ("soc_ratio", "temperature_celsius", "power_watts", "reading_age_seconds"):
        equal(found.get(f"amphora_battery_{name}", battery="b1"), None, name)
    equal(found.get("amphora_battery_reading_live", battery="b1"), 0, "whether it is live")
    equal(found.get("amphora_meter_power_watts", meter="grid"), None, "meter")
    equal(found.get("amphora_server_connected"), None, "a server that is not configured")


@suite.test
def a_relay_is_followed_to_its_confirmation(env):
    home = Scene(env).daemon
    wait_until(lambda: metrics(home).get("amphora_relay_confirmed", relay="r1") == 1 and
               metrics(home).get("amphora_relay_on", relay="r1") == 1, "the relay", 60)
    found = metrics(home)
    equal(found.get("amphora_relay_on", relay="r1", battery="b1", role="source"), 1, "labels")
    assert 0 < found.get("amphora_relay_lease_left_seconds", relay="r1") <= 600
    equal(found.get("amphora_relay_wished_on", relay="r1"), 1, "wish")
    equal(found.get("amphora_relay_on", relay="r2", role="load"), 0, "the other relay")
    equal(found.get("amphora_clock_factor"), SPEED, "clock")
    assert found.get("amphora_relay_commands_total", relay="r1") >= 1
    assert found.get("amphora_relay_command_ends_total", relay="r1", end="confirmed") >= 1
    equal(found.get("amphora_relay_command_ends_total", relay="r1", end="mismatch"), 0, "others")
    equal(found.get("amphora_battery_intent", battery="b1", intent="charge"), 1, "intent")
    equal(found.get("amphora_battery_intent", battery="b1", intent="discharge"), 0, "the other")


@suite.test
def active_alerts_are_counted_by_level(env):
    home, broker = house(env)
    broker.stop()
    wait_until(lambda: "broker-away" in home.alerts() and
               metrics(home).get("amphora_broker_connected") == 0, "the alert", 60)
    found, alerts = metrics(home), home.alerts()
    for level in ("notice", "warning", "alarm"):
        equal(found.get("amphora_alerts_active", level=level),
              sum(alert["level"] == level for alert in alerts.values()), level)


# ---- bounded, and for whom

@suite.test
def nodes_that_nobody_configured_add_nothing(env):
    home, broker = house(env)
    before = {key for key in metrics(home).samples}
    for number in range(40):
        publish(broker, 1, node=f"stranger{number}")
    wait_until(lambda: len(home.state()["batteries"]) == 1 and
               sum(node["kind"] == "unknown" for node in home.json("nodes")["nodes"]) == 40,
               "strangers")
    after = metrics(home)
    assert not [key for key in after.samples if "stranger" in str(key)], after.samples
    known = {"amphora_journal_last_commit_age_seconds"}
    equal({name for name, _ in set(after.samples) - before} - known, set(), "new samples")


@suite.test
def it_is_for_who_may_read(env):
    home, _ = house(env, web={"listen": "127.0.0.1:0", "proxy": ["127.0.0.1"]})
    port = port_of(home)
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}

    def status(headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/metrics", headers=forwarded | headers)
        return connection.getresponse().status

    equal(status({}), 401, "without a login")
    with_user(home, "guest", "view")
    cookie = log_in(port, "guest", headers=forwarded)[2]
    equal(status(own(port, cookie)), 200, "with a session")
    token = home.http("POST", "/api/v1/tokens", {"name": "prometheus", "role": "view"})[1]["token"]
    equal(status({"Authorization": "Bearer " + token}), 200, "with a token")
    equal(status({"Authorization": "Bearer x"}), 401, "with another")
    equal(ask(port, "GET", "/state", headers=forwarded)[0], 401, "as reading is")


if __name__ == "__main__":
    suite.run()
