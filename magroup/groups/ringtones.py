"""Ringtone notifications: whose phones play which tone when a call rings at a member (manual, the chapter of the name).

The phones of all others in the groups of that member play one, but those that ring for the call themselves and those in
a conversation, whose ears it would reach. A call that only the manager is to see is heard by nobody else.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from magroup.cti.events import CallCleared, Delivered, Event
from magroup.cti.switch import Switch
from magroup.cti.types import Call, ConnectionState
from magroup.groups.application import Application
from magroup.groups.member_states import MemberStates
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.groups import Member
from magroup.model.lines import LineState
from magroup.policy import is_hidden

Play = Callable[[str, str, Callable[[], bool]], None]
"""Let a device, by its casefolded name, play a tone as long as it is wanted."""


class Ringtones:
    """``play`` is told; ``in_calls`` says whether phones in a conversation play tones too.

    A call and a member: once, however often it comes back there. What begins to ring at the same moment is looked at
    together: who rings is known then, and a phone plays one tone, the manager's before an assistant's.
    """

    def __init__(
        self, switch: Switch, states: MemberStates, application: Application,
        configuration: Callable[[], Configuration], play: Play, in_calls: Callable[[], bool], clock: Clock,
    ) -> None:  # fmt: skip
        self._switch = switch
        self._states = states
        self._application = application
        self._current = configuration
        self._play = play
        self._in_calls = in_calls
        self._clock = clock
        self._rang: dict[str, set[str]] = {}
        self._ringing: dict[tuple[str, str], None] = {}
        self._turn: Any = None
        self._configuration: Configuration | None = None
        self._members: dict[str, list[tuple[Member, str]]] = {}
        self._phones: dict[str, list[str]] = {}
        self._stop: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        """How many calls are remembered: none when there is no call."""
        return len(self._rang)

    def start(self) -> None:
        """Listen to the switch, after ``states`` does."""
        self._stop = self._switch.monitor_start(self._heard).stop

    def stop(self) -> None:
        self._stop()
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def _heard(self, event: Event) -> None:
        if isinstance(event, CallCleared):
            self._rang.pop(event.call.id, None)
        elif isinstance(event, Delivered):
            self._learn()
            # At most lines nobody plays a tone.
            if event.device not in self._members:
                return
            rang = self._rang.setdefault(event.call_id, set())
            if event.device not in rang:
                rang.add(event.device)
                self._ringing[event.call_id, event.device] = None
                if self._turn is None:
                    self._turn = self._clock.callLater(0, self._tell)

    def _tell(self) -> None:
        self._turn = None
        ringing, self._ringing = self._ringing, {}
        told: set[tuple[str, str]] = set()
        tones = [one for call_id, number in ringing for one in self._tones(call_id, number)]
        for _, device, tone, call_id, number in sorted(tones, key=lambda one: one[0]):
            if (call_id, device) not in told:
                told.add((call_id, device))
                self._play(device, tone, lambda call_id=call_id, number=number: self._rings(call_id, number))  # type: ignore[misc]

    def _rings(self, call_id: str, number: str) -> bool:
        call = self._states.call(call_id)
        return call is not None and number in _alerting(call)

    def _tones(self, call_id: str, number: str) -> Iterator[tuple[int, str, str, str, str]]:
        """Rank, device, tone, and what for."""
        call = self._states.call(call_id)
        configuration = self._current()
        if call is None or number not in _alerting(call) or is_hidden(self._application.vip(call_id)):
            return
        silent = {device for one in _alerting(call) for device in self._phones.get(one, ())}
        for member, tone in self._members.get(number, ()):
            silent.update(device for one in configuration.numbers_of(member) for device in self._phones.get(one, ()))
            for other in configuration.members_of(member.group_id):
                for device in self._devices(configuration, other):
                    if device not in silent:
                        yield (0 if member.is_manager else 1), device, tone, call_id, number

    def _devices(self, configuration: Configuration, member: Member) -> list[str]:
        """The phones of a member that may play now."""
        numbers = configuration.numbers_of(member)
        found = dict.fromkeys(device for number in numbers for device in self._phones.get(number, ()))
        if self._in_calls():
            return list(found)
        return [device for device in found if not self._talks(configuration, device)]

    def _talks(self, configuration: Configuration, device: str) -> bool:
        phone = configuration.phone(device)
        lines = filter(None, map(configuration.line, phone.lines if phone else ()))
        return any(self._states.line_state(line.number) is LineState.BUSY for line in lines)

    def _learn(self) -> None:
        """Which members that have a tone, and which phones, there are at a line, as the configuration is."""
        configuration = self._current()
        if configuration is self._configuration:
            return
        members: dict[str, list[tuple[Member, str]]] = defaultdict(list)
        phones: dict[str, list[str]] = defaultdict(list)
        for group in configuration.groups:
            for member in configuration.members_of(group.id):
                tone = group.manager_alarm if member.is_manager else group.assistant_alarm
                for number in configuration.numbers_of(member) if tone else ():
                    members[number].append((member, tone))
        for phone in configuration.phones:
            for line in filter(None, map(configuration.line, phone.lines)):
                phones[line.number].append(phone.device_name.casefold())
        self._configuration, self._members, self._phones = configuration, members, phones


def _alerting(call: Call) -> set[str]:
    return {one.id.device for one in call.connections if one.state is ConnectionState.ALERTING}
