"""What the cases from the field are played on: a house on a faster clock with the test as its
sensor, and a daemon whose time of day is wrong."""

import os
import subprocess
import time

from garage import house, is_live
from harness import Amphorad, Mosquitto, Relay, find_program, skip, wait_until


class Yard:
    """Broker, source relay r1, load relay r2 and daemon on one clock that is `speed` times as fast.

    say() publishes a reading without a time of its own, as the sensor of docs/cases.md does.
    """

    def __init__(self, env, speed, capacity_kwh=10, **settings):
        self.env, self.speed = env, speed
        self.began = time.time()
        self.clock = f"{speed}@{int(self.began * 1000)}"
        self.broker = Mosquitto(env)
        self.source = Relay(env, "r1", "--clock", self.clock)
        self.load = Relay(env, "r2", "--clock", self.clock)
        config = house(self.broker, {"r1": ("source", self.source.uri),
                                     "r2": ("load", self.load.uri)})
        config["settings"].update(settings)
        config["batteries"][0]["capacity_kwh"] = capacity_kwh
        self.daemon = Amphorad(env, config, clock=self.clock)
        wait_until(lambda: is_live(self.daemon), "the marker's echo")
        self.sensor = subprocess.Popen(
            [find_program("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(self.broker.port), "-q",
             "1", "-t", "amphora/b1/battery", "-l"], stdin=subprocess.PIPE, text=True)
        env.at_end(self.close)

    def close(self):
        self.sensor.stdin.close()
        self.sensor.wait()

    def passed(self):
        """Seconds on the house's clock since it began."""
        return (time.time() - self.began) * self.speed

    def say(self, soc, temp=20.0, **more):
        members = "".join(f',"{name}":{value}' for name, value in more.items())
        self.sensor.stdin.write(f'{{"node":"b1","SoC":{soc},"Temp":{temp}{members}}}\n')
        self.sensor.stdin.flush()

    def say_until(self, condition, what, soc, every_s=10, timeout=60, **more):
        """Says it every so many seconds of the house's clock until `condition` holds."""
        def is_there():
            self.say(soc() if callable(soc) else soc, **more)
            return condition()
        return wait_until(is_there, what, timeout, every=every_s / self.speed)


class WrongClock:
    """A time of day that is off, for one daemon's `environment`, until step()."""

    def __init__(self, env, wall_s):
        library = env.build / "tests" / "wall_clock.so"
        if not library.exists():
            skip("wall_clock.so is not built")
        self.file = env.write("wall_clock", str(int((wall_s - time.time()) * 1000)))
        self.environment = dict(os.environ, LD_PRELOAD=str(library),
                                WALL_CLOCK_OFFSET=str(self.file))
        # AddressSanitizer wants to come first, and need not.
        options = os.environ.get("ASAN_OPTIONS", "")
        self.environment["ASAN_OPTIONS"] = f"{options}:verify_asan_link_order=0".lstrip(":")

    def step(self, offset_ms=0):
        """To the true time, or so far from it."""
        other = self.file.with_suffix(".new")
        other.write_text(str(offset_ms))
        other.replace(self.file)
