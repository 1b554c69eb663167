"""docs/cases.md: each case names tests that exist, and no case is missing. Prints TAP."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import ROOT, Suite, skip  # noqa: E402

suite = Suite("cases_table")

KINDS = "ABCDEFGHIJKLMNOP"
COLLECTION = ROOT.parent / "shared" / "cases.md"
REFERENCE = re.compile(r"`([^`\s]+)::([^`]+)`")
NAMED = re.compile(r"\bcase_([a-z]\d+)_\w+")


def table():
    """{case: (references, what it waits for)}"""
    cases = {}
    for line in (ROOT / "docs" / "cases.md").read_text().splitlines():
        found = re.match(r"\| ([A-Z]\d+) \|", line)
        if not found:
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == 4, f"{found[1]} has {len(cells)} cells"
        assert found[1] not in cases, f"{found[1]} is there twice"
        cases[found[1]] = (REFERENCE.findall(cells[2]), cells[3])
    assert cases, "there is no table"
    return cases


def definition(path, name):
    """The text of a test from its first line to the next test, or None."""
    file = ROOT / path
    if not file.is_file():
        return None
    begin = {".py": r"^def {}\(env|^def {}\(_env", ".c": r"^static void\s+{}\(",
             ".mjs": r"^test\('{}',"}[file.suffix]
    found = re.search(begin.replace("{}", re.escape(name)), file.read_text(), re.MULTILINE)
    return found and re.split(r"^(?:@suite|static void|int main)", file.read_text()[found.start():],
                              maxsplit=2, flags=re.MULTILINE)[1 if file.suffix == ".c" else 0]


def is_run(path, name):
    """Whether its program runs it: by its decorator, or as a row of its table."""
    text = (ROOT / path).read_text()
    if path.endswith(".py"):
        return re.search(rf"^@suite\.test\ndef {name}\(", text, re.MULTILINE)
    if path.endswith(".mjs"):
        return True  # test('…') is what runs it
    return len(re.findall(rf"\b{name}\b", text)) > 1


@suite.test
def each_case_names_tests_that_exist_and_are_run(_env):
    for case, (references, _) in table().items():
        assert references, f"{case} names no test"
        for path, name in references:
            assert definition(path, name), f"{case}: there is no {name} in {path}"
            assert is_run(path, name), f"{case}: {name} in {path} is never run"


@suite.test
def each_case_that_waits_has_a_test_that_is_skipped_for_that(_env):
    for case, (references, waits_for) in table().items():
        skipped = [found[1] for path, name in references if path.endswith(".py")
                   for found in [re.search(r'skip\("waits for: ([^"]*)"', definition(path, name))]
                   if found]
        assert bool(skipped) == bool(waits_for), \
            f"{case} waits for {waits_for or 'nothing'}; skipped tests wait for {skipped}"


@suite.test
def each_test_that_bears_a_cases_name_is_in_its_row(_env):
    cases = table()
    files = [*ROOT.glob("src/*/*_test.c"), *ROOT.glob("tests/system/*.py")]
    for file in files:
        path = str(file.relative_to(ROOT))
        for found in NAMED.finditer(file.read_text()):
            case, name = found[1].upper(), found[0]
            assert (path, name) in cases.get(case, ([],))[0], f"{case} lacks {path}::{name}"


@suite.test
def no_case_of_these_kinds_is_missing(_env):
    if not COLLECTION.is_file():
        skip("the collection of cases is not beside this directory")
    wanted = re.findall(rf"^\*\*([{KINDS}]\d+)\b", COLLECTION.read_text(), re.MULTILINE)
    assert wanted, f"no case was found in {COLLECTION.name}"
    missing = sorted(set(wanted) - set(table()))
    assert not missing, f"not in docs/cases.md: {', '.join(missing)}"


suite.run()
