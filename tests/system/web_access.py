"""Who may do what over TCP, and what a stranger's bytes can do: nothing."""

import http.client
import json
import re
import resource
import socket
import ssl
import subprocess
import threading
import time

from harness import DEADLINE_S, Amphorad, Suite, equal, free_port, wait_until

suite = Suite("web_access")

BATTERY = {"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}


def daemon(env, listen="127.0.0.1:0", name="amphorad", **web):
    """A daemon without a broker that listens on TCP."""
    return Amphorad(env, {"mqtt": {"host": ""}, "batteries": [BATTERY],
                          "web": dict(web, listen=listen)}, name=name)


def port_of(home):
    """The port that it got."""
    wait_until(lambda: home.state()["web"]["port"], "the port")
    return home.state()["web"]["port"]


def ask(port, method, path, body=None, headers=None, address="127.0.0.1", context=None):
    """One request over TCP (TLS with a context); returns (status, decoded answer, headers)."""
    connection = (http.client.HTTPSConnection(address, port, timeout=DEADLINE_S, context=context)
                  if context else http.client.HTTPConnection(address, port, timeout=DEADLINE_S))
    whatever = {"If-Match": "*"} if (method, path) == ("PATCH", "/settings") else {}
    connection.request(method, path if path == "/" else "/api/v1" + path,
                       None if body is None else json.dumps(body), whatever | (headers or {}))
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    try:
        content = json.loads(content)
    except ValueError:
        pass
    return answer.status, content, answer.headers


class Certificates:
    """A certificate that signs itself, for 127.0.0.1."""

    def __init__(self, env, name="web"):
        self.certificate, self.key = env.path(f"{name}.pem"), env.path(f"{name}.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=amphora",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(self.key),
                        "-out", str(self.certificate)], check=True, capture_output=True)
        self.key.chmod(0o600)

    def context(self):
        return ssl.create_default_context(cafile=str(self.certificate))


# ---- the port

@suite.test
def this_machine_may_read_over_tcp(env):
    home = daemon(env)
    status, state, _ = ask(port_of(home), "GET", "/state")
    equal(status, 200, "status")
    equal(state["web"], {"address": "127.0.0.1", "port": port_of(home), "tls": False,
                         "insecure": False, "detail": None}, "web")


@suite.test
def off_opens_no_port(env):
    home = daemon(env, "off")
    equal(home.state()["web"], None, "web")


@suite.test
def a_port_that_is_taken_is_an_alert_and_no_end(env):
    with socket.create_server(("127.0.0.1", 0)) as other:
        home = daemon(env, f"127.0.0.1:{other.getsockname()[1]}")
        wait_until(lambda: "web-away" in home.alerts(), "the alert")
        equal(home.state()["web"]["port"], None, "port")
        home.process.wait_for("browsers cannot reach us")
    wait_until(lambda: "web-away" not in home.alerts(), "the end of the alert", 30)
    equal(ask(port_of(home), "GET", "/state")[0], 200, "status")


@suite.test
def ipv6_is_listened_on(env):
    home = daemon(env, "[::1]:0")
    equal(ask(port_of(home), "GET", "/state", address="::1")[0], 200, "status")


@suite.test
def beyond_this_machine_in_the_open_is_refused(env):
    for web, is_fine in (({"listen": "0.0.0.0:1"}, False),
                         ({"listen": "0.0.0.0:1", "insecure": True}, True),
                         ({"listen": "0.0.0.0:1", "proxy": ["192.0.2.1"]}, True),
                         ({"listen": "127.0.0.1:1", "proxy": ["house"]}, False),
                         ({"listen": "somewhere:1"}, False)):
        path = env.write("web.yaml", json.dumps({"web": web}))
        code, _, error = env.run("amphorad", "--config", path, "--check-config")
        equal(code, 0 if is_fine else 1, f"exit code for {web}: {error}")


# ---- who may do what

PASSWORD = "correct horse battery"
SETTING = {"name": "reserve_pct", "value": 20}


