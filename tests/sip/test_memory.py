"""UDP over the network in memory: what comes in, what goes out, keep-alives, own addresses, a lossy network."""

import struct
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.hop import Hop
from magroup.sip.limits import Limits
from magroup.sip.memory import Datagram, MemoryNetwork
from magroup.sip.message import MessageError, Request, Response
from magroup.sip.stun import COOKIE, binding_response, is_stun
from magroup.sip.transport import Transports
from tests.sip.test_stream import HEAD, whole

ANN, BOB = ("192.0.2.1", 5060), ("192.0.2.2", 5062)


def stun(kind: int = 1, attributes: bytes = b"", transaction: bytes = b"transaction!") -> bytes:
    return struct.pack("!HHI12s", kind, len(attributes), COOKIE, transaction) + attributes


class MemoryTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.network = MemoryNetwork(self.clock, record=True)
        self.received: list[tuple[Request | Response, Hop]] = []
        self.errors: list[tuple[MessageError, Hop]] = []
        self.failures: list[str] = []
        self.transports = Transports(
            self.clock,
            lambda message, hop: self.received.append((message, hop)),
            malformed=lambda error, hop: self.errors.append((error, hop)),
            network=self.network,
            limits=Limits(message=2000),
        )
        self.listen(*ANN)
        self.heard: list[bytes] = []
        self.peer = self.network.open(*BOB, lambda data, host, port: self.heard.append(data))

    def tearDown(self) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.transports.stop()))
        self.network.stop()
        self.assertEqual((self.clock.getDelayedCalls(), self.network.wires, self.network.flying), ([], {}, 0))

    def listen(self, host: str, port: int) -> int:
        return self.successResultOf(Deferred.fromCoroutine(self.transports.listen_udp(host, port)))

    def say(self, data: bytes) -> None:
        self.peer.send(data, *ANN)
        self.clock.advance(0)


class AfterwardsTests(MemoryTestCase):
    """What is to be done after the message that is being served."""

    def test_after_it(self) -> None:
        """Once, in order, also where it or the message fails; what asks for it later comes after the next one."""
        done: list[str] = []

        def fails() -> None:
            raise ValueError("afterwards")

        def receive(message: Request | Response, hop: Hop) -> None:
            self.assertTrue(self.transports.when_served(lambda: done.append("one")))
            self.assertTrue(self.transports.when_served(fails))
            self.assertTrue(self.transports.when_served(lambda: done.append(str(self.transports.when_served(fails)))))
            done.append("served")
            raise ValueError("served")

        self.transports.receive = receive
        for _ in range(2):
            self.say(whole())
            self.assertEqual((done, len(self.flushLoggedErrors(ValueError))), (["served", "one", "False"], 2))
            done.clear()

    def test_nothing_is_served(self) -> None:
        """Who asks has to do it himself."""
        self.say(b"rubbish of a length that is enough\r\n\r\n")
        self.assertFalse(self.transports.when_served(self.fail))
        self.say(whole())
        self.assertFalse(self.transports.when_served(self.fail))


class ReceiveTests(MemoryTestCase):
    def test_message(self) -> None:
        self.say(whole(b"body") + b"more")
        message, hop = self.received[0]
        self.assertEqual((message.body, message.cseq), (b"body", (7, "OPTIONS")))
        self.assertEqual(hop, Hop("udp", *BOB, *ANN))
        self.assertEqual(self.transports.counters.received, 1)

    def test_malformed(self) -> None:
        self.say(HEAD.replace(b"SIP/2.0\r\nVia", b"SIP/7.0\r\nVia") + b"\r\n")
        error, hop = self.errors[0]
        self.assertEqual((error.status, hop.host), (505, BOB[0]))
        assert error.request is not None
        self.assertEqual(self.transports.counters.malformed, 1)

    def test_what_is_no_message(self) -> None:
        for data in (b"", b"\x00", b"\r\n", b"\r\n\r\n", b"\n" * 50, b"x", b"OPTIONS", b"\x00\x00\x00\x00"):
            self.say(data)
        self.assertEqual((self.received, self.errors, self.heard), ([], [], []))
        self.assertEqual(self.transports.counters.keepalives, 8)

    def test_line_ends_before_a_message(self) -> None:
        self.say(b"\r\n\r\n" + whole())
        self.assertEqual(len(self.received), 1)

    def test_too_large(self) -> None:
        self.say(whole(b"x" * 2000))
        self.assertEqual((self.received, self.errors, self.transports.counters.dropped), ([], [], 1))

    def test_stun(self) -> None:
        self.say(stun())
        value = self.heard[0][24:]
        self.assertEqual(struct.unpack("!HHI", self.heard[0][:8]), (0x0101, 12, COOKIE))
        self.assertEqual(self.heard[0][8:20], b"transaction!")
        self.assertEqual(struct.unpack("!BBHI", value), (0, 1, BOB[1] ^ 0x2112, 0xC0000202 ^ COOKIE))
        cut = [stun()[:19], stun()[:12], stun() + b"x", stun(attributes=b"abc")]
        for other in [stun(0x0101), stun(0x0011), b"\0" * 20, *cut]:
            self.say(other)
        self.assertEqual(len(self.heard), 1)
        self.assertEqual((self.received, self.errors), ([], []))

    def test_stun_ipv6(self) -> None:
        answer = binding_response(stun(), "2001:db8::1", 5060)
        assert answer is not None
        mask = COOKIE.to_bytes(4, "big") + b"transaction!"
        address = bytes(a ^ b for a, b in zip(answer[28:], mask, strict=True))
        self.assertEqual((answer[25], address.hex()), (2, "20010db8000000000000000000000001"))
        self.assertIsNotNone(binding_response(stun(), "fe80::1%eth0", 5060))
        self.assertFalse(is_stun(whole()))

    @settings(deadline=None)
    @given(st.binary(max_size=100))
    def test_any_bytes(self, data: bytes) -> None:
        for sent in (data, stun() + data, b"\x00\x01" + data, whole() + data):
            self.say(sent)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_receiver_that_breaks(self) -> None:
        def broken(message: Request | Response, hop: Hop) -> None:
            raise RuntimeError("broken")

        self.transports.receive = broken
        self.say(whole())
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)


