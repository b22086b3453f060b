"""Wires on real sockets of the loopback, in the reactor."""

import contextlib
import errno
import os
import socket
from typing import Any

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from magroup.rtp.socket_wire import SocketWire, SocketWires
from magroup.rtp.wire import Address
from tests.rtp.kept import Kept


def open_files() -> int:
    """Sockets and epoll objects (not the pipes by which the reactor wakes itself)."""
    found = 0
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found += "pipe:" not in os.readlink(f"/proc/self/fd/{descriptor}")
    return found


def readers() -> list[Any]:
    """Those of ours that the reactor has."""
    return [reader for reader in reactor.getReaders() if isinstance(reader, SocketWires)]


class SocketWireTests(TestCase):
    def setUp(self) -> None:
        self.files = open_files()
        self.wires = SocketWires(reactor)
        self.opened: list[SocketWire] = []

    def tearDown(self) -> None:
        for wire in self.opened:
            wire.close()
        self.assertEqual(readers(), [])
        self.assertEqual(open_files(), self.files)
        self.assertEqual(self.wires.fileno(), -1)

    def open(self, ear: Any, host: str = "127.0.0.1") -> SocketWire:
        wire = self.wires.open(host, 0, ear)
        self.opened.append(wire)
        return wire

    async def test_both_families(self) -> None:
        for host in ("127.0.0.1", "::1"):
            here, there = Kept[bytes](), Kept[bytes]()
            first, second = self.open(here, host), self.open(there, host)
            first.send(b"question", second.address)
            self.assertEqual(await there.until(1), [b"question"])
            second.send(b"answer", first.address)
            self.assertEqual(await here.until(1), [b"answer"])

    async def test_one_reader(self) -> None:
        """However many there are, the reactor sees one; with the last one it goes, with the next it comes again."""
        for _ in range(2):
            ears = [Kept[bytes]() for _ in range(50)]
            wires = [self.open(ear) for ear in ears]
            self.assertEqual(readers(), [self.wires])
            for number, wire in enumerate(wires):
                wires[0].send(b"%d" % number, wire.address)
            for number, ear in enumerate(ears):
                self.assertEqual(await ear.until(1), [b"%d" % number])
            for wire in wires:
                wire.close()
                wire.close()
            self.assertEqual(readers(), [])

    async def test_closed_by_another(self) -> None:
        """One that is closed while what came for it is being handed out gets nothing any more."""
        heard: list[int] = []
        wires: list[SocketWire] = []

        def close_others(number: int) -> Any:
            def received(data: bytes, address: Address) -> None:
                heard.append(number)
                for other, wire in enumerate(wires):
                    if other != number:
                        wire.close()

            return received

        wires += [self.open(close_others(number)) for number in range(5)]
        ear = Kept[bytes]()
        sender = self.open(ear)
        for wire in wires:
            sender.send(b"x", wire.address)
        sender.send(b"x", sender.address)
        await ear.until(1)
        self.assertEqual(len(heard), 1)

    async def test_receiver_that_fails(self) -> None:
        """It is logged; this wire and the others go on."""
        ear = Kept[bytes]()

        def received(data: bytes, address: Address) -> None:
            ear(data)
            raise ZeroDivisionError

        bad, good_ear = self.open(received), Kept[bytes]()
        good = self.open(good_ear)
        for _ in range(2):
            good.send(b"x", bad.address)
        await ear.until(2)
        bad.send(b"y", good.address)
        self.assertEqual(await good_ear.until(1), [b"y"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)

    async def test_errors_when_sending(self) -> None:
        """Nobody there, too large, forbidden, another family: nothing is raised, and the wire still works."""
        ear = Kept[bytes]()
        wire, gone = self.open(ear), self.open(Kept())
        gone.close()
        for _ in range(3):
            wire.send(b"x", gone.address)
        wire.send(b"x" * 70_000, wire.address)
        wire.send(b"x", ("255.255.255.255", 9))
        wire.send(b"x", ("127.0.0.1", 0))
        self.assertEqual((wire.dropped, wire.failed), (0, 3))
        wire.send(b"still here", wire.address)
        self.assertEqual(await ear.until(1), [b"still here"])

    def test_full_buffer(self) -> None:
        class Full(socket.socket):
            def sendto(self, *arguments: Any) -> int:
                raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

        sock = Full(socket.AF_INET, socket.SOCK_DGRAM)
        wire = SocketWire(sock, Kept(), lambda wire: None)
        for _ in range(4):
            wire.send(b"x", ("127.0.0.1", 9))
        wire.close()
        self.assertEqual((wire.dropped, wire.failed), (4, 0))

    def test_after_close(self) -> None:
        wire = self.open(Kept())
        wire.close()
        wire.send(b"x", ("127.0.0.1", 9))
        self.assertEqual(wire.failed, 1)

    def test_reading_an_error(self) -> None:
        class Refused(socket.socket):
            def recvfrom(self, *arguments: Any) -> Any:
                raise ConnectionRefusedError

        sock = Refused(socket.AF_INET, socket.SOCK_DGRAM)
        ear = Kept[bytes]()
        wire = SocketWire(sock, ear, lambda wire: None)
        wire.read()
        wire.close()
        self.assertEqual(ear.things, [])

    def test_taken(self) -> None:
        wire = self.open(Kept())
        error = self.assertRaises(OSError, self.wires.open, "127.0.0.1", wire.address[1], Kept())
        self.assertEqual(error.errno, errno.EADDRINUSE)

    def test_not_ours(self) -> None:
        for host in ("192.0.2.1", "localhost", ""):
            self.assertRaises(OSError, self.wires.open, host, 0, Kept())

    def test_reactor_ends(self) -> None:
        """All sockets are closed when the reactor takes its readers down."""
        wires = [self.open(Kept()) for _ in range(3)]
        self.wires.connectionLost(None)  # type: ignore[arg-type]
        self.assertEqual(open_files(), self.files)
        for wire in wires:
            wire.close()

    def test_marked_for_telephony(self) -> None:
        """Expedited forwarding, so that routers let it pass first."""
        for host, level, option in (
            ("127.0.0.1", socket.IPPROTO_IP, socket.IP_TOS),
            ("::1", socket.IPPROTO_IPV6, socket.IPV6_TCLASS),
        ):
            wire = self.open(Kept(), host)
            self.assertEqual(wire._socket.getsockopt(level, option), 46 << 2)
