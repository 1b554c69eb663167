"""The dashboard's catalogues: each language has each text, and words for all that the daemon says.

Looks at src/web/words and at the tables of src/model; no browser, no Node. Prints TAP.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import Suite, equal  # noqa: E402

suite = Suite("words")

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "src"
WORDS = SOURCE / "web" / "words"
LANGUAGES = ["en", "it"]

TOKEN = re.compile(r"""\s+|//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[\w$]+|.""", re.DOTALL)


def tokens_of(text):
    return [token for token in TOKEN.findall(text)
            if not token.isspace() and not token.startswith(("//", "/*"))]


class Catalogue:
    """The keys of an object literal and the {names} of its texts, as `now.verb.charging`."""

    def __init__(self, path):
        tokens = tokens_of(path.read_text())
        self.names = {}
        self.tokens = tokens
        start = next(at for at in range(len(tokens)) if tokens[at:at + 2] == ["export", "default"])
        self.read_object(start + 2, "")

    def read_object(self, at, prefix):
        assert self.tokens[at] == "{", (prefix, self.tokens[at:at + 5])
        at += 1
        while self.tokens[at] != "}":
            key = self.tokens[at].strip("'")
            assert self.tokens[at + 1] == ":", (prefix, self.tokens[at:at + 5])
            at += 2
            if self.tokens[at] == "{":
                at = self.read_object(at, f"{prefix}{key}.")
            else:
                at = self.read_value(at, prefix + key)
            if self.tokens[at] == ",":
                at += 1
        return at + 1

    def read_value(self, at, key):
        """Up to the comma or brace behind it; a list's length counts, a function is not looked into."""
        depth, count, texts = 0, 0, []
        while depth or self.tokens[at] not in ",}":
            token = self.tokens[at]
            depth += token in "([{"
            depth -= token in ")]}"
            count += depth == 1 and token == ","
            texts.append(token)
            at += 1
        is_function = "=>" in "".join(texts)
        names = set() if is_function else set(re.findall(r"\{(\w+)\}", "".join(texts)))
        self.names[key] = (count, "function" if is_function else names)
        return at


def screens():
    return sorted(path.name for path in (WORDS / "en").glob("*.js"))


@suite.test
def each_language_has_the_same_texts(env):
    for screen in screens():
        keys = [set(Catalogue(WORDS / language / screen).names) for language in LANGUAGES]
        equal(keys[0] - keys[1], set(), f"{screen}: what Italian lacks")
        equal(keys[1] - keys[0], set(), f"{screen}: what English lacks")


@suite.test
def each_language_names_the_same_values(env):
    for screen in screens():
        one, other = (Catalogue(WORDS / language / screen).names for language in LANGUAGES)
        for key in one:
            if "function" not in (one[key][1], other[key][1]):
                equal(other[key], one[key], f"{screen}: {key}")


@suite.test
def each_reason_of_the_daemon_has_words_and_what_would_flip_it(env):
    codes = re.findall(r'^\s+\[REASON_\w+\] = \{"([\w-]+)"', (SOURCE / "model/decision.c").read_text(),
                       re.MULTILINE)
    assert len(codes) > 30, codes
    for language in LANGUAGES:
        keys = Catalogue(WORDS / language / "reasons.js").names
        for code in codes:
            for kind in ("why", "flip"):
                assert f"{kind}.{code}" in keys, f"{language}: no words for {kind} {code}"


@suite.test
def each_alert_of_the_daemon_has_a_title(env):
    codes = re.findall(r'^\s+\[ALERT_\w+\] = \{"([\w-]+)"', (SOURCE / "model/alert.c").read_text(),
                       re.MULTILINE)
    assert len(codes) > 30, codes
    for language in LANGUAGES:
        keys = Catalogue(WORDS / language / "now.js").names
        for code in codes:
            assert code == "none" or f"title.{code}" in keys, f"{language}: no title for {code}"


@suite.test
def no_text_says_what_is_never_said(env):
    never = re.compile(r"(?<!-)\b(error|invalid|failed|oops|please)\b|!['`]", re.IGNORECASE)
    for path in WORDS.rglob("*.js"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert not never.search(line), f"{path.name}:{number}: {never.search(line).group(0)}"


suite.run()
