"""Another client with our client id: said once, given way to, and over when it is gone.

A client id is one connection's: each that connects with it ends the other's.
mosquitto does so without a word, other brokers with reason 0x8E.
"""

from garage import SETTINGS, charge, send_until, start
from harness import Amphorad, Suite, equal, wait_until
from raw_broker import RawBroker

suite = Suite("takeover")

CLIENT = "amphora-test"
SAID = f"client id taken over by another client: {CLIENT}"
OVER = "nobody else uses our client id any more"
TAKEN_OVER = 0x8E


def daemon_on(env, broker):
    return Amphorad(env, {"mqtt": {"host": "127.0.0.1", "port": broker.port,
                                   "client_id": CLIENT}})


def broker_of(daemon):
    return daemon.state()["broker"]


def intruder(env, broker):
    """A client of MQTT 3.1.1 that has our id and comes back at once, as most do."""
    return env.start("mosquitto_sub", "-h", "127.0.0.1", "-p", broker.port, "-i", CLIENT,
                     "-t", "nothing/at/all", name="intruder")


@suite.test
def it_is_said_waited_out_without_switching_and_over_when_the_other_is_gone(env):
    # A control that saw nothing while we wait would open the relay.
    broker, source, _, daemon = start(env, settings={**SETTINGS, "interval_s": 2,
                                                     "stale_after_s": 5})
    charge(broker, source)
    other = intruder(env, broker)
    send_until(broker, lambda: broker_of(daemon)["taken_over"], "the takeover")
    state = send_until(broker, lambda: (lambda it: it["retry_s"] and it)(broker_of(daemon)),
                       "the wait")
    assert 5 <= state["retry_s"] <= 15, state
    equal((state["client_id"], state["connected"]), (CLIENT, False), "the broker's state")
    line = daemon.cli("status")[1].splitlines()[1]
    assert f"broker: away: client id {CLIENT} taken over by another client, tried again in " \
        in line, line
    assert SAID in daemon.cli("alerts", "list")[1], daemon.cli("alerts", "list")[1]
    other.kill()
    send_until(broker, lambda: OVER in daemon.said() and not broker_of(daemon)["taken_over"],
               "the end of it", timeout=90)
    assert "broker-taken-over" not in daemon.alerts(), daemon.alerts()
    state = broker_of(daemon)
    equal((state["taken_over"], state["connected"], state["retry_s"]), (False, True, None),
          "the broker's state")
    equal((daemon.said().count(SAID), daemon.said().count(OVER)), (1, 1), "how often it was said")
    equal((source.status()["state"], source.status()["switches"]), ("on", 1), "the relay")


@suite.test
def a_takeover_that_the_broker_names_is_backed_off_from_at_once_and_said_once(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    session.goodbye(TAKEN_OVER)
    wait_until(lambda: "broker-taken-over" in daemon.alerts(), "the alert")
    wait_until(lambda: broker_of(daemon)["retry_s"], "the wait")
    equal(len(broker.of(CLIENT)), 1, "connections before it backed off")
    again = broker.wait_live(CLIENT, after=session)
    wait_until(lambda: f"broker: connected, another client took over the id {CLIENT}" in
               daemon.cli("status")[1], "what status says while it is ours")
    again.goodbye(TAKEN_OVER)
    wait_until(lambda: (broker_of(daemon)["retry_s"] or 0) > 15, "the longer wait")
    equal((daemon.said().count(SAID), daemon.said().count("no connection to the broker")), (1, 0),
          "how often it was said")


@suite.test
def a_goodbye_for_another_reason_is_no_takeover(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = None
    for _ in range(4):
        session = broker.wait_live(CLIENT, after=session)
        session.goodbye(0x8B)  # the server is shutting down
    broker.wait_live(CLIENT, after=session)
    assert SAID not in daemon.said(), daemon.said()


@suite.test
def connections_that_end_at_once_without_a_word_are_a_takeover(env):
    broker = RawBroker()
    env.at_end(broker.close)
    broker.refused = {CLIENT}
    daemon = daemon_on(env, broker)
    wait_until(lambda: daemon.rows("alert", where="code = 'broker-taken-over'"), "the alert", 60)
    equal(len(broker.of(CLIENT)), 3, "connections before it backed off")


@suite.test
def a_second_connection_that_is_refused_is_told_of_and_over_when_it_stands(env):
    broker = RawBroker()
    env.at_end(broker.close)
    broker.denied = CLIENT + "-control-"
    daemon = daemon_on(env, broker)
    wait_until(lambda: "control-away" in daemon.alerts(), "the alert", 30)
    words = daemon.cli("alerts", "list")[1]
    assert "no second connection to the broker" in words and "wants a user" in words, words
    equal(broker_of(daemon)["connected"], True, "the first connection")
    broker.denied = ""
    wait_until(lambda: "the second connection to the broker stands again" in daemon.said(),
               "the end of it", 60)
    assert "control-away" not in daemon.alerts(), daemon.alerts()
    equal(daemon.said().count("no second connection"), 1, "how often it was said")


suite.run()
