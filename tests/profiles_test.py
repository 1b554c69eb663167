"""Each profile runs against a live peer in a system test, has vectors, and is in the documentation. Prints TAP."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import ROOT, Suite, equal  # noqa: E402

suite = Suite("profiles")

PROFILES = sorted(path.stem for path in (ROOT / "profiles").glob("*.yaml"))


def named_in(pattern, *paths):
    text = "".join((ROOT / path).read_text() for path in paths)
    return sorted(set(re.findall(pattern, text)) & set(PROFILES))


@suite.test
def each_profile_is_run_against_a_peer(_env):
    tests = ("tests/system/devices.py", "tests/system/coap_nodes.py")
    equal(named_in(r'"profile": "([a-z0-9-]+)"', *tests), PROFILES, "those with a live peer")


@suite.test
def each_profile_has_vectors(_env):
    vectors = ("tests/vectors/profiles.jsonl", "tests/vectors/coap.jsonl")
    equal(named_in(r'"profile": ?"([a-z0-9-]+)"', *vectors), PROFILES, "those with vectors of ours")


@suite.test
def each_profile_is_in_the_documentation_and_in_the_programs(_env):
    equal(named_in(r"(?m)^\| `([a-z0-9-]+)` \|", "docs/devices.md"), PROFILES, "rows of docs/devices.md")
    equal(named_in(r"profiles/([a-z0-9-]+)\.yaml", "src/wire/meson.build"), PROFILES, "those that are built in")


@suite.test
def the_profile_of_the_documentation_is_one(env):
    text = (ROOT / "docs/devices.md").read_text()
    profile = re.search(r"```yaml\n(about: .*?)```", text, re.DOTALL)[1]
    (env.path("profiles")).mkdir()
    env.write("profiles/gizmo.yaml", profile)
    house = env.write("house.yaml", """
mqtt: {host: 127.0.0.1}
store: {path: "%s/journal.db"}
profiles: [profiles]
sources:
- {id: plug, profile: gizmo, name: cellar}
- {id: pack, read: {soc_pct: {topic: p, path: /soc}, temp_c: {topic: p, path: /t}}}
batteries:
- {id: b1, chemistry: lfp, capacity_kwh: 10, power_kw: 2, sensor: {source: pack}}
relays:
- {id: r1, battery: b1, role: source, source: plug}
""" % env.dir)
    code, out, error = env.run("amphorad", "--check-config", "--config", house)
    equal((code, error), (0, ""), out + error)
    env.write("profiles/gizmo.yaml", profile.replace("unit: ms", "unit: millis"))
    code, _, error = env.run("amphorad", "--check-config", "--config", house)
    assert code != 0 and re.search(r"gizmo\.yaml, line \d+, read\.lease_set_s\.unit: \"millis\" is not allowed: "
                                   r"one of s, ms", error), error


suite.run()
