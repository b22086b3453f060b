"""A stream that is sealed: sound, digits and reports in both directions, nothing readable, nothing forged."""

from magroup.rtp import rtcp, telephone_event
from magroup.rtp.codec import CODECS
from magroup.rtp.packet import Packet, pack, unpack
from magroup.rtp.srtp_keys import RemoteKey
from magroup.rtp.srtp_opening import Opening
from magroup.rtp.srtp_sealing import Sealing
from magroup.rtp.stream import Stream
from magroup.rtp.telephone_event import TelephoneEvent
from tests.rtp.desk import CALLER, SERVER, DeskTest, sound

SUITE = "AES_CM_128_HMAC_SHA1_80"
MASTER = bytes(range(30))


class Sealed(DeskTest):
    def sealed(self, suite: str = SUITE, mux: bool = False) -> Stream:
        """A stream and what the caller needs to understand it."""
        stream = self.media.open(SERVER)
        self.connect(stream, suite, mux)
        self.seals = Sealing(suite, MASTER)
        self.opens = Opening(RemoteKey(suite, stream.srtp_key(suite)))
        self.heard: list[tuple[bytes, int, int]] = []
        stream.on_payload = lambda *packet: self.heard.append(packet)
        return stream

    def connect(self, stream: Stream, suite: str = SUITE, mux: bool = False) -> None:
        stream.connect(CALLER, 4000, CODECS["PCMA"], 101, rtcp_mux=mux, srtp=RemoteKey(suite, MASTER))

    def say(self, stream: Stream, sequence: int, payload: bytes = b"hello", kind: int = 8) -> None:
        plain = pack(Packet(kind, False, sequence & 0xFFFF, 160 * sequence, 77, payload))
        data = self.seals.rtp(plain[:12], plain[12:], 77, sequence)
        self.caller.rtp.send(data, (stream.local_host, stream.local_port))

    def understood(self) -> list[Packet]:
        """All packets that the caller got so far, opened."""
        found = []
        for data, _ in self.wires_sent():
            plain = self.opens.rtp(data)
            assert plain is not None
            packet = unpack(plain)
            assert packet is not None
            found.append(packet)
        return found

    def wires_sent(self) -> list[tuple[bytes, object]]:
        wires = [wire for address, wire in self.wires.open_wires.items() if address[0] == SERVER and not address[1] % 2]
        return [sent for wire in wires for sent in wire.sent if not 200 <= sent[0][1] <= 203]

    def test_played(self) -> None:
        for suite, tag in ((SUITE, 10), ("AES_CM_128_HMAC_SHA1_32", 4)):
            stream = self.sealed(suite)
            stream.play([sound("a", 5)])
            self.pass_ms(120)
            sent = [data for data, _ in self.wires_sent()]
            self.assertEqual(len(sent), 5)
            self.assertEqual({len(data) for data in sent}, {12 + len("a PCMA 0") + tag})
            self.assertNotIn(b"PCMA", b"".join(sent))
            expected = [b"a PCMA %d" % number for number in range(5)]
            self.assertEqual([packet.payload for packet in self.understood()], expected)
            self.assertEqual(stream.statistics().octets_sent, 5 * len("a PCMA 0"))
            self.assertEqual(stream.describe()["srtp"], suite)
            self.assertNotIn(str(stream.srtp_key(suite)), str(stream.describe()))
            stream.close()

    def test_digits_sent(self) -> None:
        stream = self.sealed()
        stream.send_dtmf("5")
        self.pass_ms(300)
        events = [telephone_event.unpack(packet.payload) for packet in self.understood() if packet.payload_type == 101]
        self.assertEqual({event.digit for event in events if event is not None}, {"5"})

    def test_heard(self) -> None:
        """Sound and digits across the end of the numbers; forged, plain and repeated packets are counted only."""
        stream = self.sealed()
        digits: list[str] = []
        stream.on_dtmf = digits.append
        for sequence in range(0xFFFE, 0x10002):
            self.say(stream, sequence)
        self.say(stream, 0x10002, telephone_event.pack(TelephoneEvent(7, False, 10, 160)), 101)
        self.assertEqual([payload for payload, _, _ in self.heard], [b"hello"] * 4)
        self.assertEqual(digits, ["7"])
        self.say(stream, 0x10001)
        self.caller.speak(stream)
        data = bytearray(self.caller.rtp.sent[0][0])
        data[-1] ^= 1
        self.caller.rtp.send(bytes(data), (SERVER, stream.local_port))
        statistics = stream.statistics()
        self.assertEqual((statistics.packets_received, statistics.refused, statistics.packets_lost), (5, 3, 0))
        # A binding request (RFC 8489), which phones send to keep the way open.
        self.caller.rtp.send(bytes.fromhex("000100002112A442") + bytes(12), (SERVER, stream.local_port))
        self.assertEqual((stream.statistics().refused, stream.statistics().malformed), (3, 1))

    def test_reports(self) -> None:
        """Sealed both ways, on their own port or between the sound."""
        for mux in (False, True):
            stream = self.sealed(mux=mux)
            stream.play([sound("a", 5)], repeat=True)
            self.say(stream, 5)
            self.pass_ms(9000)
            (pair,) = [wire for address, wire in self.wires.open_wires.items()
                       if address == (SERVER, stream.local_port + (not mux))]  # fmt: skip
            sent = [data for data, _ in pair.sent if 200 <= data[1] <= 203]
            self.assertTrue(sent)
            for data in sent:
                opened = self.opens.rtcp(data)
                assert opened is not None
                self.assertIsInstance(rtcp.unpack(opened)[0], rtcp.SenderReport)
            ssrc = int.from_bytes(sent[0][4:8], "big")
            report = rtcp.pack([rtcp.ReceiverReport(77, (rtcp.Reception(ssrc, 0, 3, 5, 80, 0, 0),))])
            port = self.caller.rtp if mux else self.caller.rtcp
            target = (SERVER, stream.local_port + (not mux))
            port.send(report, target)
            self.assertEqual((stream.statistics().remote_lost, stream.statistics().refused), (None, 1))
            port.send(self.seals.rtcp(report), target)
            self.assertEqual((stream.statistics().remote_lost, stream.statistics().refused), (3, 1))
            stream.close()
            goodbye = self.opens.rtcp(pair.sent[-1][0])
            assert goodbye is not None
            self.assertIsInstance(rtcp.unpack(goodbye)[-1], rtcp.Goodbye)

    def test_changed_while_it_plays(self) -> None:
        """The same keys again: nothing begins anew. Others: the numbers go on. Plain: as without."""
        stream = self.sealed()
        stream.play([sound("a", 100)], repeat=True)
        self.pass_ms(60)
        self.say(stream, 5)
        self.connect(stream)
        self.say(stream, 5)
        self.assertEqual(stream.statistics().refused, 1)
        self.pass_ms(60)
        sequences = [packet.sequence for packet in self.understood()]
        self.assertEqual(sequences, list(range(sequences[0], sequences[0] + 6)))
        stream.connect(CALLER, 4000, CODECS["PCMA"], 101, srtp=RemoteKey(SUITE, bytes(30)))
        self.seals = Sealing(SUITE, bytes(30))
        self.say(stream, 6)
        self.assertEqual(len(self.heard), 2)
        self.connect(stream, "AES_CM_128_HMAC_SHA1_32")
        self.assertNotEqual(stream.srtp_key("AES_CM_128_HMAC_SHA1_32"), stream.srtp_key(SUITE))
        stream.connect(CALLER, 4000, CODECS["PCMA"], 101)
        self.caller.heard.clear()
        self.pass_ms(20)
        self.assertIn("a PCMA", self.caller.payloads[0])
        self.assertEqual(self.caller.packets[0].sequence, sequences[-1] + 1)
