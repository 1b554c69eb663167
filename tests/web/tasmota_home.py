"""A home for tests/web/setup.mjs: a sensor of ours and a Tasmota plug on the broker at PORT, until it is killed."""

import pathlib
import sys
import time
import types

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "system"))
from peers import TasmotaPlug  # noqa: E402

plug = TasmotaPlug(types.SimpleNamespace(port=int(sys.argv[1])), "garage")
while True:
    plug.publish("amphora/b1/battery", {"node": "b1", "SoC": 54.5, "Temp": 21})
    plug.publish("tele/garage/STATE", {"POWER": "ON" if plug.is_on else "OFF"})
    time.sleep(0.3)