def with_user(home, name="anna", role="control"):
    """Makes a user over the Unix socket."""
    status, answer = home.http("POST", "/api/v1/users",
                               {"name": name, "password": PASSWORD, "role": role})
    equal(status, 201, f"status: {answer}")


def log_in(port, name="anna", password=PASSWORD, **more):
    """Returns (status, answer, the cookie to send)."""
    status, answer, headers = ask(port, "POST", "/session", {"name": name, "password": password},
                                  **more)
    cookie = headers.get("Set-Cookie", "").split(";")[0]
    return status, answer, cookie


def own(port, cookie):
    """The headers of a request of our own page."""
    return {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}


def problem(status, answer, expected, kind):
    """That an answer is that problem."""
    equal(status, expected, f"status: {answer}")
    equal(answer["type"], f"/problems/{kind}", "type")


@suite.test
def who_has_not_logged_in_changes_nothing(env):
    home = daemon(env)
    port = port_of(home)
    status, answer, headers = ask(port, "PATCH", "/settings", SETTING)
    problem(status, answer, 401, "login-needed")
    equal(headers["WWW-Authenticate"], "Bearer", "what would do")
    for method, path in (("POST", "/shutdown"), ("POST", "/overrides"), ("DELETE", "/overrides/1"),
                         ("POST", "/alerts/1/acknowledge"), ("POST", "/import"), ("GET", "/users"),
                         ("GET", "/tokens")):
        problem(*ask(port, method, path)[:2], 401, "login-needed")
    equal(home.http("PATCH", "/api/v1/settings", SETTING)[0], 200, "over the Unix socket")


@suite.test
def a_session_has_the_role_of_its_user(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home)
    with_user(home, "guest", "view")
    status, answer, cookie = log_in(port)
    equal(status, 200, f"status: {answer}")
    equal(answer, {"user": "anna", "role": "control", "first_run": False, "insecure": False,
                   "transport": "loopback", "login_needed": False}, "session")
    equal(ask(port, "PATCH", "/settings", SETTING, own(port, cookie))[0], 200, "a change")
    guest = log_in(port, "guest")[2]
    problem(*ask(port, "PATCH", "/settings", SETTING, own(port, guest))[:2], 403, "role-too-low")
    equal(ask(port, "GET", "/session", headers=own(port, guest))[1]["user"], "guest", "user")


@suite.test
def the_cookie_is_for_the_browser_alone(env):
    home = daemon(env)
    with_user(home)
    _, _, headers = ask(port_of(home), "POST", "/session", {"name": "anna", "password": PASSWORD})
    words = {word.strip() for word in headers["Set-Cookie"].split(";")[1:]}
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= words, words
    assert "Secure" not in words, words


@suite.test
def logging_out_ends_the_session(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home)
    cookie = log_in(port)[2]
    status, _, headers = ask(port, "DELETE", "/session", headers=own(port, cookie))
    equal(status, 204, "status")
    assert "Max-Age=0" in headers["Set-Cookie"], headers
    problem(*ask(port, "PATCH", "/settings", SETTING, own(port, cookie))[:2], 401, "login-needed")
    equal(ask(port, "GET", "/state", headers=own(port, cookie))[0], 200, "reading")


@suite.test
def a_new_password_ends_what_the_old_one_began(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home)
    cookie = log_in(port)[2]
    equal(home.http("PATCH", "/api/v1/users/anna", {"password": "another one"})[0], 200, "status")
    problem(*ask(port, "PATCH", "/settings", SETTING, own(port, cookie))[:2], 401, "login-needed")
    equal(log_in(port)[0], 401, "the old password")
    equal(log_in(port, password="another one")[0], 200, "the new password")
    equal(home.http("DELETE", "/api/v1/users/anna")[0], 204, "status")
    equal(log_in(port, password="another one")[0], 401, "after the user is gone")


