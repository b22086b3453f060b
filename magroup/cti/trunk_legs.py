"""Which calls of a PBX are legs, over the trunk between us, of calls that the embedded switch has already.

CSTA has no id that both ends of a trunk know, so that they are found by the trunk's devices where those are known, else
by numbers and time.
"""

from collections.abc import Callable, Iterable

from magroup.cti.events import CallEvent, ConnectionCleared, Diverted, Event, Failed
from magroup.cti.switch import Monitor, Switch
from magroup.cti.types import Call

CLOSE_SECONDS = 5.0
"""Two ends of one call begin within this time."""

SHORTEST_ALIKE = 6
"""So many last digits make two numbers the same, whatever each switch writes before them."""


class TrunkLegs:
    """``own`` is the embedded switch, ``on_pbx`` says whether a number is that of a line of the PBX.

    ``is_here`` says whether a number is one of ours, to which the PBX has only the trunk; ``devices`` are the trunk's
    own as the PBX names them. ``changed`` is called with lines whose calls may have to be judged otherwise now.
    """

    def __init__(
        self, own: Switch, on_pbx: Callable[[str], bool], is_here: Callable[[str], bool], devices: Iterable[str] = ()
    ) -> None:
        self.changed: Callable[[set[str]], None] = lambda lines: None
        self._own = own
        self._on_pbx = on_pbx
        self._is_here = is_here
        self._devices = frozenset(devices)
        self._calls: dict[str, Call] = {}
        self._asked: dict[str, set[str]] = {}
        self._at: dict[str, set[str]] = {}
        self._monitor: Monitor | None = None

    def __len__(self) -> int:
        """What is kept because of calls that are up."""
        return len(self._calls) + len(self._asked) + len(self._at)

    def start(self) -> None:
        self._monitor = self._own.monitor_start(self._heard)

    def stop(self) -> None:
        if self._monitor is not None:
            self._monitor.stop()

    def asked(self, call_id: str, number: str) -> None:
        """An own call is about to ring a number: the PBX may tell of it before the own switch does."""
        if call_id in self._calls and self._on_pbx(number):
            self._asked.setdefault(call_id, set()).add(number)
            self._at.setdefault(number, set()).add(call_id)

    def has(self, call: Call) -> bool:
        """Whether a call of the PBX is one that the own switch has."""
        numbers = _numbers(call)
        if self._is_over_trunk(call) or any(map(self._is_here, numbers)):
            return True
        return any(
            self._is_leg(call, numbers - {line}, line, self._calls[call_id])
            for line in numbers
            for call_id in self._at.get(line, ())
            if call_id in self._calls
        )

    def is_leg(self, call: Call, line: str, own_id: str) -> bool:
        """Whether a call of the PBX is the part of this own call that is at the line."""
        own = self._calls.get(own_id)
        return own is not None and self._is_leg(call, _numbers(call) - {line}, line, own)

    def _is_over_trunk(self, call: Call) -> bool:
        ends = (call.calling.number, call.called.number, *(one.id.device for one in call.connections))
        return any(end in self._devices for end in ends)

    def _is_leg(self, call: Call, others: set[str], line: str, own: Call) -> bool:
        """Whether it is the part of the own call that is at this line."""
        is_outgoing = own.calling.number == line
        if any(map(self._on_pbx, others)) and (call.calling.number == line) is not is_outgoing:
            return False
        ours = _numbers(own) - {line}
        if any(is_same(one, other) for one in others for other in ours):
            return True
        if is_outgoing:
            # Dialled in another way than it reaches us; a phone dials one call at a time.
            return abs(call.started_at - own.started_at) <= CLOSE_SECONDS and not any(map(self._on_pbx, others))
        if others:
            return False
        # The caller withholds the number.
        rings = own.connection(line)
        if rings is None:
            return line in self._asked.get(own.id, ())
        return abs(call.started_at - rings.since) <= CLOSE_SECONDS

    def _heard(self, event: Event) -> None:
        """Of the own switch."""
        if not isinstance(event, CallEvent):
            return
        call = event.call
        if call.ended:
            self._forget(call.id)
            return
        before = self._calls.get(call.id)
        self._calls[call.id] = call
        if isinstance(event, Diverted):
            self.asked(call.id, event.new_destination)
        elif isinstance(event, Failed | ConnectionCleared):
            self._asked.get(call.id, set()).discard(event.device)
        lines = set(filter(self._on_pbx, _numbers(call))) | self._asked.get(call.id, set())
        for line in lines:
            self._at.setdefault(line, set()).add(call.id)
        if lines and (before is None or before.connections != call.connections):
            self.changed(lines)

    def _forget(self, call_id: str) -> None:
        self._calls.pop(call_id, None)
        self._asked.pop(call_id, None)
        for line in [line for line, calls in self._at.items() if call_id in calls]:
            self._at[line].discard(call_id)
            if not self._at[line]:
                del self._at[line]


def _numbers(call: Call) -> set[str]:
    """Of all who take part, as far as they are known: words in the place of a number are none."""
    found = {call.calling.number, call.called.number, *(one.id.device for one in call.connections)}
    return {number for number in found if any(map(str.isdigit, number))}


def is_same(one: str, other: str) -> bool:
    """Whether two numbers are of the same phone: as they are written, or but for prefixes of outside numbers."""
    one, other = one.lstrip("+0"), other.lstrip("+0")
    shorter, longer = sorted((one, other), key=len)
    return bool(one) and (one == other or (len(shorter) >= SHORTEST_ALIKE and longer.endswith(shorter)))
