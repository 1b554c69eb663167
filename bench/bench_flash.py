"""What one battery costs an SD card."""

import contextlib
import pathlib
import subprocess
import time

from bench_figures import Row
from bench_scene import LONG_S, house, is_live, newest_row, progress, scene
from harness import Amphorad, wait_until

FLASH_SPEED = 60
FLASH_INTERVAL_S = 10
FLASH_DELAY_S = 60
FLASH_READINGS = 270


def written_by(pid):
    """Bytes that a process has handed to the kernel for files, all its threads."""
    io = dict(line.split(": ") for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(io["wchar"])


class FlashSubject:
    """One battery's store on a broker of its own; what it writes while readings come."""

    def __init__(self, at, who, delay_s):
        real_delay_s = delay_s // FLASH_SPEED
        if who == "bare":
            path = at.env.path("bare.db")
            self.process = at.start_bare("bare_store", at.broker.port, 1, path, "full",
                                         real_delay_s * 1000)
        else:
            config = house(at.broker.port, "full", None)
            config["batteries"] = config["batteries"][:1]
            config["store"]["commit_delay_s"] = real_delay_s
            daemon = Amphorad(at.env, config, clock=FLASH_SPEED)
            self.process, path = daemon.process, daemon.store
            wait_until(lambda: is_live(daemon), "the marker's echo")
        self.path = path
        self.sent = 0
        self.meters = [subprocess.Popen(
            ["mosquitto_pub", "-p", str(at.broker.port), "-q", "1", "-t", f"amphora/meter/{kind}",
             "-l"], stdin=subprocess.PIPE, text=True)
            for kind in ("grid", "pv", "load") if who == "meters"]
        self.publisher = subprocess.Popen(
            ["mosquitto_pub", "-p", str(at.broker.port), "-q", "1", "-t", "amphora/b0/battery",
             "-l"], stdin=subprocess.PIPE, text=True)

    def publish(self):
        self.sent += 1
        self.publisher.stdin.write(
            f'{{"node":"b0","SoC":{50 + self.sent * 0.02:.2f},"Temp":24.1,"seq":{self.sent}}}\n')
        self.publisher.stdin.flush()
        for place, meter in enumerate(self.meters):
            meter.stdin.write("".join(f"{500 * place + self.sent * 7 % 900 + second}\n"
                                      for second in range(FLASH_INTERVAL_S)))
            meter.stdin.flush()

    def wait_until_all_are_stored(self):
        wait_until(lambda: newest_row(self.path) == self.sent, f"{self.sent} rows")

    def end(self):
        for publisher in [self.publisher, *self.meters]:
            publisher.stdin.close()
            publisher.wait(LONG_S)


def flash(options):
    """What one battery costs an SD card in a day, with and without a delay; all at once."""
    count = max(30, round(FLASH_READINGS * options.scale))
    subjects = {}
    progress(f"flash: {count} readings, {FLASH_SPEED} times as fast, full")
    with contextlib.ExitStack() as stack:
        for delay_s in (0, FLASH_DELAY_S):
            for who in ("bare", "ours"):
                at = stack.enter_context(scene(options.build))
                subjects[who, delay_s] = FlashSubject(at, who, delay_s)
            at = stack.enter_context(scene(options.build))
            subjects["meters", delay_s] = FlashSubject(at, "meters", delay_s)
        before = flash_account(subjects, 10)
        after = flash_account(subjects, count)
        for subject in subjects.values():
            subject.end()
    per_day = {key: (after[key] - before[key]) / count * (86400 / FLASH_INTERVAL_S) / 1e6
               for key in subjects}
    return [Row(f"flash.delay{delay_s}", "MB/day", per_day["ours", delay_s],
                per_day["bare", delay_s]) for delay_s in (0, FLASH_DELAY_S)] + [
        Row(f"flash.meters{delay_s}", "MB/day", per_day["meters", delay_s],
            per_day["ours", delay_s]) for delay_s in (0, FLASH_DELAY_S)]


def flash_account(subjects, count):
    """Publishes `count` readings to each at their pace; what each has written when all are stored."""
    for _ in range(count):
        for subject in subjects.values():
            subject.publish()
        time.sleep(FLASH_INTERVAL_S / FLASH_SPEED)
    for subject in subjects.values():
        subject.wait_until_all_are_stored()
    return {key: written_by(subject.process.pid) for key, subject in subjects.items()}
