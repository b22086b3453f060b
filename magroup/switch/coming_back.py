"""A call that a PBX sends back: its line that rings for a group is forwarded to the group (RFC 5806, RFC 7044)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from magroup.model.numbers import NumberPlan
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request
from magroup.switch.diversion import diverting, history
from magroup.switch.identity import outside_caller

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.ringing import Ringing


def is_coming_back(request: Request, route_point: str, calls: Iterable["SwitchCall"], plan: NumberPlan) -> bool:
    """Whether the call to ``route_point`` is one that rings for that route point, or was diverted by who rings for it.

    Proxies keep the Call-ID, other switches say who diverted the call. Another caller may be diverted by the same line.
    """
    ringing = [(call, one) for call in calls if route_point in call.passed for one in call.ringing.values()]
    if any(request.call_id in _call_ids(one) for _, one in ringing):
        return True
    if not ringing:
        return False
    through = {plan.canonical(number) for number in (*diverting(request), *history(request))}
    caller = plan.canonical(outside_caller(request)[0])
    return any(plan.canonical(one.device) in through and _may_be(caller, call, one, plan) for call, one in ringing)


def _may_be(caller: str, call: "SwitchCall", ringing: "Ringing", plan: NumberPlan) -> bool:
    """Whether a caller may be that of a call, as it is or as the ringing phone shows it; one who is withheld may."""
    numbers = {plan.canonical(party.number) for party in (call.snapshot.calling, ringing.shown_as)}
    return not caller or "" in numbers or caller in numbers


def _call_ids(ringing: "Ringing") -> list[str]:
    return [leg.session.invite.call_id for leg in ringing.legs if isinstance(leg.session, OutgoingSession)]
