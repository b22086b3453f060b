"""Bans on a clock: how long they hold, how many there are, and that nothing of the banned is looked into."""

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.bans import Bans
from magroup.sip.memory import MemoryNetwork
from magroup.sip.timers import Timers
from magroup.sip.transport import Transports
from tests.sip.connecting import Link
from tests.sip.test_stream import whole


class Held(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.bans = Bans(self.timers, most=3)
        self.began: list[str] = []
        self.bans.began = lambda ban: self.began.append(ban.place)

    def test_until_its_end(self) -> None:
        self.bans.ban("192.0.2.1", 60.0, "scanner")
        self.clock.advance(30)
        self.bans.ban("192.0.2.1", 60.0, "scanner")
        self.bans.ban("192.0.2.2", 60.0, "scanner")
        self.assertEqual([self.bans.drops(f"192.0.2.{at}") for at in (1, 1, 2, 3)], [True, True, True, False])
        self.assertEqual([ban.dropped for ban in self.bans.by_place.values()], [2, 1])
        self.clock.advance(30.2)
        self.assertEqual(list(self.bans.by_place), ["192.0.2.2"])
        self.clock.advance(30)
        self.assertEqual((self.bans.by_place, self.timers.running, self.bans.dropped), ({}, 0, 3))
        self.assertEqual(self.began, ["192.0.2.1", "192.0.2.2"])

    def test_the_oldest_makes_room(self) -> None:
        for at in range(5):
            self.bans.ban(f"192.0.2.{at}", 60.0, "scanner")
        self.assertEqual(list(self.bans.by_place), ["192.0.2.2", "192.0.2.3", "192.0.2.4"])

    def test_lifted(self) -> None:
        self.bans.ban("192.0.2.1", 60.0, "scanner")
        self.assertEqual([self.bans.lift("192.0.2.1"), self.bans.lift("192.0.2.1")], [True, False])
        self.assertFalse(self.bans.holds("192.0.2.1"))

    def test_a_network_of_ipv6(self) -> None:
        self.bans.ban("2001:db8:0:1::7", 60.0, "scanner")
        self.assertEqual(self.began, ["2001:db8:0:1::"])
        self.assertTrue(self.bans.holds("2001:db8:0:1:ffff::1"))
        self.assertFalse(self.bans.holds("2001:db8:0:2::7"))


class NotRead(SynchronousTestCase):
    """What comes from a banned address."""

    def test_datagrams(self) -> None:
        clock = Clock()
        network, got = MemoryNetwork(clock), [0]
        transports = Transports(clock, lambda message, hop: got.append(hop.port),
                                malformed=lambda error, hop: got.append(-1), network=network)  # fmt: skip
        self.sync(transports.listen_udp("127.0.0.1", 5060))
        sender, other = (network.open(host, 5060, lambda *datagram: None) for host in ("192.0.2.1", "192.0.2.2"))
        transports.ban("192.0.2.1", 60.0, "scanner")
        for data in (whole(), b"rubbish rubbish", b"\r\n\r\n"):
            sender.send(data, "127.0.0.1", 5060)
        other.send(whole(), "127.0.0.1", 5060)
        clock.advance(0)
        self.assertEqual((got, transports.bans.dropped), ([0, 5060], 3))
        counters = transports.counters
        self.assertEqual((counters.received, counters.malformed, counters.keepalives), (1, 0, 0))
        clock.advance(61)
        sender.send(whole(), "127.0.0.1", 5060)
        clock.advance(0)
        self.assertEqual(counters.received, 2)
        self.sync(transports.stop())

    def test_connections(self) -> None:
        """Those that are open end, others are not taken."""
        reactor: Any = MemoryReactorClock()
        transports = Transports(reactor, lambda message, hop: None)
        factory = transports._connections.factory("tcp", 5060)
        banned, other = IPv4Address("TCP", "192.0.2.9", 40001), IPv4Address("TCP", "192.0.2.8", 40001)
        links = [Link(reactor, factory.buildProtocol(address), address) for address in (banned, other)]
        transports.ban("192.0.2.9", 60.0, "scanner")
        reactor.advance(0)
        self.assertEqual([link.ended for link in links], [True, False])
        self.assertIsNone(factory.buildProtocol(banned))
        self.assertIsNotNone(factory.buildProtocol(other))
        self.assertEqual(transports.bans.dropped, 1)

    def sync(self, coroutine: Any) -> Any:
        """The result of a coroutine that waits for nothing."""
        with self.assertRaises(StopIteration) as done:
            coroutine.send(None)
        return done.exception.value
