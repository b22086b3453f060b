"""The application: calls at manager numbers are taken through their group's flow, and every call is recorded."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from twisted.logger import Logger

from magroup.cti.events import BackInService, CallCleared, CallEvent, Event, Offered, OutOfService, Transferred
from magroup.cti.switch import Monitor, Switch
from magroup.cti.turns import Turns
from magroup.cti.types import Cause, ConnectionId
from magroup.groups import concern
from magroup.groups.call import GroupCall
from magroup.groups.flow import Flow, GroupSettings
from magroup.groups.forwarding import ForwardingBook, ForwardingChange
from magroup.groups.journal import CallJournal, Journal
from magroup.groups.open_call import OpenCall
from magroup.groups.pickup import alerting, to_pick_up
from magroup.groups.presence import PresenceBook
from magroup.model.calls import Reason, ReasonCode, Story, Vip
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarded
from magroup.model.numbers import NumberPlan
from magroup.model.presence import PresenceState
from magroup.model.snapshot import Snapshot
from magroup.policy import forwarded, trail_in_words, words

__all__ = ["Application", "GroupSettings", "trail_in_words", "words"]

MOST_OFFERS: Final = 10
"""How often a call may come to manager numbers; one that comes back by forwardings without end is ended."""


@dataclass
class Known:
    """What is known of a call from its first arrival at a manager number to its end."""

    vip: Vip | None = None
    offers: int = 0


class LinesInService:
    """The lines that can be rung now, as the switch says at the moment of the question."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def __contains__(self, number: object) -> bool:
        return isinstance(number, str) and self._switch.in_service(number)


