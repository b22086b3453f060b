"""What would have to wait, and is dealt with at once: refused, another process's, or of a banned address."""

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.hop import Hop
from magroup.sip.limits import Limits
from magroup.sip.memory import MemoryNetwork, MemoryWire
from magroup.sip.transport import Transports
from magroup.sip.wire import Received, Refuses


class Crowded(MemoryNetwork):
    """Nothing waits in it: the test asks for what would."""

    refuses: Refuses | None = None

    def open(self, host: str, port: int, received: Received, refuses: Refuses | None = None) -> MemoryWire:
        self.refuses = refuses
        return super().open(host, port, received)


class RefusedEarly(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.network = Crowded(self.clock)
        self.transports = Transports(
            self.clock, lambda message, hop: None, network=self.network, limits=Limits(message=1000)
        )  # fmt: skip
        self.successResultOf(Deferred.fromCoroutine(self.transports.listen_udp("192.0.2.1", 5060)))
        self.asked: list[tuple[str, bytes, Hop]] = []

    def answer(self, name: str, says: bool) -> Callable[[bytes, Hop], bool]:
        def asks(data: bytes, hop: Hop) -> bool:
            self.asked.append((name, data, hop))
            return says

        return asks

    def refuses(self, data: bytes = b"INVITE x") -> bool:
        assert self.network.refuses is not None
        return self.network.refuses(data, "192.0.2.9", 5062)

    def test_no_overload(self) -> None:
        """Nobody is asked: another process is handed its messages when it is their turn."""
        self.transports.steers = self.answer("steers", True)
        self.assertFalse(self.refuses())
        self.assertEqual(self.asked, [])

    def test_order(self) -> None:
        """Whose it is, and then whether it is refused."""
        hop = Hop("udp", "192.0.2.9", 5062, "192.0.2.1", 5060)
        self.transports.sheds = self.answer("sheds", False)
        self.assertFalse(self.refuses())
        self.transports.steers = self.answer("steers", False)
        self.transports.sheds = self.answer("sheds", True)
        self.assertTrue(self.refuses())
        self.transports.steers = self.answer("steers", True)
        self.assertTrue(self.refuses())
        self.assertEqual([name for name, _, _ in self.asked], ["sheds", "steers", "sheds", "steers"])
        self.assertEqual({(data, hop) for _, data, hop in self.asked}, {(b"INVITE x", hop)})
        self.assertEqual(self.transports.counters.received, 1)

    def test_too_large(self) -> None:
        """It is dropped when it is its turn."""
        self.transports.sheds = self.answer("sheds", True)
        self.assertEqual([self.refuses(b"x" * size) for size in (1000, 1001)], [True, False])

    def test_banned(self) -> None:
        """It does not wait, nor is it answered; it is counted once."""
        self.transports.sheds = self.answer("sheds", True)
        self.transports.ban("192.0.2.9", 60.0, "scanner")
        self.assertTrue(self.refuses())
        self.assertEqual((self.asked, self.transports.bans.dropped), ([], 1))

    def test_broken(self) -> None:
        """Who cannot say whether it is refused serves it later."""

        def breaks(data: bytes, hop: Hop) -> bool:
            raise ValueError(data)

        self.transports.sheds = breaks
        self.assertFalse(self.refuses())
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
