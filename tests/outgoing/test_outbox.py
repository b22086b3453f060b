"""Queue and wires of what is sent out, on a clock with sockets that are none."""

import errno
import socket
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from magroup.outgoing.datagrams import CONFIRM_SECONDS, DatagramWire
from magroup.outgoing.figures import OutboxCollector
from magroup.outgoing.outbox import Outbox
from magroup.outgoing.streams import CLOSING_SECONDS, HANDSHAKE_SECONDS, StreamWire, reason


class FakeSocket:
    """Takes what it is sent until ``error`` says otherwise; ``later`` is the error that the system finds out."""

    family = socket.AF_INET

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.error: OSError | None = None
        self.later = 0
        self.is_closed = False

    def send(self, data: bytes) -> None:
        if self.error is not None:
            raise self.error
        self.got.append(data)

    def getsockopt(self, level: int, option: int) -> int:
        return self.later

    def close(self) -> None:
        self.is_closed = True


class OutboxTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.outbox = Outbox("receiver", 3)
        self.said: list[str] = []
        self.patch(Outbox, "log", Said(self.said))

    def put(self, *texts: str) -> None:
        for text in texts:
            self.outbox.put(text.encode())


class Said:
    """A logger that keeps what it is told."""

    def __init__(self, said: list[str]) -> None:
        self.said = said
        self.then: Callable[[], None] = lambda: None

    def warn(self, form: str, **values: Any) -> None:
        self.said.append(form.format(**values))
        self.then()


