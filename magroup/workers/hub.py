"""The bus of workers in the process that has started them: it hands messages on, and has what outlives one."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.cluster.kept_calls import KEPT_FOR, LONGEST_FORM, Kept
from magroup.cluster.memory_calls import MemoryCalls
from magroup.model.clock import Clock
from magroup.workers.frames import ALIVE, ANSWER, GONE, MESSAGE, QUESTION, READY, Frames
from magroup.workers.kept_memory import KeptMemory

BEAT_END = b" beat\n"
MOST_LEASES = 1_000
MOST_OWNERS = 200_000
_LOOK_EVERY = 10.0

_question = msgspec.msgpack.Decoder(tuple[int, str, list[Any]])
_calls = dict[str, tuple[bytes, bool]]


class End:
    """The hub's end of the connection to one worker: its name in the cluster, and its life; ``memory`` has its calls,
    but for those that it has taken.
    """

    def __init__(
        self, hub: "Hub", node: str, life: str, memory: KeptMemory, told: Callable[[bytes], None]
    ) -> None:  # fmt: skip
        self.node = node
        self.who = f"{node}.{life}"
        self.memory = memory
        self.frames = Frames(self._received, self._lost)
        self._hub = hub
        self._told = told
        self._kept = MemoryCalls(hub.kept, hub.owners, self.who, lambda: None)

    def _received(self, kind: bytes, body: bytes) -> None:
        if kind == MESSAGE:
            self._hub.carry(self, body)
        elif kind == QUESTION:
            number, name, arguments = _question.decode(body)
            Deferred.fromCoroutine(self._serve(name, arguments)).addCallbacks(
                lambda answer: self._answer(number, "", answer), lambda failure: self._fail(number, name, failure)
            )
        elif kind in (READY, ALIVE):
            self._told(kind)

    def _lost(self) -> None:
        self._hub.leave(self)

    def _answer(self, number: int, why: str, answer: Any) -> None:
        """``why`` there is none, "" where there is."""
        self.frames.send(ANSWER, msgspec.msgpack.encode([number, why, answer]))

    def _fail(self, number: int, name: str, failure: Failure) -> None:
        """Whoever asks what cannot be answered does not wait for ever."""
        self._hub.log.failure("The hub cannot answer worker {node}: {name}", failure, node=self.node, name=name)
        self._answer(number, f"the hub cannot answer: {name}", None)

    async def _serve(self, name: str, arguments: list[Any]) -> Any:
        services: dict[str, Callable[..., Awaitable[Any]]] = {
            "take lease": self._take_lease, "leave lease": self._leave_lease, "keep": self._keep,
            "take": self._take, "owned": self._kept.owned, "earlier": self._earlier,
            "leave": self._kept.leave,
        }  # fmt: skip
        return await services[name](*arguments)

    async def _keep(self, calls: Any) -> list[str]:
        told = msgspec.convert(calls, _calls)
        forms = {id: Kept(form, is_taken) for id, (form, is_taken) in told.items() if len(form) <= LONGEST_FORM}
        return list(await self._kept.keep(forms))

    async def _take(self, node: str, life: str) -> Sequence[tuple[str, bytes]]:
        self._hub.gather(f"{node}.{life}")
        return await self._kept.take(node, life)

    async def _earlier(self) -> Collection[str]:
        self._hub.gather_earlier(self)
        return await self._kept.earlier()

    async def _take_lease(self, name: str, seconds: float) -> bool:
        return self._hub.lease(name, self.node, seconds)

    async def _leave_lease(self, name: str) -> None:
        self._hub.leave_lease(name, self.node)


class Hub:
    """``end`` for each worker that is started; ``kept`` and ``owners`` are as in ``MemoryCalls``."""

    log = Logger()

    def __init__(self, clock: Clock) -> None:
        self.kept: dict[str, dict[str, bytes]] = {}
        self.owners: dict[str, str] = {}
        self._clock = clock
        self._ends: dict[str, End] = {}
        self._memories: dict[str, KeptMemory] = {}
        self._gathered: dict[str, set[str]] = {}
        self._left: dict[str, float] = {}
        self._leases: dict[str, tuple[str, float]] = {}
        self._timer: Any = None

    def start(self) -> None:
        self._timer = self._clock.callLater(_LOOK_EVERY, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for end in tuple(self._ends.values()):
            end.frames.close()
        for memory in self._memories.values():
            memory.close()
        self._memories.clear()

    def end(self, node: str, life: str, memory: KeptMemory, told: Callable[[bytes], None]) -> End:
        """For a worker that is being started; ``told`` hears READY and ALIVE."""
        self._ends[node] = end = End(self, node, life, memory, told)
        self._memories[end.who] = memory
        return end

    def carry(self, sender: End, message: bytes) -> None:
        """To the other workers. That the hub works is seen by the own beats, which come back."""
        for end in self._ends.values():
            if end is not sender or message.endswith(BEAT_END):
                end.frames.send(MESSAGE, message)

    def leave(self, end: End) -> None:
        """The worker has ended: the others need not wait until they notice."""
        if self._ends.get(end.node) is end:
            del self._ends[end.node]
            self._left[end.who] = self._clock.seconds()
            for other in self._ends.values():
                other.frames.send(GONE, end.node.encode())

    def gather(self, who: str) -> None:
        """What a worker has in its memory can be taken: all of a dead one, what one has now that only seems so."""
        memory = self._memories.get(who)
        if memory is None:
            return
        before = self._gathered.pop(who, set())
        kept = {id: form for id, form in self.kept.pop(who, {}).items() if id not in before}
        found = {id: form for id, form in memory.read().items() if self.owners.get(id, who) == who and id not in kept}
        if kept or found:
            self.kept[who] = kept | found
        if all(end.who != who for end in self._ends.values()):
            del self._memories[who]
            memory.close()
        else:
            self._gathered[who] = set(found)
            memory.tell_taken()

    def gather_earlier(self, end: End) -> None:
        """The same for the earlier lives of a worker."""
        for who in [one for one in self._memories if one.startswith(f"{end.node}.") and one != end.who]:
            self.gather(who)

    def lease(self, name: str, owner: str, seconds: float) -> bool:
        now = self._clock.seconds()
        holder, until = self._leases.get(name, ("", 0.0))
        if holder not in ("", owner) and until > now:
            return False
        if len(self._leases) >= MOST_LEASES and name not in self._leases:
            return False
        self._leases[name] = owner, now + seconds
        return True

    def leave_lease(self, name: str, owner: str) -> None:
        if self._leases.get(name, ("", 0.0))[0] == owner:
            del self._leases[name]

    def _look(self) -> None:
        """Forget what nobody has taken in time."""
        self._timer = self._clock.callLater(_LOOK_EVERY, self._look)
        now = self._clock.seconds()
        for who, at in tuple(self._left.items()):
            if now - at > KEPT_FOR:
                del self._left[who]
                self.kept.pop(who, None)
                if who in self._memories:
                    self._memories.pop(who).close()
        for name, (_owner, until) in tuple(self._leases.items()):
            if until <= now:
                del self._leases[name]
        for id in tuple(self.owners)[: max(0, len(self.owners) - MOST_OWNERS)]:
            del self.owners[id]
