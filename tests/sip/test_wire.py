"""A UDP socket to which everybody talks at once: calls come before registrations, and repeats are left out."""

import socket
from socket import SO_RCVBUF, SOL_SOCKET
from time import monotonic
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.sockets import BUFFER
from magroup.sip.waiting import EACH, LARGEST_PHONE, NEW
from magroup.sip.wire import ALONE, BATCH, CROWDED, CROWDED_SOON, SORTED, UdpWire

MANY = BATCH + SORTED + 8
"""More than is read at a time, and no more than Linux keeps by itself."""


class Readers(Clock):
    """A reactor that reads when the test says so."""

    def turn(self) -> None:
        """Do what is due, but not what that wants to be done next."""
        due, self.calls = self.calls, []
        for call in due:
            call.called = 1
            call.func(*call.args, **call.kw)

    def addReader(self, reader: Any) -> None:
        """Nothing."""

    def removeReader(self, reader: Any) -> None:
        """Nothing."""


class SmallBuffer(socket.socket):
    """On a system that gives no more."""

    def setsockopt(self, level: int, option: int, value: Any) -> None:  # type: ignore[override]
        super().setsockopt(level, option, 8192 if option == SO_RCVBUF else value)


class Counting(socket.socket):
    """Counts how often it is asked for a datagram."""

    asked = 0

    def recvfrom_into(self, *arguments: Any) -> Any:
        self.asked += 1
        return super().recvfrom_into(*arguments)


