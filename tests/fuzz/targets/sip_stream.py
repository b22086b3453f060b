"""Streams: wherever they are cut the same messages come out; where one ends is where its header says."""

from itertools import pairwise
from random import Random
from zlib import crc32

from magroup.sip import message, stream
from magroup.sip.message import MessageError, content_length, parse_message
from magroup.sip.stream import PING, Framer
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


def _check(data: bytes) -> None:
    whole = _cut(data, [data])
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
    "sip_stream", _check, (stream, message),
    (*MESSAGES, PING + INVITE + OPTIONS + b"\r\n" + REGISTER + PING, OPTIONS.replace(b"Content-Length: 0",
    b"l : 5\r\nX: y") + b"12345"),
    (*TOKENS, PING, b"\r\nContent-Length: ", b"\r\nl:\r\n 4", b"\r\nl\t: 3", *MESSAGES[:2]), 20 << 10, seconds=0.3,
)  # fmt: skip
