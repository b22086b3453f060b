"""Events that several monitors tell: a call between two monitored lines is told twice, and happens once."""

from collections import Counter, deque
from dataclasses import replace
from typing import Any

from magroup.csta.event_messages import MonitorEvent

RECENT = 12
MOST_CALLS = 20_000


class _Call:
    __slots__ = ("applied", "recent", "seen")

    def __init__(self) -> None:
        self.applied: Counter[MonitorEvent] = Counter()
        self.recent: deque[MonitorEvent] = deque(maxlen=RECENT)
        self.seen: dict[str, Counter[MonitorEvent]] = {}


class Copies:
    """Counts, for each call, how often each monitor has told each event: what one tells more often than all is new."""

    def __init__(self) -> None:
        self._calls: dict[str, _Call] = {}

    def is_new(self, call_id: str, event: MonitorEvent) -> bool:
        """Whether no other monitor has told this one already."""
        call = self._calls.get(call_id)
        if call is None:
            if len(self._calls) >= MOST_CALLS:
                del self._calls[next(iter(self._calls))]
            call = self._calls[call_id] = _Call()
        reference = event.monitor_cross_ref_id
        bare = _bare(event)
        seen = call.seen.get(reference)
        if seen is None:
            # The monitor comes to a call of which others have told: it is as far as they are, but for this event.
            seen = call.seen[reference] = Counter(call.applied)
            if bare in call.recent:
                seen[bare] -= 1
        seen[bare] += 1
        if seen[bare] <= call.applied[bare]:
            return False
        call.applied[bare] += 1
        call.recent.append(bare)
        return True

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._calls.pop(call_id, None)

    def clear(self) -> None:
        self._calls.clear()


def _bare(event: MonitorEvent) -> MonitorEvent:
    """Without what differs from monitor to monitor."""
    changes: dict[str, Any] = {"monitor_cross_ref_id": ""}
    if "local_connection_info" in event.__dataclass_fields__:
        changes["local_connection_info"] = ""
    if "services_permitted" in event.__dataclass_fields__:
        changes["services_permitted"] = None
    return replace(event, **changes)
