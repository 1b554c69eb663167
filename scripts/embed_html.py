"""Turns the page's templates into calls, for scripts/embed-web.

html`<p class="lede">${words}<${Age} s=${3} /></p>` becomes
html("p", {class: `lede`}, (words), html((Age), {s: (3)})), with what html`…` means in htm 3.1:
text loses the line ends beside tags, `</anything>` and `<//>` close, several roots are a list.
"""

import re

WORD = re.compile(r"[\w$]+")
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
BEFORE_REGEX = set("([{,;=:!&|?+-*%<>~^")
WORDS_BEFORE_REGEX = {"return", "typeof", "case", "in", "of", "void", "delete", "await", "throw", "do", "else"}
TEXT_ENDS = re.compile(r"^\s*\n\s*|\s*\n\s*\Z")
NAME = re.compile(r"[\w$]+\Z")
TAG = "html`"


class HtmlError(Exception):
    """What is wrong with a template."""


class Code:
    """JavaScript, read once from `at` on."""

    def __init__(self, text, place):
        self.text = text
        self.place = place
        self.at = 0

    def wrong(self, words):
        return HtmlError(f"{self.place}:{self.text.count(chr(10), 0, self.at) + 1}: {words}")

    def compiled(self, is_inside=False):
        """The code with calls for templates: all of it, or up to the brace that ends `${`."""
        out, depth, before, word = [], 0, "(", ""
        while self.at < len(self.text):
            char = self.text[self.at]
            taken = self.taken(char, before, word)
            if taken is None:
                if char == "}" and is_inside and not depth:
                    return "".join(out)
                depth += {"{": 1, "}": -1}.get(char, 0)
                found = WORD.match(self.text, self.at)
                taken = found[0] if found else char
                self.at += len(taken)
            out.append(taken)
            if taken.strip() and not taken.startswith(("//", "/*")):
                before, word = taken[-1], taken
        if is_inside:
            raise self.wrong("a ${ has no end")
        return "".join(out)

    def taken(self, char, before, word):
        """What is one piece, whatever it has inside; None where nothing such begins."""
        if char in "'\"":
            return self.match(re.compile(rf"{char}(?:\\.|[^\\{char}\n])*{char}", re.DOTALL), "a text")
        if char == "`":
            self.at += 1
            return self.plain_template()
        if self.text.startswith("//", self.at):
            return self.match(re.compile(r"//[^\n]*"), "a comment")
        if self.text.startswith("/*", self.at):
            return self.match(re.compile(r"/\*.*?\*/", re.DOTALL), "a comment")
        if char == "/" and (before in BEFORE_REGEX or word in WORDS_BEFORE_REGEX):
            return self.match(REGEX, "a pattern")
        if self.text.startswith(TAG, self.at) and before != ".":
            self.at += len(TAG)
            return Template(self).call()
        return None

    def match(self, pattern, what):
        found = pattern.match(self.text, self.at)
        if not found:
            raise self.wrong(f"{what} has no end")
        self.at = found.end()
        return found[0]

    def parts(self):
        """The parts of a template up to its end: its characters as written, and [code] of each ${…}."""
        parts = []
        while not self.text.startswith("`", self.at):
            if self.at >= len(self.text):
                raise self.wrong("a template has no end")
            if self.text.startswith("${", self.at):
                self.at += 2
                parts.append([self.compiled(is_inside=True)])
                self.at += 1
                continue
            length = 2 if self.text[self.at] == "\\" else 1
            parts.append(self.text[self.at:self.at + length])
            self.at += length
        self.at += 1
        return parts

    def plain_template(self):
        return literal(self.parts())


def literal(parts):
    return "`" + "".join(f"${{{part[0]}}}" if isinstance(part, list) else part for part in parts) + "`"


class Template:
    """One html`…`, whose first character is next in `code`."""

    def __init__(self, code):
        self.code = code
        self.parts = code.parts()
        self.at = 0

    def look(self, text=None):
        """What comes next; or whether `text` does."""
        if text is not None:
            return self.parts[self.at:self.at + len(text)] == list(text)
        return self.parts[self.at] if self.at < len(self.parts) else ""

    def until(self, ends):
        """Parts as long as none of `ends` comes."""
        found = []
        while not any(self.look(end) for end in ends):
            if self.at >= len(self.parts):
                raise self.code.wrong(f"a template ends where {' or '.join(ends)} was to come")
            found.append(self.parts[self.at])
            self.at += 1
        return found

    def call(self):
        roots = self.children(is_root=True) or ["undefined"]
        return roots[0] if len(roots) == 1 else f"[{', '.join(roots)}]"

    def children(self, is_root=False):
        found, text = [], []

        def end_text():
            words = TEXT_ENDS.sub("", "".join(text))
            text.clear()
            if words:
                found.append(literal([words]))

        while self.at < len(self.parts):
            part = self.parts[self.at]
            if part != "<":
                self.at += 1
                if isinstance(part, list):
                    end_text()
                    found.append(f"({part[0]})")
                else:
                    text.append(part)
                continue
            end_text()
            self.at += 1
            if self.look("!--"):
                raise self.code.wrong("a comment in a template: it would be served")
            if self.look() == "/":
                if is_root:
                    raise self.code.wrong("a template closes what it did not open")
                self.until(">")
                self.at += 1
                return found
            found.append(self.element())
        end_text()
        if not is_root:
            raise self.code.wrong("a template does not close what it opened")
        return found

    def element(self):
        tag = self.until([" ", "\n", "/", ">"])
        if len(tag) == 1 and isinstance(tag[0], list):
            name = f"({tag[0][0]})"
        elif tag and all(isinstance(part, str) for part in tag):
            name = f'"{"".join(tag)}"'
        else:
            raise self.code.wrong("an element without a name")
        props = joined(self.props())
        children = [] if self.look() == "/" else None
        self.until(">")
        self.at += 1
        if children is None:
            children = self.children()
        return f"html({', '.join([name, props, *children])})"

    def props(self):
        found = []
        while True:
            while self.look() in (" ", "\n"):
                self.at += 1
            if self.look() == ">" or self.look("/>"):
                return found
            if self.look("..."):
                self.at += 3
                found.append(f"...({self.hole()})")
                continue
            name = "".join(self.until(["=", " ", "\n", "/", ">"]))
            key = name if NAME.match(name) else f'"{name}"'
            if self.look() != "=":
                found.append(f"{key}: true")
                continue
            self.at += 1
            found.append(f"{key}: {self.value()}")

    def hole(self):
        part = self.look()
        if not isinstance(part, list):
            raise self.code.wrong("${…} was to come")
        self.at += 1
        return part[0]

    def value(self):
        quote = self.look()
        if isinstance(quote, list):
            return f"({self.hole()})"
        if quote not in ('"', "'"):
            raise self.code.wrong("a value without quotes")
        self.at += 1
        parts = self.until([quote])
        self.at += 1
        return f"({parts[0][0]})" if len(parts) == 1 and isinstance(parts[0], list) else literal(parts)


def joined(props):
    """One object of them; 0 for none, which Preact takes as none."""
    if len(props) == 1 and props[0].startswith("..."):
        return props[0][3:]
    return "{" + ", ".join(props) + "}" if props else "0"


def with_calls(text, place):
    """Code, with calls for its templates."""
    return Code(text, place).compiled()
