"""The wire of datagrams, UDP or a unix socket: nothing waits, and whether the receiver is there is found out."""

import errno
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

from twisted.internet.defer import CancelledError, Deferred

from magroup.model.clock import Clock
from magroup.outgoing.outbox import Outbox

FULL_SECONDS: Final = 0.1
CONFIRM_SECONDS: Final = 1.0
"""In which an ICMP error comes back."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


class DatagramWire:
    """``connect`` gives a connected socket that does not block, or raises OSError.

    After an error one message alone is sent; the others follow when no error comes back of it. Of those that UDP takes
    the one before an error is known to be lost.
    """

    def __init__(self, clock: Clock, outbox: Outbox, connect: Callable[[], Awaitable[socket.socket]]) -> None:
        self._clock = clock
        self._outbox = outbox
        self._connect = connect
        self._socket: socket.socket | None = None
        self._opening: Deferred[None] | None = None
        self._later: Any = None
        self._probe = b""
        self._pause = FIRST_PAUSE
        self._is_busy = False

    def start(self) -> None:
        """Open the socket."""
        self._opening = Deferred.fromCoroutine(self._open())

    def wake(self) -> None:
        """Send all that waits."""
        # What is logged here may be a message itself.
        if self._is_busy or self._socket is None or self._later is not None:
            return
        self._is_busy = True
        try:
            self._send(self._socket)
        finally:
            self._is_busy = False

    def stop(self) -> None:
        """Close it."""
        if self._opening is not None:
            self._opening.cancel()
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._close()

    async def _open(self) -> None:
        try:
            self._socket = await self._connect()
        except OSError as error:
            self._broken(error)
        except CancelledError:
            return
        self._opening = None
        self.wake()

    def _send(self, to: socket.socket) -> None:
        while (data := self._outbox.take()) is not None:
            try:
                to.send(data)
            except BlockingIOError:
                self._outbox.give_back(data)
                self._wait(FULL_SECONDS, self.wake)
                return
            except OSError as error:
                if error.errno == errno.EMSGSIZE:
                    self._outbox.lose(taken=True)
                    continue
                self._outbox.give_back(data)
                if to.family != socket.AF_UNIX and self._outbox.sent:
                    self._outbox.lose(taken=True)
                self._broken(error)
                return
            if self._outbox.is_away:
                self._probe = data
                self._wait(CONFIRM_SECONDS, self._confirm)
                return

    def _confirm(self) -> None:
        assert self._socket is not None
        probe, self._probe = self._probe, b""
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._outbox.give_back(probe)
            self._broken(OSError(code, errno.errorcode.get(code, "")))
            return
        self._pause = FIRST_PAUSE
        self._outbox.back()
        self.wake()

    def _broken(self, error: OSError) -> None:
        self._close()
        self._outbox.away(error.strerror or str(error))
        self._wait(self._pause, self.start)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        def now() -> None:
            self._later = None
            then()

        self._later = self._clock.callLater(seconds, now)


def udp(
    in_thread: Callable[[Callable[[], Any]], Awaitable[Any]], host: str, port: int
) -> Callable[[], Awaitable[socket.socket]]:  # fmt: skip
    """Connects to a host, whose name is looked up each time."""

    async def connect() -> socket.socket:
        found = await in_thread(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM))
        family, kind, protocol, _, address = found[0]
        return _connected(socket.socket(family, kind, protocol), address)

    return connect


def unix(path: str) -> Callable[[], Awaitable[socket.socket]]:
    """Connects to a socket of this machine."""

    async def connect() -> socket.socket:
        return _connected(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), path)

    return connect


def _connected(made: socket.socket, address: Any) -> socket.socket:
    try:
        made.setblocking(False)
        made.connect(address)
    except OSError:
        made.close()
        raise
    return made
