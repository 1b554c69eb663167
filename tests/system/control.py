"""The main job on real parts: readings in, relays switched, whatever goes wrong around."""

import json
import os
import signal
import sqlite3
import time

from garage import SETTINGS, charge, house, is_live, reading, send, send_until, start
from harness import (Amphorad, Mosquitto, Relay, Sensor, Suite, coap, equal, free_udp_port,
                     unwritable, wait_until)

suite = Suite("control")

def why(daemon):
    return daemon.json("explain", "b1")


def words(daemon):
    return json.dumps(why(daemon), ensure_ascii=False)


@suite.test
def a_low_battery_is_charged_until_the_threshold_and_the_reasons_are_stored(env):
    broker, source, load, daemon = start(env)
    charge(broker, source, 29.9)
    assert "29.9 % is below 30 %" in words(daemon), words(daemon)
    wait_until(lambda: daemon.rows("rele_data", "relay", "state='on' AND phase='confirmed'"),
               "the confirmed state in rele_data")
    equal(load.status()["state"], "off", "the load relay")
    equal(set(daemon.rows("battery_data", "node, soc_pct, temp_c")), {("b1", 29.9, 20.0)}, "stored")
    assert daemon.rows("decision"), "no decision was stored"


@suite.test
def a_reading_outside_the_limits_opens_the_relay(env):
    broker, source, _, daemon = start(env)
    charge(broker, source, temp=6)
    send(broker, 20, 4.9)
    wait_until(lambda: source.status()["state"] == "off", "the relay to open")
    # The next one may have come first: then the latch speaks, with where it releases.
    assert "4.9 °C; charging " in words(daemon), words(daemon)


