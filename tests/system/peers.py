"""Devices of other makes, as their firmware speaks: each a client of the broker, with a will,
a switch and the timer that opens it. What they do is from docs/devices.md.

    plug = TasmotaPlug(broker, "plug1")       # plug.is_on, plug.switched = [(time, on), …]
    plug.is_deaf = True                       # takes no command any more
    plug.stop()                               # says goodbye; kill() does not: the will comes
"""

import contextlib
import json
import re
import socket
import struct
import threading
import time


def _text(text):
    data = text.encode()
    return struct.pack("!H", len(data)) + data


def _packet(kind, body):
    length, head = len(body), bytes([kind])
    while True:
        head += bytes([length % 128 | (0x80 if length > 127 else 0)])
        length //= 128
        if not length:
            return head + body


class Device:
    """A client of MQTT 3.1.1 with QoS 0."""

    topics, will, greeting, client = (), None, (), "peer"

    def __init__(self, broker, name):
        self.name, self.port = name, broker.port
        self.is_deaf, self.heard = False, []
        self.lock = threading.Lock()
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        flags, more = 2, b""
        if self.will:
            flags, more = flags | 0x24, _text(self.will[0]) + _text(self.will[1])
        self.socket.sendall(_packet(0x10, _text("MQTT") + bytes([4, flags, 0, 0]) +
                                    _text(f"{self.client}-{self.name}".replace("/", "-")) + more))
        assert self.socket.recv(4) == b"\x20\x02\x00\x00", "the broker does not take the peer"
        body = b"\x00\x01" + b"".join(_text(topic) + b"\x00" for topic in self.topics)
        if self.topics:
            self.socket.sendall(_packet(0x82, body))
        threading.Thread(target=self.read, daemon=True).start()
        for topic, payload, retained in self.greeting:
            self.publish(topic, payload, retained)

    def publish(self, topic, payload, retained=False):
        if not isinstance(payload, str):
            payload = json.dumps(payload)
        with self.lock:
            self.socket.sendall(_packet(0x31 if retained else 0x30, _text(topic) + payload.encode()))

    def read(self):
        stream = self.socket.makefile("rb")
        try:
            while head := stream.read(1):
                length, shift = 0, 0
                while True:
                    byte = stream.read(1)[0]
                    length |= (byte & 127) << shift
                    shift += 7
                    if byte < 128:
                        break
                body = stream.read(length)
                if head[0] >> 4 == 3:
                    size = struct.unpack("!H", body[:2])[0]
                    self.take(body[2:2 + size].decode(), body[2 + size:].decode())
        except (OSError, ValueError, IndexError):
            pass  # it was stopped

    def take(self, topic, payload):
        self.heard.append((topic, payload))
        if not self.is_deaf:
            self.on_message(topic, payload)

    def on_message(self, topic, payload):
        pass

    def stop(self):
        self.socket.sendall(b"\xe0\x00")
        self.socket.close()

    def kill(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Switch(Device):
    """A device with a switch; `lease_s` opens it, `is_lying` makes it only say so."""

    def __init__(self, broker, name):
        self.is_on, self.switched, self.timer, self.is_lying = False, [], None, False
        super().__init__(broker, name)

    def switch(self, is_on, lease_s=None, source="MQTT"):
        if self.timer:
            self.timer.cancel()
            self.timer = None
        if not self.is_lying:
            if is_on != self.is_on:
                self.switched.append((time.monotonic(), is_on))
            self.is_on = is_on
        if is_on and lease_s:
            self.timer = threading.Timer(lease_s, self.time_out)
            self.timer.daemon = True
            self.timer.start()
        self.tell(source)

    def time_out(self):
        with contextlib.suppress(OSError):  # the test's broker may be gone
            self.switch(False, source="timer")

    def tell(self, source):
        pass


class TasmotaPlug(Switch):
    def __init__(self, broker, name):
        self.topics = (f"cmnd/{name}/#",)
        self.will = (f"tele/{name}/LWT", "Offline")
        self.greeting = ((f"tele/{name}/LWT", "Online", True),)
        self.pulse, self.pulse_is_broken, self.forced_pulse = 0, False, None
        super().__init__(broker, name)

    def on_message(self, topic, payload):
        command = topic.split("/")[-1]
        for part in payload.split(";") if command == "Backlog" else [f"{command} {payload}"]:
            self.obey(*(part.strip().split(" ", 1) + [""])[:2])

    def obey(self, command, value):
        if match := re.fullmatch("PulseTime1?", command):
            self.pulse = self.forced_pulse or int(value)
            self.publish(f"stat/{self.name}/RESULT", {"PulseTime1": {"Set": self.pulse}})
        elif re.fullmatch("(?i)power1?", command) and value in ("ON", "OFF"):
            lease = self.pulse / 10 if self.pulse < 112 else self.pulse - 100
            self.switch(value == "ON", None if self.pulse_is_broken else lease)
        elif re.fullmatch("(?i)power1?", command) and not value:
            self.tell("query")
        else:
            self.publish(f"stat/{self.name}/RESULT", {"Command": "Unknown"})

    def tell(self, source):
        word = "ON" if self.is_on else "OFF"
        self.publish(f"stat/{self.name}/RESULT", {"POWER": word})
        self.publish(f"stat/{self.name}/POWER", word)

    def tell_state(self):
        """As each TelePeriod, over its own connection: nothing overtakes what it said since."""
        self.publish(f"tele/{self.name}/STATE", {"POWER": "ON" if self.is_on else "OFF"})


class ShellyOne(Switch):
    """Of the first generation: its timer AUTO OFF is set on the device, with 0 there is none."""

    def __init__(self, broker, name, auto_off_s=30):
        self.base, self.auto_off_s = f"shellies/{name}", auto_off_s
        self.topics = ("shellies/command", f"{self.base}/command", f"{self.base}/relay/0/command")
        self.will = (f"{self.base}/online", "false")
        self.greeting = ((f"{self.base}/online", "true", True),)
        super().__init__(broker, name)

    def on_message(self, topic, payload):
        if topic.endswith("/relay/0/command") and payload in ("on", "off", "toggle"):
            self.switch(payload == "on" or (payload == "toggle" and not self.is_on), self.auto_off_s)
        elif topic.endswith("/command") and payload == "update":
            self.tell("update")
        elif topic.endswith("/command") and payload == "announce":
            self.publish(f"{self.base}/info", {"relays": [{
                "ison": self.is_on, "has_timer": bool(self.timer), "source": "mqtt",
                "timer_duration": round(self.timer.interval) if self.timer else 0}]})

    def tell(self, source, word=None):
        self.publish(f"{self.base}/relay/0", word or ("on" if self.is_on else "off"))
        self.publish(f"{self.base}/relay/0/power", "812.40" if self.is_on else "0.00")
        self.publish(f"{self.base}/relay/0/energy", "6000")

    def trip(self):
        """Too much power: it opens and says why instead of off."""
        self.is_on = False
        self.tell("overpower", "overpower")


class ShellyPlus(Switch):
    """Of the second generation, as it is delivered: it tells of itself only when it is asked."""

    def __init__(self, broker, name):
        self.topics = (f"{name}/rpc",)
        self.will = (f"{name}/online", "false")
        self.greeting = ((f"{name}/online", "true", True),)
        super().__init__(broker, name)

    def on_message(self, topic, payload):
        asked = json.loads(payload)
        if asked["method"] == "Switch.Set":
            result = {"was_on": self.is_on}
            self.switch(asked["params"]["on"], asked["params"].get("toggle_after"))
        else:
            result = {"id": 0, "output": self.is_on, "apower": 800.0 if self.is_on else 0.0}
            if self.timer:
                result |= {"timer_started_at": time.time(), "timer_duration": self.timer.interval}
            if asked["method"] == "Shelly.GetStatus":
                result = {"mqtt": {"connected": True}, "switch:0": result}
        self.publish(f"{asked['src']}/rpc", {"id": asked["id"], "src": self.name,
                                             "dst": asked["src"], "result": result})


class ZigbeePlug(Switch):
    def __init__(self, broker, name, knows_on_time=True):
        self.knows_on_time = knows_on_time
        self.topics = (f"zigbee2mqtt/{name}/set", f"zigbee2mqtt/{name}/get")
        self.will = (f"zigbee2mqtt/{name}/availability", '{"state":"offline"}')
        self.greeting = ((f"zigbee2mqtt/{name}/availability", '{"state":"online"}', True),)
        super().__init__(broker, name)

    def on_message(self, topic, payload):
        asked = json.loads(payload)
        if topic.endswith("/set"):
            self.switch(asked["state"] == "ON", self.knows_on_time and asked.get("on_time"))
        else:
            self.tell("get")

    def tell(self, source=None):
        self.publish(f"zigbee2mqtt/{self.name}", {"state": "ON" if self.is_on else "OFF",
                                                  "last_seen": int(time.time() * 1000)})


class EspSwitch(Switch):
    """An ESPHome node: it retains, tells changes only, and its automation opens it after a time."""

    def __init__(self, broker, name, auto_off_s=90):
        self.auto_off_s = auto_off_s
        self.topics = (f"{name}/switch/charger/command", f"{name}/amphora/read")
        self.will = (f"{name}/status", "offline")
        self.greeting = ((f"{name}/status", "online", True),)
        self.told = None
        super().__init__(broker, name)

    def on_message(self, topic, payload):
        if topic.endswith("/read"):
            self.told = None
            self.tell("read")
        else:
            self.switch(payload == "ON", self.auto_off_s)

    def tell(self, source):
        if self.told != self.is_on:
            self.told = self.is_on
            self.publish(f"{self.name}/switch/charger/state", "ON" if self.is_on else "OFF", True)


class VenusBox(Device):
    """A GX: it says nothing before it is asked to, and then only what changes."""

    def __init__(self, broker, name, soc=20.0, temp=20.0):
        self.values = {"Soc": soc, "Dc/0/Temperature": temp, "Dc/0/Voltage": 52.4,
                       "Dc/0/Current": 0.0, "Dc/0/Power": 0.0}
        self.topics = (f"R/{name}/#",)
        self.grid_w = (1200, -300, 50)  # by phase
        super().__init__(broker, name)

    def on_message(self, topic, payload):
        if topic.endswith("/keepalive") and not payload:
            for path in self.values:
                self.tell(path)
            for phase, power_w in enumerate(self.grid_w, 1):
                self.publish(f"N/{self.name}/system/0/Ac/Grid/L{phase}/Power", {"value": power_w})

    def tell(self, path):
        self.publish(f"N/{self.name}/battery/512/{path}", {"value": self.values[path]})

    def set(self, **values):
        for path, value in values.items():
            path = {"soc": "Soc", "temp": "Dc/0/Temperature"}[path]
            self.values[path] = value
            self.tell(path)


class OpenDtu(Device):
    """A gateway to inverters: all is retained, and what it said last stays when none is reached."""

    def __init__(self, broker, name, base="solar/", serial="114181234567"):
        self.base, self.serial = base, serial
        self.will = (f"{base}dtu/status", "offline")
        self.greeting = ((f"{base}dtu/status", "online", True),)
        super().__init__(broker, name)

    def say(self, power_w, reached=True):
        self.publish(f"{self.base}{self.serial}/status/reachable", "1" if reached else "0", True)
        self.publish(f"{self.base}{self.serial}/0/power", f"{power_w:.1f}", True)
        self.publish(f"{self.base}ac/power", f"{power_w:.1f}", True)


class OnBattery(OpenDtu):
    """OpenDTU with a battery: it says old values again, and how old they are."""

    def __init__(self, broker, name, base="solar/"):
        self.values, self.heard_at = None, None
        super().__init__(broker, name, base)

    def hear(self, soc, temp):
        """The battery told the gateway something."""
        self.values, self.heard_at = (soc, temp), time.monotonic()

    def say_again(self, age_s=None):
        soc, temp = self.values
        age_s = time.monotonic() - self.heard_at if age_s is None else age_s
        for name, value in (("manufacturer", "Pylontech"), ("dataAge", int(age_s)),
                            ("stateOfCharge", f"{soc:.1f}"), ("voltage", "52.40"),
                            ("current", "3.2"), ("temperature", f"{temp:.1f}")):
            self.publish(f"{self.base}battery/{name}", str(value), True)


class SolarAssistant(Device):
    """Plain numbers, one a topic; it tells no availability."""

    def say(self, soc, temp, power_w=150):
        for name, value in (("power", power_w), ("state_of_charge", soc), ("temperature", temp)):
            self.publish(f"solar_assistant/total/battery_{name}/state", str(value))


class Evcc(Device):
    """All retained and plain, nil is empty; `updated` says of when they are."""

    def __init__(self, broker, name):
        self.will = ("evcc/status", "offline")
        self.greeting = (("evcc/status", "online", True),)
        super().__init__(broker, name)

    def say(self, at=None, **values):
        for path, value in values.items():
            self.publish(f"evcc/site/{path.replace('__', '/')}", "" if value is None else str(value),
                         True)
        self.publish("evcc/updated", str(int(at or time.time())), True)
