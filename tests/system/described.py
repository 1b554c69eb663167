"""Requests to the API of which each answer is held against docs/openapi.json."""

import contextlib
import http.client
import json
import re
import urllib.parse

from programs import UnixConnection
from suite import DEADLINE_S, ROOT, skip

try:
    import jsonschema
except ImportError:
    jsonschema = None

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
METHODS = ("get", "post", "patch", "delete")

# What every answer may have, whatever it is to.
USUAL_HEADERS = {"date", "content-length", "content-type", "connection", "transfer-encoding",
                 "cache-control", "content-encoding", "vary", "content-security-policy",
                 "x-content-type-options", "referrer-policy", "cross-origin-resource-policy",
                 "cross-origin-opener-policy"}

# With `default` what any request may be refused with.
ALWAYS = {400, 401, 403, 413, 421, 500, 503}

asked = set()  # (operationId, status) of all answers that were held against the document


def target(value):
    """What a reference of the document stands for, or the value itself."""
    while "$ref" in value:
        place = DOCUMENT
        for step in value["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        value = place
    return value


def check(value, schema, what):
    """That a value is as a schema of the document says."""
    if not jsonschema:
        skip("python3-jsonschema is not installed")
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema],
             "components": DOCUMENT["components"]}
    errors = list(jsonschema.Draft202012Validator(whole).iter_errors(value))
    if errors:
        worst = jsonschema.exceptions.best_match(errors)
        place = "/".join(str(step) for step in worst.absolute_path)
        raise AssertionError(f"{what}: at {place or 'the top'}: {worst.message[:600]}")


def decoded(text, schema):
    """A parameter's or header's text as the value that its schema speaks of."""
    kind = target(schema).get("type")
    if kind in ("integer", "number", "boolean"):
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return text


def pattern_of(template):
    """What fits a path of the document."""
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))


def operation_of(method, path):
    """(operation, what stands in the path by name) of a request."""
    for template, item in DOCUMENT["paths"].items():
        fits = re.fullmatch(pattern_of(template), path)
        if fits and method.lower() in item:
            return item[method.lower()], fits.groupdict()
    raise AssertionError(f"{method} {path} is not described")


def operations():
    """(method, path, operation) of all that is described."""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def check_question(operation, named, query, headers, body, what):
    """That what was asked, and was not refused, is what the document allows."""
    given = {"path": named, "query": query,
             "header": {name.lower(): value for name, value in headers.items()}}
    for parameter in map(target, operation.get("parameters", [])):
        values, name = given[parameter["in"]], parameter["name"]
        value = values.pop(name.lower() if parameter["in"] == "header" else name, None)
        assert value is not None or not parameter.get("required"), f"{what}: {name} is missing"
        if value is not None:
            check(decoded(value, parameter["schema"]), parameter["schema"], f"{what}: {name}")
    assert not given["query"], f"{what}: {given['query']} is not described"
    described = operation.get("requestBody")
    assert (body is not None) <= bool(described), f"{what}: a body is not described"
    if not described:
        return
    assert body is not None or not described["required"], f"{what}: there has to be a body"
    if body is None:
        return
    kind, content = next(iter(described["content"].items()))
    check(json.loads(body) if kind == "application/json" else body.decode(), content["schema"],
          f"{what}: the body")


def check_headers(described, headers, what):
    for name, header in described.items():
        value = headers.get(name)
        assert value is not None or not header.get("required"), f"{what}: {name} is missing"
        if value is not None:
            check(decoded(value, header["schema"]), header["schema"], f"{what}: {name}")
    known = USUAL_HEADERS | {name.lower() for name in described}
    strange = {name.lower() for name in headers} - known
    assert not strange, f"{what}: {strange} is not described"


class Answer:
    """What came: status, headers, and the content decoded where it is JSON."""

    def __init__(self, status, headers, content):
        self.status, self.headers, self.content = status, headers, content
        self.kind = headers.get("Content-Type")
        self.json = json.loads(content) if "json" in (self.kind or "") and content else None

    def problem(self, status, kind):
        """That it is that problem."""
        found = (self.status, (self.json or {}).get("type"))
        assert found == (status, f"/problems/{kind}"), f"{found}: {self.content[:300]}"
        return self

    def good(self):
        assert self.status < 400, f"{self.status}: {self.content[:300]}"
        return self.json


def check_answer(operation, answer, what):
    described = operation["responses"].get(str(answer.status))
    if not described:
        assert answer.status in ALWAYS, f"{what}: {answer.status} is not described: {answer.content}"
        described = operation["responses"]["default"]
    described = target(described)
    content = described.get("content")
    headers = described.get("headers", {})
    check_headers(headers, answer.headers, what)
    if not content:
        assert not answer.content, f"{what}: {answer.content[:80]} is not described"
        return
    assert answer.kind in content, f"{what}: {answer.kind} is not described"
    if answer.json is not None and "schema" in content[answer.kind]:
        check(answer.json, content[answer.kind]["schema"], what)


class Caller:
    """Asks over a daemon's Unix socket, or over TCP where there is a port."""

    def __init__(self, daemon, port=None, token=None):
        self.daemon, self.port = daemon, port
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def connect(self):
        if self.port:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        return UnixConnection(self.daemon.socket)

    def ask(self, method, path, body=None, **headers):
        """One request; its answer has to be as is described. A body that is no text is sent as JSON."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        path = path if path.startswith("/") else "/api/v1/" + path
        headers = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        with contextlib.closing(self.connect()) as connection:
            connection.request(method, path, body, headers)
            raw = connection.getresponse()
            answer = Answer(raw.status, raw.headers, raw.read())
        operation, named = operation_of(method, path.partition("?")[0])
        what = f"{method} {path}"
        check_answer(operation, answer, what)
        if answer.status < 400:
            check_question(operation, named, query, headers, body, what)
        asked.add((operation["operationId"], answer.status))
        return answer

    def get(self, path, **headers):
        """What a GET answers that succeeds."""
        return self.ask("GET", path, **headers).good()
