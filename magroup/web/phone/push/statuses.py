"""Which phones are pushed the status, and when: whenever what is in the picture of a phone is no more what it shows."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from twisted.logger import Logger

from magroup.groups.board import Board
from magroup.groups.changes import CallChange, Change, ConfigurationChange, LineChange, PresenceChange
from magroup.groups.forwarding import ForwardingChange
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.web.phone.push.answer import Answer
from magroup.web.phone.push.pusher import Pusher

MOST_NEWS = 500
LOOKING_SECONDS = 0.002
"""What may be spent on looking at phones before the reactor does something else."""

NOTHING: Hashable = ()


class Statuses:
    """``view_of`` gives what a phone's picture shows now, None where it has none; ``document`` what is pushed for it.

    Both take the casefolded name of a device. Phones whose line shows no group are told so once, when it was another.
    """

    log = Logger()

    def __init__(
        self, board: Board, pusher: Pusher, configuration: Callable[[], Configuration],
        view_of: Callable[[str], Hashable], document: Callable[[str], Awaitable[bytes]], clock: Clock,
    ) -> None:  # fmt: skip
        self._board = board
        self._pusher = pusher
        self._configuration = configuration
        self._view_of = view_of
        self._document = document
        self._clock = clock
        self._number = 0
        self._shown: dict[str, Hashable] = {}
        self._sending: dict[str, Hashable] = {}
        self._looked: dict[str, Hashable] = {}
        self._to_look_at: dict[str, None] = {}
        self._groups: dict[str, set[int]] = {}
        self._viewers: dict[int, list[str]] = {}
        self._by_number: dict[str, list[str]] = {}
        self._is_outdated = False
        self._turn: Any = None
        self._unfollow: Callable[[], None] | None = None

    def start(self) -> None:
        """Push to all phones what is so now, then what changes."""
        self.configured()

    def stop(self) -> None:
        self._leave()
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def configured(self) -> None:
        """The configuration is another one: who is in which group, which phones there are, what their lines show."""
        self._is_outdated = True
        self._look_at()

    def _reconfigure(self) -> None:
        self._is_outdated = False
        self._learn()
        if self._viewers:
            self._follow()
        else:
            self._leave()
        devices = {device for devices in self._by_number.values() for device in devices}
        self._shown = {device: view for device, view in self._shown.items() if device in devices}
        self._sending = {device: view for device, view in self._sending.items() if device in devices}
        self._looked.clear()
        self._pusher.keep_only(devices)
        viewers = (device for viewers in self._viewers.values() for device in viewers)
        self._to_look_at = dict.fromkeys((*viewers, *self._shown))

    def _follow(self) -> None:
        if self._unfollow is None:
            unfollow, unsubscribe = self._board.follow(), self._board.subscribe(self._news)
            self._number = self._board.number

            def leave() -> None:
                unsubscribe()
                unfollow()

            self._unfollow = leave

    def _leave(self) -> None:
        """Where no phone shows anything, nothing is to be heard."""
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None

    def appeared(self, number: str) -> None:
        """A phone of the line has registered: whatever it showed may be gone."""
        for device in self._by_number.get(number, ()):
            self._pusher.appeared(device)
            if self._shown.pop(device, None) is not None or self._is_viewer(device):
                self._look_at(device)

    def seen(self, device: str) -> None:
        """How a phone is reached, or what it can show, is known better now."""
        if self._is_viewer(device):
            self._look_at(device)

    def _is_viewer(self, device: str) -> bool:
        return any(device in viewers for viewers in self._viewers.values())

    def _learn(self) -> None:
        configuration = self._configuration()
        groups: dict[str, set[int]] = defaultdict(set)
        for member in configuration.members:
            groups["user " + member.user_name.casefold()].add(member.group_id)
            groups[f"member {member.id}"].add(member.group_id)
            for number in configuration.numbers_of(member):
                groups[number].add(member.group_id)
        viewers: dict[int, list[str]] = defaultdict(list)
        by_number: dict[str, list[str]] = defaultdict(list)
        for phone in configuration.phones:
            device = phone.device_name.casefold()
            lines = list(filter(None, map(configuration.line, phone.lines)))
            for line in lines:
                by_number[line.number].append(device)
            if lines and lines[0].displayed_group:
                viewers[lines[0].displayed_group].append(device)
        self._groups, self._viewers, self._by_number = groups, viewers, by_number

    def _news(self) -> None:
        while True:
            news = self._board.since(self._number, MOST_NEWS)
            if news is None:
                self._number = self._board.number
                self.configured()
                return
            if not news:
                return
            self._number = news[-1].number
            for one in news:
                self._take(one.change)

    def _take(self, change: Change) -> None:
        if isinstance(change, ConfigurationChange):
            self.configured()
            return
        for group_id in self._concerned(change):
            self._look_at(*self._viewers.get(group_id, ()))

    def _concerned(self, change: Change) -> set[int]:
        none: set[int] = set()
        match change:
            case PresenceChange():
                return self._groups.get("user " + change.user_name, none)
            case LineChange() | ForwardingChange(member_id=0):
                return self._groups.get(change.number, none)
            case ForwardingChange():
                return self._groups.get(f"member {change.member_id}", none)
            case CallChange(event):
                calls = (event.call, event.old)
                devices = {one.id.device for call in calls if call is not None for one in call.connections}
                return none.union(*(self._groups.get(device, none) for device in devices))
            case _:
                return none

    def _look_at(self, *devices: str) -> None:
        self._to_look_at.update(dict.fromkeys(devices))
        if self._turn is None and (self._to_look_at or self._is_outdated):
            self._turn = self._clock.callLater(0, self._look)

    def _look(self) -> None:
        """Compare what they show with what is so, as many as there is time for."""
        self._turn = None
        if self._is_outdated:
            self._reconfigure()
        until = self._clock.seconds() + LOOKING_SECONDS
        while self._to_look_at:
            device = next(iter(self._to_look_at))
            del self._to_look_at[device]
            if self._differs(device):
                self._pusher.show(device, _Status(self, device))
            if self._clock.seconds() >= until:
                break
        self._look_at()

    def _differs(self, device: str) -> bool:
        """From what it shows, or will show when it takes what is under way."""
        view = self._looked[device] = self._view(device)
        known = self._sending.get(device, self._shown.get(device, NOTHING))
        return view is not None and view != known

    def view(self, device: str) -> Hashable:
        """As it was seen last, unless something that concerns it has changed since."""
        if self._is_outdated or device in self._to_look_at or device not in self._looked:
            return self._view(device)
        return self._looked[device]

    def _view(self, device: str) -> Hashable:
        """None where there is nothing to show, or an error on the way."""
        try:
            return self._view_of(device)
        except Exception:
            self.log.failure("what the phone {phone} shows cannot be found out", phone=device)
            return None

    async def document(self, device: str, view: Hashable) -> bytes:
        """What is pushed, b"" where the phone shows this view already."""
        if view is None or view == self._shown.get(device, NOTHING):
            return b""
        document = await self._document(device)
        if document:
            self._sending[device] = view
        return document

    def answered(self, device: str, view: Hashable, answer: Answer) -> None:
        """The phone has taken this view, or has not and gets it later."""
        self._sending.pop(device, None)
        if answer.is_there:
            self._shown[device] = view


class _Status:
    """What is pushed is the view of the moment when it goes out."""

    __slots__ = ("_device", "_statuses", "_view")

    def __init__(self, statuses: Statuses, device: str) -> None:
        self._statuses = statuses
        self._device = device
        self._view: Hashable = None

    async def document(self) -> bytes:
        self._view = self._statuses.view(self._device)
        return await self._statuses.document(self._device, self._view)

    def answered(self, answer: Answer) -> None:
        self._statuses.answered(self._device, self._view, answer)
