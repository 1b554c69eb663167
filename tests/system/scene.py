"""A house that runs itself, with faults on command, on a clock faster than the world.

Everything is real but the battery, the sun and the time: broker, sensors,
relays and daemon. The house keeps account of what its relays truly did.
"""

import json
import time

from harness import Amphorad, House, Mosquitto, equal, wait_until

SPEED = 60
STALE_AFTER_S = 90


def origin_ms(shown_ms=None):
    """From where a clock has to run SPEED times as fast to show `shown_ms` now."""
    now_ms = int(time.time() * 1000)
    return now_ms - ((shown_ms or now_ms) - now_ms) // (SPEED - 1)


class Scene:
    """A house with batteries at 35 % at eleven o'clock, and the daemon that runs them.

    Battery `index` is b1, b2 …; its source relay is r1, r3 …; `shown_ms` is what the clock shows
    at the start (default: the real time). With `is_demo` the daemon comes by the house's gate to
    the broker, and reaches its faults, as in ./demo.
    """

    def __init__(self, env, soc_pct=35, batteries=1, shown_ms=None, is_demo=False,
                 **settings):
        clock = f"{SPEED}@{origin_ms(shown_ms)}"
        self.env = env
        self.broker = Mosquitto(env)
        self.house = House(env, "--broker", f"127.0.0.1:{self.broker.port}", "--clock", clock,
                           "--batteries", batteries, "--power-w", 5000 // batteries,
                           "--soc", soc_pct, "--start", "11:00", "--hold",
                           "--stale-after", STALE_AFTER_S,
                           "--account", env.path("account.json"),
                           "--ports-file", env.path("ports"), *(["--gate"] if is_demo else []))
        self.daemon = Amphorad(env, self.config(batteries, is_demo, settings), clock=clock)
        self.daemon.await_live()
        self.house.say("start")

    def config(self, batteries, is_demo, settings):
        ports = dict(line.split() for line in self.env.path("ports").read_text().splitlines())
        port = int(ports["broker"]) if is_demo else self.broker.port
        demo = {"demo": {"house_socket": str(self.house.control)}} if is_demo else {}
        return {
            **demo,
            "mqtt": {"host": "127.0.0.1", "port": port, "client_id": "amphora-test"},
            "settings": {"charge_below_pct": 40, "charge_until_pct": 55,
                         "discharge_above_pct": 50, "discharge_until_pct": 42, "dwell_s": 60,
                         "stale_after_s": STALE_AFTER_S, "switches_per_day": 200, **settings},
            "batteries": [{"id": f"b{index + 1}", "chemistry": "lfp", "capacity_kwh": 5,
                           "power_kw": 5 / batteries} for index in range(batteries)],
            "relays": [{"id": f"r{2 * index + side}", "battery": f"b{index + 1}", "role": role,
                        "uri": f"coap://127.0.0.1:{ports[f'r{2 * index + side}']}/relay"}
                       for index in range(batteries)
                       for side, role in ((1, "source"), (2, "load"))],
        }

    def break_it(self, fault):
        equal(self.house.say(fault).strip(), "ok", f"the house's answer to {fault}")

    def truth(self, index=0):
        """How a battery and its contacts truly are."""
        return self.house.say("state")["batteries"][index]

    def await_closed(self, role, index=0):
        """Confirmed, as its owner sees it, and true."""
        relay = 2 * index + (1 if role == "source" else 2)
        does = "charges" if role == "source" else "uses"
        confirmed = f"relay r{relay}, {does}: asked on, is on. They agree"
        wait_until(lambda: confirmed in self.why(index) and self.truth(index)[f"{role}_is_on"],
                   f"the {role} relay to close and be confirmed", 60)

    def await_charging(self, index=0):
        self.await_closed("source", index)

    def await_open(self, timeout=60, index=0):
        def is_open():
            battery = self.truth(index)
            return not battery["source_is_on"] and not battery["load_is_on"]
        wait_until(is_open, "both relays to open", timeout)

    def await_alert(self, code, timeout=60):
        """The alert, once it is there; `alerts list` has its words for people."""
        alert = wait_until(lambda: self.daemon.alerts().get(code), f"the alert {code}", timeout)
        wait_until(lambda: alert["words"].split(":")[0] in self.daemon.cli("alerts", "list")[1],
                   f"{code} in what `alerts list` prints")
        return alert

    def await_end_of(self, code):
        wait_until(lambda: code not in self.daemon.alerts(), f"the alert {code} to end", 60)

    def acknowledge(self, code):
        alert = self.daemon.alerts()[code]
        equal(self.daemon.cli("alerts", "ack", str(alert["id"]))[0], 0, f"acknowledging {code}")
        self.await_end_of(code)

    def why(self, index=0):
        """What `amphora explain` says of a battery, as a person reads it."""
        code, out, error = self.daemon.cli("explain", f"b{index + 1}")
        equal(code, 0, f"exit code of explain ({error})")
        return out

    def await_words(self, *words):
        """Waits until explain says all of them; the numbers between may grow."""
        def are_said():
            said = self.why()
            assert all(part in said for part in words), said
            return True
        wait_until(are_said, f"{words} from explain", 60)

    def account(self):
        equal(self.house.say("account").strip(), "ok", "the house's account")
        return json.loads(self.env.path("account.json").read_text())

    def check_account(self, unavoidable=0):
        account = self.account()
        equal((account["unsafe"], account["unavoidable"]), (0, unavoidable),
              "unsafe and unavoidable")
