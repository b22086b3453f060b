"""A call that a PBX sends back: its line that rings for a group is forwarded to the group (RFC 5806, RFC 7044)."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from magroup.model.numbers import NumberPlan
from magroup.sip.errors import GrammarError
from magroup.sip.headers import parse_address
from magroup.sip.message import Request
from magroup.switch.identity import number_of

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall


def is_coming_back(request: Request, route_point: str, calls: Iterable["SwitchCall"], plan: NumberPlan) -> bool:
    """Whether the call to ``route_point`` was diverted by a device that rings for another call at that route point."""
    diverting = {plan.canonical(number) for number in _diverting(request)}
    if not diverting:
        return False
    ringing = (device for call in calls if route_point in call.passed for device in call.ringing)
    return any(plan.canonical(device) in diverting for device in ringing)


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
