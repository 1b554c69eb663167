"""The manual pages: correct for mandoc, and one for each program. Prints TAP."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import ROOT, Suite, skip  # noqa: E402

suite = Suite("manual")

# What mandoc may find without being wrong: it checks against the references of its own system.
HARMLESS = ("referenced manual not found", "legacy man(7) date format", "operating system")


def pages():
    found = sorted((ROOT / "man").glob("*.[1-8]"))
    return found or skip("there are no manual pages")


@suite.test
def manual_pages_are_well_formed(env):
    complaints = []
    for page in pages():
        _, out, error = env.run("mandoc", "-T", "lint", "-W", "warning", page)
        complaints += [line for line in (out + error).splitlines()
                       if line and not any(words in line for words in HARMLESS)]
    assert not complaints, "\n".join(complaints)


@suite.test
def each_program_has_a_manual_page(env):
    names = {page.stem for page in pages()}
    missing = [program for program in
               ("amphorad", "amphora", "amphora-sensor", "amphora-relay", "amphora-house")
               if (env.build / program).exists() and program not in names]
    assert not missing, f"no manual page: {', '.join(missing)}"


suite.run()
