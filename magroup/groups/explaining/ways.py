"""What the dry run asks the switch: what is at a number, how long a sound lasts."""

from typing import Protocol

from magroup.model.standing import Allowance, Way, WayKind
from magroup.policy import Outcome


class Ways(Protocol):
    """Answers are those of this moment."""

    def way(self, number: str) -> Way: ...

    def allowance(
        self, number: str, sent: str, payer: str, is_group: bool, is_dialled: bool, at: float
    ) -> Allowance:  # fmt: skip
        """Whether a number outside may be called at ``at`` for the line or group ``payer`` ("": somebody outside).

        ``is_dialled`` says whether it is the payer's own phone that dials.
        """
        ...

    def seconds_of(self, sound: str) -> float: ...


def outcome_of(way: Way) -> Outcome:
    """What comes of ringing somebody there when nobody answers."""
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
        case WayKind.TRUNK if way.refused:
            return f"may not be called: {way.refused}"
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
        case WayKind.TRUNK if way.is_up:
            return f"This number outside may not be called: the call is refused (403 Forbidden), {way.refused}."
        case WayKind.TRUNK:
            return f"The trunk {way.trunk} does not answer: the call is refused (503 Service Unavailable)."
    return "Nobody has this number, and no trunk is for it: the call is refused (404 Not Found)."


def allowed(allowance: Allowance) -> str:
    """For whom a call to the outside counts, and how much of what may be called there is used up."""
    names = ("at once", "in this hour", "on this day")
    limits = [
        f"{used} of {most} {name}" for (used, most), name in zip(allowance.used, names, strict=False) if most
    ]  # fmt: skip
    counts = f": {', '.join(limits)} so far" if limits else ", without limits" if allowance.used else ""
    return f"Calls to the outside count for {allowance.payer} here{counts}."