class Datagrams(OutboxTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.sockets: list[FakeSocket] = []
        self.connecting: OSError | None = None
        self.wire = DatagramWire(self.clock, self.outbox, self.connect)

    async def connect(self) -> Any:
        if self.connecting is not None:
            raise self.connecting
        self.sockets.append(FakeSocket())
        return self.sockets[-1]

    @property
    def got(self) -> list[bytes]:
        return [data for one in self.sockets for data in one.got]

    def test_at_once(self) -> None:
        self.put("a")
        self.outbox.attach(self.wire)
        self.put("b")
        self.assertEqual((self.got, self.outbox.sent, self.outbox.lost, self.said), ([b"a", b"b"], 2, 0, []))
        self.outbox.stop()
        self.put("c")
        self.assertTrue(self.sockets[0].is_closed)
        self.assertEqual((self.got, self.clock.getDelayedCalls()), ([b"a", b"b"], []))

    def test_away_and_back(self) -> None:
        """The one before the error is lost, one is tried alone, the others follow when nothing comes back of it."""
        self.outbox.attach(self.wire)
        self.put("a")
        self.sockets[0].error = OSError(errno.ECONNREFUSED, "Connection refused")
        self.put("b")
        self.assertEqual(self.said, ["receiver is away: Connection refused; messages for it are kept"])
        self.put("c", "d", "e")
        self.assertEqual((len(self.outbox), self.outbox.lost), (3, 2))
        self.clock.advance(1)
        self.assertEqual(self.sockets[1].got, [b"c"])
        self.sockets[1].later = errno.ECONNREFUSED
        self.clock.advance(CONFIRM_SECONDS)
        self.clock.advance(1)
        self.assertEqual(len(self.sockets), 2)
        self.clock.advance(1)
        self.assertEqual(self.sockets[2].got, [b"c"])
        self.put("f")
        self.clock.advance(CONFIRM_SECONDS)
        self.assertEqual(self.sockets[2].got, [b"c", b"d", b"e", b"f"])
        self.assertEqual(self.said[1:], ["receiver is back, 2 messages for it were lost"])
        self.assertEqual((self.outbox.sent, self.outbox.lost), (4, 2))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_never_there(self) -> None:
        """Tried again with growing pauses, told once."""
        self.connecting = FileNotFoundError(errno.ENOENT, "No such file or directory")
        self.outbox.attach(self.wire)
        self.put("a", "b", "c", "d")
        for seconds in (1, 2, 4, 8, 16, 30, 30):
            (call,) = self.clock.getDelayedCalls()
            self.assertEqual(call.getTime() - self.clock.seconds(), seconds)
            self.clock.advance(seconds)
        self.assertEqual(len(self.said), 1)
        self.outbox.stop()
        self.assertEqual((self.clock.getDelayedCalls(), self.outbox.lost), ([], 1))

    def test_name_is_still_looked_up(self) -> None:
        waiting: Deferred[Any] = Deferred()

        async def connect() -> Any:
            return await waiting

        self.outbox.attach(DatagramWire(self.clock, self.outbox, connect))
        self.put("a")
        self.outbox.stop()
        self.assertEqual((self.clock.getDelayedCalls(), self.said), ([], []))

    def test_full(self) -> None:
        """Nothing waits for it: it is tried again in a moment; what was lost meanwhile is told."""
        self.outbox.attach(self.wire)
        self.sockets[0].error = BlockingIOError()
        self.put("a", "b", "c", "d")
        self.sockets[0].error = None
        self.clock.advance(0.1)
        self.assertEqual(self.got, [b"b", b"c", b"d"])
        self.assertEqual(self.said, ["receiver takes messages too slowly: 1 were lost"])

    def test_too_large(self) -> None:
        self.outbox.attach(self.wire)
        self.sockets[0].error = OSError(errno.EMSGSIZE, "Message too long")
        self.put("a")
        self.sockets[0].error = None
        self.put("b")
        self.assertEqual((self.got, self.outbox.sent, self.outbox.lost), ([b"b"], 1, 1))

    def test_what_is_said_is_a_message(self) -> None:
        """As when the log itself is what is sent."""
        Outbox.log.then = lambda: self.put(self.said[-1][:16])
        self.outbox.attach(self.wire)
        self.sockets[0].error = OSError(errno.ECONNREFUSED, "refused")
        self.put("a")
        self.clock.advance(1)
        self.clock.advance(CONFIRM_SECONDS)
        self.assertEqual(self.got, [b"a", b"receiver is away", b"receiver is back"])


class Streams(OutboxTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.asked: list[tuple[Any, Deferred[Any]]] = []

    def attach(self, is_tls: bool = False) -> None:
        def connect(protocol: Any) -> Deferred[Any]:
            waiting: Deferred[Any] = Deferred()
            self.asked.append((protocol, waiting))
            return waiting

        self.outbox.attach(StreamWire(self.clock, self.outbox, connect, is_tls))

    def connected(self) -> tuple[Any, "Transport"]:
        protocol, waiting = self.asked[-1]
        transport = Transport()
        protocol.makeConnection(transport)
        waiting.callback(None)
        return protocol, transport

    def test_frames(self) -> None:
        self.put("a", "bc")
        self.attach()
        _, transport = self.connected()
        self.put("")
        self.assertEqual(transport.value(), b"1 a2 bc0 ")

    def test_only_after_the_handshake(self) -> None:
        self.attach(is_tls=True)
        self.put("a")
        protocol, transport = self.connected()
        self.assertEqual(transport.value(), b"")
        protocol.handshakeCompleted()
        self.assertEqual(transport.value(), b"1 a")
        self.clock.advance(HANDSHAKE_SECONDS)
        self.assertEqual((transport.is_aborted, self.clock.getDelayedCalls()), (False, []))

    def test_handshake_that_does_not_end(self) -> None:
        self.attach(is_tls=True)
        protocol, transport = self.connected()
        self.clock.advance(HANDSHAKE_SECONDS)
        self.assertTrue(transport.is_aborted)
        protocol.connectionLost(Failure(OSError("aborted")))
        self.assertEqual(self.said, ["receiver is away: aborted; messages for it are kept"])
        self.clock.advance(1)
        protocol, transport = self.connected()
        self.outbox.stop()
        self.assertTrue(transport.is_aborted)
        protocol.connectionLost(Failure(OSError("gone")))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_slow_receiver(self) -> None:
        """No more is written than the connection takes."""
        self.attach()
        protocol, transport = self.connected()
        protocol.pauseProducing()
        self.put("a", "b", "c", "d")
        self.assertEqual(transport.value(), b"")
        protocol.resumeProducing()
        self.assertEqual(transport.value(), b"1 b1 c1 d")
        self.assertEqual(self.said, ["receiver takes messages too slowly: 1 were lost"])

    def test_away_and_back(self) -> None:
        self.attach()
        self.asked[0][1].errback(Failure(ConnectionRefusedError()))
        self.put("a", "b", "c", "d")
        self.clock.advance(1)
        protocol, _ = self.connected()
        protocol.connectionLost(Failure(OSError("gone")))
        self.put("e")
        self.clock.advance(0.9)
        self.assertEqual(len(self.asked), 2)
        self.clock.advance(0.1)
        _, transport = self.connected()
        self.assertEqual(transport.value(), b"1 e")
        self.assertEqual(
            self.said,
            ["receiver is away: Connection was refused by other side.; messages for it are kept",
             "receiver is back, 1 messages for it were lost", "receiver is away: gone; messages for it are kept",
             "receiver is back, 0 messages for it were lost"],
        )  # fmt: skip

    def test_stopped(self) -> None:
        """What the connection has is let out for a second."""
        self.attach()
        protocol, transport = self.connected()
        gone = self.outbox.stop()
        assert gone is not None
        self.assertTrue(transport.disconnecting)
        self.clock.advance(CLOSING_SECONDS)
        self.assertTrue(transport.is_aborted)
        self.assertNoResult(gone)
        protocol.connectionLost(Failure(OSError("gone")))
        self.assertIsNone(self.successResultOf(gone))
        self.assertEqual((self.clock.getDelayedCalls(), self.said), ([], []))

    def test_stopped_before(self) -> None:
        self.attach()
        self.assertIsNone(self.outbox.stop())
        self.outbox = Outbox("receiver", 3)
        self.attach()
        self.asked[-1][1].errback(Failure(OSError("no")))
        self.assertIsNone(self.outbox.stop())
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_reason(self) -> None:
        self.assertEqual(reason(Failure(OSError("a\nb"))), "a b")


class Transport(StringTransport):
    """With what a TCP connection has more."""

    is_aborted = False

    def abortConnection(self) -> None:
        self.is_aborted = True

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Nothing."""

    def getHandle(self) -> None:
        """Nothing."""


class Figures(SynchronousTestCase):
    def test_figures(self) -> None:
        outbox = Outbox("x", 1)
        outbox.put(b"a")
        outbox.put(b"b")
        collector = OutboxCollector({"syslog": lambda: outbox, "hep": lambda: None})
        samples = [(s.name, s.labels, s.value) for metric in collector.collect() for s in metric.samples]
        self.assertEqual(
            samples,
            [("magroup_sent_out_messages_total", {"to": "syslog", "outcome": "sent"}, 0),
             ("magroup_sent_out_messages_total", {"to": "syslog", "outcome": "lost"}, 1),
             ("magroup_sent_out_waiting", {"to": "syslog"}, 1), ("magroup_sent_out_away", {"to": "syslog"}, 0)],
        )  # fmt: skip
