"""RTP, RTCP, telephone events, STUN, SRTP: rubbish is none of them, and no forged packet is opened."""

from functools import lru_cache
from random import Random

from twisted.internet.task import Clock

from magroup.rtp import (
    arrivals,
    dtmf,
    latch,
    packet,
    receiver,
    report,
    rtcp,
    srtp_opening,
    srtp_window,
    telephone_event,
)
from magroup.rtp.arrivals import Arrivals
from magroup.rtp.codec import CODECS
from magroup.rtp.dtmf import DtmfDetector
from magroup.rtp.media import Media
from magroup.rtp.memory import MemoryWires
from magroup.rtp.packet import Packet, is_rtcp, pack, payload_place, unpack
from magroup.rtp.ports import Ports
from magroup.rtp.report import Reports
from magroup.rtp.sender import Sender
from magroup.rtp.srtp_keys import RemoteKey
from magroup.rtp.srtp_opening import Opening
from magroup.rtp.srtp_sealing import Sealing
from magroup.sip import stun
from magroup.sip.stun import binding_response, is_stun
from tests.fuzz.target import Target, hold, same

MASTER = b"m" * 30
SUITE = "AES_CM_128_HMAC_SHA1_80"
_PACKETS = tuple(
    Packet(0 if number else 101, not number, 65530 + number & 0xFFFF, 160 * number, 77, b"abcd" * 5)
    for number in range(8)
)
_REPORT = rtcp.pack((
    rtcp.SenderReport(77, 1 << 40, 160, 10, 1600, (rtcp.Reception(5, 3, -7, 70000, 9, 1 << 20, 100),)),
    rtcp.SourceDescription(77, "magroup"), rtcp.Goodbye((77, 78)),
))  # fmt: skip


