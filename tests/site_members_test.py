"""Each member of the core's state is in the table by which states are compared and copied."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "system"))
from suite import Suite, equal  # noqa: E402

suite = Suite("site_members")

TABLE = ROOT / "src/model/site.c"
STRUCT = re.compile(r"^struct (\w+) \{(.*?)^\}", re.DOTALL | re.MULTILINE)
DECLARATION = re.compile(r"((?:struct |enum |unsigned )?\w+)\s+(.*)", re.DOTALL)
NAME = re.compile(r"\s*(\w+)\s*(\[.*\])?\s*")
ENTRY = re.compile(r"\b(PLAIN|NESTED|EACH)\(\s*([^)]*)\)")
OWNER = re.compile(r"#define OWNER struct (\w+)\n(.*?)#undef OWNER", re.DOTALL)


def structs():
    """The members of each struct of model and base: name to type, an array's with []."""
    found = {}
    for header in [*ROOT.glob("src/model/*.h"), ROOT / "src/base/time.h"]:
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.DOTALL)
        for name, body in STRUCT.findall(text):
            found[name] = body
    return found


def members(body):
    """Of a struct's body. Every declaration must be understood."""
    found = {}
    for declaration in filter(str.strip, body.split(";")):
        match = DECLARATION.fullmatch(declaration.strip())
        assert match, f"not understood: {declaration.strip()}"
        for declarator in match[2].split(","):
            name = NAME.fullmatch(declarator)
            assert name, f"not understood: {declaration.strip()}"
            found[name[1]] = match[1] + ("[]" if name[2] else "")
    return found


def tables():
    """Of each struct in the table: how each member is entered, and as which type."""
    return {owner: {words.split(",")[-1 if how != "EACH" else 1].strip():
                    (how, words.split(",")[0].strip()) for how, words in ENTRY.findall(body)}
            for owner, body in OWNER.findall(TABLE.read_text())}


def as_entered(type_of, entered):
    """How the table must have a member of that type."""
    kind, _, struct = type_of.removesuffix("[]").partition(" ")
    if kind == "struct" and struct in entered:
        return ("EACH" if type_of.endswith("[]") else "NESTED", struct)
    return ("PLAIN", None)


@suite.test
def each_member_of_the_state_is_compared_and_copied(env):
    entered, declared = tables(), structs()
    assert "site" in entered and len(entered) > 10, sorted(entered)
    for owner, entries in entered.items():
        expected = members(declared[owner])
        missing = sorted(set(expected) - set(entries))
        equal(missing, [], f"members of struct {owner} that {TABLE.name} does not have: add them")
        for name, (how, type_name) in entries.items():
            wanted = as_entered(expected[name], entered)
            equal((how, None if how == "PLAIN" else type_name), wanted, f"{owner}.{name}")


@suite.test
def what_is_entered_whole_has_a_table_or_nothing_between_its_members(env):
    entered, declared = tables(), structs()
    text = TABLE.read_text()
    for owner in entered:
        for name, type_of in members(declared[owner]).items():
            kind, _, struct = type_of.removesuffix("[]").partition(" ")
            if kind == "struct" and struct not in entered:
                assert f"static_assert(sizeof(struct {struct}) " in text, \
                    f"{owner}.{name} is a struct {struct} without a table, and nothing says that " \
                    "there is nothing between its members"


suite.run()