@suite.test
def users_and_sessions_outlive_a_kill_and_what_ended_does_not_come_back(env):
    home = daemon(env)
    with_user(home)
    with_user(home, "guest", "control")
    kept, ended, changed = (log_in(port_of(home), name)[2] for name in ("anna", "anna", "guest"))
    users = home.store.parent / "users.json"
    sessions = home.store.parent / "users.json.sessions"
    for file in (users, sessions):
        wait_until(file.exists, str(file))
        equal(file.stat().st_mode & 0o777, 0o600, f"mode of {file}")
        assert PASSWORD not in file.read_text() and kept.split("=")[1] not in file.read_text(), file
    assert "$argon2id$" in users.read_text()
    wait_until(lambda: sessions.read_text().count('"digest"') == 3, "all that is logged in")
    equal(ask(port_of(home), "DELETE", "/session", headers=own(port_of(home), ended))[0], 204, "logging out")
    equal(home.http("PATCH", "/api/v1/users/guest", {"password": "another one"})[0], 200, "status")
    home.kill()
    home.restart()
    port = port_of(home)
    for cookie in (ended, changed):
        problem(*ask(port, "PATCH", "/settings", SETTING, own(port, cookie))[:2], 401, "login-needed")
    equal(ask(port, "PATCH", "/settings", SETTING, own(port, kept))[0], 200, "who was logged in")
    equal(log_in(port)[0], 200, "status")
    home.stop()
    sessions.write_text("nonsense")
    home.restart()
    problem(*ask(port_of(home), "PATCH", "/settings", SETTING, own(port_of(home), kept))[:2], 401,
            "login-needed")


@suite.test
def a_damaged_file_of_users_lets_nobody_in_and_is_kept(env):
    env.write("users.json", "{}").chmod(0o600)
    home = daemon(env)
    home.process.wait_for("nobody can log in")
    port = port_of(home)
    status, answer, _ = log_in(port)
    equal(status, 503, f"status: {answer}")
    equal(ask(port, "GET", "/session")[1]["first_run"], False, "first run")
    equal(home.http("POST", "/api/v1/users", {"name": "eve", "password": PASSWORD,
                                              "role": "control"})[0], 503, "status")
    equal(env.path("users.json").read_text(), "{}", "file")
    code, _, error = env.run("amphorad", "--config", home.config, "--check-config")
    assert code == 1 and "users.json" in error, (code, error)


@suite.test
def a_program_shows_a_token(env):
    home = daemon(env)
    port = port_of(home)
    status, token = home.http("POST", "/api/v1/tokens", {"name": "grafana", "role": "control"})
    equal(status, 201, f"status: {token}")
    bearer = {"Authorization": "Bearer " + token["token"]}
    assert token["token"] not in (home.store.parent / "users.json").read_text()
    equal(ask(port, "PATCH", "/settings", SETTING, bearer)[0], 200, "status")
    problem(*ask(port, "GET", "/state", headers={"Authorization": "Bearer x"})[:2], 401,
            "login-needed")
    equal(home.http("DELETE", "/api/v1/tokens/grafana")[0], 204, "status")
    problem(*ask(port, "GET", "/state", headers=bearer)[:2], 401, "login-needed")


@suite.test
def the_first_user_is_made_with_the_code_of_the_log(env):
    home = daemon(env)
    port = port_of(home)
    equal(ask(port, "GET", "/session")[1]["first_run"], True, "first run")
    home.process.wait_for("no user yet")
    code = re.search(r"the code (\w+) in a browser", home.said()).group(1)
    anna = {"name": "anna", "password": PASSWORD}
    problem(*ask(port, "POST", "/users", dict(anna, code="0" * 12))[:2], 401, "login-failed")
    status, answer, headers = ask(port, "POST", "/users", dict(anna, code=code))
    equal(status, 201, f"status: {answer}")
    equal(answer["role"], "control", "role")
    cookie = headers["Set-Cookie"].split(";")[0]
    equal(ask(port, "PATCH", "/settings", SETTING, own(port, cookie))[0], 200, "a change")
    eve = {"name": "eve", "password": PASSWORD, "code": code}
    problem(*ask(port, "POST", "/users", eve)[:2], 403, "role-too-low")


