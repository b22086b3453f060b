"""The bare peers talk to each other, and say what they saw when nothing comes."""

from collections.abc import Awaitable
from itertools import islice, pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase, TestCase

from tests.peers import audio
from tests.peers.addresses import addresses, lease
from tests.peers.raw import RawTcp, RawUdp
from tests.peers.rtp_sink import RtpPacket, RtpSink, parse
from tests.peers.waiting import PeerTimeout, reactor, until


class Addresses(TestCase):
    def test_no_address_twice(self) -> None:
        """Leases do not meet, nor do their RTP ports; an address in use is passed over."""
        leases = [lease() for _ in range(20)]
        for leased in leases:
            self.addCleanup(leased.release)
        more = list(islice(addresses(self), 5))
        self.assertEqual(len({leased.ip for leased in leases} | set(more)), 25)
        ports = sorted((leased.rtp_first, leased.rtp_last) for leased in leases)
        self.assertTrue(all(low[1] < high[0] for low, high in pairwise(ports)))

    async def test_port_in_use(self) -> None:
        """An address whose SIP port somebody else holds is not given out."""
        seen = set()
        taken = RawUdp(self).open()
        for _ in range(240):
            leased = lease()
            seen.add(leased.ip)
            leased.release()
        self.assertNotIn(taken.ip, seen)
        self.assertGreater(len(seen), 100)


class Udp(TestCase):
    async def test_exchange(self) -> None:
        """Octets arrive unchanged with their source; a predicate picks among them, the rest stays."""
        alice, bob = RawUdp(self).open(), RawUdp(self).open()
        for data in (b"one\0\xff", b"two", b"three"):
            alice.send(data, bob.address)
        self.assertEqual((await bob.receive(lambda data: len(data) == 3)).data, b"two")
        first = await bob.receive()
        self.assertEqual((first.data, first.source), (b"one\0\xff", (alice.ip, 5060)))
        self.assertEqual((await bob.receive(b"hre")).data, b"three")
        self.assertEqual(len(bob.received), 3)

    async def test_nothing_comes(self) -> None:
        """The exception shows what came instead."""
        async with RawUdp(self) as alice, RawUdp(self, port=0) as bob:
            alice.send(b"SIP/2.0 486 Busy Here", bob.address)
            await bob.receive(b"486")
            failure = await self.timeout_text(bob.receive(b"200 OK", timeout=0.05))
        self.assertIn("b'200 OK': not within 0.05 s", failure)
        self.assertIn("486 Busy Here", failure)

    async def timeout_text(self, awaited: Awaitable[object]) -> str:
        with self.assertRaises(PeerTimeout) as caught:
            await awaited
        return str(caught.exception)


class Tcp(TestCase):
    async def test_exchange(self) -> None:
        """The echo comes back to the peer's own address; then either side closes."""
        sessions: list[Any] = []

        class Mirror(Protocol):
            def connectionMade(self) -> None:
                sessions.append(self.transport)

            def dataReceived(self, data: bytes) -> None:
                sessions[0].write(data[::-1])

        listening = reactor.listenTCP(0, Factory.forProtocol(Mirror), interface="127.0.0.1")
        self.addCleanup(listening.stopListening)
        tcp = await RawTcp(self).connect(("127.0.0.1", listening.getHost().port))
        tcp.send(b"abc")
        self.assertEqual(await tcp.receive(b"cba"), b"cba")
        self.assertEqual(sessions[0].getPeer().host, tcp.ip)
        with self.assertRaises(PeerTimeout):
            await tcp.receive(b"cba", timeout=0.02)
        sessions[0].loseConnection()
        await tcp.wait_closed()

    async def test_nobody_listens(self) -> None:
        port = RawUdp(self, "127.0.0.1", 0).open().port
        with self.assertRaises(Exception) as caught:
            await RawTcp(self).connect(("127.0.0.1", port))
        self.assertIn("refused", str(caught.exception))


class RtpFormat(SynchronousTestCase):
    @given(
        st.builds(
            RtpPacket,
            payload_type=st.integers(0, 127),
            sequence=st.integers(0, 0xFFFF),
            timestamp=st.integers(0, 0xFFFFFFFF),
            ssrc=st.integers(0, 0xFFFFFFFF),
            payload=st.binary(max_size=200),
            marker=st.booleans(),
        )
    )
    def test_round_trip(self, packet: RtpPacket) -> None:
        self.assertEqual(parse(packet.encode()), packet)

    def test_padding_extension_and_sources(self) -> None:
        """RFC 3550 section 5.1 and 5.3.1: what is not payload is taken off."""
        header = bytes([0x80 | 0x20 | 0x10 | 2, 0x88]) + bytes(10) + bytes(8)
        packet = parse(header + b"\xbe\xde\0\1" + bytes(4) + b"sound" + b"\0\0\3")
        self.assertEqual((packet.payload, packet.payload_type, packet.marker), (b"sound", 8, True))

    @given(st.binary(max_size=40))
    def test_anything(self, data: bytes) -> None:
        """Read, or refused with ValueError."""
        try:
            self.assertLessEqual(len(parse(data).payload), len(data) - 12)
        except ValueError:
            return


class Rtp(TestCase):
    async def test_tone(self) -> None:
        """A tone sent as PCMA is heard at the other end, and the packets are numbered."""
        alice, bob = RtpSink(self).open(), RtpSink(self).open()
        self.assertEqual((alice.port % 2, bob.port % 2), (0, 0))
        alice.start_sending(audio.g711_encode(audio.tone(880, 1), 8), (bob.ip, bob.port), 8)
        packets = await bob.receive(15)
        alice.stop_sending()
        self.assertEqual(
            {(b.sequence - a.sequence, b.timestamp - a.timestamp) for a, b in pairwise(packets)},
            {(1, 160)},
        )
        self.assertEqual(bob.sources(), {(alice.ip, alice.port)})
        self.assertLess(abs(audio.dominant_frequency(bob.heard(8), 8000) - 880), 5)
        self.assertEqual(len(bob.heard(0)), 0)
        alice.send_raw(b"junk", (bob.ip, bob.port))
        await until(lambda: bob.strays == [b"junk"], seen=bob.report)

    async def test_any_pair_of_a_given_address(self) -> None:
        async with RtpSink(self, "127.0.0.1") as sink:
            self.assertEqual(sink.port % 2, 0)
            self.assertIn(f"m=audio {sink.port} RTP/AVP 9\r\n".encode(), sink.sdp(9))
