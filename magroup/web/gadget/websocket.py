"""WebSockets on the site's own connections (RFC 6455): what a gadget sees of one, and who gets one."""

from typing import TYPE_CHECKING, Any, Protocol

from twisted.web.http import Request

from magroup.web.on_first_use import OnFirstUse
from magroup.web.sounds import InThread

if TYPE_CHECKING:
    from magroup.web.gadget.sockets import Sockets


class Socket(Protocol):
    """An open WebSocket."""

    def send(self, text: bytes) -> None:
        """Send a message, UTF-8; nothing happens where the socket is closed."""
        ...

    def ping(self) -> None: ...

    def close(self) -> None:
        """Send what is to be sent, then close."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Talker(Protocol):
    """Who speaks on a WebSocket. ``paused`` says that the client does not read what was sent, or does again.

    ``lost`` says whether the client broke the rules: what it sent was no message, or too large a one.
    """

    def opened(self, socket: Socket) -> None: ...

    def received(self, text: bytes) -> None: ...

    def pong(self) -> None: ...

    def paused(self, is_paused: bool) -> None: ...

    def lost(self, broke_rules: bool) -> None: ...


class WebSockets:
    """Those of one address with one subprotocol. Who connects has been admitted before."""

    def __init__(self, subprotocol: str, clock: Any, in_thread: InThread) -> None:
        self.subprotocol = subprotocol

        def load() -> "Sockets":
            from magroup.web.gadget.sockets import Sockets

            return Sockets(subprotocol, clock)

        self._sockets = OnFirstUse(load, in_thread)

    def is_wanted(self, request: Request) -> bool:
        """Whether the request is the handshake of a WebSocket that speaks the subprotocol."""
        offered = b",".join(request.requestHeaders.getRawHeaders(b"sec-websocket-protocol") or [])
        names = [name.strip() for name in offered.split(b",")]
        upgrade = (request.requestHeaders.getRawHeaders(b"upgrade") or [b""])[0]
        return upgrade.strip().lower() == b"websocket" and self.subprotocol.encode() in names

    async def sockets(self) -> "Sockets":
        """What takes connections over."""
        return await self._sockets.get()
