"""The harness itself: a failing, crashing or skipped test is told as what it is. Prints TAP."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import ROOT, Mosquitto, Suite, comma_locale, equal, wait_until, yaml_text  # noqa: E402

suite = Suite("harness")

HEADER = f"""
import sys
sys.path.insert(0, {str(ROOT / 'tests/system')!r})
from harness import *
suite = Suite("inner")
"""


def run_suite(env, body):
    script = env.write("inner.py", HEADER + body + "\nsuite.run()\n")
    return env.run(sys.executable, script, env.build)


@suite.test
def a_failing_test_is_reported_with_its_reason_and_logs(env):
    code, out, _ = run_suite(env, """
@suite.test
def it_breaks(env):
    program = env.start("sh", "-c", "echo something useful; exec sleep 60")
    program.wait_for("something useful")
    equal(1, 2, "the number")
""")
    equal(code, 1)
    assert "not ok 1 - it breaks" in out, out
    assert "the number: 1, expected 2" in out, out
    assert "something useful" in out, out


@suite.test
def a_skipped_test_names_its_reason(env):
    code, out, _ = run_suite(env, """
@suite.test
def it_cannot_run(env):
    env.program("no-such-program")
""")
    equal(code, 0)
    assert "ok 1 - it cannot run # SKIP no-such-program is not in" in out, out


@suite.test
def every_program_has_ended_when_the_test_is_over(env):
    _, out, _ = run_suite(env, """
@suite.test
def it_leaves_a_program_behind(env):
    program = env.start("sh", "-c", "sleep 1000 & exec sleep 1000")
    print("#", program.pid)
    raise RuntimeError("broken")
""")
    group = int(out.split("# ")[1].split()[0])
    wait_until(lambda: not members_of(group), "the end of the whole group")


def members_of(group):
    """Processes of a process group that are not zombies."""
    members = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            rest = (entry / "stat").read_text().rsplit(") ", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(rest[2]) == group and rest[0] != "Z":
            members.append(entry.name)
    return members


@suite.test
def waiting_in_vain_says_for_what(env):
    try:
        wait_until(lambda: False, "a miracle", timeout=0.1)
    except AssertionError as error:
        assert "a miracle" in str(error), error
    else:
        raise AssertionError("it did not give up")


@suite.test
def a_private_broker_delivers_and_comes_back(env):
    broker = Mosquitto(env, is_persistent=True)
    subscriber = broker.subscribe("a/#")
    broker.publish("a/b", {"x": 1})
    subscriber.wait_for('a/b {"x": 1}')
    broker.stop()
    broker.start()
    broker.publish("a/b", "again")


@suite.test
def a_configuration_written_as_yaml_keeps_its_types(env):
    equal(yaml_text({"a": {"b": [{"c": 1, "d": "x"}], "e": True}}),
          'a:\n  b:\n    -\n      c: 1\n      d: "x"\n  e: true\n')


@suite.test
def a_comma_locale_has_a_comma(env):
    code, out, _ = env.run("bash", "-c", "printf %.1f 1,5", environment=comma_locale(env))
    equal((code, out), (0, "1,5"))


suite.run()
