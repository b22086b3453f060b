"""What nodes tell each other of attackers and of calls that cost: who is banned is so at all, limits hold for all."""

from typing import Any

from magroup.cluster.bus import Bus
from magroup.cluster.shared import Shared
from magroup.cluster.wire import of_kind
from magroup.sip.bans import Ban
from magroup.switch.guard import Guard, Offence
from magroup.switch.outside import Counts, OutsideCalls, Payer

BAN = "ban"
OUTSIDE = "outside calls"
_COUNTS = tuple[int, int, int, int, int]


def share_bans(shared: Shared, guard: Guard) -> None:
    """Bans that begin here, or are lifted, do so everywhere; each node ends them by its own clock."""

    def take(key: str, value: Any, node: str) -> None:
        if value is None:
            guard.take_lift(key)
        else:
            until, why = of_kind(value, tuple[float, str])
            guard.take_ban(key, until, Offence(why))

    def began(ban: Ban) -> None:
        shared.put(BAN, ban.place, [ban.until, ban.why])

    guard.began = began
    guard.lifted = lambda place: shared.put(BAN, place, None)
    guard.ended = lambda place: shared.forget(BAN, place)
    shared.kind(BAN, take)


class SharedOutsideCalls:
    """What payers have called from other nodes. Of a node that is gone nothing is up, but what was called counts."""

    def __init__(self, shared: Shared, bus: Bus, outside: OutsideCalls) -> None:
        self._shared = shared
        self._node = bus.node
        self._heard: dict[Payer, dict[str, Counts]] = {}
        shared.kind(OUTSIDE, self._take)
        bus.watch(lambda node: None, self._left, lambda node: None)
        outside.share(self._tell, self.elsewhere)

    def elsewhere(self, payer: Payer, hour: int, day: int) -> Counts:
        """The sum of what the other nodes have counted in that hour and on that day, and of what is up there."""
        heard = self._heard.get(payer)
        if not heard:
            return Counts(hour, 0, day, 0, 0)
        counts = heard.values()
        return Counts(
            hour, sum(one.in_hour for one in counts if one.hour == hour),
            day, sum(one.in_day for one in counts if one.day == day), sum(one.at_once for one in counts),
        )  # fmt: skip

    def _tell(self, payer: Payer, counts: Counts | None) -> None:
        if payer.number:
            kind = "group" if payer.is_group else "line"
            told = list(counts) if counts is not None else None
            self._shared.put(OUTSIDE, f"{self._node} {kind} {payer.number}", told)

    def _take(self, key: str, value: Any, node: str) -> None:
        _, kind, number = key.split(" ", 2)
        payer = Payer(number, kind == "group")
        if value is not None:
            self._heard.setdefault(payer, {})[node] = Counts(*of_kind(value, _COUNTS))
            return
        heard = self._heard.get(payer, {})
        heard.pop(node, None)
        if not heard:
            self._heard.pop(payer, None)

    def _left(self, node: str) -> None:
        for heard in self._heard.values():
            if node in heard:
                heard[node] = heard[node]._replace(at_once=0)
