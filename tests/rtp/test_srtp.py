"""Secure RTP: the vectors of RFC 3711, and packets that are lost, late, sent again or changed on their way."""

import hmac
from itertools import accumulate

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp import rtcp
from magroup.rtp.packet import HEADER, unpack
from magroup.rtp.srtp import Srtp
from magroup.rtp.srtp_keys import RTP_LABEL, SUITES, RemoteKey, SessionKeys, derive
from magroup.rtp.srtp_opening import FIRST_ROLLOVERS, MOST_SOURCES, Opening
from magroup.rtp.srtp_sealing import Sealing
from magroup.rtp.srtp_window import WIDTH, Window
from magroup.sip import sdes

LONG, SHORT = SUITES
MASTER = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6")
OTHER = bytes(range(30))
SSRC = 0xCAFEBABE


class Vectors(SynchronousTestCase):
    """RFC 3711 appendix B."""

    def test_derivation(self) -> None:
        self.assertEqual(derive(MASTER, 0, 16).hex().upper(), "C61E7A93744F39EE10734AFE3FF7A087")
        self.assertEqual(derive(MASTER, 2, 14).hex().upper(), "30CBBC08863D8C85D49DB34A9AE1")
        self.assertEqual(
            derive(MASTER, 1, 94).hex().upper(),
            "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF7227098"
            "6371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2",
        )

    def test_keystream(self) -> None:
        """Through the cipher of a session whose key and salt are those of the vector."""
        keys = SessionKeys(MASTER, RTP_LABEL)
        key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
        keys._cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        keys._salt = int("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000", 16)
        stream = keys.encipher(bytes(16 * 0xFF02), 0, 0)
        for block, expected in {
            0: "E03EAD0935C95E80E166B16DD92B4EB4", 1: "D23513162B02D0F72A43A2FE4A5F97AB",
            2: "41E95B3BB0A2E8DD477901E4FCA894C0", 0xFEFF: "EC8CDF7398607CB0F2D21675EA9EA1E4",
            0xFF00: "362B7C3C6773516318A077D7FC5073AE", 0xFF01: "6A2CC3787889374FBEB4C81B17BA6C44",
        }.items():  # fmt: skip
            self.assertEqual(stream[16 * block : 16 * block + 16].hex().upper(), expected)

    @given(st.binary(max_size=200), st.binary(max_size=4))
    def test_hmac(self, data: bytes, more: bytes) -> None:
        keys = SessionKeys(MASTER, RTP_LABEL)
        self.assertEqual(keys.authenticate(data, more), hmac.digest(derive(MASTER, 1, 20), data + more, "sha1"))

    def test_another_implementation(self) -> None:
        """What libsrtp makes of its own test packet, and of its report, with the key of appendix B."""
        plain = bytes.fromhex("800F1234DECAFBADCAFEBABE" + "AB" * 16)
        sealed = Sealing(LONG, MASTER).rtp(plain[:12], plain[12:], SSRC, 0x1234)
        self.assertEqual(
            sealed.hex().upper(),
            "800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB",
        )
        report = bytes.fromhex("81C8000BCAFEBABE" + "AB" * 16)
        sealing = Sealing(LONG, MASTER)
        sealing._reports = 1
        self.assertEqual(
            sealing.rtcp(report).hex().upper(),
            "81C8000BCAFEBABE7128035BE487B9BDBEF89041F977A5A880000001993E08CD54D6C1230798",
        )

    def test_suites_are_those_of_descriptions(self) -> None:
        self.assertEqual((tuple(SUITES), len(MASTER)), (sdes.SUITES, sdes.MASTER_BYTES))


def header(index: int, ssrc: int = SSRC) -> bytes:
    return HEADER.pack(0x80, 8, index & 0xFFFF, 160 * index & 0xFFFFFFFF, ssrc)


def packet(sealing: Sealing, index: int, ssrc: int = SSRC) -> bytes:
    return sealing.rtp(header(index, ssrc), b"sound %d" % index, ssrc, index)


