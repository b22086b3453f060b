"""Requests of clients as services of the port, and their responses (ECMA-269 clauses 17, 18 and 22)."""

from collections.abc import Awaitable, Callable, Iterable
from types import ModuleType
from typing import Any

from magroup.csta import call_control_messages as c
from magroup.csta import feature_messages as f
from magroup.csta.errors import OPERATION, CstaError, ErrorValue
from magroup.csta.message import Message
from magroup.csta.telling import IMMEDIATE, ForwardsTo
from magroup.csta.values import ConnectionID, DeviceId
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.switch import Switch
from magroup.cti.types import ConnectionId
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo

Does = Callable[["CallControlOf", Any], Awaitable[Message]]

ALL_FORWARDINGS = ("", IMMEDIATE)
"""The types that there are here: calls are forwarded at once, or not."""


def port_id(connection: ConnectionID) -> ConnectionId:
    """The connection as the port has it. Raises ServiceError where the call or the device is missing."""
    if not connection.call_id:
        raise ServiceError(Failure.INVALID_CALL, "The connection names no call")
    if not connection.number:
        raise ServiceError(Failure.INVALID_CONNECTION, "The connection names no device")
    return ConnectionId(connection.call_id, connection.number)


def csta_id(connection: ConnectionId) -> ConnectionID:
    return ConnectionID(connection.call_id, DeviceId(connection.device))


class CallControlOf:
    """The services of one switch. ``forwards_to`` gives the number that a forwarding leads to."""

    def __init__(self, switch: Switch, forwards_to: ForwardsTo) -> None:
        self.switch = switch
        self._forwards_to = forwards_to

    def does(self, message: Message) -> Does | None:
        """What does this request, if it is one of these."""
        return _SERVICES.get(type(message))

    async def make_call(self, asked: c.MakeCall) -> Message:
        made = await self.switch.make_call(asked.calling_device.number, asked.called_directory_number.number)
        return c.MakeCallResponse(calling_device=csta_id(made))

    async def answer_call(self, asked: c.AnswerCall) -> Message:
        await self.switch.answer_call(port_id(asked.call_to_be_answered))
        return c.AnswerCallResponse()

    async def clear_connection(self, asked: c.ClearConnection) -> Message:
        await self.switch.clear_connection(port_id(asked.connection_to_be_cleared))
        return c.ClearConnectionResponse()

    async def hold_call(self, asked: c.HoldCall) -> Message:
        await self.switch.hold_call(port_id(asked.call_to_be_held))
        return c.HoldCallResponse()

    async def retrieve_call(self, asked: c.RetrieveCall) -> Message:
        await self.switch.retrieve_call(port_id(asked.call_to_be_retrieved))
        return c.RetrieveCallResponse()

    async def alternate_call(self, asked: c.AlternateCall) -> Message:
        await self.switch.alternate_call(port_id(asked.held_call), port_id(asked.active_call))
        return c.AlternateCallResponse()

    async def consultation_call(self, asked: c.ConsultationCall) -> Message:
        made = await self.switch.consultation_call(port_id(asked.existing_call), asked.consulted_device.number)
        return c.ConsultationCallResponse(initiated_call=csta_id(made))

    async def reconnect_call(self, asked: c.ReconnectCall) -> Message:
        await self.switch.reconnect_call(port_id(asked.active_call), port_id(asked.held_call))
        return c.ReconnectCallResponse()

    async def transfer_call(self, asked: c.TransferCall) -> Message:
        made = await self.switch.transfer_call(port_id(asked.held_call), port_id(asked.active_call))
        return c.TransferCallResponse(transferred_call=csta_id(made))

    async def single_step_transfer_call(self, asked: c.SingleStepTransferCall) -> Message:
        made = await self.switch.single_step_transfer_call(port_id(asked.active_call), asked.transferred_to.number)
        return c.SingleStepTransferCallResponse(transferred_call=csta_id(made))

    async def deflect_call(self, asked: c.DeflectCall) -> Message:
        await self.switch.deflect_call(port_id(asked.call_to_be_diverted), asked.new_destination.number)
        return c.DeflectCallResponse()

    async def directed_pickup_call(self, asked: c.DirectedPickupCall) -> Message:
        picked, by = port_id(asked.call_to_be_picked_up), asked.requesting_device.number
        await self.switch.directed_pickup_call(picked, by)
        return c.DirectedPickupCallResponse(picked_call=csta_id(ConnectionId(picked.call_id, by)))

    async def generate_digits(self, asked: c.GenerateDigits) -> Message:
        await self.switch.generate_digits(port_id(asked.connection_to_send_digits), asked.characters_to_send)
        return c.GenerateDigitsResponse()

    async def get_forwarding(self, asked: f.GetForwarding) -> Message:
        device = asked.device.number
        forwarding = await self.switch.get_forwarding(device)
        number = self._forwards_to(device, forwarding) if forwarding else ""
        item = f.ForwardListItem(
            forwarding_type=IMMEDIATE, forward_status=bool(forwarding), forward_dn=DeviceId(number) if number else None
        )
        return f.GetForwardingResponse(forwarding_list=(item,))

    async def set_forwarding(self, asked: f.SetForwarding) -> Message:
        if asked.forwarding_type not in ALL_FORWARDINGS:
            error = ErrorValue(OPERATION, "invalidForwardingType")
            raise CstaError(error, f"There is no forwarding of the type {asked.forwarding_type[:40]} here")
        forwarding = NO_FORWARDING
        if asked.activate_forward:
            if asked.forward_dn is None or not asked.forward_dn.number:
                raise CstaError(ErrorValue(OPERATION, "invalidForwardingDestination"), "Forwarded to where?")
            forwarding = Forwarding(ForwardTo.NUMBER, asked.forward_dn.number)
        await self.switch.set_forwarding(asked.device.number, forwarding)
        return f.SetForwardingResponse()

    async def get_do_not_disturb(self, asked: f.GetDoNotDisturb) -> Message:
        is_on = await self.switch.get_do_not_disturb(asked.device.number)
        return f.GetDoNotDisturbResponse(do_not_disturb_on=is_on)

    async def set_do_not_disturb(self, asked: f.SetDoNotDisturb) -> Message:
        await self.switch.set_do_not_disturb(asked.device.number, asked.do_not_disturb_on)
        return f.SetDoNotDisturbResponse()