class SendTests(MemoryTestCase):
    def send(self, hop: Hop, data: bytes = b"hello") -> list[Datagram]:
        before = len(self.network.sent)
        self.transports.send(data, hop, self.failures.append)
        return self.network.sent[before:]

    def test_from_the_end_where_the_peer_is_known(self) -> None:
        other = self.listen("192.0.2.1", 0)
        self.listen("::1", 5060)
        table = {
            Hop("udp", *BOB): ANN,
            Hop("udp", *BOB, *ANN): ANN,
            Hop("udp", *BOB, "192.0.2.1", other): ("192.0.2.1", other),
            Hop("udp", *BOB, "192.0.2.1", 1): ANN,
            Hop("udp", "::1", 5060): ("::1", 5060),
        }
        for hop, source in table.items():
            self.assertEqual([datagram.source for datagram in self.send(hop)], [source], hop)
        self.assertEqual(self.transports.counters.sent, len(table))

    def test_loopback_and_the_rest_of_the_world(self) -> None:
        self.listen("127.0.0.1", 5060)
        for host, source in (("127.0.0.9", "127.0.0.1"), ("198.51.100.1", "192.0.2.1")):
            self.assertEqual(self.send(Hop("udp", host, 5060))[0].source[0], source)

    def test_failures_are_told_in_another_turn(self) -> None:
        self.send(Hop("udp", "::1", 5060))
        self.send(Hop("udp", *BOB), b"x" * 70000)
        self.assertEqual(self.failures, [])
        self.clock.advance(0)
        self.assertEqual(self.failures, ["no UDP transport to ::1", "Message too long"])
        self.assertEqual(self.transports.counters.dropped, 2)

    def test_failures_are_not_told_after_the_end(self) -> None:
        self.send(Hop("udp", "::1", 5060))
        self.successResultOf(Deferred.fromCoroutine(self.transports.stop()))
        self.clock.advance(1)
        self.assertEqual((self.failures, self.clock.getDelayedCalls()), ([], []))

    def test_port_in_use(self) -> None:
        with self.assertRaises(CannotListenError):
            self.network.open(*ANN, lambda data, host, port: None)
        failure = self.failureResultOf(Deferred.fromCoroutine(self.transports.listen_udp(*ANN)), CannotListenError)
        self.assertIn("5060", str(failure.value))


class LocalTests(MemoryTestCase):
    def test_bound_address(self) -> None:
        self.assertEqual(self.transports.local(Hop("udp", *BOB)), ANN)
        self.assertEqual(self.transports.local(Hop("udp", *BOB, "192.0.2.1", 5060)), ANN)
        self.assertEqual(self.transports.listening(), [("udp", *ANN)])
        self.assertIn("listening udp:192.0.2.1:5060", self.transports.describe())

    def test_wildcard(self) -> None:
        """The address of the system towards the peer; to loopback that is known."""
        self.successResultOf(Deferred.fromCoroutine(self.transports.stop()))
        self.listen("0.0.0.0", 5070)
        self.listen("::", 5080)
        self.assertEqual(self.transports.local(Hop("udp", "127.0.0.9", 5060)), ("127.0.0.1", 5070))
        self.assertEqual(self.transports.local(Hop("udp", "127.0.0.9", 5060, "", 5070)), ("127.0.0.1", 5070))
        self.assertEqual(self.transports.local(Hop("udp", "::1", 5060)), ("::1", 5080))

    def test_an_accepted_connection(self) -> None:
        hop = Hop("tcp", "192.0.2.9", 40001, "192.0.2.1", 5060, 3)
        self.assertEqual(self.transports.local(hop), ("192.0.2.1", 5060))

    def test_without_a_listening_end(self) -> None:
        self.assertEqual(self.transports.local(Hop("tcp", "127.0.0.9", 5060)), ("127.0.0.1", 5060))
        self.assertEqual(self.transports.local(Hop("tls", "127.0.0.9", 5061)), ("127.0.0.1", 5061))

    def test_a_name_is_not_looked_up(self) -> None:
        self.assertEqual(self.transports.local(Hop("tcp", "example.invalid", 5060)), ("127.0.0.1", 5060))

    def test_advertised(self) -> None:
        self.transports.advertised = "sip.example.com"
        self.assertEqual(self.transports.local(Hop("udp", *BOB)), ("sip.example.com", 5060))

    def test_many_peers_are_not_all_remembered(self) -> None:
        for number in range(5000):
            self.transports.local(Hop("udp", f"10.0.{number >> 8}.{number & 255}", 5060))
        self.assertLessEqual(len(self.transports._local), 4096)
        self.clock.advance(60)
        self.transports.local(Hop("udp", *BOB))
        self.assertEqual(len(self.transports._local), 1)


