"""One TCP or TLS connection, made by us or by the peer: framing, keep-alives, limits, what happens when it breaks."""

from collections import deque
from collections.abc import Callable
from typing import Any
from typing import Protocol as Form

from twisted.internet.interfaces import IHandshakeListener, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from magroup.model.clock import Clock
from magroup.sip.hop import Hop
from magroup.sip.limits import Limits
from magroup.sip.message import MessageError
from magroup.sip.stream import PING, PONG, Framer
from magroup.sip.tls import reason as reason_of

Failed = Callable[[str], None]
MOST_UNHEARD = 256


class Table(Form):
    """Who keeps the connections."""

    clock: Clock
    limits: Limits

    def opened(self, connection: "Connection") -> None: ...

    def leaving(self, connection: "Connection") -> None: ...

    def gone(self, connection: "Connection") -> None: ...

    def deliver(self, data: bytes, hop: Hop) -> bool: ...

    def refused(self, error: MessageError, hop: Hop) -> None: ...

    def pinged(self) -> None: ...

    def report(self, failed: Failed, why: str) -> None: ...


@implementer(IHandshakeListener, IPushProducer)
class Connection(Protocol):
    """``made`` is True for those made by us; ``hop`` leads to the peer; ``open`` until either side ends it."""

    def __init__(self, table: Table, hop: Hop, made: bool) -> None:
        self.hop = hop
        self.made = made
        self.open = True
        self.ready = False
        self._table = table
        self._framer = Framer(table.limits.message, table.limits.header)
        self._since = self._heard = table.clock.seconds()
        self._began: float | None = None
        self._ending: float | None = None
        self._malformed = 0
        self._waiting: list[bytes] = []
        self._full = False
        self._unsent = 0
        self._unheard: deque[Failed] = deque(maxlen=MOST_UNHEARD)
        self._end: Callable[[], None] | None = None

    # From the table

    def send(self, data: bytes, failed: Failed | None) -> None:
        """Send now, or when the connection is made.

        ``failed`` is reported when it breaks before the peer has sent anything that could be an answer.
        """
        if failed is not None:
            self._unheard.append(failed)
        if not self.ready or self._full:
            self._unsent += len(data)
            if self._unsent > self._table.limits.unsent:
                self.abort("too much waits to be sent")
                return
        if self.ready:
            self._write(data)
        else:
            self._waiting.append(data)

    def cancel_with(self, end: Callable[[], None]) -> None:
        """``end`` gives up making the connection."""
        self._end = end

    def failed(self, reason: Failure) -> None:
        """The connection could not be made."""
        self._gone(reason_of(reason))

    def check(self, now: float) -> None:
        """Called every second: what lasts too long ends."""
        limits = self._table.limits
        if self._ending is not None:
            if now - self._ending > limits.closing:
                self.abort("closing took too long")
        elif not self.ready:
            if now - self._since > (limits.connect if self.made else limits.incomplete):
                self.abort("no connection in time")
        else:
            incomplete = self._began is not None and now - self._began > limits.incomplete
            if incomplete or now - self._heard > limits.idle:
                self.close()

    def close(self) -> None:
        """Send what was given to ``send``, then end."""
        if self._ending is None and self.connected:
            self._leave()
            self._ending = self._table.clock.seconds()
            transport: Any = self.transport
            transport.unregisterProducer()
            transport.loseConnection()

    def abort(self, why: str) -> None:
        """End at once."""
        self._leave()
        self._report(why)
        if self.connected:
            transport: Any = self.transport
            transport.abortConnection()
        elif self._end is not None:
            end, self._end = self._end, None
            end()

    # From Twisted

    def connectionMade(self) -> None:
        self._end = None
        transport: Any = self.transport
        if hasattr(transport, "setTcpNoDelay"):
            transport.setTcpNoDelay(True)
            transport.setTcpKeepAlive(True)
        if self.hop.transport == "tcp":
            self.handshakeCompleted()

    def handshakeCompleted(self) -> None:
        self.ready = True
        if not self.open:
            return
        transport: Any = self.transport
        transport.registerProducer(self, True)
        self._table.opened(self)
        self._unsent = 0
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self._write(data)

    def dataReceived(self, data: bytes) -> None:
        now = self._table.clock.seconds()
        if not self.open:
            return
        self._heard = now
        if not self._full:
            self._unheard.clear()
        try:
            for message in self._framer.feed(data):
                self._began = None
                if not self._take(message):
                    return
        except MessageError as error:
            self._table.refused(error, self.hop)
            self.close()
        if not self._framer.pending:
            self._began = None
        elif self._began is None:
            self._began = now

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._gone(reason_of(reason))

    def pauseProducing(self) -> None:
        self._full = True

    def resumeProducing(self) -> None:
        self._full = False
        self._unsent = 0

    def stopProducing(self) -> None:
        """Nothing more can be written; connectionLost follows."""

    def __str__(self) -> str:
        state = "closing" if not self.open else "open" if self.ready else "connecting"
        name = f" name={self.hop.name}" if self.hop.name else ""
        return (
            f"{self.hop} {state} {'made' if self.made else 'accepted'} flow={self.hop.flow}{name}"
            f" unsent={self._unsent} malformed={self._malformed}"
        )

    def _take(self, message: bytes) -> bool:
        """Serve one message; False when the connection is not open any more."""
        if message is PING:
            self._table.pinged()
            self.send(PONG, None)
        elif not self._table.deliver(message, self.hop):
            self._malformed += 1
            if self._malformed > self._table.limits.malformed:
                self.close()
        return self.open

    def _write(self, data: bytes) -> None:
        transport: Any = self.transport
        transport.write(data)

    def _leave(self) -> None:
        if self.open:
            self.open = False
            self._table.leaving(self)

    def _report(self, why: str) -> None:
        unheard, self._unheard = self._unheard, deque()
        self._waiting.clear()
        for failed in unheard:
            self._table.report(failed, why)

    def _gone(self, why: str) -> None:
        self._end = None
        self._leave()
        self._report(why)
        self._table.gone(self)
