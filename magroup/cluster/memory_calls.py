"""The calls that nodes of one process keep for each other: for tests, and as the measure of those in Redis."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice

from magroup.cluster.kept_calls import AT_ONCE, MOST_CALLS, Kept


class MemoryCalls:
    """``kept`` and ``owners`` are those of the hub, ``me`` is the node and its life; ``check`` raises BusDown."""

    def __init__(
        self, kept: dict[str, dict[str, bytes]], owners: dict[str, str], me: str, check: Callable[[], object]
    ) -> None:  # fmt: skip
        self._kept = kept
        self._owners = owners
        self._me = me
        self._node = f"{me.partition('.')[0]}."
        self._check = check

    async def keep(self, calls: Mapping[str, Kept]) -> Collection[str]:
        self._check()
        lost = []
        own = self._kept.setdefault(self._me, {})
        for id, (form, is_taken) in calls.items():
            if self._owners.get(id, self._me) != self._me:
                lost.append(id)
                own.pop(id, None)
            elif not form:
                own.pop(id, None)
            elif id in own or len(own) < MOST_CALLS:
                own[id] = form
                if is_taken:
                    self._owners[id] = self._me
        return lost

    def keep_at_once(self, calls: Mapping[str, Kept]) -> bool:
        return False

    async def take(self, node: str, life: str) -> Sequence[tuple[str, bytes]]:
        self._check()
        left = self._kept.get(f"{node}.{life}", {})
        taken = list(islice(left.items(), AT_ONCE))
        for id, form in taken:
            del left[id]
            self._kept.setdefault(self._me, {})[id] = form
            self._owners[id] = self._me
        if not left:
            self._kept.pop(f"{node}.{life}", None)
        return taken

    async def owned(self, ids: Sequence[str]) -> Collection[str]:
        self._check()
        return [id for id in ids if not self._owners.get(id, self._node).startswith(self._node)]

    async def earlier(self) -> Collection[str]:
        self._check()
        return [one.partition(".")[2] for one in self._kept if one.startswith(self._node) and one != self._me]

    async def leave(self) -> None:
        self._check()
        self._kept.pop(self._me, None)
