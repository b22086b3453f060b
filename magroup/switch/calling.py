"""Calling a device: its registered contacts, or the trunk behind which it is, and the INVITE each gets."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING

from magroup.cti.switch import Forwards
from magroup.cti.types import Party
from magroup.sip.endpoint import Endpoint
from magroup.sip.headers import format_address
from magroup.sip.invite import OutgoingSession
from magroup.sip.session import Authenticator
from magroup.sip.timers import Timers
from magroup.sip.uri import sip_uri
from magroup.switch.leg import Leg, Route

if TYPE_CHECKING:
    from magroup.switch.ringing import Ringing


AUTO_ANSWER = {
    "Call-Info": ["<sip:magroup>;answer-after=0"],
    "Alert-Info": ["<http://magroup>;info=alert-autoanswer;delay=0"],
    "Answer-Mode": ["Auto"],
}


class Reach:
    """How a device is reached now: its routes; with none the status by which callers are refused.

    ``sent`` is the number that a trunk is given of one outside, "" of our lines.
    """

    __slots__ = ("routes", "sent", "status")

    def __init__(self, routes: tuple[Route, ...], status: int = 480, sent: str = "") -> None:
        self.routes = routes
        self.status = status
        self.sent = sent


Admits = Callable[["Ringing", str, str], Callable[[Leg], None] | None]
"""``admits(ringing, dialled, sent)``: see ``OutsideCalls``."""


def anybody(ringing: "Ringing", dialled: str, sent: str) -> Callable[[Leg], None]:
    """As long as nobody decides about calls to the outside."""
    return lambda leg: None


class Calling:
    """Makes and sends the INVITEs. ``reach`` finds the routes, ``authenticator`` answers a trunk's challenges.

    ``forwarded`` says where a line is forwarded to, ``outside`` who may call outside.
    """

    def __init__(
        self, endpoint: Endpoint, timers: Timers, reach: "Callable[[str, Ringing | None], Reach]",
        authenticator: Callable[[int], Authenticator | None], forwarded: Forwards,
    ) -> None:  # fmt: skip
        self._endpoint = endpoint
        self._reach = reach
        self._authenticator = authenticator
        self._origins = count(1)
        self.forwarded = forwarded
        self.outside: Admits = anybody
        self.doubt: Callable[[int, str], None] = lambda trunk_id, why: None
        """Told of a trunk that did not take a call, and why."""

        self.taken: Callable[[int], None] = lambda trunk_id: None
        """Told of a trunk that did."""

        self.timers = timers

    def next_origin(self) -> int:
        """A session id for a leg's o= lines."""
        return next(self._origins)

    def legs_to(self, ringing: "Ringing", device: str) -> tuple[list[Leg], int]:
        """A leg for each contact, none of them sent yet; without any, the status by which callers are refused."""
        reach = self._reach(device, ringing)
        if not reach.sent:
            return [self.leg_on(ringing, route) for route in reach.routes], reach.status
        made = self.outside(ringing, device, reach.sent)
        if made is None:
            return [], 403
        legs = [self.leg_on(ringing, route) for route in reach.routes]
        ringing.made = made
        for leg in legs:
            made(leg)
        return legs, reach.status

    def has_other(self, ringing: "Ringing", device: str) -> bool:
        """Whether another trunk may be tried, beside those that ``ringing`` has tried."""
        return any(route.trunk for route in self._reach(device, ringing).routes)

    def other_leg(self, ringing: "Ringing", device: str) -> Leg | None:
        """A leg on a trunk that was not tried yet, for the call that may be made already; None where there is none."""
        for route in self._reach(device, ringing).routes:
            if route.trunk:
                leg = self.leg_on(ringing, route)
                if ringing.made is not None:
                    ringing.made(leg)
                return leg
        return None

    def leg_on(self, ringing: "Ringing", route: Route) -> Leg:
        """A leg for one contact."""
        leg = Leg(ringing, ringing.device, Party(ringing.device), self.next_origin(), route)
        session = OutgoingSession(self._endpoint, leg, route.hop, ringing.device, direct=not route.routes)
        if route.trunk:
            session.authenticator = self._authenticator(route.trunk)
        leg.session = session
        return leg

    def invite(self, ringing: "Ringing", leg: Leg, more: Mapping[str, list[str]] | None = None) -> None:
        """Send the INVITE to one contact; ``more`` are headers for this one only."""
        route, session = leg.route, leg.session
        assert route is not None and isinstance(session, OutgoingSession)
        host = self._endpoint.layer.sender.shown(route.hop)[0]
        shown = ringing.shown_as
        headers = dict(ringing.headers)
        if more:
            headers.update(more)
        if shown.number:
            caller = format_address(shown.name, sip_uri(shown.number, host))
            headers["P-Asserted-Identity"] = [caller]
        else:
            caller = format_address(shown.name or "Anonymous", "sip:anonymous@anonymous.invalid")
        if ringing.diverted_from:
            headers["Diversion"] = [
                f"<{sip_uri(number, host)}>;reason=unconditional" for number in reversed(ringing.diverted_from)
            ]
            headers["History-Info"] = _history((*ringing.diverted_from, ringing.target), host)
        if route.routes:
            headers["Route"] = list(route.routes)
        to_host = route.hop.host if route.trunk else host
        to = f"<{sip_uri(ringing.target, to_host)}>"
        session.call(route.target, caller, to, leg.own(ringing.offer), headers)
        self._endpoint.trace.link(ringing.owner.id, leg.call_id)


def _history(numbers: tuple[str, ...], host: str) -> list[str]:
    """History-Info values (RFC 7044) for the numbers a call went through."""
    index, values = "", []
    for number in numbers:
        index = f"{index}.1" if index else "1"
        values.append(f"<{sip_uri(number, host)}>;index={index}")
    return values