class Storm(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Readers()
        self.heard: list[bytes] = []
        self.wire = UdpWire(self.reactor, "127.0.0.1", 0, self.hear)
        self.wire._longest = self.wire._patience = 60.0
        self.addCleanup(self.wire.close)
        self.phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.phone.bind(("127.0.0.1", 0))
        self.addCleanup(self.phone.close)

    def hear(self, data: bytes, host: str, port: int) -> None:
        self.assertEqual((host, port), self.phone.getsockname())
        self.heard.append(data)
        if data == b"REGISTER wrong":
            raise ValueError(data)

    def another(self, kind: type[socket.socket]) -> UdpWire:
        bound = kind(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setblocking(False)
        bound.bind(("127.0.0.1", 0))
        wire = UdpWire(self.reactor, "127.0.0.1", 0, self.hear, bound)
        self.addCleanup(wire.close)
        return wire

    def say(self, *messages: bytes) -> None:
        for message in messages:
            self.phone.sendto(message, ("127.0.0.1", self.wire.port))

    def read(self) -> None:
        """There was no time since the last datagram."""
        self.wire._idle_since = float("inf")
        self.wire.doRead()

    def turn(self) -> int:
        """How many were heard in one turn of the reactor."""
        before = len(self.heard)
        self.read()
        self.reactor.turn()
        return len(self.heard) - before

    def test_in_order(self) -> None:
        """As long as they are few."""
        messages = [b"REGISTER 1", b"INVITE 1", b"REGISTER 1", b"BYE 1"]
        self.say(*messages)
        self.read()
        self.assertEqual(self.heard, messages)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_no_other(self) -> None:
        """It is not looked for another one each time, where there is never one; those that come are read all the same.
        """
        with Counting(socket.AF_INET, socket.SOCK_DGRAM) as bound:
            bound.setblocking(False)
            bound.bind(("127.0.0.1", 0))
            self.wire = UdpWire(self.reactor, "127.0.0.1", 0, self.hear, bound)
            asked = []
            for number in range(2 * ALONE + 3):
                self.say(b"INVITE %d" % number)
                before = bound.asked
                self.read()
                asked.append(bound.asked - before)
            self.assertEqual(asked, [2, *[1] * ALONE, 2, *[1] * ALONE, 2])
            self.say(*[b"BYE 1"] * (BATCH + ALONE))
            for _ in range(ALONE + 1):
                self.read()
            self.assertEqual(self.heard[-BATCH - ALONE :], [b"BYE 1"] * (BATCH + ALONE))
            self.wire.close()

    def test_calls_first(self) -> None:
        """However many registrations wait; these come in their order, one of those that are alike."""
        registers = [b"REGISTER %d" % number for number in range(200)]
        self.say(*registers, *registers[100:], b"INVITE 1", *registers)
        self.assertLessEqual(self.turn(), 2 * BATCH + 1)
        self.assertEqual(self.heard[BATCH], b"INVITE 1")
        self.say(b"BYE 1", b"REGISTER new", b"ACK 1")
        before = len(self.heard)
        self.turn()
        self.assertEqual(self.heard[before : before + 2], [b"BYE 1", b"ACK 1"])
        while self.reactor.getDelayedCalls():
            self.assertLessEqual(self.turn(), BATCH)
        rest = [message for message in self.heard[BATCH:] if message.startswith(b"REGISTER ")]
        self.assertEqual(rest, [*registers[BATCH:], *registers[:BATCH], b"REGISTER new"])

    def test_no_phones(self) -> None:
        """Only what is as small as a phone's is put aside: not much can be kept by a flood."""
        large = b"REGISTER " + b"x" * LARGEST_PHONE
        self.say(*(b"REGISTER %d" % number for number in range(2 * BATCH)), large)
        self.read()
        self.assertEqual(self.heard[BATCH:], [large])

    def test_patience(self) -> None:
        """Where the system gives a small buffer it is soon at its end."""
        large = self.wire._socket.getsockopt(SOL_SOCKET, SO_RCVBUF) >= BUFFER
        found = [self.another(kind)._patience for kind in (SmallBuffer, socket.socket)]
        self.assertEqual(found, [CROWDED_SOON, CROWDED if large else CROWDED_SOON])

    def test_lost(self) -> None:
        """What the system had no room for is counted, from the beginning of this wire on."""
        self.wire.close()
        self.wire = first = self.another(SmallBuffer)
        self.assertEqual(first.lost(), 0)
        self.say(*(b"OPTIONS %d" % number for number in range(100)))
        self.assertGreater(first.lost(), 0)
        second = UdpWire(self.reactor, "127.0.0.1", 0, self.hear, first._socket.dup())
        self.addCleanup(second.close)
        self.assertEqual(second.lost(), 0)
        while self.turn():
            pass
        self.assertEqual(len(self.heard) + first.lost(), 100)
        first.close()
        self.assertEqual(first.lost(), 0)

    def test_no_room(self) -> None:
        """Nor had we."""
        self.wire._patience = -1.0
        self.wire._waiting[NEW]._room = 2 * EACH + 100
        self.say(*(b"OPTIONS %d" % number for number in range(BATCH)), b"x" * 60, b"y" * 60, b"z" * 40)
        self.turn()
        self.assertEqual((self.heard[BATCH:], self.wire.lost()), ([b"x" * 60, b"z" * 40], 1))

    def test_other_floods(self) -> None:
        """What is none of them is taken in portions, as it comes."""
        self.say(*(b"OPTIONS %d" % number for number in range(MANY)))
        self.assertEqual([self.turn(), self.turn()], [BATCH + SORTED, 8])

    def test_a_broken_one(self) -> None:
        self.say(*[b"REGISTER %d" % number for number in range(BATCH)], b"REGISTER wrong", b"REGISTER last")
        self.turn()
        self.turn()
        self.assertEqual(self.heard[-1], b"REGISTER last")
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_closed(self) -> None:
        self.say(*(b"REGISTER %d" % number for number in range(100)))
        self.read()
        self.wire.close()
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.read()
        self.assertEqual(len(self.heard), BATCH)

    def test_waited(self) -> None:
        """How long the first of those that wait has waited, told once."""
        self.assertEqual(self.wire.waited(), 0.0)
        began = monotonic()
        self.say(*(b"OPTIONS %d" % number for number in range(BATCH + 2)))
        while monotonic() - began < 0.02:
            pass
        self.read()
        waited = self.wire.waited()
        self.assertTrue(0.0 < waited <= monotonic() - began + 0.01, waited)
        self.assertEqual(self.wire.waited(), 0.0)
        self.assertEqual(len(self.heard), BATCH + 2)

    def test_crowded(self) -> None:
        """Calls that are up, then new ones in their order, each once, then phones, with time for others in between."""
        fill = [b"OPTIONS %d" % number for number in range(BATCH)]
        new = [b"INVITE 1;tag=a", b"OPTIONS new", b"CANCEL 1;tag=a"]
        up = [b"BYE 1;tag=a;tag=b", b"SIP/2.0 200 OK", b"ACK 1;tag=a;tag=b"]
        self.say(*fill, b"REGISTER 1", *new[:2], up[0], new[0], new[2], *up[1:], up[0])
        self.wire._patience = -1.0
        began = monotonic()
        self.read()
        self.assertEqual(self.heard, fill)
        self.say(b"INVITE 2;tag=a", b"SIP/2.0 180", b"REGISTER 2", new[0])
        self.wire.waited()
        while monotonic() - began < 0.02:
            pass
        self.turn()
        expected = [*fill, *up, b"SIP/2.0 180", *new, b"INVITE 2;tag=a", b"REGISTER 1", b"REGISTER 2"]
        self.assertEqual(self.heard, expected)
        self.assertTrue(0.02 <= self.wire.waited() < monotonic() - began + 0.1)
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        self.say(b"INVITE 3;tag=a", b"BYE 3;tag=a;tag=b")
        self.read()
        self.assertEqual(self.heard[len(expected) :], [b"INVITE 3;tag=a", b"BYE 3;tag=a;tag=b"])

    def test_refused_at_once(self) -> None:
        """What is new, but for what waits already: that may be served when it is its turn."""
        asked: list[bytes] = []

        def refuses(data: bytes, host: str, port: int) -> bool:
            self.assertEqual((host, port), self.phone.getsockname())
            asked.append(data)
            if data == b"INVITE wrong":
                raise ValueError(data)
            return self.is_pressed

        self.is_pressed = False
        self.wire._refuses = refuses
        self.wire._patience = -1.0
        self.say(*(b"OPTIONS %d" % number for number in range(BATCH)))
        self.say(b"INVITE 1", b"REGISTER 1", b"BYE 1;tag=a;tag=b", b"SIP/2.0 200 OK", b"INVITE wrong")
        self.read()
        self.is_pressed = True
        self.say(b"INVITE 1", b"INVITE 2")
        self.turn()
        self.assertEqual(asked, [b"INVITE 1", b"INVITE wrong", b"INVITE 2"])
        served = [b"BYE 1;tag=a;tag=b", b"SIP/2.0 200 OK", b"INVITE 1", b"INVITE wrong", b"REGISTER 1"]
        self.assertEqual(self.heard[BATCH:], served)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_crowded_for_too_long(self) -> None:
        """One of those that are up, one new, and then it is the turn of what is to be done by the clock."""
        self.wire._longest = 0.0
        self.say(*(b"OPTIONS %d" % number for number in range(BATCH + 3)), *(b"SIP/2.0 %d" % one for one in range(3)))
        self.wire._patience = -1.0
        self.read()
        self.assertEqual([self.turn() for _ in range(4)], [2, 2, 2, 0])
        self.assertEqual(self.heard[BATCH : BATCH + 2], [b"SIP/2.0 0", b"OPTIONS %d" % BATCH])

    def test_very_crowded(self) -> None:
        """More than is read at a time: none is lost."""
        said = [b"OPTIONS %d" % number for number in range(MANY)]
        self.say(*said)
        self.wire._patience = -1.0
        self.assertEqual([self.turn(), self.turn()], [BATCH + SORTED, 8])
        self.assertEqual(self.heard, said)

    def test_closed_by_what_came(self) -> None:
        self.say(*(b"OPTIONS %d" % number for number in range(BATCH + 3)))
        self.wire._patience = -1.0
        self.read()
        self.wire._received = lambda data, host, port: self.wire.close()
        self.reactor.turn()
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_not_for_too_long(self) -> None:
        """What is to be done by the clock comes in between, however many datagrams wait."""
        self.wire._longest = 0.0
        self.say(*(b"OPTIONS %d" % number for number in range(BATCH + 3)))
        self.assertEqual([self.turn(), self.turn()], [BATCH + 1, 2])
