"""Datagrams come to any worker, and each goes to the one that has its call."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

from magroup.cti.events import CallEvent, Event
from magroup.cti.types import Call
from magroup.model.clock import Clock
from magroup.workers import marks

PATIENCE = 4.0
"""Seconds in which a request for a worker that has ended is left to be repeated: somebody takes its calls."""

MOST_REMEMBERED = 16_384
DROPPED: Final = -1
FIRST: Final = 1
"""The worker that has what there is once."""


class Surroundings(Protocol):
    """What is asked about calls. Workers are numbers, 0 for none of this server's."""

    def line_of(self, user: str) -> str:
        """The line that is written so in a message, "" for none."""
        ...

    def worker_of(self, call_id: str) -> int:
        """The one that has the call of another worker."""
        ...

    def has_call(self, line: str) -> bool:
        """Whether the line is in a call of this worker."""
        ...

    def is_once(self, data: bytes) -> bool:
        """Whether an INVITE is for what only the first worker has."""
        ...

    def picked_up_at(self, line: str, called: str) -> int:
        """The worker with the call that a line picks up by the code that it calls; 0: it calls no such code."""
        ...


class Steering:
    """``own`` is this worker of ``count``. ``of`` says whose a message is; ``changed`` is told when others come and go.
    """

    def __init__(self, clock: Clock, own: int, count: int, around: Surroundings) -> None:
        self.own = own
        self._count = count
        self._own_branch = f"branch=z9hG4bK{marks.mark(own)}".encode()
        self._own_one = own, False
        self._own_tag = f";tag={marks.mark(own)}".encode()
        self.living = {own}
        self.changed: Callable[[], None] = lambda: None
        self.moved: dict[bytes, int] = {}
        """Tags of the dialogs that another worker has taken over, and Call-IDs of what rings anew there."""
        self._clock = clock
        self._around = around
        self._gone: dict[int, float] = {}
        self._patient_until = 0.0
        self._chosen: OrderedDict[bytes, int] = OrderedDict()
        self._lines: dict[str, tuple[str, ...]] = {}
        self._calls: dict[str, dict[str, None]] = {}

    @property
    def is_patient(self) -> bool:
        """Whether a worker has ended a moment ago."""
        return self._clock.seconds() < self._patient_until

    def joined(self, number: int) -> None:
        self.living.add(number)
        self._gone.pop(number, None)
        self.changed()

    def left(self, number: int) -> None:
        if number in self.living and number != self.own:
            self.living.discard(number)
            self._gone[number] = self._clock.seconds()
            self._patient_until = self._clock.seconds() + PATIENCE
            self.changed()

    def heard(self, event: Event) -> None:
        """What happens to calls of others: which of them a line is in."""
        if not isinstance(event, CallEvent):
            return
        call, old = event.call, event.old
        if old is not None and not call.ended and len(call.connections) == len(old.connections):
            for one, other in zip(call.connections, old.connections, strict=True):
                if one.id.device != other.id.device:
                    break
            else:
                # Most events are of somebody who was in it before.
                return
        self.know(call)

    def know(self, call: Call) -> None:
        """A call of another worker, as it is now."""
        id = call.id
        for line in self._lines.pop(id, ()):
            calls = self._calls[line]
            del calls[id]
            if not calls:
                del self._calls[line]
        if not call.ended:
            found = {self._around.line_of(one.id.device) for one in call.connections} - {""}
            if found:
                self._lines[id] = lines = tuple(found)
                for line in lines:
                    self._calls.setdefault(line, {})[id] = None

    def of(self, data: bytes) -> tuple[int, bool]:
        """The worker, and whether it is only the one that is to choose (``choose``); DROPPED: nobody has it now."""
        if data.startswith(marks.RESPONSE):
            at = data.find(b"branch=")
            if at > 0 and data.startswith(self._own_branch, at):
                return self._own_one
            return self._living(marks.of_response(data)), False
        if not self.moved and self._is_plainly_own(data):
            return self._own_one
        tag, number = marks.to_tag(data)
        if number:
            return self._of_dialog(tag, number), False
        if data.startswith(b"PUBLISH "):
            number = marks.published_tag(data)
            if number in self.living:
                return number, False
        return marks.home(marks.call_id(data), self.living, self._count) or self.own, True

    def _is_plainly_own(self, data: bytes) -> bool:
        """Most requests in dialogs have the own mark, as it was written: the system has given them to the right one."""
        start = data.find(b"\r\nTo: ")
        if start < 0:
            return False
        end = data.find(b"\r\n", start + 6)
        at = data.find(b";tag=", start, end)
        return (
            0 < at < end
            and data.startswith(self._own_tag, at)
            and data.find(b">", at, end) < 0
            and data[end + 2 : end + 3] not in b" \t"
            and data.find(b"\r\n\r\n", 0, start) < 0
        )

    def _of_dialog(self, tag: bytes, number: int) -> int:
        number = self.moved.get(tag, number)
        if number in self.living:
            return number
        gone = self._gone.get(number)
        return DROPPED if gone is not None and self._clock.seconds() - gone < PATIENCE else self.own

    def choose(self, data: bytes) -> int:
        """The worker of a request outside of dialogs, by the one that its Call-ID names: mostly itself.

        Two calls that have to do with each other go to one worker: what a phone begins while it is in a call, as the
        consultation before a transfer, goes to where that is. What was chosen once holds for what belongs to it.
        """
        call_id = marks.call_id(data)
        chosen = self._chosen.get(call_id, 0)
        if chosen not in self.living:
            chosen = self.moved.get(call_id, 0)
        if chosen in self.living:
            return chosen
        if not data.startswith(b"INVITE "):
            return self.own
        chosen = self._chosen[call_id] = self._living(self._place(data))
        if len(self._chosen) > MOST_REMEMBERED:
            self._chosen.popitem(last=False)
        return chosen

    def _place(self, data: bytes) -> int:
        tag, number = marks.replaced_tag(data)
        if number:
            return self.moved.get(tag, number)
        around = self._around
        if around.is_once(data):
            return FIRST
        line = around.line_of(marks.caller(data))
        if not line:
            return self.own
        number = around.picked_up_at(line, marks.called(data))
        if number:
            return number
        calls = self._calls.get(line)
        if calls is None or around.has_call(line):
            return self.own
        return around.worker_of(next(reversed(calls)))

    def _living(self, number: int) -> int:
        return number if number in self.living else self.own
