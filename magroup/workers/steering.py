"""Datagrams come to any worker, and each goes to the one that has its call."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from magroup.cti.events import CallEvent, Event
from magroup.model.clock import Clock
from magroup.workers import marks

PATIENCE = 3.0
"""Seconds in which a request for a worker that has ended is left to be repeated: somebody takes its calls."""

MOST_REMEMBERED = 16_384
DROPPED: Final = -1
FIRST: Final = 1


class Steering:
    """``own`` is this worker. ``of`` says whose a message is.

    ``node_of`` names the node that has a call, ``number_of`` the worker of a node (0: none of this server's), and
    ``has_call`` says whether the line is in a call of this worker, ``is_line`` whether a number is a line's.
    """

    def __init__(
        self, clock: Clock, own: int, node_of: Callable[[str], str], number_of: Callable[[str], int],
        has_call: Callable[[str], bool], is_line: Callable[[str], bool],
    ) -> None:  # fmt: skip
        self.own = own
        self.living = {own}
        self.moved: dict[bytes, int] = {}
        """Tags of the dialogs that another worker has taken over."""
        self.is_first_ones: Callable[[bytes], bool] = lambda data: False
        """Whether an INVITE is for what only the first worker has."""
        self._clock = clock
        self._node_of = node_of
        self._number_of = number_of
        self._has_call = has_call
        self._is_line = is_line
        self._gone: dict[int, float] = {}
        self._chosen: OrderedDict[bytes, int] = OrderedDict()
        self._devices: dict[str, tuple[str, ...]] = {}
        self._calls: dict[str, dict[str, None]] = {}

    def joined(self, number: int) -> None:
        self.living.add(number)
        self._gone.pop(number, None)

    def left(self, number: int) -> None:
        if number in self.living and number != self.own:
            self.living.discard(number)
            self._gone[number] = self._clock.seconds()

    def heard(self, event: Event) -> None:
        """What happens to calls of others: which of them a line is in."""
        if not isinstance(event, CallEvent):
            return
        id = event.call_id
        for device in self._devices.pop(id, ()):
            calls = self._calls[device]
            del calls[id]
            if not calls:
                del self._calls[device]
        if not event.call.ended:
            self._devices[id] = devices = tuple(
                device for device in {one.id.device for one in event.call.connections} if self._is_line(device)
            )  # fmt: skip
            for device in devices:
                self._calls.setdefault(device, {})[id] = None

    def of(self, data: bytes) -> tuple[int, bool]:
        """The worker, and whether it is only the one that is to choose (``choose``); DROPPED: nobody has it now."""
        if data.startswith(marks.RESPONSE):
            number = marks.of_response(data)
            return number if number in self.living else self.own, False
        tag, number = marks.to_tag(data)
        if number:
            return self._of_dialog(tag, number), False
        return marks.home(marks.call_id(data), self.living) or self.own, True

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
        if chosen in self.living:
            return chosen
        if not data.startswith(b"INVITE "):
            return self.own
        if FIRST in self.living and self.is_first_ones(data):
            chosen = FIRST
        else:
            chosen = self._place(marks.replaced_tag(data), marks.caller(data))
        self._chosen[call_id] = chosen
        if len(self._chosen) > MOST_REMEMBERED:
            self._chosen.popitem(last=False)
        return chosen

    def _place(self, replaced: tuple[bytes, int], caller: str) -> int:
        tag, number = replaced
        if number:
            number = self.moved.get(tag, number)
            return number if number in self.living else self.own
        calls = self._calls.get(caller)
        if calls is None or self._has_call(caller):
            return self.own
        number = self._number_of(self._node_of(next(reversed(calls))))
        return number if number in self.living else self.own
