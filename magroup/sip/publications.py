"""The event state compositor: what phones publish, each publication known by its entity tag (RFC 3903 section 6)."""

from collections.abc import Callable
from itertools import islice
from typing import Any, Protocol

from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.event import Authorize, Flood, Limits, bad_event, granted, read_event
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import ServerTransaction
from magroup.sip.timers import Timer

DEFAULT_LIMITS = Limits()
LARGEST_BODY = 16 << 10


class Compositor(Protocol):
    """Takes what is published of one event package. ``key`` is the same for all that a publication says."""

    name: str
    content_type: str
    expires: int

    def read(self, body: bytes) -> Any:
        """The state in a body. Raises SipError(400)."""
        ...

    def published(self, line: str, key: str, state: Any) -> None: ...

    def withdrawn(self, line: str, key: str) -> None:
        """The phone took it back, or has not refreshed it in time."""
        ...


class _Publication:
    """``tag`` changes with each request, ``key`` never."""

    __slots__ = ("compositor", "expiry", "key", "line", "tag")

    def __init__(self, compositor: Compositor, line: str, key: str) -> None:
        self.compositor = compositor
        self.line = line
        self.key = key
        self.tag = ""
        self.expiry: Timer | None = None


class Publications:
    """Serves PUBLISH. ``own(number, line)`` tells whether a number is the line's own: nobody speaks for others."""

    def __init__(
        self, endpoint: Endpoint, now: Callable[[], float], authorize: Authorize, own: Callable[[str, str], bool],
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:  # fmt: skip
        self.compositors: dict[str, Compositor] = {}
        self._endpoint = endpoint
        self._now = now
        self._authorize = authorize
        self._own = own
        self._limits = limits
        self._flood = Flood(4 * limits.publications + 50)
        self._by_tag: dict[str, _Publication] = {}
        self._of_line: dict[str, list[_Publication]] = {}

    def __len__(self) -> int:
        """How many publications there are."""
        return len(self._by_tag)

    def limit(self, limits: Limits) -> None:
        """Other limits hold from now on; publications that are there stay."""
        self._limits = limits

    def add(self, compositor: Compositor) -> None:
        """Take what is published of this package from now on."""
        self.compositors[compositor.name] = compositor

    def request(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """A PUBLISH. Raises SipError; nothing has changed then."""
        if self._flood.refuses(transaction, request, hop, self._now()):
            return
        name, _ = read_event(request)
        compositor = self.compositors.get(name)
        if compositor is None:
            raise bad_event(self.compositors)
        line = self._authorize(request, hop)
        if not self._own(request.uri.number, line):
            raise SipError(403)
        known = self._conditional(request, line, compositor)
        seconds = granted(request, compositor.expires, self._limits)
        state = self._read(request, compositor)
        if known is None and state is None:
            raise SipError(400, "A body is needed")
        publication = known or _Publication(compositor, line, self._endpoint.layer.token())
        self._take(publication, seconds)
        response = request.respond(200, to_tag=self._endpoint.layer.token())
        response.headers |= {
            "SIP-ETag": [publication.tag],
            "Expires": [str(seconds)],
            "Server": [self._endpoint.agent],
        }
        transaction.respond(response)
        if not seconds:
            if known is not None:
                compositor.withdrawn(line, publication.key)
        elif state is not None:
            compositor.published(line, publication.key, state)

    def _conditional(self, request: Request, line: str, compositor: Compositor) -> _Publication | None:
        """The publication that SIP-If-Match names, None without that header. Raises SipError: 400, 412."""
        tags = request.headers.get("SIP-If-Match", [])
        if not tags:
            return None
        if len(tags) > 1 or "," in tags[0]:
            raise SipError(400, "One SIP-If-Match is allowed")
        known = self._by_tag.get(tags[0])
        if known is None or (known.line, known.compositor) != (line, compositor):
            raise SipError(412)
        return known

    def _read(self, request: Request, compositor: Compositor) -> Any:
        if not request.body:
            return None
        if request.content_type != compositor.content_type:
            raise SipError(415, headers={"Accept": compositor.content_type})
        if request.get("Content-Encoding").strip().lower() not in ("", "identity"):
            raise SipError(415, headers={"Accept-Encoding": "identity"})
        if len(request.body) > LARGEST_BODY:
            raise SipError(413)
        return compositor.read(request.body)

    def _take(self, publication: _Publication, seconds: int) -> None:
        """A new tag for it, or the end of it; of too many of a line the oldest makes room."""
        self._remove(publication)
        publication.tag = self._endpoint.layer.token()
        if not seconds:
            return
        mine = self._of_line.get(publication.line, [])
        if len(mine) >= self._limits.publications:
            self._expired(mine[0])
        self._of_line.setdefault(publication.line, []).append(publication)
        self._by_tag[publication.tag] = publication
        publication.expiry = self._endpoint.layer.timers.after(seconds, self._expired, publication)

    def _remove(self, publication: _Publication) -> None:
        self._by_tag.pop(publication.tag, None)
        if publication.expiry is not None:
            publication.expiry.cancel()
            publication.expiry = None
        mine = self._of_line.get(publication.line)
        if mine is not None:
            if publication in mine:
                mine.remove(publication)
            if not mine:
                del self._of_line[publication.line]

    def _expired(self, publication: _Publication) -> None:
        self._remove(publication)
        publication.compositor.withdrawn(publication.line, publication.key)

    def forget_line(self, number: str) -> None:
        """A line is gone or has another secret: what its phones said counts no more."""
        for publication in tuple(self._of_line.get(number, ())):
            self._expired(publication)

    def describe(self, most: int | None = None) -> list[str]:
        """One line per publication, for the debug dump; no more than ``most`` of them."""
        return [f"{one.compositor.name} of {one.line} {tag}" for tag, one in islice(self._by_tag.items(), most)]
