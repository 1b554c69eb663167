"""The event stream: a snapshot, then numbered changes, whoever reads and however slowly."""

import http.client
import json
import socket
import time

from garage import SETTINGS, house, is_live, reading, send
from harness import DEADLINE_S, Amphorad, Mosquitto, Relay, Suite, equal, wait_until

suite = Suite("stream")

READERS_MAX = 112
HEARTBEAT_S = 5


class Stream:
    """Reads GET /api/v1/events as a browser does; `last_id` is what it heard before."""

    def __init__(self, port, last_id=None, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
        headers = {"Accept": "text/event-stream", **(headers or {})}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.connection.request("GET", "/api/v1/events", headers=headers)
        self.answer = self.connection.getresponse()
        self.last_id = last_id

    def next(self):
        """The next event as (name, data); None at the stream's end."""
        name, data = None, None
        while line := self.answer.readline().decode().rstrip("\n"):
            key, _, value = line.partition(": ")
            if key == "event":
                name = value
            elif key == "id":
                self.last_id = value
            elif key == "data":
                data = json.loads(value)
        return (name, data) if name else None

    def until(self, is_wanted):
        """All events up to the first that is wanted."""
        events = [self.next()]
        while events[-1] and not is_wanted(*events[-1]):
            events.append(self.next())
        assert events[-1], f"the stream has ended after {events[:-1]}"
        return events

    def close(self):
        self.connection.close()


def is_change(kind):
    return lambda name, data: name == "change" and data["kind"] == kind


def start(env, relays=False, **changes):
    """Broker and daemon, live, and the port of its stream."""
    broker = Mosquitto(env)
    source = {"r1": ("source", Relay(env, "r1").uri)} if relays else {}
    daemon = Amphorad(env, house(broker, source, web={"listen": "127.0.0.1:0"}, **changes))
    wait_until(lambda: is_live(daemon) and daemon.state()["web"]["port"], "the marker and the port")
    return broker, daemon, daemon.state()["web"]["port"]


def without_ages(value):
    """The same without what goes on by itself."""
    if isinstance(value, dict):
        return {key: without_ages(one) for key, one in value.items()
                if not key.endswith(("_s", "_bytes")) and key not in ("time", "journal")}
    return [without_ages(one) for one in value] if isinstance(value, list) else value


@suite.test
def it_begins_with_all_that_is_and_goes_on_with_what_each_change_touches(env):
    broker, daemon, port = start(env, relays=True)
    stream = Stream(port)
    name, snapshot = stream.next()
    equal((name, stream.answer.getheader("Content-Type")), ("snapshot", "text/event-stream"))
    equal(without_ages(snapshot["state"]), without_ages(daemon.state()), "the state")
    equal([node["node"] for node in snapshot["nodes"]], ["b1", "r1"], "the nodes")
    equal([one["battery"] for one in snapshot["explain"]], ["b1"], "explained")
    send(broker, 20)
    _, change = stream.until(is_change("reading"))[-1]
    equal((change["number"] > snapshot["number"], change["subject"]), (True, "b1"))
    equal(change["parts"]["batteries"]["b1"]["soc_pct"], 20, "the battery as it is now")
    equal(change["parts"]["sensors"]["b1"]["node"], "b1", "its sensor")
    relay = daemon.state()["relays"][0]
    told = change["parts"]["relays"]["r1"]
    assert abs(told["heard_age_s"] - relay["heard_age_s"]) < 5, (told, relay)
    for _ in range(4):
        time.sleep(0.2)
        send(broker, 20)
    change = stream.until(lambda name, data: is_change("relay")(name, data) and
                          data["parts"]["relays"]["r1"]["phase"] == "confirmed")[-1][1]
    equal(change["parts"]["relays"]["r1"]["state"], True, "the relay that is confirmed")
    assert "20 % is below 30 %" in change["parts"]["explain"]["b1"]["decision"]["words"], change
    numbers = [change["number"]]
    broker.publish("amphora/meter/pv", "1234")
    _, meter = stream.until(is_change("meter"))[-1]
    equal(meter["parts"]["meters"]["pv"]["power_w"], 1234, "the meter")
    assert meter["number"] >= numbers[-1], "numbers went back"


@suite.test
def who_comes_again_hears_what_it_missed_and_a_stranger_the_whole(env):
    broker, daemon, port = start(env)
    first = Stream(port)
    first.next()
    send(broker, 50)
    first.until(is_change("reading"))
    first.close()
    daemon.cli("set", "reserve_pct", "30")
    daemon.cli("set", "reserve_pct", "31")
    again = Stream(port, first.last_id)
    told = [data["words"] for name, data in again.until(
        lambda name, data: is_change("setting")(name, data) and "31" in data["words"])
            if name == "change" and data["kind"] == "setting"]
    equal(told, ["reserve_pct = 30", "reserve_pct = 31"], "what was missed")
    for unknown in ("999999", first.last_id.rpartition("-")[0] + "-999999", "nonsense-1"):
        equal(Stream(port, unknown).next()[0], "snapshot", f"what comes for id {unknown}")
    daemon.restart()
    port = wait_until(lambda: daemon.state()["web"]["port"], "the port")
    equal(Stream(port, first.last_id).next()[0], "snapshot", "what comes after a restart")


@suite.test
def silence_has_a_heartbeat(env):
    _, _, port = start(env)
    stream = Stream(port)
    stream.next()
    name, beat = stream.until(lambda name, data: name == "heartbeat")[-1]
    equal((name, beat["clock_factor"], beat["broker"]["connected"]), ("heartbeat", 1, True))


@suite.test
def a_flood_of_readings_is_told_by_its_last_ones(env):
    broker, daemon, port = start(env)
    stream = Stream(port)
    stream.next()
    count = 5000
    broker.publish_lines("amphora/b1/battery",
                         [json.dumps(reading(50 + number / count, seq=number + 1))
                          for number in range(count)])
    last = round(50 + (count - 1) / count, 2)
    events = stream.until(lambda name, data: is_change("reading")(name, data) and
                          data["soc_pct"] == last)
    told = [data["number"] for name, data in events if name == "change" and "soc_pct" in data]
    equal(told, sorted(set(told)), "numbers that rise")
    assert len(told) < count / 2, f"{len(told)} of {count} readings were told"
    wait_until(lambda: len(daemon.rows("battery_data", "row")) == count, "all to be stored")


@suite.test
def who_does_not_read_is_cut_off_and_nobody_else_notices(env):
    broker, daemon, port = start(env)
    deaf = socket.create_connection(("127.0.0.1", port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n"
                 b"Accept: text/event-stream\r\n\r\n")
    stream = Stream(port)
    stream.next()

    def is_cut():
        for value in range(20, 120):
            daemon.http("PATCH", "/api/v1/settings",
                        {"scope": "b1", "name": "reserve_pct", "value": value % 50 + 10})
            stream.until(is_change("setting"))
        deaf.setblocking(False)
        try:
            return deaf.send(b"\r\n") == 0
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            deaf.setblocking(True)

    wait_until(is_cut, "the deaf one to be cut off", 120, every=0)
    send(broker, 77)
    stream.until(lambda name, data: is_change("reading")(name, data) and data["soc_pct"] == 77)


@suite.test
def one_too_many_is_told_so_and_room_is_made_when_others_go(env):
    _, _, port = start(env)
    streams = [Stream(port) for _ in range(READERS_MAX)]
    equal({stream.answer.status for stream in streams}, {200})
    late = Stream(port)
    equal((late.answer.status, late.answer.getheader("Retry-After")), (503, "30"))
    assert "too many" in json.loads(late.answer.read())["detail"]
    for stream in streams[:10]:
        stream.close()
    wait_until(lambda: Stream(port).answer.status == 200, "room", 2 * HEARTBEAT_S + 5)


AFAR = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "house.example",
        "X-Forwarded-Proto": "http"}


def log_in(daemon, port):
    """Logs in from afar with a code of the machine; returns the headers of the session."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    code = daemon.http("POST", "/api/v1/login-codes")[1]["code"]
    connection.request("POST", "/api/v1/session", json.dumps({"code": code}), AFAR)
    answer = connection.getresponse()
    equal(answer.status, 200, "the login")
    return {**AFAR, "Cookie": answer.getheader("Set-Cookie").split(";")[0]}


def token(daemon):
    """The headers of a program."""
    return {**AFAR, "Authorization": "Bearer " + daemon.http(
        "POST", "/api/v1/tokens", {"name": "grafana", "role": "view"})[1]["token"]}


@suite.test
def a_stream_ends_with_the_login_that_opened_it_and_says_nothing_more(env):
    broker = Mosquitto(env)
    daemon = Amphorad(env, house(broker, {}, web={"listen": "127.0.0.1:0", "proxy": ["127.0.0.1"]}))
    port = wait_until(lambda: is_live(daemon) and daemon.state()["web"]["port"], "the port")
    anna, other, program = log_in(daemon, port), log_in(daemon, port), token(daemon)
    leaving, staying, revoked = (Stream(port, headers=who) for who in (anna, other, program))
    for stream in (leaving, staying, revoked):
        equal((stream.answer.status, stream.next()[0]), (200, "snapshot"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    connection.request("DELETE", "/api/v1/session",
                       headers={**anna, "Sec-Fetch-Site": "same-origin"})
    equal(connection.getresponse().status, 204, "logging out")
    equal(daemon.http("DELETE", "/api/v1/tokens/grafana")[0], 204, "taking the token back")
    daemon.cli("set", "reserve_pct", "30")
    staying.until(is_change("setting"))
    for stream, who in ((leaving, anna), (revoked, program)):
        while event := stream.next():
            assert not is_change("setting")(*event), f"told after its login had ended: {event}"
        equal(Stream(port, stream.last_id, who).answer.status, 401, "coming again")


@suite.test
def a_shutdown_ends_the_stream(env):
    broker, daemon, port = start(env, settings={**SETTINGS, "reserve_pct": 30})
    stream = Stream(port)
    stream.next()
    send(broker, 50)
    stream.until(is_change("reading"))
    equal(daemon.stop(), 0, "the daemon's exit code")
    while stream.next():
        pass


if __name__ == "__main__":
    suite.run()
