"""Who asked for what: each command and change leaves a row, refused or not, and no secret is in it."""

import csv
import io
import json
import os
import pwd
import threading

from harness import Amphorad, Suite, equal, free_udp_port, unwritable, wait_until
from web_access import BATTERY, PASSWORD, SETTING, ask, daemon, log_in, own, port_of, with_user

suite = Suite("audit")

API = "/api/v1"
ME = pwd.getpwuid(os.getuid()).pw_name
OFF = {"relay": "r1", "state": "off", "duration_s": 60}


def with_relay(env, **web):
    """A daemon with a relay that never answers, on TCP as well."""
    relay = {"id": "r1", "battery": "b1", "role": "source",
             "uri": f"coap://127.0.0.1:{free_udp_port()}/relay"}
    return Amphorad(env, {"mqtt": {"host": ""}, "batteries": [BATTERY], "relays": [relay],
                          "web": dict(web, listen="127.0.0.1:0")})


def rows(home):
    """What GET /audit answers, oldest first."""
    status, answer = home.http("GET", API + "/audit")
    equal(status, 200, f"status: {answer}")
    return answer["rows"]


def stored(home):
    """The rows of a journal whose daemon has ended, as (method, path, what, status, count)."""
    return home.rows("audit", "method, path, what, status, count")


def newest(home, names, expected, what):
    """The newest row has these members. What was refused comes with the next commit."""
    def members():
        return tuple(row[name] for row in rows(home)[-1:] for name in names)

    wait_until(lambda: members() == expected, f"{what}: {expected}", 5)


# ---- each kind

@suite.test
def each_kind_leaves_a_row_over_the_unix_socket(env):
    home = with_relay(env)
    asked = (("POST", "/overrides", OFF, 202, "relay r1 off for 60 s"),
             ("DELETE", "/overrides/1", None, 202, None),
             ("PATCH", "/settings", dict(SETTING, scope="b1"), 200, "b1.reserve_pct = 20"),
             ("PATCH", "/settings", dict(SETTING, value=None), 200, "reserve_pct unset"),
             ("POST", "/users", {"name": "anna", "password": PASSWORD, "role": "view"}, 201,
              "anna, role view"),
             ("PATCH", "/users/anna", {"password": PASSWORD + "!"}, 200, "anna, a new password"),
             ("DELETE", "/users/anna", None, 204, None),
             ("POST", "/tokens", {"name": "grafana", "role": "view"}, 201, "grafana, role view"),
             ("DELETE", "/tokens/grafana", None, 204, None),
             ("POST", "/login-codes", None, 201, None))
    for method, path, body, status, what in asked:
        answer = home.http(method, API + path, body)
        equal(answer[0], status, f"{method} {path}: {answer[1]}")
        row = rows(home)[-1]
        equal((row["method"], row["path"], row["status"], row["what"]),
              (method, API + path, status, what), "row")
        equal((row["who"], row["name"], row["uid"], row["transport"], row["address"]),
              ("unix", ME, os.getuid(), "unix", None), "who")
    first, second, none = [row["command"] for row in rows(home)][:3]
    equal((second - first, none), (1, None), "commands' numbers")
    equal(len(rows(home)), len(asked), "rows")
    wait_until(lambda: home.state()["alerts"], "an alert")
    alert = home.state()["alerts"][0]
    equal(home.http("POST", f"{API}/alerts/{alert['id']}/acknowledge")[0], 204, "status")
    assert rows(home)[-1]["what"].startswith(alert["code"]), (rows(home)[-1], alert)


@suite.test
def a_row_over_tcp_has_the_user_or_the_token_and_the_address(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home)
    cookie = log_in(port)[2]
    newest(home, ("who", "name", "transport", "address", "path", "what", "status"),
          ("user", "anna", "loopback", "127.0.0.1", API + "/session", "anna", 200), "the login")
    ask(port, "PATCH", "/settings", SETTING, own(port, cookie))
    newest(home, ("who", "name", "uid", "what"), ("user", "anna", None, "reserve_pct = 20"),
          "by the user")
    ask(port, "DELETE", "/session", headers=own(port, cookie))
    newest(home, ("who", "name", "method", "status"), ("user", "anna", "DELETE", 204), "logout")
    token = home.http("POST", API + "/tokens", {"name": "robot", "role": "control"})[1]["token"]
    ask(port, "PATCH", "/settings", SETTING, {"Authorization": "Bearer " + token})
    newest(home, ("who", "name"), ("token", "robot"), "by the token")
    code = home.http("POST", API + "/login-codes")[1]["code"]
    ask(port, "POST", "/session", {"code": code})
    newest(home, ("who", "name", "what", "status"), ("code", None, "by code", 200), "by a code")


