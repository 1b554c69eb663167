"""What amphorad says before it runs: by --check-config, and when it cannot start."""

import json
import os

from harness import ROOT, Amphorad, Mosquitto, Suite, equal, wait_until, yaml_text

suite = Suite("start")

BATTERY = {"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}
RELAYS = [{"id": "r1", "battery": "b1", "role": "source", "uri": "coap://127.0.0.1:9/relay"},
          {"id": "r2", "battery": "b1", "role": "load", "uri": "coap://127.0.0.1:10/relay"}]


def house(env, **changes):
    """A configuration that is right, with `changes`."""
    config = {
        "mqtt": {"host": "127.0.0.1", "port": 9},
        "store": {"path": str(env.path("journal.db"))},
        "api": {"socket": str(env.path("amphora.sock"))},
        "batteries": [BATTERY],
        "relays": RELAYS,
    }
    config.update(changes)
    return config


def check(env, config, environment=None):
    """Runs --check-config; returns (exit code, standard output, standard error)."""
    path = env.write("house.yaml", yaml_text(json.loads(json.dumps(config))))
    return env.run("amphorad", "--config", path, "--check-config", environment=environment)


def is_refused(env, config, *words):
    """By --check-config and by the start, with the same words and no others before them."""
    code, out, error = check(env, config)
    equal((code, out), (1, ""), "exit code and output of --check-config")
    daemon = Amphorad(env, config, is_started=False)
    daemon.start(is_awaited=False)
    equal(daemon.process.wait(), 1, "exit code of the start")
    for word in words:
        assert word in error, f"{word!r} is not in what --check-config says: {error}"
        assert word in daemon.said(), f"{word!r} is not in what the start says: {daemon.said()}"


@suite.test
def a_configuration_that_is_right_is_ok_without_a_word_of_warning(env):
    code, out, error = check(env, house(env))
    equal((code, error), (0, ""), "exit code and standard error")
    assert out.endswith("house.yaml: ok\n"), out
    assert not env.path("journal.db").exists(), "a check has made a journal"


@suite.test
def what_energy_costs_today_is_said_by_the_clock_of_the_house(env):
    code, out, error = check(env, house(env, zone="Asia/Kolkata", prices={
        "import": {"tariff": [{"price": 0.12, "hours": "23:30-05:30"}, {"price": 0.3}]},
        "export": -0.05, "currency": "INR"}),
        environment=dict(os.environ, TZ="America/Los_Angeles"))
    equal((code, error), (0, ""), "exit code and standard error")
    assert out.startswith("import today, INR/kWh: 0.12, from 05:30 0.3, from 23:30 0.12\n"
                          "export today, INR/kWh: -0.05\n"), out


@suite.test
def a_token_that_leaves_the_machine_in_the_open_is_warned_of(env):
    token = env.write("token", "secret\n", 0o600)
    for url, is_warned in (("http://10.0.0.1/p", True), ("https://10.0.0.1/p", False),
                           ("http://127.0.0.1/p", False)):
        code, out, error = check(env, house(env, prices={"import": {
            "url": url, "unit": "EUR/kWh", "token_file": str(token)}}))
        equal((code, f"import from {url}, asked every 60 min" in out), (0, True), f"{out} {error}")
        equal("prices.import sends its token in the open to http://10.0.0.1/p" in error, is_warned, error)
    token.chmod(0o644)
    code, _, error = check(env, house(env, forecast={"pv": {
        "url": "https://10.0.0.1/p", "unit": "W", "token_file": str(token)}}))
    equal((code, "forecast.pv: " in error and str(token) in error), (1, True), error)


@suite.test
def the_examples_are_right_but_for_the_files_and_the_group_that_are_not_here(env):
    for name in ("minimal.yaml", "amphora.yaml"):
        _, _, error = env.run("amphorad", "--config", ROOT / "examples" / name, "--check-config")
        rest = [line for line in error.splitlines() if "No such file" not in line and
                "not encrypted" not in line and "no group" not in line and
                "is not there yet" not in line]
        equal(rest, [], f"what is wrong with examples/{name}")


@suite.test
def a_zone_that_is_not_known_is_refused(env):
    is_refused(env, house(env, zone="Mars/Olympus"), '"Mars/Olympus"', "tzdata")


@suite.test
def a_password_file_that_cannot_serve_is_refused_with_its_name_and_why(env):
    env.path("directory").mkdir()
    for name, text, mode, words in (("nothing", None, 0, "No such file"),
                                    ("open", "secret\n", 0o644, "others may read"),
                                    ("empty", "\nsecret\n", 0o600, "holds no password"),
                                    ("long", "x" * 300, 0o600, "more than"),
                                    ("directory", None, 0, "is a directory")):
        path = env.path(name) if text is None else env.write(name, text, mode)
        broker = {"host": "127.0.0.1", "port": 9, "user": "amphora", "password_file": str(path)}
        is_refused(env, house(env, mqtt=broker), str(path), words)
        server = {"host": "127.0.0.1", "password_file": str(path)}
        is_refused(env, house(env, store={"path": str(env.path("journal.db")), "server": server}),
                   str(path), words)


@suite.test
def certificates_that_cannot_be_read_are_refused_with_their_name(env):
    for path, words in ((env.path("nothing"), "No such file"), (env.dir, "directory"),
                        (env.write("text", "hello\n"), "no certificate")):
        server = {"host": "127.0.0.1", "tls_ca": str(path)}
        is_refused(env, house(env, store={"path": str(env.path("journal.db")), "server": server}),
                   "tls_ca", str(path), words)


@suite.test
def all_that_is_wrong_is_said_at_once(env):
    code, _, error = check(env, house(env, zone="Mars/Olympus",
                                      mqtt={"host": "h", "user": "u", "password_file": "/no/m"},
                                      store={"server": {"host": "h", "password_file": "/no/s"}}))
    equal(code, 1, "exit code")
    for word in ("Mars/Olympus", "/no/m", "/no/s"):
        assert word in error, f"{word!r} is not in {error}"


@suite.test
def what_will_be_watched_only_is_warned_of_and_is_no_error(env):
    for changes, words in (
            ({"relays": []}, ["battery b1", "watched only", "no relay"]),
            ({"batteries": [{"id": "b1"}]}, ["battery b1", "watched only", "chemistry"]),
            ({"batteries": [], "relays": []}, ["no battery"])):
        code, out, error = check(env, house(env, **changes))
        equal(code, 0, f"exit code ({error})")
        assert out.endswith("ok\n"), out
        for word in ["warning", *words]:
            assert word in error, f"{word!r} is not in {error!r}"


@suite.test
def a_relay_that_can_never_be_reached_is_warned_of(env):
    relays = [{"id": "r1", "battery": "b1", "role": "source"}, RELAYS[1]]
    listen = "127.0.0.1:5683"
    for coap, is_warned in ((None, True), ({"listen": listen}, True),
                            ({"listen": listen, "allow": ["r2"]}, True),
                            ({"listen": listen, "allow": ["r1"]}, False),
                            ({"listen": listen, "pairing": "open"}, False)):
        changes = {"coap": coap} if coap else {}
        code, _, error = check(env, house(env, relays=relays, **changes))
        equal(code, 0, f"exit code ({error})")
        equal("relay r1 can never be commanded" in error, is_warned, f"warned with {coap}: {error}")


@suite.test
def a_directory_that_is_made_for_the_journal_is_told(env):
    path = env.path("store") / "deep" / "journal.db"
    config = house(env, store={"path": str(path)}, mqtt={"host": ""})
    code, _, error = check(env, config)
    equal(code, 0, "exit code")
    assert "not there yet" in error and not path.parent.exists(), error
    daemon = Amphorad(env, config)
    assert f"made the directory {path.parent}, which was not there" in daemon.said(), daemon.said()
    daemon.restart()
    equal(daemon.said().count("made the directory"), 2, "directories that were made")


class PackagedBroker(Mosquitto):
    """A broker with packaging/mosquitto.conf, on a port and in a directory of the test's."""

    def __init__(self, env, users):
        super().__init__(env, users)
        self.stop()
        text = (ROOT / "packaging/mosquitto.conf").read_text()
        for there, here in (("listener 1883", f"listener {self.port} 127.0.0.1"),
                            ("/etc/mosquitto/passwd", str(env.path("mosquitto.passwords")))):
            assert there in text, f"{there!r} is not in packaging/mosquitto.conf"
            text = text.replace(there, here)
        user = "user root\n" if os.geteuid() == 0 else ""
        self.config.write_text(f"{text}\npersistence_location {env.dir}/\n{user}")
        self.start()


@suite.test
def the_packaged_broker_keeps_what_queues_over_its_own_restart(env):
    broker = PackagedBroker(env, {"amphora": "right", "b1": "also"})
    password = env.write("password", "right\n", 0o600)
    daemon = Amphorad(env, {"mqtt": {"host": "127.0.0.1", "port": broker.port, "user": "amphora",
                                     "password_file": str(password)}, "batteries": [BATTERY]})
    daemon.await_live()
    equal(daemon.stop(), 0, "exit code")
    for soc in (50, 51, 52):
        broker.publish("amphora/b1/battery", {"node": "b1", "SoC": soc, "Temp": 20}, user="b1",
                       password="also")
    broker.stop()
    broker.start()
    daemon.start()
    wait_until(lambda: daemon.rows("battery_data", "soc_pct") == [(50,), (51,), (52,)],
               "what queued to be stored")


@suite.test
def a_start_does_not_say_that_the_broker_is_back_before_it_is(env):
    broker = {"host": "127.0.0.1", "port": 9}
    daemon = Amphorad(env, {"mqtt": broker, "batteries": [BATTERY]})
    wait_until(lambda: "broker-away" in daemon.alerts(), "the alert")
    daemon.restart()
    wait_until(lambda: "broker-away" in daemon.alerts(), "the alert of the second start")
    assert "connected again" not in daemon.said(), daemon.said()


suite.run()
