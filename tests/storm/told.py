"""Power is lost at every write while a person sets, overrides and acknowledges: what they were
told is so, is so after the restart.

Settings, overrides and acknowledgements are answered. A lockout and a switch count nobody
asked for: they must be there with the next answer that came after them. The disk is slow while
somebody asks, so that an answer which does not wait for it is there before what it says.
"""

import dataclasses
import math
import threading
import time

from disks import Moments, is_begun
from garage import charge, house, send_until
from harness import Mosquitto, Relay, equal, wait_until
from morning import morning_zone
from shim import SYNC_LOG, Shim
from stage import Daemon
from verdict import Outcome

SQL = {
    "reserve": "SELECT CAST(value AS REAL) FROM setting "
               "WHERE battery = 'b1' AND parameter = 'reserve_pct'",
    "override": "SELECT override_id FROM kept_relay WHERE relay = 'r1'",
    "is_locked_out": "SELECT is_locked_out FROM kept_battery WHERE battery = 'b1'",
    "switches": "SELECT switches_today FROM kept_relay WHERE relay = 'r1'",
}
COLD_C = 4.9  # too cold to charge; and warm enough again, by a step that is believed
MILD_C = 7.5
SLOW_S = 0.2  # longer than a command takes to be answered
AT_FIRST = {"reserve": None, "override": None, "is_locked_out": 0, "switches": 0}


@dataclasses.dataclass
class Told:
    """From `asked_ns` on it may be so, from `told_ns` on it must be."""
    value: object
    asked_ns: float = -math.inf
    told_ns: float = -math.inf


class Person:
    """Uses the daemon, and keeps what they were told, by its name in SQL."""

    def __init__(self, daemon, broker, source, shim):
        self.daemon, self.broker, self.source, self.shim = daemon, broker, source, shim
        self.told = {name: [Told(value)] for name, value in AT_FIRST.items()}

    def ask(self, *arguments):
        """Returns when it was answered, monotonic ns."""
        self.shim.stall(SYNC_LOG)
        letting_go = threading.Timer(SLOW_S, self.shim.let_go)
        letting_go.start()
        code = self.daemon.cli(*arguments)[0]
        told_ns = time.monotonic_ns()
        letting_go.join()
        equal(code, 0, f"exit code of {' '.join(arguments)}")
        return told_ns

    def note(self, name, value, asked_ns, told_ns):
        self.told[name].append(Told(value, asked_ns, told_ns))

    def set_reserve(self, value):
        asked_ns = time.monotonic_ns()
        told_ns = self.ask("set", "b1.reserve_pct", str(value))
        self.note("reserve", value, asked_ns, told_ns)
        return told_ns

    def override(self):
        asked_ns = time.monotonic_ns()
        told_ns = self.ask("relay", "set", "r1", "on", "--for", "1h")
        self.note("override", self.daemon.json("override", "list")[0]["id"], asked_ns, told_ns)

    def end_override(self):
        asked_ns = time.monotonic_ns()
        told_ns = self.ask("override", "cancel", str(self.told["override"][-1].value))
        self.note("override", None, asked_ns, told_ns)

    def see_it_charge(self, reserve):
        asked_ns = time.monotonic_ns()
        charge(self.broker, self.source, temp=MILD_C)
        count = wait_until(lambda: self.daemon.json("relay", "list")[0]["switches_today"],
                           "the closing to be counted")
        self.note("switches", count, asked_ns, self.set_reserve(reserve))

    def see_it_locked_out(self, reserve):
        """By one trip: it is too cold to charge."""
        asked_ns = time.monotonic_ns()
        send_until(self.broker, lambda: self.daemon.state()["batteries"][0]["locked_out"],
                   "the lockout", temp=COLD_C)
        self.note("is_locked_out", 1, asked_ns, self.set_reserve(reserve))

    def acknowledge(self):
        alert = self.daemon.alerts()["locked-out"]
        asked_ns = time.monotonic_ns()
        self.note("is_locked_out", 0, asked_ns, self.ask("alerts", "ack", str(alert["id"])))

    def live(self, rounds):
        self.ask("set", "b1.trips_per_day", "1")
        for reserve in range(1, 3 * rounds, 3):
            self.set_reserve(reserve)
            charge(self.broker, self.source, temp=MILD_C)  # so that the limits are known to allow it
            self.override()
            self.see_it_charge(reserve + 1)
            self.end_override()
            self.see_it_locked_out(reserve + 2)
            self.acknowledge()


class Promises(Moments):
    """What the person was told is what the journal holds, and the daemon that starts from it."""

    def __init__(self, env, told, config, shim, outcome, seed):
        super().__init__(env.path("after.db"), shim.record, outcome, seed)
        self.told = told
        config = {**config, "store": {"path": str(self.store)}}
        self.daemon = Daemon(env, config, shim, name="after", is_started=False)
        self.daemon.environment = None

    def allowed(self, name, count):
        """What may be found after so many operations: the last that was answered, and what was
        asked since."""
        until, now = self.answered_until(count), self.log[count - 1][1]
        told = self.told[name]
        last = max(index for index, entry in enumerate(told) if entry.told_ns < until)
        return [entry.value for index, entry in enumerate(told)
                if index == last or index > last and entry.asked_ns < now]

    def promised(self, count):
        return sum(self.allowed(name, count) != [value] for name, value in AT_FIRST.items())

    def is_kept(self, name, found, count):
        allowed = self.allowed(name, count)
        # Closings may have been counted that the person has not yet looked at.
        return found >= allowed[0] if name == "switches" else found in allowed

    def hold(self, when, found, count):
        for name, value in found.items():
            if not self.is_kept(name, value, count):
                self.outcome.lost += 1
                self.outcome.problems.append(
                    f"{when}: {name} is {value}, and {self.allowed(name, count)[0]} was told")

    def look_into(self, when, count, file):
        found = dict(AT_FIRST)
        for name, sql in SQL.items() if is_begun(file) else ():
            rows = file.execute(sql).fetchall()
            found[name] = rows[0][0] if rows else AT_FIRST[name]
        self.hold(when, found, count)

    def start_daemon(self, count):
        self.daemon.start()
        # An override's end is a time of day: it waits until the clock is trusted.
        wait_until(lambda: self.is_kept("override", self.found_override(), count),
                   "the override after the restart")
        reserve = self.daemon.json("get", "b1.reserve_pct")[0]["value"]
        found = {"is_locked_out": int(self.daemon.state()["batteries"][0]["locked_out"]),
                 "switches": self.daemon.json("relay", "list")[0]["switches_today"]}
        if self.allowed("reserve", count)[0] is not None:
            found["reserve"] = reserve
        self.hold(f"the daemon, started after operation {count}", found, count)
        self.daemon.stop()

    def found_override(self):
        listed = self.daemon.json("override", "list")
        return listed[0]["id"] if listed else None


def storm(env, rounds=3, seed=1, program=None):
    outcome = Outcome("power lost once a person was told")
    broker = Mosquitto(env)
    source, load = Relay(env, "r1"), Relay(env, "r2")
    shim = Shim(env, env.path("amphorad.db"), is_recording=True)
    config = house(broker, {"r1": ("source", source.uri), "r2": ("load", load.uri)},
                   zone=morning_zone())  # closings are counted by the day
    daemon = Daemon(env, config, shim, program)
    daemon.await_live()
    person = Person(daemon, broker, source, shim)
    person.live(rounds)
    daemon.stop()
    moments = Promises(env, person.told, config, shim, outcome, seed)
    moments.play(stride=1)
    moments.finish()
    return outcome
