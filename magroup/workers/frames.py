"""Frames between a worker and the process that has started it: four octets of length, one that says what it is."""

from collections.abc import Callable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.basic import Int32StringReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from magroup.cluster.kept_calls import AT_ONCE, LONGEST_FORM

MESSAGE: Final = b"m"
GONE: Final = b"g"
QUESTION: Final = b"q"
ANSWER: Final = b"a"
READY: Final = b"r"
ALIVE: Final = b"l"
"""A message of the bus; the name of a worker that has ended; a question to the hub and its answer; that a worker has
started; that it lives.
"""

LONGEST: Final = AT_ONCE * (LONGEST_FORM + 1024)
"""Octets of a frame: the answer with calls that are taken is the longest."""

MOST_UNSENT = 32 << 20
"""Octets that wait for a process that does not read; messages and questions that come then are lost."""


@implementer(IPushProducer)
class Frames(Int32StringReceiver):
    """``received(kind, body)`` for each that comes, ``lost()`` when the other process has closed its end."""

    transport: Any
    MAX_LENGTH = LONGEST

    def __init__(self, received: Callable[[bytes, bytes], None], lost: Callable[[], None]) -> None:
        self.closed: Deferred[None] = Deferred()
        """Fires when all that was sent is out and the connection has ended."""
        self._received = received
        self._lost = lost
        self._is_full = False
        self._unsent = 0

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)

    def stringReceived(self, string: bytes) -> None:
        self._received(string[:1], string[1:])

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._lost()
        self.closed.callback(None)

    def send(self, kind: bytes, body: bytes = b"") -> bool:
        """False where it is lost."""
        if self.transport is None or not self.connected or len(body) >= LONGEST:
            return False
        if self._is_full and kind in (MESSAGE, QUESTION):
            self._unsent += len(body)
            if self._unsent > MOST_UNSENT:
                return False
        self.sendString(kind + body)  # type: ignore[no-untyped-call]
        return True

    def close(self) -> None:
        if self.transport is not None:
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    # what the transport says of its buffer

    def pauseProducing(self) -> None:
        self._is_full = True

    def resumeProducing(self) -> None:
        self._is_full = False
        self._unsent = 0

    def stopProducing(self) -> None:
        """The connection ends."""


class Once(Factory):
    """Gives the one protocol there is."""

    noisy = False

    def __init__(self, protocol: Frames) -> None:
        self._protocol = protocol

    def buildProtocol(self, addr: object) -> Frames:
        return self._protocol
