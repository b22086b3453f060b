"""The stages of a call that nobody answers, one after another."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace

from magroup.cti.types import Party
from magroup.groups.application import MOST_OFFERS
from magroup.groups.explaining.ways import Ways, how, outcome_of, refusal
from magroup.groups.flow import GroupSettings, ring_of_callee
from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.explained import Rung, Stage
from magroup.model.forwarding import ForwardTo
from magroup.model.groups import Group, ShowVipCalls
from magroup.model.snapshot import Snapshot
from magroup.model.standing import Allowance, Way, WayKind
from magroup.policy import (
    ROUND_PAUSE,
    Callee,
    Direct,
    ForwardGroup,
    Greeting,
    Outcome,
    OverflowBusy,
    OverflowGroup,
    OverflowNumber,
    OverflowVoicemail,
    RingStep,
    Step,
    Wait,
    dry_steps,
    enter,
    forwarded,
    reason_of,
    trail_in_words,
    words,
)

Pause = Callable[[], Awaitable[object]]
"""Lets others work in between."""

AGAIN = "Nobody has answered: it begins again from the top."
FOREVER = "It rings until somebody answers or the caller hangs up."
WAITS = "It waits until somebody can be rung, or the caller hangs up."
NOBODY = "Nobody answers: the call ends."
_SAID = {
    ReasonCode.GREETING, ReasonCode.MANAGER_RINGS, ReasonCode.ASSISTANT_RINGS, ReasonCode.FORWARD_RINGS,
    ReasonCode.OVERFLOW_BUSY, ReasonCode.OVERFLOW_NUMBER, ReasonCode.OVERFLOW_GROUP, ReasonCode.OVERFLOW_VOICEMAIL,
    ReasonCode.VIP_LISTED, ReasonCode.VIP_STARS, ReasonCode.VIP_EVERYBODY,
}  # fmt: skip
"""Reasons that a stage's own words say already."""

_SEEN = {
    ShowVipCalls.MANAGER: "only the phone that rings shows it",
    ShowVipCalls.ALL: "all see it",
    ShowVipCalls.MARKED: "all see it, marked",
}


