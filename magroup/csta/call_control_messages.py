"""Call control (ECMA-269 clauses 17 and 18)."""

from magroup.csta import child
from magroup.csta.edition import Edition
from magroup.csta.message import Message, message
from magroup.csta.values import ConnectionID, DeviceId


@message
class MakeCall(Message):
    """``autoOriginate`` says whether the own phone rings first (prompt)."""

    calling_device: DeviceId = child.needed_device("callingDevice")
    called_directory_number: DeviceId = child.needed_device("calledDirectoryNumber")
    account_code: str = child.text("accountCode")
    auth_code: str = child.text("authCode")
    auto_originate: str = child.text("autoOriginate")
    reason: str = child.text("reason", Edition.ED4)


@message
class MakeCallResponse(Message):
    calling_device: ConnectionID = child.needed_connection("callingDevice")


@message
class AnswerCall(Message):
    call_to_be_answered: ConnectionID = child.needed_connection("callToBeAnswered")


@message
class AnswerCallResponse(Message):
    pass


@message
class ClearConnection(Message):
    connection_to_be_cleared: ConnectionID = child.needed_connection("connectionToBeCleared")
    reason: str = child.text("reason", Edition.ED4)


@message
class ClearConnectionResponse(Message):
    pass


@message
class HoldCall(Message):
    call_to_be_held: ConnectionID = child.needed_connection("callToBeHeld")


@message
class HoldCallResponse(Message):
    pass


@message
class RetrieveCall(Message):
    call_to_be_retrieved: ConnectionID = child.needed_connection("callToBeRetrieved")


@message
class RetrieveCallResponse(Message):
    pass


@message
class AlternateCall(Message):
    held_call: ConnectionID = child.needed_connection("heldCall")
    active_call: ConnectionID = child.needed_connection("activeCall")


@message
class AlternateCallResponse(Message):
    pass


@message
class ConsultationCall(Message):
    existing_call: ConnectionID = child.needed_connection("existingCall")
    consulted_device: DeviceId = child.needed_device("consultedDevice")


@message
class ConsultationCallResponse(Message):
    initiated_call: ConnectionID = child.needed_connection("initiatedCall")


@message
class ReconnectCall(Message):
    active_call: ConnectionID = child.needed_connection("activeCall")
    held_call: ConnectionID = child.needed_connection("heldCall")


@message
class ReconnectCallResponse(Message):
    pass


@message
class TransferCall(Message):
    held_call: ConnectionID = child.needed_connection("heldCall")
    active_call: ConnectionID = child.needed_connection("activeCall")


@message
class TransferCallResponse(Message):
    transferred_call: ConnectionID | None = child.connection("transferredCall")


@message
class SingleStepTransferCall(Message):
    active_call: ConnectionID = child.needed_connection("activeCall")
    transferred_to: DeviceId = child.needed_device("transferredTo")


@message
class SingleStepTransferCallResponse(Message):
    transferred_call: ConnectionID | None = child.connection("transferredCall")


@message
class DeflectCall(Message):
    call_to_be_diverted: ConnectionID = child.needed_connection("callToBeDiverted")
    new_destination: DeviceId = child.needed_destination("newDestination")


@message
class DeflectCallResponse(Message):
    pass


@message
class DirectedPickupCall(Message):
    call_to_be_picked_up: ConnectionID = child.needed_connection("callToBePickedUp")
    requesting_device: DeviceId = child.needed_device("requestingDevice")


@message
class DirectedPickupCallResponse(Message):
    picked_call: ConnectionID | None = child.connection("pickedCall")


@message
class GroupPickupCall(Message):
    new_destination: DeviceId = child.needed_device("newDestination")
    pick_group: DeviceId = child.needed_device("pickGroup")


@message
class GroupPickupCallResponse(Message):
    picked_call: ConnectionID | None = child.connection("pickedCall")


@message
class GenerateDigits(Message):
    connection_to_send_digits: ConnectionID = child.needed_connection("connectionToSendDigits")
    characters_to_send: str = child.needed_literal("charactersToSend")


@message
class GenerateDigitsResponse(Message):
    pass
