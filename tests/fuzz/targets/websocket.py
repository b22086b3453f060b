"""The gadget's WebSocket in the real site: after any frames of one browser another one is served."""

import json
from random import Random
from typing import Any
from zlib import crc32

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from magroup.web.gadget import commands, entrance, gadget, gadgets, messages, shown_group, websocket
from tests.fuzz.target import Target, hold, same
from tests.fuzz.targets.web_server import FuzzWeb, connected, web

_HANDSHAKE = (
    b"GET /Applications/inbound/MAGroup/src/gadget.ws HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: http://localhost:808"
    b"0\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket"
    b"-Protocol: magroup.1\r\n"
    b"Cookie: %b\r\n\r\n"
)  # fmt: skip


class _Browser:
    """An open socket."""

    def __init__(self, site: FuzzWeb) -> None:
        self.protocol, self.wire = connected(site)
        self.protocol.dataReceived(_HANDSHAKE % site.cookie.encode())
        hold(self.wire.value().startswith(b"HTTP/1.1 101 "), "no WebSocket", self.wire.value()[:500])

    def send(self, data: bytes) -> None:
        if not self.wire.is_over:
            self.protocol.dataReceived(data)

    def said(self) -> list[Any]:
        """What the server has said, each message of it a whole frame."""
        data = self.wire.value().partition(b"\r\n\r\n")[2]
        found = []
        while data:
            kind, size, start = data[0], data[1], 2
            hold(kind in (0x81, 0x88, 0x89, 0x8A) and size < 128, "a frame of the server", data[:20])
            if size in (126, 127):
                start = 4 if size == 126 else 10
                size = int.from_bytes(data[2:start])
            body, data = data[start : start + size], data[start + size :]
            same(len(body), size, "length")
            if kind == 0x81:
                found.append(json.loads(body))
        return found

    def end(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))


def frame(body: bytes, kind: int = 0x81, mask: bytes = bytes(4)) -> bytes:
    """As a browser sends it; masked with zeros one can read what is in it."""
    size = bytes((0x80 | len(body),)) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2)
    return bytes((kind,)) + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))


def _check(data: bytes) -> None:
    site = web("websocket")
    browser, random = _Browser(site), Random(crc32(data))
    at = 0
    while at < len(data):
        size = random.choice((1, 5, 100, 5000))
        browser.send(data[at : at + size])
        at += size
    _passes(site, 1.0)
    browser.said()
    other = _Browser(site)
    other.send(frame(b'{"id":77,"do":"search","text":"ra"}'))
    _passes(site, 0.1)
    hold(
        any(one["type"] == "done" and one["id"] == 77 for one in other.said()),
        "another gadget is not served",
        other.said(),
    )
    _commands(data)
    browser.end()
    other.end()
    _passes(site, 70.0)
    for call in site.switch.calls():
        site.switch.caller_hangs_up(call.id)
    hold(
        not len(site.gadgets) and not any(site.gadgets.describe().values()), "gadgets are left", site.gadgets.describe()
    )
    hold(not len(site.commands), "commands are left")


def _passes(site: FuzzWeb, seconds: float) -> None:
    for _ in range(4):
        site.clock.advance(seconds / 4)


def _commands(data: bytes) -> None:
    """The text of a message alone, which is read or malformed."""
    for text in (data, data[6:]):
        try:
            found = messages.read(text)
        except messages.Malformed as wrong:
            hold(0 <= wrong.id <= 2**53, "id")
        else:
            hold(0 <= found.id <= 2**53, "id")


def _said(**values: Any) -> bytes:
    return frame(json.dumps(values).encode())


SEEDS = (
    _said(id=1, do="group", group=45) + _said(id=2, do="search", text="ara"),
    _said(id=1, do="resume", life="x", group=45, after=3),
    _said(id=3, do="presence", user="Maria.Rossi", value="busy", message="At lunch"),
    _said(id=4, do="forward", member=72, kind="line", to="number", number="079"),
    _said(id=5, do="dial", to={"number": "1175"}, **{"from": "1071"})
    + _said(id=6, do="end", call="a-1", device="1071"),
    _said(id=7, do="answer", call="x", device="1175")
    + _said(id=8, do="digits", call="x", device="1175", digits="12,#"),
    _said(id=9, do="blind", call="x", device="1071", to={"member": 198})
    + _said(id=10, do="consult", call="x", device="1071", to={"voicemail": 198}),
    _said(id=11, do="messages")
    + _said(id=12, do="heard", message="m", heard=True)
    + _said(id=13, do="language", language="de"),
    _said(id=14, do="on_phone", member=72, shown=True),
    frame(b'{"id":1,', 0x01) + frame(b'"do":"search",', 0x00) + frame(b'"text":""}', 0x80),
    frame(b"ping", 0x89, b"abcd") + frame(b"pong", 0x8A) + frame(b"\x03\xe8bye", 0x88),
    frame(b"\x00\xff", 0x82),
    frame(b"x" * 300),
)
TOKENS = (
    b"\x81\x80", b"\x01\x80", b"\x80\x80", b"\x89\xfe", b"\xc1\x85", b"\x81\xff" + b"\xff" * 8, b"\x81\xfe\xff\xff",
    b"\x88\x82", b"\x03\xe8", bytes(4),
    *(_said(id=20, do=kind.__struct_config__.tag) for kind in (messages.Group, messages.Dial, messages.Heard)),
    b'{"id":', b'"do":"group"', b'"do":"presence"', b'"do":"forward"', b'"do":"dial"', b'"do":"blind"',
    b'"to":{"number":"1175"}', b'"value":"dnd"', b'"group":45', b'"member":198',
    b'"to":"voicemail"', b'"to":"mobile"', b'"kind":"application"', b"null", b"true", b'"\\ud800"', b"\\u0000", b"[",
    b"{", b"}", b'"text":"', b'"number":"', b"\xff\xfe",
)  # fmt: skip
TARGET = Target(
    "websocket",
    _check,
    (websocket, gadget, gadgets, entrance, messages, commands, shown_group),
    SEEDS,
    TOKENS,
    12 << 10,
    fresh=60,
    seconds=0.5,
)
