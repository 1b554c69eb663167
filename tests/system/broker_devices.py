"""`amphora detect`: what it finds on a real broker, and that its lines are what the daemon takes."""

import json
import subprocess

from harness import Mosquitto, Suite, equal
from speaking import Speaking

OK, _, USAGE, UNREACHABLE = range(4)

suite = Suite("broker_devices")

PLUG = "tele/garage/STATE"
VENUS = "N/c0619ab1"


def run(env, *arguments):
    done = subprocess.run([env.program("amphora"), "detect", *map(str, arguments)],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@suite.test
def what_is_found_has_its_values_and_its_lines_are_taken(env):
    broker = Mosquitto(env)
    asked = broker.subscribe("R/#")
    broker.publish("shellies/old/relay/0", "on", retain=True)
    with Speaking(broker, {
            "amphora/b1/battery": {"node": "b1", "SoC": 54, "Temp": 21},
            PLUG: {"POWER": "OFF"},
            f"{VENUS}/system/0/Dc/Battery/Soc": {"value": 71.5}}):
        code, out, error = run(env, "--broker", f"127.0.0.1:{broker.port}", "--seconds", 2, "--json")
    equal(code, OK, error)
    found = {one["id"]: one for one in json.loads(out)["devices"]}
    equal({name: one["profile"] for name, one in found.items()},
          {"b1": "amphora", "garage": "tasmota", "c0619ab1": "victron", "old": "shelly1"}, "found")
    equal(found["b1"]["values"], {"soc_pct": 54, "temp_c": 21}, "values")
    equal((found["garage"]["values"]["state"], found["garage"]["opens_by_itself"]), (False, True))
    equal((found["old"]["only_retained"], found["garage"]["only_retained"]), (True, False))
    asked.wait_for("R/c0619ab1/keepalive")
    lines = "".join(one["config"] for one in found.values() if one["kind"] == "battery")
    sources = [line for line in lines.splitlines() if "profile" in line]
    batteries = [line for line in lines.splitlines() if line.startswith("- {id: ") and
                 "profile" not in line]
    config = env.path("found.yaml")
    config.write_text("\n".join(["sources:", *sources, "batteries:", *batteries, ""]))
    checked = subprocess.run([env.program("amphorad"), "--check-config", "--config", config],
                             capture_output=True, text=True, timeout=20)
    equal(checked.returncode, 0, checked.stderr)


@suite.test
def a_broker_that_is_not_there_and_a_wrong_option_are_said(env):
    broker = Mosquitto(env)
    broker.stop()
    code, _, error = run(env, "--broker", f"127.0.0.1:{broker.port}", "--seconds", 1)
    equal(code, UNREACHABLE, error)
    assert f"nobody listens on 127.0.0.1 port {broker.port}" in error, error
    for wrong in (("--broker", "x:0"), ("--seconds", "0"), ("--seconds", "1000")):
        equal(run(env, *wrong)[0], USAGE, wrong)


suite.run()
