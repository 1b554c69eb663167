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
    codes = re.findall(r'^\s+\[REASON_\w+\] = \{"([\w-]+)"', (SOURCE / "model/reason.c").read_text(),
                       re.MULTILINE)
    assert len(codes) > 30, codes
    for code in codes:
        for kind in ("why", "flip"):
            assert f"reasons.{kind}.{code}" in LANGUAGES["en"], f"no words for {kind} {code}"


def literals(path):
    """The texts of a C file, each with those that follow it directly."""
    text = re.sub(r"/\*.*?\*/", "", (SOURCE / path).read_text(), flags=re.DOTALL)
    return re.sub(r'"\s*"', "", text)


def rows_of(path, table, row):
    """The rows of the named table of a C file, as `row` (a pattern with groups) reads them."""
    whole = literals(path)
    begin = whole.index(table)
    return re.findall(row, whole[begin:whole.index("};", begin)])


def english(prefix):
    return {key[len(prefix):]: text for key, text in LANGUAGES["en"].items() if key.startswith(prefix)}


@suite.test
def a_reason_is_the_same_sentence_for_daemon_terminal_and_page(env):
    whole = literals("model/reason.c")
    again = re.search(r'#define GOOD_AGAIN "(.*)"', whole)[1]
    rows = re.findall(r'\[REASON_\w+\] = \{"([\w-]+)", \w+,\s*"(.*?)",\s*(?:"(.*?)"|GOOD_AGAIN)\}', whole)
    assert len(rows) > 50, rows
    plain = lambda text: re.sub(r"[\[\]]", "", text)
    equal({code: plain(why) for code, why, _ in rows}, english("reasons.why."), "why")
    equal({code: plain(flip or again) for code, _, flip in rows}, english("reasons.flip."), "flip")


@suite.test
def what_a_reasons_numbers_are_is_the_same_for_daemon_and_page(env):
    named = {"soc": "SOC", "temp": "TEMP", "watts": "POWER", "ms": "DURATION", "count": "COUNT", "time": "TIME_OF_DAY"}
    page = dict(re.findall(r"'?([\w-]+)'?: '(\w+)'", re.search(r"const UNITS = \{(.*?)\};", (
        SOURCE / "web/reasons.js").read_text(), re.DOTALL)[1]))
    daemon = dict(re.findall(r'\[REASON_\w+\] = \{"([\w-]+)", UNIT_(\w+),', literals("model/reason.c")))
    equal({code: named[kind] for code, kind in page.items()},
          {code: kind for code, kind in daemon.items() if kind != "NONE"}, "units")


@suite.test
def verbs_and_who_decides_are_the_same_words_in_c_and_on_the_page(env):
    camel = lambda name: re.sub(r"_(\w)", lambda m: m[1].upper(), name.lower())
    verbs = rows_of("model/decision.c", "verb_words(", r'\[VERB_(\w+)\] = "(.*?)"')
    equal({camel(name): words for name, words in verbs},
          {name: words for name, words in english("now.verb.").items() if name != "unknown"}, "verbs")
    deciders = rows_of("model/decision.c", "decider_words(", r'\[DECIDER_(\w+)\] = "(.*?)"')
    equal({name.lower(): words for name, words in deciders}, english("now.decider."), "deciders")
    would = rows_of("model/decision.c", "intent_would(", r'\[INTENT_(\w+)\] = "(.*?)"')
    equal({name.lower().replace("safe", "idle"): words for name, words in would} |
          {"rules": "the rules would decide"}, english("now.would."), "what another would do")


@suite.test
def a_plan_is_told_in_the_same_words_by_the_terminal_and_the_page(env):
    for table, of in (("MODES", lambda name: LANGUAGES["en"][f"plan.modes.{name}"].replace(" {pct}", "")),
                      ("DECIDERS", lambda name: LANGUAGES["en"][f"plan.decider.{name}"]),
                      ("RULES", lambda name: LANGUAGES["en"][f"plan.rules.{name}"]),
                      ("NEEDS", lambda name: ". ".join(filter(None, (
                          LANGUAGES["en"][f"plan.needs.{name}"],
                          LANGUAGES["en"].get(f"plan.why.{name}", "").removesuffix(".")))) + ".")):
        rows = rows_of("cli/plan_words.c", f"{table}[]", r'\{"([\w.-]+)", "(.*?)"\}')
        assert len(rows) > 2, table
        for name, words in rows:
            equal(words, of(name), f"{table}: {name}")