@suite.test
def a_login_code_is_good_once(env):
    home = daemon(env)
    port = port_of(home)
    problem(*ask(port, "POST", "/login-codes")[:2], 401, "login-needed")
    status, code = home.http("POST", "/api/v1/login-codes")
    equal((status, code["expires_s"]), (201, 600), "code")
    status, answer, headers = ask(port, "POST", "/session", {"code": code["code"].lower()})
    equal((status, answer["role"], answer["user"]), (200, "control", None), "session")
    cookie = headers["Set-Cookie"].split(";")[0]
    equal(ask(port, "PATCH", "/settings", SETTING, own(port, cookie))[0], 200, "a change")
    problem(*ask(port, "POST", "/session", {"code": code["code"]})[:2], 401, "login-failed")


@suite.test
def guessing_is_slowed_down(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home)
    for _ in range(5):
        problem(*log_in(port, password="wrong one")[:2], 401, "login-failed")
    status, answer, headers = ask(port, "POST", "/session", {"name": "anna", "password": PASSWORD})
    problem(status, answer, 429, "too-many-tries")
    assert 0 < int(headers["Retry-After"]) <= 30, headers
    equal(ask(port, "GET", "/state")[0], 200, "reading goes on")
    equal(home.http("POST", "/api/v1/session", {"name": "anna", "password": PASSWORD})[0], 200,
          "the Unix socket has tries without end")


@suite.test
def the_command_line_makes_users_and_tokens(env):
    home = daemon(env)
    port = port_of(home)
    equal(home.cli("user", "add", "anna", "--role", "control", input=PASSWORD + "\n")[0], 0, "exit")
    equal(log_in(port)[0], 200, "status")
    equal(home.json("user")["users"], [{"name": "anna", "role": "control"}], "users")
    equal(home.cli("user", "add", "anna", "--role", "view", input=PASSWORD + "\n")[0], 1, "twice")
    equal(home.cli("user", "add", "bob", "--role", "king", input=PASSWORD + "\n")[0], 2, "a role")
    equal(home.cli("user", "add", "bob", "--role", "view", input="short\n")[0], 2, "a password")
    equal(home.cli("user", "password", "anna", input="another one\n")[0], 0, "exit")
    equal(log_in(port, password="another one")[0], 200, "status")
    equal(home.cli("user", "role", "anna", "view")[0], 0, "exit")
    equal(log_in(port, password="another one")[1]["role"], "view", "role")
    equal(home.cli("user", "remove", "anna")[0], 0, "exit")
    equal(home.cli("user", "remove", "anna")[0], 5, "exit")
    code, token, _ = home.cli("token", "add", "grafana", "--role", "view")
    equal(code, 0, "exit")
    equal(ask(port, "GET", "/state", headers={"Authorization": "Bearer " + token.strip()})[0], 200,
          "status")
    equal(home.json("token")["tokens"], [{"name": "grafana", "role": "view"}], "tokens")
    equal(home.cli("token", "remove", "grafana")[0], 0, "exit")


# ---- forged

@suite.test
def another_name_for_this_machine_is_not_answered(env):
    home = daemon(env, hosts=["house.local"])
    port = port_of(home)
    for host, status in (("evil.example", 421), (f"evil.example:{port}", 421), ("127.0.0.2", 421),
                         ("localhost", 200), (f"LOCALHOST:{port}", 200), ("[::1]", 200),
                         ("house.local", 200), ("a b", 421)):
        got, answer, _ = ask(port, "GET", "/state", headers={"Host": host})
        equal(got, status, f"status for {host}: {answer}")
    problem(*ask(port, "GET", "/", headers={"Host": "evil.example"})[:2], 421, "host-not-allowed")


