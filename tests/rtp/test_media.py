"""A short real call: the reactor's clock, real sockets, a file from the disk, another peer on the loopback."""

from pathlib import Path

import numpy as np
import soundfile
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol
from twisted.trial.unittest import TestCase

from magroup.rtp.audio_file import read_sound
from magroup.rtp.codec import CODECS
from magroup.rtp.media import Media
from magroup.rtp.packet import Packet, pack, unpack
from magroup.rtp.ports import PortError, Ports
from magroup.rtp.socket_wire import SocketWires
from magroup.rtp.sound import Sound
from magroup.rtp.stream import Stream
from tests.rtp.kept import SECONDS, Kept


class Phone(DatagramProtocol):
    """Keeps the packets it hears; says something back to each."""

    def __init__(self) -> None:
        self.heard: Kept[Packet] = Kept()
        self.said = 0

    def datagramReceived(self, data: bytes, address: tuple[str, int]) -> None:
        packet = unpack(data)
        if packet is None or 200 <= data[1] <= 203:
            return
        self.heard(packet)
        answer = Packet(8, not self.said, self.said, 160 * self.said, 99, b"word %d" % self.said)
        self.said += 1
        assert self.transport is not None
        self.transport.write(pack(answer), address)


async def played(stream: Stream, sounds: list[Sound]) -> None:
    """That sounds are played to their end."""
    done: Deferred[None] = Deferred()
    stream.play(sounds, done=lambda: done.callback(None))
    await done.addTimeout(SECONDS, reactor)


class RealTests(TestCase):
    def setUp(self) -> None:
        self.wires = SocketWires(reactor)
        self.media = Media(reactor, Ports(reactor, self.wires, 40000, 44999))

    def tearDown(self) -> None:
        self.media.close()
        self.assertEqual(self.media.active, 0)
        self.assertNotIn(self.wires, reactor.getReaders())

    def file(self) -> tuple[Path, np.ndarray]:
        """An audio file of 0.4 s and its samples."""
        samples = np.random.default_rng(5).integers(-20000, 20000, 3200).astype(np.int16)
        path = Path(self.mktemp())
        path.mkdir(parents=True)
        soundfile.write(path / "noise.wav", samples, 8000)
        return path / "noise.wav", samples

    async def test_play(self) -> None:
        """Every byte of the file arrives, in order, in every codec, over both families; and what the phone says."""
        path, samples = self.file()
        sound = read_sound(path)
        for host in ("127.0.0.1", "::1"):
            for codec in CODECS.values():
                phone = Phone()
                port = reactor.listenUDP(0, phone, interface=host)
                stream = self.media.open(host)
                words: Kept[bytes | int] = Kept()
                stream.on_payload = words
                stream.connect(host, port.getHost().port, codec, 101)
                await played(stream, [sound])
                packets = await phone.heard.until(20)
                heard = b"".join(packet.payload for packet in packets)
                self.assertEqual(heard, b"".join(sound.frames[codec.name]))
                if codec.name != "G722":
                    self.assertEqual(heard, codec.new_encoder()(samples))
                self.assertTrue(packets[0].marker)
                self.assertEqual(await words.until(20), [b"word %d" % number for number in range(20)])
                statistics = stream.statistics()
                self.assertEqual((statistics.packets_sent, statistics.octets_sent), (20, 3200))
                self.assertEqual((statistics.packets_dropped, statistics.packets_failed), (0, 0))
                stream.close()
                await port.stopListening()

    async def test_two_of_us(self) -> None:
        """Digits and sounds from one stream to another."""
        path, _ = self.file()
        sound = read_sound(path)
        caller, server = self.media.open("127.0.0.1"), self.media.open("127.0.0.1")
        digits: Kept[str] = Kept()
        server.on_dtmf = digits
        payloads: Kept[bytes | int] = Kept()
        caller.on_payload = payloads
        caller.connect("127.0.0.1", server.local_port, CODECS["PCMU"], 101)
        server.connect("127.0.0.1", caller.local_port, CODECS["PCMU"], 101)
        self.assertTrue(caller.send_dtmf("41#"))
        self.assertEqual(await digits.until(3), ["4", "1", "#"])
        await played(server, [sound])
        self.assertEqual(await payloads.until(20), list(sound.frames["PCMU"]))
        self.assertEqual(caller.statistics().packets_received, 20)
        self.assertEqual(caller.statistics().packets_lost, 0)
        self.assertEqual(len(self.media.describe()), 2)

    async def test_nobody_there(self) -> None:
        """The caller's port is closed: the sound is played to its end all the same."""
        port = reactor.listenUDP(0, DatagramProtocol(), interface="127.0.0.1")
        number = port.getHost().port
        await port.stopListening()
        path, _ = self.file()
        stream = self.media.open("127.0.0.1")
        stream.connect("127.0.0.1", number, CODECS["PCMU"])
        await played(stream, [read_sound(path)])
        self.assertEqual(stream.statistics().packets_sent, 20)

    def test_no_such_address(self) -> None:
        error = self.assertRaises(PortError, self.media.open, "192.0.2.77")
        self.assertIn("cannot open RTP ports on 192.0.2.77: ", str(error))
        self.assertEqual(self.media.active, 0)