class Rtp(SynchronousTestCase):
    def opened(self, opening: Opening, data: bytes) -> bytes | None:
        """The payload."""
        plain = opening.rtp(data)
        found = unpack(plain) if plain is not None else None
        return found.payload if found is not None else None

    @given(
        st.sampled_from(sorted(SUITES)),
        st.integers(0, 0x7FFF) | st.integers(0xFF00, 0x3FF00),
        st.lists(st.integers(1, 600), min_size=1, max_size=40),
        st.data(),
    )
    def test_loss_and_order(self, suite: str, start: int, gaps: list[int], data: st.DataObject) -> None:
        """Some are lost, others come in another order or twice, numbers wrap around: each is there once, unless it is
        late by more than the window."""
        sealing, opening = Sealing(suite, MASTER), Opening(RemoteKey(suite, MASTER))
        indexes = list(accumulate(gaps, initial=start))
        arriving = [indexes[0], *data.draw(st.permutations(indexes))]
        sealed = {index: packet(sealing, index) for index in indexes}
        taken: set[int] = set()
        for index in arriving:
            late = taken and max(taken) - index >= WIDTH
            expected = None if index in taken or late else b"sound %d" % index
            before_all = index < start
            self.assertEqual(self.opened(opening, sealed[index]), None if before_all else expected)
            taken.add(index)

    @given(st.sampled_from(sorted(SUITES)), st.data())
    def test_flipped_bits(self, suite: str, data: st.DataObject) -> None:
        """Whatever bit it is, and the true packet is still taken."""
        sealing, opening = Sealing(suite, MASTER), Opening(RemoteKey(suite, MASTER))
        if data.draw(st.booleans()):
            self.assertIsNotNone(opening.rtp(packet(sealing, 7)))
        true = packet(sealing, 8)
        place = data.draw(st.integers(0, 8 * len(true) - 1))
        changed = bytearray(true)
        changed[place // 8] ^= 1 << place % 8
        self.assertIsNone(opening.rtp(bytes(changed)))
        self.assertEqual(self.opened(opening, true), b"sound 8")

    @given(st.binary(max_size=100))
    def test_any_bytes(self, data: bytes) -> None:
        for suite in SUITES:
            opening = Opening(RemoteKey(suite, MASTER, b"\1"))
            for sent in (data, b"\x80" + data, b"\x9f" + data):
                self.assertIsNone(opening.rtp(sent))
                self.assertIsNone(opening.rtcp(sent))

    def test_nothing_is_readable(self) -> None:
        sealing = Sealing(SHORT, MASTER)
        one, two = packet(sealing, 1), packet(sealing, 2)
        self.assertNotIn(b"sound", one + two)
        self.assertEqual((len(one), one[:12]), (12 + len(b"sound 1") + 4, header(1)))
        self.assertIsNone(Opening(RemoteKey(SHORT, OTHER)).rtp(one))
        self.assertIsNone(Opening(RemoteKey(LONG, MASTER)).rtp(one))

    def test_joined_late(self) -> None:
        """A source that has sent for hours with this key, to somebody else."""
        opening = Opening(RemoteKey(LONG, MASTER))
        index = (FIRST_ROLLOVERS - 1 << 16) + 5
        self.assertIsNone(opening.rtp(packet(Sealing(LONG, MASTER), index + 0x10000)))
        self.assertIsNotNone(opening.rtp(packet(Sealing(LONG, MASTER), index)))
        self.assertIsNotNone(opening.rtp(packet(Sealing(LONG, MASTER), index + 0x7000)))

    def test_sources(self) -> None:
        """Each has its own numbers; forged ones take no room, and more than any phone has are refused."""
        sealing, opening = Sealing(LONG, MASTER), Opening(RemoteKey(LONG, MASTER))
        for ssrc in range(3 * MOST_SOURCES):
            self.assertIsNone(opening.rtp(packet(Sealing(LONG, OTHER), 1, ssrc)))
        for ssrc in range(MOST_SOURCES):
            self.assertIsNotNone(opening.rtp(packet(sealing, 1, ssrc)))
            self.assertIsNone(opening.rtp(packet(sealing, 1, ssrc)))
        self.assertIsNone(opening.rtp(packet(sealing, 1, MOST_SOURCES)))
        self.assertIsNotNone(opening.rtp(packet(sealing, 2, 0)))

    def test_extension_sources_and_padding(self) -> None:
        """Header extension and contributing sources are not enciphered, padding is."""
        start = HEADER.pack(0xB1, 8, 5, 800, SSRC) + b"SRC1" + b"\xbe\xde\0\1ext!"
        sealed = Sealing(LONG, MASTER).rtp(start, b"sound\0\0\3", SSRC, 5)
        self.assertEqual(sealed[: len(start)], start)
        self.assertEqual(self.opened(Opening(RemoteKey(LONG, MASTER)), sealed), b"sound")

    def test_master_key_index(self) -> None:
        """It stands before the tag of each packet."""
        sealed, report = packet(Sealing(LONG, MASTER), 1), Sealing(LONG, MASTER).rtcp(REPORT)
        opening = Opening(RemoteKey(LONG, MASTER, b"\0\1"))
        for take, data in ((opening.rtp, sealed), (opening.rtcp, report)):
            self.assertIsNone(take(data))
            self.assertIsNone(take(data[:-10] + b"\0\2" + data[-10:]))
            self.assertIsNotNone(take(data[:-10] + b"\0\1" + data[-10:]))


REPORT = rtcp.pack([rtcp.ReceiverReport(SSRC, ()), rtcp.SourceDescription(SSRC, "somebody")])


class Rtcp(SynchronousTestCase):
    @given(st.sampled_from(sorted(SUITES)), st.permutations(range(6)), st.data())
    def test_reports(self, suite: str, order: list[int], data: st.DataObject) -> None:
        """In any order, each once, none that was changed; the tag is a long one with either suite."""
        sealing, opening = Sealing(suite, MASTER), Opening(RemoteKey(suite, MASTER))
        sealed = [sealing.rtcp(REPORT) for _ in order]
        self.assertEqual(len(sealed[0]), len(REPORT) + 14)
        for number in order:
            true = sealed[number]
            self.assertNotIn(b"somebody", true)
            changed = bytearray(true)
            changed[data.draw(st.integers(0, len(true) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            self.assertIsNone(opening.rtcp(bytes(changed)))
            self.assertEqual(opening.rtcp(true), REPORT)
            self.assertIsNone(opening.rtcp(true))

    def test_not_enciphered(self) -> None:
        """A report may be authentic only (section 3.4)."""
        sealing = Sealing(LONG, MASTER)
        clear = REPORT + (5).to_bytes(4)
        tag = sealing._rtcp.authenticate(clear, b"")[:10]
        self.assertEqual(Opening(RemoteKey(LONG, MASTER)).rtcp(clear + tag), REPORT)

    def test_sources(self) -> None:
        sealing, opening = Sealing(LONG, MASTER), Opening(RemoteKey(LONG, MASTER))
        for ssrc in range(MOST_SOURCES + 1):
            report = sealing.rtcp(rtcp.pack([rtcp.ReceiverReport(ssrc, ())]))
            self.assertEqual(opening.rtcp(report) is None, ssrc == MOST_SOURCES)


class Windows(SynchronousTestCase):
    @given(st.lists(st.integers(0, 4 * WIDTH), min_size=1, max_size=60))
    def test_like_a_set(self, indexes: list[int]) -> None:
        window, taken = Window(), set[int]()
        for index in indexes:
            expected = index not in taken and (not taken or max(taken) - index < WIDTH)
            self.assertEqual(window.is_new(index), expected)
            if expected:
                window.take(index)
                taken.add(index)

    @given(st.integers(0, 1 << 40), st.integers(-0x8000, 0x7FFF))
    def test_nearest(self, highest: int, off: int) -> None:
        window = Window()
        window.take(highest)
        self.assertEqual(window.index(highest + off & 0xFFFF), highest + off)

    def test_before_the_first(self) -> None:
        window = Window()
        window.take(3)
        self.assertFalse(window.is_new(window.index(0xFFFF)))


class Keys(SynchronousTestCase):
    def test_own_keys_stay(self) -> None:
        """With its numbers: nothing is ever enciphered by the same key stream twice."""
        made = [bytes([number]) * 30 for number in range(9)]
        srtp = Srtp(lambda size: made.pop())
        key = srtp.key(LONG)
        self.assertEqual((srtp.suite, srtp.key(LONG)), ("", key))
        self.assertNotEqual(srtp.key(SHORT), key)
        srtp.agree(RemoteKey(LONG, OTHER))
        sealing, opening = srtp.sealing, srtp.opening
        srtp.agree(RemoteKey(LONG, OTHER))
        self.assertIs(srtp.opening, opening)
        srtp.agree(RemoteKey(SHORT, OTHER))
        self.assertEqual(srtp.suite, SHORT)
        srtp.agree(None)
        self.assertEqual((srtp.suite, srtp.opening), ("", None))
        srtp.agree(RemoteKey(LONG, MASTER))
        self.assertIs(srtp.sealing, sealing)
        self.assertIsNot(srtp.opening, opening)

    def test_not_shown(self) -> None:
        self.assertNotIn(str(MASTER), repr(RemoteKey(LONG, MASTER)))
        self.assertNotIn(str(MASTER), repr(sdes.Crypto("1", LONG, MASTER)))
