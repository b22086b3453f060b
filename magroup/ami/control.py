"""The port's services on calls as actions of the Manager Interface; what AMI cannot do is refused with the reason."""

from collections.abc import Callable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.ami.calls import CallBook
from magroup.ami.channel import Channel
from magroup.ami.demands import Demands
from magroup.ami.devices import Devices
from magroup.ami.features import Features
from magroup.ami.link import AmiLink
from magroup.ami.monitors import Monitors
from magroup.ami.options import Pbx
from magroup.ami.session import AmiError, LinkDown
from magroup.cti.call_control import CANNOT, PAUSE, PAUSE_SECONDS, Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import DigitsGenerated, DoNotDisturbSet, ForwardingSet
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from magroup.model.clock import Clock
from magroup.model.forwarding import Forwarding
from magroup.model.numbers import bare, is_diallable

SEEN_SECONDS: Final = 10.0
"""An attended transfer begins when Asterisk's wait for further digits is over (transferdigittimeout, 3 s)."""
RING_MILLISECONDS: Final = "60000"
REJECTED, NORMAL = "21", "16"


class AmiControl:
    """``is_line`` says which numbers are lines of the PBX, ``token`` gives what has never been given before."""

    log = Logger()

    def __init__(
        self, clock: Clock, link: AmiLink, pbx: Pbx, is_line: Callable[[str], bool], token: Callable[[], str], node: str
    ) -> None:
        self._clock = clock
        self._link = link
        self._pbx = pbx
        self._is_line = is_line
        self._token = token
        self._monitors = Monitors()
        self._book = CallBook(node, is_line, pbx.trunk)
        self._devices = Devices(pbx.technology, is_line)
        self._features = Features(link, pbx, is_line)
        self._demands = Demands(self._book, pbx)
        self._unrung: set[str] = set()
        self._awaited: list[tuple[Callable[[], bool], Deferred[bool]]] = []

    def can(self, service: Service, connection: ConnectionId) -> str:
        try:
            self._demand_link()
            self._demands.check(service, connection)
        except ServiceError as error:
            return f"{CANNOT}: {error}" if error.failure is Failure.NOT_SUPPORTED else str(error)
        return ""

    def can_make_call(self, calling: str) -> str:
        try:
            self._demand_link()
            self._demand_caller(calling)
        except ServiceError as error:
            return str(error)
        return ""

    async def make_call(self, calling: str, called: str) -> ConnectionId:
        self._demand_caller(calling)
        if not is_diallable(called):
            raise ServiceError(Failure.INVALID_CALLED_DEVICE, f"{called[:40]!r} cannot be dialled")
        uid = self._token()
        self._book.channels.own.add(uid)
        self._book.called[uid] = bare(called)
        await self._originate(
            uid, calling, ("Context", self._pbx.context), ("Exten", bare(called)), ("Priority", "1"),
            ("CallerID", calling),
        )  # fmt: skip
        call = self._book.call_of(uid)
        if call is None:
            raise ServiceError(Failure.DEVICE_OUT_OF_SERVICE, f"Asterisk does not ring {calling}")
        return ConnectionId(call.id, calling)

    async def answer_call(self, connection: ConnectionId) -> None:
        self._demands.answer(connection)
        await self._notify(connection, "talk")

    async def hold_call(self, connection: ConnectionId) -> None:
        self._demands.hold(connection)
        await self._notify(connection, "hold")

    async def retrieve_call(self, connection: ConnectionId) -> None:
        self._demands.retrieve(connection)
        await self._notify(connection, "talk")

    async def alternate_call(self, held: ConnectionId, active: ConnectionId) -> None:
        self._demands.alternate(held, active)

    async def clear_connection(self, connection: ConnectionId) -> None:
        """A phone that consults is in its held call again; one that holds a call for that lets the other one go."""
        state = self._demands.there(connection).state
        channel = self._demands.channel(connection)
        if channel.call_id != connection.call_id:
            for other in self._book.others(connection):
                await self._hang_up(other, NORMAL)
        elif channel.waits_in:
            await self._ask("CancelAtxfer", ("Channel", channel.name))
        else:
            self._book.endings.asked(connection.call_id, connection.device)
            await self._hang_up(channel, REJECTED if state is ConnectionState.ALERTING else NORMAL)

    async def consultation_call(self, existing: ConnectionId, destination: str) -> ConnectionId:
        self._demands.consultation(existing)
        number = self._demands.destination(destination)
        channel = self._demands.channel(existing)
        self._book.called[channel.uid] = number
        self._book.quiet.add(channel.uid)
        try:
            await self._ask("Atxfer", ("Channel", channel.name), ("Context", self._pbx.context), ("Exten", number))
            await self._until(lambda: self._is_elsewhere(channel, existing.call_id))
        finally:
            self._book.called.pop(channel.uid, None)
            self._book.quiet.discard(channel.uid)
        if not self._is_elsewhere(channel, existing.call_id):
            raise ServiceError(Failure.GENERIC, "Asterisk has not begun the consultation")
        return ConnectionId(channel.call_id, existing.device)

    async def reconnect_call(self, active: ConnectionId, held: ConnectionId) -> None:
        self._demands.reconnect(held, active)
        await self._ask("CancelAtxfer", ("Channel", self._demands.channel(active).name))

    async def transfer_call(self, held: ConnectionId, active: ConnectionId) -> ConnectionId:
        """Who consults is through by hanging up: Asterisk joins the others."""
        self._demands.transfer(held, active)
        others = [one.id.device for one in self._book.calls[active.call_id].connections
                  if one.id.device != active.device]  # fmt: skip
        called = self._book.calls[active.call_id].called.number
        await self._hang_up(self._demands.channel(active), NORMAL)
        return ConnectionId(held.call_id, others[0] if others else called)

    async def single_step_transfer_call(self, connection: ConnectionId, destination: str) -> ConnectionId:
        """Asterisk lets the phone go at once, and does not take it back."""
        self._demands.single_step(connection)
        number = self._demands.destination(destination)
        channel = self._demands.channel(connection)
        await self._ask("BlindTransfer", ("Channel", channel.name), ("Context", self._pbx.context), ("Exten", number))
        return ConnectionId(connection.call_id, number)

    async def deflect_call(self, connection: ConnectionId, destination: str) -> None:
        """The caller is sent on; whatever else rings for the call stops too."""
        dialler = self._demands.deflect(connection)
        call = self._book.calls[connection.call_id]
        number = self._demands.destination(destination, connection.device, call.calling.number)
        self._book.endings.diverts(call.id, connection.device, number, Cause.REDIRECTED)
        try:
            await self._ask("Redirect", ("Channel", dialler.name), ("Context", self._pbx.context), ("Exten", number),
                            ("Priority", "1"))  # fmt: skip
        except ServiceError:
            self._book.endings.expect_no_more(call.id, connection.device)
            raise

    async def directed_pickup_call(self, connection: ConnectionId, device: str) -> None:
        """The device rings; who answers there has the call."""
        self._demands.there(connection, ConnectionState.ALERTING)
        if not self._is_line(device):
            raise ServiceError(Failure.INVALID_DEVICE, f"{device[:40]} is no line of the PBX")
        self._demand_service(device)
        uid = self._token()
        self._book.channels.silent.add(uid)
        await self._originate(
            uid, device, ("Application", "PickupChan"), ("Data", self._demands.channel(connection).name),
            ("CallerID", self._book.calls[connection.call_id].calling.number),
        )  # fmt: skip

    async def generate_digits(self, connection: ConnectionId, digits: str) -> None:
        self._demands.digits(connection, digits)
        await self._dial_on(connection, digits)

    async def get_forwarding(self, device: str) -> Forwarding:
        return await self._features.forwarding(device)

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        await self._features.set_forwarding(device, forwarding)
        self._monitors.tell([ForwardingSet(device, self._clock.seconds(), forwarding)])

    async def get_do_not_disturb(self, device: str) -> bool:
        return await self._features.do_not_disturb(device)

    async def set_do_not_disturb(self, device: str, is_on: bool) -> None:
        await self._features.set_do_not_disturb(device, is_on)
        self._undisturbed(device, is_on)

    def _undisturbed(self, device: str, is_on: bool) -> None:
        known = self._book.endings.undisturbed
        if (device in known) is not is_on:
            (known.add if is_on else known.discard)(device)
            self._monitors.tell([DoNotDisturbSet(device, self._clock.seconds(), is_on)])

    # How it is asked for

    def _demand_link(self) -> None:
        if not self._link.is_up:
            raise ServiceError(Failure.LINK_DOWN, f"The link to Asterisk is down: {self._link.reason}")

    def _demand_caller(self, device: str) -> None:
        if not self._is_line(device):
            raise ServiceError(Failure.INVALID_CALLING_DEVICE, f"{device[:40]} is no line of the PBX")
        self._demand_service(device)

    def _demand_service(self, device: str) -> None:
        if not self._devices.in_service(device):
            raise ServiceError(Failure.DEVICE_OUT_OF_SERVICE, f"{device} is out of service")

    async def _ask(self, name: str, *fields: tuple[str, str]) -> None:
        try:
            await self._link.ask(name, *fields)
        except AmiError as error:
            raise ServiceError(Failure.GENERIC, str(error)) from None

    async def _hang_up(self, channel: Channel, cause: str) -> None:
        await self._ask("Hangup", ("Channel", channel.name), ("Cause", cause))

    async def _notify(self, connection: ConnectionId, event: str) -> None:
        channel = self._demands.channel(connection)
        await self._ask("PJSIPNotify", ("Channel", channel.name), ("Variable", f"Event={event}"))

    async def _originate(self, uid: str, device: str, *fields: tuple[str, str]) -> None:
        """Ring a phone; done when its channel is there. What was expected of the channel is forgotten without one."""
        name = f"{self._pbx.technology}/{device}"
        self._unrung.discard(name)
        try:
            await self._ask("Originate", ("Channel", name), ("ChannelId", uid), ("Async", "true"),
                            ("Timeout", RING_MILLISECONDS), *fields)  # fmt: skip
            await self._until(lambda: uid in self._book.channels.all or name in self._unrung)
        finally:
            if uid not in self._book.channels.all:
                self._book.channels.own.discard(uid)
                self._book.channels.silent.discard(uid)
                self._book.called.pop(uid, None)

    def _is_elsewhere(self, channel: Channel, call_id: str) -> bool:
        return channel.call_id != call_id and channel.call_id in self._book.calls

    async def _dial_on(self, connection: ConnectionId, digits: str) -> None:
        for place, digit in enumerate(digits):
            if digit == PAUSE:
                rest = digits[place + 1 :]
                self._clock.callLater(PAUSE_SECONDS, self._dial_later, connection, rest)
                return
            hears = self._demands.digits(connection, digit)
            for channel in hears:
                await self._ask("PlayDTMF", ("Channel", channel.name), ("Digit", digit))
            if (call := self._book.calls.get(connection.call_id)) is not None:
                now, told = self._clock.seconds(), self._book.told(call)
                self._monitors.tell([DigitsGenerated(call, told, connection.device, now, digits=digit)])

    def _dial_later(self, connection: ConnectionId, digits: str) -> None:
        if digits:
            done = Deferred.fromCoroutine(self._dial_on(connection, digits))
            done.addErrback(lambda failure: self.log.info("Digits were not sent: {why}", why=failure.getErrorMessage()))

    # Waiting for what Asterisk tells of

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait until it is so, some seconds at most. Raises ServiceError when the link goes."""
        if is_so():
            return
        seen: Deferred[bool] = Deferred()
        awaited = (is_so, seen)
        self._awaited.append(awaited)
        late: Any = self._clock.callLater(SEEN_SECONDS, self._not_seen, awaited)
        try:
            await seen
        except LinkDown as error:
            raise ServiceError(Failure.GENERIC, str(error)) from None
        finally:
            if late.active():
                late.cancel()

    def _not_seen(self, awaited: tuple[Callable[[], bool], Deferred[bool]]) -> None:
        self._awaited.remove(awaited)
        awaited[1].callback(False)

    def _look(self) -> None:
        """Something has happened: whoever waits for it goes on."""
        for awaited in [one for one in self._awaited if one[0]()]:
            self._awaited.remove(awaited)
            awaited[1].callback(True)

    def _give_up_waiting(self, reason: str) -> None:
        awaited, self._awaited = self._awaited, []
        for _, seen in awaited:
            seen.errback(LinkDown(f"The link to Asterisk is down: {reason}"))
