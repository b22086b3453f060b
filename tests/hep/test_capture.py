"""SIP messages that are captured: without secrets, in later turns, never too many; read by sngrep."""

import shutil
import socket
from pathlib import Path
from struct import unpack
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from magroup.hep.capture import AT_ONCE, BYTES_AT_ONCE, Capture, Seen
from magroup.model.settings import HepSettings
from magroup.sip.hop import Hop
from magroup.sip.trace import Trace
from tests.hep.decoder import Hep, decode
from tests.live.phones import Desk, desks
from tests.live.server import company
from tests.live.whole_server import WholeServer
from tests.peers import Sipp, address, until
from tests.peers.process import PeerProcess

HOP = Hop("udp", "192.0.2.1", 5062)
INVITE = (
    b'INVITE sip:1175@h SIP/2.0\r\nCall-ID: abc@h\r\nAuthorization: Digest response="f00"\r\n\r\n'
    b"a=crypto:1 x inline:KEY\r\n"
)


async def at_once(work: Any) -> Any:
    return work()


class Captured(SynchronousTestCase):
    """On a clock, to a socket of the test."""

    def setUp(self) -> None:
        self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.receiver.close)
        self.receiver.bind((address(self).ip, 0))
        self.receiver.setblocking(False)
        self.to = "udp:{}:{}".format(*self.receiver.getsockname())
        self.clock = Clock()
        self.clock.advance(1_764_365_095.25)
        self.watching: list[Seen | None] = []
        self.capture = Capture(self.clock, at_once, lambda hop: ("198.51.100.7", 5060), self.watching.append)
        self.addCleanup(self.capture.stop)

    def got(self) -> list[Hep]:
        found = []
        while True:
            try:
                found.append(decode(self.receiver.recv(70_000)))
            except BlockingIOError:
                return found

    def test_both_ways(self) -> None:
        """What the trace sees; the time is that of the message."""
        trace = Trace(self.clock.seconds)
        self.capture.apply(HepSettings(to=self.to, agent=7))
        trace.watch = self.watching[-1]
        trace.received(INVITE, HOP, "abc@h")
        trace.sent(b"SIP/2.0 100 Trying\r\nCall-ID: abc@h\r\n\r\n", HOP)
        self.assertEqual(self.got(), [])
        self.clock.advance(0.5)
        came, went = self.got()
        self.assertEqual((came.source, came.source_port, came.target), ("192.0.2.1", 5062, "198.51.100.7"))
        self.assertEqual((went.source, went.target, went.target_port), ("198.51.100.7", "192.0.2.1", 5062))
        self.assertEqual((came.correlation, went.correlation, came.agent), (b"abc@h", b"abc@h", 7))
        self.assertEqual((came.seconds, came.microseconds), (1_764_365_095, 250_000))
        self.assertNotIn(b"f00", came.payload)
        self.assertNotIn(b"KEY", came.payload)
        self.assertTrue(came.payload.startswith(b"INVITE sip:1175@h SIP/2.0\r\nCall-ID: abc@h\r\n"))
        self.assertEqual((trace.kept, trace.size), (0, 0))

    def test_off(self) -> None:
        self.capture.apply(HepSettings())
        self.assertEqual((self.watching, self.capture.outbox), ([None], None))
        self.capture.seen(False, HOP, INVITE, b"abc@h")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_many(self) -> None:
        """Some in a turn; those that are too many are counted."""
        self.capture.apply(HepSettings(to=self.to, queue_limit=30))
        for _ in range(33):
            self.capture.seen(True, HOP, INVITE, b"abc@h")
        self.capture._send()
        self.assertEqual(len(self.got()), AT_ONCE)
        self.clock.advance(0)
        self.assertEqual(len(self.got()), 30 - AT_ONCE)
        outbox = self.capture.outbox
        assert outbox is not None
        self.assertEqual((outbox.sent, outbox.lost, self.clock.getDelayedCalls()), (30, 3, []))

    def test_large_ones(self) -> None:
        """Few in a turn: they take longer."""
        self.capture.apply(HepSettings(to=self.to))
        for _ in range(3):
            self.capture.seen(True, HOP, INVITE + b"x" * BYTES_AT_ONCE, b"abc@h")
        self.capture._send()
        self.assertEqual(len(self.got()), 1)

    def test_other_settings(self) -> None:
        """The same reader keeps its queue; what waits is sent before another one is."""
        self.capture.apply(HepSettings(to=self.to))
        outbox = self.capture.outbox
        self.capture.apply(HepSettings(to=self.to, queue_limit=50))
        self.assertIs(self.capture.outbox, outbox)
        self.capture.seen(True, HOP, INVITE, b"abc@h")
        self.capture.apply(HepSettings())
        self.assertEqual((len(self.got()), self.watching[-1]), (1, None))


class Sngrep(TestCase):
    """A whole server, calls by SIPp, and sngrep as the reader, which writes what it understood as a capture file."""

    timeout = 60

    async def test_a_call(self) -> None:
        ip = address(self).ip
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        file = folder / "calls.pcap"
        command = [shutil.which("sngrep") or "sngrep", "-F", "-N", "-q", "-L", f"udp:{ip}:9060", "-O", str(file)]
        sngrep = PeerProcess("sngrep", command, folder)
        sngrep.start()
        self.addCleanup(sngrep.stop)
        await until(lambda: sngrep.ended or _is_bound(ip, 9060), 30.0, what="sngrep", seen=sngrep.report)
        whole = WholeServer(self, f'[hep]\nto = "udp:{ip}:9060"\n[trace]\nmemory = 0\n')
        server = await whole.start(company(others=("1201", "1203")))
        await desks(Desk(whole, "1201", "uas"))
        await Sipp(self, "uac", whole.sip, caller="1203", service="1201", calls=1).run()
        await until(lambda: b"BYE" in file.read_bytes(), 30.0, what="the call in the file", seen=sngrep.report)
        await sngrep.stop()
        payloads = b"".join(_payloads(file.read_bytes()))
        for wanted in (b"REGISTER sip:", b"INVITE sip:1201@", b"SIP/2.0 180 ", b"SIP/2.0 200 ", b"BYE sip:"):
            self.assertIn(wanted, payloads)
        self.assertIn(b"Authorization: ***", payloads)
        self.assertNotIn(b'response="', payloads)
        outbox = server.capture.outbox
        assert outbox is not None
        self.assertEqual((outbox.lost, outbox.is_away), (0, False))


def _is_bound(ip: str, port: int) -> bool:
    end = "".join(f"{int(part):02X}" for part in reversed(ip.split("."))) + f":{port:04X}"
    return end in Path("/proc/net/udp").read_text()


def _payloads(data: bytes) -> list[bytes]:
    """The packets of a pcap file (libpcap, microseconds, little-endian)."""
    found, at = [], 24
    while at + 16 <= len(data):
        length = unpack("<I", data[at + 8 : at + 12])[0]
        found.append(data[at + 16 : at + 16 + length])
        at += 16 + length
    return found
