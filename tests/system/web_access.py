"""Who may do what over TCP, and what a stranger's bytes can do: nothing."""

import http.client
import json
import socket

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


def ask(port, method, path, body=None, headers=None, address="127.0.0.1"):
    """One request over TCP; returns (status, decoded answer or text, headers)."""
    connection = http.client.HTTPConnection(address, port, timeout=DEADLINE_S)
    connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body),
                       headers or {})
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    try:
        content = json.loads(content)
    except ValueError:
        pass
    return answer.status, content, answer.headers


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


if __name__ == "__main__":
    suite.run()
