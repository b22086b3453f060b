"""A call that a PBX sends back: its line that rings for a group is forwarded to the group (RFC 5806, RFC 7044)."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from magroup.model.numbers import NumberPlan
from magroup.sip.errors import GrammarError
from magroup.sip.headers import parse_address
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request
from magroup.switch.identity import number_of

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.ringing import Ringing


def is_coming_back(request: Request, route_point: str, calls: Iterable["SwitchCall"], plan: NumberPlan) -> bool:
    """Whether the call to ``route_point`` is one that rings for that route point, or was diverted by who rings for it.

    Proxies keep the Call-ID, other switches say who diverted the call.
    """
    ringing = [one for call in calls if route_point in call.passed for one in call.ringing.values()]
    if any(request.call_id in _call_ids(one) for one in ringing):
        return True
    diverting = {plan.canonical(number) for number in _diverting(request)} if ringing else frozenset()
    return any(plan.canonical(one.device) in diverting for one in ringing)


def _call_ids(ringing: "Ringing") -> Iterator[str]:
    for leg in ringing.legs:
        if isinstance(leg.session, OutgoingSession):
            yield leg.session.invite.call_id


def _diverting(request: Request) -> Iterator[str]:
    """The numbers that sent the call on; what cannot be read is none."""
    for name in ("Diversion", "History-Info"):
        for value in request.items(name):
            try:
                number = number_of(parse_address(value).uri)
            except GrammarError:
                continue
            if number:
                yield number