@suite.test
def behind_a_proxy_the_address_is_whom_the_proxy_saw(env):
    home = daemon(env, proxy=["127.0.0.1"])
    status, _, _ = ask(port_of(home), "POST", "/shutdown", headers={
        "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    equal(status, 401, "status")
    newest(home, ("transport", "address", "who"), ("proxy", "203.0.113.9", "nobody"), "row")


@suite.test
def what_was_denied_leaves_a_row_and_a_question_none(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home, "guest", "view")
    guest = log_in(port, "guest")[2]
    before = len(rows(home))
    for path in ("/state", "/settings", "/alerts", "/session"):
        equal(ask(port, "GET", path, headers=own(port, guest))[0], 200, path)
    equal(ask(port, "GET", "/users", headers=own(port, guest))[0], 403, "a question")
    equal(len(rows(home)), before, "rows after questions")
    equal(ask(port, "PATCH", "/settings", SETTING, own(port, guest))[0], 403, "status")
    newest(home, ("who", "name", "status", "what"), ("user", "guest", 403, None), "role")
    equal(ask(port, "POST", "/shutdown")[0], 401, "status")
    newest(home, ("who", "path", "status"), ("nobody", API + "/shutdown", 401), "no login")
    equal(ask(port, "PATCH", "/settings", SETTING,
              dict(own(port, guest), Origin="http://evil.example"))[0], 403, "status")
    newest(home, ("name", "status"), ("guest", 403), "another's page")
    equal(log_in(port, "guest", "wrong one")[0], 401, "status")
    newest(home, ("who", "what", "status"), ("nobody", "guest", 401), "a failed login")
    equal(ask(port, "GET", "/state", headers={"Authorization": "Bearer x"})[0], 401, "status")
    newest(home, ("method", "path", "status"), ("GET", API + "/state", 401), "a wrong token")


# ---- secrets

@suite.test
def no_secret_is_ever_in_the_journal(env):
    home = daemon(env)
    port = port_of(home)
    secrets = [PASSWORD, "hunter2hunter2", "mistyped-into-the-name", "EVEEVEEVEEVE", "not-a-token"]
    with_user(home)
    home.http("PATCH", API + "/users/anna", {"password": "hunter2hunter2"})
    status, _, cookie = log_in(port, password="hunter2hunter2")
    equal(status, 200, "status")
    secrets.append(cookie.split("=")[1])
    secrets.append(home.http("POST", API + "/tokens", {"name": "t", "role": "view"})[1]["token"])
    code = home.http("POST", API + "/login-codes")[1]["code"]
    secrets += [code, ask(port, "POST", "/session", {"code": code})[2]["Set-Cookie"].split("=")[1]
                .split(";")[0]]
    log_in(port, "mistyped-into-the-name", "whatever else")
    ask(port, "POST", "/session", {"code": "EVEEVEEVEEVE"})
    home.http("POST", API + "/users", {"name": "bob", "password": "hunter2hunter2", "rle": "x"})
    home.http("PATCH", API + "/settings", {"password": "hunter2hunter2"})
    ask(port, "GET", "/state", headers={"Authorization": "Bearer not-a-token"})
    wait_until(lambda: len(rows(home)) == 11, "the rows of all that was asked")
    said = json.dumps(rows(home))
    home.kill()
    for path in (home.store, home.store.with_name(home.store.name + "-wal")):
        said += path.read_bytes().decode("latin-1")
    equal([secret for secret in secrets if secret in said], [], "secrets that are stored")


# ---- durable

@suite.test
def a_kill_after_the_answer_loses_no_row(env):
    home = with_relay(env)
    expected = []
    for number in range(12):
        kinds = (("PATCH", "/settings", dict(SETTING, value=10 + number), 200),
                 ("POST", "/tokens", {"name": f"t{number}", "role": "view"}, 201),
                 ("POST", "/login-codes", None, 201), ("POST", "/overrides", OFF, 202))
        method, path, body, status = kinds[number % len(kinds)]
        equal(home.http(method, API + path, body)[0], status, path)
        expected.append((method, API + path, status))
        home.kill()
        equal([(row[0], row[1], row[3]) for row in stored(home)], expected, "rows after the kill")
        home.start()
    equal(len(rows(home)), len(expected), "rows that are shown")


@suite.test
def who_stopped_the_daemon_is_stored_before_it_is_answered(env):
    home = with_relay(env)
    equal(home.http("POST", API + "/shutdown")[0], 202, "status")
    home.kill()
    equal([row[:2] for row in stored(home)], [("POST", API + "/shutdown")], "rows")


def answered_while_locked(home, method, path, body=None, seconds=0.4):
    """Whether an answer comes while nothing can be committed, and its status in the end."""
    statuses = []
    asking = threading.Thread(target=lambda: statuses.append(home.http(method, API + path, body)[0]))
    with unwritable(home.store):
        asking.start()
        asking.join(seconds)
        is_early = not asking.is_alive()
    asking.join()
    return is_early, statuses[0]


@suite.test
def what_is_done_is_answered_after_its_row(env):
    home = with_relay(env)
    equal(answered_while_locked(home, "POST", "/tokens", {"name": "t", "role": "view"}), (False, 201), "a token")
    equal(answered_while_locked(home, "PATCH", "/settings", SETTING), (False, 200), "a setting")
    equal(answered_while_locked(home, "POST", "/login-codes"), (False, 201), "a code")
    wait_until(lambda: len(rows(home)) == 3, "all three rows")
    equal(answered_while_locked(home, "POST", "/shutdown", seconds=0.7), (False, 202), "the stop")


# ---- bounded

@suite.test
def a_flood_of_failed_logins_is_a_few_rows_and_each_is_counted(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home)
    tries = 300
    answers = [log_in(port, password="wrong one")[0] for _ in range(tries)]
    assert set(answers) == {401, 429}, set(answers)
    assert len(rows(home)) <= 22, len(rows(home))
    equal(home.http("PATCH", API + "/settings", SETTING)[0], 200, "status")
    newest(home, ("path",), (API + "/settings",), "what is done is written down all the same")
    home.stop()
    logins = [row for row in stored(home) if row[1] == API + "/session"]
    equal(sum(row[4] for row in logins), tries, "tries that are counted")
    assert len(logins) <= 24, logins


# ---- shown

@suite.test
def amphora_audit_shows_it_to_people_and_to_programs(env):
    home = with_relay(env)
    code, _, error = home.cli("audit")
    equal((code, "nobody asked" in error), (0, True), "an empty one")
    home.cli("set", "b1.reserve_pct", "25")
    home.cli("relay", "set", "r1", "off", "--for", "1m")
    code, out, error = home.cli("audit")
    equal(code, 0, f"exit code: {error}")
    assert "b1.reserve_pct = 25" in out and "PATCH settings" in out and ME in out, out
    assert "relay r1 off for 60 s" in out, out
    listed = home.json("audit")
    equal((len(listed["rows"]), listed["cut"]), (2, False), "as JSON")
    table = list(csv.DictReader(io.StringIO(home.cli("audit", "--csv")[1])))
    equal([(row["who"], row["name"], row["uid"], row["method"], row["status"],
            row["command"].isdigit()) for row in table],
          [("unix", ME, str(os.getuid()), "PATCH", "200", False),
           ("unix", ME, str(os.getuid()), "POST", "202", True)], "as CSV")
    equal(len(home.json("audit", "--limit", "1")["rows"]), 1, "rows of a limit")
    equal(home.json("audit", "--to", "-1h")["rows"], [], "rows before the last hour")
    equal(len(home.json("audit", "--from", "-1h")["rows"]), 2, "rows of the last hour")
    equal(home.cli("audit", "--from", "soon")[0], 2, "exit code for no time")
    equal(home.cli("audit", "b1")[0], 2, "exit code for a word too many")


@suite.test
def only_control_may_see_it(env):
    home = daemon(env)
    port = port_of(home)
    equal(ask(port, "GET", "/audit")[0], 401, "without a login")
    for name, role, status in (("guest", "view", 403), ("anna", "control", 200)):
        with_user(home, name, role)
        answer = ask(port, "GET", "/audit", headers=own(port, log_in(port, name)[2]))
        equal(answer[0], status, f"status for {role}")
    equal(home.http("GET", API + "/audit?limit=0")[0], 400, "no limit")
    equal(home.http("GET", API + "/audit?from=soon")[0], 400, "no time")


if __name__ == "__main__":
    suite.run()
