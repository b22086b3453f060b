"""The other workers, as the first one asks them for those who look; one that does not answer soon is left out."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry
from twisted.internet.defer import Deferred, TimeoutError
from twisted.logger import Logger

from magroup.cluster.asking import Asking
from magroup.cluster.wire import of_kind
from magroup.cti.errors import ServiceError
from magroup.model.calls import Reason, Story
from magroup.model.lines import Registration
from magroup.model.standing import Held, Layer, Registered, StreamStanding, WorkerStanding
from magroup.model.trace import CallTrace, SipLeg, SipMessage
from magroup.workers import asked
from magroup.workers.figures import Form, exposition, forms

PATIENCE = 1.0
FRESH_FOR = 0.5
"""Seconds for which an answer is waited, and for which what they said is taken as so."""

MOST_PIECES = 100


class Others:
    """``nodes`` gives the numbers of those that are there by their names, of ``count`` with ``own``, the first one."""

    log = Logger()

    def __init__(
        self, clock: Any, asking: Asking, nodes: Callable[[], Mapping[str, int]], count: int, own: asked.Asked
    ) -> None:  # fmt: skip
        self.found: dict[int, WorkerStanding] = {}
        """As of the last ``refresh``."""
        self._clock = clock
        self._asking = asking
        self._nodes = nodes
        self._count = count
        self._own = own
        self._at = -FRESH_FOR

    @property
    def numbers(self) -> range:
        """Of all workers."""
        return range(1, self._count + 1)

    @property
    def calls(self) -> int:
        """How many the others have."""
        return sum(one.calls for one in self.found.values())

    def reason(self) -> str:
        """Which are missing, and why others are not ready; "" where all is well."""
        there = set(self._nodes().values())
        missing = [number for number in self.numbers[1:] if number not in there]
        reasons = [f"{number} does not run" for number in missing]
        for number in self.numbers[1:]:
            one = self.found.get(number)
            if number in there and self._at >= 0 and one is None:
                reasons.append(f"{number} does not answer")
            elif number in there and one is not None:
                reasons += [f"{number}: {reason}" for reason in one.reasons]
        return "; ".join(reasons)

    async def refresh(self) -> None:
        """Ask all how they are."""
        now = self._clock.seconds()
        if now - self._at >= FRESH_FOR:
            self._at = now
            self.found = await self._ask_all(asked.HOW, WorkerStanding)

    async def all(self) -> Sequence[WorkerStanding]:
        """Those that answer, this one among them."""
        await self.refresh()
        return (self._own.how(), *(one for _, one in sorted(self.found.items())))

    async def left(self) -> int | None:
        """How many calls the others have, which all drain; None where that is not so, or not known."""
        found: dict[int, tuple[bool, int]] = await self._ask_all(asked.LEFT, tuple[bool, int])
        if len(found) < len(self._nodes()) or not all(drains for drains, _ in found.values()):
            return None
        return sum(calls for _, calls in found.values())

    async def streams(self, most: int) -> Sequence[StreamStanding]:
        found = await self._ask_all(asked.STREAMS, list[StreamStanding], str(most))
        return [stream for _, streams in sorted(found.items()) for stream in streams][:most]

    async def held(self) -> Sequence[Held]:
        """What each holds off, this one first."""
        found = await self._ask_all(asked.HELD, Held)
        return (self._own.held(), *(one for _, one in sorted(found.items())))

    async def trunk_calls(self) -> Mapping[int, int]:
        """How many calls the others have over each trunk, by its id."""
        calls: Counter[int] = Counter()
        for told in (await self._ask_all(asked.TRUNKS, list[tuple[int, int]])).values():
            calls.update(dict(told))
        return calls

    async def unlock(self, line: str) -> bool:
        """Whether any of the others guarded it."""
        return any((await self._ask_all(asked.UNLOCK, bool, line)).values())

    async def layers(self, number: int) -> Sequence[Layer]:
        """Of one of the others; none where it does not answer."""
        found: Sequence[Layer] | None = await self._ask(number, asked.LAYERS, list[Layer])
        return found or ()

    async def layer(self, number: int, name: str, most: int) -> Layer | None:
        found: Layer | None = await self._ask(number, asked.LAYER, Layer | None, name, str(most))
        return found

    async def phones(self, registrations: Iterable[Registration]) -> Mapping[tuple[str, str], Registered]:
        """What the worker at which each has registered knows of it, by number and contact."""
        keys = [(one.number, one.contact) for one in registrations]
        if not keys:
            return {}
        found = await self._ask_all(asked.PHONES, list[Registered], msgspec.json.encode(keys).decode())
        return {
            (one.registration.number, one.registration.contact): one for phones in found.values() for one in phones
        }  # fmt: skip

    async def exposition(self, registry: CollectorRegistry) -> bytes:
        """The metrics of all: those in ``registry`` once, and what each has with a label."""
        found = await self._ask_all(asked.FIGURES, list[Form])
        return exposition(registry, {1: forms(self._own.figures), **dict(sorted(found.items()))})

    async def trace(self, call_id: str) -> CallTrace | None:
        """The messages of a call that another worker has, or had."""
        for number in sorted(self._nodes().values()):
            trace = await self._trace(number, call_id)
            if trace is not None:
                return trace
        return None

    async def stories(self, call_ids: Sequence[str]) -> Mapping[str, Story]:
        """What the calls are about that others have."""
        kind = list[tuple[str, int, tuple[Reason, ...]]]
        told = await self._ask_all(asked.STORIES, kind, msgspec.json.encode(call_ids).decode())
        return {call_id: Story(group_id, trail) for stories in told.values() for call_id, group_id, trail in stories}

    async def _trace(self, number: int, call_id: str) -> CallTrace | None:
        legs: tuple[SipLeg, ...] = ()
        messages: list[SipMessage] = []
        lost = 0
        for _ in range(MOST_PIECES):
            piece = await self._ask(
                number, asked.TRACE, tuple[CallTrace, int] | None, call_id, str(len(messages))
            )  # fmt: skip
            if piece is None:
                break
            trace, count = piece
            legs, lost = trace.legs, trace.lost
            messages += trace.messages
            if len(messages) >= count or not trace.messages:
                break
        return CallTrace(legs, tuple(messages), lost) if messages else None

    async def _ask_all(self, service: str, kind: Any, *arguments: str) -> dict[int, Any]:
        """What each answers, by its number."""
        waiting = [
            (number, Deferred.fromCoroutine(self._ask(number, service, kind, *arguments)))
            for number in self._nodes().values()
        ]
        answers = [(number, await answer) for number, answer in waiting]
        return {number: answer for number, answer in answers if answer is not None}

    async def _ask(self, number: int, service: str, kind: Any, *arguments: str) -> Any:
        """None where there is no answer."""
        node = next((node for node, one in self._nodes().items() if one == number), "")
        waiting = Deferred.fromCoroutine(self._asking.ask(node, service, *arguments))
        try:
            return of_kind(await waiting.addTimeout(PATIENCE, self._clock), kind)
        except (ServiceError, TimeoutError, ValueError) as error:
            self.log.warn("worker {number} does not answer ({service}): {reason}", number=number, service=service,
                          reason=str(error))  # fmt: skip
            return None
