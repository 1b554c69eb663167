"""No acknowledgement leaves before its reading is durable.

Seen from the broker's side: a bare TCP peer looks into the journal at the
moment each PUBACK arrives. A write lock held from outside keeps the journal
from committing, so that an order that is wrong cannot pass by being quick. The
same check catches tests/default_order.c, which is libmosquitto used as its
manual shows.
"""

import time

from garage import is_live
from harness import Amphorad, Mosquitto, Suite, equal, sqlite_rows, unwritable, wait_until
from raw_broker import RawBroker

suite = Suite("order of acknowledgements")

CLIENT = "amphora"
TOPIC = "amphora/b1/battery"
LOCKED_S = 1.0


def reading(number):
    return f'{{"node":"b1","SoC":{40 + number % 40}.25,"Temp":24.1,"seq":{number}}}'


def plain_reading(soc):
    """One with neither time nor number: nothing but the broker's session tells a repeat of it."""
    return f'{{"node":"b1","SoC":{soc},"Temp":24.1}}'


def wide_reading(number):
    """One with so many cells that a batch is full of bytes before it is full of rows."""
    cells = ",".join(["3.301"] * 32)
    return f'{{"node":"b1","SoC":55.2,"Temp":24.1,"seq":{number},"cells":[{cells}]}}'


