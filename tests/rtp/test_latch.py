"""Symmetric RTP: who is taken for the other end, and who is not."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.latch import Latch
from magroup.rtp.wire import Address

SAID: Address = ("192.168.1.5", 4000)
REAL: Address = ("203.0.113.9", 61000)
STRANGER: Address = ("198.51.100.66", 5555)


class LatchTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.latch = Latch()
        self.heard = 0.0
        self.sequence = 0

    def packets(self, address: Address, at: float, count: int = 1, *, gap: int = 1) -> list[bool]:
        """Whether each of some packets from ``address`` is taken."""
        taken = []
        for _ in range(count):
            self.sequence += gap
            good = address == self.latch.source or self.latch.accept(address, self.sequence & 0xFFFF, at, self.heard)
            if good:
                self.heard = at
            taken.append(good)
            at += 0.02
        return taken

    def test_nobody_before_signalling(self) -> None:
        self.assertEqual(self.packets(REAL, 0, 5), [False] * 5)

    def test_as_signalled(self) -> None:
        self.latch.expect(SAID, 0)
        self.assertEqual(self.latch.target, SAID)
        self.assertEqual(self.packets(SAID, 0.1, 3), [True] * 3)
        self.assertEqual(self.packets(STRANGER, 0.5, 5), [False] * 5)
        self.assertEqual(self.packets(STRANGER, 2.0, 5), [False] * 5)
        self.assertEqual(self.latch.target, SAID)

    def test_behind_address_translation(self) -> None:
        """However late the caller says the first word."""
        self.latch.expect(SAID, 0)
        self.assertEqual(self.packets(REAL, 100, 3), [False, True, True])
        self.assertEqual(self.latch.target, REAL)

    def test_one_stray_packet(self) -> None:
        self.latch.expect(SAID, 0)
        self.packets(STRANGER, 0.1)
        self.packets(REAL, 0.1)
        self.assertEqual(self.latch.target, SAID)
        self.assertEqual(self.packets(STRANGER, 0.2, 9, gap=7), [False] * 9)
        self.assertEqual(self.packets(REAL, 1, 2), [False, True])

    def test_sequence_turns_over(self) -> None:
        self.latch.expect(SAID, 0)
        self.sequence = 0xFFFE
        self.assertEqual(self.packets(REAL, 1, 3), [False, True, True])

    def test_signalled_address_wins(self) -> None:
        """Even later: the stranger who was first does not keep the caller out."""
        self.latch.expect(SAID, 0)
        self.packets(STRANGER, 0.1, 5)
        self.assertEqual(self.latch.target, STRANGER)
        self.assertEqual(self.packets(SAID, 60, 2), [True, True])
        self.assertEqual(self.latch.target, SAID)
        self.assertEqual(self.packets(STRANGER, 61, 5), [False] * 5)

    def test_moves_within_the_first_seconds(self) -> None:
        """A gateway that sends from one port while it rings and from another once it is answered."""
        self.latch.expect(SAID, 0)
        self.packets(STRANGER, 0.1, 5)
        self.assertEqual(self.packets(REAL, 0.2, 3), [False] * 3)
        self.assertEqual(self.packets(REAL, 1.0, 3), [False, True, True])
        self.assertEqual(self.latch.target, REAL)

    def test_stays_after_them(self) -> None:
        self.latch.expect(SAID, 0)
        self.packets(REAL, 0.1, 5)
        self.assertEqual(self.packets(STRANGER, 3.2, 50), [False] * 50)
        self.assertEqual(self.latch.target, REAL)

    def test_same_address_again(self) -> None:
        """A re-INVITE that changes nothing does not open the door."""
        self.latch.expect(SAID, 0)
        self.packets(REAL, 0.1, 5)
        self.latch.expect(SAID, 60)
        self.assertEqual(self.latch.target, REAL)
        self.assertEqual(self.packets(STRANGER, 61, 5), [False] * 5)

    def test_other_address(self) -> None:
        """After a transfer: what is still under way from the former end does not bring it back."""
        self.latch.expect(SAID, 0)
        self.packets(REAL, 0.1, 5)
        other: Address = ("192.168.1.6", 6000)
        self.latch.expect(other, 60)
        self.assertEqual(self.latch.target, other)
        self.assertEqual(self.packets(REAL, 60.1, 5), [False] * 5)
        self.assertEqual(self.packets(other, 60.3), [True])
        self.assertEqual(self.latch.target, other)

    def test_former_source_goes_on(self) -> None:
        """One behind address translation whose session description changed and whose packets did not."""
        self.latch.expect(SAID, 0)
        self.packets(REAL, 0.1, 5)
        self.latch.expect(("192.168.1.5", 4002), 60)
        self.packets(REAL, 60.1, 5)
        self.assertEqual(self.packets(REAL, 60.6, 3), [False, True, True])
