"""Case N2 in full: the database is off for ten minutes at fifty readings a second, on a faster clock."""

import threading
import time

from harness import Amphorad, Mosquitto, Suite, equal, wait_until
from server_scene import (assert_stores_are_equal, config, forwarded, publish, ready_database,
                          server_state, store_config, stored)

suite = Suite("database outage")

SPEED = 20
OUTAGE_S = 600
PER_S = 50


class Sender:
    """Sends PER_S readings in each second of the house, until it is told to end."""

    def __init__(self, broker):
        self.broker, self.sent = broker, 0
        self.began = time.monotonic()
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def house_s(self):
        return (time.monotonic() - self.began) * SPEED

    def run(self):
        while not self.is_over.wait(0.2):
            due = int(self.house_s() * PER_S) - self.sent
            publish(self.broker, due, self.sent)
            self.sent += due

    def end(self):
        self.is_over.set()
        self.thread.join()


@suite.test
def case_n2_a_server_that_is_off_for_ten_minutes_at_fifty_a_second_gets_each_row_once(env):
    broker, database = Mosquitto(env), ready_database(env)
    daemon = Amphorad(env, config(broker, store_config(database)), clock=SPEED)
    sender = Sender(broker)
    try:
        wait_until(lambda: forwarded(database) > 0, "the first rows")
        database.stop()
        began, before = sender.house_s(), stored(daemon)
        wait_until(lambda: not server_state(daemon)["connected"], "the outage to be seen")
        wait_until(lambda: sender.house_s() - began > OUTAGE_S, "ten minutes to pass", 90)
        # Live rows flow into the journal all the while, as fast as they are sent.
        wait_until(lambda: stored(daemon) - before >= OUTAGE_S * PER_S, "the rows of ten minutes")
        wait_until(lambda: server_state(daemon)["unsent_rows"] >= OUTAGE_S * PER_S, "the lag")
        database.start()
        back = stored(daemon)
        wait_until(lambda: server_state(daemon)["connected"]
                   and server_state(daemon)["unsent_rows"] <= PER_S * SPEED,
                   "the lag to be gone, beside live rows", 90)
        assert stored(daemon) > back, "no live row came while the backlog drained"
        assert not sender.is_over.is_set()
    finally:
        sender.end()
    wait_until(lambda: stored(daemon) == sender.sent, "all that was sent to be stored", 60)
    wait_until(lambda: server_state(daemon)["unsent_rows"] == 0, "the lag to be 0", 60)
    equal(forwarded(database), sender.sent, "rows at the server")
    assert_stores_are_equal(daemon, database)


suite.run()
