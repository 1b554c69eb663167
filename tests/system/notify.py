"""Alerts leave the house: a webhook, ntfy, e-mail, a topic, each with a real receiver."""

import base64
import concurrent.futures
import email
import email.policy
import hmac
import json
import ssl
import time

from certificates import Authority
from harness import Amphorad, Mosquitto, Suite, equal, free_port, wait_until
from receivers import Mail, Web, silence, silent_port

suite = Suite("notify")

BATTERY = {"id": "b1", "chemistry": "lfp", "capacity_kwh": 10, "power_kw": 5}


class Scene:
    """A daemon with those outlets, and a broker through which an alert begins and ends."""

    def __init__(self, env, *outlets, **more):
        self.env = env
        self.broker = Mosquitto(env)
        self.daemon = Amphorad(env, self.house(outlets), **more)
        wait_until(lambda: "amphora/+/battery" in self.broker.process.said(), "the daemon to listen")

    def house(self, outlets):
        return {"collector": "home", "mqtt": {"host": "127.0.0.1", "port": self.broker.port},
                "batteries": [BATTERY], "notify": list(outlets)}

    def configure(self, *outlets):
        """Takes effect at the next start."""
        self.daemon.configure(self.house(outlets))

    def kept(self):
        """What the daemon keeps of its outlets over a restart, as text."""
        return self.daemon.store.with_suffix(".db.outlets").read_text()

    def publish(self, soc, **more):
        self.env.run("mosquitto_pub", "-p", self.broker.port, "-q", 1, "-t", "amphora/b1/battery",
                     "-m", json.dumps({"node": "b1", "SoC": soc, "Temp": 20, **more}))

    def begin(self):
        """Raises reading-out-of-range; returns it."""
        def has_begun():  # the first may come before the daemon listens
            self.publish(150)
            return self.daemon.alerts().get("reading-out-of-range")
        return wait_until(has_begun, "the alert", every=0.3)

    def end(self):
        def is_over():
            self.publish(50)
            return "reading-out-of-range" not in self.daemon.alerts()
        wait_until(is_over, "the end of the alert", every=0.3)

    def outlet(self, name="hook"):
        status, answer = self.daemon.http("GET", "/api/v1/alerts")
        equal(status, 200, "status")
        return next(outlet for outlet in answer["outlets"] if outlet["name"] == name)

    def last(self, is_ok, name="hook"):
        """How the last letter went, once it did as `is_ok` says."""
        return wait_until(lambda: (last := self.outlet(name)["last"]) and last["ok"] is is_ok
                          and last, f"a letter that went {'well' if is_ok else 'wrong'}")


def hook(url, **more):
    return {"name": "hook", "kind": "webhook", "url": url, **more}


def post(url, **more):
    return {"name": "post", "kind": "email", "url": url, "from": "house@example.org",
            "to": "anna@example.net", **more}


