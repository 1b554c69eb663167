#!/usr/bin/env python3
"""Kills, cuts off and starves a whole Amphora, and holds what is left against what was sent.

    scripts/storm [--kills N] [--database-outage] [--long] [--mutants] [--seed S]
                  [--only WORDS] [--jobs N] [--keep] [BUILD]

Generator, broker, daemon, relays and database are real; a proxy between daemon
and broker sees every acknowledgement, and the house knows how its relays truly
stood, all on one monotonic clock (verdict.py says what is asserted). A table
has a line for each storm and, with --mutants, for each daemon that is wrong on purpose
and must be found out; the last line is

    storm: kills=N sent=N acknowledged=N stored=N lost=N doubled=N unsafe=N mutants_caught=N/N

The figures are those of the real daemon. The exit code is 0 only where nothing was
lost, doubled or unsafe, nothing else was wrong, and each mutant was caught.
"""

import argparse
import concurrent.futures
import functools
import pathlib
import signal
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

import clock  # noqa: E402
import connections  # noqa: E402
import database  # noqa: E402
import disk  # noqa: E402
import kills  # noqa: E402
import late  # noqa: E402
import mutants  # noqa: E402
import power  # noqa: E402
import relays  # noqa: E402
import told  # noqa: E402
from suite import ROOT, Environment, Skip  # noqa: E402
from verdict import Outcome  # noqa: E402

# Where commits wait a second: those that do not wait for one that comes at once.
DELAYED = ("at random", "while starting", "before the log's sync", "acknowledgements withheld")
FIGURES = ("kills", "sent", "acknowledged", "stored", "lost", "doubled", "unsafe")


