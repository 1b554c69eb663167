"""The systemd units: that systemd takes them, and that the nodes do as they are started.

Nothing is started here but programs that end by themselves. Prints TAP.
"""

import configparser
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import Suite, equal  # noqa: E402

suite = Suite("units")

UNITS = {"amphora.service": "amphorad", "amphora-relay@.service": "amphora-relay",
         "amphora-sensor@.service": "amphora-sensor"}
NODES = {"amphora-relay@.service": "r1", "amphora-sensor@.service": "b1"}


def text_of(env, unit):
    """A unit as it is installed, but with the programs where they were built."""
    text = (env.build / "packaging" / unit).read_text()
    program = env.program(UNITS[unit])
    replaced = re.sub(rf"^ExecStart=/\S+/{UNITS[unit]}(?=\s)", f"ExecStart={program}", text,
                      flags=re.MULTILINE)
    assert replaced != text, f"{unit} does not start {UNITS[unit]} by its whole path"
    return replaced


def keys_of(env, unit):
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read_string(text_of(env, unit))
    return {key: value for section in parser.sections() for key, value in parser.items(section)}


@suite.test
def systemd_takes_the_units(env):
    for unit in UNITS:
        path = env.write(unit.replace("@", "@x"), text_of(env, unit))
        code, out, error = env.run("systemd-analyze", "verify", "--man=no", path)
        equal((code, out + error), (0, ""), f"what systemd-analyze says of {unit}")


@suite.test
def a_node_that_ends_is_started_again_without_end(env):
    for unit in NODES:
        keys = keys_of(env, unit)
        equal((keys["Restart"], keys["StartLimitIntervalSec"]), ("always", "0"), unit)
        assert float(keys["RestartSec"]) <= 2, f"{unit}: RestartSec={keys['RestartSec']}"


@suite.test
def a_node_understands_its_unit_with_the_options_of_the_example_in_it(env):
    for unit, node in NODES.items():
        example = re.search(r"^#   OPTIONS=(.*)$", text_of(env, unit), re.MULTILINE).group(1)
        command = keys_of(env, unit)["ExecStart"]
        for name, value in (("%i", node), ("%S", str(env.dir)), ("$OPTIONS", example)):
            command = command.replace(name, value)
        # Options are read in their order: help is reached once all others were understood.
        code, out, error = env.run(*command.split(), "--help")
        equal((code, error), (0, ""), f"what {command} says")
        assert out.startswith("Usage: "), out


suite.run()
