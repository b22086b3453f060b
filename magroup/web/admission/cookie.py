"""The cookie with a browser's session id (RFC 6265)."""

import re

from twisted.web.http import Request

_ID = re.compile(rb"[A-Za-z0-9_-]{43}")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")
MOST = 16
"""Cookies of our name that are looked at."""


class SessionCookie:
    """Its name holds the instance's: several may run on one machine, and ports make no difference to cookies.

    Over TLS it is bound to this very host by its name. ``in_frames``: other sites may show ours in a frame; browsers
    send it there only over TLS.
    """

    def __init__(self, instance: str, in_frames: bool = False) -> None:
        self._name = f"magroup-{_NOT_IN_NAMES.sub('-', instance)}"
        self._in_frames = in_frames

    def name(self, secure: bool) -> str:
        return f"__Host-{self._name}" if secure else self._name

    def read(self, request: Request, secure: bool) -> str:
        """The session id, "" where there is none, or several."""
        wanted = self.name(secure).encode()
        found: set[bytes] = set()
        for line in request.requestHeaders.getRawHeaders(b"cookie") or []:
            for pair in line.split(b";"):
                name, _, value = pair.strip().partition(b"=")
                if name == wanted and len(found) < MOST:
                    found.add(value)
        value = found.pop() if len(found) == 1 else b""
        return value.decode() if _ID.fullmatch(value) else ""

    def put(self, request: Request, id: str, secure: bool) -> None:
        """Give it to the browser, until that is closed."""
        self._send(request, f"{self.name(secure)}={id}", secure)

    def remove(self, request: Request, secure: bool) -> None:
        self._send(request, f"{self.name(secure)}=; Max-Age=0", secure)

    def _send(self, request: Request, pair: str, secure: bool) -> None:
        site = "; SameSite=None; Partitioned" if secure and self._in_frames else "; SameSite=Lax"
        text = f"{pair}; Path=/; HttpOnly{site}{'; Secure' if secure else ''}"
        request.responseHeaders.addRawHeader(b"Set-Cookie", text.encode())
