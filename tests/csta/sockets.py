"""Two protocols at the ends of a real TCP connection, whose bytes move when a test says so: no reactor, no waiting."""

import select
import socket
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

PIECE = 1009
"""Bytes that are read at once: frames come in pieces, as over a network."""


class End:
    """A transport for a protocol, by a socket."""

    disconnecting = False

    def __init__(self, link: "Link", own: socket.socket, protocol: Any) -> None:
        self._link = link
        self._socket = own
        self._unsent = bytearray()
        self.protocol = protocol
        self.is_closed = False
        self.written = 0
        self.read = 0

    def getPeer(self) -> IPv4Address:
        return IPv4Address("TCP", *self._socket.getpeername())

    def getHost(self) -> IPv4Address:
        return IPv4Address("TCP", *self._socket.getsockname())

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Nothing is held up here."""

    def unregisterProducer(self) -> None:
        """Nor let go."""

    def write(self, data: bytes) -> None:
        if not self.is_closed:
            self._unsent += data
            self.written += len(data)

    def flush(self) -> None:
        while self._unsent:
            try:
                del self._unsent[: self._socket.send(self._unsent)]
            except BlockingIOError:
                return

    def receive(self) -> bool:
        """Hand on what has come; whether there was anything."""
        try:
            data = self._socket.recv(PIECE)
        except BlockingIOError:
            return False
        if not data:
            return False
        self.read += len(data)
        self.protocol.dataReceived(data)
        return True

    def loseConnection(self) -> None:
        self.flush()
        self._link.close()

    def abortConnection(self) -> None:
        self._link.close()

    def closed(self) -> None:
        self.is_closed = True
        self._socket.close()
        self.protocol.connected = 0
        self.protocol.connectionLost(Failure(ConnectionDone()))


class Link:
    """The connection between what ``factory`` accepts and ``client``."""

    def __init__(self, factory: Any, client: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            near = socket.create_connection(listening.getsockname())
            far, address = listening.accept()
        for one in (near, far):
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = factory.buildProtocol(IPv4Address("TCP", *address))
        self.is_closing = False
        self.ends = (End(self, near, client), End(self, far, server))
        self._sockets = (near, far)
        for end in reversed(self.ends):
            end.protocol.makeConnection(end)

    def pump(self) -> bool:
        """Move bytes until all that was written has been read; whether there were any."""
        moved = False
        near, far = self.ends
        while not self.is_closing:
            for end in self.ends:
                end.flush()
            if (near.written, far.written) == (far.read, near.read):
                return moved
            moved = True
            select.select(self._sockets, [], [], 1.0)
            for end in self.ends:
                if not self.is_closing:
                    end.receive()
        self._finish()
        return moved

    def close(self) -> None:
        """Either end has closed it: both see it when bytes are moved next."""
        self.is_closing = True

    def cut(self) -> None:
        """The network is gone."""
        self.is_closing = True
        self._finish()

    def _finish(self) -> None:
        for end in self.ends:
            if not end.is_closed:
                end.closed()
