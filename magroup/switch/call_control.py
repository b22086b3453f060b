"""The switch's side of the port's services: each one's file does the work (ECMA-269 clauses 17, 18 and 22)."""

from typing import TYPE_CHECKING, cast

from magroup.cti.call_control import Service
from magroup.cti.types import ConnectionId
from magroup.model.forwarding import Forwarding
from magroup.switch import answering, can, consultation, features, holding, making, services
from magroup.switch.digits import generate_digits

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch


class CallControlServices:
    """A part of ``SipSwitch``; see ``magroup.cti.call_control`` for what each service does."""

    @property
    def _switch(self) -> "SipSwitch":
        return cast("SipSwitch", self)

    def can(self, service: Service, connection: ConnectionId) -> str:
        # Asked of each service for each event that others are told of: without a step in between.
        return can.why_not(self, service, connection)  # type: ignore[arg-type]

    def can_make_call(self, calling: str) -> str:
        return can.why_no_call(self._switch, calling)

    async def make_call(self, calling: str, called: str) -> ConnectionId:
        return making.make_call(self._switch, calling, called)

    async def answer_call(self, connection: ConnectionId) -> None:
        answering.answer_call(self._switch, connection)

    async def clear_connection(self, connection: ConnectionId) -> None:
        services.clear_connection(self._switch, connection)

    async def hold_call(self, connection: ConnectionId) -> None:
        holding.hold_call(self._switch, connection)

    async def retrieve_call(self, connection: ConnectionId) -> None:
        holding.retrieve_call(self._switch, connection)

    async def alternate_call(self, held: ConnectionId, active: ConnectionId) -> None:
        consultation.alternate_call(self._switch, held, active)

    async def consultation_call(self, existing: ConnectionId, destination: str) -> ConnectionId:
        return consultation.consultation_call(self._switch, existing, destination)

    async def reconnect_call(self, active: ConnectionId, held: ConnectionId) -> None:
        consultation.reconnect_call(self._switch, active, held)

    async def transfer_call(self, held: ConnectionId, active: ConnectionId) -> ConnectionId:
        return consultation.transfer_call(self._switch, held, active)

    async def single_step_transfer_call(self, connection: ConnectionId, destination: str) -> ConnectionId:
        return services.single_step_transfer_call(self._switch, connection, destination)

    async def deflect_call(self, connection: ConnectionId, destination: str) -> None:
        services.deflect_call(self._switch, connection, destination)

    async def directed_pickup_call(self, connection: ConnectionId, device: str) -> None:
        services.directed_pickup_call(self._switch, connection, device)

    async def generate_digits(self, connection: ConnectionId, digits: str) -> None:
        generate_digits(self._switch, connection, digits)

    async def get_forwarding(self, device: str) -> Forwarding:
        return self._switch.forwardings.of_line(features.line_of(self._switch, device))

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        self._switch.forwardings.set_line(features.line_of(self._switch, device), forwarding)

    async def get_do_not_disturb(self, device: str) -> bool:
        return features.line_of(self._switch, device) in self._switch.undisturbed

    async def set_do_not_disturb(self, device: str, is_on: bool) -> None:
        features.set_do_not_disturb(self._switch, device, is_on)
