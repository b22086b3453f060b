"""One end of a connection between two processes of this server, with a short way: what is sent goes out at once.

Twisted's own end waits for the reactor's next turn with each message, and takes longer for it than who sends and who
reads.
"""

import socket
from typing import Any, ClassVar, Final

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPushProducer, IReadWriteDescriptor
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

SIZE: Final = 1 << 16
"""Octets that are read at a time: others come in between."""


@implementer(IReadWriteDescriptor)
class Link:
    """A transport over ``end``, which it closes, for the ``protocol``. A producer waits while anything is unsent."""

    log: ClassVar = Logger()
    is_plain = True
    """For the reactor (``short_ways``): what fails is not its business."""

    def __init__(self, reactor: Any, end: socket.socket, protocol: Protocol) -> None:
        end.setblocking(False)
        self._reactor = reactor
        self._end = end
        self._protocol = protocol
        self._producer: Any = None
        self._unsent = bytearray()
        self._is_open = True
        self._is_closing = False
        protocol.makeConnection(self)
        reactor.addReader(self)

    def fileno(self) -> int:
        return self._end.fileno()

    def logPrefix(self) -> str:
        return "link"

    # reading

    def doRead(self) -> None:
        try:
            data = self._end.recv(SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        try:
            self._protocol.dataReceived(data)
        except Exception:
            # What follows cannot be understood any more.
            self.log.failure("What another process of this server has said broke who reads it")
            self._lose()

    # writing

    def write(self, data: bytes) -> None:
        """Send it, never waiting. That the other end is gone is seen by reading."""
        if not self._is_open or self._is_closing:
            return
        if self._unsent:
            self._unsent += data
            return
        sent = self._send(data)
        if sent < len(data):
            self._unsent += data[sent:]
            self._reactor.addWriter(self)
            if self._producer is not None:
                self._producer.pauseProducing()

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return self._end.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)

    def doWrite(self) -> None:
        if not self._is_open:
            return
        del self._unsent[: self._send(self._unsent)]
        if self._unsent:
            return
        self._reactor.removeWriter(self)
        if self._producer is not None:
            self._producer.resumeProducing()
        if self._is_closing:
            self._lose()

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:
        self._producer = producer

    def unregisterProducer(self) -> None:
        self._producer = None

    # the end

    def loseConnection(self) -> None:
        """When all is sent."""
        if not self._is_closing:
            self._is_closing = True
            if not self._unsent:
                self._reactor.callLater(0, self._lose)

    def connectionLost(self, reason: Failure) -> None:
        """Called by the reactor, too, when the other end is gone."""
        self._lose()

    def _lose(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        self._reactor.removeReader(self)
        self._reactor.removeWriter(self)
        self._end.close()
        self._protocol.connected = 0
        self._protocol.connectionLost(Failure(ConnectionDone()))
