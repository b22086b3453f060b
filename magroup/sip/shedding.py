"""New requests refused at once while there are too many: 503 without a transaction (RFC 3261 8.2.7, RFC 6357)."""

from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol
from zlib import crc32

from twisted.logger import Logger

from magroup.model.clock import Clock, DelayedCall, to_beat
from magroup.sip.errors import GrammarError
from magroup.sip.glance import call_id_of, glance
from magroup.sip.headers import parse_via
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.overload import Overload
from magroup.sip.transaction import TransactionLayer, branch_key, mark_source, marked, response_hop

log: Final = Logger(__name__)
CALM: Final = 0.25
WATCHFUL: Final = 0.05
"""Seconds between two looks, and while something is refused or may be soon."""

LATE: Final = 0.5
"""So much counts what the clock itself is late: on a machine that does other things too it is when nobody waits."""

OVER_AFTER: Final = 5.0
"""Seconds without pressure after which it is over."""

WINDOW: Final = 15.0
"""Seconds: the longest wait is that of one or two of these."""

TOLD_EACH: Final = 60.0
"""Seconds between two words about what was lost."""

TRIED: Final = 0.25
"""So much more pressure it takes to refuse who was challenged and comes with credentials."""

KINDS: Final = {"INVITE": 0, "SUBSCRIBE": 1, "OPTIONS": 1, "PUBLISH": 1, "MESSAGE": 1, "REGISTER": 2}
"""In this order requests are refused; others, and what belongs to a dialog or a call that is up, never are."""

AT_A_GLANCE: Final = 0.98
"""Of calls: the others are read before they are refused, so that whoever attacks is noticed."""

_LARGEST: Final = float(1 << 32)


class Entrance(Protocol):
    """What is used of the transports. ``sheds``, where it is set, looks at all that comes before it is read."""

    sheds: Callable[[bytes, Hop], bool] | None

    def waited(self) -> float: ...

    def lost(self) -> int: ...


