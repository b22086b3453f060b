"""Routeing: calls to the clients' own numbers wait until one of them says where they go (ECMA-269 clause 19)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from magroup.csta import routeing_messages as r
from magroup.csta.errors import INVALID_REGISTRATION, OPERATION, OUTSTANDING_LIMIT, CstaError, ErrorValue
from magroup.csta.message import Message
from magroup.csta.values import ConnectionID, DeviceId, subject
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import CallCleared, CallEvent, Diverted, Event, Offered
from magroup.cti.switch import Accept, Ring, Switch
from magroup.cti.types import Cause
from magroup.model.clock import Clock
from magroup.model.numbers import is_diallable

if TYPE_CHECKING:
    from magroup.csta.computing_function import ComputingFunction

log = Logger(__name__)
ROUTE_SECONDS = 10.0
"""For the client's word; then the call is refused."""

MOST_REGISTRATIONS = 100
NO_DIALOGUE = ErrorValue(OPERATION, "invalidRouteingCrossReferenceID")
EXPIRED = ErrorValue(OPERATION, "routeingTimerExpired")

ROUTEING = (r.RouteRegister, r.RouteRegisterCancel, r.RouteSelect, r.RouteEnd)
"""What clients say about routeing. RouteSelect and RouteEnd have no response but an error."""


@dataclass(frozen=True)
class _Registration:
    """Whose it is; ``device`` "" is for all."""

    id: str
    client: "ComputingFunction"
    device: str


class _Dialogue:
    """A call that a client was asked about."""

    def __init__(self, cross_ref: str, registration: _Registration, offered: Offered, timer: Any) -> None:
        self.cross_ref = cross_ref
        self.registration = registration
        self.offered = offered
        self.timer = timer


