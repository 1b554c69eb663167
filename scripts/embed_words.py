"""Packs the dashboard's catalogues for scripts/embed-web: texts by number, names only once.

A text is asked for as t('gate.cut'), or as t(`tabs.${name}`) where its name is not known
before. As served, a language is a list of texts, those that are asked for most first; 'gate.cut' in the
code becomes a number, and the names of the others, which come last, stand before the texts:
`28;tabs{now plan}now{verb{charging resting}}`, numbered from 28 on as they come.
"""

import json
import re
from collections import Counter

TOKEN = re.compile(r"""\s+|//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|[\w$]+|.""", re.DOTALL)
NAME = re.compile(r"'([\w-]+(?:\.[\w-]+)+)'")
PREFIX = re.compile(r"`(\w+\.[\w.-]*)\$\{|'(\w+\.(?:[\w-]+\.)*)'")
ROOT = "shell"  # its texts have no name of a screen before them


class WordsError(Exception):
    """What is wrong with a catalogue."""


class Catalogue:
    """The texts of one file: {'verb.charging': 'Charging'}, a list's as {'months.0': 'Jan'}."""

    def __init__(self, text, place):
        self.place = place
        self.tokens = [token for token in TOKEN.findall(text)
                       if not token.isspace() and not token.startswith(("//", "/*"))]
        self.at = 0
        self.texts = {}
        constants = {}
        while self.look() == "const":
            self.take("const")
            name = self.take()
            self.take("=")
            constants[name] = self.text(constants)
            self.take(";")
        self.take("export")
        self.take("default")
        self.value("", constants)

    def look(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else "the end"

    def take(self, wanted=None):
        token = self.look()
        if wanted not in (None, token):
            before = " ".join(self.tokens[max(0, self.at - 6):self.at])
            raise WordsError(f"{self.place}: {token} where {wanted} was to come, behind {before}")
        self.at += 1
        return token

    def value(self, name, constants):
        if self.look() not in ("{", "["):
            self.texts[name] = self.text(constants)
            return
        is_list = self.take() == "["
        close, count = "]" if is_list else "}", 0
        while self.look() != close:
            key = str(count) if is_list else self.take().strip("'")
            if not is_list:
                self.take(":")
            self.value(f"{name}.{key}" if name else key, constants)
            count += 1
            if self.look() != close:
                self.take(",")
        self.take(close)

    def text(self, constants):
        token = self.take()
        if token in constants:
            return constants[token]
        if not token.startswith("'") or len(token) < 2:
            raise WordsError(f"{self.place}: {token} is no text")
        return re.sub(r"\\(.)", r"\1", token[1:-1])


def read_language(folder):
    """All texts of a language by their whole names."""
    texts = {}
    for path in sorted(folder.glob("*.js")):
        lead = "" if path.stem == ROOT else f"{path.stem}."
        found = Catalogue(path.read_text(), f"{folder.name}/{path.name}").texts
        texts.update({lead + name: text for name, text in found.items()})
    return texts


class Words:
    """The catalogues below `folder`, and how the code asks for them."""

    def __init__(self, folder, sources):
        folders = sorted(path.parent for path in folder.glob(f"*/{ROOT}.js"))
        self.languages = {path.name: read_language(path) for path in folders}
        english = self.languages.get("en", {})
        for language, texts in self.languages.items():
            odd = set(texts) ^ set(english)
            if odd:
                raise WordsError(f"{language} and English do not have the same texts: {min(odd)}")
        asked = {name for source in sources for name in NAME.findall(source)}
        self.said = asked & set(english)
        branches = {name.rpartition(".")[0] for name in english}
        for name in sorted(asked - self.said):
            if name.rpartition(".")[0] in branches:
                raise WordsError(f"en has no text {name}, which the code asks for")
        prefixes = {one or other for source in sources for one, other in PREFIX.findall(source)}
        self.named = [name for name in english if name.startswith(tuple(prefixes))]
        named = set(self.named)
        said = Counter(name for source in sources for name in NAME.findall(source))
        self.others = sorted((name for name in english if name not in named), key=lambda name: -said[name])
        self.numbers = {name: number for number, name in enumerate(self.others + self.named)}

    def unsaid(self):
        """Texts that nobody asks for."""
        return sorted(set(self.numbers) - self.said - set(self.named))

    def with_numbers(self, source):
        """Code, with numbers for the names of texts."""
        return NAME.sub(lambda match: str(self.numbers.get(match[1], match[0])), source)

    def language(self, name):
        """JSON: the names, and all texts of a language, one behind the other."""
        texts = [self.languages[name][key] for key in self.numbers]
        return json.dumps([self.names(), *texts], ensure_ascii=False, separators=(",", ":"))

    def names(self):
        """The names that the code makes up while it runs, as a tree."""
        tree = {}
        for name in self.named:
            at = tree
            for part in name.split("."):
                at = at.setdefault(part, {})
        return f"{len(self.others)};{written(tree)}"


def written(tree):
    """`a{b c}d{e}`."""
    parts = [f"{name}{{{written(inner)}}}" if inner else f"{name} " for name, inner in tree.items()]
    return "".join(parts).replace(" }", "}")
