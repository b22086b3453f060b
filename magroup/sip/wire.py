"""Wires carry datagrams: the form of a wire, and the one over a UDP socket of this machine."""

import socket
from collections.abc import Callable
from socket import AF_INET, SOCK_DGRAM
from time import monotonic
from typing import Any, ClassVar, Final, Protocol

from twisted.internet.interfaces import IReadDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import classImplements

from magroup.sip.addresses import family
from magroup.sip.sockets import bound_socket, dropped, receive_stamped, set_up
from magroup.sip.waiting import MOST_NEW, MOST_OF_CALLS, MOST_PHONES, NEW, PHONES, Waiting, kind_of

log: Final = Logger(__name__)
BATCH: Final = 16
CLOSE: Final = 0.0005
"""Seconds after which the next datagrams are likely to have come while the last were worked on."""

ALONE: Final = 4
"""Times that it is not looked for another one after there was none: that takes as long as reading three headers."""

SORTED: Final = 512
"""Datagrams that are read at a time where more wait than a batch."""

CROWDED: Final = 0.05
CROWDED_SOON: Final = 0.01
"""Seconds of waiting from which on the order is another one than that in which they came; the other one where the
system gives a smaller buffer, which a burst fills by then.
"""

OF_CALLS: Final = 0.75
"""That part of the time goes to calls that are up, if they need it; the rest to what is new."""

LONGEST: Final = 0.02
"""Seconds for which a wire keeps what is to be done by the clock waiting, sound for instance."""

LARGEST: Final = 65536

Received = Callable[[bytes, str, int], None]
Refuses = Callable[[bytes, str, int], bool]
"""``received(data, host, port)``: a datagram and who sent it."""


class Readers(Protocol):
    """What is used of Twisted's IReactorFDSet and IReactorTime."""

    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any) -> Any: ...

    def addReader(self, reader: Any) -> Any: ...

    def removeReader(self, reader: Any) -> Any: ...


class Wire(Protocol):
    """One end of a datagram network, bound to ``host`` (numeric, "0.0.0.0" or "::" for all) and ``port``."""

    host: str
    port: int

    def send(self, data: bytes, host: str, port: int) -> str:
        """Send to a numeric address. "" when it is on its way, else the reason why it is not; never raises."""
        ...

    def waited(self) -> float:
        """For how many seconds what was read had waited at most, since this was asked last; 0.0: not worth telling."""
        ...

    def lost(self) -> int:
        """Datagrams that came and for which there was no room."""
        ...

    def close(self) -> None:
        """Nothing is received any more; may be called twice."""
        ...


class Network(Protocol):
    """Where wires are made: this machine's sockets, or memory."""

    def open(self, host: str, port: int, received: Received, refuses: Refuses | None = None) -> Wire:
        """A wire at ``host`` ("" all IPv4 addresses) and ``port`` (0: any). Raises CannotListenError.

        ``refuses(data, host, port)`` says of what is new and would have to wait whether it has been dealt with instead.
        """
        ...


