"""The calls of a node that dies go on at another: each keeps in Redis what the others must know of those that talk,
of callers who wait, answered, at manager numbers, and of those who hear ringing: for these it begins anew, at once.

Redis decides which node goes on with a call.
"""

from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.cluster.bus import BusDown
from magroup.cluster.kept_calls import AT_ONCE, KeepingBus, Kept
from magroup.cluster.wire import read as read_message
from magroup.cluster.wire import written as message
from magroup.cti.events import CallEvent, Delivered, Event
from magroup.cti.switch import Monitor
from magroup.groups.application import Application
from magroup.keeping import Keeping
from magroup.model.clock import Clock
from magroup.model.lines import Registration
from magroup.sip.hop import Hop
from magroup.sip.session import Session
from magroup.sip.timers import Timers
from magroup.store.errors import StoreError
from magroup.store.journal.recovery import Owned
from magroup.switch.call import SwitchCall
from magroup.switch.late_cancels import LateCancels
from magroup.switch.leg import Leg
from magroup.switch.phase import Phase
from magroup.switch.resume import awaits_connection, let_go, reconnected, resume, show_contacts
from magroup.switch.switch import SipSwitch
from magroup.switch.talk_form import RingingForm, WaitingForm
from magroup.switch.waiting import begin_anew, cancel_ringing, resume_waiting
from magroup.taken_form import read

TOPIC = "taken"
SETTLED = 2.0
"""Seconds after which the calls of a dead node are taken, or lost."""

OTHERS_FIRST = 0.25
"""Seconds that one waits which drains."""

FORGOTTEN_AFTER = 300.0
"""Seconds in which what belongs to a call that begun anew is known to belong here: the longest ringing."""

TOLD_AFTER = 1.0
"""Seconds in which calls are counted that others have now: all of them at once, mostly."""

BETWEEN = 0.002
"""Seconds between the calls whose phones are told where they are now."""

CANCELLED = (0.0, 0.5, 1.5)
CANCELLED_LATE = (3.0, 3.5, 4.5)
"""Seconds after which phones that the dead one rang are told, once more and again: what they answer goes nowhere. Who
was only slow takes it for their refusal, unless it has let go of the call by then.
"""


