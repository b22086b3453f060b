"""A worker's end of the bus: implements ``Bus``, ``Leases`` and ``KeptCalls`` by asking the hub."""

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.logger import Logger, LogLevel

from magroup.cluster.bus import MOST_WAITING, BusDown
from magroup.cluster.kept_calls import Kept
from magroup.cluster.post import Post
from magroup.model.clock import Clock
from magroup.workers.frames import ANSWER, GONE, MESSAGE, QUESTION, Frames
from magroup.workers.kept_memory import KeptMemory

AT_A_TIME = 1 << 20
"""Octets of calls in one question."""

_answer = msgspec.msgpack.Decoder(tuple[int, str, Any])


class HubCalls:
    """The calls of this worker are in ``memory``, where the hub finds them; those that it has taken the hub keeps."""

    log = Logger()

    def __init__(self, bus: "HubBus", memory: KeptMemory) -> None:
        self._bus = bus
        self._memory = memory
        self._taken: set[str] = set()
        self._times = memory.taken
        self._is_full = False

    def keep_at_once(self, calls: Mapping[str, Kept]) -> bool:
        if not self._bus.is_up or self._taken or self._memory.taken != self._times:
            return False
        for kept in calls.values():
            if kept.is_taken:
                return False
        self._write(calls)
        return True

    async def keep(self, calls: Mapping[str, Kept]) -> Collection[str]:
        if not self._bus.is_up:
            raise BusDown("the hub is gone")
        taken = {id: kept for id, kept in calls.items() if kept.is_taken or id in self._taken}
        self._write({id: kept for id, kept in calls.items() if id not in taken})
        lost = await self._keep_taken(taken) if taken else []
        if self._memory.taken != self._times:
            lost += await self._look_what_is_lost([*calls])
        return lost

    def _write(self, calls: Mapping[str, Kept]) -> None:
        memory = self._memory
        for id, kept in calls.items():
            if not kept.form:
                memory.remove(id)
            elif not memory.put(id, kept.form) and not self._is_full:
                self._is_full = True
                self.log.error("No more calls than {count} can be kept for others, should this worker die",
                               count=len(memory))  # fmt: skip

    async def _keep_taken(self, calls: Mapping[str, Kept]) -> list[str]:
        lost: list[str] = []
        some: dict[str, tuple[bytes, bool]] = {}
        size = 0
        for id, (form, is_taken) in calls.items():
            (self._taken.add if form else self._taken.discard)(id)
            some[id] = form, is_taken
            size += len(form)
            if size > AT_A_TIME:
                lost += await self._bus.ask("keep", some)
                some, size = {}, 0
        lost += await self._bus.ask("keep", some)
        self._taken.difference_update(lost)
        return lost

    async def _look_what_is_lost(self, ids: list[str]) -> list[str]:
        """Others took this worker for dead."""
        self._times = self._memory.taken
        lost: list[str] = await self._bus.ask("owned", list({*ids, *self._memory.ids()}))
        for id in lost:
            self._memory.remove(id)
        return lost

    async def take(self, node: str, life: str) -> Sequence[tuple[str, bytes]]:
        found = [(id, form) for id, form in await self._bus.ask("take", node, life)]
        self._taken.update(id for id, _ in found)
        return found

    async def owned(self, ids: Sequence[str]) -> Collection[str]:
        owned: list[str] = await self._bus.ask("owned", list(ids))
        return owned

    async def earlier(self) -> Collection[str]:
        earlier: list[str] = await self._bus.ask("earlier")
        return earlier

    async def leave(self) -> None:
        self._memory.clear()
        self._taken.clear()
        await self._bus.ask("leave")


class HubBus(Post):
    """``frames`` lead to the hub, which reads ``memory`` too; ``received`` takes what comes from there.

    The hub tells of a worker's end at once, and knows it: beats are only for one that is stuck, and its calls can be
    taken by one that has just started.
    """

    beat, gone_after, settles = 1.0, 4.0, 0.0
    knows_ends = True

    def __init__(self, clock: Clock, node: str, life: str, frames: Frames, memory: KeptMemory) -> None:
        super().__init__(clock, node, life)
        self.kept = HubCalls(self, memory)
        self._frames = frames
        self._ids = count(1)
        self._asked: dict[int, Deferred[Any]] = {}

    def start(self) -> None:
        if not self.is_up:
            self._came_up()

    async def stop(self) -> None:
        if self.is_up:
            self._say_goodbye()
            self.lose()

    def lose(self) -> None:
        """The hub is gone, or it is the end."""
        if self.is_up:
            self._went_down()
        asked, self._asked = self._asked, {}
        for waiting in asked.values():
            waiting.errback(BusDown("the hub is gone"))

    def received(self, kind: bytes, body: bytes) -> None:
        """A frame of the hub's."""
        if kind == ANSWER:
            number, why, answer = _answer.decode(body)
            waiting = self._asked.pop(number, None)
            if waiting is not None and why:
                waiting.errback(BusDown(why))
            elif waiting is not None:
                waiting.callback(answer)
        elif not self.is_up:
            return
        elif kind == MESSAGE:
            self._take(body)
        elif kind == GONE:
            node = body.decode("ascii", "replace")
            if node in self._heard:
                self._gone(node, "has ended", LogLevel.warn)

    async def take(self, name: str, seconds: float) -> bool:
        return bool(await self.ask("take lease", name, seconds))

    async def leave(self, name: str) -> None:
        await self.ask("leave lease", name)

    async def ask(self, name: str, *arguments: Any) -> Any:
        """What the hub answers. Raises BusDown."""
        number = next(self._ids)
        if not self.is_up or len(self._asked) >= MOST_WAITING:
            raise BusDown("the hub cannot be asked")
        waiting: Deferred[Any] = Deferred()
        self._asked[number] = waiting
        if not self._frames.send(QUESTION, msgspec.msgpack.encode([number, name, arguments])):
            del self._asked[number]
            raise BusDown("the hub does not listen")
        return await waiting

    def _carry(self, data: bytes) -> bool:
        return self._frames.send(MESSAGE, data)
