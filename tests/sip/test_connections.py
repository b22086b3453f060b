"""Connections on a clock: reuse, failures, what comes."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionRefusedError
from twisted.python.failure import Failure

from magroup.sip.hop import Hop
from magroup.sip.message import MessageError, Request, Response
from magroup.sip.stream import PING
from tests.sip.connecting import FAR, LIMITS, ConnectionTestCase
from tests.sip.test_stream import HEAD, whole


class ReuseTests(ConnectionTestCase):
    def test_an_answer_goes_over_the_connection_of_the_request(self) -> None:
        link = self.accept()
        link.protocol.dataReceived(whole())
        hop = self.received[0][1]
        self.assertEqual((hop.host, hop.port, hop.local_host, hop.local_port), ("192.0.2.9", 40001, "192.0.2.1", 5060))
        self.send(b"answer", hop)
        self.send(b"to the port of its Via", hop._replace(port=5060))
        self.send(b"by the address it came from", Hop("tcp", "192.0.2.9", 40001))
        self.assertEqual(link.value(), b"answerto the port of its Viaby the address it came from")
        self.assertEqual(self.reactor.tcpClients, [])

    def test_a_flow_number_alone_is_not_believed(self) -> None:
        link = self.accept()
        link.protocol.dataReceived(whole())
        flow = self.received[0][1].flow
        for hop in (Hop("tcp", "192.0.2.8", 40001, flow=flow), Hop("tls", "192.0.2.9", 40001, flow=flow)):
            self.send(b"for somebody else", hop)
        self.assertEqual(link.value(), b"")
        self.assertEqual([client[0] for client in self.reactor.tcpClients], ["192.0.2.8", "192.0.2.9"])

    def test_one_connection_to_a_peer(self) -> None:
        for number in range(3):
            self.send(b"%d" % number)
        self.assertEqual(len(self.reactor.tcpClients), 1)
        self.assertEqual(self.reactor.tcpClients[0][3:], (LIMITS.connect, None))
        link = self.connect()
        self.send(b"3")
        self.assertEqual(link.value(), b"0123")
        link.protocol.dataReceived(whole())
        hop = self.received[0][1]
        self.assertEqual(hop, FAR._replace(local_host="192.0.2.1", flow=hop.flow))
        self.send(b"4", hop)
        self.assertEqual(link.value(), b"01234")

    def test_the_address_of_the_hop_is_bound(self) -> None:
        self.send(hop=FAR._replace(local_host="192.0.2.1", local_port=5060))
        self.send(hop=Hop("tcp", "2001:db8::1", 5060, local_host="192.0.2.1"))
        self.assertEqual([client[4] for client in self.reactor.tcpClients], [("192.0.2.1", 0), None])

    def test_a_lost_connection_is_made_anew(self) -> None:
        self.send()
        self.connect().end()
        self.send(b"again")
        self.assertEqual(len(self.reactor.tcpClients), 2)
        self.assertEqual(self.connect().value(), b"again")

    def test_a_lost_connection_of_the_peer(self) -> None:
        """It listens somewhere else than where it connected from."""
        link = self.accept()
        link.protocol.dataReceived(whole())
        hop = self.received[0][1]._replace(anew=("192.0.2.33", 5062))
        self.send(b"while it is there", hop)
        link.end()
        for _ in range(2):
            self.send(b"again", hop)
        self.assertEqual([client[:2] for client in self.reactor.tcpClients], [("192.0.2.33", 5062)])
        self.assertEqual((link.value(), self.connect().value()), (b"while it is there", b"againagain"))

    def test_names_of_tls_peers_are_kept_apart(self) -> None:
        for name in ("a.example.com", "b.example.com", "a.example.com"):
            self.send(hop=Hop("tls", "192.0.2.7", 5061, name=name))
        self.assertEqual(len(self.reactor.tcpClients), 2)


class FailureTests(ConnectionTestCase):
    def test_no_connection(self) -> None:
        self.send(b"one")
        self.send(b"two")
        self.reactor.tcpClients[0][2].clientConnectionFailed(None, Failure(ConnectionRefusedError()))
        self.assertEqual(self.failures, [], "never told inside of another call")
        self.reactor.advance(0)
        self.assertEqual(self.failures, ["Connection was refused by other side."] * 2)
        self.assertEqual(self.connections.all, set())

    def test_no_connection_in_time(self) -> None:
        self.send()
        self.reactor.pump([1] * 7)
        self.assertEqual(self.failures, ["no connection in time"])

    def test_hops_that_lead_nowhere(self) -> None:
        hops = {
            Hop("tcp", "example.com", 5060): "tcp:example.com:5060 is no numeric address",
            Hop("tcp", "192.0.2.7", 0): "tcp:192.0.2.7:0 is no numeric address",
            Hop("tcp", "192.0.2.7", 65536): "tcp:192.0.2.7:65536 is no numeric address",
            Hop("sctp", "192.0.2.7", 5060): "no transport sctp",
            Hop("tls", "192.0.2.7", 5061, name="a..b"): "'a..b' is no name of a TLS server",
        }
        for hop, why in hops.items():
            self.send(hop=hop)
            self.assertEqual(self.failures, [])
            self.reactor.advance(0)
            self.assertTrue(self.failures.pop().startswith(why), hop)
        self.assertEqual(self.reactor.tcpClients, [])
        self.assertEqual(self.transports.counters.dropped, len(hops))

    def test_broken_before_anything_came_back(self) -> None:
        self.send()
        self.connect().end()
        self.reactor.advance(0)
        self.assertEqual(self.failures, ["Connection was closed cleanly."])

    def test_broken_after_something_came_back(self) -> None:
        self.send()
        link = self.connect()
        link.protocol.dataReceived(whole())
        link.end()
        self.reactor.advance(0)
        self.assertEqual(self.failures, [])

    def test_a_peer_that_does_not_read(self) -> None:
        """Its data is bounded; the connection ends, and everybody who sent is told."""
        self.send()
        link = self.connect()
        link.producer.pauseProducing()
        link.protocol.dataReceived(whole())
        for _ in range(10):
            self.send(b"x" * 100)
        self.assertFalse(link.disconnected)
        self.send(b"x")
        self.assertTrue(link.disconnected)
        self.reactor.advance(0)
        self.assertEqual(self.failures, ["too much waits to be sent"] * 12)
        self.send(b"later")
        self.assertEqual(len(self.reactor.tcpClients), 2)

    def test_a_peer_that_reads_slowly(self) -> None:
        self.send()
        link = self.connect()
        for _ in range(5):
            link.producer.pauseProducing()
            self.send(b"x" * 900)
            link.producer.resumeProducing()
        self.assertFalse(link.disconnected)
        self.assertEqual(len(link.value()), 5 + 5 * 900)

    def test_too_much_before_the_connection_is_made(self) -> None:
        for _ in range(11):
            self.send(b"x" * 100)
        self.reactor.advance(0)
        self.assertEqual(self.failures, ["too much waits to be sent"] * 11)
        self.assertEqual(self.connections.all, set())

    def test_a_callback_that_breaks(self) -> None:
        def broken(why: str) -> None:
            raise RuntimeError(why)

        self.transports.send(b"x", Hop("sctp", "192.0.2.7", 5060), broken)
        self.send(hop=Hop("sctp", "192.0.2.7", 5060))
        self.reactor.advance(0)
        self.assertEqual(len(self.failures), 1)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)


class InputTests(ConnectionTestCase):
    def test_keep_alives(self) -> None:
        link = self.accept()
        link.protocol.dataReceived(PING + whole() + b"\r\n" + PING)
        self.assertEqual(link.value(), b"\r\n\r\n")
        self.assertEqual((len(self.received), self.transports.counters.keepalives), (1, 2))

    def test_messages_in_pieces(self) -> None:
        link = self.accept()
        for byte in whole(b"body") + whole():
            link.protocol.dataReceived(bytes([byte]))
        self.assertEqual([message.body for message, _ in self.received], [b"body", b""])

    def test_a_framing_error_ends_the_connection(self) -> None:
        for wrong, status in ((HEAD + b"\r\n", 400), (whole(length="-1"), 400), (whole(length="99999"), 513)):
            link = self.accept()
            self.transports.malformed = lambda error, hop: self.send(b"%d" % error.status, hop)
            link.protocol.dataReceived(whole() + wrong + whole())
            self.assertEqual(link.value(), b"%d" % status, "answered before the end")
            self.assertTrue(link.disconnecting)
            link.protocol.dataReceived(whole())
            self.reactor.advance(0)
        self.assertEqual(len(self.received), 3)
        self.assertEqual(self.transports.counters.malformed, 3)

    def test_a_malformed_message_does_not_end_it_but_many_do(self) -> None:
        link = self.accept()
        wrong = whole().replace(b"CSeq: 7 OPTIONS", b"CSeq: seven")
        link.protocol.dataReceived(wrong + whole() + wrong)
        self.assertFalse(link.disconnecting)
        self.assertEqual([error.reason for error, _ in self.errors], ["Bad CSeq"] * 2)
        link.protocol.dataReceived(wrong + whole())
        self.assertTrue(link.disconnecting)
        self.assertEqual(len(self.received), 1)

    def test_a_receiver_that_breaks(self) -> None:
        def broken(message: Request | Response, hop: Hop) -> None:
            raise RuntimeError("broken")

        def also_broken(error: MessageError, hop: Hop) -> None:
            raise RuntimeError("also broken")

        self.transports.receive = broken
        self.transports.malformed = also_broken
        link = self.accept()
        link.protocol.dataReceived(whole() + whole().replace(b"CSeq", b"Seq"))
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)
        self.assertFalse(link.disconnecting)

    @settings(deadline=None)
    @given(st.lists(st.binary(max_size=100) | st.sampled_from([whole(b"x"), PING, HEAD, b"\r\n"]), max_size=9))
    def test_any_bytes(self, chunks: list[bytes]) -> None:
        link = self.accept()
        for chunk in chunks:
            link.protocol.dataReceived(chunk)
        link.end()
        self.assertEqual(self.flushLoggedErrors(), [])
        self.assertEqual(self.connections.all, set())

    def test_a_receiver_that_stops_everything(self) -> None:
        self.transports.receive = lambda message, hop: self.received.append((message, hop)) or self.stop()
        self.accept().protocol.dataReceived(whole() * 3)
        self.assertEqual(len(self.received), 1)
