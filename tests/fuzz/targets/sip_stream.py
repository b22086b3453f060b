"""Streams: wherever they are cut the same messages come out; where one ends is where its header says."""

from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import Any
from zlib import crc32

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from magroup.sip import connection, message, stream
from magroup.sip.bans import Bans
from magroup.sip.connections import Connections
from magroup.sip.hop import Hop
from magroup.sip.limits import Counters, Limits
from magroup.sip.message import MessageError, content_length, parse_message
from magroup.sip.stream import PING, PONG, Framer
from magroup.sip.timers import Timers
from magroup.sip.tls import ClientTls
from tests.fuzz.target import Target, hold, same
from tests.fuzz.targets.sip_words import INVITE, MESSAGES, OPTIONS, REGISTER, TOKENS

LIMIT, HEADER_LIMIT = 16 << 10, 8 << 10


def _cut(data: bytes, chunks: list[bytes]) -> tuple[list[bytes], str]:
    framer, found = Framer(LIMIT, HEADER_LIMIT), list[bytes]()
    error = ""
    for chunk in chunks:
        try:
            found += framer.feed(chunk)
        except MessageError as raised:
            error = f"{raised} {raised.request!r}"
    hold(len(framer._buffer) <= LIMIT, "kept", len(framer._buffer))
    return found, error


class _Wire(StringTransport):
    """A connection, which ends when it is asked to."""

    protocol: Any = None

    def setTcpNoDelay(self, enabled: bool) -> None: ...

    def setTcpKeepAlive(self, enabled: bool) -> None: ...

    def unregisterProducer(self) -> None: ...

    def loseConnection(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))

    abortConnection = loseConnection


def _connection(data: bytes, expected: list[bytes]) -> None:
    """The same over a whole connection, which bears so many that are no messages; nothing is left of it."""
    clock, found = Clock(), list[bytes]()

    def deliver(message: bytes, hop: Hop) -> bool:
        found.append(message)
        return _is_message(message)

    limits = Limits(LIMIT, HEADER_LIMIT)
    table = Connections(clock, deliver, lambda error, hop: None, lambda failed, why: None, limits, Counters(),
                        ClientTls(), lambda transport, host: 5060, Bans(Timers(clock)))  # fmt: skip
    peer = IPv4Address("TCP", "192.0.2.1", 40000)
    protocol, wire = table.factory("tcp", 5060).buildProtocol(peer), _Wire(peerAddress=peer)
    wire.protocol = protocol
    protocol.makeConnection(wire)
    for at in range(0, len(data), 700):
        protocol.dataReceived(data[at : at + 700])
    borne: list[bytes] = []
    wrong = 0
    for one in expected:
        if one != PING:
            borne.append(one)
            wrong += not _is_message(one)
        elif wrong <= limits.malformed:
            borne.append(one)
        if wrong > limits.malformed:
            break
    same(found, [one for one in borne if one != PING], "over a connection")
    same(len(wire.value()), len(PONG) * borne.count(PING), "answers to pings")
    clock.advance(limits.idle + 2)
    hold(not table.all, "a connection is left")
    with suppress(StopIteration):
        table.stop().send(None)
    hold(not clock.getDelayedCalls(), "left")


def _is_message(data: bytes) -> bool:
    try:
        parse_message(data, framed=True)
    except MessageError:
        return False
    return True


def _check(data: bytes) -> None:
    whole = _cut(data, [data])
    _connection(data, whole[0])
    random = Random(crc32(data))
    for count in (1, 3, 12):
        places = [0, *sorted(random.randrange(len(data) + 1) for _ in range(count)), len(data)]
        same(_cut(data, [data[start:end] for start, end in pairwise(places)]), whole, "cut")
    if len(data) < 1500:
        same(_cut(data, [data[at : at + 1] for at in range(len(data))]), whole, "byte by byte")
    hold(sum(map(len, whole[0])) <= len(data), "more than there was")
    for found in whole[0]:
        if found == PING:
            continue
        try:
            read = parse_message(found, framed=True)
        except MessageError:
            continue
        lengths = read.headers.get("Content-Length", [])
        same(content_length(lengths) if lengths else None, len(read.body), "length")
        same(parse_message(found).encode(), read.encode(), "as a datagram")


TARGET = Target(
    "sip_stream",
    _check,
    (stream, connection, message),
    (
        *MESSAGES,
        PING + INVITE + OPTIONS + b"\r\n" + REGISTER + PING,
        OPTIONS.replace(b"Content-Length: 0", b"l : 5\r\nX: y") + b"12345",
    ),
    (*TOKENS, PING, b"\r\nContent-Length: ", b"\r\nl:\r\n 4", b"\r\nl\t: 3", *MESSAGES[:2]),
    20 << 10,
    seconds=0.3,
)
