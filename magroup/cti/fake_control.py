"""The call-control services of FakeSwitch, by the rules of the port."""

import re
from collections.abc import Callable, Iterable

from magroup.cti.call_control import MOST_DIGITS, PAUSE, LineForwardings, Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import DigitsGenerated, DoNotDisturbSet, ForwardingSet
from magroup.cti.fake_steering import FakeSteering
from magroup.cti.types import Cause, ConnectionId, ConnectionState, Party
from magroup.model.clock import Clock
from magroup.model.forwarding import NO_FORWARDING, Forwarding
from magroup.model.numbers import is_diallable

_DIGITS = re.compile(rf"(?=,*[0-9*#A-D])[0-9*#A-D,]{{1,{MOST_DIGITS}}}\Z")


class FakeForwardings:
    """Line forwardings in memory; ``told`` hears of each change."""

    def __init__(self, told: Callable[[str, Forwarding], None]) -> None:
        self.lines: dict[str, Forwarding] = {}
        self._told = told

    def of_line(self, device: str) -> Forwarding:
        return self.lines.get(device, NO_FORWARDING)

    def set_line(self, device: str, forwarding: Forwarding) -> None:
        if forwarding.number == device:
            raise ServiceError(Failure.INVALID_DESTINATION, "A line cannot be forwarded to itself")
        self.lines[device] = forwarding
        self._told(device, forwarding)


