"""Frames between a worker and the process that has started it: four octets of length, one that says what it is."""

import struct
from collections.abc import Callable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
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

_HEAD: Final = struct.Struct("!Ic")
_LENGTH: Final = struct.Struct("!I")


@implementer(IPushProducer)
class Frames(Protocol):
    """``received(kind, body)`` for each that comes, ``lost()`` when the other process has closed its end."""

    transport: Any

    def __init__(self, received: Callable[[bytes, bytes], None], lost: Callable[[], None]) -> None:
        self.closed: Deferred[None] = Deferred()
        """Fires when all that was sent is out and the connection has ended."""
        self._received = received
        self._lost = lost
        self._is_full = False
        self._unsent = 0
        self._rest = bytearray()
        self._wanted = 0

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted:
                return
            data, self._rest = bytes(self._rest), bytearray()
        at, size = 0, len(data)
        while at < size:
            self._wanted = _LENGTH.size
            if size - at >= _LENGTH.size:
                length: int = _LENGTH.unpack_from(data, at)[0]
                if not 0 < length <= LONGEST:
                    raise ValueError("What comes from another process of this server is no frame")
                self._wanted += length
            if size - at < self._wanted:
                self._rest += data[at:]
                return
            start, at = at + _HEAD.size, at + self._wanted
            self._received(data[start - 1 : start], data[start:at])

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._lost()
        self.closed.callback(None)

    def send(self, kind: bytes, body: bytes = b"") -> bool:
        """False where it is lost."""
        if not self.connected or len(body) >= LONGEST:
            return False
        if self._is_full and kind in (MESSAGE, QUESTION):
            self._unsent += len(body)
            if self._unsent > MOST_UNSENT:
                return False
        self.transport.write(_HEAD.pack(len(body) + 1, kind) + body)
        return True

    def close(self) -> None:
        if self.connected:
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
