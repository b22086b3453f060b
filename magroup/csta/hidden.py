"""Calls of another switch that are not told, since somebody else tells of them: those over the trunk to us."""

from collections.abc import Callable, Iterator, Mapping, Set

from magroup.cti.events import CallCleared, CallEvent, ConnectionCleared, Event
from magroup.cti.types import Call


class Hidden:
    """``is_ours`` judges a call; ``tell`` gets what makes a call that was told of disappear."""

    def __init__(self, seconds: Callable[[], float], tell: Callable[[Event], None]) -> None:
        self.is_ours: Callable[[Call], bool] = lambda call: False
        self._seconds = seconds
        self._tell = tell
        self._ids: set[str] = set()

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._ids))

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._ids

    def hides(self, event: CallEvent) -> bool:
        """Whether nobody is to hear of it. Once a call is ours it stays so."""
        call = event.call
        if call.id in self._ids:
            if call.ended:
                self._ids.discard(call.id)
            return True
        if call.ended or not self.is_ours(call):
            return False
        self._hide(call.id, event.old)
        return True

    def judge_again(self, lines: Set[str], calls: Mapping[str, Call], told: Mapping[str, Call]) -> None:
        """Those of some lines, among calls that are up, and as what they were told."""
        for call in tuple(calls.values()):
            is_meant = call.calling.number in lines or any(one.id.device in lines for one in call.connections)
            if is_meant and call.id not in self._ids and self.is_ours(call):
                self._hide(call.id, told.get(call.id))

    def _hide(self, call_id: str, told: Call | None) -> None:
        self._ids.add(call_id)
        if told is None:
            return
        now, call = self._seconds(), told
        for connection in told.connections:
            left = call.without(connection.id.device)
            self._tell(ConnectionCleared(left, call, connection.id.device, now))
            call = left
        over = Call(call.id, call.calling, call.called, call.started_at, (), True)
        self._tell(CallCleared(over, call, "", now))
