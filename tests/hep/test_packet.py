"""HEP 3 packets, against bytes by hand and a decoder of their own."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.hep.packet import LARGEST, packet
from tests.hep.decoder import Hep, decode

BY_HAND = bytes.fromhex(
    "48455033" "0071"
    "0000 0001 0007 02" "0000 0002 0007 11"
    "0000 0003 000a d4ca0001" "0000 0004 000a 52747ad4"
    "0000 0007 0008 2eea" "0000 0008 0008 13c4"
    "0000 0009 000a 4e49820b" "0000 000a 000a 0001d4c0"
    "0000 000b 0007 01" "0000 000c 000a 000000e4"
    "0000 000f 0014 494e56495445207369703a626f62"
)  # fmt: skip
"""A packet in the form of the draft's example: SIP in it, and no optional chunk."""


class Decoder(SynchronousTestCase):
    """That of the tests."""

    def test_by_hand(self) -> None:
        found = decode(BY_HAND)
        self.assertEqual(
            found,
            Hep(2, 17, "212.202.0.1", "82.116.122.212", 12010, 5060, 1313440267, 120000, 1, 228, b"INVITE sip:bob"),
        )

    def test_what_is_wrong(self) -> None:
        for bad in (BY_HAND[:-1], b"HEP2" + BY_HAND[4:], BY_HAND + b"\0"):
            self.assertRaises(ValueError, decode, bad)
        for old, new in (("0001000702", "000100070a"), ("0001000702", "0063000702"), ("000c000a", "000b000a")):
            self.assertRaises(ValueError, decode, BY_HAND.replace(bytes.fromhex(old), bytes.fromhex(new)))


class Packets(SynchronousTestCase):
    """Ours."""

    def test_all_of_it(self) -> None:
        made = packet(
            b"INVITE sip:bob", 1313440267.12, "udp", ("212.202.0.1", 12010), ("82.116.122.212", 5060), b"abc@h", 228,
            "a",
        )  # fmt: skip
        more = b"\0\0\0\x13\0\x07a" + b"\0\0\0\x11\0\x0babc@h"
        self.assertEqual(made[:4] + made[6:], BY_HAND[:4] + BY_HAND[6:-20] + more + BY_HAND[-20:])
        self.assertEqual(decode(made).correlation, b"abc@h")

    def test_other_transports(self) -> None:
        for transport, protocol in (("udp", 17), ("tcp", 6), ("tls", 6)):
            found = decode(packet(b"x", 1.0, transport, ("::1", 1), ("fe80::1%eth0", 2), b"", 1, ""))
            self.assertEqual((found.protocol, found.family), (protocol, 10))
            self.assertEqual((found.source, found.target), ("::1", "fe80::1"))
        found = decode(packet(b"x", 1.0, "udp", ("::1", 1), ("192.0.2.1", 2), b"", 1, ""))
        self.assertEqual((found.source, found.target), ("::1", "::ffff:c000:201"))

    @given(
        st.binary() | st.binary(min_size=64_800, max_size=70_000), st.floats(0, 4e9),
        st.tuples(st.ip_addresses().map(str) | st.just("host"), st.integers(0, 70_000)), st.binary(max_size=600),
        st.integers(0, (1 << 32) - 1), st.text(max_size=300),
    )  # fmt: skip
    def test_any(self, data: bytes, at: float, end: Any, correlation: bytes, agent: int, node: str) -> None:
        made = packet(data, at, "udp", end, ("192.0.2.1", 5060), correlation, agent, node)
        self.assertLessEqual(len(made), LARGEST)
        found = decode(made)
        self.assertTrue(data.startswith(found.payload))
        self.assertTrue(found.payload == data or len(made) > LARGEST - 10)
        self.assertAlmostEqual(found.seconds + found.microseconds / 1e6, at, places=5)
