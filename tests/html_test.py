"""scripts/embed_html.py: templates of the page become the calls that htm would make of them.

No browser, no Node. Prints TAP.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import Suite, equal  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True
from embed_html import HtmlError, with_calls  # noqa: E402

suite = Suite("html")

CALLS = {
    "an element": ("html`<b>a</b>`", 'html("b", 0, `a`)'),
    "one that ends at once": ("html`<br/>`", 'html("br", 0)'),
    "a value": ("html`<p class=\"x y\" id=${id}>${a}</p>`", 'html("p", {class: `x y`, id: (id)}, (a))'),
    "a value in parts": ("html`<p class=\"x ${y}\" d='${d}' />`", 'html("p", {class: `x ${y}`, d: (d)})'),
    "a value of no letters": ('html`<img alt="" />`', 'html("img", {alt: ``})'),
    "a name that is no identifier": ('html`<p aria-label="l" />`', 'html("p", {"aria-label": `l`})'),
    "a name alone": ("html`<input disabled />`", 'html("input", {disabled: true})'),
    "what is handed on": ("html`<p ...${rest} />`", 'html("p", (rest))'),
    "what is handed on with more": ("html`<p a=\"1\" ...${rest} />`", 'html("p", {a: `1`, ...(rest)})'),
    "a component": ("html`<${Age} s=${3}>a<//>`", 'html((Age), {s: (3)}, `a`)'),
    "several roots": ("html`<a/>${b}`", '[html("a", 0), (b)]'),
    "no root": ("html``", "undefined"),
    "a value alone": ("html`${a}`", "(a)"),
    "templates in templates": ("html`<p>${l.map((o) => html`<i>${{ o }}</i>`)}</p>`",
                               'html("p", 0, (l.map((o) => html("i", 0, ({ o })))))'),
    "blanks that stay": ("html`<p> a ${b} </p>`", 'html("p", 0, ` a `, (b), ` `)'),
    "line ends beside tags": ("html`<p>\n  a\n  <b/> b\n\t</p>`", 'html("p", 0, `a`, html("b", 0), ` b`)'),
    "a line end within a text": ("html`<p>a\n  b</p>`", 'html("p", 0, `a\n  b`)'),
    "a slash in a value": ('html`<a href="#/now/${x}">/</a>`', 'html("a", {href: `#/now/${x}`}, `/`)'),
    "a bracket in a value": ('html`<a title="a > b" />`', 'html("a", {title: `a > b`})'),
    "an escape": ("html`<p>\\`\\${a}\\u00a0</p>`", 'html("p", 0, `\\`\\${a}\\u00a0`)'),
}

# What looks like a template, a brace or a quote, and is none.
UNTOUCHED = [
    "'html`<b/>`'", '"html`<b>"', "// html`<b>`\n", "/* html`<b> */", "/[`'\"]/.test(a)", "return /`/g",
    "a / b / '`'", "`html ${'`}'} <b>`", "`${a ? `${b}` : { c: '}' }}`", "x.html`<b/>`", "(a) / 2 + '/`'", r"'\'`'",
]

WRONG = {
    "html`<b>": "a template has no end",
    "html`<b>`": "does not close what it opened",
    "html`</b>`": "closes what it did not open",
    "html`<b a=c></b>`": "a value without quotes",
    "html`<b a=\"c></b>`": "a template ends where",
    "html`<b>${a</b>`": "has no end",
    "html`<!-- why --><b/>`": "a comment in a template",
    "html`< b/>`": "an element without a name",
    "'a": "a text has no end",
}


@suite.test
def a_template_becomes_the_calls_that_it_stands_for(env):
    for what, (template, call) in CALLS.items():
        equal(with_calls(f"const a = {template};", "a.js"), f"const a = {call};", what)


@suite.test
def other_code_stays_as_it_is(env):
    for code in UNTOUCHED:
        equal(with_calls(f"{code};", "a.js"), f"{code};", code)


@suite.test
def a_template_that_cannot_be_is_refused_with_its_place(env):
    for code, words in WRONG.items():
        try:
            made = with_calls(f"\n{code}", "a.js")
        except HtmlError as error:
            assert words in str(error) and str(error).startswith("a.js:2: "), (code, str(error))
        else:
            raise AssertionError(f"{code} became {made}")


@suite.test
def no_template_of_the_page_is_left(env):
    for path in (ROOT / "src" / "web").rglob("*.js"):
        if "lib" not in path.parts:
            assert "html`" not in with_calls(path.read_text(), path.name), path.name


suite.run()
