"""Running tests: the suite, each test's environment and its processes. See harness.py."""

import argparse
import contextlib
import fcntl
import os
import pathlib
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The daemon runs under valgrind or the like: a start alone takes many seconds.
IS_UNDER_CHECKER = bool(os.environ.get("AMPHORA_UNDER"))
DEADLINE_S = 90 if IS_UNDER_CHECKER else 30
STOP_DEADLINE_S = 45 if IS_UNDER_CHECKER else 15
LOG_LINES_SHOWN = 40


class Skip(Exception):
    """The test cannot run here; its text is the reason that is reported."""


def skip(reason):
    raise Skip(reason)


def wait_until(condition, what, timeout=DEADLINE_S, every=0.02):
    """Calls `condition` until it gives something true, and returns that.

    Raises AssertionError naming `what` after `timeout` seconds. An exception
    counts as not yet, and is told when the time is up.
    """
    deadline = time.monotonic() + timeout
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
            last = None
        except Exception as error:  # not there yet: told at the deadline
            last = error
        if time.monotonic() > deadline:
            reason = f" ({type(last).__name__}: {last})" if last else ""
            raise AssertionError(f"waited {timeout} s in vain for {what}{reason}")
        time.sleep(every)


def equal(actual, expected, what="value"):
    """Like assert ==, but says both."""
    assert actual == expected, f"{what}: {actual!r}, expected {expected!r}"


def free_port():
    """A TCP port of the loopback that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Below those that the kernel gives out: libcoap's sockets may share an address, and so could be
# given a port on which a relay is listening already.
UDP_PORTS = range(20000, 32000)
udp_locks = {}  # port: file, locked against the other tests for as long as this one runs


def free_udp_port():
    """A port for a CoAP server that nobody else uses or is given."""
    directory = pathlib.Path(tempfile.gettempdir()) / f"amphora-ports-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    while True:
        port = random.choice(UDP_PORTS)
        lock = open(directory / str(port), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        udp_locks[port] = lock
        return port


class Process:
    """A running program; what it says is in `log`, its input is empty."""

    def __init__(self, name, arguments, log, environment=None, cwd=None):
        self.name = name
        self.log = log
        self.arguments = [str(argument) for argument in arguments]
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=environment, cwd=cwd, start_new_session=True)

    @property
    def pid(self):
        return self.popen.pid

    def is_running(self):
        return self.popen.poll() is None

    def said(self):
        """All that the program has written so far, as one text."""
        return self.log.read_text(errors="replace")

    def wait_for(self, words, timeout=DEADLINE_S):
        """Waits until `words` stand in the log; raises when the program ends before."""
        def is_said():
            ended = not self.is_running()
            return words in self.said() or (ended and "ended")
        if wait_until(is_said, f"'{words}' from {self.name}", timeout) == "ended":
            raise AssertionError(f"{self.name} ended before it said '{words}'")

    def wait(self, timeout=DEADLINE_S):
        """Waits for the end; returns the exit code (negative: the signal)."""
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} has not ended within {timeout} s") from None

    def signal(self, number):
        self.popen.send_signal(number)

    def pause(self):
        """Freezes the program until resume()."""
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self, timeout=STOP_DEADLINE_S):
        """SIGTERM and wait; killed when that takes too long. Returns the exit code."""
        if self.is_running():
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                return self.popen.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"{self.name} did not stop within {timeout} s") from None
        return self.popen.returncode

    def kill(self):
        """SIGKILL to the program and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        return self.popen.wait()


# What sanitizers, and valgrind with -q, say.
COMPLAINT = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:|WARNING: ThreadSanitizer|"
                       r"^==\d+== ", re.MULTILINE)


