"""The call-control and feature services of a switch (ECMA-269 clauses 17 and 22), in the words of the application.

A service is refused (ServiceError) or accepted; what comes of it is told by events. Who may steer which connection is
the application's own check. Where the Failure is not named it is INVALID_CALL, INVALID_CONNECTION or
INVALID_DESTINATION for what is not there, and RESOURCE_BUSY while another service changes the same call.
"""

from enum import StrEnum
from typing import Protocol

from magroup.cti.types import ConnectionId
from magroup.model.forwarding import Forwarding

MOST_DIGITS = 64
PAUSE = ","
"""Among digits: the next one waits ``PAUSE_SECONDS``."""
PAUSE_SECONDS = 1.0
LINK_DOWN = "The link to the PBX is down"
"""Why nothing can be done with a call of a PBX now."""
UNSEEN = "not seen"
"""How a call of a PBX ended whose end it has not told: the link was down, or it has lost events."""
NOT_PERMITTED = "The PBX does not permit this now"
CANNOT = "The PBX cannot do this"
"""Why a service is not there at a PBX; more may follow after a colon."""
MOST_HELD = 8
"""How many calls one phone may hold, by services, while it is in another one."""


class Service(StrEnum):
    """The services on a connection, by CSTA's names."""

    ALTERNATE_CALL = "alternateCall"
    ANSWER_CALL = "answerCall"
    CLEAR_CONNECTION = "clearConnection"
    CONSULTATION_CALL = "consultationCall"
    DEFLECT_CALL = "deflectCall"
    DIRECTED_PICKUP_CALL = "directedPickupCall"
    GENERATE_DIGITS = "generateDigits"
    HOLD_CALL = "holdCall"
    RECONNECT_CALL = "reconnectCall"
    RETRIEVE_CALL = "retrieveCall"
    SINGLE_STEP_TRANSFER_CALL = "singleStepTransferCall"
    TRANSFER_CALL = "transferCall"


class LineForwardings(Protocol):
    """Where the lines' forwardings are kept. Both raise ServiceError: INVALID_DEVICE, INVALID_DESTINATION."""

    def of_line(self, device: str) -> Forwarding: ...

    def set_line(self, device: str, forwarding: Forwarding) -> None: ...


class CallControl(Protocol):
    """What a switch does with calls and lines when it is asked to."""

    def can(self, service: Service, connection: ConnectionId) -> str:
        """Why the service would be refused for this connection now, one sentence; "" where it would be accepted.

        That something else is just being done to the call is no reason. Of TRANSFER_CALL, ALTERNATE_CALL and
        RECONNECT_CALL it is the active one, whose held one the switch finds.
        """
        ...

    def can_make_call(self, calling: str) -> str:
        """Why ``calling`` could call nobody now, one sentence as of ``can``; "" where it could."""
        ...

    async def make_call(self, calling: str, called: str) -> ConnectionId:
        """Ring ``calling``'s own phone, and when it answers call ``called`` for it (ECMA-269 17.1.19)."""
        ...

    async def answer_call(self, connection: ConnectionId) -> None:
        """Let the phone that alerts answer by itself (17.1.3). NO_CALL_TO_ANSWER; NOT_SUPPORTED where it cannot."""
        ...

    async def clear_connection(self, connection: ConnectionId) -> None:
        """Take a device out of its call; the call ends when fewer than two are left (17.1.8).

        A phone that holds other calls by services is in the last of them again, still on hold.
        """
        ...

    async def hold_call(self, connection: ConnectionId) -> None:
        """Put a connected call on hold: Held (17.1.17). NO_ACTIVE_CALL."""
        ...

    async def retrieve_call(self, connection: ConnectionId) -> None:
        """Take a call back from hold: Retrieved (17.1.24). NO_HELD_CALL; NO_ACTIVE_CALL while the phone talks."""
        ...

    async def alternate_call(self, held: ConnectionId, active: ConnectionId) -> None:
        """Hold the active call and retrieve the held one of the same device: Held, Retrieved (17.1.2).

        NO_HELD_CALL, NO_ACTIVE_CALL.
        """
        ...

    async def consultation_call(self, existing: ConnectionId, destination: str) -> ConnectionId:
        """Hold the existing call unless it is held, then call ``destination`` (17.1.11). NO_ACTIVE_CALL.

        Held, and in the new call Originated, Delivered and so on. RESOURCE_BUSY where MOST_HELD calls wait already.
        Gives the device's connection in the new call.
        """
        ...

    async def reconnect_call(self, active: ConnectionId, held: ConnectionId) -> None:
        """Leave the consultation, whatever its state, and go on with the held call: Retrieved (17.1.23).

        NO_HELD_CALL, NO_ACTIVE_CALL.
        """
        ...

    async def transfer_call(self, held: ConnectionId, active: ConnectionId) -> ConnectionId:
        """Join the other ends of the held and the active call of a device, which leaves both (17.1.28).

        Transferred, and the active call ends. While the consulted one still rings the device leaves at once, and
        Transferred comes with the answer; without one it is rung again for the held call. Gives the connection of who
        was consulted, in what was the held call. NO_HELD_CALL, NO_ACTIVE_CALL.
        """
        ...

    async def single_step_transfer_call(self, connection: ConnectionId, destination: str) -> ConnectionId:
        """Transfer a connected or held call to a number without consultation (17.1.26). INCORRECT_CONNECTION_STATE.

        Delivered or Failed of the new device; the call stays as it was until the answer, and if there is none.
        """
        ...

    async def deflect_call(self, connection: ConnectionId, destination: str) -> None:
        """Send an alerting call on to another number (17.1.14). INCORRECT_CONNECTION_STATE.

        Diverted, and then Delivered or Failed of the new device; after Failed the one that alerted is rung again.
        """
        ...

    async def directed_pickup_call(self, connection: ConnectionId, device: str) -> None:
        """Let ``device`` answer the call that alerts at ``connection`` (17.1.15). INCORRECT_CONNECTION_STATE."""
        ...

    async def generate_digits(self, connection: ConnectionId, digits: str) -> None:
        """Send digits (0-9 * # A-D) for a connected device to who it talks to (18.1.2): DigitsGenerated for each.

        PAUSE may stand among them: what follows comes later, where the call is still so.
        INVALID_PARAMETER; NO_ACTIVE_CALL; NOT_SUPPORTED where the other end does not take them.
        """
        ...

    async def get_forwarding(self, device: str) -> Forwarding:
        """The line forwarding of a device (22.1.14). INVALID_DEVICE."""
        ...

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        """Forward a line, or with ForwardTo.NONE no more: ForwardingSet (22.1.24). INVALID_DEVICE."""
        ...

    async def get_do_not_disturb(self, device: str) -> bool:
        """Whether a device is not to be disturbed (22.1.12). INVALID_DEVICE."""
        ...

    async def set_do_not_disturb(self, device: str, is_on: bool) -> None:
        """Refuse the calls that would ring a line, or do so no more: DoNotDisturbSet (22.1.23). INVALID_DEVICE.

        They fail with DO_NOT_DISTURB. Calls that the line itself makes, takes or gets back ring nevertheless.
        """
        ...
