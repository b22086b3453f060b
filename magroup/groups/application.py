"""The application: calls at manager numbers are taken through their group's flow, and every call is recorded."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any

from twisted.logger import Logger

from magroup.cti.events import CallCleared, CallEvent, Event, Offered
from magroup.cti.switch import Monitor, Switch
from magroup.cti.types import Cause
from magroup.groups.call import GroupCall
from magroup.groups.flow import Flow, GroupSettings
from magroup.groups.journal import CallJournal, Journal
from magroup.groups.presence import PresenceBook
from magroup.model.calls import Reason, ReasonCode
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.presence import PresenceState
from magroup.model.snapshot import Snapshot
from magroup.policy import trail_in_words

__all__ = ["Application", "GroupSettings"]


class LinesInService:
    """The lines that can be rung now, as the switch says at the moment of the question."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def __contains__(self, number: object) -> bool:
        return isinstance(number, str) and self._switch.in_service(number)


class Application:
    """Give it a switch, start it, and tell it of each new configuration.

    Everything that happens is taken one after the other, also what a service of the switch causes at once.
    """

    log = Logger()

    def __init__(
        self,
        switch: Switch,
        clock: Clock,
        presence: PresenceBook,
        journal: Journal,
        configuration: Configuration,
        settings: GroupSettings | None = None,
    ) -> None:
        self.settings = settings or GroupSettings()
        """May be replaced at any time; calls take it up with their next step."""
        self.journal = CallJournal(journal, lambda: self._configuration)
        self.presence = presence
        self._switch = switch
        self._clock = clock
        self._in_service = LinesInService(switch)
        self._configuration = configuration
        self._snapshot: Snapshot | None = None
        self._groups_of: Mapping[str, set[int]] = {}
        self._points: tuple[str, ...] = ()
        self._calls: dict[str, GroupCall] = {}
        self._inputs: deque[tuple[Callable[..., None], Any]] = deque()
        self._takes_inputs = False
        self._is_draining = False
        self._stops: list[Callable[[], None]] = []
        self._flow = Flow(
            switch,
            clock,
            self.journal,
            snapshot=lambda: self.snapshot,
            settings=lambda: self.settings,
            turn=lambda call, do: self._turn(self._feed, call, do),
            over=self._over,
        )

    # Life

    def start(self) -> None:
        """Listen to the switch and take the calls at manager numbers from now on."""
        monitor: Monitor = self._switch.monitor_start(self._heard)
        self._stops = [monitor.stop, self.presence.subscribe(self._presence_changed)]
        self._learn()

    def drain(self) -> None:
        """Refuse new calls at manager numbers from now on; those that are there go on."""
        self._is_draining = True

    def stop(self) -> None:
        """Listen no more. Stop the switch before, so that it says how its calls end; records left open are closed."""
        for stop in self._stops:
            stop()
        self._stops = []
        for call in self._calls.values():
            call.abandon()
        self._calls.clear()
        self.journal.close(self._clock.seconds())

    def configure(self, configuration: Configuration) -> None:
        """This is the configuration now: calls that wait take it up at once, the others with their next step."""
        self._turn(self._configured, configuration)

    # What is so now

    @property
    def snapshot(self) -> Snapshot:
        """What decisions are made from at this moment."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self._configuration, self.presence.states, in_service=self._in_service)
        return self._snapshot

    def __len__(self) -> int:
        """How many calls are in a group's flow."""
        return len(self._calls)

    def trail(self, call_id: str) -> tuple[Reason, ...]:
        """Why a call that is up is where it is."""
        return self.journal.trail(call_id)

    def describe(self) -> dict[str, Any]:
        """What is held, for the debug page: nothing when there is no call."""
        return {
            "calls": {
                call.id: f"{call.state.value} in group {call.group_id}: {trail_in_words(self.trail(call.id))}"
                for call in self._calls.values()
            },
            "timers": sum(call.is_timed for call in self._calls.values()),
            "open records": len(self.journal),
        }

    # Inputs

    def _heard(self, event: Event) -> None:
        self._turn(self._on_event, event)

    def _presence_changed(self, user_name: str, state: PresenceState) -> None:
        self._turn(self._on_change, "user " + user_name)

    def _turn(self, do: Callable[..., None], *arguments: Any) -> None:
        """``do`` it now, or after what is being done."""
        self._inputs.append((do, arguments))
        if self._takes_inputs:
            return
        self._takes_inputs = True
        try:
            while self._inputs:
                do, arguments = self._inputs.popleft()
                try:
                    do(*arguments)
                except Exception:
                    self.log.failure("An input to the groups failed")
        finally:
            self._takes_inputs = False

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, CallEvent):
            self._on_change("line " + event.device)
            return
        is_over = isinstance(event, CallCleared)
        if not is_over:
            self.journal.on_event(event)
        if isinstance(event, Offered):
            self._offered(event)
        elif call := self._calls.get(event.call_id):
            self._feed(call, call.on_event, event)
        if is_over:
            self.journal.on_event(event)

    def _offered(self, event: Offered) -> None:
        """A call arrived. One that was in a flow already was sent here by somebody."""
        if before := self._calls.pop(event.call_id, None):
            before.abandon()
        group = self._configuration.group_of_number(event.device)
        if group is None or self._is_draining:
            cause = Cause.SWITCHING_FUNCTION_TERMINATED if group else Cause.DEST_NOT_OBTAINABLE
            self._switch.clear(event.call_id, cause)
            return
        self.journal.enter_group(event.call_id, group.id)
        call = self._calls[event.call_id] = GroupCall(self._flow, event.call, group.id)
        self._feed(call, call.start)

    def _on_change(self, what: str) -> None:
        """Presence of a user or service of a line has changed: for the groups that it concerns."""
        self._snapshot = None
        groups = self._groups_of.get(what, ())
        for call in tuple(self._calls.values()):
            if call.group_id in groups:
                self._feed(call, call.snapshot_changed)

    def _configured(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._snapshot = None
        self.presence.keep_only(configuration.user_by_name)
        self._learn()
        for call in tuple(self._calls.values()):
            self._feed(call, call.snapshot_changed)

    def _learn(self) -> None:
        """Whom the groups are made of, and which numbers are theirs."""
        groups_of: dict[str, set[int]] = defaultdict(set)
        for member in self._configuration.members:
            line = self._configuration.line(member.number)
            groups_of["user " + member.user_name.casefold()].add(member.group_id)
            groups_of["line " + (line.number if line else member.number)].add(member.group_id)
        self._groups_of = groups_of
        points = tuple(group.number for group in self._configuration.groups if group.number)
        if points != self._points:
            self._points = points
            self._switch.route_register(points)

    def _feed(self, call: GroupCall, do: Callable[..., None], *arguments: Any) -> None:
        """An input to one call. A call that cannot go on is ended, not left hanging."""
        try:
            do(*arguments)
        except Exception:
            self.log.failure("The call {call} cannot go on", call=call.id)
            call.abandon()
            self._calls.pop(call.id, None)
            self.journal.note(call.id, [Reason(ReasonCode.SYSTEM_ERROR)])
            self._switch.clear(call.id, Cause.RESOURCES_NOT_AVAILABLE)

    def _over(self, call_id: str) -> None:
        self._calls.pop(call_id, None)
