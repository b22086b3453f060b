"""What Asterisk says: messages wherever the stream is cut; after any of them the link works, or is made anew."""

from itertools import pairwise
from random import Random
from zlib import crc32

from magroup.ami import calls, channel, channels, devices, endings, framing, link, message, monitors, session, telling
from magroup.ami.framing import FramingError, Reader
from magroup.ami.link import LONGEST_PAUSE
from magroup.ami.message import action
from magroup.ami.session import ANSWER_SECONDS
from tests.ami import traces
from tests.ami.driver import AmiDriver
from tests.fuzz.target import Target, hold, same

GREETING = b"Asterisk Call Manager/9.0.0\r\n"


def _check(data: bytes) -> None:
    whole = _read([GREETING + data])
    random = Random(crc32(data))
    for _ in range(3):
        places = [0, *sorted(random.randrange(len(data) + 1) for _ in range(6)), len(data)]
        same(_read([GREETING, *(data[start:end] for start, end in pairwise(places))]), whole, "cut")
    _actions(data)
    _linked(data)


def _read(chunks: list[bytes]) -> tuple[object, str]:
    reader, found = Reader(), []
    try:
        for chunk in chunks:
            found += [one.fields for one in reader.feed(chunk)]
    except FramingError as error:
        # What was read together with what is wrong is lost with it.
        return None, str(error)[:20]
    return found, ""


def _actions(data: bytes) -> None:
    """A value cannot become a line."""
    value = data[:100].decode("utf-8", "replace")
    try:
        sent = action("Ping", "m1", [("Channel", value)])
    except ValueError:
        return
    same(len(sent.split(b"\r\n")), 5, "lines")


def _linked(data: bytes) -> None:
    driver = AmiDriver()
    near = driver.endpoint._ends[0][0]
    driver.dial("2001", "3001")
    driver.settle()
    near.dataReceived(data)
    driver.settle()
    for _ in range(3):
        driver.clock.advance(ANSWER_SECONDS)
        driver.settle()
    hold(len(driver.ami.calls()) < 1000, "calls")
    driver.endpoint.cut()
    for _ in range(4):
        driver.settle()
        driver.clock.advance(LONGEST_PAUSE)
    driver.settle()
    hold(driver.link.is_up, "no new link", driver.link.reason)
    driver.ami.stop()
    driver.settle()
    hold(not driver.clock.getDelayedCalls(), "left", driver.clock.getDelayedCalls())


def _said(text: str) -> bytes:
    """A trace as it comes."""
    return b"".join(
        "".join(f"{name}: {value}\r\n" for name,
        value in one.fields).encode() + b"\r\n" for one in traces.messages(text)
    )  # fmt: skip


_TRACES = (traces.INTO_A_FOLLOW_ME, traces.IT_ENDS, traces.THE_PHONE_CONSULTS, traces.MERGED, traces.PICKED_UP)
_KINDS = sorted({one.event for text in _TRACES for one in traces.messages(text)})
SEEDS = (
    *(_said(text)[:6000] for text in _TRACES),
    b"Response: Success\r\nActionID: m1\r\nMessage: x\r\n\r\nEvent: DeviceStateChange\r\nDevice: PJSIP/3001\r\nState: "
    b"ONHOLD\r\n\r\n"
    b"Event: CoreShowChannel\r\nActionID: m2\r\nChannel: PJSIP/3001-1\r\nUniqueid: 1.1\r\nDuration: 00:00:07\r\nChanne"
    b"lState: 6\r\n\r\n"
    b"Event: DTMFEnd\r\nChannel: PJSIP/3001-1\r\nUniqueid: 1.1\r\nDigit: 5\r\nDirection: Received\r\n\r\n",
)
TOKENS = (
    *(f"Event: {kind}\r\n".encode() for kind in _KINDS), b"\r\n\r\n", b"\r\nResponse: Error", b"\r\nActionID: m1",
    b"\r\nActionID: m2", b"\r\nActionID: m3",
    b"\r\nEventList: Complete", b"\r\nEventList: start", b"Event: CoreShowChannel\r\n",
    b"Event: OriginateResponse\r\n", b"Event: AttendedTransfer\r\n",
    b"Event: BlindTransfer\r\n", b"Event: DeviceStateChange\r\n", b"Event: Rename\r\n", b"Event: UserEvent\r\n",
    b"Event: Shutdown\r\n", b"Event: MusicOnHoldStart\r\n",
    b"Event: LocalBridge\r\n", b"Event: DTMFEnd\r\n", b"Event: BridgeMerge\r\n", b"Event: BridgeDestroy\r\n",
    b"\r\nUniqueid: 1.10", b"\r\nLinkedid: 1.10",
    b"\r\nDestUniqueid: 1.11", b"\r\nChannel: PJSIP/3001-00000001", b"\r\nChannelState: 6", b"\r\nBridgeUniqueid: b1",
    b"\r\nCause: 17", b"\r\nDialStatus: BUSY",
    b"\r\nSwapUniqueid: 1.10", b"\r\nOrigTransfererUniqueid: 1.10", b"\r\nConnectedLineNum: 3001",
    b"\r\nCallerIDNum: 3001", b"\r\nExten: 3001", b"\r\nDigit: #",
)  # fmt: skip
TARGET = Target(
    "ami",
    _check,
    (framing, message, session, link, calls, channel, channels, devices, endings, monitors, telling),
    SEEDS,
    TOKENS,
    16 << 10,
    kept=3072,
    fresh=120,
    seconds=1.0,
)