class Shedding:
    """Looks every now and then how long messages wait, and refuses as many new requests as it takes.

    ``entrance`` tells for how many seconds messages had to wait since it was asked last, and how many were lost as
    there was no room; that the clock itself is late counts too, by half. ``is_registered`` says of a number whether a
    phone is: its REGISTER is served.
    What is refused is decided by Call-ID: a request that is repeated, or comes again with credentials, meets the same
    fate. ``refused`` counts by method.
    """

    def __init__(
        self, layer: TransactionLayer, clock: Clock, entrance: Entrance, is_registered: Callable[[str], bool]
    ) -> None:
        self.overload = Overload(0.0)
        self.refused: Counter[str] = Counter()
        self.since: float | None = None
        """When it began, by the clock; None while there is no overload."""
        self.longest_retry = 1
        self._layer = layer
        self._clock = clock
        self._entrance = entrance
        self._is_registered = is_registered
        self._timer: DelayedCall | None = None
        self._due = 0.0
        self._pressed_at = 0.0
        self._salt = 0
        self._mark = ""
        self._seen = b""
        self._before: Counter[str] = Counter()
        self._longest = (0.0, 0.0)
        self._window_ends = 0.0
        self._lost = 0
        self._tell_at = 0.0

    def start(self) -> None:
        self._look_again(CALM)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._switch(False)

    def limit(self, target: float, longest_retry: int) -> None:
        """Other settings hold from now on: seconds that messages may wait (0.0: for ever), the longest Retry-After."""
        self.overload.target = target
        self.longest_retry = longest_retry

    @property
    def longest_wait(self) -> float:
        """Seconds, of the last 15 to 30."""
        return max(self._longest)

    @property
    def lost(self) -> int:
        """Datagrams for which there was no room, since the start."""
        return self._entrance.lost()

    @property
    def takes_all_registrations(self) -> bool:
        """Whether no REGISTER is refused."""
        return self.overload.pressure <= KINDS["REGISTER"]

    def _look_again(self, seconds: float) -> None:
        seconds = to_beat(self._clock, seconds)
        self._due = self._clock.seconds() + seconds
        self._timer = self._clock.callLater(seconds, self._look)

    def _look(self) -> None:
        now = self._clock.seconds()
        overload = self.overload
        wait = max((now - self._due) * LATE, self._entrance.waited(), 0.0)
        overload.look(now, wait)
        if not 0.0 < self._window_ends - now <= WINDOW:
            self._window_ends = now + WINDOW
            self._longest = (0.0, self._longest[0])
        self._longest = (max(self._longest[0], wait), self._longest[1])
        if overload.pressure:
            self._pressed_at = now
            if self.since is None:
                self._begin(now)
        elif self.since is not None and now - self._pressed_at >= OVER_AFTER:
            self._end(now)
        self._switch(overload.pressure > 0.0)
        if now >= self._tell_at:
            self._tell_lost(now)
        self._look_again(WATCHFUL if overload.is_watchful else CALM)

    def _tell_lost(self, now: float) -> None:
        lost = self.lost
        if lost > self._lost:
            self._tell_at = now + TOLD_EACH
            log.warn("SIP messages were lost, {count} of them: more came than the system keeps for the server (sysctl "
                     "net.core.rmem_max). Who sent them repeats them", count=lost - self._lost)  # fmt: skip
        self._lost = lost

    def _switch(self, is_on: bool) -> None:
        self._layer.sheds = self._sheds if is_on else None
        self._entrance.sheds = self._sheds_unread if is_on else None

    def _begin(self, now: float) -> None:
        self.since = now
        self._before = self.refused.copy()
        self._mark = self._layer.token()
        self._seen = self._mark.encode()
        self._salt = crc32(self._seen)
        log.warn("Overload: messages wait for {wait} ms. Some new calls get 503 until they wait less",
                 wait=round(self.overload.wait * 1000))  # fmt: skip

    def _end(self, now: float) -> None:
        refused = self.refused - self._before
        calls = refused["INVITE"]
        log.warn("The overload is over after {seconds} s: {calls} new calls and {others} other requests got 503",
                 seconds=round(self._pressed_at - (self.since or 0.0)), calls=calls,
                 others=refused.total() - calls)  # fmt: skip
        self.since = None

    def _sheds_unread(self, data: bytes, hop: Hop) -> bool:
        """Refuse a new call without reading it, and take the ACK of such a refusal; False: it is to be read."""
        if data.startswith(b"ACK "):
            return self._seen in data
        if not data.startswith(b"INVITE "):
            return False
        fate = crc32(call_id_of(data), self._salt)
        if fate / _LARGEST >= min(self.overload.pressure, AT_A_GLANCE):
            return False
        values = glance(data)
        if values is None:
            return False
        top, from_, to, call_id, cseq = values
        try:
            via = parse_via(top.decode("utf-8", "surrogateescape"))
        except GrammarError:
            return False
        key = branch_key(via, "INVITE")
        if not key or key in self._layer.servers:
            return False
        self.refused["INVITE"] += 1
        if via.host != hop.host or "rport" in via.params:
            top = marked(via, hop).encode("utf-8", "surrogateescape")
        tag, retry_after = self._told(fate)
        answer = b"".join((
            b"SIP/2.0 503 Service Unavailable\r\nVia: ", top, b"\r\nFrom: ", from_, b"\r\nTo: ", to, b";tag=",
            tag.encode(), b"\r\nCall-ID: ", call_id, b"\r\nCSeq: ", cseq, b"\r\nRetry-After: ",
            str(retry_after).encode(), b"\r\nContent-Length: 0\r\n\r\n",
        ))  # fmt: skip
        self._layer.sender.send(answer, response_hop(via, hop))
        return True

    def _sheds(self, request: Request, hop: Hop) -> bool:
        """Refuse a new request, or say that it is to be served."""
        method = request.method
        kind = KINDS.get(method)
        if kind is None:
            return False
        headers = request.headers
        pressure = self.overload.pressure
        if kind == 0:
            if "Replaces" in headers:
                kind = 1
            elif "Authorization" in headers or "Proxy-Authorization" in headers:
                pressure -= TRIED
        if pressure <= kind:
            return False
        fate = self._fate(request)
        if fate / _LARGEST >= pressure - kind or request.to.tag:
            return False
        if method == "REGISTER" and self._is_registered(request.to.uri.number):
            return False
        self.refused[method] += 1
        self._refuse(request, hop, fate)
        return True

    def _fate(self, request: Request) -> int:
        return crc32(request.call_id.encode("utf-8", "surrogateescape"), self._salt)

    def _refuse(self, request: Request, hop: Hop, fate: int) -> None:
        back = hop
        try:
            via = request.via
            back = response_hop(via, hop)
            if via.host != hop.host or "rport" in via.params:
                mark_source(request, hop)
        except GrammarError as unreadable:
            log.debug("{hop}: {error}", hop=str(hop), error=str(unreadable))
        response = request.respond(503)
        tag, retry_after = self._told(fate)
        response.headers["To"] = [f"{request.get('To')};tag={tag}"]
        response.headers["Retry-After"] = [str(retry_after)]
        self._layer.sender.send(response.encode(), back)

    def _told(self, fate: int) -> tuple[str, int]:
        """Our tag, which tells later that the ACK is for a refusal, and in how many seconds to try again."""
        return f"{fate:08x}{self._mark}", 1 + fate % self.longest_retry
