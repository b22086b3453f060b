"""Connections on a clock: what waits too long, and what is too much."""

from twisted.internet.address import IPv4Address

from magroup.sip.hop import Hop
from magroup.sip.stream import PING
from tests.sip.connecting import PHONE, ConnectionTestCase
from tests.sip.test_stream import HEAD, whole


class TimeTests(ConnectionTestCase):
    def test_an_incomplete_message(self) -> None:
        link = self.accept()
        self.reactor.pump([1] * 100)
        for chunk in (whole() + HEAD[:10], HEAD[10:20], HEAD[20:30]):
            link.protocol.dataReceived(chunk)
            self.reactor.pump([1] * 10)
        self.assertFalse(link.disconnecting)
        self.reactor.pump([1] * 2)
        self.assertTrue(link.disconnecting)

    def test_each_message_has_its_own_time(self) -> None:
        link = self.accept()
        middle = len(HEAD)
        link.protocol.dataReceived(whole()[:middle])
        for _ in range(5):
            self.reactor.pump([1] * 20)
            link.protocol.dataReceived(whole()[middle:] + whole()[:middle])
        self.assertFalse(link.disconnecting)

    def test_nothing_is_received(self) -> None:
        link, other = self.accept(), self.accept()
        self.reactor.pump([1] * 590)
        other.protocol.dataReceived(PING)
        self.reactor.pump([1] * 12)
        self.assertEqual((link.disconnecting, other.disconnecting), (True, False))

    def test_closing_takes_too_long(self) -> None:
        link = self.accept(stuck=True)
        link.protocol.close()
        link.protocol.close()
        self.assertEqual((link.disconnecting, link.disconnected), (True, False))
        self.reactor.pump([1] * 4)
        self.assertTrue(link.ended)

    def test_stop_does_not_wait_for_a_peer_that_does_not_read(self) -> None:
        self.accept(stuck=True)
        self.send()
        self.assertNoResult(self.stop())


class LimitTests(ConnectionTestCase):
    def test_connections_of_one_address(self) -> None:
        first, _ = self.accept(), self.accept()
        self.assertIsNone(self.factory.buildProtocol(PHONE))
        self.assertIsNotNone(self.accept(IPv4Address("TCP", "192.0.2.10", 4000)))
        first.end()
        self.accept()
        self.assertEqual((self.transports.counters.refused, self.transports.counters.accepted), (1, 4))

    def test_connections_in_all(self) -> None:
        for number in range(2):
            self.accept(IPv4Address("TCP", f"192.0.2.{number}", 4000))
            self.send(hop=Hop("tcp", f"192.0.2.{100 + number}", 5060))
        self.assertIsNone(self.factory.buildProtocol(PHONE))
        self.send()
        self.reactor.advance(0)
        self.assertEqual(self.failures, ["too many connections"])

    def test_nothing_after_the_end(self) -> None:
        self.successResultOf(self.stop())
        self.assertIsNone(self.factory.buildProtocol(PHONE))
        self.send()
        self.reactor.advance(0)
        self.assertEqual(self.failures, ["magroup stops"])

    def test_describe(self) -> None:
        self.accept().protocol.dataReceived(PING)
        self.send()
        lines = self.transports.describe()
        self.assertIn("keepalives=1 accepted=1 connected=1 refused=0", lines[0])
        self.assertEqual(
            lines[1:],
            [
                "connection tcp:192.0.2.9:40001 open accepted flow=1 unsent=0 malformed=0",
                "connection tcp:192.0.2.7:5060 connecting made flow=2 unsent=5 malformed=0",
            ],
        )
