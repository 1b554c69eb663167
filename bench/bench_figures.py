"""The figures that bench/run prints: ours, the reference's, and what the budget allows."""

import os
import pathlib
import platform
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


class Row:
    """One figure. `limit` is what the budget allows ours to be, None for no budget."""

    def __init__(self, name, unit, ours, reference, budget="", limit=None, is_most=True):
        self.name, self.unit, self.budget = name, unit, budget
        self.ours, self.reference = ours, reference
        self.limit, self.is_most = limit, is_most

    @property
    def ratio(self):
        return self.ours / self.reference if self.reference else None

    @property
    def is_within(self):
        if self.limit is None:
            return None
        return self.ours <= self.limit if self.is_most else self.ours >= self.limit

    def cells(self):
        verdict = {None: "", True: "within", False: "over" if self.is_most else "under"}
        return [self.name, self.unit, number(self.ours), number(self.reference),
                f"{self.ratio:.2f}" if self.ratio else "-", self.budget,
                verdict[self.is_within]]

    def data(self):
        return {"name": self.name, "unit": self.unit, "ours": self.ours,
                "reference": self.reference, "ratio": self.ratio,
                "budget": self.budget, "within": self.is_within}


def number(value):
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 100 else f"{value:.2f}"


def percentile(values, share):
    """The least value that `share` of all are not above."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def machine():
    """What the figures depend on besides us."""
    model = next((line.partition(":")[2].strip()
                  for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    version = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                             capture_output=True, text=True).stdout.strip()
    return {"date": time.strftime("%Y-%m-%d"), "cpu": model, "cores": os.cpu_count(),
            "kernel": platform.release().partition("-")[0],
            "system": os_name(), "commit": version}


def os_name():
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def print_table(rows, facts):
    titles = ["figure", "unit", "ours", "reference", "ratio", "budget", ""]
    cells = [titles] + [row.cells() for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(titles))]
    print(f"{facts['date']}, {facts['cores']} cores ({facts['cpu']}), {facts['system']}, "
          f"commit {facts['commit'] or '-'}")
    for line in cells:
        shown = [cell.rjust(width) if 2 <= i <= 4 else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(line, widths))]
        print("  ".join(shown).rstrip())
