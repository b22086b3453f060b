"""Ringing one device: all its contacts at once, the first answer wins, redirections are followed."""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

from magroup.cti.types import Cause, Party
from magroup.sip.errors import GrammarError, phrase
from magroup.sip.headers import parse_address
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request, Response
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.timers import Timer
from magroup.switch.calling import AUTO_ANSWER
from magroup.switch.leg import Leg, Route

if TYPE_CHECKING:
    from magroup.switch.calling import Calling

ELSEWHERE: Final = 'SIP;cause=200;text="Call completed elsewhere"'
MOST_REDIRECTIONS: Final = 5
_BUSY: Final = frozenset((486, 600))
TRUNK_PATIENCE: Final = 4.0
"""Seconds in which a trunk must say something to an INVITE, where another one may take the call."""

_NO_SERVICE: Final = frozenset((502, 503, 504))
SILENT: Final = "nothing came to a call"
NO_CONNECTION: Final = "no connection for a call"


class Follow(Enum):
    """What the owner makes of a redirection: it rings there, the owner takes the call there itself, or neither."""

    RING = 1
    TAKEN = 2
    REFUSED = 3


class RingingOwner(Protocol):
    """The call for which a device rings; ``id`` is that call's."""

    @property
    def id(self) -> str: ...

    def ringing_started(self, ringing: "Ringing", status: int, sdp: bytes) -> None: ...

    def ringing_answered(self, ringing: "Ringing", leg: Leg, sdp: bytes) -> None: ...

    def ringing_failed(self, ringing: "Ringing", status: int, reason: str) -> None: ...

    def ringing_redirected(self, ringing: "Ringing", number: str) -> Follow: ...


