"""What SUBSCRIBE and PUBLISH have in common: the Event header, the time asked for, floods (RFC 6665, RFC 3903)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from magroup.sip.errors import SipError
from magroup.sip.headers import parse_params
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import ServerTransaction

Authorize = Callable[[Request, Hop], str]
"""The number of the line that sent a request. Raises SipError: 401 with challenges, 403."""

LONGEST_ID = 64
WINDOW = 10.0
"""Seconds over which requests of one sender are counted."""
MOST_SENDERS = 10_000


@dataclass(frozen=True)
class Limits:
    """Seconds granted, least and most; subscriptions in all and of one line, publications of one line."""

    shortest: int = 60
    longest: int = 3600
    total: int = 20_000
    of_line: int = 250
    publications: int = 10


def read_event(request: Request) -> tuple[str, str]:
    """The package in lower case and the id parameter of the Event header. Raises SipError."""
    values = request.headers.get("Event", [])
    if len(values) > 1:
        raise SipError(400, "One Event is needed")
    name, semicolon, rest = (values[0] if values else "").partition(";")
    event_id = parse_params(semicolon + rest).get("id", "") if rest else ""
    if len(event_id) > LONGEST_ID:
        raise SipError(400, "Event id too long")
    return name.strip().lower(), event_id


def bad_event(packages: Iterable[str]) -> SipError:
    """For a package that nobody knows here (RFC 6665 section 4.2.1.2)."""
    return SipError(489, headers={"Allow-Events": ", ".join(packages)})


def granted(request: Request, default: int, limits: Limits) -> int:
    """Seconds that a request gets, 0 to end it. Raises SipError(423)."""
    expires = request.number("Expires")
    if expires is None:
        if request.get("Expires"):
            raise SipError(400, "Bad Expires")
        expires = default
    if 0 < expires < limits.shortest:
        raise SipError(423, headers={"Min-Expires": str(limits.shortest)})
    return min(expires, limits.longest)


class Flood:
    """Counts requests by sender: a phone that subscribes over and over is refused before it costs anything."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._since = 0.0
        self._counts: dict[tuple[str, str], int] = {}

    def refuses(self, transaction: ServerTransaction, request: Request, hop: Hop, now: float) -> bool:
        """Whether this is one more than a sender may send within the window: it is refused and not remembered."""
        if not 0 <= now - self._since < WINDOW or len(self._counts) >= MOST_SENDERS:
            self._since = now
            self._counts.clear()
        sender = (hop.host, request.from_.uri.user[:LONGEST_ID])
        count = self._counts[sender] = self._counts.get(sender, 0) + 1
        if count <= self.most:
            return False
        transaction.reject(503, headers={"Retry-After": str(round(WINDOW))})
        transaction.terminate()
        return True
