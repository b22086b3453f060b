"""What members are doing: presence, forwarding and line, with a number that grows with each change."""

from dataclasses import dataclass

from magroup.cti.events import BackInService, CallEvent, Event, LinkChanged, OutOfService
from magroup.cti.switch import Monitor, Switch
from magroup.cti.types import Call, Connection, ConnectionState
from magroup.groups.application import Application
from magroup.model.forwarding import ForwardTo
from magroup.model.groups import Member
from magroup.model.lines import LineState
from magroup.model.presence import PresenceState
from magroup.policy import target_of


@dataclass(frozen=True)
class MemberState:
    """``forwarded_to`` is a number, or ``group`` for calls that go to the assistants at once; "" for no forwarding."""

    presence: PresenceState
    forwarded_to: str
    line: LineState


class MemberStates:
    """Knows them from ``start`` on. What it says of a line is so until the next event of the switch."""

    def __init__(self, switch: Switch, application: Application) -> None:
        self.version = 0
        """Another one after each change of anything."""
        self._switch = switch
        self._application = application
        self._connections: dict[str, dict[str, Connection]] = {}
        self._calls: dict[str, Call] = {}
        self._monitor: Monitor | None = None

    def start(self) -> None:
        """Listen to the switch and to the books."""
        self._monitor = self._switch.monitor_start(self._heard)
        for call in self._switch.calls():
            self._calls[call.id] = call
            for connection in call.connections:
                self._connections.setdefault(connection.id.device, {})[call.id] = connection
        self._stops = (
            self._monitor.stop,
            self._application.presence.subscribe(lambda user_name, state: self._changed()),
            self._application.forwarding.subscribe(lambda change: self._changed()),
        )

    def stop(self) -> None:
        for stop in self._stops:
            stop()

    def state(self, member: Member) -> MemberState:
        """What a member is doing now."""
        return MemberState(
            self._application.presence.get(member.user_name), self._forwarded_to(member), self.line_state(member.number)
        )

    def line_state(self, number: str) -> LineState:
        """What the line with this number, as stored, is doing now."""
        # Asked in a thread too, for long lists, while calls come and go.
        calls = self._connections.get(number)
        states = [connection.state for connection in tuple(calls.values())] if calls else ()
        if ConnectionState.CONNECTED in states or ConnectionState.INITIATED in states:
            return LineState.BUSY
        if ConnectionState.ALERTING in states:
            return LineState.RINGING
        if ConnectionState.HOLD in states:
            return LineState.HELD
        return LineState.IDLE if self._switch.in_service(number) else LineState.OUT_OF_SERVICE

    def calls_at(self, number: str) -> list[Call]:
        """The calls that the line takes part in, the oldest first."""
        found = [self._calls[call_id] for call_id in self._connections.get(number, ())]
        return sorted(found, key=lambda call: call.started_at) if len(found) > 1 else found

    def call(self, call_id: str) -> Call | None:
        """The call, while it is up."""
        return self._calls.get(call_id)

    def _forwarded_to(self, member: Member) -> str:
        book = self._application.forwarding
        configuration = self._application.snapshot.configuration
        forwarding = (book.of_member(member.id) if member.is_manager else None) or book.of_line(member.number)
        if forwarding.to is ForwardTo.GROUP:
            return forwarding.to.value
        return target_of(configuration, forwarding, configuration.user(member.user_name))

    def _heard(self, event: Event) -> None:
        if isinstance(event, CallEvent):
            self._take(event)
            self.version += 1
        elif isinstance(event, BackInService | OutOfService | LinkChanged):
            self._changed()

    def _take(self, event: CallEvent) -> None:
        """Each event of a call comes here: only what it has changed is looked at."""
        call = event.call
        for device in event.devices_changed():
            connection = call.connection(device)
            if connection is None:
                self._forget(device, call.id)
            else:
                self._connections.setdefault(device, {})[call.id] = connection
        if call.ended:
            before = self._calls.pop(call.id, None)
            if before is not None:
                # Another node may have known less of the call than what was heard here.
                for left in before.connections:
                    self._forget(left.id.device, call.id)
        else:
            self._calls[call.id] = call

    def _forget(self, device: str, call_id: str) -> None:
        calls = self._connections.get(device)
        if calls is not None and calls.pop(call_id, None) is not None and not calls:
            del self._connections[device]

    def _changed(self) -> None:
        self.version += 1

    def __len__(self) -> int:
        """How many devices are in calls: none when there is no call."""
        return len(self._connections)
