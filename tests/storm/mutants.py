"""Daemons that are wrong on purpose: the checker must fail each, and for its reason.

A mutant is a change of the product's source, made on a copy: one file is
compiled anew and linked with the objects of the build, so that the product has
no switch for any of it. A text that is no longer found once in its file fails
loudly: then the mutant is to be written anew.
"""

import dataclasses
import json
import pathlib
import shlex
import subprocess

import kills
import late
import power
import relays
import told
from suite import ROOT

SECONDS = 120


@dataclasses.dataclass
class Mutant:
    name: str
    file: str      # below src/
    was: str
    becomes: str
    storm: object  # the storm that must find it, a function of environment and program
    figure: str    # and the figure, or the words of a problem, that shows it


def killed(points, count=4, **more):
    """A storm of kills at these points only."""
    def storm(env, program):
        return kills.storm(env, count, points=points, program=program, **more)
    return storm


def moved(env, program):
    return relays.storm(env, program=program)


def doubled(env, program):
    return late.storm(env, program=program)


def powerless(env, program):
    return power.storm(env, bursts=20, program=program)


def powerless_once_told(env, program):
    return told.storm(env, rounds=1, program=program)


MUTANTS = [
    Mutant("acknowledge early", "adapt/mqtt_ingest.c",
           "ingest->fresh = 0;\n\tingest->events.on_dry(ingest->events.user);\n",
           "ingest->fresh = 0;\n\tingest->events.on_dry(ingest->events.user);\n"
           "\tingest->durable = ingest->taken;\n\tingest_acknowledge(ingest);\n",
           killed(["before a write of the log", "before the log's sync"]), "lost"),
    Mutant("no dedupe of redelivery", "daemon/readings.c",
           "if (arrival->may_be_redelivered &&", "if (false && arrival->may_be_redelivered &&",
           killed(["after the log's sync", "acknowledgements withheld"]), "doubled"),
    Mutant("store a copy again", "daemon/readings.c",
           "\tif (taken.is_copy)\n", "\ttaken.is_copy = false;\n\tif (taken.is_copy)\n",
           doubled, "doubled"),
    Mutant("ignore readback", "daemon/daemon.c",
           ".relay = {.answer = answer, .status = *status, .number = tag}};\n",
           ".relay = {.answer = answer, .status = *status, .number = tag}};\n\n"
           "\tevent.relay.status.is_on = ((struct daemon *)user)->site.relays[index].wished_on;\n"
           "\tif (!event.relay.status.is_on)\n\t\tevent.relay.status.lease_left_ms = 0;\n",
           moved, "unsafe"),
    Mutant("no lease", "core/relay_drive.c",
           ".has_lease = is_on && lease_ms > 0,\n\t    .lease_ms = is_on ? lease_ms : 0,",
           ".has_lease = false,\n\t    .lease_ms = 0 * lease_ms,",
           moved, "unsafe"),
    Mutant("forward without position", "adapt/server_forward.c",
           "\tforward->is_positioned = true;\n\tforward->counts.is_position_known = true;\n"
           "\treturn SERVER_FORWARD_DONE;",
           "\t(void)!journal_read_last(forward->reader, &forward->counts.position[0],\n"
           "\t\t\t\t &forward->counts.position[1]);\n"
           "\tforward->is_positioned = true;\n\tforward->counts.is_position_known = true;\n"
           "\treturn SERVER_FORWARD_DONE;",
           killed(["at random", "acknowledgements withheld"], has_database=True), "at the server"),
    Mutant("never sync", "adapt/journal_file.c",
           '"PRAGMA synchronous=FULL"', '"PRAGMA synchronous=OFF"',
           powerless, "lost"),
    Mutant("answer before it is stored", "adapt/api_wait.c",
           "\tif (commit <= api->durable) {\n", "\tif (true || commit <= api->durable) {\n",
           powerless_once_told, "lost"),
]


def mutated(mutant):
    """The file's text with the change made."""
    text = (ROOT / "src" / mutant.file).read_text()
    count = text.count(mutant.was)
    assert count == 1, (f"mutant '{mutant.name}': what it changes is {count} times in "
                        f"src/{mutant.file}; write it anew in tests/storm/mutants.py")
    return text.replace(mutant.was, mutant.becomes)


def compile_command(build, file):
    """The product's own command for that file, as a list, and the object that it makes."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        # Of the daemon or the library that it links: not of a test that compiles it once more.
        if source == (ROOT / "src" / file).resolve() and "_test" not in entry["output"]:
            return shlex.split(entry["command"]), entry["output"]
    raise AssertionError(f"src/{file} is in no program of {build}")


def link_command(build):
    listed = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "amphorad"], check=True,
                            capture_output=True, text=True, timeout=SECONDS).stdout
    return shlex.split(listed.strip().splitlines()[-1])


def run(command, build, mutant):
    done = subprocess.run(command, cwd=build, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, f"mutant '{mutant.name}' does not build: {done.stderr[-2000:]}"


def make(env, mutant):
    """Builds the mutant in the test's directory; returns the program."""
    source = env.path(pathlib.Path(mutant.file).name)
    source.write_text(mutated(mutant))
    made, program = env.path("mutant.o"), env.path("amphorad-mutant")
    command, product = compile_command(env.build, mutant.file)
    inputs = {product: str(made), f"../src/{mutant.file}": str(source)}
    command = [inputs.get(word, word) for word in command]
    command[command.index("-c") + 1] = str(source)
    command[command.index("-MF") + 1] = str(env.path("mutant.d"))
    # Its own folder stays the place of what it includes.
    run([*command, "-I", str((ROOT / "src" / mutant.file).parent), "-O1", "-Wno-error"], env.build,
        mutant)
    link = link_command(env.build)
    link = [str(made) if word == product else word for word in link]
    link[link.index("-o") + 1] = str(program)
    if str(made) not in link:
        # Before the library that has it too, which then is not asked for it.
        link.insert(link.index("-o") + 2, str(made))
    run(link, env.build, mutant)
    return program


def is_caught(mutant, outcome):
    """Whether the checker failed it, and for its reason."""
    if hasattr(outcome, mutant.figure):
        return getattr(outcome, mutant.figure) > 0
    return any(mutant.figure in problem for problem in outcome.problems)


def try_out(env, mutant):
    """The outcome of the storm that must find this mutant."""
    outcome = mutant.storm(env, make(env, mutant))
    outcome.name = mutant.name
    return outcome
