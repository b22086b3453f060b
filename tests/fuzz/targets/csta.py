"""CSTA: documents are read or refused with an error of the standard; frames are the same wherever a stream is cut."""

from itertools import pairwise
from random import Random
from zlib import crc32

from magroup.csta import codec, edition, errors, framing, kinds, login, message, values
from magroup.csta.codec import build, parse
from magroup.csta.edition import SESSION_NAMESPACE, Edition, Profile
from magroup.csta.errors import CstaError, service_error
from magroup.csta.framing import Frame, FrameError, FrameReader, pack
from magroup.csta.message import MESSAGES
from magroup.csta.system_messages import CSTAErrorCode
from tests.fuzz.target import Target, hold, same

_PROFILE = Profile()


def _check(data: bytes) -> None:
    _document(data)
    _stream(data)


def _document(data: bytes) -> None:
    try:
        found = parse(data, _PROFILE).message
    except CstaError as error:
        hold(len(str(error)) < 3000, "words", str(error))
        again = parse(build(CSTAErrorCode(error=error.error), Edition.ED3)).message
        same(again, CSTAErrorCode(error=error.error), "error")
        return
    for one in Edition:
        written = build(found, one)
        hold(written.isascii(), "ASCII")
        read = parse(written, _PROFILE).message
        same(build(read, one), written, "written, read and written")
    hold(type(found).__name__ in MESSAGES, "known")
    if isinstance(found, CSTAErrorCode):
        service_error(found.error, "x")


def _frames(chunks: list[bytes]) -> tuple[list[Frame], str]:
    reader, found = FrameReader(), list[Frame]()
    try:
        for chunk in chunks:
            found += reader.feed(chunk)
    except FrameError as error:
        return found, str(error)
    hold(len(reader._rest) < framing.LARGEST, "kept")
    return found, ""


def _stream(data: bytes) -> None:
    """Each frame is read and then the error, so that the cuts do not matter."""
    whole = _frames([data])
    random = Random(crc32(data))
    for _ in range(3):
        places = [0, *sorted(random.randrange(len(data) + 1) for _ in range(6)), len(data)]
        same(_frames([data[start:end] for start, end in pairwise(places)]), whole, "cut")
    written = b"".join(pack(frame.invoke_id, frame.body) for frame in whole[0])
    same(written, data[: len(written)], "packed")
    for frame in whole[0]:
        _document(frame.body)


def sample(name: str, inside: str = "") -> bytes:
    """A document with something in each child that its message has."""
    kind = MESSAGES[name]
    namespace = SESSION_NAMESPACE if kind.is_session else Edition.ED4.namespace
    filled = "1<callID>c</callID><deviceID typeOfNumber='dialingNumber'>2001</deviceID><deviceIdentifier>N&lt;3001&gt;"
    "</deviceIdentifier>"
    children = "".join(f"<{part.name}>{filled}</{part.name}>" for part in kind.parts if part.name)
    return f'<?xml version="1.0" encoding="UTF-8"?><{name} xmlns="{namespace}">{inside or children}</{name}>'.encode()


SAMPLES = tuple(sample(name) for name in sorted(MESSAGES))
SEEDS = (
    *SAMPLES,
    sample(
        "StartApplicationSession",
        "<applicationInfo><applicationID>x</applicationID><applicationSpecificInfo>"
        "<SessionLoginInfo xmlns='http://www.avaya.com/csta'><userName>u</userName><password>p</password></SessionL"
        "oginInfo>"
        "</applicationSpecificInfo></applicationInfo><requestedProtocolVersions><protocolVersion>v</protocolVersion"
        "></requestedProtocolVersions>",
    ),
    sample("CSTAErrorCode", "<stateIncompatibility>invalidObjectState</stateIncompatibility>"),
    sample(
        "MonitorStart",
        "<monitorObject><deviceObject>tel:3001;x=y</deviceObject></monitorObject>"
        "<requestedMonitorFilter><callcontrol><held>true</held><x/></callcontrol></requestedMonitorFilter>",
    ),
    b"".join(pack(number, body) for number, body in enumerate(SAMPLES[:4])),
    pack(9999, SAMPLES[5])[:-9] + pack(7, SAMPLES[6]),
)
TOKENS = (
    *(name.encode() for name in sorted(MESSAGES)), *(f"<{name}>".encode() for name in sorted(MESSAGES)),
    *sorted({f"<{part.name}>".encode() for kind in MESSAGES.values() for part in kind.parts}),
    b"<callID>1</callID>", b"<deviceID>3001</deviceID>", b"<notKnown/>", b"true", b"false",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#0;",
    b"&#55296;", b"<![CDATA[", b"]]>", b"<!-- ", b" -->", b"<?pi ?>", b'encoding="UTF-16"', b'encoding="x"',
    b' xmlns=""', b" xmlns:a='b'", b"<a:b/>",
    b" typeOfNumber='x'", Edition.ED2.namespace.encode(), SESSION_NAMESPACE.encode(), b"\0\0\0\x09" b"0001",
    b"\0\0\xff\xff9999", b"<extensions>",
)  # fmt: skip
TARGET = Target(
    "csta",
    _check,
    (codec, framing, kinds, message, values, login, errors, edition),
    SEEDS,
    TOKENS,
    20 << 10,
    fresh=250,
    seconds=0.3,
)
