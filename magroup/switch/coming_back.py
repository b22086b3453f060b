"""A call that a PBX sends back: its line that rings for a group is forwarded to the group (RFC 5806, RFC 7044)."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from magroup.model.numbers import NumberPlan
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request
from magroup.switch.diversion import diverting, history

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
    if not ringing:
        return False
    through = {plan.canonical(number) for number in (*diverting(request), *history(request))}
    return any(plan.canonical(one.device) in through for one in ringing)


def _call_ids(ringing: "Ringing") -> Iterator[str]:
    for leg in ringing.legs:
        if isinstance(leg.session, OutgoingSession):
            yield leg.session.invite.call_id