@suite.test
def what_the_terminal_says_of_relays_and_nodes_is_said_by_the_page_too(env):
    """Each text of the page that has its like in these files: all between its {names} is there."""
    said = {
        "cli/told.c": ["now.noDecision", "now.mismatchBecause", "now.silentBecause", "now.restBecause",
                       "now.ruleAs", "now.noEffectBecause", "now.mismatchFlip", "now.silentFlip",
                       "now.silentFlipNoLease", "now.pendingFlip"],
        "cli/told_relay.c": ["now.relayOf.source", "now.relayOf.load", "now.sign.agree", "now.sign.wait",
                             "now.sign.differ", "now.sign.unknown", "now.on", "now.off", "now.unknown",
                             "now.readBack", "now.neverRead", "now.said.agree", "now.said.lease",
                             "now.said.noLease", "now.said.held", "now.said.heldPlain", "now.said.unknown",
                             "now.said.wait", "now.said.waitLeft",
                             "now.said.welded"],
        "cli/nodes.c": ["nodes.heard", "nodes.neverHeard", "nodes.offline", "nodes.noAnswer",
                        "nodes.doesNotFollow", "nodes.pending", "nodes.notYours", "nodes.every", "nodes.missed"],
        "cli/health.c": ["battery.cycles", "battery.cyclesNote", "battery.health", "battery.neverGuessed",
                         "battery.limit", "battery.stops", "battery.again"],
        "cli/plan_worth.c": [f"plan.{name}" for name in (
            "worth", "bill", "leftCounts", "earned", "saved", "savedMore", "savedLess", "besideMore",
            "besideLess", "besideSame", "savedLikely", "eightInTen", "notYet", "needsDays", "measured",
            "measuredOf", "needsMeters", "paid", "paidExpected", "noMoney")],
        "cli/relay.c": ["now.asked", "now.is", "now.compared"],
        "cli/explain.c": ["now.ladder.would.charge", "now.ladder.would.discharge", "now.ladder.would.idle",
                          "now.ladder.would.both"],
    }
    for path, keys in said.items():
        whole = literals(path)
        for key in keys:
            for part in re.split(r"\{\w+\}", LANGUAGES["en"][key]):
                words = part.strip(" .:,;")
                assert words in whole, f"{path} says {key} otherwise: {words!r}"


@suite.test
def limits_and_who_set_them_have_the_same_names_in_the_terminal_and_on_the_page(env):
    wording = r'\{"([\w ]+)", "(.*?)"\}'
    limits = {name: words for name, words in english("battery.limits.").items() if name != "stale_after_s"}
    equal(dict(rows_of("cli/health.c", "LIMITS[]", wording)), limits, "limits")
    places = {name.replace(" ", "_"): words for name, words in rows_of("cli/health.c", "PLACES[]", wording)}
    equal(places, english("settings.places."), "who set them")


@suite.test
def each_alert_of_the_daemon_has_a_title(env):
    codes = re.findall(r'^\s+\[ALERT_\w+\] = \{"([\w-]+)"', (SOURCE / "model/alert.c").read_text(),
                       re.MULTILINE)
    assert len(codes) > 30, codes
    for code in codes:
        assert code == "none" or f"alerts.codes.{code}.title" in LANGUAGES["en"], f"no title for {code}"


@suite.test
def an_alert_has_the_same_title_in_the_terminal_and_on_the_page(env):
    titles = {key.removesuffix(".title"): text for key, text in english("alerts.codes.").items()
              if key.endswith(".title")}
    equal(dict(rows_of("cli/alert_words.c", "TITLES[]", r'\{"([\w-]+)", "(.*?)"\}')), titles, "titles")


@suite.test
def no_text_says_what_is_never_said(env):
    never = re.compile(r"(?<!-)\b(error|invalid|failed|oops|please)\b|!['`]", re.IGNORECASE)
    for path in WORDS.rglob("*.js"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert not never.search(line), f"{path.name}:{number}: {never.search(line).group(0)}"


suite.run()