class FakeControl(FakeSteering):
    """``deaf`` are the devices that do not answer by themselves, ``takes_no_digits`` those to which none are sent.

    Pauses among digits take no time.
    """

    def __init__(self, clock: Clock, devices: Iterable[str], trunk: bool, node: str) -> None:
        super().__init__(clock, devices, trunk, node)
        self.forwardings: LineForwardings = FakeForwardings(self.forwarding_set)
        self.deaf: set[str] = set()
        self.takes_no_digits: set[str] = set()

    def can(self, service: Service, connection: ConnectionId) -> str:
        try:
            match service:
                case Service.ANSWER_CALL:
                    self._check_answer(connection)
                case Service.CLEAR_CONNECTION:
                    self._table.demand(connection)
                case Service.CONSULTATION_CALL:
                    self._check_consultation(connection)
                case Service.DEFLECT_CALL:
                    self._check_ringing(connection)
                case Service.DIRECTED_PICKUP_CALL:
                    self._table.demand(connection, ConnectionState.ALERTING)
                case Service.GENERATE_DIGITS:
                    self._check_digits(connection)
                case Service.HOLD_CALL:
                    self._check_talks(connection)
                case Service.RETRIEVE_CALL:
                    self._check_retrieve(connection)
                case Service.SINGLE_STEP_TRANSFER_CALL:
                    self._check_single_step(connection)
                case Service.ALTERNATE_CALL:
                    self._check_alternate(self._held_beside(connection), connection)
                case Service.RECONNECT_CALL:
                    self._check_reconnect(self._held_beside(connection), connection)
                case Service.TRANSFER_CALL:
                    self._check_transfer(self._held_beside(connection), connection)
        except ServiceError as error:
            return str(error)
        return ""

    def can_make_call(self, calling: str) -> str:
        try:
            self._check_caller(calling)
        except ServiceError as error:
            return str(error)
        return ""

    async def make_call(self, calling: str, called: str) -> ConnectionId:
        self._check_caller(calling)
        if not is_diallable(called):
            raise ServiceError(Failure.INVALID_CALLED_DEVICE, f"{called!r} cannot be dialled")
        call = self._table.new_call(Party(calling), Party(called))
        self._prompted[call.id] = calling
        mine = self._table.connection(call, call.calling, ConnectionState.INITIATED, inbound=False)
        self._table.calls[call.id] = call.with_connection(mine)
        return mine.id

    async def clear_connection(self, connection: ConnectionId) -> None:
        self._table.demand(connection)
        call_id, device = connection.call_id, connection.device
        if self._rings(call_id, device):
            self._fail(call_id, device, Cause.REJECTED, "603 Decline")
        elif self._transfers.get(call_id, ("", ""))[0] == device:
            self._waits.pop((call_id, device), None)
            self._table.drop(call_id, device, Cause.NORMAL_CLEARING)
        else:
            self._end(call_id, device, Cause.NORMAL_CLEARING)

    async def deflect_call(self, connection: ConnectionId, destination: str) -> None:
        self._check_ringing(connection)
        self._demand_destination(destination)
        to = self.forwarded(destination)
        target = to.number if to.by else destination
        caller = self._table.calls[connection.call_id].calling.number
        if target == caller or (to.by and target == connection.device):
            raise ServiceError(Failure.INVALID_DESTINATION, f"A call to {destination} would come back to {target}")
        call_id, device = connection.call_id, connection.device
        self._deflected[call_id] = device
        self._divert(call_id, device, destination, Cause.REDIRECTED, (device,))

    async def directed_pickup_call(self, connection: ConnectionId, device: str) -> None:
        self._table.demand(connection, ConnectionState.ALERTING)
        if device not in self._devices:
            raise ServiceError(Failure.INVALID_DEVICE, f"{device} is not known")
        if not self.in_service(device):
            raise ServiceError(Failure.DEVICE_OUT_OF_SERVICE, f"{device} is out of service")
        self._establish(connection.call_id, Party(device), Cause.CALL_PICKUP)

    async def single_step_transfer_call(self, connection: ConnectionId, destination: str) -> ConnectionId:
        self._check_single_step(connection)
        self._demand_destination(destination)
        call_id, device = connection.call_id, connection.device
        to = self.forwarded(destination)
        number = self._follow(call_id, destination)
        if number in self._points:
            through = to.through if to.by else ()
            return ConnectionId(self._transfer_to_point(call_id, device, number, through), number)
        self._transfers[call_id] = (device, number)
        self._reach(call_id, number)
        return ConnectionId(call_id, number)

    async def answer_call(self, connection: ConnectionId) -> None:
        self._check_answer(connection)
        self._establish(connection.call_id, Party(connection.device), Cause.NORMAL)

    async def generate_digits(self, connection: ConnectionId, digits: str) -> None:
        self._check_digits(connection)
        if not _DIGITS.match(digits):
            raise ServiceError(Failure.INVALID_PARAMETER, f"{digits[:20]!r} cannot be dialled")
        for digit in digits.replace(PAUSE, ""):
            if call := self._table.calls.get(connection.call_id):
                self._table.change(DigitsGenerated, call, connection.device, digits=digit)

    async def get_forwarding(self, device: str) -> Forwarding:
        self._demand_line(device)
        return self.forwardings.of_line(device)

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        self._demand_line(device)
        self.forwardings.set_line(device, forwarding)

    def forwarding_set(self, device: str, forwarding: Forwarding) -> None:
        """The keeper of the forwardings says so."""
        self._table.tell(ForwardingSet(device, self._table.seconds(), forwarding))

    async def get_do_not_disturb(self, device: str) -> bool:
        self._demand_line(device)
        return device in self._undisturbed

    async def set_do_not_disturb(self, device: str, is_on: bool) -> None:
        self._demand_line(device)
        if (device in self._undisturbed) != is_on:
            (self._undisturbed.add if is_on else self._undisturbed.discard)(device)
            self._table.tell(DoNotDisturbSet(device, self._table.seconds(), is_on))

    # Checks

    def _demand_line(self, device: str) -> None:
        if device not in self._devices:
            raise ServiceError(Failure.INVALID_DEVICE, f"{device} is not known")

    def _check_caller(self, device: str) -> None:
        if device not in self._devices:
            raise ServiceError(Failure.INVALID_CALLING_DEVICE, f"{device} is not known")
        if not self.in_service(device):
            raise ServiceError(Failure.DEVICE_OUT_OF_SERVICE, f"{device} is out of service")

    def _check_answer(self, connection: ConnectionId) -> None:
        if self._table.demand(connection).state is not ConnectionState.ALERTING:
            raise ServiceError(Failure.NO_CALL_TO_ANSWER, f"No call rings at {connection.device}")
        if connection.device in self.deaf or connection.device not in self._devices:
            raise ServiceError(Failure.NOT_SUPPORTED, f"{connection.device} does not answer by itself")

    def _check_ringing(self, connection: ConnectionId) -> None:
        self._table.demand(connection, ConnectionState.ALERTING)
        if connection.call_id in self._transfers:
            raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, "The call rings for a transfer")

    def _check_single_step(self, connection: ConnectionId) -> None:
        self._table.demand(connection, ConnectionState.CONNECTED, ConnectionState.HOLD)
        call_id, device = connection.call_id, connection.device
        if not self._talks_to(call_id, device) or call_id in self._transfers:
            raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"{device} is not talking in this call")
        self._demand_there(call_id, device)

    def _check_digits(self, connection: ConnectionId) -> None:
        found = self._table.demand(connection)
        call_id, device = connection.call_id, connection.device
        if self._point(call_id):
            return
        others = self._talks_to(call_id, device)
        if found.state is not ConnectionState.CONNECTED or not others:
            raise ServiceError(Failure.NO_ACTIVE_CALL, f"{device} does not talk in this call")
        if others[0].id.device in self.takes_no_digits:
            raise ServiceError(Failure.NOT_SUPPORTED, f"{others[0].id.device} takes no digits")
