"""A CoAP node as course projects write them: a few resources on one UDP socket.

    node = CourseNode({"/temp": '{"value":24}'})      # node.uri
    node.resources["/soc"] = '{"value":20}'
    node.is_on, node.switched                         # its actuator, PUT /temp_act mode=on
    node.is_apart = True                              # answers apart from the acknowledgement
    node.register(port, b'{"name":"n1"}')             # from its own socket; returns the code
    node.stop(); node.start()                         # killed, and back on its port
"""

import socket
import struct
import threading
import time

ACK, CON = 2, 0
CONTENT, CHANGED, BAD_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED = 0x45, 0x44, 0x80, 0x84, 0x85
NOT_ACCEPTABLE = 0x86
GET, POST, PUT = 1, 2, 3
ACCEPT = 17
TEXT, JSON, TLV = 0, 50, 11542


def options_of(data, at):
    """The options of a message as (number, value), and where its payload begins."""
    number, found = 0, []
    while at < len(data) and data[at] != 0xff:
        delta, length = data[at] >> 4, data[at] & 15
        at += 1
        for name in ("delta", "length"):
            value = delta if name == "delta" else length
            if value == 13:
                value, at = data[at] + 13, at + 1
            elif value == 14:
                value, at = struct.unpack("!H", data[at:at + 2])[0] + 269, at + 2
            if name == "delta":
                delta = value
            else:
                length = value
        number += delta
        found.append((number, data[at:at + length]))
        at += length
    return found, at + 1


def content_format(number=None):
    """The option, where it is the first."""
    if number is None:
        return b""
    value = number.to_bytes(2, "big").lstrip(b"\0")
    return bytes([0xc0 | len(value)]) + value


class CourseNode:
    def __init__(self, resources, address="127.0.0.1", has_get=True):
        self.resources, self.address, self.port = dict(resources), address, 0
        self.is_on, self.switched, self.is_apart, self.has_get = False, [], False, has_get
        self.requests, self.answers = [], {}
        self.start()

    def start(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, self.port))
        self.port = self.socket.getsockname()[1]
        self.is_on, self.is_running = False, True
        self.thread = threading.Thread(target=self.serve, args=(self.socket,), daemon=True)
        self.thread.start()

    def stop(self):
        self.is_running = False
        self.socket.sendto(b"", (self.address, self.port))
        self.thread.join(5)
        self.socket.close()

    @property
    def uri(self):
        return f"coap://{self.address}:{self.port}"

    def register(self, port, payload, path="registration"):
        """POSTs to the collector from the node's own socket; returns 201, 403, …"""
        self.code = None
        message = bytes([0x40, POST]) + struct.pack("!H", int(time.monotonic() * 1000) & 0xffff)
        message += bytes([0xb0 | len(path)]) + path.encode()
        self.socket.sendto(message + (b"\xff" + payload if payload else b""), ("127.0.0.1", port))
        deadline = time.monotonic() + 10
        while self.code is None and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.code

    def serve(self, own):
        while self.is_running:
            data, sender = own.recvfrom(2048)
            if len(data) < 4 or not self.is_running:
                continue
            kind, code = data[0] >> 4 & 3, data[1]
            if kind == CON and 0 < code < 32:
                self.answer(own, data, sender)
            elif code >= 32:
                self.code = (code >> 5) * 100 + (code & 31)

    def answer(self, own, data, sender):
        length = data[0] & 15
        token, options_at = data[4:4 + length], 4 + length
        options, payload_at = options_of(data, options_at)
        path = "".join("/" + value.decode() for number, value in options if number == 11)
        self.query = "&".join(value.decode() for number, value in options if number == 15)
        self.accepts = next((int.from_bytes(value, "big") for number, value in options
                             if number == ACCEPT), None)
        code, said, *has_format = self.act(data[1], path, data[payload_at:].decode())
        self.requests.append((data[1], path, data[payload_at:].decode()))
        body = content_format(*has_format)
        body += b"\xff" + (said if isinstance(said, bytes) else said.encode()) if said else b""
        if not self.is_apart:
            own.sendto(bytes([0x60 | length, code]) + data[2:4] + token + body, sender)
            return
        own.sendto(bytes([0x60, 0]) + data[2:4], sender)
        apart = bytes([0x40 | length, code]) + struct.pack("!H", len(self.requests)) + token + body
        for _ in range(2):  # the second is a duplicate
            own.sendto(apart, sender)

    def act(self, method, path, payload):
        if path == "/temp_act":
            if method == GET:
                return (CONTENT, "on" if self.is_on else "off") if self.has_get else \
                    (METHOD_NOT_ALLOWED, "")
            if payload not in ("mode=on", "mode=off"):
                return BAD_REQUEST, ""
            self.is_on = payload == "mode=on"
            self.switched.append(self.is_on)
            return CONTENT, ""  # 2.05, as Contiki-NG says to a PUT
        if path not in self.resources:
            return NOT_FOUND, ""
        return (CONTENT, self.resources[path]) if method == GET else (METHOD_NOT_ALLOWED, "")


class ContikiNode(CourseNode):
    """Of Contiki-NG's examples/coap: a temperature (of the SHT11 unsigned), and an LED without GET."""

    def __init__(self, temp, resources):
        self.temp = temp
        super().__init__(resources)

    def act(self, method, path, payload):
        if path == "/sensors/temperature" and method == GET:
            if self.accepts in (None, TEXT):
                return CONTENT, str(self.temp), TEXT
            if self.accepts == JSON:
                return CONTENT, f"{{'temperature':{self.temp}}}", JSON  # no JSON
            return NOT_ACCEPTABLE, "Supporting content-types text/plain and application/json"
        if path == "/sensors/sht11" and method == GET:
            return CONTENT, f"{self.temp & 0xffff};1850", TEXT
        if path == "/actuators/leds" and method in (PUT, POST):
            if self.query != "color=r" or payload not in ("mode=on", "mode=off"):
                return BAD_REQUEST, ""
            self.is_on = payload == "mode=on"
            self.switched.append(self.is_on)
            return CONTENT, ""
        if path == "/actuators/leds":
            return METHOD_NOT_ALLOWED, ""
        return super().act(method, path, payload)


class IpsoNode(CourseNode):
    """LwM2M's objects: TLV where it is not asked for text; 5852 counts, and is no timer."""

    def __init__(self, soc, temp):
        self.soc, self.temp = soc, temp
        super().__init__({})

    def act(self, method, path, payload):
        if path == "/3312/0/5850" and method == PUT:
            if payload not in ("0", "1"):
                return BAD_REQUEST, ""
            self.is_on = payload == "1"
            self.switched.append(self.is_on)
            return CHANGED, ""
        values = {"/3411/0/1": (str(self.soc), b"\xc1\x01" + bytes([self.soc])),
                  "/3303/0/5700": (str(self.temp), b"\xe4\x16\x44" + struct.pack("!f", self.temp)),
                  "/3312/0/5850": (str(int(self.is_on)), b"\xe1\x16\xda" + bytes([self.is_on]))}
        if path not in values:
            return NOT_FOUND, ""
        if method != GET:
            return METHOD_NOT_ALLOWED, ""
        text, tlv = values[path]
        return (CONTENT, text, TEXT) if self.accepts == TEXT else (CONTENT, tlv, TLV)