class NetworkTests(SynchronousTestCase):
    """The network itself."""

    def flood(self, count: int = 400, seed: int = 1, **settings: Any) -> list[int]:
        """The numbers that arrive of those sent, in their order."""
        clock = Clock()
        network = MemoryNetwork(clock, rng=Random(seed), **settings)
        heard: list[int] = []
        network.open(*BOB, lambda data, host, port: heard.append(int(data)))
        wire = network.open(*ANN, lambda data, host, port: None)
        for number in range(count):
            self.assertEqual(wire.send(b"%d" % number, *BOB), "")
            clock.advance(0.001)
        clock.advance(10)
        self.assertEqual((network.flying, clock.getDelayedCalls()), (0, []))
        return heard

    def test_in_order_by_default(self) -> None:
        self.assertEqual(self.flood(), list(range(400)))
        self.assertEqual(self.flood(delay=0.1), list(range(400)))

    def test_loss(self) -> None:
        heard = self.flood(loss=0.3)
        self.assertEqual(heard, sorted(set(heard)))
        self.assertTrue(200 < len(heard) < 350, len(heard))
        self.assertEqual(self.flood(loss=1.0), [])

    def test_duplicates(self) -> None:
        heard = self.flood(duplicate=0.3)
        self.assertEqual(sorted(set(heard)), list(range(400)))
        self.assertTrue(450 < len(heard) < 600, len(heard))

    def test_reordering(self) -> None:
        heard = self.flood(reorder=0.2)
        self.assertNotEqual(heard, sorted(heard))
        self.assertEqual(sorted(heard), list(range(400)))

    def test_the_seed_decides(self) -> None:
        everything = dict(delay=0.05, loss=0.2, duplicate=0.2, reorder=0.2)
        self.assertEqual(self.flood(**everything), self.flood(**everything))
        self.assertNotEqual(self.flood(seed=1, **everything), self.flood(seed=2, **everything))

    def test_delay_and_answers(self) -> None:
        clock = Clock()
        network = MemoryNetwork(clock, delay=0.1, record=True)
        heard: list[float] = []
        bob = network.open(*BOB, lambda data, host, port: bob.send(b"pong", host, port) and None)
        ann = network.open(*ANN, lambda data, host, port: heard.append(clock.seconds()))
        ann.send(b"ping", *BOB)
        clock.pump([0.05] * 5)
        self.assertEqual([round(time, 3) for time in heard], [0.2])
        sent = [(datagram.source, datagram.data) for datagram in network.sent]
        self.assertEqual(sent, [(ANN, b"ping"), (BOB, b"pong")])

    def test_losing_what_is_named(self) -> None:
        clock = Clock()
        network = MemoryNetwork(clock)
        heard: list[bytes] = []
        network.open(*BOB, lambda data, host, port: heard.append(data))
        ann = network.open(*ANN, lambda data, host, port: None)
        network.lose = lambda datagram: datagram.data == b"b"
        for data in (b"a", b"b", b"c"):
            ann.send(data, *BOB)
        ann.send(b"to nobody", "192.0.2.99", 1)
        clock.advance(0)
        self.assertEqual(heard, [b"a", b"c"])

    def test_the_end(self) -> None:
        clock = Clock()
        network = MemoryNetwork(clock)
        heard: list[bytes] = []
        bob = network.open(*BOB, lambda data, host, port: heard.append(data))
        network.open(*ANN, lambda data, host, port: None).send(b"x", *BOB)
        bob.close()
        bob.close()
        clock.advance(0)
        bob = network.open(*BOB, lambda data, host, port: heard.append(data))
        bob.send(b"y", *BOB)
        network.stop()
        self.assertEqual((heard, network.wires, clock.getDelayedCalls()), ([], {}, []))
