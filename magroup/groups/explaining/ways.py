"""What the dry run asks the switch: what is at a number, how long a sound lasts."""

from typing import Protocol

from magroup.model.standing import Way, WayKind
from magroup.policy import Callee, Outcome


class Ways(Protocol):
    """Answers are those of this moment."""

    def way(self, number: str) -> Way: ...

    def seconds_of(self, sound: str) -> float: ...


def outcome_of(ways: Ways, callee: Callee) -> Outcome:
    """What comes of ringing somebody when nobody answers."""
    way = ways.way(callee.number)
    if way.is_reached:
        return Outcome.NO_ANSWER
    return Outcome.DECLINED if way.kind is WayKind.LINE and way.is_undisturbed else Outcome.FAILED


def how(way: Way) -> str:
    """How a number is reached, or why it is not."""
    match way.kind:
        case WayKind.LINE if way.is_undisturbed:
            return "do not disturb is on"
        case WayKind.LINE if not way.phones:
            return "no phone is registered"
        case WayKind.LINE:
            return "1 phone" if way.phones == 1 else f"{way.phones} phones"
        case WayKind.TRUNK if not way.is_up:
            return f"the trunk {way.trunk} does not answer"
        case WayKind.TRUNK:
            return f"over the trunk {way.trunk}, as {way.number}"
        case WayKind.NOBODY:
            return "nobody has this number, and no trunk is for it"
    return str(way.kind)


def refusal(way: Way) -> str:
    """The end of a call to a number where nothing rings."""
    match way.kind:
        case WayKind.LINE if way.is_undisturbed:
            return "Do not disturb is on there: the call is refused (480 Do Not Disturb)."
        case WayKind.LINE:
            return "No phone is registered there: the call is refused (480 Temporarily Unavailable)."
        case WayKind.TRUNK:
            return f"The trunk {way.trunk} does not answer: the call is refused (503 Service Unavailable)."
    return "Nobody has this number, and no trunk is for it: the call is refused (404 Not Found)."