class Ringing:
    """One device that rings for a call, from the INVITEs to its contacts until one answers or all are done."""

    __slots__ = ("_best", "_calling", "_limit", "_redirections", "_visited", "device", "diverted_from",
                 "headers", "is_pickup", "is_started", "legs", "made", "offer", "owner", "prompted", "shown_as",
                 "target", "tried")  # fmt: skip

    def __init__(
        self, owner: RingingOwner, calling: "Calling", device: str, shown_as: Party, offer: bytes,
        diverted_from: tuple[str, ...] = (), headers: dict[str, list[str]] | None = None,
    ) -> None:  # fmt: skip
        self.owner = owner
        self._calling = calling
        self.device = device
        self.target = device
        self.shown_as = shown_as
        self.offer = offer
        self.diverted_from = diverted_from
        self.headers = headers or {}
        self.legs: list[Leg] = []
        self.is_started = False
        self.is_pickup = False
        self.prompted: Leg | None = None
        self.tried: tuple[int, ...] = ()
        """The trunks that have been asked."""

        self.made: Callable[[Leg], None] | None = None
        """Told of each leg to the outside."""

        self._best = (0, "")
        self._redirections = 0
        self._visited = {device, *diverted_from}
        self._limit: Timer | None = None

    def start(self, limit: float = 0.0) -> None:
        """Send the INVITEs; the owner may hear of a failure before this returns. ``limit`` seconds, 0 for none."""
        if limit:
            self._limit = self._calling.timers.after(limit, self._timed_out)
        self._ring(self.device)

    def _ring(self, device: str) -> None:
        self.target = device
        self.tried = ()
        legs, status = self._calling.legs_to(self, device)
        self.legs.extend(legs)
        for leg in legs:
            self._invite(leg)
        if not legs and not self.legs:
            self._fail(status, phrase(status))

    def _invite(self, leg: Leg) -> None:
        self._calling.invite(self, leg)
        if leg.route is not None and leg.route.trunk:
            self.tried = (*self.tried, leg.route.trunk)
            if self._calling.has_other(self, self.target):
                self._calling.timers.after(TRUNK_PATIENCE, self._trunk_is_silent, leg)

    def _trunk_is_silent(self, leg: Leg) -> None:
        session = leg.session
        if leg not in self.legs or not isinstance(session, OutgoingSession) or not session.is_unheard:
            return
        if self._goes_on(leg, SILENT):
            self.legs.remove(leg)
            leg.hang_up()

    def _goes_on(self, leg: Leg, why: str) -> bool:
        """By another trunk than that of ``leg``, which does not take the call; ``why`` in a few words."""
        assert leg.route is not None
        self._calling.doubt(leg.route.trunk, why)
        other = self._calling.other_leg(self, self.target)
        if other is not None:
            self.legs.append(other)
            self._invite(other)
        return other is not None

    @property
    def is_prompted(self) -> bool:
        """Whether a phone is being asked to answer by itself."""
        return self.prompted in self.legs

    def prompt(self, route: Route) -> Leg:
        """Ask a contact that rings to answer by itself, by one more INVITE: its answer is the device's."""
        self.prompted = leg = self._calling.leg_on(self, route)
        self.legs.append(leg)
        self._calling.invite(self, leg, AUTO_ANSWER)
        return leg

    def stop_prompting(self, leg: Leg) -> None:
        """The phone only rings once more; what else rings goes on."""
        self.legs.remove(leg)
        leg.hang_up()
        if not self.legs:
            self._fail(*(self._best if self._best[0] else (480, phrase(480))))

    def cancel(self, reason: str = "") -> None:
        """Stop ringing; the owner hears nothing any more."""
        self._stop_limit()
        legs, self.legs = self.legs, []
        for leg in legs:
            leg.hang_up(reason)

    def _timed_out(self) -> None:
        self._limit = None
        self.cancel()
        self.owner.ringing_failed(self, 408, "No answer")

    def _stop_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _fail(self, status: int, reason: str) -> None:
        self._stop_limit()
        self.owner.ringing_failed(self, status, reason)

    # what the legs report

    def leg_progressed(self, leg: Leg, status: int, sdp: bytes) -> None:
        if status in (180, 183) and leg in self.legs and leg is not self.prompted:
            self.owner.ringing_started(self, status, sdp)

    def leg_answered(self, leg: Leg, sdp: bytes) -> None:
        if leg not in self.legs:
            leg.hang_up()
            return
        if leg.route is not None and leg.route.trunk:
            self._calling.taken(leg.route.trunk)
        if not sdp:
            # Neither answer nor offer: there is nobody to be heard (RFC 3264 section 5).
            self.legs.remove(leg)
            leg.hang_up()
            self._refused(488, phrase(488))
            return
        self._stop_limit()
        self.legs.remove(leg)
        self.cancel(ELSEWHERE)
        self.owner.ringing_answered(self, leg, sdp)

    def leg_rejected(self, leg: Leg, status: int, reason: str, response: Response) -> None:
        if leg not in self.legs:
            return
        self.legs.remove(leg)
        if leg is self.prompted and self.legs:
            # It says nothing of the call that rings at the same phone.
            return
        if 300 <= status < 400:
            status = self._redirect(response)
            if not status:
                return
            reason = phrase(status)
        if leg.route is not None and leg.route.trunk:
            why = _why_not(status, reason, response)
            if not why:
                self._calling.taken(leg.route.trunk)
            elif self._goes_on(leg, why):
                return
        self._refused(status, reason)

    def found_anew(self, was: str, route: Route) -> None:
        """The phone with the contact ``was`` has another way now: what it was sent and never came is sent by this."""
        for leg in tuple(self.legs):
            session, before = leg.session, leg.route
            if before is None or before.target != was or before.hop == route.hop:
                continue
            if isinstance(session, OutgoingSession) and session.is_unheard:
                self.legs.remove(leg)
                other = self._calling.leg_on(self, route)
                self.legs.append(other)
                leg.hang_up()
                self._invite(other)

    def trunk_gone(self, trunk: int) -> None:
        """What rings behind the trunk with this id cannot be answered any more."""
        gone = [leg for leg in self.legs if leg.route is not None and leg.route.trunk == trunk]
        for leg in gone:
            self.legs.remove(leg)
            leg.hang_up()
            if not self._goes_on(leg, SILENT):
                self._refused(503, phrase(503))

    def _refused(self, status: int, reason: str) -> None:
        """One contact is out; the device fails with the last one."""
        if status >= 600 and self.legs:
            # A 6xx speaks for the user, whatever the other phones say (RFC 3261 16.7).
            self.cancel()
        self._best = better(self._best, (status, reason))
        if not self.legs:
            self._fail(*self._best)

    def _redirect(self, response: Response) -> int:
        """Follow the first Contact of a 3xx that was not tried yet; the status of the failure where there is none.

        A line there may be forwarded, which counts as so many redirections.
        """
        try:
            contacts = [parse_address(value) for value in response.items("Contact")]
        except GrammarError:
            return 480
        status = 480
        for contact in contacts:
            number = contact.uri.number
            if not number:
                continue
            status = 482
            to = self._calling.forwarded(number)
            through = to.through if to.by else ()
            if to.is_loop or not self._visited.isdisjoint((number, *through)):
                continue
            if to.by:
                number = to.number
            if number in self._visited or self._redirections + 1 + len(through) > MOST_REDIRECTIONS:
                continue
            self._visited.update((number, *through))
            left, self.diverted_from = self.diverted_from, (*self.diverted_from, self.target, *through)
            follows = self.owner.ringing_redirected(self, number)
            if follows is Follow.RING:
                self._ring(number)
            if follows is not Follow.REFUSED:
                self._redirections += 1 + len(through)
                return 0
            self.diverted_from = left
        return status

    def leg_acknowledged(self, leg: Leg, sdp: bytes) -> None:
        """Legs that are rung are never called ones."""

    def leg_cancelled(self, leg: Leg, reason: str) -> None:
        self.leg_ended(leg, reason)

    def leg_offered(self, leg: Leg, offer: Offer) -> None:
        offer.reject(491)

    def leg_referred(self, leg: Leg, refer: IncomingRefer) -> None:
        refer.reject(603)

    def leg_informed(self, leg: Leg, request: Request, respond: Callable[[int], None]) -> None:
        respond(200)

    def leg_dialled(self, leg: Leg, digit: str) -> None:
        """Nobody listens to us before the answer."""

    def leg_ended(self, leg: Leg, cause: str) -> None:
        if leg in self.legs:
            self.legs.remove(leg)
            if not self.legs:
                self._fail(480, phrase(480))


