"""Connections between processes of this server, over real pairs of sockets: what is sent, how it is cut, its end."""

import socket
from typing import Any

from hypothesis import given
from hypothesis import strategies as some
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from magroup.workers import frames
from magroup.workers.frames import ALIVE, ANSWER, LONGEST, MESSAGE, Frames
from magroup.workers.link import Link
from tests.workers.turns import Turns


class Heard(Protocol):
    """Writes down what comes, and what it is told of the buffer."""

    transport: Any

    def __init__(self) -> None:
        self.data = b""
        self.told: list[str] = []
        self.fails = False

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        if self.fails:
            raise ZeroDivisionError
        self.data += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.told.append("lost")

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")


class Ends(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Turns()
        here, self.socket = socket.socketpair()
        self.addCleanup(self.socket.close)
        self.socket.setblocking(False)
        self.heard = Heard()
        self.link = Link(self.reactor, here, self.heard)
        self.addCleanup(self.link.connectionLost, connectionDone)

    def read_all(self) -> bytes:
        """What comes out of the other end while the reactor turns."""
        found = b""
        while True:
            self.reactor.turn()
            try:
                found += self.socket.recv(1 << 20)
            except BlockingIOError:
                return found

    def test_at_once(self) -> None:
        """Nobody waits for the reactor."""
        self.link.write(b"one")
        self.link.write(b"two")
        self.assertEqual(self.socket.recv(10), b"onetwo")
        self.assertEqual((self.reactor.writers, self.heard.told), ({}, []))

    def test_read(self) -> None:
        self.socket.send(b"one")
        self.reactor.turn()
        self.socket.send(b"two")
        self.reactor.turn()
        self.assertEqual(self.heard.data, b"onetwo")

    def test_who_does_not_read(self) -> None:
        """What cannot go out waits, in order, and is sent when there is room again; the producer is told of both."""
        pieces = [bytes([at]) * 100_000 for at in range(20)]
        for piece in pieces:
            self.link.write(piece)
        self.assertEqual((list(self.reactor.writers), self.heard.told), ([self.link], ["pause"]))
        self.assertEqual(self.read_all(), b"".join(pieces))
        self.assertEqual((self.reactor.writers, self.heard.told), ({}, ["pause", "resume"]))
        self.link.write(b"more")
        self.assertEqual(self.read_all(), b"more")

    def test_closed(self) -> None:
        """All that was sent before comes, nothing after it."""
        self.link.write(b"x" * 1_000_000)
        self.link.loseConnection()
        self.link.write(b"too late")
        self.assertEqual(self.heard.told, ["pause"])
        found = b""
        while self.heard.told[-1] != "lost":
            self.reactor.turn()
            found += self.socket.recv(1 << 20)
        self.socket.setblocking(True)
        while more := self.socket.recv(1 << 20):
            found += more
        self.assertEqual(found, b"x" * 1_000_000)
        self.assertEqual((self.reactor.readers, self.reactor.writers), ({}, {}))

    def test_closed_with_nothing_to_send(self) -> None:
        """Not before who closes it has gone on; and once."""
        self.link.loseConnection()
        self.link.loseConnection()
        self.assertEqual(self.heard.told, [])
        self.reactor.advance(0)
        self.link.connectionLost(connectionDone)
        self.assertEqual((self.heard.told, self.socket.recv(10)), (["lost"], b""))

    def test_the_other_end_is_gone(self) -> None:
        """It is seen by reading, after what it has said last; who writes meanwhile notices nothing."""
        self.socket.send(b"last words")
        self.socket.close()
        self.link.write(b"nobody hears it")
        self.assertEqual(self.heard.told, [])
        self.reactor.turn()
        self.assertEqual((self.heard.data, self.heard.told), (b"last words", ["lost"]))
        self.link.write(b"nobody hears it either")
        self.link.doWrite()
        self.assertEqual((self.reactor.readers, self.heard.told), ({}, ["lost"]))

    def test_the_other_end_is_gone_with_much_unsent(self) -> None:
        self.link.write(b"x" * 1_000_000)
        self.socket.close()
        self.reactor.turn()
        self.assertEqual((self.heard.told[-1], self.reactor.readers, self.reactor.writers), ("lost", {}, {}))

    def test_who_breaks(self) -> None:
        """What follows cannot be understood: the connection ends, and the log says why."""
        self.heard.fails = True
        self.socket.send(b"one")
        self.reactor.turn()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual((self.heard.told, self.socket.recv(10)), (["lost"], b""))


class Cut(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Turns()
        here, there = socket.socketpair()
        self.got: list[tuple[bytes, bytes]] = []
        self.lost = 0
        self.frames = Frames(lambda kind, body: self.got.append((kind, body)), self.is_lost)
        self.other = Frames(lambda kind, body: None, lambda: None)
        for end, one in ((here, self.frames), (there, self.other)):
            link = Link(self.reactor, end, one)
            self.addCleanup(link.connectionLost, connectionDone)

    def is_lost(self) -> None:
        self.lost += 1

    def test_each_as_it_was_sent(self) -> None:
        sent = [(ALIVE, b""), (MESSAGE, b"one"), (ANSWER, b"x" * 1_000_000), (MESSAGE, b"two")]
        for kind, body in sent:
            self.assertTrue(self.other.send(kind, body))
        self.reactor.turn()
        self.assertEqual(self.got, sent)

    @given(
        some.lists(some.tuples(some.sampled_from([ALIVE, MESSAGE]), some.binary(max_size=20)), max_size=5),
        some.data(),
    )
    def test_wherever_it_is_cut(self, sent: list[tuple[bytes, bytes]], data: Any) -> None:
        self.got.clear()
        stream = b"".join((len(body) + 1).to_bytes(4, "big") + kind + body for kind, body in sent)
        cuts = sorted(data.draw(some.lists(some.integers(0, len(stream)), max_size=8)))
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            self.frames.dataReceived(stream[start:end])
        self.assertEqual(self.got, sent)

    def test_what_is_no_frame(self) -> None:
        """Nothing of it is kept in memory; the connection ends."""
        for length in (0, LONGEST + 1, 0xFFFFFFFF):
            self.setUp()
            self.other.transport.write(length.to_bytes(4, "big") + b"x" * 100)
            self.reactor.turn()
            self.assertEqual((self.got, self.lost), ([], 1))
            self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
            self.assertFalse(self.frames.send(MESSAGE, b"more"))

    def test_the_longest(self) -> None:
        self.assertTrue(self.other.send(MESSAGE, b"x" * (LONGEST - 1)))
        self.assertFalse(self.other.send(MESSAGE, b"x" * LONGEST))
        self.reactor.turn()
        self.assertEqual([(kind, len(body)) for kind, body in self.got], [(MESSAGE, LONGEST - 1)])

    def test_who_does_not_read(self) -> None:
        """No more than so much waits; what comes after is lost, but for answers."""
        self.patch(frames, "MOST_UNSENT", 1_000_000)
        sent = [self.other.send(MESSAGE, b"x" * 100_000) for _ in range(30)]
        self.assertTrue(all(sent[:10]))
        self.assertFalse(any(sent[15:]))
        self.assertTrue(self.other.send(ANSWER, b"yes"))
        self.reactor.turn()
        self.assertEqual((len(self.got), self.got[-1]), (sum(sent) + 1, (ANSWER, b"yes")))
        self.assertTrue(self.other.send(MESSAGE, b"more"))
