"""The range of ports: pairs, quarantine, what others have taken, the end of the range."""

import errno
import random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.memory import MemoryWires
from magroup.rtp.ports import NoPortLeft, PortError, PortPair, Ports
from magroup.rtp.wire import Address, Received, is_unspecified, numeric_address

HOST = "127.0.0.1"


def ignore(data: bytes, address: Address) -> None:
    """What comes in."""


class PortsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.wires = MemoryWires()

    def ports(self, first: int, last: int, seed: int = 1) -> Ports:
        return Ports(self.clock, self.wires, first, last, quarantine=5.0, rng=random.Random(seed))

    def open(self, ports: Ports, host: str = HOST) -> PortPair:
        return ports.open(host, ignore, ignore)

    def test_pairs(self) -> None:
        """Each is an even port and the next one; all of the range are used, none twice."""
        ports = self.ports(20001, 20011)
        pairs = [self.open(ports) for _ in range(5)]
        numbers = sorted((pair.rtp.address[1], pair.rtcp.address[1]) for pair in pairs)
        self.assertEqual(numbers, [(number, number + 1) for number in range(20002, 20011, 2)])
        self.assertEqual(ports.in_use, 5)
        error = self.assertRaises(NoPortLeft, self.open, ports)
        self.assertEqual(str(error), "no RTP port left in 20001-20011 on 127.0.0.1: 5 pairs in use, 0 resting")

    def test_random_start(self) -> None:
        ranges = [self.ports(20000 + 100 * seed, 20099 + 100 * seed, seed) for seed in range(9)]
        self.assertGreater(len({self.open(ports).rtp.address[1] % 100 for ports in ranges}), 4)

    def test_quarantine(self) -> None:
        ports = self.ports(20000, 20003)
        first, second = self.open(ports), self.open(ports)
        first.close()
        self.assertEqual(ports.in_use, 1)
        self.clock.advance(4.9)
        self.assertIn("1 pairs in use, 1 resting", str(self.assertRaises(NoPortLeft, self.open, ports)))
        self.clock.advance(0.2)
        self.assertEqual(self.open(ports).rtp.address, first.rtp.address)
        second.close()

    def test_closing_twice(self) -> None:
        """The second time gives nothing back, not even when somebody else has the ports by then."""
        ports = self.ports(20000, 20001)
        first = self.open(ports)
        first.close()
        first.close()
        self.clock.advance(6)
        second = self.open(ports)
        self.assertEqual(ports.in_use, 1)
        self.assertEqual(len(self.wires.open_wires), 2)
        second.close()
        self.assertEqual((ports.in_use, self.wires.open_wires), (0, {}))

    def test_each_address_has_its_own(self) -> None:
        ports = self.ports(20000, 20001)
        for host in ("127.0.0.1", "127.0.0.2", "::1"):
            self.assertEqual(self.open(ports, host).rtp.address[:2], (host, 20000))

    def test_taken_by_others(self) -> None:
        """A pair of which one is taken is left alone, whole."""
        self.wires.taken = {(HOST, 20000), (HOST, 20003)}
        ports = self.ports(20000, 20005)
        self.assertEqual(self.open(ports).rtp.address, (HOST, 20004))
        self.assertEqual(len(self.wires.open_wires), 2)
        self.assertIn("1 pairs in use, 2 resting", str(self.assertRaises(NoPortLeft, self.open, ports)))
        self.wires.taken = set()
        self.clock.advance(6)
        self.open(ports)
        self.open(ports)

    def test_other_errors(self) -> None:
        class Broken(MemoryWires):
            def open(self, host: str, port: int, received: Received) -> None:  # type: ignore[override]
                raise OSError(errno.EMFILE, "Too many open files")

        ports = Ports(self.clock, Broken(), 20000, 20009)
        error = self.assertRaises(PortError, self.open, ports)
        self.assertEqual(str(error), "cannot open RTP ports on 127.0.0.1: Too many open files")
        self.assertNotIsInstance(error, NoPortLeft)
        error = self.assertRaises(PortError, self.open, self.ports(20000, 20009), "phone.example")
        self.assertIn("'phone.example' is no IP address", str(error))

    def test_ranges_without_a_pair(self) -> None:
        for first, last in ((20001, 20002), (20000, 20000), (20002, 20001), (0, 10), (65000, 65536)):
            self.assertRaises(ValueError, self.ports, first, last)
        self.assertEqual(self.open(self.ports(65534, 65535)).rtcp.address[1], 65535)


class AddressTests(SynchronousTestCase):
    def test_literals(self) -> None:
        self.assertEqual(numeric_address("192.0.2.1", 4000), ("192.0.2.1", 4000))
        self.assertEqual(numeric_address("2001:DB8::0:1", 4000), ("2001:db8::1", 4000, 0, 0))

    def test_anything_else(self) -> None:
        """Names are not asked for, and whatever a session description may hold does not get through."""
        for host in ("localhost", "phone.example", "", "192.0.2.1 ", "192.0.2.256", "a" * 5000, "\ud800", "1.2.3.4\0"):
            self.assertRaises(ValueError, numeric_address, host, 4000)
        for port in (-1, 65536):
            self.assertRaises(ValueError, numeric_address, "192.0.2.1", port)

    def test_unspecified(self) -> None:
        for host, port in (("0.0.0.0", 4000), ("::", 4000), ("192.0.2.1", 0)):
            self.assertTrue(is_unspecified(numeric_address(host, port)))
        self.assertFalse(is_unspecified(numeric_address("192.0.2.1", 9)))
