"""Late, double, disordered: each reading once, and what never came is told.

Readings with a time or a number are stored once whoever repeats them and
whenever; those with neither at least once. A late one is kept and drives
nothing.
"""

import time

from harness import Amphorad, Mosquitto, Suite, equal, unwritable, wait_until

suite = Suite("each reading once")

TOPIC = "amphora/b1/battery"
NOT_ACTED_ON = 1  # in battery_data.flags


def start(env, **settings):
    broker = Mosquitto(env)
    daemon = Amphorad(env, {
        "mqtt": {"host": "127.0.0.1", "port": broker.port, "client_id": "amphora"},
        "settings": {"interval_s": 1, **settings},
        "batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 3}]})
    daemon.await_live()
    return broker, daemon


def wait_trusted(daemon):
    """Until the clock may be believed, and with it a reading's own time."""
    wait_until(lambda: daemon.state()["wall_trusted"], "the clock to be trusted", 60)


def iso(seconds_ago):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago))


def numbered(number, soc=55.2):
    return f'{{"node":"b1","SoC":{soc},"Temp":24.1,"seq":{number}}}'


def timed(at, soc=55.2):
    return f'{{"node":"b1","SoC":{soc},"Temp":24.1,"ts":"{at}"}}'


def numbers(daemon):
    return [row[0] for row in daemon.rows("battery_data", "sequence")]


def await_rows(daemon, expected):
    wait_until(lambda: numbers(daemon) == expected, "the rows")


def counters(daemon):
    return daemon.state()["readings"]


def await_taken(daemon, accepted, duplicates=0):
    def are_taken():
        now = counters(daemon)
        assert (now["accepted"], now["duplicates"]) == (accepted, duplicates), now
        return True
    wait_until(are_taken, f"{accepted} readings and {duplicates} that came again")


def gaps(daemon):
    """The gaps in the journal, each as (how many, which)."""
    return daemon.rows("alert", "value, detail", "code = 'sequence-gap' AND is_active", "row")


@suite.test
def a_numbered_reading_is_stored_once_however_far_apart_its_copies_come(env):
    broker, daemon = start(env)
    broker.publish_lines(TOPIC, [numbered(number) for number in range(1, 2001)])
    await_taken(daemon, 2000)
    broker.publish_lines(TOPIC, [numbered(7), numbered(1999), numbered(2000), numbered(7)])
    await_taken(daemon, 2000, 4)
    daemon.kill()
    daemon.start()
    daemon.await_live()
    broker.publish_lines(TOPIC, [numbered(7), numbered(2001), numbered(1000)])
    await_taken(daemon, 1, 2)
    daemon.stop()
    broker.stop()
    broker.forget()  # a new session, whose ids begin anew
    broker.start()
    daemon.start()
    daemon.await_live()
    broker.publish_lines(TOPIC, [numbered(1), numbered(2), numbered(2002)])
    await_taken(daemon, 1, 2)
    await_rows(daemon, list(range(1, 2003)))
    equal(gaps(daemon), [], "gaps")


@suite.test
def a_timed_reading_is_stored_once_and_one_with_neither_each_time(env):
    broker, daemon = start(env)
    at = [iso(30 - number) for number in range(10)]
    broker.publish_lines(TOPIC, [timed(moment) for moment in at] * 3)
    await_taken(daemon, 10, 20)
    daemon.restart()
    daemon.await_live()
    broker.publish_lines(TOPIC, [timed(moment) for moment in at])
    await_taken(daemon, 0, 10)
    # The same moment, another value: another reading.
    broker.publish_lines(TOPIC, [timed(at[0], 55.3)])
    await_taken(daemon, 1, 10)
    broker.publish_lines(TOPIC, ['{"node":"b1","SoC":55.2,"Temp":24.1}'] * 2)
    await_taken(daemon, 3, 10)
    wait_until(lambda: len(daemon.rows("battery_data")) == 13, "13 rows")


@suite.test
def a_node_that_counts_anew_loses_no_reading(env):
    broker, daemon = start(env)
    broker.publish_lines(TOPIC, [numbered(number) for number in range(1, 51)])
    await_taken(daemon, 50)
    broker.publish(TOPIC, numbered(1, 55.3))
    for number in range(2, 6):
        time.sleep(0.6)  # as a node measures: no sooner than half its interval of a second
        broker.publish(TOPIC, numbered(number))  # as before, and yet others
    await_taken(daemon, 55)
    await_rows(daemon, list(range(1, 51)) + [1, 2, 3, 4, 5])
    broker.publish_lines(TOPIC, [numbered(5), numbered(49), numbered(6)])
    await_taken(daemon, 56, 2)
    equal(gaps(daemon), [], "gaps")