class Environment:
    """One test's directory and programs."""

    def __init__(self, build, keep=False):
        self.build = pathlib.Path(build).resolve()
        self.keep = keep
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="amphora-test-"))
        self.processes = []
        self.cleanups = []

    def program(self, name):
        """Path of one of our programs; skips the test where it was not built."""
        path = self.build / name
        if not path.exists():
            skip(f"{name} is not in {self.build.name}/")
        return path

    def path(self, name):
        return self.dir / name

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        path.write_text(text)
        path.chmod(mode)
        return path

    def start(self, program, *arguments, name=None, environment=None):
        """Starts a program: one of ours by name, any other by path or from PATH."""
        ours = self.build / str(program)
        found = str(ours) if ours.is_file() else find_program(str(program))
        name = name or pathlib.Path(str(program)).name
        log = self.path(f"{name}.log")
        # Such as valgrind with its options: what is said of the daemon is looked for there.
        under = shlex.split(os.environ.get("AMPHORA_UNDER", "")) if program == "amphorad" else []
        process = Process(name, [*under, found, *arguments], log, environment)
        self.processes.append(process)
        return process

    def run(self, program, *arguments, input=None, timeout=DEADLINE_S, environment=None):
        """Runs a program to its end; returns (exit code, standard output, standard error)."""
        ours = self.build / str(program)
        found = str(ours) if ours.is_file() else find_program(str(program))
        done = subprocess.run(
            [found, *[str(argument) for argument in arguments]], input=input, text=True,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True, timeout=timeout, env=environment)
        return done.returncode, done.stdout, done.stderr

    def at_end(self, function):
        """Calls `function` when the test is over, the last registered first."""
        self.cleanups.append(function)

    def logs(self):
        """The last lines of each program's log."""
        for log in sorted(self.dir.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            yield log.name, lines[-LOG_LINES_SHOWN:]

    def close(self):
        """Ends all that was started, the youngest first. Returns what went wrong while ending."""
        complaints = []
        for process in reversed(self.processes):
            complaints += self.close_process(process)
        for function in reversed(self.cleanups):
            try:
                function()
            except Exception as error:  # the others still have to end
                complaints.append(f"at the end: {error}")
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        return complaints

    def close_process(self, process):
        complaints = []
        try:
            code = process.stop()
        except AssertionError as error:
            complaints.append(str(error))
            code = None
        if process.popen.returncode is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # children that it left behind
        complaint = COMPLAINT.search(process.said())
        if complaint:
            words = process.said()[complaint.start():].splitlines()[:LOG_LINES_SHOWN]
            complaints.append("\n".join(
                [f"a checker complained about {process.name} (exit code {code})", *words]))
        return complaints


def find_program(name):
    """A program by name; the system's directories count too, whatever PATH says."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin"
    found = name if os.sep in name else shutil.which(name, path=path)
    if not found:
        skip(f"{name} is not installed")
    return found


class Suite:
    """Tests of one subject, run in the order in which they are written."""

    def __init__(self, name):
        self.name = name
        self.tests = []

    def test(self, function):
        self.tests.append(function)
        return function

    def run(self):
        options = self.options()
        chosen = [test for test in self.tests if options.only in self.title(test)]
        print("TAP version 13", flush=True)
        print(f"1..{len(chosen)}", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        failures = 0
        for number, test in enumerate(chosen, 1):
            failures += not self.run_one(number, test, options)
        sys.exit(1 if failures else 0)

    def options(self):
        parser = argparse.ArgumentParser(description=f"System tests: {self.name}")
        parser.add_argument("build", nargs="?", default=ROOT / "build",
                            help="directory of the programs (default: build/)")
        parser.add_argument("-k", dest="only", default="", help="only tests with this in their name")
        parser.add_argument("--keep", action="store_true", help="leave the tests' directories")
        return parser.parse_args()

    def title(self, test):
        return test.__name__.replace("_", " ")

    def run_one(self, number, test, options):
        """Runs one test and reports it; returns whether it passed or was skipped."""
        env = Environment(options.build, options.keep)
        reason, trouble = None, None
        try:
            test(env)
        except Skip as error:
            reason = str(error)
        except Exception:
            trouble = traceback.format_exc()
        except BaseException:
            env.close()
            raise
        logs = list(env.logs())
        complaints = env.close()
        if complaints and trouble is None:
            trouble = "\n".join(complaints)
        if trouble is not None:
            print(f"not ok {number} - {self.title(test)}")
            print_diagnostics(trouble, logs, env if options.keep else None)
        elif reason is not None:
            print(f"ok {number} - {self.title(test)} # SKIP {reason}")
        else:
            print(f"ok {number} - {self.title(test)}")
        sys.stdout.flush()
        return trouble is None


def print_diagnostics(trouble, logs, env):
    for line in trouble.rstrip().splitlines():
        print(f"# {line}")
    for name, lines in logs:
        print(f"# --- {name}")
        for line in lines:
            print(f"#   {line}")
    if env:
        print(f"# --- kept: {env.dir}")
