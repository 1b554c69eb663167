"""The manual pages: correct for mandoc, and one for each program. Decisions: numbered and listed.

Prints TAP.
"""

import pathlib
import re
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


@suite.test
def each_decision_has_a_number_of_its_own_and_is_listed(_env):
    folder = ROOT / "docs" / "decisions"
    names = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = re.findall(r"^\| \[(\d+)\]\((\S+)\)", (folder / "README.md").read_text(), re.M)
    assert [(name[:4], name) for name in names] == listed, f"{names} are there, {listed} listed"
    assert len({name[:4] for name in names}) == len(names), f"a number twice: {names}"
    for name in names:
        title = (folder / name).read_text().splitlines()[0]
        assert title.startswith(f"# {name[:4]}: "), f"{name} begins with {title}"


suite.run()