class Application:
    """Give it a switch, start it, and tell it of each new configuration.

    Everything that happens is taken one after the other, also what a service of the switch causes at once.
    ``others`` gives the route points of other applications: registered with the groups', their calls left alone.
    """

    log: ClassVar = Logger()

    def __init__(
        self,
        switch: Switch,
        clock: Clock,
        presence: PresenceBook,
        forwarding: ForwardingBook,
        journal: Journal,
        configuration: Configuration,
        settings: GroupSettings | None = None,
        others: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self.settings = settings or GroupSettings()
        """May be replaced at any time; calls take it up with their next step."""
        self.journal = CallJournal(journal, lambda: self._configuration)
        self.presence = presence
        self.forwarding = forwarding
        self._others = others
        self._switch = switch
        self._clock = clock
        self._in_service = LinesInService(switch)
        self._configuration = configuration
        self._snapshot: Snapshot | None = None
        self._concerns: dict[int, set[str]] = {}
        self._points: tuple[NumberPlan, tuple[str, ...]] = NumberPlan(), ()
        self._calls: dict[str, GroupCall] = {}
        self._known: dict[str, Known] = {}
        self._turn = Turns("groups")
        self._is_draining = False
        self._stops: list[Callable[[], None]] = []
        self.vip_elsewhere: Callable[[str], Vip | None] = lambda call_id: None
        self.is_elsewhere: Callable[[str], bool] = lambda call_id: False
        """Say of a call, by its id, that another node has it, and that it is a VIP's there."""
        self._flow = Flow(
            switch,
            clock,
            self.journal,
            snapshot=lambda: self.snapshot,
            settings=lambda: self.settings,
            turn=lambda call, do: self._turn(self._feed, call, do),
            entered=self._entered,
            over=self._over,
            is_others=lambda number: number in self._others(),
        )

    # Life

    def start(self) -> None:
        """Listen to the switch and take the calls at manager numbers from now on."""
        monitor: Monitor = self._switch.monitor_start(self._heard)
        self._stops = [
            monitor.stop,
            self.presence.subscribe(self._presence_changed),
            self.forwarding.subscribe(self._forwarding_changed),
        ]
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
        self._known.clear()
        self.journal.close(self._clock.seconds())

    def configure(self, configuration: Configuration) -> None:
        """This is the configuration now: calls that wait take it up at once, the others with their next step."""
        self._turn(self._configured, configuration)

    def learn_points(self) -> None:
        """The numbers of the other applications may have changed."""
        self._learn()

    # What is so now

    @property
    def snapshot(self) -> Snapshot:
        """What decisions are made from at this moment."""
        if self._snapshot is None or self._snapshot.voicemail != self.settings.voicemail:
            self._snapshot = Snapshot(
                self._configuration,
                self.presence.said,
                self.forwarding.application,
                self.forwarding.lines,
                self._in_service,
                self.settings.voicemail,
            )
        return self._snapshot

    def forwarded(self, number: str) -> Forwarded:
        """Where a call to a line goes now, for the switch to ask when it is about to ring the line."""
        return forwarded(self.snapshot, number)

    def pickup(self, by: str, at: str, call_id: str = "") -> ConnectionId:
        """Where the call rings (``call_id``, or any) that a line picks up, for the switch. Raises ServiceError.

        Of a call of another node only that one knows for which group it rings: it decides when it is asked.
        """
        if call_id and self.is_elsewhere(call_id):
            return ConnectionId(call_id, at)
        calls = (call for call in self._switch.calls() if call_id in ("", call.id))
        return to_pick_up(self.snapshot, by, at, alerting(calls, self._calls, self.vip))

    def vip(self, call_id: str) -> Vip | None:
        """That a call is a VIP call, from when it enters a group until its end."""
        known = self._known.get(call_id)
        return known.vip if known else self.vip_elsewhere(call_id)

    def vip_here(self, call_id: str) -> Vip | None:
        """The same of a call that is this server's own."""
        known = self._known.get(call_id)
        return known.vip if known else None

    def take(self, call_id: str, record: OpenCall | None, vip: Vip | None, node: str) -> None:
        """A call that was up at another node goes on here, which is called ``node``."""
        if vip:
            self._known[call_id] = Known(vip)
        if record is not None:
            self.journal.take(record)
            self.journal.note(call_id, [Reason(ReasonCode.TAKEN_OVER, node)])

    def leave(self, call_id: str) -> None:
        """Another node has the call: nothing of it is known here any more, nor written."""
        self._known.pop(call_id, None)
        self.journal.leave(call_id)

    def __len__(self) -> int:
        """How many calls are in a group's flow."""
        return len(self._calls)

    def trail(self, call_id: str) -> tuple[Reason, ...]:
        """Why a call that is up is where it is."""
        return self.journal.trail(call_id)

    def story(self, call_id: str) -> Story:
        """What a call is about that is up."""
        return Story(self.journal.group_id(call_id), self.trail(call_id))

    def describe(self) -> dict[str, Any]:
        """What is held, for the debug page: nothing when there is no call."""
        return {
            "calls": {
                call.id: f"{call.state.value} in group {call.group_id}: {trail_in_words(self.trail(call.id))}"
                for call in self._calls.values()
            },
            "known": len(self._known),
            "timers": sum(call.is_timed for call in self._calls.values()),
            "open records": len(self.journal),
        }

    # Inputs

    def _heard(self, event: Event) -> None:
        self._turn.take(self._on_event, event)

    def _presence_changed(self, user_name: str, state: PresenceState) -> None:
        self._turn(self._on_change, concern.user(user_name))

    def _forwarding_changed(self, change: ForwardingChange) -> None:
        self._turn(self._on_forwarding)

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, CallEvent):
            if isinstance(event, BackInService | OutOfService):
                self._on_change(concern.line(event.device))
            return
        is_over = isinstance(event, CallCleared)
        if not is_over:
            self.journal.on_event(event)
        if isinstance(event, Offered):
            self._offered(event)
        elif call := self._calls.get(event.call_id):
            self._feed(call, call.on_event, event)
        if isinstance(event, Transferred) and (vip := self.vip(event.other_call_id)):
            self._known.setdefault(event.call_id, Known()).vip = vip
        if is_over:
            self._known.pop(event.call_id, None)
            self.journal.on_event(event)

    def _offered(self, event: Offered) -> None:
        """A call arrived. One that was in a flow already was sent here by somebody."""
        if before := self._calls.pop(event.call_id, None):
            before.abandon()
        group = self._configuration.group_of_number(event.device)
        if group is None and event.device in self._others():
            return
        if group is None or self._is_draining:
            cause = Cause.SWITCHING_FUNCTION_TERMINATED if group else Cause.DEST_NOT_OBTAINABLE
            self._switch.clear(event.call_id, cause)
            return
        known = self._known.setdefault(event.call_id, Known())
        known.offers += 1
        if known.offers > MOST_OFFERS:
            self.journal.note(event.call_id, [Reason(ReasonCode.ENDLESS)])
            self._switch.clear(event.call_id, Cause.LOOP)
            return
        self.journal.enter_group(event.call_id, group.id)
        call = self._calls[event.call_id] = GroupCall(self._flow, event.call, group.id)
        self._feed(call, call.start)

    def _on_change(self, what: str) -> None:
        """Presence of a user or service of a line has changed: for the groups that it concerns."""
        self._snapshot = None
        for call in tuple(self._calls.values()):
            if call.group_id not in self._concerns:
                self._concerns[call.group_id] = concern.concerns(self.snapshot, call.group_id)
            if what in self._concerns[call.group_id]:
                self._feed(call, call.snapshot_changed)

    def _on_forwarding(self) -> None:
        """Where members are reached has changed, for any group: chains lead through lines of others."""
        self._snapshot = None
        self._concerns.clear()
        for call in tuple(self._calls.values()):
            self._feed(call, call.snapshot_changed)

    def _configured(self, configuration: Configuration) -> None:
        before, self._configuration = self._configuration, configuration
        if configuration.users is not before.users:
            self.presence.keep_only(configuration.user_by_name)
        self.forwarding.configure(configuration)
        self._learn()
        self._on_forwarding()

    def _learn(self) -> None:
        """Which numbers are the groups' and the other applications'."""
        numbers = (*(group.number for group in self._configuration.groups if group.number), *self._others())
        points = self._configuration.plan, numbers
        if points != self._points:
            self._points = points
            self._switch.route_register(numbers)

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

    def _entered(self, call_id: str, vip: Vip | None) -> None:
        """A VIP call of one group may be none in the next, to which it overflows."""
        self._known.setdefault(call_id, Known()).vip = vip
        if vip:
            self.journal.vip(call_id)

    def _over(self, call_id: str) -> None:
        self._calls.pop(call_id, None)