@suite.test
def a_message_out_of_range_opens_at_once_and_is_no_reading(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    send(broker, 186)
    wait_until(lambda: source.status()["state"] == "off", "the relay to open")
    assert "reading-out-of-range" in daemon.alerts(), daemon.alerts()
    wait_until(lambda: daemon.rows("refused"), "the refused message in the journal")
    equal(daemon.rows("battery_data", where="soc_pct > 100"), [], "impossible readings stored")


@suite.test
def what_cannot_be_read_is_counted_and_changes_nothing(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    bad = ["", "nonsense", "[1,2]", '{"node":"b1"}', '{"node":"b1","SoC":NaN,"Temp":20}',
           '{"node":"b1","SoC":"56,577","Temp":20}', '{"node":"b1","SoC":1e999,"Temp":20}',
           '{"node":"b2","SoC":33,"Temp":20}', '{"node":"b1","SoC":33,"SoC":34,"Temp":20}',
           "[" * 5000, b'{"node":"b1\xff","SoC":33,"Temp":20}', b"x" * 70000]
    for payload in bad:
        broker.publish("amphora/b1/battery", payload)
    wait_until(lambda: len(daemon.rows("refused")) == len(bad), "all of them in the journal")
    equal(source.status()["state"], "on", "the relay")
    equal(set(daemon.rows("battery_data", "node, soc_pct")), {("b1", 20.0)}, "what is stored")


@suite.test
def a_silent_sensor_opens_the_relay_and_is_named(env):
    broker, source, _, daemon = start(env, settings={**SETTINGS, "interval_s": 2,
                                                     "stale_after_s": 5})
    charge(broker, source)
    wait_until(lambda: source.status()["state"] == "off", "the relay to open")
    wait_until(lambda: "sensor-stale" in daemon.alerts(), "the alert")
    assert "5 s" in words(daemon), words(daemon)


@suite.test
def a_dead_daemon_leaves_no_relay_on(env):
    broker, source, _, daemon = start(env, settings={**SETTINGS, "interval_s": 2,
                                                     "stale_after_s": 5})
    charge(broker, source)
    daemon.kill()
    wait_until(lambda: source.status()["state"] == "off", "the lease to end")


@suite.test
def what_queued_while_we_were_away_is_stored_and_starts_nothing(env):
    broker, source, _, daemon = start(env)
    daemon.stop()
    for soc in range(29, 9, -1):
        broker.publish("amphora/b1/battery", reading(soc))
    daemon.start()
    wait_until(lambda: len(daemon.rows("battery_data")) == 20, "all queued readings")
    wait_until(lambda: is_live(daemon), "the marker's echo")
    equal([row[0] for row in daemon.rows("battery_data", "soc_pct")], list(range(29, 9, -1)),
          "stored in order")
    equal(source.status()["switches"], 0, "switches of the relay")
    charge(broker, source)


@suite.test
def a_retained_reading_is_recorded_and_never_acted_on(env):
    broker = Mosquitto(env)
    broker.publish("amphora/b1/battery", reading(20), retain=True)
    source = Relay(env, "r1")
    daemon = Amphorad(env, house(broker, {"r1": ("source", source.uri)}))
    wait_until(lambda: daemon.rows("battery_data"), "the row")
    broker.publish("amphora/b1/battery", reading(20))
    wait_until(lambda: len(daemon.rows("battery_data")) == 2, "the second row")
    equal(source.status()["switches"], 0, "switches of the relay")


@suite.test
def an_unknown_node_is_stored_or_refused_as_configured_and_never_controls(env):
    broker, source, _, daemon = start(env)
    broker.publish("amphora/stranger/battery", {"node": "stranger", "SoC": 5, "Temp": 20})
    wait_until(lambda: daemon.rows("battery_data", where="node='stranger'"), "the row")
    equal(source.status()["switches"], 0, "switches of the relay")
    daemon.stop()
    config = house(broker, {"r1": ("source", source.uri)})
    config["mqtt"]["unknown_nodes"] = "refuse"
    daemon.configure(config)
    daemon.start()
    broker.publish("amphora/stranger/battery", {"node": "stranger", "SoC": 6, "Temp": 20})
    wait_until(lambda: daemon.rows("refused"), "the refusal")
    equal(len(daemon.rows("battery_data", where="node='stranger'")), 1, "rows of the stranger")


@suite.test
def a_broker_that_is_away_at_the_start_and_later_is_waited_for(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    broker.stop()
    wait_until(lambda: "broker-away" in daemon.alerts(), "the alert")
    daemon.stop()
    daemon.start()
    broker.start()
    wait_until(lambda: is_live(daemon), "the connection", timeout=60)
    charge(broker, source)
    wait_until(lambda: "broker-away" not in daemon.alerts(), "the alert to clear")


@suite.test
def a_broker_that_forgot_our_session_is_subscribed_again(env):
    broker, source, _, daemon = start(env)
    broker.stop()
    broker.forget()
    broker.start()
    wait_until(lambda: is_live(daemon), "the connection", timeout=60)
    charge(broker, source)


@suite.test
def a_relay_that_is_away_at_the_start_is_found_when_it_comes(env):
    broker = Mosquitto(env)
    port = free_udp_port()
    daemon = Amphorad(env, house(broker, {"r1": ("source", f"coap://127.0.0.1:{port}/relay")}))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    send_until(broker, lambda: "charge" in words(daemon), "the wish to charge")
    source = Relay(env, "r1", port=port)
    charge(broker, source, timeout=90)


@suite.test
def a_relay_out_of_reach_is_a_timeout_and_another_is_not_held_up(env):
    broker, source, load, daemon = start(env)
    charge(broker, source)
    source.process.pause()
    send(broker, 95)
    wait_until(lambda: "relay-timeout" in daemon.alerts(), "the alert")
    source.process.resume()
    wait_until(lambda: source.status()["state"] == "off", "the relay to open")


@suite.test
def someone_elses_off_is_respected_and_reported(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    source.command({"state": "off"})
    wait_until(lambda: "relay-foreign" in daemon.alerts(), "the alert")
    send(broker, 20)
    equal(source.status()["state"], "off", "the relay")


@suite.test
def someone_elses_on_outside_the_envelope_is_undone_at_once(env):
    broker, source, _, daemon = start(env)
    send_until(broker, lambda: '"quality": "good"' in words(daemon), "a good reading", soc=97)
    source.command({"state": "on", "lease": 60})
    wait_until(lambda: source.status()["state"] == "off", "the relay to be opened")


@suite.test
def a_rebooted_relay_is_read_and_commanded_again(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    source.kill()
    source.start()
    wait_until(lambda: "relay-rebooted" in daemon.alerts(), "the reboot to be seen", timeout=60)
    charge(broker, source, timeout=90)


@suite.test
def two_daemons_with_one_client_id_say_so_and_switch_nothing(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    other = Amphorad(env, house(broker, {}), name="other")
    wait_until(lambda: "taken over" in daemon.said() + other.said(), "the words", timeout=60)
    other.stop()


@suite.test
def a_second_daemon_on_the_same_store_is_refused_with_its_reason(env):
    broker, _, _, daemon = start(env)
    config = house(broker, {}, store={"path": str(daemon.store)})
    other = Amphorad(env, config, name="other", is_started=False)
    other.start(is_awaited=False)
    equal(other.process.wait(), 1, "exit code")
    assert str(daemon.store) in other.said(), other.said()


@suite.test
def a_store_of_a_newer_version_or_out_of_reach_is_refused_with_its_reason(env):
    broker = Mosquitto(env)
    daemon = Amphorad(env, house(broker, {}))
    daemon.stop()
    with sqlite3.connect(daemon.store) as file:
        file.execute("PRAGMA user_version = 99")
    daemon.start(is_awaited=False)
    equal(daemon.process.wait(), 1, "exit code")
    assert "newer" in daemon.said(), daemon.said()
    daemon.configure(house(broker, {}, store={"path": "/proc/no/such/place.db"}))
    daemon.start(is_awaited=False)
    equal(daemon.process.wait(), 1, "exit code")
    assert "/proc/no/such/place.db" in daemon.said(), daemon.said()


@suite.test
def a_wrong_configuration_is_refused_with_file_line_key_and_what_is_allowed(env):
    config = env.write("wrong.yaml", "mqtt: {host: 127.0.0.1, prot: 1883}\n"
                                     "settings:\n  reserve_pct: 120\n"
                                     "relays:\n  - {id: r1, battery: b9, role: sauce}\n")
    code, _, error = env.run(env.program("amphorad"), "--config", config, "--check-config")
    equal(code, 1, "exit code")
    for expected in ("wrong.yaml:1", "prot", "port", "wrong.yaml:3", "reserve_pct", "0 to 95 %",
                     "wrong.yaml:5", "b9", "source, load"):
        assert expected in error, f"{expected!r} is not in:\n{error}"


@suite.test
def without_a_file_it_starts_and_watches(env):
    home = env.path("home")
    home.mkdir()
    environment = dict(os.environ, HOME=str(home), STATE_DIRECTORY=str(home),
                       RUNTIME_DIRECTORY=str(home))
    process = env.start("amphorad", environment=environment)
    if os.path.exists("/etc/amphora/amphora.yaml"):
        return
    wait_until(lambda: (home / "amphora.sock").exists(), "the socket")
    process.wait_for("commanding nothing")
    process.wait_for("running")
    equal(process.stop(), 0, "exit code")
    assert (home / "journal.db").exists(), "no journal"


def overrides(daemon):
    """What people want of which relay."""
    return {entry["relay"]: entry["state"] for entry in daemon.json("override", "list")}


@suite.test
def a_relay_that_is_held_off_leaves_the_other_to_the_rules(env):
    broker, source, load, daemon = start(env)
    charge(broker, source)
    code, out, error = daemon.cli("relay", "set", "r1", "off", "--for", "1h")
    equal(code, 0, error)
    assert "relay r1 is confirmed off" in out, out
    for name, value in (("charge_below", 5), ("charge_until", 10), ("discharge_until", 12),
                        ("discharge_above", 15)):
        equal(daemon.cli("set", name, str(value))[0], 0, f"exit code of set {name}")
    send_until(broker, lambda: load.status()["state"] == "on", "the load relay to close")
    equal(source.status()["state"], "off", "the source relay")
    equal(overrides(daemon), {"r1": "off"}, "overrides")


@suite.test
def an_override_says_what_it_ends_and_an_off_of_another_relay_stays(env):
    broker, source, load, daemon = start(env)
    charge(broker, source)
    code, out, error = daemon.cli("relay", "set", "r2", "on", "--for", "1h")
    equal(code, 0, error)
    equal(load.status()["state"], "on", "the load relay")
    send(broker, 20)
    code, out, error = daemon.cli("relay", "set", "r1", "on", "--for", "1h")
    equal(code, 0, error)
    assert "it replaces the override of r2 (on until 20" in out, out
    equal((source.status()["state"], load.status()["state"]), ("on", "off"), "the relays")
    equal(overrides(daemon), {"r1": "on"}, "overrides")
    for relay in ("r1", "r2"):
        equal(daemon.cli("relay", "set", relay, "off", "--for", "1h")[0], 0, "exit code")
    equal(overrides(daemon), {"r1": "off", "r2": "off"}, "overrides")


@suite.test
def an_override_that_a_limit_stops_later_stays_and_names_the_limit(env):
    broker, source, _, daemon = start(env)
    charge(broker, source, temp=6)
    equal(daemon.cli("relay", "set", "r1", "on", "--for", "1h")[0], 0, "exit code")
    send_until(broker, lambda: source.status()["state"] == "off", "the relay to open", temp=4)
    code, out, _ = daemon.cli("override", "list")
    assert "the battery is 4.0 °C; charging is allowed from 5.0 °C" in out, out
    assert "Not sent yet: the battery is" in daemon.cli("status")[1], daemon.cli("status")[1]
    charge(broker, source, temp=8)
    equal(overrides(daemon), {"r1": "on"}, "overrides")


@suite.test
def an_override_that_waits_for_dwell_is_not_confirmed_and_stays(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    equal(daemon.cli("set", "dwell_s", "600")[0], 0, "exit code")
    equal(daemon.cli("relay", "set", "r1", "off", "--for", "1h")[0], 0, "exit code")
    send(broker, 20)
    code, out, error = daemon.cli("relay", "set", "r1", "on", "--for", "1h")
    equal(code, 7, error)
    assert "relay r1 is not on yet: the relay opened " in error, error
    equal(overrides(daemon), {"r1": "on"}, "overrides")
    code, _, error = daemon.cli("relay", "set", "r1", "on", "--for", "1m")
    equal(code, 6, error)


@suite.test
def what_was_set_and_overridden_survives_a_kill(env):
    broker, source, _, daemon = start(env)
    equal(daemon.cli("set", "b1.reserve_pct", "35")[0], 0, "exit code of set")
    send_until(broker, lambda: len(daemon.rows("battery_data")) >= 4, "good readings", soc=60)
    equal(daemon.cli("override", "add", "b1", "charge", "--for", "2h")[0], 0, "exit code")
    charge(broker, source, 60)
    wait_until(lambda: daemon.rows("kept_relay", where="override_state='on'", order="1"),
               "the override to be stored")
    daemon.kill()
    daemon.start()
    wait_until(lambda: is_live(daemon), "the marker's echo")
    assert "35" in json.dumps(daemon.json("get", "b1.reserve_pct")), "the reserve is forgotten"
    wait_until(lambda: overrides(daemon) == {"r1": "on", "r2": "off"}, "the override")
    charge(broker, source, 60)


def interval(daemon):
    """What is said of how often b1's sensor sends."""
    return daemon.json("nodes")["nodes"][0]


@suite.test
def a_collection_interval_is_sent_to_the_node_and_confirmed_by_what_it_does(env):
    broker = Mosquitto(env)
    Sensor(env, "b1", "--broker", f"127.0.0.1:{broker.port}", "--interval", "1",
           "--driver", "simulated")
    daemon = Amphorad(env, house(broker, {}))
    wait_until(lambda: daemon.rows("battery_data"), "a reading")
    equal(daemon.cli("set", "b1.interval_s", "2")[0], 0, "exit code")
    wait_until(lambda: interval(daemon)["interval_confirmed"], "the interval to be confirmed")
    assert "as set" in daemon.cli("nodes")[1], daemon.cli("nodes")[1]


@suite.test
def a_sensor_that_is_asked_over_coap_is_told_its_interval_too(env):
    broker = Mosquitto(env)
    port = free_udp_port()
    Sensor(env, "b1", "--coap", str(port), "--interval", "1", "--driver", "simulated")
    config = house(broker, {})
    config["batteries"][0]["sensor"] = {"uri": f"coap://127.0.0.1:{port}/battery"}
    config["settings"]["interval_s"] = 2
    daemon = Amphorad(env, config)
    wait_until(lambda: interval(daemon)["interval_confirmed"], "the interval to be confirmed")


@suite.test
def a_node_that_says_one_interval_and_keeps_another_is_shown_with_both(env):
    broker = Mosquitto(env)
    config = house(broker, {})
    config["settings"]["interval_s"] = 5
    daemon = Amphorad(env, config)
    wait_until(lambda: is_live(daemon), "the marker's echo")

    def says_otherwise():
        broker.publish("amphora/b1/battery", reading(50, ts=int(time.time() * 1000), interval=5))
        return "set to 5 s, says 5 s, sends every 0" in daemon.cli("nodes")[1]
    wait_until(says_otherwise, "both intervals", every=0.2)
    equal(interval(daemon)["interval_confirmed"], False, "confirmed")


@suite.test
def a_node_that_comes_back_is_told_its_interval_again(env):
    broker = Mosquitto(env)
    told = broker.subscribe("amphora/b1/set")
    config = house(broker, {})
    config["settings"]["interval_s"] = 2
    daemon = Amphorad(env, config)
    wait_until(lambda: is_live(daemon), "the marker's echo")
    told.wait_for('amphora/b1/set {"interval":2}')

    def keeps_it():
        broker.publish("amphora/b1/battery", reading(50, ts=int(time.time() * 1000)))
        return interval(daemon)["interval_confirmed"]
    wait_until(keeps_it, "the interval to be confirmed", every=2)
    before = told.said().count("interval")
    broker.publish("amphora/b1/status", "online", retain=True)
    wait_until(lambda: told.said().count("interval") > before, "the interval to be sent again",
               timeout=20, every=0.2)


@suite.test
def a_sensor_that_is_asked_over_coap_drives_control_as_well(env):
    broker = Mosquitto(env)
    source = Relay(env, "r1")
    port = free_udp_port()
    Sensor(env, "b1", "--coap", str(port), "--interval", "1", "--driver", "simulated")
    config = house(broker, {"r1": ("source", source.uri)})
    config["settings"].update({"charge_below_pct": 94, "charge_until_pct": 94.5})
    config["batteries"][0]["sensor"] = {"uri": f"coap://127.0.0.1:{port}/battery"}
    daemon = Amphorad(env, config)
    wait_until(lambda: len(daemon.rows("battery_data")) >= 2, "readings")
    wait_until(lambda: source.status()["state"] == "on", "the relay")


@suite.test
def a_relay_without_an_address_registers_itself(env):
    broker = Mosquitto(env)
    port = free_udp_port()
    config = house(broker, {"r1": ("source", None)},
                   coap={"listen": f"127.0.0.1:{port}", "pairing": "closed", "allow": ["r1"]})
    daemon = Amphorad(env, config)
    wait_until(lambda: is_live(daemon), "the marker's echo")
    source = Relay(env, "r1", "--register", f"coap://127.0.0.1:{port}")
    Relay(env, "rX", "--register", f"coap://127.0.0.1:{port}")
    charge(broker, source)
    assert "rX registered" not in daemon.said(), "a node that is not allowed was let in"


@suite.test
def a_relay_that_is_named_by_host_alone_is_discovered(env):
    broker = Mosquitto(env)
    source = Relay(env, "r1")
    daemon = Amphorad(env, house(broker, {"r1": ("source", f"coap://127.0.0.1:{source.port}")}))
    wait_until(lambda: is_live(daemon), "the marker's echo")
    charge(broker, source)


@suite.test
def control_is_not_blind_while_the_disk_is_stuck_and_nothing_is_lost(env):
    broker, source, _, daemon = start(env)
    charge(broker, source, temp=6)
    with unwritable(daemon.store):
        send(broker, 20, 6)
        broker.process.wait_for(" 0 amphora/+/battery")
        send_until(broker, lambda: source.status()["state"] == "off",
                   "the relay to open though nothing can be stored", temp=4.9)
        equal(daemon.rows("battery_data", where="temp_c < 5"), [], "cold rows while nothing can "
              "be stored")
    wait_until(lambda: daemon.rows("battery_data", where="temp_c < 5"),
               "what was held to be stored")
    equal(len(set(daemon.rows("battery_data", "measured_ms"))),
          len(daemon.rows("battery_data")), "readings stored once")


@suite.test
def a_persons_off_does_not_wait_for_a_stuck_disk_and_says_that_it_is_not_stored(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    with unwritable(daemon.store):
        code, _, said = daemon.cli("relay", "set", "r1", "off", "--for", "10m")
        equal(source.status()["state"], "off", "the relay")
        equal(code, 0, "exit code")
        assert "not known to be stored" in said, said
    wait_until(lambda: daemon.rows("kept_relay", where="override_id IS NOT NULL", order="1"),
               "the override to be stored when the disk is back")


@suite.test
def a_clean_stop_opens_the_relays_first(env):
    broker, source, _, daemon = start(env)
    charge(broker, source)
    equal(daemon.stop(), 0, "exit code")
    equal(source.status()["state"], "off", "the relay")
    equal(source.status()["lease"], 0, "its lease")


@suite.test
def monitor_watches_and_commands_nothing(env):
    broker, source, _, daemon = start(env, settings={**SETTINGS, "logic": "monitor"})
    send_until(broker, lambda: "monitor" in words(daemon) and '"good"' in words(daemon),
               "the decision")
    equal(source.status()["switches"], 0, "switches of the relay")


suite.run()
