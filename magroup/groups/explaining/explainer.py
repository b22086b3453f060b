"""A call that is thought out: from the number dialled through forwardings and groups to its end."""

from collections.abc import Callable, Iterable, Iterator

from magroup.cti.types import Party
from magroup.groups.application import Application
from magroup.groups.explaining.walk import Pause, Walk
from magroup.groups.explaining.ways import Ways, allowed
from magroup.model.configuration import Configuration
from magroup.model.explained import Changed, Explained
from magroup.model.snapshot import Snapshot
from magroup.model.standing import WayKind

NEARLY_NOW = 90.0
"""Seconds: a form is filled in, and sent."""

NOW_ONLY = (
    "But for the hours of calls to the outside no rule depends on the time of day. Presence, forwardings, phones and "
    "what has been called are taken as they are now: how they will be, or were before, is not known."
)
ROUND = "A call that comes in over the trunk {trunk} itself is refused (404): it would go round in a circle."


class Explainer:
    """``seconds`` gives the time (UTC); ``pause`` lets calls be served between two steps."""

    def __init__(self, application: Application, ways: Ways, seconds: Callable[[], float], pause: Pause) -> None:
        self._application = application
        self._ways = ways
        self._seconds = seconds
        self._pause = pause

    async def explain(self, caller: str, number: str, at: float) -> Explained:
        """What would become of a call to ``number`` at that time if nobody answered; "" calls without a number."""
        snapshot = self._application.snapshot
        configuration = snapshot.configuration
        line = configuration.line(caller) if caller else None
        party = Party(
            line.number if line else caller, configuration.name_of_number(caller) if caller else "", line is None
        )  # fmt: skip
        walk = Walk(snapshot, self._ways, self._application.settings, party, at, self._pause)
        await walk.dialled(number)
        return Explained(
            _caller(party), _called(configuration, number), tuple(walk.stages), walk.end, walk.trail,
            tuple(_changed(snapshot, walk.numbers, walk.groups, at)), tuple(self._remarks(walk, party, number, at)),
        )  # fmt: skip

    def _remarks(self, walk: Walk, caller: Party, number: str, at: float) -> Iterator[str]:
        if abs(at - self._seconds()) > NEARLY_NOW:
            yield NOW_ONLY
        for allowance in walk.allowances.values():
            yield allowed(allowance)
        way = self._ways.way(number)
        if caller.external and way.kind is WayKind.TRUNK and walk.snapshot.configuration.line(number) is None:
            yield ROUND.format(trunk=way.trunk)


def _caller(caller: Party) -> str:
    if not caller.number:
        return "A caller without a number, from outside"
    name = f"{caller.name} ({caller.number})" if caller.name else caller.number
    return f"{name}, from outside" if caller.external else f"{name}, a line here"


def _called(configuration: Configuration, number: str) -> str:
    group = configuration.group_of_number(number)
    name = f"the manager number of {group.name}" if group else configuration.name_of_number(number)
    return f"{number}, {name}" if name else number


def _changed(
    snapshot: Snapshot, numbers: Iterable[str], groups: Iterable[int], at: float
) -> Iterator[Changed]:  # fmt: skip
    """What was set after ``at`` for those whom the call met."""
    configuration = snapshot.configuration
    members = [member for group in dict.fromkeys(groups) for member in configuration.members_of(group)]
    for member in members:
        presence = snapshot.presence_of(member.user_name)
        if presence.since > at:
            yield Changed(f"The presence of {member.short_name}", presence.since)
        if (forwarding := snapshot.forwarding_of_member(member.id)).since > at:
            yield Changed(f"The forwarding of {member.short_name} as manager", forwarding.since)
    for number in dict.fromkeys((*(member.number for member in members), *numbers)):
        line = configuration.line(number)
        if line is not None and (forwarding := snapshot.forwarding_of_line(line.number)).since > at:
            yield Changed(f"The forwarding of the line {line.number}", forwarding.since)
