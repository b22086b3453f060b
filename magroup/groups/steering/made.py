"""Calls that somebody has made by service: who did so is told why nobody takes them (spec 4)."""

from collections.abc import Iterator
from contextlib import contextmanager

from magroup.cti.events import CallCleared, CallEvent, Established, Event, Failed, Offered, Transferred
from magroup.cti.switch import Monitor, Switch
from magroup.cti.types import Call, ConnectionState
from magroup.groups.steering.sent_on import NotReached, Told

_OVER = Established | Transferred | Offered | CallCleared


class Making:
    """A call that ``device`` makes; ``call_id`` is "" until the switch has said it."""

    def __init__(self, device: str, told: Told) -> None:
        self.device = device
        self.told = told
        self.call_id = ""


class Made:
    """Listens to the switch as long as there are such calls that nobody has taken yet."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._watched: list[Making] = []
        self._monitor: Monitor | None = None

    def __len__(self) -> int:
        """How many are on their way."""
        return len(self._watched)

    @contextmanager
    def watch(self, device: str, told: Told) -> Iterator[Making]:
        """The call is made within the block, which puts its id in what it gets, or is not where that raises."""
        making = Making(device, told)
        self._watched.append(making)
        if self._monitor is None:
            self._monitor = self._switch.monitor_start(self._heard)
        try:
            yield making
        except BaseException:
            self._forget(making)
            raise
        call = next((call for call in self._switch.calls() if call.id == making.call_id), None)
        if call is None or _is_taken(call):
            self._forget(making)

    def _heard(self, event: Event) -> None:
        if not isinstance(event, _OVER | Failed):
            return
        for making in [one for one in self._watched if _concerns(event, one)]:
            if isinstance(event, _OVER):
                self._forget(making)
            elif _is_last(event):
                self._forget(making)
                making.told(NotReached(event.device, event.cause))

    def _forget(self, making: Making) -> None:
        if making in self._watched:
            self._watched.remove(making)
        if not self._watched and self._monitor is not None:
            self._monitor.stop()
            self._monitor = None


def _concerns(event: CallEvent, making: Making) -> bool:
    if making.call_id:
        return event.call_id == making.call_id
    return isinstance(event, Failed) and event.call.calling.number == making.device


def _is_taken(call: Call) -> bool:
    others = (one for one in call.connections if one.id.device != call.calling.number)
    return any(one.state is not ConnectionState.ALERTING for one in others)


def _is_last(event: CallEvent) -> bool:
    """Whether nobody but who calls is in the call any more."""
    return all(one.id.device == event.call.calling.number for one in event.call.connections)
