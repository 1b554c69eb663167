"""Every operation of the API as docs/openapi.json describes it: what is asked, and what is answered.

Each answer is held against the document (described.py): status, headers, kind and body, in which
no member may be that is not described. The last test names what none of the others has asked.
"""

import concurrent.futures
import re
import time

import described
from described import DOCUMENT, Caller, check, operations
from garage import SETTINGS, is_live
from harness import (DEADLINE_S, Amphorad, House, Mosquitto, Relay, Sensor, Suite, equal, skip,
                     unwritable, wait_until)
from past import trusting
from stream import Stream

suite = Suite("openapi")

PASSWORD = "correct horse battery"
SETTING = {"scope": "b1", "name": "reserve_pct", "value": 12}
OFF = {"relay": "r1", "state": "off", "duration_s": 900}
BATTERY = {"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}
ROW = "2020-01-01T00:00:00Z,old,50,20\n"
HEAD = "at,node,soc_pct,temp_c\n"
READERS_MAX = 112
NODES_MAX = 128

# What no test brings about here, by status and operation, and why.
NOT_PROVOKED = {
    (429, "patchUser"): "more than 16 at once that wait for the worker",
    (429, "deleteUser"): "the same",
    (429, "postToken"): "the same",
    (429, "deleteToken"): "the same",
    (200, "getPlanExplanation"): "takes a plan: planned.py asks",
    (200, "getPlanThen"): "the same",
    (200, "getPlanWhatIf"): "the same",
    (503, "getPlanWhatIf"): "two at the same moment",
}


def alone(env, name="amphorad", **changes):
    """A daemon without broker and relays' answers, with a port."""
    relay = {"id": "r1", "battery": "b1", "role": "source", "uri": "coap://127.0.0.1:9/relay"}
    return Amphorad(env, {"mqtt": {"host": ""}, "web": {"listen": "127.0.0.1:0"},
                          "batteries": [BATTERY], "relays": [relay], **changes}, name=name)


def port_of(daemon):
    return wait_until(lambda: daemon.state()["web"]["port"], "the port")


def tcp(daemon, **options):
    return Caller(daemon, port_of(daemon), **options)


def live(env):
    """Broker, sensor, two relays and the daemon, which charges; a second battery is only watched."""
    broker = Mosquitto(env)
    Sensor(env, "b1", "--broker", f"127.0.0.1:{broker.port}", "--interval", 1)
    relays = [Relay(env, name) for name in ("r1", "r2")]
    daemon = Amphorad(env, {
        "mqtt": {"host": "127.0.0.1", "port": broker.port, "client_id": "amphora-test"},
        "web": {"listen": "127.0.0.1:0"},
        "settings": {**SETTINGS, "charge_below_pct": 99, "charge_until_pct": 100,
                     "ceiling_pct": 100, "discharge_above_pct": 100},
        "store": {"server": {"host": "127.0.0.1", "port": 9, "database": "amphora", "user": "a"}},
        "batteries": [BATTERY, {"id": "watched"}],
        "relays": [{"id": relay.node, "battery": "b1", "role": role, "uri": relay.uri}
                   for relay, role in zip(relays, ("source", "load"))]})
    wait_until(lambda: is_live(daemon), "the marker's echo")
    return broker, relays, daemon


@suite.test
def what_is_live(env):
    broker, relays, daemon = live(env)
    caller = tcp(daemon)
    broker.publish("amphora/stranger/battery", {"node": "stranger", "SoC": 50, "Temp": 20})
    broker.publish("amphora/b1/battery", "nonsense")
    broker.publish("amphora/meter/pv", "1234")
    wait_until(lambda: any(relay["phase"] == "confirmed" and relay["state"]
                           for relay in daemon.state()["relays"]), "a relay to close")

    def is_whole():
        state = caller.get("state")
        kinds = {node["kind"] for node in caller.get("nodes")["nodes"]}
        return (state["meters"]["pv"]["power_w"] == 1234 and state["readings"]["refused"] and
                state["alerts"] and kinds == {"sensor", "relay", "unknown"})
    wait_until(is_whole, "all kinds of nodes, a meter and an alert")
    assert any(one["decision"] for one in caller.get("explain")["batteries"])
    for path in ("relays", "alerts", "alerts?active=true", "overrides", "plan", "plan?battery=b1",
                 "plan/past?ahead=1h", "plan/worth", "doctor", "doctor?ask=broker", "detections", "battery/health",
                 "battery/health?battery=b1", "explain?battery=b1", "version", "healthz",
                 "/healthz", "/metrics", "openapi.json"):
        caller.get(path)
    for path in ("explain?battery=b9", "battery/health?battery=b9", "battery/life?battery=b9", "forecast?battery=b9",
                 "commands/9", "plan?battery=b9", "plan/explain", "plan/past?battery=b9", "plan/worth?battery=b9",
                 "plan/past/explain?battery=b9&at=0", "plan/past/explain?at=0"):
        caller.ask("GET", path).problem(404, "not-found")
    for path in ("alerts?active=perhaps", "events?after=x", "battery/life?battery=b1&days=0",
                 "battery/life", "forecast?battery=b1&hours=49", "prices?from=yesterday", "forecast/pv?to=x", "plan/explain?at=soon", "plan/past/explain", "plan/past/explain?at=soon",
                 "plan/past?ahead=25h", "plan/worth?to=soon"):
        caller.ask("GET", path).problem(400, "malformed")
    caller.ask("GET", "plan/what-if?reserve_pct=20").problem(404, "not-found")
    caller.ask("GET", "plan/what-if").problem(400, "malformed")
    caller.ask("GET", "plan/what-if?reserve_pct=101").problem(422, "out-of-range")
    relays[0].kill()
    wait_until(lambda: "relay-timeout" in daemon.alerts(), "a relay to be away", 60)
    for path in ("state", "nodes", "explain", "alerts"):
        caller.get(path)


@suite.test
def who_is_on_the_broker(env):
    broker, _, daemon = live(env)
    broker.publish("stat/plug/POWER", "ON", retain=True)
    caller = Caller(daemon)
    caller.ask("POST", "detections?seconds=0").problem(422, "out-of-range")
    equal(caller.ask("POST", "detections?seconds=2").status, 202, "status")
    caller.ask("POST", "detections").problem(409, "busy")
    found = wait_until(lambda: (lambda told: told["state"] == "done" and told)(
        caller.get("detections")), "the end of listening")
    equal({one["id"]: one["profile"] for one in found["devices"]},
          {"b1": "amphora", "plug": "tasmota"}, "devices")
    empty = Caller(elsewhere(env))
    empty.ask("POST", "detections").problem(404, "not-found")
    empty.ask("POST", "detections", {"broker": {"host": ""}}).problem(422, "out-of-range")
    empty.ask("POST", "detections", {"more": 1}).problem(400, "malformed")
    named = {"broker": {"host": "127.0.0.1", "port": broker.port}}
    equal(empty.ask("POST", "detections?seconds=1", named).status, 202, "status")
    setting_up(caller, empty, broker)


def elsewhere(env):
    """A daemon without batteries, whose configuration is in a directory that can be taken away."""
    daemon = Amphorad(env, {"mqtt": {"host": ""}}, name="other", is_started=False)
    env.path("moved").mkdir()
    daemon.config = daemon.config.rename(env.path("moved") / "other.yaml")
    daemon.start()
    return daemon


def setting_up(caller, empty, broker):
    """A configuration from answers; both daemons have found b1 and a plug."""
    place = {"broker": {"host": "127.0.0.1", "port": broker.port}, "zone": "UTC"}
    battery = {"device": "b1", "chemistry": "lfp", "capacity_kwh": 5, "power_kw": 2, "reserve_pct": 20}
    wish = {**place, "battery": battery, "relays": [{"role": "source", "device": "plug"}]}
    equal(caller.get("setup")["must_confirm"], True, "that batteries are configured")
    equal(empty.get("setup")["why"], None, "why not")
    equal(caller.ask("POST", "setup", wish | {"preview": True}).status, 200, "status of a preview")
    caller.ask("POST", "setup", wish).problem(409, "exists-already")
    node = {"role": "load", "uri": "coap://127.0.0.1:9", "kind": "lwm2m", "value": "/3306/0/5850"}
    for change, status, kind in (({"battery": battery | {"device": "b9"}}, 422, "out-of-range"),
                                 ({"relays": [node]}, 422, "owners-word-needed"),
                                 ({"zone": "Middle/Earth", "replace": True}, 422, "refused-by-check"),
                                 ({"more": 1}, 400, "malformed")):
        caller.ask("POST", "setup", wish | change).problem(status, kind)
    wait_until(lambda: empty.get("detections")["state"] == "done", "the end of listening")
    empty.daemon.config.parent.rename(empty.daemon.config.parent.with_name("away"))
    empty.ask("POST", "setup", wish).problem(503, "not-writable")
    kept = caller.ask("POST", "setup", wish | {"replace": True}).good()["kept"]
    assert kept.startswith(f"{caller.daemon.config}.before-"), kept
    wait_until(lambda: [one["id"] for one in caller.daemon.state()["relays"]] == ["plug"],
               "the new configuration")


@suite.test
def the_trial_of_a_relay(env):
    _, relays, daemon = live(env)
    caller = Caller(daemon)
    equal(caller.get("relays/r1/trial")["state"], "none", "before any")
    for method in ("GET", "POST"):
        caller.ask(method, "relays/r9/trial").problem(404, "not-found")
    caller.ask("POST", "relays/r2/trial").problem(422, "refused-by-limits")
    caller.ask("PATCH", "settings", {"name": "logic", "value": "monitor"}).good()
    wait_until(lambda: daemon.state()["relays"][0]["state"] is False, "the relays to be open")
    wait_until(lambda: caller.ask("POST", "relays/r2/trial").status == 202, "the gate's word")
    caller.ask("POST", "relays/r1/trial").problem(409, "busy")
    relays[1].kill()
    wait_until(lambda: caller.get("relays/r2/trial")["state"] == "done", "the end of the trial", 30)
    equal(caller.get("relays/r2/trial")["passed"], False, "what came of it")


@suite.test
def what_it_says_of_itself(env):
    caller = Caller(alone(env))
    answer = caller.ask("GET", "openapi.json")
    equal(answer.json, DOCUMENT, "the description")
    again = caller.ask("GET", "openapi.json", If_None_Match=answer.headers["ETag"])
    equal(again.status, 304, "status")


EVENTS = (DOCUMENT["paths"]["/api/v1/events"]["get"]["responses"]["200"]["content"]
          ["text/event-stream"]["x-events"])


@suite.test
def the_event_stream(env):
    broker, _, daemon = live(env)
    caller, port = Caller(daemon), port_of(daemon)
    wait_until(lambda: daemon.state()["relays"][0]["state"], "the relay to close")
    stream = Stream(port)
    equal(stream.answer.getheader("Content-Type"), "text/event-stream")
    for _ in range(2):
        broker.publish("amphora/meter/grid", "-20")
        caller.ask("PATCH", "settings", SETTING)
        caller.ask("POST", "overrides", OFF)
    wanted = {"snapshot", "heartbeat", "reading", "relay", "command", "override", "setting",
              "decision", "alert", "meter"}
    told = set()
    deadline = time.monotonic() + DEADLINE_S
    while told < wanted and time.monotonic() < deadline:
        name, data = stream.next()
        check(data, EVENTS[name], f"event {name}")
        told |= {data["kind"] if name == "change" else name}
    equal(sorted(wanted - told), [], "events that did not come")
    again = Stream(port, stream.last_id)
    for _ in range(3):
        name, data = again.next()
        check(data, EVENTS[name], f"event {name} to who comes again")
    kinds = {event["kind"] for event in caller.get("events?after=1&limit=900")["events"]}
    assert kinds >= {"reading", "relay", "command", "override"}, kinds


@suite.test
def too_many_readers_of_the_stream(env):
    daemon = alone(env)
    streams = [Stream(port_of(daemon)) for _ in range(READERS_MAX)]
    answer = tcp(daemon).ask("GET", "events", Accept="text/event-stream")
    answer.problem(503, "not-now")
    equal(len(streams), READERS_MAX)


@suite.test
def history(env):
    broker, _, daemon = live(env)
    caller = Caller(trusting(daemon))
    wait_until(lambda: len(daemon.rows("battery_data", "row")) > 2 and
               daemon.rows("rele_data"), "stored rows")
    imported = caller.ask("POST", "import", HEAD + ROW + "nonsense\n" + ROW).good()
    equal((imported["rows"], imported["bad"]), (2, 1), "rows and bad lines")
    for query in ("", "?node=b1&kind=reading", "?kind=relay", "?level=1min",
                  "?level=1day&kind=relay",
                  "?level=auto&limit=5", "?from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z",
                  "?from=0&level=15min", "?node=b1&points=20", "?node=b1&agg=minmax&points=5",
                  "?node=r1&kind=relay&points=5", "?node=b1&agg=last&format=csv",
                  "?kind=meter", "?kind=meter&level=15min", "?kind=meter&node=grid&points=5",
                  "?kind=meter&node=pv&agg=minmax"):
        caller.get("series" + query)
    assert caller.get("decisions?battery=b1&limit=5")["rows"], "decisions"
    page = caller.ask("GET", "export?limit=2")
    assert "rel=\"next\"" in page.headers["Link"], page.headers
    caller.ask("GET", re.search("<(.*)>", page.headers["Link"]).group(1)).good()
    for query in ("kind=relay&node=r1", "kind=decision&limit=1000", "kind=meter"):
        caller.ask("GET", "export?" + query).good()
    for path in ("series?kind=x", "series?limit=0", "decisions?from=x", "export?after=x"):
        caller.ask("GET", path).problem(400, "malformed")
    for path in ("series?node=b9", "decisions?battery=b9", "export?node=b9"):
        caller.ask("GET", path).problem(404, "not-found")
    caller.ask("POST", "import", "nonsense\n").problem(400, "malformed")
    many = "".join(ROW.replace("old", f"n{number}") for number in range(NODES_MAX + 1))
    caller.ask("POST", "import", HEAD + many).good()
    caller.ask("GET", "export").problem(422, "refused")


@suite.test
def history_without_its_file(env):
    daemon = alone(env)
    caller = Caller(daemon)
    daemon.store.rename(env.path("elsewhere.db"))
    for path in ("series", "decisions", "export", "audit", "battery/life?battery=b1",
                 "forecast?battery=b1"):
        caller.ask("GET", path).problem(503, "not-now")
    env.path("elsewhere.db").rename(daemon.store)


@suite.test
def sums_before_anything_is_summed_up(env):
    caller = Caller(alone(env))
    equal(caller.get("series?level=1min")["rolled_up_to"], None, "how far rows are summed up")
    equal(caller.get("battery/life?battery=b1&days=7")["hours"], [], "where it has lived")
    equal(caller.get("forecast?battery=b1")["needs"], ["readings"], "what a forecast lacks")


@suite.test
def settings(env):
    daemon = alone(env)
    token = token_of(daemon, "control")
    caller, away = Caller(daemon), tcp(daemon, token=token)
    tag = caller.get("settings")["etag"]
    for change in (SETTING, SETTING | {"value": None},
                   {"name": "schedule", "value": "charge 00:30-04:30"},
                   {"name": "logic", "value": "monitor", "scope": None}):
        caller.ask("PATCH", "settings", change).good()
    caller.get("settings")
    caller.ask("PATCH", "settings", SETTING | {"more": 1}).problem(400, "malformed")
    caller.ask("PATCH", "settings", SETTING | {"scope": "b9"}).problem(404, "not-found")
    caller.ask("PATCH", "settings", SETTING | {"name": "nonsense"}).problem(404, "not-found")
    caller.ask("PATCH", "settings", SETTING | {"value": 999}).problem(422, "out-of-range")
    away.ask("PATCH", "settings", SETTING).problem(428, "if-match-needed")
    away.ask("PATCH", "settings", SETTING, If_Match=tag).problem(412, "changed-meanwhile")
    away.ask("PATCH", "settings", SETTING, If_Match="*", Idempotency_Key="k").good()
    replayed = away.ask("PATCH", "settings", SETTING, If_Match="*", Idempotency_Key="k")
    equal(replayed.headers["Idempotency-Replayed"], "true", "that it was asked before")
    away.ask("PATCH", "settings", SETTING | {"value": 13}, If_Match="*",
             Idempotency_Key="k").problem(409, "idempotency-conflict")

    # After a kill it is known that it was done: what was set since stays.
    daemon.kill()
    daemon.restart()
    away = tcp(daemon, token=token)
    away.ask("PATCH", "settings", SETTING | {"value": 14}, If_Match="*").good()
    again = away.ask("PATCH", "settings", SETTING, If_Match="*", Idempotency_Key="k")
    again.problem(409, "idempotency-conflict")
    assert "before amphorad was started anew" in again.json["detail"], again.json
    reserve = next(one for one in caller.get("settings")["settings"] if one["name"] == "reserve_pct")
    equal(float(reserve["batteries"][0]["value"]), 14.0, "what was set last")
    caller.ask("PATCH", "settings", SETTING, Idempotency_Key="k").good()  # another's key


def strangers(broker, daemon, *names):
    """Nodes that are heard and in no configuration."""
    for name in names:
        broker.publish(f"amphora/{name}/battery", {"node": name, "SoC": 50, "Temp": 20})
    wait_until(lambda: set(names) <= {node["node"] for node in daemon.http(
        "GET", "/api/v1/nodes")[1]["nodes"]}, "the strangers")


def let_a_relay_in(env, caller):
    """One that is looked for becomes shed's, which is not forgotten before it."""
    relay = Relay(env, "r8")
    caller.ask("POST", "nodes/looks", {"address": "http://h.org"}).problem(400, "malformed")
    caller.ask("POST", "nodes/looks", {"address": relay.uri.removesuffix("/relay")}).good()
    wait_until(lambda: caller.get("nodes/looks")["state"] == "done", "its answer")
    wait_until(lambda: any(node["node"] == "r8" and node["on"] is False
                           for node in caller.get("nodes")["nodes"] if "on" in node), "r8, open")
    wish = {"node": "r8", "role": "load", "battery": "shed", "lease": "none", "address": relay.uri}
    caller.ask("POST", "nodes/admissions", wish).good()
    caller.get("nodes")
    caller.ask("DELETE", "nodes/admissions/shed").problem(422, "refused-by-limits")
    equal(caller.ask("DELETE", "nodes/admissions/r8?seen_open=true").status, 204, "status")
    nobody = {"address": "coap://127.0.0.1:9"}
    caller.ask("POST", "nodes/looks", nobody).good()
    caller.ask("POST", "nodes/looks", nobody).problem(409, "busy")


@suite.test
def letting_nodes_in(env):
    broker, _, daemon = live(env)
    caller = Caller(daemon)
    strangers(broker, daemon, "shed", "attic")
    sizes = {"chemistry": "lfp", "capacity_kwh": 5.5, "power_kw": 2}
    for _ in range(2):
        caller.ask("POST", "nodes/admissions", {"node": "shed", **sizes}, Idempotency_Key="s").good()
    caller.get("nodes")
    for wish, status, kind in (({"node": "attic", "power_kw": 2}, 400, "malformed"),
                               ({"node": "nobody"}, 404, "not-found"),
                               ({"node": "b1"}, 409, "exists-already"),
                               ({"node": "attic", **sizes, "power_kw": 0}, 422, "refused-by-limits")):
        caller.ask("POST", "nodes/admissions", wish).problem(status, kind)
    caller.ask("POST", "nodes/admissions", {"node": "attic"}, Idempotency_Key="s").problem(
        409, "idempotency-conflict")
    caller.ask("DELETE", "nodes/admissions/attic").problem(404, "not-found")
    let_a_relay_in(env, caller)
    for _ in range(2):
        equal(caller.ask("DELETE", "nodes/admissions/shed", Idempotency_Key="f").status, 204, "status")
    caller.ask("DELETE", "nodes/admissions/attic", Idempotency_Key="f").problem(
        409, "idempotency-conflict")
    equal({one["kind"] for one in caller.get("events")["events"]} & {"node"}, {"node"}, "its events")


@suite.test
def overrides_and_their_commands(env):
    broker, _, daemon = live(env)
    caller = Caller(daemon)
    for wish in ({"battery": "b1", "intent": "hold", "duration_s": 60}, OFF,
                 {"relay": "r2", "state": False, "duration_s": 1.5}):
        begun = caller.ask("POST", "overrides", wish).good()
        caller.get("overrides")
        caller.get(f"commands/{begun['command']}")
    caller.ask("DELETE", f"overrides/{begun['id']}", Idempotency_Key="end").good()
    equal(caller.ask("DELETE", f"overrides/{begun['id']}", Idempotency_Key="end").good()["asked"],
          "cancel", "the same answer")
    caller.ask("DELETE", "overrides/99").problem(404, "not-found")
    caller.ask("DELETE", "overrides/99", Idempotency_Key="x" * 65).problem(400, "malformed")
    caller.ask("DELETE", "overrides/98", Idempotency_Key="end").problem(409, "idempotency-conflict")
    caller.ask("POST", "overrides", OFF | {"relay": "r9"}).problem(404, "not-found")
    caller.ask("POST", "overrides", OFF | {"state": "maybe"}).problem(400, "malformed")
    caller.ask("POST", "overrides", OFF | {"duration_s": 0}).problem(422, "out-of-range")
    caller.ask("POST", "overrides", OFF, Idempotency_Key="o").good()
    caller.ask("POST", "overrides", OFF | {"duration_s": 5}, Idempotency_Key="o").problem(
        409, "idempotency-conflict")
    watched = {"battery": "watched", "intent": "charge", "duration_s": 60}
    caller.ask("POST", "overrides", watched).problem(422, "refused-by-limits")


@suite.test
def alerts(env):
    daemon = Amphorad(env, {"mqtt": {"host": "127.0.0.1", "port": 9}, "batteries": [BATTERY]})
    caller = Caller(daemon)
    alert = wait_until(lambda: caller.get("alerts")["alerts"], "an alert")[0]
    path = f"alerts/{alert['id']}/acknowledge"
    equal(caller.ask("POST", path, Idempotency_Key="a").status, 204, "status")
    equal(caller.ask("POST", path, Idempotency_Key="a").status, 204, "status of the same again")
    caller.ask("POST", "alerts/99/acknowledge", Idempotency_Key="a").problem(
        409, "idempotency-conflict")
    caller.ask("POST", "alerts/99/acknowledge").problem(404, "not-found")
    caller.ask("POST", path, Idempotency_Key="x" * 65).problem(400, "malformed")


@suite.test
def where_alerts_go(env):
    Caller(alone(env, name="without")).ask("POST", "alerts/test").problem(404, "not-found")
    outlets = [{"name": "nowhere", "kind": "webhook", "url": "http://127.0.0.1:9/"}]
    caller = Caller(alone(env, notify=outlets))
    equal(caller.get("alerts")["outlets"][0]["last"], None, "the last try")
    tested = caller.ask("POST", "alerts/test").good()["outlets"][0]
    equal((tested["last"]["ok"], tested["last"]["alert"]), (False, None), "the test")


@suite.test
def a_disk_that_takes_nothing(env):
    """What is asked before anybody knows of it is done and may be lost; what comes later is not."""
    broker, _, daemon = live(env)
    caller = Caller(trusting(daemon))
    wait_until(lambda: daemon.state()["relays"][0]["state"], "the relay to close")
    strangers(broker, daemon, "shed", "attic")
    caller.ask("POST", "nodes/admissions", {"node": "attic"}).good()
    alert = wait_until(lambda: daemon.state()["alerts"], "an alert")[0]
    begun = caller.ask("POST", "overrides", OFF | {"relay": "r2"}).good()
    changes = [("PATCH", "settings", SETTING),
               ("POST", "overrides", {"relay": "r1", "state": "on", "duration_s": 600}),
               ("DELETE", f"overrides/{begun['id']}", None),
               ("POST", f"alerts/{alert['id']}/acknowledge", None),
               ("POST", "nodes/admissions", {"node": "shed"}),
               ("DELETE", "nodes/admissions/attic", None),
               ("POST", "import", HEAD + ROW)]
    with unwritable(daemon.store), concurrent.futures.ThreadPoolExecutor(len(changes)) as pool:
        for asked in [pool.submit(caller.ask, *change) for change in changes]:
            asked.result().problem(504, "not-known-to-be-stored")
        for change in changes:
            caller.ask(*change).problem(503, "not-now")
        equal(caller.ask("POST", "overrides", OFF).good()["stored"], False, "whether it is stored")


def token_of(daemon, role):
    return Caller(daemon).ask("POST", "tokens", {"name": f"a-{role}", "role": role}).good()["token"]


@suite.test
def logging_in(env):
    daemon = alone(env)
    local, away = Caller(daemon), tcp(daemon)
    equal(away.get("session")["first_run"], True, "the first run")
    anna = {"name": "anna", "password": PASSWORD}
    away.ask("POST", "users", anna | {"code": "0" * 12}).problem(401, "login-failed")
    code = local.ask("POST", "login-codes").good()["code"]
    away.ask("POST", "users", anna | {"code": code}).good()
    away.ask("POST", "users", anna | {"code": code}).problem(403, "role-too-low")
    local.ask("POST", "users", {"name": "bob", "password": PASSWORD, "role": "view"}).good()
    local.ask("POST", "users", {"name": "bob", "password": PASSWORD, "role": "view"}).problem(
        409, "exists-already")
    local.ask("POST", "users", {"name": "eve"}).problem(400, "malformed")
    local.get("users")
    equal(away.ask("POST", "session", anna).good()["user"], "anna", "user")
    away.ask("POST", "session", {"code": local.ask("POST", "login-codes").good()["code"]}).good()
    away.ask("POST", "session", {"name": "anna"}).problem(400, "malformed")
    away.ask("POST", "session", anna, Sec_Fetch_Site="cross-site").problem(403, "origin")
    away.ask("DELETE", "session", Sec_Fetch_Site="cross-site").problem(403, "origin")
    equal(away.ask("DELETE", "session").status, 204, "status of logging out")
    away.ask("POST", "session", anna | {"password": "wrong"}).problem(401, "login-failed")
    wait_until(lambda: away.ask("POST", "session", {"code": "0" * 12}).status == 429,
               "too many tries")


@suite.test
def users_and_tokens(env):
    daemon = alone(env)
    local, away = Caller(daemon), tcp(daemon)
    eve = {"name": "eve", "password": PASSWORD, "code": "0" * 12}
    for _ in range(5):
        away.ask("POST", "users", eve).problem(401, "login-failed")
    away.ask("POST", "users", eve).problem(429, "too-many-tries")
    local.ask("POST", "users", {"name": "anna", "password": PASSWORD, "role": "view"}).good()
    local.ask("PATCH", "users/anna", {"role": "control"}).good()
    local.ask("PATCH", "users/anna", {}).problem(400, "malformed")
    local.ask("PATCH", "users/eve", {"role": "control"}).problem(404, "not-found")
    equal(local.ask("DELETE", "users/anna").status, 204, "status of removing")
    local.ask("DELETE", "users/anna").problem(404, "not-found")
    token = {"name": "grafana", "role": "view"}
    local.ask("POST", "tokens", token).good()
    local.ask("POST", "tokens", token).problem(409, "exists-already")
    local.ask("POST", "tokens", {"name": "grafana"}).problem(400, "malformed")
    local.get("tokens")
    equal(local.ask("DELETE", "tokens/grafana").status, 204, "status of removing")
    local.ask("DELETE", "tokens/grafana").problem(404, "not-found")
    for number in range(100):
        answer = local.ask("POST", "tokens", {"name": f"t{number}", "role": "view"})
        if answer.status != 201:
            break
    answer.problem(409, "too-many")


@suite.test
def the_audit(env):
    daemon = alone(env)
    local, away = Caller(daemon), tcp(daemon)
    away.ask("PATCH", "settings", SETTING).problem(401, "login-needed")
    for number in range(25):
        tcp(daemon, token=f"unknown{number}").ask("GET", "state")
    local.ask("POST", "overrides", OFF).good()
    local.ask("POST", "tokens", {"name": "t", "role": "view"}).good()
    wait_until(lambda: len(local.get("audit?limit=1000&from=0")["rows"]) > 20, "rows")
    local.ask("GET", "audit?from=x").problem(400, "malformed")


@suite.test
def a_damaged_file_of_users(env):
    env.write("users.json", "{}").chmod(0o600)
    local = Caller(alone(env))
    anna = {"name": "anna", "password": PASSWORD}
    for method, path, body in (("POST", "session", anna),
                               ("POST", "users", anna | {"role": "view"}),
                               ("PATCH", "users/anna", {"role": "view"}),
                               ("DELETE", "users/anna", None),
                               ("POST", "tokens", {"name": "t", "role": "view"}),
                               ("DELETE", "tokens/t", None)):
        local.ask(method, path, body).problem(503, "not-now")


@suite.test
def the_demo_s_faults(env):
    fault = {"fault": "sensor-silent", "on": True}
    without = Caller(alone(env, name="without"))
    without.ask("GET", "demo/faults").problem(404, "not-found")
    without.ask("POST", "demo/faults", fault).problem(404, "not-found")
    broker = Mosquitto(env)
    home = House(env, "--broker", f"127.0.0.1:{broker.port}", "--ports-file", env.path("ports"))
    caller = Caller(alone(env, demo={"house_socket": str(home.control)}))
    caller.get("demo/faults")
    caller.ask("POST", "demo/faults", fault).good()
    caller.ask("POST", "demo/faults", fault | {"fault": "nonsense"}).problem(422, "refused")
    caller.ask("POST", "demo/faults", {"fault": "sensor-silent"}).problem(400, "malformed")
    home.stop()
    caller.ask("GET", "demo/faults").problem(503, "not-now")
    caller.ask("POST", "demo/faults", fault).problem(503, "not-now")


@suite.test
def the_page_and_its_files(env):
    daemon = alone(env)
    caller = tcp(daemon)
    page = caller.ask("GET", "/").content.decode()
    paths = {"/" + path for path in re.findall(r'(?:href|src)="(assets/[^"]+)"', page)}
    assert len(paths) > 3, page
    for path in ("/", "/sw.js", "/manifest.webmanifest", *sorted(paths)):
        answer = caller.ask("GET", path)
        equal(answer.status, 200, path)
        again = caller.ask("GET", path, If_None_Match=answer.headers["ETag"])
        equal(again.status, 304, f"{path} again")
    caller.ask("GET", "/assets/nothing.js").problem(404, "not-found")


def example(path):
    """A path with something in the place of its names."""
    return re.sub(r"\{\w+\}", "77", path)


@suite.test
def who_may_do_what(env):
    daemon = alone(env)
    nobody, viewer, controller, stranger = (
        tcp(daemon), tcp(daemon, token=token_of(daemon, "view")),
        tcp(daemon, token=token_of(daemon, "control")), tcp(daemon, token="unknown"))
    for method, path, operation in operations():
        path, role = example(path), operation["x-role"]
        what = f"{method} {path}"
        stranger.ask(method, path).problem(401, "login-needed")
        first = nobody.ask(method, path)
        equal(first.status == 401, role == "control", f"{what}: whether nobody may")
        if role == "control":
            viewer.ask(method, path).problem(403, "role-too-low")
        elif method == "GET":
            assert viewer.ask(method, path).status not in (401, 403), what
        if operation.get("x-transport") == "unix":
            controller.ask(method, path).problem(403, "role-too-low")
        elif role == "control" and not path.endswith("/shutdown"):
            assert controller.ask(method, path).status not in (401, 403), what


@suite.test
def what_any_request_may_be_refused_with(env):
    daemon = alone(env)
    for method, path, _ in operations():
        path = example(path)
        tcp(daemon).ask(method, path, Host="elsewhere.example").problem(421, "host-not-allowed")
        tcp(daemon).ask(method, path, X_Forwarded_For="192.0.2.1").problem(403, "proxy-not-named")
    token = token_of(daemon, "control")
    tcp(daemon, token=token).ask("PATCH", "/api/v1/settings", "x" * 70000).problem(413, "too-large")


@suite.test
def the_end(env):
    daemon = alone(env)
    stopping = Caller(daemon).ask("POST", "shutdown").good()
    equal([one["relay"] for one in stopping["not_open"]], ["r1"], "what is not open")


@suite.test
def nothing_that_is_described_was_left_out(env):
    if suite.options().only:
        skip("not all tests were run")
    missing = []
    for method, path, operation in operations():
        name = operation["operationId"]
        for status in operation["responses"]:
            is_asked = status == "default" or (name, int(status)) in described.asked
            if not is_asked and (int(status), name) not in NOT_PROVOKED:
                missing.append(f"{method} {path}: {status}")
    equal(missing, [], "what no test has brought about")


if __name__ == "__main__":
    suite.run()