@suite.test
def a_page_of_another_origin_changes_nothing(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home)
    cookie = log_in(port)[2]
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {},
                    {"Origin": f"https://127.0.0.1:{port}"}, {"Origin": "http://127.0.0.1:1"},
                    {"Origin": f"http://localhost:{port}"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Sec-Fetch-Site": "same-site", "Origin": f"http://127.0.0.1:{port}"}):
        problem(*ask(port, "PATCH", "/settings", SETTING, dict(headers, Cookie=cookie))[:2], 403,
                "origin")
    for headers in ({"Origin": f"http://127.0.0.1:{port}"}, {"Sec-Fetch-Site": "same-origin"}):
        equal(ask(port, "PATCH", "/settings", SETTING, dict(headers, Cookie=cookie))[0], 200,
              "status")
    problem(*ask(port, "POST", "/session", {"name": "anna", "password": PASSWORD},
                 {"Origin": "http://evil.example"})[:2], 403, "origin")


@suite.test
def a_proxy_that_nobody_named_is_told_so(env):
    home = daemon(env)
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        problem(*ask(port_of(home), "GET", "/state", headers={header: "192.0.2.1"})[:2], 403,
                "proxy-not-named")


@suite.test
def through_a_proxy_one_logs_in_first(env):
    home = daemon(env, proxy=["127.0.0.1"])
    port = port_of(home)
    with_user(home)
    far = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https", "Host": "house.example"}
    problem(*ask(port, "GET", "/state", headers=far)[:2], 401, "login-needed")
    problem(*ask(port, "GET", "/state")[:2], 401, "login-needed")
    equal(ask(port, "GET", "/session", headers=far)[1],
          {"user": None, "role": "none", "first_run": False, "insecure": False,
           "transport": "proxy", "login_needed": True}, "session")
    equal(ask(port, "GET", "/", headers=far)[0], 200, "the page itself")
    _, _, headers = ask(port, "POST", "/session", {"name": "anna", "password": PASSWORD},
                        dict(far, Origin="https://house.example"))
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-amphora=") and "; Secure" in cookie, cookie
    far["Cookie"] = cookie.split(";")[0]
    equal(ask(port, "GET", "/state", headers=far)[0], 200, "reading")
    equal(ask(port, "PATCH", "/settings", SETTING, dict(far, Origin="https://house.example"))[0],
          200, "a change")
    problem(*ask(port, "PATCH", "/settings", SETTING, dict(far, Origin="http://house.example"))[:2],
            403, "origin")
    equal(ask(port, "GET", "/state", headers=dict(far, **{"X-Forwarded-For": "x"}))[0], 400,
          "an address that is none")


@suite.test
def behind_a_proxy_each_address_has_its_own_tries(env):
    home = daemon(env, proxy=["127.0.0.1"])
    port = port_of(home)
    with_user(home)
    for _ in range(5):
        problem(*log_in(port, password="wrong one", headers={"X-Forwarded-For": "192.0.2.1"})[:2],
                401, "login-failed")
    problem(*log_in(port, headers={"X-Forwarded-For": "192.0.2.9, 192.0.2.1"})[:2], 429,
            "too-many-tries")
    equal(log_in(port, headers={"X-Forwarded-For": "192.0.2.2"})[0], 200, "another address")


def flood(port, count, method, path, headers):
    """Asks so often on one connection; returns the last answer's headers of each status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    answers = {}
    for _ in range(count):
        connection.request(method, f"/api/v1{path}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        answers[answer.status] = answer.headers
    connection.close()
    return answers


@suite.test
def who_asks_too_much_waits_and_nobody_else_does(env):
    home = daemon(env)
    port = port_of(home)
    with_user(home)
    anna, other = (own(port, log_in(port)[2]) for _ in range(2))
    answers = flood(port, 90, "DELETE", "/overrides/1", anna)
    equal(set(answers), {404, 429}, "changes in a row")
    equal(answers[429]["Retry-After"], "1", "when to come again")
    problem(*ask(port, "DELETE", "/overrides/1", headers=anna)[:2], 429, "too-many-requests")
    equal(ask(port, "GET", "/state", headers=anna)[0], 200, "reading goes on")
    equal(ask(port, "DELETE", "/overrides/1", headers=other)[0], 404, "another session")
    equal({home.http("DELETE", "/api/v1/overrides/1")[0] for _ in range(90)}, {404}, "the socket")
    equal(set(flood(port, 700, "GET", "/healthz", {})), {200}, "reads on this machine")
    metrics = home.http("GET", "/metrics")[1]
    assert re.search(r'requests_refused_total\{kind="change"\} [1-9]', str(metrics)), metrics
    home.stop()
    home = daemon(env, name="proxied", proxy=["127.0.0.1"])
    far = {"X-Forwarded-For": "192.0.2.1"}
    answers = flood(port_of(home), 900, "GET", "/session", far)
    equal(set(answers), {200, 429}, "reads from afar")
    equal(ask(port_of(home), "GET", "/session", headers={"X-Forwarded-For": "192.0.2.2"})[0], 200,
          "another address")


@suite.test
def tls_is_spoken_and_needs_a_login(env):
    certificates = Certificates(env)
    home = daemon(env, certificate=str(certificates.certificate), key=str(certificates.key))
    port = port_of(home)
    with_user(home)
    context = certificates.context()
    problem(*ask(port, "GET", "/state", context=context)[:2], 401, "login-needed")
    _, _, headers = ask(port, "POST", "/session", {"name": "anna", "password": PASSWORD},
                        context=context)
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-amphora=") and "; Secure" in cookie, cookie
    status, state, _ = ask(port, "GET", "/state", headers={"Cookie": cookie.split(";")[0]},
                           context=context)
    equal((status, state["web"]["tls"]), (200, True), "status and tls")


@suite.test
def a_key_of_another_certificate_is_refused(env):
    first, second = Certificates(env, "first"), Certificates(env, "second")
    path = env.write("web.yaml", json.dumps({"web": {
        "listen": "127.0.0.1:0", "certificate": str(first.certificate), "key": str(second.key)}}))
    code, _, error = env.run("amphorad", "--config", path, "--check-config")
    equal(code, 1, "exit code")
    assert "does not belong to web.certificate" in error, error


@suite.test
def every_answer_protects_the_browser(env):
    home = daemon(env)
    port = port_of(home)
    for path in ("/", "/state", "/nothing"):
        _, _, headers = ask(port, "GET", path)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, policy
        assert "frame-ancestors 'none'" in policy and "http" not in policy, policy
        equal(headers["X-Content-Type-Options"], "nosniff", "nosniff")
        equal(headers["Referrer-Policy"], "no-referrer", "referrer")
        equal(headers["Cross-Origin-Resource-Policy"], "same-origin", "resource policy")
        equal(headers["Cross-Origin-Opener-Policy"], "same-origin", "opener policy")


# ---- bytes of strangers

def talk(port, request):
    """Sends bytes and returns all that comes until the end, at most for a while."""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as stranger:
        try:
            stranger.sendall(request)
            stranger.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: stranger.recv(65536), b""))
        except OSError:
            return b""


def is_well(home, port):
    """That the daemon answers on both ways, and has not ended."""
    equal(home.http("GET", "/api/v1/state")[0], 200, "the Unix socket")
    equal(ask(port, "GET", "/state")[0], 200, "TCP")


@suite.test
def malformed_requests_get_an_answer_or_an_end(env):
    home = daemon(env)
    port = port_of(home)
    host = b"Connection: close\r\nHost: localhost\r\n"
    for request in (b"", b"\r\n\r\n", b"\0" * 4096, b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                    b"GET / HTTP/9.9\r\n" + host + b"\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
                    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n" + host + b"\r\n",
                    b"GET / HTTP/1.1\r\n" + host + b"X: " + b"a" * 100000 + b"\r\n\r\n",
                    b"GET / HTTP/1.1\r\n" + host + b"X: a\r\n" * 20000 + b"\r\n",
                    b"POST /api/v1/session HTTP/1.1\r\n" + host + b"Content-Length: -1\r\n\r\n",
                    b"POST /api/v1/session HTTP/1.1\r\n" + host +
                    b"Content-Length: 99999999999999999999\r\n\r\n",
                    b"POST /api/v1/session HTTP/1.1\r\n" + host +
                    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                    b"POST /api/v1/session HTTP/1.1\r\n" + host +
                    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    b"GET /%00%ff%2e%2e/ HTTP/1.1\r\n" + host + b"\r\n"):
        answer = talk(port, request)
        assert not answer.startswith(b"HTTP/1.1 200") or b"Content-Type: text/html" in answer, (
            request[:60], answer[:200])
        is_well(home, port)


@suite.test
def a_request_that_can_be_read_in_two_ways_is_refused(env):
    port = port_of(daemon(env))
    host = b"Host: localhost\r\n"
    for head in (b"GET / HTTP/1.1\r\n" + host + b"Host: evil.example\r\n\r\n",
                 b"POST /api/v1/session HTTP/1.1\r\n" + host +
                 b"Content-Length: 2\r\nContent-Length: 0\r\n\r\n{}",
                 b"POST /api/v1/session HTTP/1.1\r\n" + host +
                 b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
        answer = talk(port, head)
        assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
        assert b"Connection: close" in answer, answer


@suite.test
def wrong_methods_are_told_the_right_ones(env):
    port = port_of(daemon(env))
    status, _, headers = ask(port, "DELETE", "/state")
    equal((status, headers["Allow"]), (405, "GET"), "status and methods")
    for method in ("PUT", "TRACE", "CONNECT", "OPTIONS", "BREW"):
        equal(ask(port, method, "/state")[0], 405, method)
    equal(ask(port, "GET", "/nothing")[0], 404, "status")


@suite.test
def a_large_body_is_refused_or_cut(env):
    home = daemon(env)
    port = port_of(home)
    large = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    answer = talk(port, large % 70000 + b"a" * 70000)
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    answer = talk(port, large % 9000000 + b"a" * 9000000)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413"), answer[:200]
    is_well(home, port)


@suite.test
def who_sends_a_byte_now_and_then_is_ended(env):
    """A slow loris is never silent for long, and never done."""
    home = daemon(env)
    port = port_of(home)
    lorises = [socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
               for _ in range(20)]

    def are_ended():
        ended = 0
        for loris in lorises:
            try:
                loris.send(b"G")
                loris.setblocking(False)
                ended += loris.recv(1) == b""
            except BlockingIOError:
                pass
            except OSError:
                ended += 1
        return ended == len(lorises)

    is_well(home, port)
    wait_until(are_ended, "their end", 60)
    for loris in lorises:
        loris.close()
    is_well(home, port)


@suite.test
def a_thousand_connections_leave_the_daemon_as_it_was(env):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    home = daemon(env)
    port = port_of(home)
    held = []
    for _ in range(1000):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", port))
        held.append(connection)
        if len(held) % 100 == 0:
            began = time.monotonic()
            equal(home.http("GET", "/api/v1/state")[0], 200, "the Unix socket")
            assert time.monotonic() - began < 5, "the Unix socket has to wait"
    for connection in held:
        connection.close()
    wait_until(lambda: ask(port, "GET", "/state")[0] == 200, "TCP")
    is_well(home, port)


@suite.test
def one_address_has_not_all_connections(env):
    home = daemon(env)
    port = port_of(home)
    held = [socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) for _ in range(128)]
    wait_until(lambda: talk(port, b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n") == b"",
               "that one more is refused")
    for connection in held:
        connection.close()
    wait_until(lambda: talk(port, b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"), "an answer")


@suite.test
def many_logins_at_once_leave_the_daemon_as_it_was(env):
    home = daemon(env, proxy=["127.0.0.1"])
    port = port_of(home)
    with_user(home)
    answers = []

    def guess(number):
        answers.append(ask(port, "POST", "/session", {"name": "anna", "password": "wrong one"},
                           {"X-Forwarded-For": f"192.0.2.{number}"})[0])

    guesses = [threading.Thread(target=guess, args=(i,)) for i in range(60)]
    for thread in guesses:
        thread.start()
    equal(home.http("GET", "/api/v1/state")[0], 200, "the Unix socket")
    for thread in guesses:
        thread.join()
    equal(set(answers), {401, 429}, "answers")
    assert answers.count(401) <= 30, answers


if __name__ == "__main__":
    suite.run()
