"""Who gets what the daemon sends out: a web server and a mail server, in threads of the test."""

import base64
import contextlib
import json
import queue
import socket
import socketserver
import threading

from harness import DEADLINE_S


class Receiver:
    """A TCP server on a free port of the loopback; what came is in `got`, in order."""

    def __init__(self, env, context=None, port=0):
        self.context = context
        self.got = queue.Queue()
        self.connections = 0
        receiver = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = DEADLINE_S

            def handle(self):
                receiver.connections += 1
                with contextlib.suppress(OSError, ValueError):
                    receiver.serve(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        env.at_end(self.stop)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def next(self, timeout=DEADLINE_S):
        """The next thing that came."""
        try:
            return self.got.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"nothing came within {timeout} s") from None

    def serve(self, handler):
        raise NotImplementedError


class Web(Receiver):
    """A web server that answers every request with `status` and `answer`, or never (0); `to` is a
    Location."""

    def __init__(self, env, status=200, to="", **more):
        self.status, self.to, self.answer = status, to, ""
        self.is_over = threading.Event()
        super().__init__(env, **more)

    def stop(self):
        self.is_over.set()
        super().stop()

    def serve(self, handler):
        stream = handler.rfile
        if self.context:
            secure = self.context.wrap_socket(handler.request, server_side=True)
            stream = secure.makefile("rb")
        line = stream.readline().decode()
        headers = {}
        while (header := stream.readline().decode().strip()):
            name, _, value = header.partition(": ")
            headers[name.lower()] = value
        body = stream.read(int(headers.get("content-length", 0))).decode()
        self.got.put(Request(line, headers, body))
        if self.status == 0:
            self.is_over.wait(DEADLINE_S)
            return
        answer = (f"HTTP/1.1 {self.status} So\r\nContent-Length: {len(self.answer.encode())}\r\n"
                  f"Location: {self.to}\r\nConnection: close\r\n\r\n{self.answer}")
        (secure if self.context else handler.request).sendall(answer.encode())

    def url(self, path="/"):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}{path}"


class Request:
    def __init__(self, line, headers, body):
        self.method, self.path = line.split()[:2]
        self.headers, self.body = headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Mail(Receiver):
    """A mail server: with `context` STARTTLS, or TLS from the first byte where `is_implicit`;
    with `login` (user, password) only after it."""

    def __init__(self, env, login=None, refuses=None, has_starttls=True, is_implicit=False, **more):
        self.login, self.refuses, self.has_starttls = login, refuses, has_starttls
        self.is_implicit = is_implicit
        super().__init__(env, **more)

    def serve(self, handler):
        Session(self, handler.request).run()

    def url(self):
        return f"{'smtps' if self.is_implicit else 'smtp'}://127.0.0.1:{self.port}"


class Session:
    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.lines = connection.makefile("rb")
        self.is_secure = self.is_known = False
        self.letter = {}
        if server.is_implicit:
            self.encrypt()

    def encrypt(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.lines = self.connection.makefile("rb")
        self.is_secure = True

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def run(self):
        self.say("220 mail")
        while (line := self.lines.readline().decode().strip()):
            verb, _, rest = line.partition(" ")
            handle = getattr(self, f"on_{verb.lower()}", None)
            if handle is None:
                self.say("502 what?")
            elif handle(rest) is False:
                return

    def on_ehlo(self, _):
        has_starttls = self.server.context and self.server.has_starttls and not self.is_secure
        offers = ["mail", *(["STARTTLS"] if has_starttls else []),
                  *(["AUTH PLAIN"] if self.server.login else [])]
        for offer in offers[:-1]:
            self.say(f"250-{offer}")
        self.say(f"250 {offers[-1]}")

    def on_starttls(self, _):
        self.say("220 go on")
        self.encrypt()

    def on_auth(self, rest):
        if rest == "PLAIN":
            self.say("334 ")
            rest = "PLAIN " + self.lines.readline().decode().strip()
        _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        self.is_known = (user, password) == self.server.login
        self.say("235 welcome" if self.is_known else "535 who are you")

    def on_mail(self, rest):
        if self.server.login and not self.is_known:
            self.say("530 who are you")
        else:
            self.letter["from"] = rest
            self.say("250 ok")

    def on_rcpt(self, rest):
        self.letter["to"] = rest
        self.say(self.server.refuses or "250 ok")

    def on_data(self, _):
        self.say("354 go on")
        lines = []
        while (line := self.lines.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line[1:] if line.startswith(".") else line)
        self.letter |= {"text": "\n".join(lines), "is_secure": self.is_secure}
        self.server.got.put(dict(self.letter))
        self.say("250 taken")

    def on_quit(self, _):
        self.say("221 bye")
        return False


def silence(env, port=0):
    """A listener that takes connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", port))
    env.at_end(listener.close)
    return listener


def silent_port(env):
    return silence(env).getsockname()[1]
