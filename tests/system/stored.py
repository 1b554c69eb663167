"""What a person was answered is stored, and says so where it is not.

A write lock held from outside keeps the journal from committing for as long as
a test wants, so that nothing passes by being quick.
"""

import http.client
import signal
import threading

from harness import Amphorad, Suite, equal, unwritable, wait_until

suite = Suite("what is answered is stored")

SETTINGS = "/api/v1/settings"
OVERRIDES = "/api/v1/overrides"
HOUSE = {"batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}],
         "relays": [{"id": "r1", "battery": "b1", "role": "source",
                     "uri": "coap://127.0.0.1:9/relay"}]}
KILLS = 100


class Asking:
    """A request on a thread of its own; `answer` is None until it comes."""

    def __init__(self, daemon, *request):
        self.answer = None
        self.thread = threading.Thread(target=self.ask, args=(daemon, request))
        self.thread.start()

    def ask(self, daemon, request):
        try:
            self.answer = daemon.http(*request)
        except (OSError, http.client.HTTPException) as error:
            self.answer = (0, str(error))

    def wait(self):
        self.thread.join(30)
        assert self.answer, "no answer"
        return self.answer


def reserve(percent):
    return {"scope": "b1", "name": "reserve_pct", "value": percent}


def is_trouble(daemon):
    return not daemon.state()["store"]["journal"]["ok"]


def is_deaf(daemon):
    asking = Asking(daemon, "GET", "/healthz")
    asking.thread.join(0.5)
    return asking.answer is None


def kept_overrides(daemon):
    return daemon.rows("kept_relay", "override_id, override_state", "override_id IS NOT NULL",
                       order="1")


def kept_settings(daemon):
    return daemon.rows("setting", "battery, parameter, value", order="1")


@suite.test
def a_change_is_answered_when_it_is_stored_and_not_before(env):
    daemon = Amphorad(env, HOUSE)
    with unwritable(daemon.store):
        asking = Asking(daemon, "PATCH", SETTINGS, reserve(35))
        wait_until(lambda: is_trouble(daemon), "the journal's trouble in the state")
        equal(asking.answer, None, "answer while nothing can be stored")
        equal(kept_settings(daemon), [], "settings in the journal")
    equal(asking.wait()[0], 200, "status")
    equal(kept_settings(daemon), [("b1", "reserve_pct", "35")],
          "settings in the journal")


@suite.test
def nothing_is_done_that_cannot_be_stored_but_off(env):
    daemon = Amphorad(env, HOUSE)
    _, first = daemon.http("POST", OVERRIDES,
                           {"battery": "b1", "intent": "hold", "duration_s": 600})
    with unwritable(daemon.store):
        asking = Asking(daemon, "PATCH", SETTINGS, reserve(35))
        wait_until(lambda: is_trouble(daemon), "the journal's trouble in the state")
        code, _, said = daemon.cli("set", "b1.reserve_pct", "40")
        equal(code, 1, "exit code of set")
        assert "nothing was done, since it could not be stored" in said, said
        code, _, said = daemon.cli("override", "cancel", first["id"])
        equal(code, 1, "exit code of cancel")
        code, _, said = daemon.cli("override", "add", "b1", "charge", "--for", "10m")
        equal(code, 1, "exit code of charge")
        assert "nothing was done, since it could not be stored" in said, said
        equal(daemon.state()["overrides"][0]["id"], first["id"], "the override that stays")
        code, _, said = daemon.cli("override", "add", "b1", "hold", "--for", "10m")
        equal(code, 7, "exit code of hold, whose relay is away")
        assert "not known to be stored" in said, said
        equal(daemon.state()["overrides"][0]["id"], first["id"] + 1, "the override that acts")
    asking.wait()
    wait_until(lambda: kept_overrides(daemon) == [(first["id"] + 1, "off")],
               "the hold in the journal")
    equal(kept_settings(daemon), [("b1", "reserve_pct", "35")], "settings in the journal")


@suite.test
def an_answer_comes_in_a_stated_time_and_says_that_storing_is_not_known(env):
    daemon = Amphorad(env, HOUSE)
    with unwritable(daemon.store):
        code, _, said = daemon.cli("set", "b1.reserve_pct", "35")
        equal(code, 7, "exit code of set")
        assert "this is done, but not known to be stored" in said, said
        assert "another program holds it locked" in said, said
    wait_until(lambda: kept_settings(daemon), "the setting in the journal all the same")


@suite.test
def a_hold_for_which_the_full_batch_had_no_room_is_stored_once_there_is_some(env):
    daemon = Amphorad(env, HOUSE)
    hold = {"battery": "b1", "intent": "hold", "duration_s": 600}
    with unwritable(daemon.store):
        daemon.http("POST", OVERRIDES, hold)
        wait_until(lambda: is_trouble(daemon), "the journal's trouble in the state")
        while daemon.state()["store"]["journal"]["dropped_records"] < 2:
            for _ in range(100):
                status, last = daemon.http("POST", OVERRIDES, hold)
                equal(status, 202, "status")
        equal(last["stored"], False, "whether it is stored")
    wait_until(lambda: kept_overrides(daemon) == [(last["id"], "off")], "the last in the journal")


@suite.test
def what_was_answered_outlives_a_kill_right_after_it(env):
    """An off is answered within a second even where it is not stored by then, and says so."""
    daemon = Amphorad(env, HOUSE)
    unknown = 0
    for number in range(KILLS):
        if number % 2 == 0:
            status, _ = daemon.http("PATCH", SETTINGS, reserve(20 + number % 40))
            equal(status, 200, "status of the setting")
        else:
            status, override = daemon.http(
                "POST", OVERRIDES, {"battery": "b1", "intent": "hold", "duration_s": 600})
            equal(status, 202, "status of the override")
            unknown += not override["stored"]
        daemon.kill()
        if number % 2 == 0:
            equal(kept_settings(daemon), [("b1", "reserve_pct", str(20 + number % 40))], "kept")
        elif override["stored"]:
            equal(kept_overrides(daemon), [(override["id"], "off")], "kept")
        daemon.start()
    assert unknown <= KILLS // 4, f"{unknown} not known to be stored"


@suite.test
def a_change_that_waits_when_the_daemon_is_told_to_stop_is_stored_and_answered(env):
    daemon = Amphorad(env, HOUSE)
    with unwritable(daemon.store):
        asking = Asking(daemon, "PATCH", SETTINGS, reserve(35))
        wait_until(lambda: is_trouble(daemon), "the journal's trouble in the state")
        daemon.process.signal(signal.SIGTERM)
        wait_until(lambda: is_deaf(daemon), "the daemon to do nothing but write its journal")
        late = Asking(daemon, "PATCH", SETTINGS, reserve(40))
    equal(asking.wait()[0], 200, "status")
    # Its journal is closed by now: nothing may be done, and nothing touched.
    status, problem = late.wait()
    assert status == 0 or (status == 503 and "is stopping" in problem["detail"]), problem
    equal(daemon.process.wait(), 0, "exit code")
    equal(kept_settings(daemon), [("b1", "reserve_pct", "35")], "setting")


suite.run()