@suite.test
def a_gap_is_recorded_with_its_numbers_and_ends_when_they_come_late(env):
    broker, daemon = start(env)
    broker.publish_lines(TOPIC, [numbered(number) for number in (1, 2, 3, 6, 7, 8, 9, 10)])
    wait_until(lambda: gaps(daemon) == [(2, "number 4 to 5")], "the first gap")
    broker.publish_lines(TOPIC, [numbered(number) for number in (12, 13, 14, 15, 16)])
    wait_until(lambda: gaps(daemon) == [(2, "number 4 to 5"), (1, "number 11")], "the second")
    alert = daemon.alerts()["sequence-gap"]
    equal(alert["subject"], "b1", "whom it is about")
    assert "readings that were lost on the way: 1 (number 11)" in alert["words"], alert
    equal(counters(daemon)["missing"], 3, "missing in the state")
    equal(daemon.json("nodes")[0]["missing_readings"] if isinstance(daemon.json("nodes"), list)
          else daemon.json("nodes")["nodes"][0]["missing_readings"], 3, "missing of the node")
    assert "3 missing" in daemon.cli("status")[1], daemon.cli("status")[1]
    daemon.restart()
    daemon.await_live()
    equal(counters(daemon)["missing"], 3, "missing after a restart")
    equal(len(gaps(daemon)), 2, "gaps told after a restart")
    broker.publish_lines(TOPIC, [numbered(number) for number in (5, 11, 4)])
    wait_until(lambda: counters(daemon)["missing"] == 0, "nothing to be missing")
    wait_until(lambda: "sequence-gap" not in daemon.alerts(), "the alert to end")
    await_rows(daemon, [1, 2, 3] + list(range(6, 11)) + list(range(12, 17)) + [5, 11, 4])


@suite.test
def what_was_lost_while_the_daemon_was_away_is_a_gap_too(env):
    broker, daemon = start(env)
    broker.publish_lines(TOPIC, [numbered(number) for number in range(1, 11)])
    await_taken(daemon, 10)
    daemon.stop()
    broker.stop()
    broker.forget()
    broker.start()
    daemon.start()
    daemon.await_live()
    broker.publish_lines(TOPIC, [numbered(number) for number in range(21, 31)])
    wait_until(lambda: gaps(daemon) == [(10, "number 11 to 20")], "the gap")


@suite.test
def a_burst_out_of_order_with_copies_is_no_gap(env):
    broker, daemon = start(env)
    broker.publish_lines(TOPIC, [numbered(number) for number in range(1, 11)])
    broker.publish_lines(TOPIC, [numbered(number) for number in
                                 (12, 14, 11, 13, 15, 17, 16, 18, 19, 20, 12, 18, 21, 22, 23, 24,
                                  25, 26, 27, 28, 29, 30)])
    await_taken(daemon, 30, 2)
    wait_until(lambda: sorted(numbers(daemon)) == list(range(1, 31)), "the rows")
    equal(gaps(daemon), [], "gaps")
    equal(counters(daemon)["missing"], 0, "missing")


@suite.test
def what_control_hears_while_the_disk_is_stuck_is_no_gap(env):
    broker, daemon = start(env)
    with unwritable(daemon.store):
        broker.publish_lines(TOPIC, [numbered(number) for number in range(1, 1501)])
        wait_until(lambda: "store-failed" in daemon.alerts(), "the alarm")
        last = [1500]

        def is_heard():
            last[0] += 1
            soc = 60 + last[0] % 10 / 10
            broker.publish(TOPIC, numbered(last[0], soc))
            return daemon.state()["batteries"][0]["soc_pct"] == soc
        wait_until(is_heard, "control to hear it on its other connection", every=0.3)
    wait_until(lambda: numbers(daemon) == list(range(1, last[0] + 1)), "all rows in order")
    equal(gaps(daemon), [], "gaps")


@suite.test
def a_reading_that_is_hours_late_is_kept_and_drives_nothing(env):
    broker, daemon = start(env, charge_below_pct=30, charge_until_pct=80)
    wait_trusted(daemon)
    broker.publish(TOPIC, timed(iso(0), 50))
    await_taken(daemon, 1)
    before = daemon.state()["batteries"][0]
    late = [timed(iso(3600 * hours), 20) for hours in (23, 12, 1)]
    broker.publish_lines(TOPIC, late)
    await_taken(daemon, 4)
    after = daemon.state()["batteries"][0]
    equal(after["soc_pct"], 50, "the SoC that decides")
    equal(after["decision"], before["decision"], "the decision")
    wait_until(lambda: [row[0] & NOT_ACTED_ON for row in daemon.rows("battery_data", "flags")]
               == [0, 1, 1, 1], "the rows, of which three were not acted on")


suite.run()