@lru_cache
def _sealed() -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Packets and reports as the other end would send them."""
    sealing = Sealing(SUITE, MASTER)
    packets = tuple(
        sealing.rtp(pack(one)[:12], one.payload, one.ssrc, 65530 + number) for number, one in enumerate(_PACKETS)
    )  # fmt: skip
    return packets, (sealing.rtcp(_REPORT), sealing.rtcp(_REPORT))


def _check(data: bytes) -> None:
    """Several datagrams, each after its length in two bytes; and the whole as one."""
    datagrams, rest = [data], data
    while len(rest) > 2 and len(datagrams) < 20:
        size = int.from_bytes(rest[:2])
        datagrams.append(rest[2 : 2 + size])
        rest = rest[2 + size :]
    _plain(datagrams)
    _secure(datagrams)
    for one in datagrams:
        _stun(one)
    for key in (None, RemoteKey(SUITE, MASTER)):
        _live(datagrams, key)


def _live(datagrams: list[bytes], key: RemoteKey | None) -> None:
    """A stream that is sent all of it goes on: it says something in each tick, and is gone when it is closed."""
    clock, wires = Clock(), MemoryWires()
    ports = Ports(clock, wires, 20000, 20009, rng=Random(1))
    media = Media(clock, ports, wall_clock=clock.seconds, rng=Random(2))
    caller = wires.open("192.0.2.9", 4000, lambda data, address: None)
    stream = media.open("192.0.2.1")
    digits: list[str] = []
    stream.on_dtmf = digits.append
    stream.connect("192.0.2.9", 4000, CODECS["PCMA"], 101, rtcp_mux=True, srtp=key)
    for data in datagrams:
        caller.send(data, (stream.local_host, stream.local_port))
        caller.send(data, (stream.local_host, stream.local_port + 1))
        clock.advance(0.02)
    hold(len(digits) <= len(datagrams), "digits")
    before = stream.statistics()
    hold(before.packets_received <= len(datagrams), "received")
    media.close()
    caller.close()
    hold(not media.active and not wires.open_wires and not clock.getDelayedCalls(), "left")


def _plain(datagrams: list[bytes]) -> None:
    detector, heard = DtmfDetector(), Arrivals(77, 65530)
    reports = Reports(Sender(lambda data, address: None, lambda tick: tick + 1, 5, 0, 0), "magroup")
    for number, data in enumerate(datagrams):
        is_rtcp(data)
        found = unpack(data)
        start, end = payload_place(data)
        same(found is not None, start >= 0, "read alike")
        if found is not None:
            same(found.payload, data[start:end], "payload")
            same(unpack(pack(found)), found, "packed and unpacked")
            hold(len(detector.digit(found.payload, found.marker, found.timestamp)) <= 1, "digit")
            event = telephone_event.unpack(found.payload)
            hold(event is None or telephone_event.unpack(telephone_event.pack(event)) == event, "event")
            if heard.count(found.sequence):
                heard.time(found.timestamp, 160 * number)
            block = heard.report(float(number))
            hold(rtcp.unpack(rtcp.pack([rtcp.ReceiverReport(1, (block,))])), "a report of it")
        made = rtcp.unpack(data)
        hold(len(made) <= 1 + len(data) // 4, "reports")
        reports.read(data, 1e9 + number, float(number), heard)
        hold(reports.round_trip is None or reports.round_trip >= 0, "round trip")
        for one in made:
            if not isinstance(one, rtcp.SourceDescription):
                same(rtcp.unpack(rtcp.pack([one])), [one], "report")


def _secure(datagrams: list[bytes]) -> None:
    packets, sealed_reports = _sealed()
    opening = Opening(RemoteKey(SUITE, MASTER))
    opened: set[bytes] = set()
    for data in datagrams:
        for genuine, found in ((packets, opening.rtp(data)), (sealed_reports, opening.rtcp(data))):
            if found is not None:
                hold(data in genuine, "a forged packet is opened", data)
                hold(data not in opened, "a packet is opened twice", data)
                opened.add(data)
                if genuine is packets:
                    same(found, pack(_PACKETS[packets.index(data)]), "opened")
                else:
                    same(found, _REPORT, "opened")


def _stun(data: bytes) -> None:
    if is_stun(data):
        for host in ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"):
            answer = binding_response(data, host, 5060)
            hold(answer is None or (answer[8:20] == data[8:20] and len(answer) in (32, 44)), "STUN")


def _framed(*datagrams: bytes) -> bytes:
    return b"".join(len(one).to_bytes(2) + one for one in datagrams)


SEEDS = (
    _framed(*(pack(one) for one in _PACKETS)),
    _framed(_REPORT, b"\x90\x00\x00\x01" + bytes(8) + b"\xbe\xde\x00\x01abcdpayload"),
    _framed(*_sealed()[0][:4]),
    _framed(*_sealed()[1], *_sealed()[0][4:]),
    b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"t" * 12,
    b"\xa3\x65" + pack(_PACKETS[1])[2:] + b"\x03\x8a\x01\x40\x00\x00\x04",
    _framed(*(pack(Packet(101, not at, at, 800, 77, bytes((5, 0x80 * (at > 5) | 10, at, 0)))) for at in range(9))),
)
TOKENS = (
    b"\x80\xc8\x00\x06", b"\x81\xc9\x00\x07", b"\x81\xca\x00\x02", b"\x81\xcb\x00\x01", b"\xa0", b"\xb0", b"\x8f",
    b"\x21\x12\xa4\x42", b"\x00\x1c",
    _sealed()[0][0], _sealed()[1][0], _framed(_sealed()[0][0]), _framed(_sealed()[0][2]), pack(_PACKETS[0]),
    b"\xff\xff\xff\xff", b"\x7f\xff", b"\x80\x00",
)  # fmt: skip
TARGET = Target(
    "rtp",
    _check,
    (packet, receiver, latch, rtcp, telephone_event, dtmf, arrivals, report, srtp_opening, srtp_window, stun),
    SEEDS,
    TOKENS,
    4 << 10,
    fresh=500,
)