def _why_not(status: int, reason: str, response: Response) -> str:
    """Why a trunk that has refused a call does not take it, in a few words; "" where the refusal is that of the called.

    What no switch has said is made here, without Via: a time-out, a broken transport.
    """
    if not response.headers.get("Via"):
        return SILENT if status == 408 else NO_CONNECTION
    return f"{status} {reason}" if status in _NO_SERVICE else ""


def better(one: tuple[int, str], other: tuple[int, str]) -> tuple[int, str]:
    """The failure that says more of two contacts of one line (RFC 3261 16.7): 6xx, then busy, then others."""

    def rank(status: int) -> int:
        if status == 0:
            return 9
        if status >= 600:
            return 0
        if status in _BUSY:
            return 1
        return 4 if status in (408, 480, 487, 503) else 2

    return one if rank(one[0]) <= rank(other[0]) else other


_CAUSES: Final = {
    404: Cause.INVALID_NUMBER, 410: Cause.INVALID_NUMBER, 484: Cause.INVALID_NUMBER, 408: Cause.CALL_NOT_ANSWERED,
    480: Cause.DESTINATION_OUT_OF_ORDER, 482: Cause.LOOP, 483: Cause.LOOP, 486: Cause.BUSY, 600: Cause.BUSY,
    487: Cause.CALL_CANCELLED, 488: Cause.INCOMPATIBLE_DESTINATION, 603: Cause.REJECTED, 403: Cause.REJECTED,
    500: Cause.RESOURCES_NOT_AVAILABLE, 502: Cause.NETWORK_NOT_OBTAINABLE, 503: Cause.NETWORK_CONGESTION,
    504: Cause.NETWORK_NOT_OBTAINABLE, 604: Cause.INVALID_NUMBER, 606: Cause.INCOMPATIBLE_DESTINATION,
}  # fmt: skip


def cause_of(status: int) -> Cause:
    """CSTA's cause for a SIP failure."""
    return _CAUSES.get(status, Cause.DEST_NOT_OBTAINABLE)


_STATUSES: Final = {
    Cause.BUSY: 486, Cause.NO_AVAILABLE_AGENTS: 480, Cause.DEST_NOT_OBTAINABLE: 480, Cause.INVALID_NUMBER: 404,
    Cause.DESTINATION_OUT_OF_ORDER: 480, Cause.REJECTED: 603, Cause.LOOP: 482, Cause.CALL_NOT_ANSWERED: 480,
    Cause.INCOMPATIBLE_DESTINATION: 488, Cause.RESOURCES_NOT_AVAILABLE: 503, Cause.NETWORK_CONGESTION: 503,
    Cause.SWITCHING_FUNCTION_TERMINATED: 503, Cause.DO_NOT_DISTURB: 480, Cause.TIMEOUT: 408,
}  # fmt: skip


def status_of(cause: Cause) -> int:
    """The SIP status by which a caller is refused for a CSTA cause."""
    return _STATUSES.get(cause, 480)
