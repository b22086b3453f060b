"""The port's services as requests to another switch (ECMA-269 clauses 17, 18 and 22)."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from twisted.internet.defer import Deferred

from magroup.csta import call_control_messages as c
from magroup.csta import feature_messages as f
from magroup.csta.call_model import CallModel
from magroup.csta.message import Message
from magroup.csta.telling import IMMEDIATE
from magroup.csta.values import ConnectionID, DeviceId
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import ConnectionId
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo

M = TypeVar("M", bound=Message)


class Asking(Protocol):
    """A session in which requests may be made."""

    def request(self, message: Message) -> Deferred[Message]: ...


class Requests:
    """A part of ``CstaSwitch``; see ``magroup.cti.call_control`` for what each service does.

    While the link is down every service is refused. ``down`` says why.
    """

    model: CallModel
    down: str

    def __init__(self) -> None:
        self.session: Asking | None = None

    async def ask(self, message: Message, kind: type[M]) -> M:
        """The response to a request. Raises ServiceError."""
        if self.session is None:
            raise ServiceError(Failure.LINK_DOWN, self.down)
        response = await self.session.request(message)
        if not isinstance(response, kind):
            raise ServiceError(Failure.GENERIC, f"The switch answers {message.root} with {response.root}")
        return response

    def _there(self, connection: ConnectionId) -> ConnectionID:
        """The connection by the switch's own id of the call."""
        return ConnectionID(self.model.ids.peer(connection.call_id), DeviceId(connection.device))

    def _here(self, connection: ConnectionID | None, fallback: ConnectionId) -> ConnectionId:
        if connection is None or not connection.call_id:
            return fallback
        return ConnectionId(self.model.ids.begins(connection.call_id), connection.number or fallback.device)

    async def make_call(self, calling: str, called: str) -> ConnectionId:
        request = c.MakeCall(
            calling_device=DeviceId(calling), called_directory_number=DeviceId(called), auto_originate="prompt"
        )
        response = await self.ask(request, c.MakeCallResponse)
        made = self._here(response.calling_device, ConnectionId("", calling))
        self.model.made(made)
        return made

    async def answer_call(self, connection: ConnectionId) -> None:
        await self.ask(c.AnswerCall(call_to_be_answered=self._there(connection)), c.AnswerCallResponse)

    async def clear_connection(self, connection: ConnectionId) -> None:
        request = c.ClearConnection(connection_to_be_cleared=self._there(connection))
        await self.ask(request, c.ClearConnectionResponse)

    async def hold_call(self, connection: ConnectionId) -> None:
        await self.ask(c.HoldCall(call_to_be_held=self._there(connection)), c.HoldCallResponse)

    async def retrieve_call(self, connection: ConnectionId) -> None:
        await self.ask(c.RetrieveCall(call_to_be_retrieved=self._there(connection)), c.RetrieveCallResponse)

    async def alternate_call(self, held: ConnectionId, active: ConnectionId) -> None:
        request = c.AlternateCall(held_call=self._there(held), active_call=self._there(active))
        await self.ask(request, c.AlternateCallResponse)

    async def consultation_call(self, existing: ConnectionId, destination: str) -> ConnectionId:
        request = c.ConsultationCall(existing_call=self._there(existing), consulted_device=DeviceId(destination))
        response = await self.ask(request, c.ConsultationCallResponse)
        return self._here(response.initiated_call, existing)

    async def reconnect_call(self, active: ConnectionId, held: ConnectionId) -> None:
        request = c.ReconnectCall(active_call=self._there(active), held_call=self._there(held))
        await self.ask(request, c.ReconnectCallResponse)

    async def transfer_call(self, held: ConnectionId, active: ConnectionId) -> ConnectionId:
        request = c.TransferCall(held_call=self._there(held), active_call=self._there(active))
        response = await self.ask(request, c.TransferCallResponse)
        return self._here(response.transferred_call, held)

    async def single_step_transfer_call(self, connection: ConnectionId, destination: str) -> ConnectionId:
        request = c.SingleStepTransferCall(active_call=self._there(connection), transferred_to=DeviceId(destination))
        response = await self.ask(request, c.SingleStepTransferCallResponse)
        return self._here(response.transferred_call, ConnectionId(connection.call_id, destination))

    async def deflect_call(self, connection: ConnectionId, destination: str) -> None:
        request = c.DeflectCall(call_to_be_diverted=self._there(connection), new_destination=DeviceId(destination))
        await self.ask(request, c.DeflectCallResponse)

    async def directed_pickup_call(self, connection: ConnectionId, device: str) -> None:
        picked = self._there(connection)
        request = c.DirectedPickupCall(call_to_be_picked_up=picked, requesting_device=DeviceId(device))
        await self.ask(request, c.DirectedPickupCallResponse)

    async def generate_digits(self, connection: ConnectionId, digits: str) -> None:
        request = c.GenerateDigits(connection_to_send_digits=self._there(connection), characters_to_send=digits)
        await self.ask(request, c.GenerateDigitsResponse)

    async def get_forwarding(self, device: str) -> Forwarding:
        response = await self.ask(f.GetForwarding(device=DeviceId(device)), f.GetForwardingResponse)
        return forwarding_in(response.forwarding_list or ())

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        """Only to a number: where members are is known to us, not to the switch."""
        if forwarding and not forwarding.number:
            raise ServiceError(Failure.INVALID_DESTINATION, f"The switch forwards to numbers, not to {forwarding.to}")
        request = f.SetForwarding(
            device=DeviceId(device), forwarding_type=IMMEDIATE, activate_forward=bool(forwarding),
            forward_dn=DeviceId(forwarding.number) if forwarding else None,
        )  # fmt: skip
        await self.ask(request, f.SetForwardingResponse)

    async def get_do_not_disturb(self, device: str) -> bool:
        response = await self.ask(f.GetDoNotDisturb(device=DeviceId(device)), f.GetDoNotDisturbResponse)
        return response.do_not_disturb_on

    async def set_do_not_disturb(self, device: str, is_on: bool) -> None:
        request = f.SetDoNotDisturb(device=DeviceId(device), do_not_disturb_on=is_on)
        await self.ask(request, f.SetDoNotDisturbResponse)


def forwarding_in(items: Iterable[f.ForwardListItem]) -> Forwarding:
    """The one that holds at once, among those that a line may have."""
    for item in items:
        if item.forward_status and item.forward_dn is not None and item.forwarding_type in ("", IMMEDIATE):
            return Forwarding(ForwardTo.NUMBER, item.forward_dn.number)
    return NO_FORWARDING