def tls_of(authority, names="IP:127.0.0.1"):
    """A server's side of TLS, with a certificate for those names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("server", names))
    return context


# ---- each kind

@suite.test
def a_webhook_gets_the_beginning_and_the_end(env):
    web = Web(env)
    scene = Scene(env, hook(web.url("/hook")))
    alert = scene.begin()
    request = web.next()
    equal((request.method, request.path), ("POST", "/hook"), "request")
    equal(request.headers["content-type"], "application/json", "type")
    began = request.json
    equal({key: began[key] for key in ("event", "collector", "code", "level", "subject", "id")},
          {"event": "begin", "collector": "home", "code": "reading-out-of-range",
           "level": "alarm", "subject": "b1", "id": alert["id"]}, "letter")
    equal(began["words"], alert["words"], "words")
    scene.end()
    ended = web.next().json
    equal((ended["event"], ended["id"]), ("end", alert["id"]), "letter")
    last = scene.last(True)
    equal((last["alert"], last["detail"]), (alert["id"], None), "last")
    equal((scene.outlet()["waiting"], scene.outlet()["lost"]), (0, 0), "waiting and lost")


@suite.test
def ntfy_gets_a_title_a_priority_and_the_page(env):
    web = Web(env)
    token = env.write("token", "tk_secret\n", 0o600)
    scene = Scene(env, {"name": "phone", "kind": "ntfy", "url": web.url("/my-topic"),
                        "password_file": str(token), "page": "https://battery.example.net/"})
    alert = scene.begin()
    request = web.next()
    equal(request.path, "/my-topic", "path")
    equal({name: request.headers.get(name) for name in
           ("title", "priority", "tags", "click", "authorization")},
          {"title": "Amphora home: alarm, reading-out-of-range of b1", "priority": "5",
           "tags": "rotating_light", "click": "https://battery.example.net/",
           "authorization": "Bearer tk_secret"}, "headers")
    equal(request.body, alert["words"], "body")


@suite.test
def mail_goes_through_a_relay_with_starttls_and_a_login(env):
    authority = Authority(env)
    mail = Mail(env, login=("house", "secret"), context=tls_of(authority))
    password = env.write("password", "secret\n", 0o600)
    scene = Scene(env, post(mail.url(), user="house", password_file=str(password), tls="required",
                            tls_ca=str(authority.ca)))
    alert = scene.begin()
    letter = mail.next()
    equal((letter["from"], letter["to"]), ("FROM:<house@example.org>", "TO:<anna@example.net>"),
          "envelope")
    message = email.message_from_string(letter["text"], policy=email.policy.default)
    equal(message["Subject"], "Amphora home: alarm, reading-out-of-range of b1", "subject")
    equal((message["To"], letter["is_secure"]), ("anna@example.net", True), "to, and by TLS")
    assert message.get_content().startswith(alert["words"] + "\n"), message.get_content()
    equal(message.defects, [], "defects")
    begins = message["Message-ID"]
    scene.end()
    message = email.message_from_string(mail.next()["text"], policy=email.policy.default)
    equal(message["In-Reply-To"], begins, "what the end answers")


@suite.test
def mail_goes_by_tls_from_the_first_byte(env):
    authority = Authority(env)
    mail = Mail(env, is_implicit=True, context=tls_of(authority))
    scene = Scene(env, post(mail.url(), tls_ca=str(authority.ca)))
    scene.begin()
    equal(mail.next()["is_secure"], True, "by TLS")
    scene.last(True, "post")


@suite.test
def a_user_and_a_password_go_to_a_webhook(env):
    web = Web(env)
    password = env.write("password", "secret\n", 0o600)
    scene = Scene(env, hook(web.url(), user="house", password_file=str(password)))
    scene.begin()
    expected = base64.b64encode(b"house:secret").decode()
    equal(web.next().headers["authorization"], f"Basic {expected}", "header")


@suite.test
def a_webhook_is_signed_with_a_secret(env):
    web, bare = Web(env), Web(env)
    secret = env.write("secret", "between us\n", 0o600)
    scene = Scene(env, hook(web.url(), secret_file=str(secret)),
                  {"name": "bare", "kind": "webhook", "url": bare.url()})
    scene.begin()
    request = web.next()
    digest = hmac.new(b"between us", request.body.encode(), "sha256").hexdigest()
    equal(request.headers["x-amphora-signature"], f"sha256={digest}", "signature of the body")
    assert "x-amphora-signature" not in bare.next().headers, "a signature without a secret"


@suite.test
def a_topic_gets_it_from_the_broker(env):
    scene = Scene(env, {"name": "bus", "kind": "mqtt", "topic": "house/alerts"})
    heard = env.start("mosquitto_sub", "-p", scene.broker.port, "-t", "house/alerts", "-q", 1,
                      "-F", "%q %r %p")
    wait_until(lambda: "house/alerts" in scene.broker.process.said(), "the subscription")
    alert = scene.begin()
    scene.last(True, "bus")
    qos, retained, letter = wait_until(heard.said, "the letter").split(" ", 2)
    equal((qos, retained), ("1", "0"), "QoS and retained")
    equal((json.loads(letter)["event"], json.loads(letter)["id"]), ("begin", alert["id"]), "letter")


# ---- what goes wrong

def goes_wrong(scene, words, name="hook"):
    """That a letter does not arrive, for a reason that has those words, and waits."""
    scene.begin()
    last = scene.last(False, name)
    assert words in last["detail"], last["detail"]
    equal(scene.outlet(name)["waiting"], 1, "waiting")


@suite.test
def a_refused_connection_is_told_and_tried_again(env):
    port = free_port()
    scene = Scene(env, hook(f"http://127.0.0.1:{port}/"))
    goes_wrong(scene, "onnect")
    web = Web(env, port=port)
    equal(web.next().json["event"], "begin", "letter")
    scene.last(True)
    wait_until(lambda: scene.outlet()["waiting"] == 0, "an empty queue")


@suite.test
def an_error_of_the_server_is_told_and_tried_again(env):
    web = Web(env, status=500)
    scene = Scene(env, hook(web.url()))
    goes_wrong(scene, "HTTP status 500")
    first = web.next()
    web.status = 204
    equal(web.next().json, first.json, "the same letter")
    scene.last(True)


@suite.test
def a_redirection_is_not_followed(env):
    other = Web(env)
    web = Web(env, status=302, to=other.url())
    goes_wrong(Scene(env, hook(web.url())), "HTTP status 302")
    equal(other.connections, 0, "connections to where it was sent")


@suite.test
def a_certificate_of_a_strange_authority_is_not_believed(env):
    web = Web(env, context=tls_of(Authority(env, "strange")))
    goes_wrong(Scene(env, hook(web.url(), tls_ca=str(Authority(env).ca))), "certificate")
    assert web.got.empty(), "something was said all the same"


@suite.test
def a_certificate_for_another_name_is_not_believed(env):
    authority = Authority(env)
    web = Web(env, context=tls_of(authority, "DNS:elsewhere.example.org"))
    goes_wrong(Scene(env, hook(web.url(), tls_ca=str(authority.ca))), "127.0.0.1")
    assert web.got.empty(), "something was said all the same"


@suite.test
def a_good_certificate_is_believed(env):
    authority = Authority(env)
    web = Web(env, context=tls_of(authority))
    scene = Scene(env, hook(web.url(), tls_ca=str(authority.ca)))
    scene.begin()
    equal(web.next().json["event"], "begin", "letter")


@suite.test
def a_mail_server_that_refuses_is_quoted(env):
    mail = Mail(env, refuses="550 nobody of that name")
    goes_wrong(Scene(env, post(mail.url())), "550", "post")


@suite.test
def a_wrong_password_is_told_and_not_shown(env):
    mail = Mail(env, login=("house", "secret"))
    password = env.write("password", "hunter2\n", 0o600)
    scene = Scene(env, post(mail.url(), user="house", password_file=str(password)))
    goes_wrong(scene, "Login denied", "post")
    shown = scene.daemon.said() + str(scene.outlet("post")) + scene.kept()
    assert "hunter2" not in shown, "the password is shown"


@suite.test
def a_name_that_is_not_known_is_told(env):
    goes_wrong(Scene(env, hook("https://nowhere.invalid/")), "esolv")


@suite.test
def a_receiver_that_hangs_is_given_up_and_harms_nobody(env):
    web = Web(env)
    scene = Scene(env, hook(f"http://127.0.0.1:{silent_port(env)}/"),
                  {"name": "other", "kind": "webhook", "url": web.url()})
    scene.begin()
    equal(web.next().json["event"], "begin", "letter of the other")
    equal(scene.outlet()["waiting"], 1, "waiting")
    slowest = 0
    while scene.outlet()["last"] is None:  # 20 s
        began = time.monotonic()
        scene.daemon.state()
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.1)
    assert "timed out" in scene.outlet()["last"]["detail"].lower(), scene.outlet()
    assert slowest < 5, f"the daemon once answered after {slowest:.1f} s"


@suite.test
def a_topic_waits_for_its_broker(env):
    scene = Scene(env, {"name": "bus", "kind": "mqtt"})
    scene.broker.process.stop()
    last = scene.last(False, "bus")
    equal(last["detail"], "the broker cannot be reached", "detail")
    scene.broker.start()
    scene.last(True, "bus")


@suite.test
def a_stop_does_not_wait_for_a_receiver(env):
    scene = Scene(env, hook(f"http://127.0.0.1:{silent_port(env)}/"))
    scene.begin()
    wait_until(lambda: scene.outlet()["waiting"] == 1, "a letter under way")
    began = time.monotonic()
    equal(scene.daemon.stop(), 0, "exit code")
    assert time.monotonic() - began < 15, "the stop waited"


# ---- over a restart

def waits(scene):
    """That a letter waits, and is known to the file that the next start reads."""
    wait_until(lambda: "reading-out-of-range" in scene.kept(), "the file of what waits")


@suite.test
def what_waits_is_sent_after_a_stop_and_after_a_kill(env):
    for end in ("stop", "kill"):
        port = free_port()
        scene = Scene(env, hook(f"http://127.0.0.1:{port}/"), name=f"amphorad-{end}")
        alert = scene.begin()
        scene.last(False)
        waits(scene)
        getattr(scene.daemon, end)()
        web = Web(env, port=port)
        scene.daemon.start()
        letter = web.next().json
        equal((letter["event"], letter["id"], letter["words"]),
              ("begin", alert["id"], alert["words"]), f"letter after a {end}")
        scene.end()
        equal(web.next().json["event"], "end", f"letter after a {end}")
        scene.daemon.stop()
        equal(scene.daemon.store.with_suffix(".db.outlets").stat().st_mode & 0o777, 0o600, "mode")


@suite.test
def an_end_that_waits_is_sent_after_a_restart(env):
    web = Web(env)
    scene = Scene(env, hook(web.url()))
    scene.begin()
    began = web.next().json
    scene.last(True)
    web.status = 500
    scene.end()
    scene.last(False)
    scene.daemon.stop()
    web.got.queue.clear()
    web.status = 200
    scene.daemon.start()
    ended = web.next().json
    equal((ended["event"], ended["id"]), ("end", began["id"]), "letter")


@suite.test
def what_was_told_is_not_told_anew_by_a_restart(env):
    web = Web(env)
    scene = Scene(env, hook(web.url()))
    scene.begin()
    equal(web.next().json["event"], "begin", "letter")
    scene.last(True)
    scene.daemon.restart()
    assert "reading-out-of-range" in scene.daemon.alerts(), "the alert is over"
    scene.end()
    equal(web.next().json["event"], "end", "the next letter")


@suite.test
def an_outlet_that_is_new_is_told_what_is_active(env):
    web = Web(env)
    scene = Scene(env)
    alert = scene.begin()
    scene.daemon.stop()
    scene.configure(hook(web.url()))
    scene.daemon.start()
    equal(web.next().json["id"], alert["id"], "letter")


@suite.test
def what_a_start_finds_as_before_is_not_told_anew(env):
    web = Web(env)
    scene = Scene(env, hook(web.url()))
    scene.broker.process.stop()
    equal(web.next().json["code"], "broker-away", "letter")
    scene.last(True)
    scene.daemon.stop()
    silent = silence(env, scene.broker.port)
    scene.daemon.start()
    equal(scene.outlet()["waiting"], 1, "the end, which waits for what the start finds")
    wait_until(lambda: "broker-away" in scene.daemon.alerts(), "the alert, again", 60)
    equal(scene.outlet()["waiting"], 0, "waiting")
    silent.close()
    scene.broker.start()
    letter = web.next(90).json  # it is tried again after up to 30 s
    equal((letter["event"], letter["code"]), ("end", "broker-away"), "the next letter")


@suite.test
def a_file_that_is_not_understood_stops_no_start(env):
    web = Web(env)
    scene = Scene(env, hook(web.url()))
    scene.daemon.stop()
    scene.daemon.store.with_suffix(".db.outlets").write_text("{")
    scene.daemon.start()
    scene.daemon.process.wait_for("what the outlets had yet to tell is forgotten")
    scene.begin()
    equal(web.next().json["event"], "begin", "letter")


# ---- tests of the outlets, and people

@suite.test
def a_test_goes_through_each_outlet_and_says_whether_it_arrived(env):
    web, mail, port = Web(env), Mail(env), free_port()
    scene = Scene(env, hook(web.url()), post(mail.url()), {"name": "bus", "kind": "mqtt"},
                  {"name": "gone", "kind": "webhook", "url": f"http://127.0.0.1:{port}/"})
    code, out, _ = scene.daemon.cli("alerts", "test")
    equal(code, 7, f"exit code of a test that did not arrive everywhere: {out}")
    rows = {line.split()[0]: line for line in out.splitlines()[1:]}
    for name in ("hook", "post", "bus"):
        assert rows[name].rstrip().endswith("yes"), rows[name]
    assert "no: " in rows["gone"], rows["gone"]
    equal(web.next().json["event"], "test", "letter")
    assert "Subject: Amphora home: test" in mail.next()["text"], "mail"
    equal(scene.outlet("gone")["waiting"], 0, "a test does not wait")

    # The fifth in a row is an alert, of which the others tell; the first that arrives ends it.
    for _ in range(4):
        assert "outlet-failing" not in scene.daemon.alerts(), scene.daemon.alerts()
        scene.daemon.cli("alerts", "test")
    wait_until(lambda: "outlet-failing" in scene.daemon.alerts(), "the alert about it")
    alert = scene.daemon.alerts()["outlet-failing"]
    equal(alert["subject"], "gone", "what it is about")
    assert "5 tries in a row" in alert["words"], alert
    assert "gone: " in scene.daemon.cli("doctor")[1], "the doctor"
    wait_until(lambda: web.next().json["event"] == "begin", "the others to tell of it")
    gone = Web(env, port=port)
    scene.daemon.cli("alerts", "test")
    equal(gone.next().json["event"], "test", "letter")
    wait_until(lambda: "outlet-failing" not in scene.daemon.alerts(), "its end")


@suite.test
def a_test_that_arrives_hurries_what_waits(env):
    port = free_port()
    scene = Scene(env, hook(f"http://127.0.0.1:{port}/"))
    scene.begin()
    scene.last(False)
    web = Web(env, port=port)
    code, out, _ = scene.daemon.cli("alerts", "test")
    equal(code, 0, out)
    equal([web.next(5).json["event"] for _ in range(2)], ["test", "begin"], "letters")


@suite.test
def a_test_that_a_stop_ends_says_so(env):
    web = Web(env, status=0)
    scene = Scene(env, hook(web.url()))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        test = pool.submit(scene.daemon.cli, "alerts", "test")
        equal(web.next().json["event"], "test", "letter")
        scene.daemon.stop()
        code, out, error = test.result()
    equal(code, 1, f"exit code: {out}{error}")
    assert "the daemon is stopping" in error, error


@suite.test
def without_an_outlet_a_test_says_so(env):
    scene = Scene(env)
    code, _, error = scene.daemon.cli("alerts", "test")
    equal(code, 5, "exit code")
    assert "no outlet is configured" in error, error
    equal(scene.daemon.json("alerts")["outlets"], [], "outlets")


@suite.test
def alerts_show_the_outlets(env):
    web = Web(env)
    scene = Scene(env, hook(web.url(), minimum="alarm"))
    _, out, _ = scene.daemon.cli("alerts")
    assert "not tried yet" in out, out
    scene.begin()
    scene.last(True)
    _, out, _ = scene.daemon.cli("alerts")
    line = out.splitlines()[-1].split()
    equal((line[:3], line[-1]), (["hook", "webhook", "alarm"], "yes"), "line")


@suite.test
def an_alert_that_comes_and_goes_is_told_once(env):
    web = Web(env)
    scene = Scene(env, hook(web.url()))
    for _ in range(3):
        scene.begin()
        wait_until(lambda: scene.outlet()["waiting"] < 2, "what is due to be sent")
        scene.end()
    time.sleep(3)  # nothing more is to come: no event could say so
    events = [web.got.get().json["event"] for _ in range(web.got.qsize())]
    assert events in (["begin", "end"], ["begin"]), events


@suite.test
def to_acknowledge_what_is_over_tells_nobody(env):
    web = Web(env)
    scene = Scene(env, hook(web.url()))
    alert = scene.begin()
    equal(web.next().json["event"], "begin", "letter")
    scene.last(True)
    scene.end()
    equal(web.next().json["event"], "end", "letter")
    wait_until(lambda: scene.outlet()["waiting"] == 0, "an empty queue")
    equal(scene.daemon.cli("alerts", "ack", alert["id"])[0], 0, "exit code")
    equal((scene.outlet()["waiting"], web.got.qsize()), (0, 0), "letters")


@suite.test
def what_was_never_told_has_no_end(env):
    web = Web(env)
    scene = Scene(env, hook(web.url(), minimum="notice"))
    for round, told in ((0, ["begin", "end"]), (1, [])):
        for number in range(10 * round, 10 * round + 9):
            if number % 10 != 2:
                scene.publish(50, seq=1000 + number)
        gap = wait_until(lambda: scene.daemon.alerts().get("sequence-gap"), "the gap")
        if told:  # the second is held back: it came too soon after the first
            equal(web.next().json["event"], told[0], "letter")
            scene.last(True)
        equal(scene.daemon.cli("alerts", "ack", gap["id"])[0], 0, "exit code")
        if told:
            equal(web.next().json["event"], told[1], "letter")
        wait_until(lambda: scene.outlet()["waiting"] == 0, "an empty queue", 5)
    assert web.got.empty(), web.next().json


# ---- the configuration

@suite.test
def what_would_go_in_the_open_is_refused(env):
    for outlet, words in (
            (hook("http://192.0.2.1/"), "in the open"),
            (hook("smtp://127.0.0.1/"), "kind: email"),
            (hook("https://user:pass@127.0.0.1/"), "without a user"),
            ({"name": "a", "kind": "webhook"}, "needs url"),
            (post("https://127.0.0.1/"), "smtp"),
            (post("smtps://127.0.0.1/", to="anna"), "mail address"),
            ({"name": "a", "kind": "email", "url": "smtps://127.0.0.1/"}, "from and to"),
            (post("smtps://127.0.0.1/", user="x"), "password_file"),
            ({"name": "a", "kind": "mqtt", "url": "https://127.0.0.1/"}, "does not use")):
        path = env.write("bad.yaml", json.dumps({"notify": [outlet]}))
        code, _, error = env.run("amphorad", "--config", path, "--check-config")
        equal(code, 1, f"exit code for {outlet}")
        assert words in error, f"{outlet}: {error}"
    path = env.write("open.yaml", json.dumps({"notify": [hook("http://192.0.2.1/", tls="off")]}))
    code, _, error = env.run("amphorad", "--config", path, "--check-config")
    equal(code, 0, error)
    assert "not encrypted: alerts and the password of outlet hook go to" in error, error


@suite.test
def a_file_that_is_missing_is_named_before_the_start(env):
    for key in ("password_file", "tls_ca"):
        outlet = hook("https://127.0.0.1/", **{key: str(env.path("gone"))})
        path = env.write("missing.yaml", json.dumps({"notify": [outlet]}))
        code, _, error = env.run("amphorad", "--config", path, "--check-config")
        equal(code, 1, f"exit code: {error}")
        assert "outlet hook: " in error and "gone: No such file" in error, error


@suite.test
def mail_is_not_sent_in_the_open_where_tls_is_required(env):
    mail = Mail(env, has_starttls=False, context=tls_of(Authority(env)))
    goes_wrong(Scene(env, post(mail.url(), tls="required")), "STARTTLS", "post")
    assert mail.got.empty(), "it was said all the same"


suite.run()
