"""scripts/embed-web: what the dashboard's files are called once they are in the daemon.

Runs it on small sites; no browser, no Node. Prints TAP.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "system"))
from harness import Suite, equal  # noqa: E402

suite = Suite("embed")

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "scripts" / "embed-web"
SITE = {
    "index.html": '<!-- modules -->\n<script type="module" src="app.js"></script>\n',
    "sw.js": "const FILES = ['@files'];\nconst CACHE = '@version';\n",
    "app.js": "import { a } from './parts/a.js';\nexport default () => import('./late.js');\n",
    "parts/a.js": "/* Why a. */\nexport const a =\n    'a // b';\n",
    "late.js": "export {};\n",
}


def embed(env, changes=None):
    """What the script makes of SITE with `changes`: exit code, {path: text}, what it says."""
    root = env.dir / "site"
    for name, text in {**SITE, **(changes or {})}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    code, _, error = env.run(sys.executable, SCRIPT, root, env.dir / "out.c")
    if code:
        return code, {}, error
    c = (env.dir / "out.c").read_text()
    arrays = {name: bytes(map(int, re.findall(r"\d+", body))).decode()
              for name, body in re.findall(r"char (plain_\d+)\[\] = \{(.*?)\};", c, re.DOTALL)}
    rows = re.findall(r'\.path = "([^"]+)".*?\.plain = (\w+)', c)
    return code, {path: arrays[name] for path, name in rows}, error


def path_of(files, stem):
    return next(path for path in files if path.startswith(f"/assets/{stem}."))


@suite.test
def a_name_changes_with_its_file_and_with_what_that_imports(env):
    before, after = embed(env)[1], embed(env, {"parts/a.js": "export const a = 2;\n"})[1]
    assert path_of(before, "parts-a") != path_of(after, "parts-a"), "the file itself"
    assert path_of(before, "app") != path_of(after, "app"), "what imports it"
    equal(path_of(before, "late"), path_of(after, "late"), "what has nothing to do with it")


@suite.test
def imports_name_the_files_as_they_are_served(env):
    files = embed(env)[1]
    app = files[path_of(files, "app")]
    for stem in ("parts-a", "late"):
        assert f"'./{path_of(files, stem).removeprefix('/assets/')}'" in app, app


@suite.test
def the_page_asks_at_once_for_what_it_needs_at_once(env):
    files = embed(env)[1]
    links = re.findall(r'modulepreload" href="([^"]+)"', files["/"])
    equal(links, [path_of(files, "app")[1:], path_of(files, "parts-a")[1:]], "preloaded")


@suite.test
def the_service_worker_knows_all_files_and_changes_with_each(env):
    before, after = embed(env)[1], embed(env, {"late.js": "export const late = 1;\n"})[1]
    assert path_of(before, "late")[1:] in before["/sw.js"], before["/sw.js"]
    assert before["/sw.js"].splitlines()[1] != after["/sw.js"].splitlines()[1], "the version"


@suite.test
def comments_and_indentation_stay_at_home_and_texts_as_they_are(env):
    files = embed(env)[1]
    equal(files[path_of(files, "parts-a")], "export const a =\n'a // b';\n", "parts/a.js")


@suite.test
def what_cannot_be_is_said(env):
    code, _, error = embed(env, {"app.js": "import './nowhere.js';\n"})
    assert code != 0 and "nowhere.js, which is not there" in error, error
    code, _, error = embed(env, {"app.js": "import './parts/a.js';\n",
                                 "parts/a.js": "import '../app.js';\n"})
    assert code != 0 and "parts/a.js imports app.js" in error, error


suite.run()
