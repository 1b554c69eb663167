"""scripts/embed-web: what the dashboard's files are called once they are in the daemon.

Runs it on small sites; no browser, no Node. Prints TAP.
"""

import gzip
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import Suite, equal  # noqa: E402

suite = Suite("embed")

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "scripts" / "embed-web"
SITE = {
    "index.html": '<!-- modules -->\n<link href="style.css">\n<script type="module" src="app.js"></script>\n',
    "sw.js": "const FILES = ['@files'];\nconst CACHE = '@version';\n",
    "style.css": "/* Why. */\n.a {\n  color: red;\n}\n",
    "app.js": "import { a } from './parts/a.js';\nimport { bare } from 'preact';\n"
              "console.log(a, bare);\nexport default () => import('./late.js');\n",
    "parts/a.js": "/* Why a. */\nexport const a =\n    'a // b';\n",
    "late.js": "import { a } from './parts/a.js';\nexport const late = a + 1;\n",
    "lib/preact.js": "export const bare = 'bare';\n",
}


def embed(env, changes=None, tools=("esbuild", "zopfli"), folder="site"):
    """What the script makes of SITE with `changes`: exit code, {path: text}, what it says."""
    root = env.dir / folder
    for name, text in {**SITE, **(changes or {})}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    code, _, error = env.run(sys.executable, SCRIPT, *tools, root, env.dir / "out.c")
    if code:
        return code, {}, error
    c = (env.dir / "out.c").read_text()
    arrays = {name: bytes(map(int, re.findall(r"\d+", body))).decode()
              for name, body in re.findall(r"char (plain_\d+)\[\] = \{(.*?)\};", c, re.DOTALL)}
    rows = re.findall(r'\.path = "([^"]+)".*?\.plain = (\w+)', c)
    for number, body in re.findall(r"char packed_(\d+)\[\] = \{(.*?)\};", c, re.DOTALL):
        packed = bytes(map(int, re.findall(r"\d+", body)))
        equal(gzip.decompress(packed).decode(), arrays[f"plain_{number}"], f"packed_{number}")
        equal(packed[4:8], bytes(4), "the time within")
    return code, {path: arrays[name] for path, name in rows}, error


def path_of(files, stem):
    return next(path for path in files if path.startswith(f"/assets/{stem}."))


@suite.test
def a_name_changes_with_its_file_and_with_what_that_imports(env):
    before, after = embed(env)[1], embed(env, {"late.js": "export const late = 2;\n"})[1]
    assert path_of(before, "late") != path_of(after, "late"), "the file itself"
    assert path_of(before, "app") != path_of(after, "app"), "what imports it"
    equal(path_of(before, "style"), path_of(after, "style"), "what has nothing to do with it")


@suite.test
def imports_name_the_files_as_they_are_served(env):
    files = embed(env)[1]
    named = [name for text in files.values() for name in re.findall(r'"\./([\w.]+\.js)"', text)]
    assert path_of(files, "late").removeprefix("/assets/") in named, named
    for name in named:
        assert f"/assets/{name}" in files, (name, list(files))


@suite.test
def modules_are_packed_into_what_is_wanted_at_once_and_what_is_wanted_later(env):
    scripts = [path for path in embed(env)[1] if path.endswith(".js") and path != "/sw.js"]
    equal(sorted(path.split(".")[0] for path in scripts), ["/assets/app", "/assets/chunk", "/assets/late"], "files")


@suite.test
def the_page_asks_at_once_for_what_it_needs_at_once(env):
    files = embed(env)[1]
    links = re.findall(r'modulepreload" href="([^"]+)"', files["/"])
    equal(links, [path_of(files, "app")[1:], path_of(files, "chunk")[1:]], "preloaded")


@suite.test
def the_service_worker_knows_all_files_and_changes_with_each(env):
    before, after = embed(env)[1], embed(env, {"late.js": "export const late = 1;\n"})[1]
    for path in before:
        assert path in ("/", "/sw.js") or path[1:] in before["/sw.js"], (path, before["/sw.js"])
    versions = [re.search(r'CACHE ?= ?"(\w+)"', files["/sw.js"])[1] for files in (before, after)]
    assert versions[0] != versions[1], versions


@suite.test
def comments_stay_at_home_and_texts_as_they_are(env):
    files = embed(env)[1]
    packed = "".join(files.values())
    assert "a // b" in packed and "Why" not in packed, packed


@suite.test
def the_same_files_from_elsewhere_are_served_the_same(env):
    equal(embed(env, folder="elsewhere/deeper")[1], embed(env)[1], "served")


@suite.test
def a_page_loads_one_language(env):
    files = embed(env, {"app.js": "console.log('gate.cut');\n"
                                  "for (const name of ['words/en.json', 'words/it.json']) console.log(await fetch(name));\n",
                        "words/en/shell.js": "export default { gate: { cut: 'Cut off' } };\n",
                        "words/it/shell.js": "export default { gate: { cut: 'Tagliata fuori' } };\n"})[1]
    for name, text in (("words-en", "Cut off"), ("words-it", "Tagliata fuori")):
        path = path_of(files, name)
        equal(json.loads(files[path]), ["1;", text], path)
        assert f'"{path[1:]}"' in files[path_of(files, "app")], f"nobody asks for {path}"
    at_once = [files["/" + path] for path in re.findall(r'modulepreload" href="([^"]+)"', files["/"])]
    for text in at_once:
        assert "Cut off" not in text and "Tagliata" not in text and "gate.cut" not in text, text


@suite.test
def what_cannot_be_is_said(env):
    code, _, error = embed(env, {"app.js": "import './nowhere.js';\n"})
    assert code != 0 and "nowhere.js" in error, error
    code, _, error = embed(env, {"app.js": "", "index.html": '<script src="nowhere.css">'})
    assert code != 0 and "nowhere.css is named, and is not there" in error, error
    for tools in (("no-such", "zopfli"), ("esbuild", "no-such")):
        code, _, error = embed(env, tools=tools)
        assert code != 0 and "no-such cannot be run" in error, error
    code, _, error = embed(env, {"words/en/shell.js": "export default { a: 1 };"})
    assert code != 0 and "words/en/shell.js: 1 is no text" in error, error


suite.run()
