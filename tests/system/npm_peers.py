"""Peers from npm, where tests/peers/install has put them: skips the test where it has not."""

import os
import shutil

from suite import ROOT, skip

PLACE = ROOT / "build/peers/tests"


def start_npm_peer(env, peer, script, *arguments, **environment):
    """Starts `script`, of tests/peers/`peer` or of its node_modules, with Node.js."""
    node, place = shutil.which("node"), PLACE / peer
    if not node or not (place / "installed.json").is_file():
        skip("peers from npm are not there: tests/peers/install")
    path = place / script if script.startswith("node_modules/") else ROOT / "tests/peers" / peer / script
    return env.start(node, path, *arguments, name=peer,
                     environment={**os.environ, "NODE_PATH": str(place / "node_modules"), **environment})
