"""The scripts that everything else relies on: what they count and list. Prints TAP."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import ROOT, Suite, equal, find_program  # noqa: E402

suite = Suite("scripts")

TESTS = {
    "passes": "echo 1..2; echo 'ok 1 - a'; echo 'ok 2 - b'",
    "fails": "echo 1..1; echo 'not ok 1 - c'; exit 1",
    "skips": "echo 1..1; echo 'ok 1 - d # SKIP no such thing here'",
    "skips_as_cmocka_does": "echo 1..1; echo '# no such thing'; echo 'not ok 1 # SKIP i'",
    "crashes": "echo 1..2; echo 'ok 1 - e'; kill -SEGV $$",
    "stops_early": "echo 1..2; echo 'ok 1 - f'",
    "says_nothing": "true",
    "exits_badly": "echo 1..1; echo 'ok 1 - g'; exit 3",
    "hangs": "echo 1..1; echo 'ok 1 - h'; exec sleep 1000",
    "leaves_something": "echo 1..1; setsid sleep 1000 >/dev/null 2>&1 & sleep 0.3; echo 'ok 1 - j'",
}


def run_tests(env, *names, suites=("amphora:system",), build=None, seconds=None, options=()):
    """Runs scripts/run-tests on tests with these shell commands; Meson is stood in for."""
    tests = [{"name": name, "cmd": ["sh", "-c", TESTS[name]], "env": {}, "workdir": None,
              "timeout": 1 if name == "hangs" else 30, "suite": list(suites),
              "priority": (seconds or {}).get(name, 0)}
             for name in names]
    env.write("tests.json", json.dumps(tests))
    env.write("meson", f"#!/bin/sh\ncat {env.path('tests.json')}\n", 0o755)
    path = f"{env.dir}:/usr/local/bin:/usr/bin:/bin"
    return env.run(sys.executable, ROOT / "scripts/run-tests", build or env.dir,
                   *options, environment={"PATH": path})


def last_line(out):
    return out.splitlines()[-1]


@suite.test
def single_cases_are_counted(env):
    code, out, _ = run_tests(env, "passes", "skips")
    equal((code, last_line(out)), (0, "2 passed, 0 failed, 1 skipped"))
    assert "skip d (no such thing here)" in out, out
    code, out, _ = run_tests(env, "passes", "skips_as_cmocka_does")
    equal((code, last_line(out)), (0, "2 passed, 0 failed, 1 skipped"))
    assert "skip i (no such thing)" in out, out


@suite.test
def a_failed_case_counts_once(env):
    code, out, _ = run_tests(env, "passes", "fails")
    equal((code, last_line(out)), (1, "2 passed, 1 failed"))


@suite.test
def a_crash_an_early_end_silence_and_a_bad_exit_count_as_failed(env):
    for name, passed in (("crashes", 1), ("stops_early", 1), ("says_nothing", 0),
                         ("exits_badly", 1)):
        code, out, _ = run_tests(env, name)
        equal((code, last_line(out)), (1, f"{passed} passed, 1 failed"), name)


@suite.test
def a_test_that_hangs_is_ended_and_counts_as_failed(env):
    code, out, _ = run_tests(env, "hangs")
    equal((code, last_line(out)), (1, "1 passed, 1 failed"))
    assert "not finished within 1 s" in out, out


@suite.test
def what_a_test_leaves_running_is_named_and_is_its_own_failure(env):
    code, out, _ = run_tests(env, "leaves_something", "passes")
    equal((code, last_line(out)), (1, "3 passed, 1 failed"))
    assert "leaves_something: FAILED" in out and "sleep was left running" in out, out


@suite.test
def a_build_is_run_in_the_suites_that_are_named_behind_it(env):
    for suites, passed in ((("amphora:unit",), 2), (("amphora:release", "amphora:background"), 2),
                           (("amphora:fuzz",), 0)):
        _, out, _ = run_tests(env, "passes", suites=suites, build=f"{env.dir}:unit,release")
        equal(last_line(out), f"{passed} passed, 0 failed", suites)


@suite.test
def what_takes_longest_begins_first(env):
    _, out, _ = run_tests(env, "passes", "exits_badly", "skips", "fails", suites=("amphora:unit",),
                          seconds={"skips": 20, "fails": 100}, options=("--jobs", "1"))
    order = [line.split(":")[0] for line in out.splitlines() if line.startswith("unit/")]
    equal(order, ["unit/fails", "unit/skips", "unit/passes", "unit/exits_badly"], "the order")


@suite.test
def no_test_at_all_is_a_failure(env):
    code, out, _ = run_tests(env)
    equal((code, last_line(out)), (1, "0 passed, 0 failed"))


def check(env, summary, *arguments):
    """Runs ./check with stand-ins for its scripts; `summary` is what each run of tests did."""
    env.path("scripts").mkdir(exist_ok=True)
    for name, body in (("deps", ""), ("build", ""),
                       ("run-tests", f'[ "$1" = --summary ] && echo "{summary}" >"$2"')):
        env.write(f"scripts/{name}", f"#!/bin/sh\n{body}\n", 0o755)
    program = env.write("check", (ROOT / "check").read_text(), 0o755)
    return env.run(program, *arguments)


@suite.test
def check_says_so_when_no_test_has_the_pattern(env):
    code, out, error = check(env, "0 0 0", "--only", "nosuch")
    equal((code, last_line(out)), (1, "0 passed, 0 failed"))
    assert "no test's suite/name has \"nosuch\"" in error, error
    code, out, error = check(env, "1 0 1", "--only", "such")
    equal((code, last_line(out), error), (0, "1 passed, 0 failed, 1 skipped", ""))


@suite.test
def check_says_what_it_does_not_understand(env):
    for arguments in (["--only"], ["--nonsense"]):
        code, _, error = check(env, "1 0 0", *arguments)
        equal(code, 2, f"exit code of {arguments}")
        assert "--only" in error, error


@suite.test
def what_others_put_into_a_build_directory_outlives_its_configuration(env):
    for directory in ("scripts", "build/peers", "build/meson-private"):
        env.path(directory).mkdir(parents=True)
    env.write("build/peers/installed.json", "{}")
    env.write("build/meson-private/coredata.dat", "left by one that was interrupted")
    env.write("meson", "#!/bin/sh\n[ \"$1\" != setup ] || ! [ -e build/meson-private ]\n", 0o755)
    env.write("ninja", "#!/bin/sh\n", 0o755)
    program = env.write("scripts/build", (ROOT / "scripts/build").read_text(), 0o755)
    code, out, error = env.run(program, "release", environment={
        "PATH": f"{env.dir}:/usr/local/bin:/usr/bin:/bin"})
    equal((code, error), (0, ""), out)
    assert env.path("build/peers/installed.json").exists()


@suite.test
def each_set_of_packages_contains_the_smaller_one(env):
    lists = {name: set(env.run(ROOT / "scripts/deps", "--list", name)[1].split())
             for name in ("demo", "mariadb", "check", "long", "bench")}
    assert "gcc" in lists["demo"] and "libcmocka-dev" in lists["check"], lists
    assert lists["demo"] < lists["mariadb"] < lists["check"] < lists["long"], lists
    assert lists["mariadb"] < lists["bench"] and "nodejs" in lists["bench"], lists


@suite.test
def shell_scripts_parse(env):
    scripts = [path for path in [ROOT / "check", ROOT / "demo", ROOT / ".ci/run",
                                 ROOT / "bench/peers/node-red/install",
                                 ROOT / "tests/peers/install",
                                 *(ROOT / "scripts").iterdir()]
               if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh")]
    for script in scripts:
        code, _, error = env.run(find_program("sh"), "-n", script)
        equal((code, error), (0, ""), script.name)


suite.run()
