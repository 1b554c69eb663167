"""The dashboard's catalogues: each language has each text, and words for all that the daemon says.

Looks at src/web/words and at the tables of src/model; no browser, no Node. Prints TAP.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import Suite, equal  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "scripts"))
sys.dont_write_bytecode = True
from embed_words import Words, WordsError, read_language  # noqa: E402

suite = Suite("words")

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "src"
WORDS = SOURCE / "web" / "words"
CODE = [path.read_text() for path in (SOURCE / "web").rglob("*.js") if WORDS not in path.parents]
LANGUAGES = {path.name: read_language(path) for path in WORDS.iterdir()}


@suite.test
def each_language_has_the_same_texts(env):
    for language, texts in LANGUAGES.items():
        equal(set(texts) ^ set(LANGUAGES["en"]), set(), f"in {language} or in English alone")


@suite.test
def each_language_names_the_same_values(env):
    for language, texts in LANGUAGES.items():
        for key, text in texts.items():
            names = [set(re.findall(r"\{(\w+)\}", one)) for one in (text, LANGUAGES["en"][key])]
            equal(names[0], names[1], f"{language}: {key}")


@suite.test
def each_text_is_asked_for_by_somebody(env):
    equal(Words(WORDS, CODE).unsaid(), [], "texts that nobody shows")


@suite.test
def a_text_that_the_code_asks_for_and_a_catalogue_that_lacks_one_are_refused(env):
    for code, lacking in (("t('gate.nothing')", "gate.nothing"), ("t('gate.cut')", None)):
        try:
            Words(WORDS, [code])
            assert lacking is None, "asked for what is not there"
        except WordsError as wrong:
            assert lacking and lacking in str(wrong), wrong
    for language, text in (("en", "{ a: 'A', b: 'B' }"), ("it", "{ a: 'A' }")):
        (env.dir / language).mkdir()
        (env.dir / language / "shell.js").write_text(f"export default {text};")
    try:
        Words(env.dir, [])
        assert False, "Italian lacks a text"
    except WordsError as wrong:
        assert "it and English" in str(wrong) and "b" in str(wrong), wrong


@suite.test
def texts_are_served_the_most_asked_first_and_names_only_where_the_code_makes_them_up(env):
    for language, first in (("en", "Now"), ("it", "Ora")):
        (env.dir / language).mkdir()
        (env.dir / language / "shell.js").write_text(
            "/* Why. */\nconst again = 'Again';\n"
            f"export default {{ gate: {{ cut: again, on: 'On' }}, tabs: {{ now: '{first}', days: ['a', 'b'] }} }};")
    words = Words(env.dir, ["t('gate.cut')", "t(`tabs.${name}`)", "t('gate.on', { n })", "t('gate.on')"])
    equal(words.names(), "2;tabs{now days{0 1}}", "names")
    equal(words.language("it"), '["2;tabs{now days{0 1}}","On","Again","Ora","a","b"]', "Italian")
    equal(words.with_numbers("t(a ? 'gate.cut' : 'gate.on')"), "t(a ? 1 : 0)", "code")


@suite.test
def each_reason_of_the_daemon_has_words_and_what_would_flip_it(env):
    codes = re.findall(r'^\s+\[REASON_\w+\] = \{"([\w-]+)"', (SOURCE / "model/decision.c").read_text(),
                       re.MULTILINE)
    assert len(codes) > 30, codes
    for code in codes:
        for kind in ("why", "flip"):
            assert f"reasons.{kind}.{code}" in LANGUAGES["en"], f"no words for {kind} {code}"


@suite.test
def each_alert_of_the_daemon_has_a_title(env):
    codes = re.findall(r'^\s+\[ALERT_\w+\] = \{"([\w-]+)"', (SOURCE / "model/alert.c").read_text(),
                       re.MULTILINE)
    assert len(codes) > 30, codes
    for code in codes:
        assert code == "none" or f"alerts.codes.{code}.title" in LANGUAGES["en"], f"no title for {code}"


@suite.test
def no_text_says_what_is_never_said(env):
    never = re.compile(r"(?<!-)\b(error|invalid|failed|oops|please)\b|!['`]", re.IGNORECASE)
    for path in WORDS.rglob("*.js"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert not never.search(line), f"{path.name}:{number}: {never.search(line).group(0)}"


suite.run()