class Routeing:
    """``points`` are the numbers that belong to clients; each is a route point of the switch."""

    def __init__(self, clock: Clock, switch: Switch, points: Callable[[], Collection[str]]) -> None:
        self._clock = clock
        self._switch = switch
        self._points = points
        self._ids = count(1)
        self._registrations: dict[str, _Registration] = {}
        self._dialogues: dict[str, _Dialogue] = {}
        self._by_call: dict[str, _Dialogue] = {}
        self._listening = switch.monitor_start(self._event)

    def __len__(self) -> int:
        return len(self._registrations) + len(self._dialogues)

    def stop(self) -> None:
        self._listening.stop()

    # What clients say

    def take(self, client: "ComputingFunction", message: Message) -> Message | None:
        """A message of ``ROUTEING``; its response, if it has one. Raises CstaError, ServiceError."""
        match message:
            case r.RouteRegister():
                return self._register(client, message)
            case r.RouteRegisterCancel():
                if self._of(client, message.route_register_req_id) is None:
                    raise CstaError(INVALID_REGISTRATION, "There is no such registration of this client")
                del self._registrations[message.route_register_req_id]
                return r.RouteRegisterCancelResponse()
            case r.RouteSelect():
                self._select(self._dialogue(client, message.cross_ref_identifier), message.route_selected.number)
            case r.RouteEnd():
                dialogue = self._dialogue(client, message.cross_ref_identifier)
                self._forget(dialogue)
                self._refuse(dialogue)
        return None

    def over(self, client: "ComputingFunction") -> None:
        """The client is gone: others are asked about its calls."""
        self._registrations = {id: one for id, one in self._registrations.items() if one.client is not client}
        for dialogue in tuple(self._dialogues.values()):
            if dialogue.registration.client is client:
                self._forget(dialogue)
                self._ask(dialogue.offered)

    def _register(self, client: "ComputingFunction", asked: r.RouteRegister) -> Message:
        device = asked.routeing_device.number if asked.routeing_device is not None else ""
        if device and device not in self._points():
            raise ServiceError(Failure.INVALID_DEVICE, f"{device[:60]} is no number whose calls clients route")
        if sum(one.client is client for one in self._registrations.values()) >= MOST_REGISTRATIONS:
            raise CstaError(OUTSTANDING_LIMIT, "The client has too many registrations")
        registration = _Registration(str(next(self._ids)), client, device)
        self._registrations[registration.id] = registration
        return r.RouteRegisterResponse(route_register_req_id=registration.id)

    def _of(self, client: "ComputingFunction", id: str) -> _Registration | None:
        found = self._registrations.get(id)
        return found if found is not None and found.client is client else None

    def _dialogue(self, client: "ComputingFunction", cross_ref: str) -> _Dialogue:
        found = self._dialogues.get(cross_ref)
        if found is None or found.registration.client is not client:
            raise CstaError(NO_DIALOGUE, "There is no such call, or not any more")
        return found

    def _select(self, dialogue: _Dialogue, number: str) -> None:
        if not is_diallable(number) or number == dialogue.offered.device:
            raise ServiceError(Failure.INVALID_DESTINATION, f"A call cannot be routed to {number[:60]!r}")
        # The event that it has left is what ends the dialogue.
        self._switch.deflect(dialogue.offered.call_id, Ring(number, dialogue.offered.call.calling))

    # What the switch says

    def _event(self, event: Event) -> None:
        if isinstance(event, Offered) and event.device in self._points():
            self._ask(event)
        elif isinstance(event, CallEvent) and event.call_id in self._by_call:
            dialogue = self._by_call[event.call_id]
            if isinstance(event, CallCleared) or (
                isinstance(event, Diverted) and event.device == dialogue.offered.device
            ):
                self._forget(dialogue)
                self._tell_end(dialogue, None)

    def _ask(self, offered: Offered) -> None:
        """The newest registration for the number, or else for all."""
        found = next((one for one in reversed(self._registrations.values()) if one.device == offered.device), None)
        found = found or next((one for one in reversed(self._registrations.values()) if not one.device), None)
        if found is None:
            self._switch.clear(offered.call_id, Cause.DEST_NOT_OBTAINABLE)
            return
        cross_ref = str(next(self._ids))
        timer = self._clock.callLater(ROUTE_SECONDS, self._expired, cross_ref)
        dialogue = _Dialogue(cross_ref, found, offered, timer)
        self._dialogues[cross_ref] = self._by_call[offered.call_id] = dialogue
        self._switch.accept_call(offered.call_id, Accept.RINGING)
        call = offered.call
        found.client.association.tell(r.RouteRequest(
            cross_ref_identifier=cross_ref, route_register_req_id=found.id, current_route=subject(call.called.number),
            calling_device=subject(call.calling.number), routeing_device=subject(offered.device),
            routed_call=ConnectionID(call.id, DeviceId(offered.device)),
        ))  # fmt: skip

    def _expired(self, cross_ref: str) -> None:
        dialogue = self._dialogues[cross_ref]
        log.info("CSTA client {name} does not route a call to {number}", name=dialogue.registration.client.name,
                 number=dialogue.offered.device)  # fmt: skip
        self._forget(dialogue)
        self._tell_end(dialogue, EXPIRED)
        self._refuse(dialogue)

    def _refuse(self, dialogue: _Dialogue) -> None:
        self._switch.clear(dialogue.offered.call_id, Cause.DEST_NOT_OBTAINABLE)

    def _tell_end(self, dialogue: _Dialogue, error: ErrorValue | None) -> None:
        registration = dialogue.registration
        registration.client.association.tell(
            r.RouteEnd(
                cross_ref_identifier=dialogue.cross_ref, route_register_req_id=registration.id, error_value=error
            )
        )  # fmt: skip

    def _forget(self, dialogue: _Dialogue) -> None:
        del self._dialogues[dialogue.cross_ref]
        self._by_call.pop(dialogue.offered.call_id, None)
        if dialogue.timer.active():
            dialogue.timer.cancel()