def daemon_on(env, broker, **more):
    config = {"mqtt": {"host": "127.0.0.1", "port": broker.port, "client_id": CLIENT},
              "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 3}]}
    return Amphorad(env, {**config, **more})


def wait_for_trouble(daemon):
    """Until a commit has failed."""
    wait_until(lambda: not daemon.state()["store"]["journal"]["ok"], "a commit to fail")


class OrderCheck:
    """Watches a broker's PUBACKs and counts those whose row is not there yet."""

    def __init__(self, broker, store):
        self.store = store
        self.early = []
        self.expected = set()
        self.found = set()  # what is there stays there: one look serves all of a commit
        broker.on_puback = self.look

    def look(self, session, number):
        if number not in self.expected or number in self.found:
            return
        self.found = self.stored()
        if number not in self.found:
            self.early.append(number)

    def stored(self):
        rows = sqlite_rows(self.store, "SELECT message_id FROM battery_data")
        return {row[0] for row in rows}


def send_under_lock(check, session, store, count=20):
    """Sends readings that cannot be committed; returns how many were acknowledged all the same."""
    numbers = range(101, 101 + count)
    check.expected.update(numbers)  # before they go out: the first answer may come at once
    with unwritable(store):
        for number in numbers:
            session.publish(TOPIC, reading(number), packet_id=number)
        deadline = time.monotonic() + LOCKED_S
        while time.monotonic() < deadline and not check.early:
            time.sleep(0.01)
        return len(check.early)


@suite.test
def no_reading_is_acknowledged_while_the_journal_cannot_commit(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    check = OrderCheck(broker, daemon.store)
    equal(send_under_lock(check, session, daemon.store), 0, "acknowledged under the lock")
    wait_until(lambda: check.expected <= set(session.pubacks), "the acknowledgements afterwards")
    equal(check.early, [], "acknowledged before they were stored")
    equal(len(check.stored() & check.expected), 20, "stored")


@suite.test
def a_message_of_which_nothing_is_stored_is_acknowledged_at_once(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    before = len(session.pubacks)
    session.publish("amphora/meter/grid", "-120", packet_id=7)
    session.wait_pubacks(before + 1, timeout=5)
    session.publish(TOPIC, reading(1), packet_id=8)
    session.wait_pubacks(before + 2)


@suite.test
def every_acknowledgement_finds_its_row(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    check = OrderCheck(broker, daemon.store)
    for number in range(500):
        check.expected.add(number + 100)
        session.publish(TOPIC, reading(number), packet_id=number + 100)
    wait_until(lambda: check.expected <= set(session.pubacks), "all acknowledgements")
    equal(check.early, [], "acknowledged before they were stored")


def send_for(seconds, check, session):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        number = len(check.expected)
        check.expected.add(session.publish(TOPIC, reading(number), packet_id=number + 100))
        time.sleep(0.004)


@suite.test
def what_is_read_during_a_commit_waits_for_the_next_one(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker, store={"commit_delay_s": 1})  # so that the next one is far off
    session = broker.wait_live(CLIENT)
    check = OrderCheck(broker, daemon.store)
    send_for(0.6, check, session)
    with unwritable(daemon.store):  # the first commit takes long
        send_for(0.8, check, session)
    wait_until(lambda: check.expected <= set(session.pubacks), "all acknowledgements")
    equal(check.early, [], "acknowledged before they were stored")
    numbers = [number for number in session.pubacks if number in check.expected]
    equal(numbers, sorted(check.expected), "acknowledgements in the order of the messages")


@suite.test
def commits_that_fail_with_full_batches_acknowledge_nothing_before_it_is_stored(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    check = OrderCheck(broker, daemon.store)
    before = len(session.pubacks)
    # More than two batches take: some are read only when the disk is back.
    with unwritable(daemon.store):
        for number in range(2500):
            check.expected.add(number + 100)
            payload = wide_reading(number) if number % 2 else reading(number)
            session.publish(TOPIC, payload, packet_id=number + 100)
        wait_for_trouble(daemon)
        equal(len(session.pubacks), before, "acknowledgements while nothing can be stored")
    wait_until(lambda: check.expected <= set(session.pubacks), "all acknowledgements", 60)
    equal(check.early, [], "acknowledged before they were stored")
    equal([row[0] for row in daemon.rows("battery_data", "sequence")], list(range(2500)), "rows")
    equal(daemon.state()["store"]["journal"]["dropped_records"], 0, "records without room")


@suite.test
def a_thousand_readings_that_come_while_the_disk_is_stuck_are_all_stored(env):
    broker = Mosquitto(env)
    daemon = daemon_on(env, broker)
    wait_until(lambda: daemon.state()["broker"]["connected"], "the broker")
    with unwritable(daemon.store):
        broker.publish_lines(TOPIC, [reading(number) for number in range(500)])
        wait_for_trouble(daemon)
        broker.publish_lines(TOPIC, [wide_reading(number) for number in range(500, 1000)])
    wait_until(lambda: len(daemon.rows("battery_data")) >= 1000, "all of them in the journal")
    equal([row[0] for row in daemon.rows("battery_data", "sequence")], list(range(1000)), "rows")


@suite.test
def a_connection_lost_while_acknowledgements_are_held_is_made_again_and_readings_flow(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    broker.has_session = True
    broker.echoes = False  # until it has sent again what was not acknowledged
    with unwritable(daemon.store):
        for number in range(1, 4):
            session.publish(TOPIC, reading(number), packet_id=number + 10)
        wait_for_trouble(daemon)
        session.shutdown()  # as a broker does that was not pinged for too long
        wait_until(lambda: not daemon.state()["broker"]["connected"], "the lost connection")
    again = broker.wait_session(CLIENT, after=session)
    for number in range(1, 4):
        again.publish(TOPIC, reading(number), packet_id=number + 10, is_duplicate=True)
    again.publish(TOPIC, reading(4), packet_id=14)
    again.wait_pubacks(4)
    equal([row[0] for row in daemon.rows("battery_data", "sequence")], [1, 2, 3, 4], "rows")
    broker.echoes = True
    wait_until(lambda: is_live(daemon), "the marker's echo")


@suite.test
def the_librarys_default_order_is_caught(env):
    program = env.program("tests/default_order")
    broker = RawBroker()
    env.at_end(broker.close)
    store = env.path("default.db")
    env.start(program, broker.port, store, TOPIC, name="default_order")
    session = broker.wait_session("default-order")
    check = OrderCheck(broker, store)
    assert send_under_lock(check, session, store) > 0, "the check let the default order pass"


@suite.test
def what_was_not_acknowledged_comes_again_and_is_stored_once(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    for number in range(1, 4):
        session.publish(TOPIC, reading(number), packet_id=number + 10)
    wait_until(lambda: len(daemon.rows("battery_data")) == 3, "three rows")
    # Killed after its commit: as if no acknowledgement had reached the broker.
    daemon.kill()
    broker.has_session = True
    broker.echoes = False
    daemon.start()
    again = broker.wait_session(CLIENT, after=session)
    for number in range(1, 4):
        again.publish(TOPIC, reading(number), packet_id=number + 10, is_duplicate=True)
    again.publish(TOPIC, reading(4), packet_id=14)
    again.publish(TOPIC, reading(5), packet_id=11)  # an id used again, another message
    again.wait_pubacks(5)
    equal([row[0] for row in daemon.rows("battery_data", "sequence")], [1, 2, 3, 4, 5], "rows")


@suite.test
def a_reading_of_a_new_session_is_no_repeat_of_one_that_an_older_session_brought(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    session.publish(TOPIC, plain_reading(41), packet_id=11)
    wait_until(lambda: len(daemon.rows("battery_data")) == 1, "the first row")
    daemon.kill()
    daemon.start()  # the broker has forgotten the session
    session = broker.wait_live(CLIENT, after=session)
    session.publish(TOPIC, plain_reading(42), packet_id=10)
    wait_until(lambda: len(daemon.rows("battery_data")) == 2, "the second row")
    daemon.kill()
    broker.has_session = True
    broker.echoes = False
    daemon.start()
    session = broker.wait_session(CLIENT, after=session)
    session.publish(TOPIC, plain_reading(41), packet_id=11)  # equal to the first, and another message
    session.publish(TOPIC, plain_reading(42), packet_id=10, is_duplicate=True)
    session.wait_pubacks(2)
    equal([row[0] for row in daemon.rows("battery_data", "soc_pct")], [41, 42, 41], "rows")


@suite.test
def what_was_refused_comes_again_and_is_recorded_once(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    session.publish(TOPIC, "nonsense", packet_id=11)
    wait_until(lambda: daemon.rows("refused"), "the refused message")
    broker.has_session = True
    broker.echoes = False
    session.shutdown()  # as if the acknowledgement had not reached the broker
    session = broker.wait_session(CLIENT, after=session)
    session.publish(TOPIC, "nonsense", packet_id=11, is_duplicate=True)
    session.wait_pubacks(1)
    equal(len(daemon.rows("refused")), 1, "rows after a new connection")
    daemon.kill()
    daemon.start()
    session = broker.wait_session(CLIENT, after=session)
    session.publish(TOPIC, "nonsense", packet_id=11, is_duplicate=True)
    session.wait_pubacks(1)
    equal(len(daemon.rows("refused")), 1, "rows after a restart")


@suite.test
def a_lost_session_is_reported_and_subscribed_again(env):
    broker = RawBroker()
    env.at_end(broker.close)
    daemon = daemon_on(env, broker)
    session = broker.wait_live(CLIENT)
    session.shutdown()
    again = broker.wait_live(CLIENT, after=session)
    assert TOPIC in again.topics or "amphora/+/battery" in again.topics, again.topics
    wait_until(lambda: daemon.rows("alert", where="code = 'broker-session-lost'"), "the alert")
    again.publish(TOPIC, reading(1))
    wait_until(lambda: daemon.rows("battery_data"), "a row")


suite.run()
