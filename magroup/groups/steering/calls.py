"""What people do with calls: with those of their own lines all that is possible, others' they pick up (spec 4)."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from magroup.cti.errors import ServiceError
from magroup.cti.patience import patiently
from magroup.cti.switch import Switch
from magroup.cti.types import Connection, ConnectionId, ConnectionState
from magroup.groups.application import Application
from magroup.groups.member_states import MemberStates
from magroup.groups.picture.calls import active_beside, held_beside
from magroup.groups.picture.commands import reason
from magroup.groups.steering.made import Made
from magroup.groups.steering.refusals import BY_FAILURE, Refused, Why
from magroup.groups.steering.sent_on import SentOn, Told
from magroup.groups.steering.targets import Target, number_of
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.languages import Language
from magroup.model.people import User

T = TypeVar("T")


class CallSteering:
    """Each method is done for a user, at the device of a call, and raises Refused. What happens then, events tell.

    ``told`` hears of a call that was sent on when it comes back, and of one that was made when nobody takes it.
    """

    def __init__(
        self, switch: Switch, application: Application, states: MemberStates,
        configuration: Callable[[], Configuration], clock: Clock,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._switch = switch
        self._application = application
        self._states = states
        self._configuration = configuration
        self._sent_on = SentOn(switch)
        self._made = Made(switch)

    def __len__(self) -> int:
        """How many calls that were made or sent on are on their way."""
        return len(self._sent_on) + len(self._made)

    async def answer(self, by: User, call: str, device: str) -> None:
        await self._done(lambda: self._switch.answer_call(self._own(by, call, device).id))

    async def end(self, by: User, call: str, device: str) -> None:
        await self._done(lambda: self._switch.clear_connection(self._own(by, call, device).id))

    async def hold(self, by: User, call: str, device: str) -> None:
        await self._done(lambda: self._switch.hold_call(self._own(by, call, device).id))

    async def retrieve(self, by: User, call: str, device: str) -> None:
        """Go on with a call on hold; the one that the device talks in meanwhile is held instead."""
        await self._done(lambda: self._taken_back(self._own(by, call, device).id))

    async def digits(self, by: User, call: str, device: str, digits: str) -> None:
        await self._done(lambda: self._switch.generate_digits(self._own(by, call, device).id, digits))

    async def blind(self, by: User, call: str, device: str, to: Target, told: Told) -> None:
        """Send the call on: one that rings is deflected, another one transferred."""
        connection = self._own(by, call, device)
        number = number_of(self._configuration(), by, to)
        if connection.state is ConnectionState.ALERTING:
            await self._sent(connection.id, told, lambda: self._switch.deflect_call(connection.id, number))
        else:
            await self._sent(connection.id, told, lambda: self._switch.single_step_transfer_call(connection.id, number))

    async def consult(self, by: User, call: str, device: str, to: Target, told: Told) -> str:
        """Hold the call and call somebody else; the id of that call."""
        connection = self._own(by, call, device)
        number = number_of(self._configuration(), by, to)
        return await self._called(device, told, lambda: self._switch.consultation_call(connection.id, number))

    async def complete(self, by: User, call: str, device: str, told: Told, held_call: str = "") -> None:
        """Join the call that is held, ``held_call`` where there may be several, and the consultation ``call``."""
        held, active = self._pair(by, call, device, held_call)
        await self._sent(held, told, lambda: self._switch.transfer_call(held, active))

    async def cancel(self, by: User, call: str, device: str, held_call: str = "") -> None:
        """Leave the consultation ``call`` and go on with the call that is held, as for ``complete``."""
        held, active = self._pair(by, call, device, held_call)
        await self._done(lambda: self._switch.reconnect_call(active, held))

    async def dial(self, by: User, to: Target, told: Told, line: str = "") -> str:
        """Call somebody from one of the own lines, the first one where none is named; the id of the call."""
        number = self._line(by, line) if line else self._lines(by)[0]
        destination = number_of(self._configuration(), by, to)
        return await self._called(number, told, lambda: self._switch.make_call(number, destination))

    def cannot_dial(self, by: User, language: Language) -> str:
        """Why nobody can be called now from the first of the own lines, for ``by``; "" where it is possible."""
        try:
            why = self._switch.can_make_call(self._lines(by)[0])
        except Refused as refused:
            return refused.words(language)
        return reason(why, Why.OUT_OF_SERVICE.sentence).by(language) if why else ""

    async def pickup(self, by: User, call: str, device: str, at: str = "") -> None:
        """Answer a call that rings in an own group at the own line ``at``, else at the first that is in service."""
        own = self._lines(by)
        line = self._line(by, at) if at else next(filter(self._switch.in_service, own), own[0])
        found = self._states.call(call)
        if found is None or (connection := found.connection(device)) is None:
            raise Refused(Why.GONE)
        try:
            self._application.pickup(line, device, call)
        except ServiceError as error:
            raise Refused(_why_no_pickup(error)) from None
        await self._done(lambda: self._switch.directed_pickup_call(connection.id, line))

    async def _called(
        self, device: str, told: Told, service: Callable[[], Coroutine[Any, Any, ConnectionId]]
    ) -> str:  # fmt: skip
        async def watched() -> str:
            with self._made.watch(device, told) as making:
                making.call_id = (await service()).call_id
                return making.call_id

        return await self._done(watched)

    async def _sent(
        self, connection: ConnectionId, told: Told, service: Callable[[], Coroutine[Any, Any, Any]]
    ) -> None:  # fmt: skip
        async def watched() -> None:
            with self._sent_on.watch(connection, told):
                await service()

        await self._done(watched)

    async def _done(self, service: Callable[[], Coroutine[Any, Any, T]]) -> T:
        try:
            return await patiently(self._clock, service)
        except ServiceError as error:
            raise Refused(BY_FAILURE[error.failure]) from None

    def _taken_back(self, held: ConnectionId) -> Coroutine[Any, Any, None]:
        active = active_beside(self._states.calls_at(held.device), held)
        return self._switch.alternate_call(held, active) if active else self._switch.retrieve_call(held)

    def _own(self, by: User, call_id: str, device: str) -> Connection:
        """The part in a call of one of the own lines."""
        if device not in self._lines(by):
            raise Refused(Why.NOT_YOURS)
        call = self._states.call(call_id)
        connection = call.connection(device) if call is not None else None
        if connection is None:
            raise Refused(Why.GONE)
        return connection

    def _pair(self, by: User, call_id: str, device: str, held: str) -> tuple[ConnectionId, ConnectionId]:
        """The call on hold and the consultation."""
        active = self._own(by, call_id, device)
        beside = held_beside(self._states.calls_at(device), active)
        held = held or beside
        if not beside or self._own(by, held, device).state is not ConnectionState.HOLD:
            raise Refused(Why.NO_CONSULTATION)
        return ConnectionId(held, device), active.id

    def _lines(self, by: User) -> list[str]:
        """The own lines as stored, at least one."""
        lines = [self._stored(number) for number in by.lines]
        if not lines:
            raise Refused(Why.NO_LINE)
        return lines

    def _line(self, by: User, number: str) -> str:
        """One of the own lines, as stored."""
        line = self._stored(number)
        if line not in self._lines(by):
            raise Refused(Why.NOT_YOURS)
        return line

    def _stored(self, number: str) -> str:
        line = self._configuration().line(number)
        return line.number if line is not None else number


def _why_no_pickup(error: ServiceError) -> Why:
    why = BY_FAILURE[error.failure]
    return Why.GONE if why is Why.STATE else why