class Takeover:
    """``taken`` are the calls of others, or of this node's last life, that are this node's now, by their ids."""

    log = Logger()

    def __init__(
        self, bus: KeepingBus, clock: Clock, switch: SipSwitch, application: Application,
        when_served: Callable[[Callable[[], None]], bool],
    ) -> None:  # fmt: skip
        self.taken: set[str] = set()
        self._bus = bus
        self._clock = clock
        self._switch = switch
        self._application = application
        self._waiting: dict[str, SwitchCall] = {}
        self._offers: dict[str, str] = {}
        self._claimed: dict[str, bytes] = {}
        self._lost = 0
        self._monitor: Monitor | None = None
        self._late_cancels = LateCancels(switch, clock)
        self._timers = Timers(clock)
        self._keeping = Keeping(bus, clock, self._timers, switch, application, self.taken, self._lose, when_served)
        self.resumed: Callable[[str, tuple[str, ...]], None] = lambda id, tags: None
        self.over: Callable[[str], None] = lambda id: None
        """Told of a call that goes on here, with the tags of its two dialogs, and of its end."""
        self.is_found: Callable[[str, Hop], bool] = lambda node, hop: False
        """Whether the peer at ``hop`` finds this node where it has found the dead one, so that it need not be told."""

    def start(self) -> None:
        """Keep the own calls, and take those of who dies, from now on."""
        self._monitor = self._switch.monitor_start(self._heard)
        self._switch.endpoint.changed = self._session_changed
        self._switch.registrar.registered.append(lambda registration, body: self._reconnected(registration))
        self._switch.registrar.taken.append(self._reconnected)
        self._bus.listen(TOPIC, self._told)
        self._bus.watch(lambda node: None, self._left, self._keeping.missed)
        self._keeping.start()

    async def stop(self) -> None:
        """Whoever stops in order ends its calls itself."""
        self._switch.endpoint.changed = None
        if self._monitor is not None:
            self._monitor.stop()
            self._monitor = None
        self._timers.stop()
        await self._keeping.stop()

    # what happens to the own ones

    def _heard(self, event: Event) -> None:
        if not isinstance(event, CallEvent):
            return
        id = event.call.id
        if type(event) is Delivered:
            self._keeping.rings(id)
            return
        is_over = event.call.ended
        self._keeping.touch(id, is_over and self._bus.knows_ends)
        if is_over and id in self.taken:
            self.over(id)
            # The others are told of its end in the next turn, as of one of this node's.
            self._timers.after(1.0, self.taken.discard, id)

    def _session_changed(self, session: Session) -> None:
        leg = session.user
        if isinstance(leg, Leg) and isinstance(leg.owner, SwitchCall):
            self._keeping.touch(leg.owner.id)

    # calls that others have taken

    def _told(self, node: str, body: bytes) -> None:
        dead, ids = read_message(body, tuple[str, list[str]])
        if dead == self._bus.node:
            for id in ids:
                self._lose(id)

    def _lose(self, id: str) -> None:
        """This node was thought to be dead, and another one has the call now: nobody in it notices."""
        self._keeping.forget(id)
        self.taken.discard(id)
        call = self._switch.calls_by_id.get(id)
        if call is not None:
            self.log.info("The call is another node's now, which took this one for dead", call=id)
            if not self._lost:
                self._timers.after(TOLD_AFTER, self._tell_lost)
            self._lost += 1
            self._application.leave(id)
            let_go(call)

    def _tell_lost(self) -> None:
        lost, self._lost = self._lost, 0
        self.log.warn("Others took this node for dead, and have so many of its calls now: {count}", count=lost)

    # taking those of the dead

    def _left(self, node: str) -> None:
        if not self._bus.is_up or self._monitor is None:
            return
        life = self._bus.life(node)
        wait = self._keeping.up_since + self._bus.settles - self._clock.seconds()
        if self._switch.is_draining:
            wait = max(wait, OTHERS_FIRST)
        if wait > 0:
            self._timers.after(wait, self._take_if_gone, (node, life))
        else:
            self._run("Calls cannot be taken over", self._take(node, life))

    def _take_if_gone(self, who: tuple[str, str]) -> None:
        node, life = who
        if self._bus.is_up and (node not in self._bus.nodes or self._bus.life(node) != life):
            self._run("Calls cannot be taken over", self._take(node, life))

    async def _take(self, node: str, life: str) -> None:
        count = 0
        try:
            while not self._switch.is_stopping and (found := await self._bus.kept.take(node, life)):
                taken = {id for id, form in found if self._resume(id, form, node, count)}
                self._bus.send(TOPIC, message([node, list(taken)]))
                count += len(taken)
                if others := {id: Kept(b"") for id, _ in found if id not in self.taken}:
                    await self._bus.kept.keep(others)
        except BusDown as error:
            self.log.error("Calls of node {node} may be lost: {reason}", node=node, reason=str(error))
        if count:
            self.log.warn("Calls of node {node} taken over: {count}", count=count, node=node)

    # taking those of this node's last life

    async def claim(self) -> Collection[str]:
        """The ids of those that nobody else has taken: they are this life's from now on. Raises BusDown."""
        kept = self._bus.kept
        for life in await kept.earlier():
            while found := await kept.take(self._bus.node, life):
                for id, form in found:
                    try:
                        read(id, form)
                    except ValueError as error:
                        self.log.error("The call cannot go on: {reason}", call=id, reason=str(error))
                        await kept.keep({id: Kept(b"")})
                    else:
                        self._claimed[id] = form
        return self._claimed

    def go_on(self) -> None:
        """With those that are claimed, some at a time: SIP is listened for."""
        claimed = list(self._claimed.items())
        self._claimed = {}
        if claimed:
            self._run("Calls of the last run cannot go on", self._go_on(claimed))

    async def _go_on(self, claimed: Sequence[tuple[str, bytes]]) -> None:
        others, gone_on = {}, 0
        for count, (id, form) in enumerate(claimed):
            gone_on += self._resume(id, form, self._bus.node, count)
            if id not in self.taken:
                others[id] = Kept(b"")
            if count % AT_ONCE == AT_ONCE - 1:
                await _after(0.0, self._clock)
        self.log.warn("Calls of the last run go on: {count}", count=gone_on)
        if others:
            with suppress(BusDown):
                await self._bus.kept.keep(others)

    def _resume(self, id: str, form: bytes, node: str, before: int) -> bool:
        """Whether it goes on; one that rang does as another call."""
        self.taken.add(id)
        try:
            taken = read(id, form)
            if taken.ringing is not None:
                self._begin_anew(id, taken.ringing, node)
                return True
            self._application.take(id, taken.record, taken.vip, self._bus.node)
            if taken.talk is not None:
                call = resume(self._switch, taken.call, taken.talk)
                self.resumed(id, (taken.talk.caller.session.local_tag, taken.talk.peer.session.local_tag))
            else:
                assert taken.waiting is not None
                call = resume_waiting(self._switch, taken.call, taken.waiting)
                self.resumed(id, (taken.waiting.caller.session.local_tag,))
        except ValueError as error:
            self.taken.discard(id)
            self._application.leave(id)
            self.log.error("The call of node {node} cannot go on here: {reason}", call=id, node=node, reason=str(error))
            return False
        if node != self._bus.node:
            self.log.info("Node {node} is dead: the call goes on here", call=id, node=node)
        if awaits_connection(call):
            self._waiting[id] = call
        if taken.waiting is not None:
            is_dead = self._bus.knows_ends or node == self._bus.node
            self._cancel_ringing(taken.waiting, CANCELLED if is_dead else CANCELLED_LATE)
            self._timers.after(BETWEEN * before, self._offer, (call, taken.waiting.number))
        else:
            self._timers.after(BETWEEN * before, self._show, (call, node))
        return True

    def _begin_anew(self, id: str, form: RingingForm, node: str) -> None:
        """Raises ValueError."""
        if not self._bus.knows_ends:
            raise ValueError("nobody here keeps a call that rings")
        self.taken.discard(id)
        invite = form.request()
        self.resumed(id, (invite.call_id,))
        self._timers.after(FORGOTTEN_AFTER, self.over, id)
        self._cancel_ringing(form, CANCELLED)
        if node != self._bus.node:
            self.log.info("Node {node} is dead: its call rings anew", call=id, node=node)
        begin_anew(self._switch, form)

    def _cancel_ringing(self, form: WaitingForm | RingingForm, times: Sequence[float]) -> None:
        for seconds in times:
            self._timers.after(seconds, self._cancel, form)

    def _cancel(self, form: WaitingForm | RingingForm) -> None:
        cancel_ringing(self._switch, form, self._late_cancels)

    def _offer(self, what: tuple[SwitchCall, str]) -> None:
        """From the top; a phone that is to make a connection first is waited for."""
        call, number = what
        if call.id in self._waiting:
            self._offers[call.id] = number
        elif call.phase is Phase.AT_ROUTE_POINT:
            call.route(number)

    def _show(self, what: tuple[SwitchCall, str]) -> None:
        call, node = what
        show_contacts(call, lambda hop: self.is_found(node, hop))

    def _reconnected(self, registration: Registration) -> None:
        self._late_cancels.registered(registration)
        for id, call in tuple(self._waiting.items()):
            reconnected(call, registration)
            if not awaits_connection(call):
                del self._waiting[id]
                if number := self._offers.pop(id, ""):
                    self._offer((call, number))

    def _run(self, what: str, work: Coroutine[Deferred[Any], Any, None]) -> None:
        Deferred.fromCoroutine(work).addErrback(lambda failure: self.log.failure(what, failure))


async def _after(seconds: float, clock: Clock) -> None:
    pause: Deferred[None] = Deferred()
    clock.callLater(seconds, pause.callback, None)
    await pause


def that_go_on(takeover: Takeover, bus: KeepingBus, clock: Clock) -> Owned:
    """For the journal of this node's last run: calls that others have taken, and those that are to go on here.

    While Redis is away it is not known, and waits for the next start.
    """

    async def owned(ids: Collection[str]) -> Collection[str]:
        # It may have been so short ago that they are just taking them.
        await _after(SETTLED, clock)
        try:
            # What is claimed nobody else takes any more, and what somebody took before is known to be that one's.
            claimed = await takeover.claim()
            return {*claimed, *await bus.kept.owned(list(ids))}
        except BusDown as error:
            raise StoreError(f"who has taken the calls of the last run is not known: {error}") from None

    return owned
