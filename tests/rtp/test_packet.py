"""RTP headers: what is packed comes back, what contradicts itself is refused."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.packet import Packet, is_rtcp, pack, payload_place, unpack

U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
PACKETS = st.builds(Packet, st.integers(0, 127), st.booleans(), U16, U32, U32, st.binary(max_size=400))
HEADER = bytes.fromhex("80 88 0102 03040506 0708090a")


def with_bits(bits: int, rest: bytes) -> bytes:
    """A packet whose first octet has these bits too."""
    return bytes((HEADER[0] | bits,)) + HEADER[1:] + rest


class PacketTests(SynchronousTestCase):
    def test_layout(self) -> None:
        packet = Packet(8, True, 0x0102, 0x03040506, 0x0708090A, b"sound")
        self.assertEqual(pack(packet), HEADER + b"sound")
        self.assertEqual(unpack(HEADER + b"sound"), packet)

    @settings(deadline=None)
    @given(PACKETS)
    def test_back(self, packet: Packet) -> None:
        self.assertEqual(unpack(pack(packet)), packet)

    @settings(deadline=None)
    @given(
        PACKETS,
        st.lists(U32, max_size=15),
        st.none() | st.lists(U32, max_size=20),
        st.integers(0, 255),
    )
    def test_what_is_passed_over(
        self, packet: Packet, sources: list[int], extension: list[int] | None, padding: int
    ) -> None:
        plain = pack(packet)
        bits = len(sources)
        between = b"".join(source.to_bytes(4, "big") for source in sources)
        if extension is not None:
            bits |= 0x10
            between += b"\xbe\xde" + len(extension).to_bytes(2, "big")
            between += b"".join(word.to_bytes(4, "big") for word in extension)
        behind = b""
        if padding:
            bits |= 0x20
            behind = bytes(padding - 1) + bytes((padding,))
        data = bytes((0x80 | bits,)) + plain[1:12] + between + plain[12:] + behind
        self.assertEqual(unpack(data), packet)

    def test_contradictions(self) -> None:
        for name, data in {
            "nothing": b"",
            "short": HEADER[:11],
            "version 1": b"\x40" + HEADER[1:],
            "version 3": b"\xc0" + HEADER[1:],
            "sources beyond the end": with_bits(3, bytes(11)),
            "extension without a header": with_bits(0x10, bytes(3)),
            "extension beyond the end": with_bits(0x10, b"\x00\x00\x00\x02" + bytes(7)),
            "padding of none": with_bits(0x20, b"sound\x00"),
            "padding beyond the begin": with_bits(0x20, b"sound\x07"),
            "padding in the header": with_bits(0x20, b""),
        }.items():
            self.assertIsNone(unpack(data), name)

    @settings(deadline=None)
    @given(st.binary(max_size=80))
    def test_any_bytes(self, data: bytes) -> None:
        """What is accepted has a payload within the datagram."""
        packet = unpack(data)
        if packet is not None:
            self.assertIn(packet.payload, data[12:] or b"")
            start, end = payload_place(data)
            self.assertEqual(data[start:end], packet.payload)

    def test_rtcp_on_the_same_port(self) -> None:
        for second, is_report in ((200, True), (201, True), (203, True), (0x80 | 8, False), (0, False), (101, False)):
            self.assertEqual(is_rtcp(bytes((0x80, second)) + bytes(10)), is_report, second)
        self.assertFalse(is_rtcp(b"\x80\xc8"))
