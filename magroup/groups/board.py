"""The board: all that changes, numbered in the order in which it happens; the newest changes are kept (design 3)."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from twisted.logger import Logger

from magroup.cti.events import (
    BackInService,
    CallEvent,
    DeviceCapabilitiesChanged,
    DeviceEvent,
    DigitsGenerated,
    Event,
    LinkChanged,
    MessageEnded,
    OutOfService,
)
from magroup.cti.switch import Switch
from magroup.groups.changes import (
    CallChange,
    Change,
    LineChange,
    News,
    PresenceChange,
    SettingsChange,
    configuration_changes,
)
from magroup.groups.forwarding import ForwardingChange
from magroup.groups.member_states import MemberStates
from magroup.groups.presence import PresenceBook
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.lines import LineState
from magroup.model.presence import PresenceState

MOST_KEPT = 10_000
KEPT_FOR = 600.0
"""Seconds for which changes are kept when nobody follows any more: who has lost the connection comes again."""

MOST_AT_ONCE = 500
"""Things of the configuration that are told one by one; where more change at once, everything is to be read anew."""

_NOT_TOLD = DigitsGenerated | MessageEnded
"""Digits may be a PIN; a message's end is of no interest to people."""

_AT_REST = frozenset({LineState.IDLE, LineState.OUT_OF_SERVICE})

Subscriber = Callable[[], None]


class Board:
    """``number`` is that of the newest change; numbers mean something within one ``life``, a start of the server.

    While nobody follows, what happens is counted only: whoever comes then reads everything anew.
    Start it after ``states``, and subscribe ``configured`` after whoever else takes a new configuration.
    """

    log = Logger()

    def __init__(
        self, clock: Clock, switch: Switch, states: MemberStates, presence: PresenceBook,
        forwardings: Callable[[Callable[[ForwardingChange], None]], Callable[[], None]],
        configuration: Configuration, most_kept: int = MOST_KEPT,
    ) -> None:  # fmt: skip
        self.number = 0
        self.life = f"{int(clock.seconds() * 1000):x}"
        self._clock = clock
        self._switch = switch
        self._states = states
        self._presence = presence
        self._forwardings = forwardings
        self._configuration = configuration
        self._kept: deque[News] = deque(maxlen=most_kept)
        self._lines: dict[str, LineState] = {}
        self._subscribers: tuple[Subscriber, ...] = ()
        self._followers = 0
        self._followed_until = 0.0
        self._keeps = False
        self._stops: list[Callable[[], None]] = []

    def __len__(self) -> int:
        """How many lines are in calls: none when there is no call."""
        return len(self._lines)

    def start(self) -> None:
        """Listen to the switch and to the books."""
        self._stops = [
            self._switch.monitor_start(self._heard).stop,
            self._presence.subscribe(self._presence_changed),
            self._forwardings(self._put),
        ]

    def stop(self) -> None:
        for stop in self._stops:
            stop()
        self._stops = []

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell ``subscriber`` that there is news, which it gets by ``since``, until what is returned is called."""
        self._subscribers = (*self._subscribers, subscriber)

        def unsubscribe() -> None:
            self._subscribers = tuple(other for other in self._subscribers if other is not subscriber)

        return unsubscribe

    def follow(self) -> Callable[[], None]:
        """Somebody follows from now on, until what is returned is called."""
        self._followers += 1
        if not self._keeps:
            self._keeps = True
            for call in self._switch.calls():
                for connection in call.connections:
                    self._look_at(connection.id.device)

        def leave() -> None:
            self._followers -= 1
            self._followed_until = self._clock.seconds() + KEPT_FOR

        return leave

    def since(self, number: int, most: int) -> Sequence[News] | None:
        """What came after ``number``, the ``most`` oldest of it; None where some of it is kept no more, or to come."""
        behind = self.number - number
        if not 0 <= behind <= len(self._kept):
            return None
        first = len(self._kept) - behind
        # Not islice, which would walk through all that is before.
        return [self._kept[at] for at in range(first, min(first + most, len(self._kept)))]

    def configured(self, old: Configuration, new: Configuration, who: str) -> None:
        """``who`` has put ``new`` in the place of ``old``."""
        self._configuration = new
        found = tuple(islice(configuration_changes(old, new, who), MOST_AT_ONCE + 1))
        if len(found) > MOST_AT_ONCE:
            self.forget()
            return
        for change in found:
            self._put(change)

    def settings_changed(self, names: Sequence[str], who: str) -> None:
        """``who`` has changed the settings with these names."""
        self._put(SettingsChange(tuple(names), who))

    def forget(self) -> None:
        """So much has changed that whoever follows must read everything anew."""
        self._kept.clear()
        self.number += 1
        self._tell()

    def _presence_changed(self, user_name: str, state: PresenceState) -> None:
        self._put(PresenceChange(user_name, state, self._presence.get_said(user_name)))

    def _heard(self, event: Event) -> None:
        if isinstance(event, CallEvent):
            if not self._keeps:
                self.number += 1
            elif not self._followers and event.at >= self._followed_until:
                self._stop_keeping()
            elif not isinstance(event, _NOT_TOLD):
                self._put(CallChange(event))
                for device in event.devices_changed():
                    self._look_at(device)
        elif isinstance(event, BackInService | OutOfService):
            self._look_at_service(event)
        elif isinstance(event, DeviceCapabilitiesChanged) and event.device in self._lines:
            # What may be done with its calls is shown with them.
            self._put(LineChange(event.device, self._lines[event.device]))
        elif isinstance(event, LinkChanged):
            # What may be done with any call may be something else now.
            self.forget()

    def _stop_keeping(self) -> None:
        """Nobody has come again."""
        self._keeps = False
        self._kept.clear()
        self._lines.clear()
        self.number += 1

    def _look_at(self, device: str) -> None:
        """Tell what a line does that is, or was, in a call, where that is something else than before."""
        before = self._lines.get(device)
        # Most devices of a trunk's calls are no lines, and each call asks some ten times.
        if before is None and not self._is_line(device):
            return
        now = self._states.line_state(device)
        if now is before or (before is None and now in _AT_REST):
            return
        if now in _AT_REST:
            del self._lines[device]
        else:
            self._lines[device] = now
        self._put(LineChange(device, now))

    def _look_at_service(self, event: DeviceEvent) -> None:
        if event.device not in self._lines and self._is_line(event.device):
            self._put(LineChange(event.device, self._states.line_state(event.device)))

    def _is_line(self, device: str) -> bool:
        line = self._configuration.line(device)
        return line is not None and line.number == device

    def _put(self, change: Change) -> None:
        self.number += 1
        if self._keeps:
            self._kept.append(News(self.number, self._clock.seconds(), change))
        self._tell()

    def _tell(self) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber()
            except Exception:
                self.log.failure("A subscriber of the board failed")