class Walk:
    """``numbers`` and ``groups`` are what the call has met, ``allowances`` those of calls to the outside, by for whom
    they count. It is over when ``end`` says how.
    """

    def __init__(
        self, snapshot: Snapshot, ways: Ways, settings: GroupSettings, caller: Party, at: float, pause: Pause
    ) -> None:  # fmt: skip
        self.snapshot = snapshot
        self.stages: list[Stage] = []
        self.end = ""
        self.numbers: list[str] = []
        self.groups: list[int] = []
        self.allowances: dict[str, Allowance] = {}
        self._ways = ways
        self._settings = settings
        self._caller = caller
        self._at = at
        self._pause = pause
        self._reasons: list[Reason] = []
        self._offers = 0

    @property
    def trail(self) -> str:
        return trail_in_words(self._reasons)

    async def dialled(self, number: str) -> None:
        """The call goes to a number: a group takes it, or it follows the line's forwarding and rings."""
        self.numbers.append(number)
        if await self._is_taken(way := self._way(number)):
            return
        to = forwarded(self.snapshot, number)
        if to.is_loop:
            self.end = "The forwardings go round in a circle: the call is refused (482 Loop Detected)."
            return
        if to.by:
            self.numbers += (*to.through, to.number)
            self._add(f"{self._name(number)} is forwarded to {self._name(to.number)}", 0.0, why=_through(to.through))
            if await self._is_taken(way := self._way(to.number, to.through)):
                return
        if way.number == self._caller.number:
            self.end = "It is the line that calls: busy (486 Busy Here)."
        elif way.is_reached:
            rung = Rung(self._name(way.number), to.number, how(way), True, _shown(self._caller))
            self._add("Rings", float(way.seconds), (rung,), hears="ringback")
            self.end = NOBODY
        else:
            self.end = refusal(way)

    async def _is_taken(self, way: Way) -> bool:
        """Whether no phone decides about the call."""
        if way.kind is WayKind.PICKUP:
            self.end = "The code to pick up calls: the caller gets one that rings for a colleague."
        elif way.kind is WayKind.VOICEMAIL:
            self.end = f"The voicemail answers at {way.number}."
        elif group := self.snapshot.configuration.group_of_number(way.number):
            await self._group(group)
        else:
            return False
        return True

    # in a group

    async def _group(self, group: Group) -> None:
        self._offers += 1
        if self._offers > MOST_OFFERS:
            self.end = "The call came to manager numbers too often: it is ended."
            return
        view = enter(self.snapshot, group.id, self._caller.number, self._caller.name)
        vip = view.vip
        steps = dry_steps(self.snapshot, view, self._at, lambda callee: outcome_of(self._way_to(group, vip, callee)))
        step = None
        self._enters(group, vip)
        for step in steps:
            self._reasons += step.reasons
            await self._step(group, vip, step)
            if isinstance(step, OverflowGroup | ForwardGroup):
                group, vip = self.snapshot.configuration.group_by_id[step.group_id], step.vip
                self._enters(group, vip)
            if self.end:
                return
            await self._pause()
        self.end = FOREVER if isinstance(step, RingStep) and step.seconds is None else AGAIN

    def _enters(self, group: Group, vip: Vip | None) -> None:
        self.groups.append(group.id)
        is_vip = f"A VIP call ({words(vip.reason)}; {_SEEN[vip.show]})" if vip else "No VIP call"
        self._add(f"Comes to the group {group.name}", 0.0, why=(is_vip,))

    async def _step(self, group: Group, vip: Vip | None, step: Step) -> None:
        why = tuple(_sentence(words(reason)) for reason in step.reasons if reason.code not in _SAID)
        match step:
            case Greeting(sound=sound):
                self._add("Greeting, in full", self._ways.seconds_of(sound), why=why, hears=sound)
            case RingStep():
                self._ring(group, vip, step, why)
            case Direct(callee=callee):
                self._add("Directly to the manager's line", 0.0, why=why)
                await self.dialled(callee.number)
            case Wait(until=until):
                seconds = None if until is None else ROUND_PAUSE
                self._add("Waits", seconds, why=why, hears=self._heard_at(group))
                self.end = WAITS if until is None else AGAIN
            case OverflowBusy():
                self._add("Overflow: busy", None, why=why, hears="busy tone")
                self.end = "The call ends with the busy signal (486)."
            case OverflowNumber(number=number):
                self._add(f"Overflow to {self._name(number)}", 0.0, why=why)
                await self.dialled(number)
            case OverflowVoicemail(box=box, number=number):
                self._add(f"Overflow to the voicemail of {box}", 0.0, why=why)
                await self.dialled(number)
            case OverflowGroup(group_id=id) | ForwardGroup(group_id=id):
                what = "Overflow" if isinstance(step, OverflowGroup) else "Forwarded"
                self._add(f"{what} to the group {self.snapshot.configuration.group_by_id[id].name}", 0.0, why=why)

    def _ring(self, group: Group, vip: Vip | None, step: RingStep, why: tuple[str, ...]) -> None:
        answering = next(
            (one for one in step.callees if self._ways.way(one.number).kind is WayKind.VOICEMAIL), None
        )  # fmt: skip
        if answering is not None:
            self._reasons.append(Reason(ReasonCode.ANSWERED_BY_VOICEMAIL, answering.short_name))
            self._add("The voicemail takes the call", 0.0, why=why)
            self.end = f"The voicemail answers for {answering.short_name}."
            return
        outcomes = [outcome_of(self._way_to(group, vip, callee)) for callee in step.callees]
        is_any = Outcome.NO_ANSWER in outcomes
        seconds = 0 if not is_any else step.seconds
        rings = tuple(self._rung(group, vip, callee) for callee in step.callees)
        title = "Rings together" if len(rings) > 1 else "Rings"
        hears = self._heard_at(group) if is_any else ""
        self._add(title if is_any else "Nothing rings, on at once", seconds, rings, why, hears)
        if seconds is not None:
            self._reasons += [
                reason_of(callee, outcome, seconds) for callee, outcome in zip(step.callees, outcomes, strict=True)
            ]  # fmt: skip

    def _rung(self, group: Group, vip: Vip | None, callee: Callee) -> Rung:
        way = self._way_to(group, vip, callee)
        self.numbers += (*callee.through, callee.number)
        role = "manager" if callee.is_manager else "assistant"
        who = f"{self._name_of(callee)} ({role} {callee.short_name})"
        if callee.instead is not ForwardTo.NONE or callee.through:
            who = f"{self._name(callee.number)} for {callee.short_name}"
        shown = ring_of_callee(self.snapshot, group, self._caller, callee, vip, self._settings).shown_as
        return Rung(who, callee.number, how(way), way.is_reached, _shown(shown))

    # outside

    def _way(self, number: str, diverted: Sequence[str] = ()) -> Way:
        """The way to a number that comes to be called by these; outside it may be one that is refused."""
        way, configuration = self._ways.way(number), self.snapshot.configuration
        if way.kind is not WayKind.TRUNK or configuration.line(number) is not None:
            return way
        payer, is_group = self._payer(diverted)
        is_dialled = not diverted and not self.groups and not self._caller.external
        allowance = self._ways.allowance(number, way.number, payer, is_group, is_dialled, self._at)
        if allowance.payer:
            self.allowances[allowance.payer] = allowance
        return replace(way, refused=allowance.refused)

    def _way_to(self, group: Group, vip: Vip | None, callee: Callee) -> Way:
        ring = ring_of_callee(self.snapshot, group, self._caller, callee, vip, self._settings)
        return self._way(callee.number, ring.diverted_from)

    def _payer(self, diverted: Sequence[str]) -> tuple[str, bool]:
        """For whom a call to the outside counts: the last that sent it there, and whether that is a group."""
        configuration = self.snapshot.configuration
        for number in reversed(diverted):
            if line := configuration.line(number):
                return line.number, False
            if group := configuration.group_of_number(number):
                return group.number, True
        if self.groups:
            return configuration.group_by_id[self.groups[-1]].number, True
        return "" if self._caller.external else self._caller.number, False

    # in words

    def _add(
        self, title: str, seconds: float | None, rings: tuple[Rung, ...] = (), why: tuple[str, ...] = (),
        hears: str = "",
    ) -> None:  # fmt: skip
        self.stages.append(Stage(title, self._at, seconds, rings, why, hears))
        self._at += seconds or 0.0

    def _heard_at(self, group: Group) -> str:
        waves = [one.wave for one in self.snapshot.configuration.announcements_of(group.id)]
        return f"{', '.join(waves)}, over and over" if waves else "ringback"

    def _name_of(self, callee: Callee) -> str:
        return self.snapshot.configuration.name_of_number(callee.number) or callee.number

    def _name(self, number: str) -> str:
        name = self.snapshot.configuration.name_of_number(number)
        return f"{name} ({number})" if name else number


def _shown(party: Party) -> str:
    return " ".join(filter(None, (party.name, party.number))) or "Anonymous"


def _through(numbers: Iterable[str]) -> tuple[str, ...]:
    through = tuple(numbers)
    return (f"Through {', '.join(through)}",) if len(through) > 1 else ()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