def storms(options):
    """[(name, function of an environment)] of what is to run, the longest first."""
    is_long = options.long
    return [
        ("kills", lambda env: kills.storm(env, options.kills, options.seed, has_database=True)),
        ("kills, sync normal", lambda env: kills.storm(env, options.kills // 4, options.seed + 1,
                                                       sync="normal")),
        ("kills, commits delayed", lambda env: kills.storm(
            env, options.kills // 5, options.seed + 2, points=DELAYED, commit_delay_s=1)),
        ("each write fails in turn", lambda env: disk.storm(env, 1 if is_long else 17)),
        ("power lost at every write", lambda env: power.storm(
            env, stride=1 if is_long else 211, seed=options.seed)),
        ("power lost once a person was told", lambda env: told.storm(
            env, 10 if is_long else 3, options.seed)),
        ("wall clock jumps", lambda env: clock.storm(env, is_long)),
        ("database stopped and killed", lambda env: database.storm(env, 10 if is_long else 1,
                                                                   options.seed)),
        ("database away", lambda env: database.outage(env, 24 if options.database_outage else 1)),
        ("broker and its connections", lambda env: connections.storm(env, 10 if is_long else 1,
                                                                     options.seed)),
        ("late, double, disordered", lambda env: late.storm(env, options.seed)),
        ("leases and readback", relays.storm),
    ]


def is_wanted(name, options):
    return options.only in name


class Report:
    """The table for people, or TAP for scripts/run-tests with the table as comments."""

    def __init__(self, is_tap, count):
        self.is_tap = is_tap
        self.number = 0
        if is_tap:
            print(f"TAP version 13\n1..{count}", flush=True)
        self.line(f"{'storm':34}" + "".join(f"{name:>13}" for name in FIGURES))

    def line(self, text):
        print(f"# {text}" if self.is_tap else text, flush=True)

    def add(self, outcome, is_right, what_is_right, seconds):
        self.number += 1
        figures = "".join(f"{getattr(outcome, name):13}" for name in FIGURES)
        self.line(f"{outcome.name[:33]:34}{figures}  {seconds:5.1f} s  {outcome.note}")
        if not is_right:
            for problem in outcome.problems:
                self.line(f"  {problem}")
        if self.is_tap:
            print(f"{'ok' if is_right else 'not ok'} {self.number} - {what_is_right}", flush=True)


def run(name, function, options):
    """One storm in a directory of its own; what it raises is a problem like any other."""
    env = Environment(options.build, options.keep)
    outcome = None
    try:
        outcome = function(env)
    except Exception as error:
        outcome = Outcome(name)
        is_skip = isinstance(error, Skip)
        outcome.problems += [f"not run: {error}"] if is_skip else traceback.format_exc().splitlines()
    finally:
        logs = list(env.logs())
        complaints = env.close()
    outcome.problems += complaints
    if outcome.problems:
        outcome.problems += [f"{log}: {line}" for log, lines in logs for line in lines[-15:]]
        if options.keep:
            outcome.problems.append(f"kept: {env.dir}")
    return outcome


def is_fine(outcome):
    return not (outcome.lost or outcome.doubled or outcome.unsafe or outcome.problems)


def read_options():
    parser = argparse.ArgumentParser(
        prog="scripts/storm", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", nargs="?", default=ROOT / "build",
                        help="directory of the programs (default: build/)")
    parser.add_argument("--kills", type=int, default=100, metavar="N",
                        help="how often the daemon is killed (default: 100)")
    parser.add_argument("--database-outage", action="store_true",
                        help="the database is away for what a house sends in a day, not in an hour")
    parser.add_argument("--long", action="store_true",
                        help="every write, every moment, every jump, ten rounds of the rest")
    parser.add_argument("--jobs", type=int, default=3, metavar="N",
                        help="storms at a time: they mostly wait (default: 3)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of all that is chance")
    parser.add_argument("--mutants", action="store_true",
                        help="also run daemons that are wrong on purpose")
    parser.add_argument("--only", default="", metavar="WORDS", help="only what has these in its name")
    parser.add_argument("--tap", action="store_true", help="as scripts/run-tests reads it")
    parser.add_argument("--keep", action="store_true", help="leave the directories behind")
    return parser.parse_args()


def run_all(tasks, options):
    """Yields (task, outcome, seconds) in the order of `tasks`, [(name, function, …)]."""
    def timed(task):
        begun = time.monotonic()
        return task, run(task[0], task[1], options), time.monotonic() - begun
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        yield from pool.map(timed, tasks)


def run_storms(chosen, options, report):
    """Runs them; returns all figures added up, and whether all is well."""
    total, is_right = Outcome("all"), True
    for (name, _), outcome, seconds in run_all(chosen, options):
        is_right = is_fine(outcome) and is_right
        report.add(outcome, is_fine(outcome), f"nothing is lost, doubled or unsafe in: {name}",
                   seconds)
        for figure in FIGURES:
            setattr(total, figure, getattr(total, figure) + getattr(outcome, figure))
    return total, is_right


def run_mutants(chosen, options, report):
    """Returns how many were caught."""
    tasks = [(mutant.name, functools.partial(mutants.try_out, mutant=mutant), mutant)
             for mutant in chosen]
    caught = 0
    for (name, _, mutant), outcome, seconds in run_all(tasks, options):
        is_caught = mutants.is_caught(mutant, outcome)
        outcome.note = f"{'caught' if is_caught else 'NOT CAUGHT'} by: {mutant.figure}"
        report.add(outcome, is_caught, f"a daemon is found out that does: {name}", seconds)
        caught += is_caught
    return caught


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = [(name, function) for name, function in storms(options) if is_wanted(name, options)]
    wrong = [mutant for mutant in mutants.MUTANTS
             if options.mutants and is_wanted(f"mutant {mutant.name}", options)]
    report = Report(options.tap, len(chosen) + len(wrong))
    total, is_right = run_storms(chosen, options, report)
    caught = run_mutants(wrong, options, report)
    report.line("storm: " + " ".join(f"{name}={getattr(total, name)}" for name in FIGURES)
                + f" mutants_caught={caught}/{len(wrong)}")
    return 0 if is_right and caught == len(wrong) and report.number else 1


if __name__ == "__main__":
    sys.exit(main())
