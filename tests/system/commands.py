"""Commands and changes: followed to their end, done once for one key, and never over somebody else's."""

import contextlib
import json
import socket
import threading

from harness import Amphorad, Suite, equal, wait_until
from programs import UnixConnection

suite = Suite("commands")

HOUSE = {"batteries": [{"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}],
         "relays": [{"id": "r1", "battery": "b1", "role": "source",
                     "uri": "coap://127.0.0.1:9/relay"}]}
OFF = {"relay": "r1", "state": "off", "duration_s": 900}


def ask(daemon, method, path, body=None, **headers):
    """One request over the socket; returns (status, decoded answer, headers)."""
    connection = UnixConnection(daemon.socket)
    with contextlib.closing(connection):
        connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body),
                           {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        content = answer.read().decode()
        return answer.status, json.loads(content) if content else None, answer.headers


@suite.test
def a_command_has_a_place_where_its_end_is_told(env):
    daemon = Amphorad(env, HOUSE)
    status, begun, headers = ask(daemon, "POST", "overrides", OFF)
    equal((status, begun["state"], begun["relays"]), (202, "pending", ["r1"]), "answer")
    equal(headers["Location"], f"commands/{begun['command']}", "location")
    status, ended, headers = ask(daemon, "DELETE", f"overrides/{begun['id']}")
    equal((status, ended["asked"]), (202, "cancel"), "answer to the end")
    equal(headers["Location"], f"../commands/{ended['command']}", "its location")
    for number in (begun["command"], ended["command"]):
        def told(number=number):
            state = ask(daemon, "GET", f"commands/{number}")[1]["state"]
            events = ask(daemon, "GET", "events")[1]["events"]
            return state in ("ended", "timeout") and any(
                event["kind"] == "command" and event["command"] == number and
                event["state"] == state for event in events)
        wait_until(told, f"the end of command {number}")
    equal(ask(daemon, "GET", f"commands/{ended['command'] + 1}")[0], 404, "no such command")


@suite.test
def a_number_of_before_a_restart_is_nobody_elses(env):
    daemon = Amphorad(env, HOUSE)
    numbers = []
    for _ in range(3):
        begun = ask(daemon, "POST", "overrides", OFF)[1]
        for number in numbers:
            equal(ask(daemon, "GET", f"commands/{number}")[0], 404, "a command of before")
        numbers.append(begun["command"])
        daemon.kill()
        daemon.start()
    equal(len(set(numbers)), 3, "numbers of three starts")


@suite.test
def what_has_a_key_is_done_once(env):
    daemon = Amphorad(env, HOUSE)
    first = ask(daemon, "POST", "overrides", OFF, Idempotency_Key="k1")
    again = ask(daemon, "POST", "overrides", OFF, Idempotency_Key="k1")
    equal(again[:2], first[:2], "the same answer")
    equal(again[2]["Location"], first[2]["Location"], "location")
    equal(again[2]["Idempotency-Replayed"], "true", "and it says so")
    other = ask(daemon, "POST", "overrides", OFF | {"duration_s": 60}, Idempotency_Key="k1")
    equal((other[0], other[1]["type"]), (409, "/problems/idempotency-conflict"), "another body")
    assert ask(daemon, "POST", "overrides", OFF, Idempotency_Key="k2")[1]["id"] > first[1]["id"]
    equal(ask(daemon, "POST", "overrides", OFF, Idempotency_Key="x" * 65)[0], 400, "too long")
    wrong = OFF | {"duration_s": 0}
    equal(ask(daemon, "POST", "overrides", wrong, Idempotency_Key="k3")[0], 422, "refused")
    equal(ask(daemon, "POST", "overrides", OFF, Idempotency_Key="k3")[0], 202, "is not kept")


class Deaf:
    """Stands between `amphora` and the daemon; the answer to the first request is lost."""

    def __init__(self, env, daemon):
        self.path = env.path("deaf.sock")
        self.target = str(daemon.socket)
        self.lost = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.target)
            threading.Thread(target=self.pass_on, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(far, near, True), daemon=True).start()

    def pass_on(self, source, target, is_answer):
        while data := source.recv(65536):
            if is_answer and self.lost is None:
                self.lost = data
                break
            target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@suite.test
def a_command_whose_answer_is_lost_is_done_once(env):
    daemon = Amphorad(env, HOUSE)
    middle = Deaf(env, daemon)
    code, out, error = env.run("amphora", "--socket", middle.path, "relay", "set", "r1", "off",
                               "--for", "60s", "--json", timeout=60)
    assert b"HTTP/1.1 202" in middle.lost, middle.lost
    begun = json.loads(out)["override"]
    equal(json.loads(middle.lost.split(b"\r\n\r\n", 1)[1])["command"], begun["command"],
          "the answer that was given again")
    equal([override["id"] for override in daemon.state()["overrides"]], [begun["id"]], "overrides")
    posts = [row for row in daemon.json("audit")["rows"] if row["method"] == "POST"]
    equal(len(posts), 1, "what was done")
    equal(code, 7, f"exit code, with a relay that nobody is behind: {error}")


@suite.test
def settings_that_were_changed_meanwhile_are_not_overwritten(env):
    daemon = Amphorad(env, HOUSE)
    status, listed, headers = ask(daemon, "GET", "settings")
    equal(headers["ETag"], listed["etag"], "tag")
    change = {"scope": "b1", "name": "reserve_pct", "value": 35}
    status, changed, _ = ask(daemon, "PATCH", "settings", change, If_Match=listed["etag"])
    equal(status, 200, f"first change: {changed}")
    status, problem, headers = ask(daemon, "PATCH", "settings", change | {"value": 40},
                                   If_Match=listed["etag"])
    equal((status, problem["type"]), (412, "/problems/changed-meanwhile"), "with the old tag")
    equal(headers["ETag"], changed["etag"], "the new one is told")
    equal(ask(daemon, "PATCH", "settings", change | {"value": 40}, If_Match=changed["etag"])[0],
          200, "with the new tag")
    code, out, error = daemon.cli("set", "b1.reserve_pct", "45")
    equal(code, 0, f"amphora set: {out} {error}")


@suite.test
def what_is_out_of_range_is_told_with_its_place_and_range(env):
    daemon = Amphorad(env, HOUSE)
    status, problem, _ = ask(daemon, "PATCH", "settings",
                             {"scope": "b1", "name": "reserve_pct", "value": 999})
    equal((status, problem["type"], problem["pointer"]),
          (422, "/problems/out-of-range", "/value"), "setting")
    assert problem["range"]["max"] <= 100, problem
    status, problem, _ = ask(daemon, "POST", "overrides", OFF | {"duration_s": 0})
    equal((status, problem["pointer"], problem["range"]),
          (422, "/duration_s", {"min": 1, "max": 86400}), "duration")
    status, problem, _ = ask(daemon, "POST", "overrides", OFF | {"relay": "r9"})
    equal((status, problem["pointer"]), (404, "/relay"), "no such relay")


@suite.test
def what_does_not_exist_yet_says_what_it_needs(env):
    daemon = Amphorad(env, HOUSE)
    battery = ask(daemon, "GET", "battery/health?battery=b1")[1]["batteries"][0]
    equal((battery["capacity_wh"], battery["soh"]),
          (10000, {"soh_pct": None, "needs": "pack current"}), "health")
    equal({limit["name"] for limit in battery["limits"] if limit["place"]} >=
          {"reserve_pct", "ceiling_pct"}, True, "limits")
    equal(ask(daemon, "GET", "battery/health?battery=b9")[0], 404, "no such battery")
    plan = ask(daemon, "GET", "plan")[1]
    equal((plan["plan"], plan["meanwhile"]), (None, "threshold"), "plan")
    assert plan["needs"], plan
    code, out, error = daemon.cli("plan")
    equal((code, error), (0, ""), "exit and messages of plan")
    equal(out.count("\n  "), len(plan["needs"]), f"needs in words: {out}")
    assert "  A reading of the battery. It is not known how full it is.\n" in out and "meters.load" not in out, out
    assert out.endswith("Until then the rule decides.\n"), out
    code, out, error = daemon.cli("plan", "show", "--csv")
    equal((code, out), (0, ""), "exit and output of plan show --csv")
    assert "It needs:" in error, error


suite.run()
