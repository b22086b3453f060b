"""Ids of another switch's calls: ours stay with a call for its life and never return; the switch's own do neither."""

from collections import OrderedDict
from collections.abc import Callable
from itertools import count

MOST_ENDED = 5000
LATE_SECONDS = 30.0
"""Calls that are remembered when they are over: late events of theirs do not make them anew. After that the switch may
have given the id to another call.
"""


class CallIds:
    """``seconds`` gives the time; our ids begin with ``prefix``."""

    def __init__(self, seconds: Callable[[], float], prefix: str) -> None:
        self._seconds = seconds
        self._prefix = prefix
        self._aliases: dict[str, str] = {}
        self._again = count(2)
        self._ended: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        """What is kept because of calls that are up."""
        return len(self._aliases)

    def of(self, peer_id: str) -> str:
        """Our id of a call, by the switch's; "" of ""."""
        found = self._aliases.get(peer_id)
        if found is None:
            found = f"{self._prefix}{peer_id}" if peer_id else ""
        return found

    def begins(self, peer_id: str) -> str:
        """The same where a call may begin: an id whose call ended a while ago is another call's now."""
        found = self.of(peer_id)
        ended_at = self._ended.get(found)
        if ended_at is None or self._seconds() - ended_at <= LATE_SECONDS:
            return found
        return self.another(peer_id)

    def another(self, peer_id: str) -> str:
        """A new id: the switch's own is that of another call than before."""
        found = self._aliases[peer_id] = f"{self._prefix}{peer_id}.{next(self._again)}"
        return found

    def peer(self, own_id: str) -> str:
        """The switch's id, by ours: the one that the call was given last."""
        for alias, own in reversed(self._aliases.items()):
            if own == own_id:
                return alias
        return own_id.removeprefix(self._prefix)

    def changed(self, peer_id: str, own_id: str) -> None:
        """The switch has another id for the call."""
        self._aliases[peer_id] = own_id

    def is_over(self, own_id: str) -> bool:
        """Whether the call has ended, as far as that is remembered."""
        return own_id in self._ended

    def end(self, own_id: str) -> None:
        """The call is over; so are its other ids, until they are given anew."""
        gone = [alias for alias, own in self._aliases.items() if own == own_id]
        for id in (own_id, *(f"{self._prefix}{alias}" for alias in gone)):
            self._ended[id] = self._seconds()
            self._ended.move_to_end(id)
        for alias in gone:
            del self._aliases[alias]
        while len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)
