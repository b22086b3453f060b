"""What holds for every request before a page sees it: sizes, header fields of the answer, a sane path and Host."""

import re
from collections.abc import Callable
from typing import Any, AnyStr, cast

from twisted.internet.interfaces import IAddress, IProtocol, IReactorTime
from twisted.internet.protocol import Protocol
from twisted.web import http, server
from twisted.web.resource import IResource

SECURITY_HEADERS = {
    b"Content-Security-Policy": b"default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"X-Content-Type-Options": b"nosniff",
    b"X-Frame-Options": b"DENY",
    b"Referrer-Policy": b"same-origin",
    b"Cross-Origin-Opener-Policy": b"same-origin",
    b"Cross-Origin-Resource-Policy": b"same-origin",
    b"Server": b"magroup",
}
"""Header fields of every answer; a page that may do more replaces one."""

_LABEL = rb"[A-Za-z0-9_-]{1,63}"
_HOST = re.compile(rb"(?:(?:%b\.){0,126}%b\.?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z" % (_LABEL, _LABEL))
_CASELESS = (b"applications", b"logonpage.asp")
_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\n%bContent-Length: 0\r\nConnection: close\r\n\r\n" % b"".join(
    b"%b: %b\r\n" % header for header in SECURITY_HEADERS.items()
)


class Request(server.Request):
    """A request whose body is refused with 413, and the connection closed, as soon as it is known to be too large.

    ``user_name`` is who made it, "" where nobody has logged in; ``begun`` when it was there as a whole.
    """

    refused = False
    user_name = ""
    begun = 0.0
    _received = 0
    _limit = 0
    _is_secure: bool | None = None

    def isSecure(self) -> bool:
        """Asked many times; to find it out takes a while."""
        if self._is_secure is None:
            self._is_secure = bool(super().isSecure())  # type: ignore[no-untyped-call]
        return self._is_secure

    def getHeader(self, key: AnyStr) -> AnyStr | None:
        """As Twisted's, which fails for texts where the client has sent no UTF-8: what cannot be read is U+FFFD."""
        if isinstance(key, bytes):
            return super().getHeader(key)
        value = super().getHeader(key.encode("ascii"))
        return value.decode("utf-8", "replace") if value is not None else None

    def gotLength(self, length: int | None) -> None:
        # The path becomes the request's own only when the body is there; the header fields are there now.
        site: Site = cast(Any, self.channel).site
        self._limit = site.body_limit(self, getattr(self.channel, "_path", b""))
        too_large = length is not None and length > self._limit
        super().gotLength(0 if too_large else length)  # type: ignore[no-untyped-call]
        if too_large:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if self.refused:
            return
        if self._received > self._limit:
            self._refuse()
        else:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        if not self.refused:
            # Twisted would take a second for a form of 1 MiB, which calls do not have: pages read forms themselves.
            self._parsePOSTFormSubmission = False
            super().requestReceived(command, path, version)  # type: ignore[no-untyped-call]

    def _refuse(self) -> None:
        self.refused = True
        self.requestHeaders.removeHeader(b"expect")
        channel = cast(Any, self.channel)
        channel.write(_TOO_LARGE)
        channel.loseConnection()


Admitted = Callable[[IProtocol, IAddress | None], Protocol]


class Site(server.Site):
    """The site around ``resource``. ``body_limit`` gives the largest body in bytes for a request and its path as it was
    sent, when its header fields are there.

    ``answered`` hears of each request that is answered, and the seconds it took. ``admitted`` gives what speaks on a
    connection: what it is handed, or something around it or in its place. ``secure`` says whether a client speaks TLS.
    """

    noisy = False

    def _updateLogDateTime(self) -> None:
        """Each second, for lines that are not written: see ``log``."""

    def __init__(
        self,
        resource: IResource,
        bad_request: IResource,
        body_limit: Callable[[Request, bytes], int],
        reactor: IReactorTime,
        answered: Callable[[Request, float], None],
        admitted: Admitted,
        secure: Callable[[Request], bool],
    ) -> None:
        super().__init__(resource, requestFactory=Request, timeout=60, reactor=reactor)  # type: ignore[no-untyped-call]
        self.body_limit = body_limit
        self._bad_request = bad_request
        self._answered = answered
        self._clock = reactor
        self._admitted = admitted
        self._secure = secure

    def buildProtocol(self, address: IAddress | None) -> Any:
        protocol: Any = super().buildProtocol(address)  # type: ignore[no-untyped-call]
        return self._admitted(protocol, address)

    def getResourceFor(self, request: server.Request) -> Any:
        cast(Request, request).begun = cast(Any, self._clock).seconds()
        for name, value in SECURITY_HEADERS.items():
            request.setHeader(name, value)
        if self._secure(cast(Request, request)):
            request.setHeader(b"Strict-Transport-Security", b"max-age=31536000")
        if not is_sane(request):
            return self._bad_request
        request.postpath = folded(request.postpath or [])
        return super().getResourceFor(request)  # type: ignore[no-untyped-call]

    def log(self, request: http.Request) -> None:
        """Called by Twisted when an answer is written."""
        asked = cast(Request, request)
        self._answered(asked, max(0.0, cast(Any, self._clock).seconds() - asked.begun))


def is_sane(request: server.Request) -> bool:
    """Whether the path is UTF-8 without control characters and there is at most one Host, which looks like one."""
    hosts = request.requestHeaders.getRawHeaders(b"host") or []
    if len(hosts) > 1 or not all(_HOST.match(host) for host in hosts):
        return False
    try:
        return all(segment.decode().isprintable() for segment in request.postpath or [])
    except UnicodeDecodeError:
        return False


def folded(path: list[bytes]) -> list[bytes]:
    """``path`` in lower case where the site's addresses are case-insensitive: clients were written against such."""
    if path and path[0].lower() in _CASELESS:
        return [segment.decode().lower().encode() for segment in path]
    return path
