"""What others must know of this node's calls should it die is kept where they find it: by Redis, or the hub of workers.

It is written behind the call, once for all that happens in a moment.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.cluster.bus import BusDown
from magroup.cluster.kept_calls import KeepingBus, Kept
from magroup.cti.types import ConnectionState
from magroup.groups.application import Application
from magroup.model.clock import Clock
from magroup.sip.session_state import SessionState
from magroup.sip.timers import Timers
from magroup.switch.call import SwitchCall
from magroup.switch.phase import Phase
from magroup.switch.resume import talk_form, talking
from magroup.switch.switch import SipSwitch
from magroup.switch.waiting import ringing_form, waiting, waiting_form
from magroup.taken_form import TakenCall, written

log: Final = Logger(__name__)
RENEWED = 5.0
GATHERED = 0.1
"""Seconds in which changes of calls that are kept are collected: most change again in them, by their ACK."""

RINGS_FOR = 0.1
"""Seconds after which a call that rings is kept, twice as many at most: who answers by itself does so before."""


class Keeping:
    """``taken`` are the ids of calls that another node has begun; ``lose`` takes that of one that another node has now.
    ``when_served`` does something after the message that is being served, where one is, and says so. ``up_since`` is
    when the bus came, or came back.
    """

    log = Logger()

    def __init__(
        self, bus: KeepingBus, clock: Clock, timers: Timers, switch: SipSwitch, application: Application,
        taken: set[str], lose: Callable[[str], None], when_served: Callable[[Callable[[], None]], bool],
    ) -> None:  # fmt: skip
        self.up_since = 0.0
        self._bus = bus
        self._clock = clock
        self._timers = timers
        self._switch = switch
        self._application = application
        self._taken = taken
        self._lose = lose
        self._when_served = when_served
        self._kept: set[str] = set()
        self._changed: dict[str, None] = {}
        self._ringing: deque[tuple[float, str]] = deque()
        self._is_writing = self._is_due = False
        self._is_started = self._is_to_begin_anew = False

    def start(self) -> None:
        self.up_since = self._clock.seconds()
        self._is_started = True
        self._bus.overslept.append(self.overslept)
        self._timers.after(RENEWED, self._renew)

    async def stop(self) -> None:
        """Whoever stops in order ends its calls itself."""
        self._is_started = False
        self._changed.clear()
        self._ringing.clear()
        self._kept.clear()
        try:
            await self._bus.kept.leave()
        except BusDown:
            return

    def forget(self, id: str) -> None:
        """It is another node's now."""
        self._kept.discard(id)

    def touch(self, id: str, at_once: bool = False) -> None:
        """Something has changed in the call: it is written in a moment, or in the next turn."""
        if id in self._kept or _is_answered(self._switch.calls_by_id.get(id)):
            self._put(id, at_once)

    def _put(self, id: str, at_once: bool) -> None:
        is_first, self._changed[id] = not self._changed, None
        if self._is_writing:
            return
        if at_once or id not in self._kept:
            # Whoever dies next is not to take it along.
            if not self._is_due:
                self._is_due = True
                if not self._when_served(self._write):
                    self._timers.after(0.0, self._write)
        elif is_first:
            self._timers.after(GATHERED, self._write)

    def rings(self, id: str) -> None:
        """A phone rings: it is to be told when nobody rings it any more."""
        self.touch(id, True)
        if self._bus.knows_ends:
            if not self._ringing:
                self._timers.after(RINGS_FOR, self._touch_ringing)
            self._ringing.append((self._clock.seconds(), id))

    def _touch_ringing(self) -> None:
        """Those that have rung for long enough; for the others it is looked again."""
        before = self._clock.seconds() - RINGS_FOR
        ringing = self._ringing
        while ringing and ringing[0][0] <= before:
            _, id = ringing.popleft()
            call = self._switch.calls_by_id.get(id)
            if call is not None and call.ringing:
                self._put(id, False)
        if ringing:
            self._timers.after(RINGS_FOR, self._touch_ringing)

    def _renew(self) -> None:
        self._timers.after(RENEWED, self._renew)
        if self._is_to_begin_anew:
            self._touch_all()
        self._renew_at_once()

    def _write(self) -> None:
        self._is_due = False
        if self._is_writing:
            return
        changed, self._changed = self._changed, {}
        calls = {}
        for id in changed:
            form = kept_form(self._switch, self._application, id, self._bus.knows_ends)
            if form:
                self._kept.add(id)
            elif id in self._kept:
                self._kept.discard(id)
            else:
                continue
            calls[id] = Kept(form, id in self._taken)
        if not calls or not self._bus.is_up:
            return
        if self._is_to_begin_anew or not self._bus.kept.keep_at_once(calls):
            self._start_writing(calls)

    def _start_writing(self, calls: Mapping[str, Kept]) -> None:
        self._is_writing = True
        written = Deferred.fromCoroutine(self._keep(calls))
        written.addErrback(lambda failure: self.log.failure("Calls cannot be kept", failure))

    async def _keep(self, calls: Mapping[str, Kept]) -> None:
        try:
            if self._is_to_begin_anew:
                await self._bus.kept.leave()
                self._is_to_begin_anew = False
            for id in await self._bus.kept.keep(calls):
                self._lose(id)
        except BusDown:
            self._is_to_begin_anew = True
        finally:
            self._is_writing = False
            if self._changed:
                is_new = not self._kept.issuperset(self._changed)
                self._timers.after(0.0 if is_new else GATHERED, self._write)

    def missed(self, node: str) -> None:
        """The bus is there again, or something was not heard: what is kept may be old or gone, or be another node's."""
        if not node:
            self.up_since = self._clock.seconds()
            self._is_to_begin_anew = True
            self._renew_at_once()
        self._touch_all()

    def overslept(self) -> None:
        """Whoever has the calls now is to be known before anything is done with them: who keeps them is told."""
        self._touch_all()
        self._timers.after(0.0, self._write)

    def _renew_at_once(self) -> None:
        if not self._is_writing and self._bus.is_up and self._is_started:
            self._start_writing({})

    def _touch_all(self) -> None:
        for id in self._kept:
            self.touch(id)


def _is_answered(call: SwitchCall | None) -> bool:
    """Whether the caller talks, or may be waiting; there is nothing to be kept before."""
    return call is not None and (
        call.phase is Phase.TALKING
        or (call.phase is Phase.AT_ROUTE_POINT and call.caller.session.state is SessionState.CONFIRMED)
    )


def kept_form(switch: SipSwitch, application: Application, id: str, is_known: bool) -> bytes:
    """Of the call with this id, b"" for nothing. ``is_known``: who is taken for dead is dead."""
    call = switch.calls_by_id.get(id)
    if call is None:
        return b""
    try:
        talk, waits = talk_form(call), waiting_form(call)
        if talk is None and waits is None:
            # One that was only silent would tell the caller that its phones have refused.
            rings = ringing_form(call) if is_known and _has_rung(call) else None
            return b"" if rings is None else written(TakenCall(waiting(call), None, None, None, ringing=rings))
        record, vip = application.journal.open_call(id), application.vip(id)
        return written(TakenCall(waiting(call) if talk is None else talking(call), talk, record, vip, waits))
    except ValueError as error:
        log.info("What others must know of the call cannot be kept: {reason}", call=id, reason=str(error))
        return b""


def _has_rung(call: SwitchCall) -> bool:
    """For so long that it is worth to be kept."""
    before = call.switch.clock.seconds() - RINGS_FOR
    return any(one.state is ConnectionState.ALERTING and one.since <= before for one in call.snapshot.connections)