class UdpWire:
    """A UDP socket. Reads up to ``BATCH`` datagrams each time the reactor finds some, to leave time for others.

    When there was time in between it reads one, and where there was no other a moment ago. Where more wait than
    a batch, calls go before registrations: after a restart all phones register at once, and repeat that before it is
    their turn; of what is repeated one is kept. The first of those that wait tells for how long it has.

    Where they wait for longer than ``CROWDED`` the system's buffer may soon be full, and what it drops then is as
    likely the end of a call as one more that is going to be refused. So all are read at once, and served in another
    order: what belongs to calls that are up, then what is new and is not refused at once.

    All are received into one buffer and copied: whoever keeps one would hold on to a piece of ``LARGEST`` bytes else,
    of which the rest is free, but serves for nothing as large again.
    """

    is_plain: ClassVar[bool] = True
    """See ``ShortWays``."""

    def __init__(
        self, reactor: Readers, host: str, port: int, received: Received,
        bound: socket.socket | None = None, refuses: Refuses | None = None,
    ) -> None:
        self._socket = bound or bound_socket(SOCK_DGRAM, host, port)
        self._patience = CROWDED if set_up(self._socket) else CROWDED_SOON
        self.host, self.port = self._socket.getsockname()[:2]
        self._family = self._socket.family
        self._received = received
        self._refuses = refuses
        self._reactor = reactor
        self._buffer = bytearray(LARGEST)
        self._view = memoryview(self._buffer)
        self._receive_into = self._socket.recvfrom_into
        self._send_to = self._socket.sendto
        self._idle_since = 0.0
        self._alone = 0
        self._waited = 0.0
        self._no_room = 0
        self._dropped = dropped(self._socket)
        self._longest = LONGEST
        self._name = f"UDP {self.host}:{self.port}"
        self._waiting = (Waiting(MOST_OF_CALLS), Waiting(MOST_NEW), Waiting(MOST_PHONES))
        self._later: Any = None
        reactor.addReader(self)

    def send(self, data: bytes, host: str, port: int) -> str:
        if family(host) is not self._family:
            return f"{host} is not an {'IPv4' if self._family == AF_INET else 'IPv6'} address"
        try:
            self._send_to(data, (host, port))
        except BlockingIOError:
            return "the send buffer is full"
        except (OSError, OverflowError) as error:
            return getattr(error, "strerror", None) or str(error)
        return ""

    def doRead(self) -> None:
        if self._later is not None:
            # Something was put aside.
            self._read_on()
            return
        receive, buffer, view, received = self._receive_into, self._buffer, self._view, self._received
        most = 1
        if monotonic() - self._idle_since < CLOSE:
            if self._alone:
                self._alone -= 1
            else:
                most = BATCH
        for at in range(most):
            try:
                size, address = receive(buffer)
            except OSError:
                if at <= 1:
                    self._alone = ALONE
                break
            try:
                received(bytes(view[:size]), address[0], address[1])
            except Exception:
                log.failure("A datagram from {address} broke its receiver", address=address)
        else:
            if most > 1:
                # A whole batch, and perhaps many more.
                self._read_on()
        self._idle_since = monotonic()

    def _read_on(self) -> None:
        """Take what waits, but for registrations; where it is crowded, all is only put aside."""
        calls, new, _phones = self._waiting
        began = monotonic()
        try:
            data, address, waited = self._receive_first()
        except OSError:
            return
        is_crowded = bool(calls or new or waited > self._patience)
        for at in range(SORTED):
            if at:
                try:
                    data, address = self._receive()
                except OSError:
                    break
            kind = kind_of(data)
            if is_crowded or kind == PHONES:
                # Of the others it is not asked when they came, it was not much later.
                self._put_aside(kind, data, address, began - waited)
            else:
                self._take(data, address)
            if not is_crowded and monotonic() > began + self._longest:
                break
        self._go_on()

    def _put_aside(self, kind: int, data: bytes, address: Any, came: float) -> None:
        if kind != NEW or not self._is_refused(data, address):
            self._no_room += not self._waiting[kind].put(data, address, came)

    def _is_refused(self, data: bytes, address: Any) -> bool:
        """It would be told late; but of what waits already nobody may be told anything else than what is decided then.
        """
        if self._refuses is None or self._waiting[NEW].has(data, address):
            return False
        try:
            return self._refuses(data, address[0], address[1])
        except Exception:
            log.failure("A datagram from {address} could not be refused", address=address)
            return False

    def _receive(self) -> tuple[bytes, Any]:
        """The next datagram. Raises OSError."""
        size, address = self._receive_into(self._buffer)
        return bytes(self._view[:size]), address

    def _receive_first(self) -> tuple[bytes, Any, float]:
        """The same, and for how many seconds it has waited; 0.0: that is not known."""
        size, address, waited = receive_stamped(self._socket, self._buffer)
        self._waited = max(self._waited, waited)
        return bytes(self._view[:size]), address, waited

    def waited(self) -> float:
        waited, self._waited = self._waited, 0.0
        return waited

    def lost(self) -> int:
        return self._no_room + max(0, dropped(self._socket) - self._dropped)

    def _take(self, data: bytes, address: Any) -> None:
        try:
            self._received(data, address[0], address[1])
        except Exception:
            log.failure("A datagram from {address} broke its receiver", address=address)

    def _turn(self) -> None:
        """Some of what was put aside, and then what has come meanwhile."""
        self._later = None
        calls, new, phones = self._waiting
        now = monotonic()
        now = self._serve(calls, now, now + OF_CALLS * self._longest)
        now = self._serve(new, now, now + (1.0 - OF_CALLS) * self._longest)
        until = now + self._longest
        for _ in range(BATCH):
            if not phones or monotonic() > until:
                break
            data, address, _at = phones.take()
            self._take(data, address)
        self._go_on()

    def _go_on(self) -> None:
        calls, new, phones = self._waiting
        if self._later is None and (calls or new or phones):
            self._later = self._reactor.callLater(0, self._turn)

    def _serve(self, waiting: Waiting, now: float, until: float) -> float:
        """At least one of them, and more until that time. It is ``now`` before and returned after."""
        while waiting:
            data, address, at = waiting.take()
            self._waited = max(self._waited, now - at)
            self._take(data, address)
            now = monotonic()
            if now > until:
                break
        return now

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            self._reactor.removeReader(self)
            self._socket.close()
        if self._later is not None:
            self._later.cancel()
            self._later = None
        for waiting in self._waiting:
            waiting.clear()

    def fileno(self) -> int:
        return self._socket.fileno()

    def connectionLost(self, reason: Failure) -> None:
        self._socket.close()

    def logPrefix(self) -> str:
        return self._name


# Not by a decorator: with one it would be compiled as any class of Python's.
classImplements(UdpWire, IReadDescriptor)


class UdpNetwork:
    """The UDP sockets of this machine on one reactor; ``is_shared`` as for ``bound_socket``."""

    def __init__(self, reactor: Readers, is_shared: bool = False) -> None:
        self._reactor = reactor
        self._is_shared = is_shared

    def open(self, host: str, port: int, received: Received, refuses: Refuses | None = None) -> Wire:
        bound = bound_socket(SOCK_DGRAM, host, port, True) if self._is_shared else None
        return UdpWire(self._reactor, host, port, received, bound, refuses)