_SERVICES: dict[type[Message], Does] = {
    c.MakeCall: CallControlOf.make_call,
    c.AnswerCall: CallControlOf.answer_call,
    c.ClearConnection: CallControlOf.clear_connection,
    c.HoldCall: CallControlOf.hold_call,
    c.RetrieveCall: CallControlOf.retrieve_call,
    c.AlternateCall: CallControlOf.alternate_call,
    c.ConsultationCall: CallControlOf.consultation_call,
    c.ReconnectCall: CallControlOf.reconnect_call,
    c.TransferCall: CallControlOf.transfer_call,
    c.SingleStepTransferCall: CallControlOf.single_step_transfer_call,
    c.DeflectCall: CallControlOf.deflect_call,
    c.DirectedPickupCall: CallControlOf.directed_pickup_call,
    c.GenerateDigits: CallControlOf.generate_digits,
    f.GetForwarding: CallControlOf.get_forwarding,
    f.SetForwarding: CallControlOf.set_forwarding,
    f.GetDoNotDisturb: CallControlOf.get_do_not_disturb,
    f.SetDoNotDisturb: CallControlOf.set_do_not_disturb,
}

READING = (f.GetForwarding, f.GetDoNotDisturb)
"""Services that change nothing: who may only watch may ask for these too."""



def service_names(module: ModuleType) -> tuple[str, ...]:
    """The services whose messages are in a module, as lists of features have them: ``makeCall`` ..."""
    return names_of(kind for kind in _SERVICES if kind.__module__ == module.__name__)


def names_of(kinds: Iterable[type[Message]]) -> tuple[str, ...]:
    """The same of some messages."""
    return tuple(kind.__name__[0].lower() + kind.__name__[1:] for kind in kinds)
