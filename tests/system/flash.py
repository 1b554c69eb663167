"""Kind to flash: readings gather for `store.commit_delay_s` before they are written.

What gathers drives control at once, is not acknowledged before it is durable,
and is committed early wherever somebody would have to wait for it.
"""

from harness import Amphorad, Mosquitto, Suite, equal, unwritable, wait_until
from raw_broker import RawBroker

suite = Suite("kind to flash")

TOPIC = "amphora/b1/battery"
CLIENT = "amphora"
LONG_S = 60


def reading(number):
    return f'{{"node":"b1","SoC":{40 + number * 0.01:.2f},"Temp":24.1,"seq":{number}}}'


def daemon_on(env, broker, delay_s=LONG_S, **settings):
    return Amphorad(env, {
        "mqtt": {"host": "127.0.0.1", "port": broker.port, "client_id": CLIENT},
        "store": {"commit_delay_s": delay_s},
        "settings": settings,
        "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 3}]})


def taken(daemon):
    return daemon.state()["readings"]["accepted"]


def await_taken(daemon, count):
    wait_until(lambda: taken(daemon) == count, f"{count} readings to be taken")


def stored(daemon):
    return [row[0] for row in daemon.rows("battery_data", "sequence")]


def publish(broker, first, last):
    broker.publish_lines(TOPIC, [reading(number) for number in range(first, last + 1)])


@suite.test
def readings_gather_and_are_not_acknowledged_before_they_are_stored(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    before = len(session.pubacks)
    for number in range(1, 31):
        session.publish(TOPIC, reading(number))
    await_taken(daemon, 30)
    equal(daemon.state()["batteries"][0]["soc_pct"], 40.01, "the SoC that decides")
    equal(stored(daemon), [], "rows while they gather")
    equal(len(session.pubacks), before, "acknowledgements while they gather")
    equal(daemon.cli("set", "b1.reserve_pct", "35")[0], 0, "exit code of set")
    equal(stored(daemon), list(range(1, 31)), "rows once a person was answered")
    session.wait_pubacks(before + 30)


@suite.test
def what_gathered_when_it_was_killed_comes_again_and_is_stored_once(env):
    broker = Mosquitto(env)
    daemon = daemon_on(env, broker)
    daemon.await_live()
    publish(broker, 1, 30)
    await_taken(daemon, 30)
    equal(stored(daemon), [], "rows while they gather")
    daemon.kill()
    daemon.start()
    wait_until(lambda: stored(daemon) == list(range(1, 31)), "the rows after a restart")


@suite.test
def the_delay_ends_by_itself(env):
    broker = Mosquitto(env)
    daemon = daemon_on(env, broker, delay_s=1)
    daemon.await_live()
    publish(broker, 1, 30)
    wait_until(lambda: stored(daemon) == list(range(1, 31)), "the rows")
    publish(broker, 31, 40)
    wait_until(lambda: stored(daemon) == list(range(1, 41)), "more rows")


@suite.test
def a_burst_larger_than_the_brokers_window_does_not_stall_control(env):
    broker = Mosquitto(env)
    daemon = daemon_on(env, broker)
    daemon.await_live()
    publish(broker, 1, 3000)
    await_taken(daemon, 3000)
    assert len(stored(daemon)) >= 2000, "the window is half full, and nothing is written"
    daemon.cli("set", "b1.reserve_pct", "35")
    wait_until(lambda: stored(daemon) == list(range(1, 3001)), "the rows")


@suite.test
def a_broker_that_waits_sooner_than_asked_gets_its_acknowledgements_before_sensors_are_stale(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker, interval_s=1, stale_after_s=5)
    session = broker.wait_live(CLIENT)
    before = len(session.pubacks)
    for number in range(1, 6):
        session.publish(TOPIC, reading(number))
    session.wait_pubacks(before + 5)  # well within the 60 s
    equal(stored(daemon), [1, 2, 3, 4, 5], "rows")


@suite.test
def a_clean_stop_acknowledges_what_it_stores(env):
    broker = Mosquitto(env)
    daemon = daemon_on(env, broker)
    daemon.await_live()
    publish(broker, 1, 30)
    await_taken(daemon, 30)
    equal(daemon.stop(), 0, "exit code")
    equal(stored(daemon), list(range(1, 31)), "rows")
    daemon.start()
    daemon.await_live()
    equal(daemon.state()["readings"]["duplicates"], 0, "readings that came again although stored")
    equal(stored(daemon), list(range(1, 31)), "rows after the restart")


@suite.test
def what_queued_while_it_was_away_does_not_wait_for_the_delay(env):
    broker = Mosquitto(env)
    daemon = daemon_on(env, broker)
    daemon.await_live()
    daemon.kill()
    publish(broker, 1, 300)
    daemon.start()
    wait_until(lambda: stored(daemon) == list(range(1, 301)), "the backlog's rows")
    daemon.await_live()
    publish(broker, 301, 301)
    wait_until(lambda: daemon.state()["batteries"][0]["soc_pct"] == 43.01, "control to hear it")


@suite.test
def a_disk_in_trouble_is_told_from_a_delay(env):
    broker = Mosquitto(env)
    daemon = daemon_on(env, broker, delay_s=1)
    daemon.await_live()
    publish(broker, 1, 10)
    await_taken(daemon, 10)
    assert "store-failed" not in daemon.alerts(), "an alarm while readings only gather"
    with unwritable(daemon.store):
        publish(broker, 11, 20)
        wait_until(lambda: "store-failed" in daemon.alerts(), "the alarm")
        # Control hears the next on its other connection, which stores nothing.
        wait_until(lambda: publish(broker, 21, 21) or
                   daemon.state()["batteries"][0]["soc_pct"] == 40.21, "control to go on")
    wait_until(lambda: sorted(set(stored(daemon))) == list(range(1, 22)), "the rows")
    wait_until(lambda: "store-failed" not in daemon.alerts(), "the alarm to end")


@suite.test
def what_is_written_is_counted_and_shown(env):
    broker = Mosquitto(env)
    daemon = Amphorad(env, {
        "mqtt": {"host": "127.0.0.1", "port": broker.port, "client_id": CLIENT},
        "store": {"commit_delay_s": 1},
        "batteries": [{"id": "b1"}]}, clock=3600)
    first = daemon.state()["store"]["journal"]
    assert first["written_bytes"] > 0, first
    equal(first["commit_delay_s"], 1, "the delay")
    # Ten minutes are 0.2 s on this clock.
    wait_until(lambda: daemon.state()["store"]["journal"]["written_per_day_bytes"] is not None,
               "what a day takes")
    before = daemon.state()["store"]["journal"]["written_bytes"]
    publish(broker, 1, 100)
    wait_until(lambda: len(stored(daemon)) == 100, "the rows")
    wait_until(lambda: daemon.state()["store"]["journal"]["written_bytes"] >= before + 4096,
               "at least a page more")
    code, out, _ = daemon.cli("status")
    equal(code, 0, "exit code of status")
    assert " MB a day, gathered for 1 s" in out, out


suite.run()
