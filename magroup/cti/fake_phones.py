"""The callers and phones of FakeSwitch, which do what a test says, and how calls go between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import (
    BackInService,
    Delivered,
    Diverted,
    Established,
    Failed,
    Held,
    MessageEnded,
    NetworkReached,
    Offered,
    Originated,
    OutOfService,
    Retrieved,
    Transferred,
)
from magroup.cti.fake_calls import CallTable
from magroup.cti.switch import Accept, Forwards, PicksUp, nothing_to_pick_up
from magroup.cti.types import Call, Cause, ConnectionState, Party
from magroup.model.clock import Clock
from magroup.model.forwarding import Forwarded
from magroup.model.numbers import is_diallable
from magroup.model.recording import Recording


class Phone(StrEnum):
    """What a phone does with a call."""

    RINGS = "rings"
    SILENT = "silent"
    """Nothing, until the test says so."""
    BUSY = "busy"
    DECLINES = "declines"
    GONE = "gone"
    """It was unplugged: the call fails."""
    SENDS_BACK = "sends_back"
    """To where the call came from, by a forwarding that the switch knows nothing of."""


FAILURES = {
    Phone.BUSY: (Cause.BUSY, "486 Busy Here"),
    Phone.DECLINES: (Cause.REJECTED, "603 Decline"),
    Phone.GONE: (Cause.DESTINATION_OUT_OF_ORDER, "408 Request Timeout"),
    Phone.SENDS_BACK: (Cause.LOOP, "482 Loop Detected"),
}


@dataclass
class AtPoint:
    """A call that waits at a route point."""

    device: str
    accepted: Accept | None = None
    plays: tuple[str, ...] = ()
    repeat: bool = False
    recording: Recording | None = None
    tone: Cause | None = None
    """The cause of the tone that the caller hears before the release."""


class FakePhones:
    """Phones do what ``phones`` says (they ring). With ``slow_cancel`` a cancelled phone rings on until
    ``cancel_completes``: it may answer before. ``forwarded`` says where a call to a number goes by line forwarding; it
    is asked for every call but those that the application rings from a route point. ``pickup`` says what a device gets
    that dials ``pickup_code``, alone or before a number.
    """

    def __init__(self, clock: Clock, devices: Iterable[str], trunk: bool, node: str) -> None:
        self._table = CallTable(clock, node)
        self._devices = set(devices)
        self._out_of_service: set[str] = set()
        self._points: frozenset[str] = frozenset()
        self._at_point: dict[str, AtPoint] = {}
        self._tried: set[tuple[str, str]] = set()
        self._cancelled: dict[tuple[str, str], Cause] = {}
        self._prompted: dict[str, str] = {}
        self._transfers: dict[str, tuple[str, str]] = {}
        self._deflected: dict[str, str] = {}
        self._undisturbed: set[str] = set()
        self._trunk = trunk
        self.phones: dict[str, Phone] = {}
        self.slow_cancel = False
        self.forwarded: Forwards = Forwarded
        self.pickup: PicksUp = nothing_to_pick_up
        self.pickup_code = ""

    def calls(self) -> tuple[Call, ...]:
        return tuple(self._table.calls.values())

    def in_service(self, device: str) -> bool:
        return device in self._devices and device not in self._out_of_service

    def set_in_service(self, device: str, in_service: bool = True) -> None:
        """Phones of ``device`` register, or the last one goes."""
        before = self.in_service(device)
        self._devices.add(device)
        if before is in_service:
            return
        (self._out_of_service.discard if in_service else self._out_of_service.add)(device)
        self._table.tell_of_device(BackInService if in_service else OutOfService, device)

    def arrive(self, caller: str, number: str, name: str = "") -> str:
        """``caller`` dials ``number``; gives the call's id, "" where there is nothing to be picked up."""
        if self.pickup_code and number.startswith(self.pickup_code) and number not in {*self._devices, *self._points}:
            return self._pick_up(caller, number.removeprefix(self.pickup_code))
        party = Party(caller, name, external=caller not in self._devices)
        call = self._table.new_call(party, Party(number))
        self._table.change(Originated, call, caller, Cause.NEW_CALL)
        self._arrive_at(call.id, number)
        return call.id

    def caller_hangs_up(self, call_id: str) -> None:
        self._end(call_id, self._table.calls[call_id].calling.number, Cause.NORMAL_CLEARING)

    def device_hangs_up(self, call_id: str, device: str) -> None:
        """``device`` ends its part; a phone that rings thereby declines."""
        if self._rings(call_id, device):
            self._fail(call_id, device, Cause.REJECTED, "603 Decline")
        elif call_id in self._table.calls:
            self._end(call_id, device, Cause.NORMAL_CLEARING)

    def device_rings(self, call_id: str, device: str) -> None:
        """A silent phone rings after all, if the call still wants it."""
        if (call_id, device) in self._tried:
            self._deliver(call_id, device)

    def device_busy(self, call_id: str, device: str) -> None:
        self._fail(call_id, device, *FAILURES[Phone.BUSY])

    def device_declines(self, call_id: str, device: str) -> None:
        self._fail(call_id, device, *FAILURES[Phone.DECLINES])

    def device_fails(self, call_id: str, device: str) -> None:
        self._fail(call_id, device, *FAILURES[Phone.GONE])

    def device_answers(self, call_id: str, device: str) -> None:
        """The phone is picked up: to answer what rings, or to make the call it was prompted for."""
        if self._prompted.pop(call_id, None):
            call = self._table.calls[call_id]
            self._table.set_state(Originated, call_id, call.calling, ConnectionState.CONNECTED)
            self._arrive_at(call_id, call.called.number)
        elif (call_id, device) in self._tried or self._rings(call_id, device):
            self._establish(call_id, Party(device), Cause.NORMAL)

    def device_holds(self, call_id: str, device: str) -> None:
        self._table.set_state(Held, call_id, Party(device), ConnectionState.HOLD)

    def device_retrieves(self, call_id: str, device: str) -> None:
        self._table.set_state(Retrieved, call_id, Party(device), ConnectionState.CONNECTED)

    def cancel_completes(self, call_id: str, device: str) -> None:
        """The phone has heard that it shall not ring any more."""
        cause = self._cancelled.pop((call_id, device), None)
        if cause and self._rings(call_id, device):
            self._table.drop(call_id, device, cause)

    def message_ends(self, call_id: str) -> None:
        """A message played once, or the tone before the release, is over."""
        if not (point := self._at_point.get(call_id)):
            return
        if point.tone:
            self._end(call_id, "", point.tone)
        elif point.plays and not point.repeat:
            point.plays = ()
            self._table.change(MessageEnded, self._table.calls[call_id], point.device)

    def accepted(self, call_id: str) -> Accept | None:
        """How the caller at a route point stands."""
        return self._at_point[call_id].accepted

    def playing(self, call_id: str) -> tuple[str, ...]:
        """What the caller at a route point hears."""
        return self._at_point[call_id].plays

    def describe(self) -> dict[str, int]:
        """How much is left of calls: all zeros after the last one."""
        return {
            "calls": len(self._table.calls),
            "at route points": len(self._at_point),
            "tried": len(self._tried),
            "cancelled": len(self._cancelled),
            "prompted": len(self._prompted),
            "transfers": len(self._transfers),
            "deflected": len(self._deflected),
        }

    # How calls go

    def _point(self, call_id: str) -> AtPoint | None:
        """The call, as one that the application may steer."""
        point = self._at_point.get(call_id)
        return point if point and point.tone is None else None

    def _rings(self, call_id: str, device: str) -> bool:
        return any(c.id.device == device for c in self._table.in_state(call_id, ConnectionState.ALERTING))

    def _demand_destination(self, destination: str) -> None:
        if not is_diallable(destination):
            raise ServiceError(Failure.INVALID_DESTINATION, f"{destination!r} cannot be dialled")
        if self.forwarded(destination).is_loop:
            raise ServiceError(Failure.INVALID_DESTINATION, f"The forwarding of {destination} goes in a circle")

    def _follow(self, call_id: str, number: str) -> str:
        """Where a call to ``number`` goes by line forwarding; "" in a circle, where it fails."""
        to = self.forwarded(number)
        if to.is_loop:
            self._fail(call_id, number, Cause.LOOP, "482 Loop Detected")
            return ""
        if to.by:
            call = self._table.calls[call_id]
            self._table.change(Diverted, call, number, Cause.CALL_FORWARD, new_destination=to.number)
            return to.number
        return number

    def _arrive_at(self, call_id: str, number: str, diverted_from: tuple[str, ...] = ()) -> None:
        to = self.forwarded(number)
        number = self._follow(call_id, number)
        if number and number == self._table.calls[call_id].calling.number:
            self._end(call_id, number, Cause.BUSY, "486 Busy Here")
        elif number:
            self._reach(call_id, number, (*diverted_from, *to.through) if to.by else diverted_from)

    def _reach(self, call_id: str, number: str, diverted_from: tuple[str, ...] = ()) -> None:
        if number in self._points:
            self._deflected.pop(call_id, None)
            self._at_point[call_id] = AtPoint(number)
            state = ConnectionState.QUEUED
            self._table.set_state(Offered, call_id, Party(number), state, diverted_from=diverted_from)
        elif number in self._devices:
            self._try(call_id, number)
        elif self._trunk:
            party = Party(number, external=True)
            self._table.set_state(NetworkReached, call_id, party, ConnectionState.ALERTING)
        else:
            self._fail(call_id, number, Cause.INVALID_NUMBER, "404 Not Found")

    def _try(self, call_id: str, device: str, is_wanted: bool = False) -> None:
        phone = self.phones.get(device, Phone.RINGS)
        if device in self._undisturbed and not is_wanted:
            self._fail(call_id, device, Cause.DO_NOT_DISTURB, "480 Do Not Disturb")
        elif not self.in_service(device) and (device in self._devices or not self._trunk):
            self._fail(call_id, device, Cause.DESTINATION_OUT_OF_ORDER, "480 Temporarily Unavailable")
        elif phone is Phone.RINGS:
            self._deliver(call_id, device)
        elif phone is Phone.SILENT:
            self._tried.add((call_id, device))
        else:
            self._fail(call_id, device, *FAILURES[phone])

    def _deliver(self, call_id: str, device: str) -> None:
        self._tried.discard((call_id, device))
        party = Party(device, external=device not in self._devices)
        self._table.set_state(Delivered, call_id, party, ConnectionState.ALERTING)

    def _pick_up(self, device: str, number: str) -> str:
        try:
            found = self.pickup(device, number)
        except ServiceError:
            return ""
        self._establish(found.call_id, Party(device), Cause.CALL_PICKUP)
        return found.call_id

    def _fail(self, call_id: str, device: str, cause: Cause, detail: str) -> None:
        """Away from a route point nobody else rings, and the call ends. A transfer that fails changes nothing."""
        if not (call := self._table.calls.get(call_id)):
            return
        self._cancelled.pop((call_id, device), None)
        self._tried.discard((call_id, device))
        point = self._at_point.get(call_id)
        self._table.change(Failed, call.without(device), device, cause, detail=detail)
        if transfer := self._transfers.pop(call_id, None):
            if not self._table.calls[call_id].connection(transfer[0]):
                self._try(call_id, transfer[0], is_wanted=True)
            return
        if back := self._deflected.pop(call_id, ""):
            self._try(call_id, back, is_wanted=True)
        elif not point:
            self._end(call_id, device if cause in (Cause.BUSY, Cause.REJECTED) else "", cause, detail)

    def _establish(self, call_id: str, party: Party, cause: Cause) -> None:
        """The first to answer has the call, even one who was being cancelled."""
        self._cancelled.pop((call_id, party.number), None)
        self._deflected.pop(call_id, None)
        self._leave_point(call_id)
        if transfer := self._transfers.pop(call_id, None):
            call = self._table.calls[call_id].without(transfer[0])
            self._table.change(Transferred, call, transfer[0], Cause.TRANSFER, transferred_to=party)
        self._table.set_state(Established, call_id, party, ConnectionState.CONNECTED, cause=cause)
        self._stop_ringing(call_id, party.number, cause)

    def _stop_ringing(self, call_id: str, but: str, cause: Cause) -> None:
        why = {Cause.NORMAL: Cause.ANSWERED_ELSEWHERE}.get(cause, cause)
        for connection in tuple(self._table.in_state(call_id, ConnectionState.ALERTING)):
            device = connection.id.device
            if device != but:
                self._cancelled.pop((call_id, device), None)
                self._table.drop(call_id, device, why)
        self._tried = {tried for tried in self._tried if tried[0] != call_id}

    def _divert(
        self, call_id: str, device: str, destination: str, cause: Cause, diverted_from: tuple[str, ...] = ()
    ) -> None:
        """The call goes from ``device`` to ``destination`` and belongs to no route point any more."""
        self._leave_point(call_id)
        call = self._table.calls[call_id].without(device)
        self._table.change(Diverted, call, device, cause, new_destination=destination)
        self._stop_ringing(call_id, "", cause)
        self._arrive_at(call_id, destination, diverted_from)

    def _transfer_to_point(
        self, call_id: str, transferor: str, number: str, diverted_from: tuple[str, ...] = ()
    ) -> str:
        """A call at a route point has one party: the other one makes a new call. Gives that call's id."""
        call = self._table.calls[call_id]
        (left,) = (connection.party for connection in call.connections if connection.id.device != transferor)
        moved = self._table.new_call(left, Party(number))
        self._table.change(
            Transferred,
            call.without(transferor),
            transferor,
            Cause.TRANSFER,
            transferred_to=Party(number),
            other_call_id=moved.id,
        )
        self._end(call_id, transferor, Cause.TRANSFER)
        self._table.change(Originated, moved, left.number, Cause.NEW_CALL)
        self._reach(moved.id, number, diverted_from)
        return moved.id

    def _leave_point(self, call_id: str) -> None:
        """The next event shows the call without the route point."""
        if point := self._at_point.pop(call_id, None):
            self._table.calls[call_id] = self._table.calls[call_id].without(point.device)

    def _end(self, call_id: str, by: str, cause: Cause, detail: str = "") -> None:
        if call_id not in self._table.calls:
            return
        self._at_point.pop(call_id, None)
        self._prompted.pop(call_id, None)
        self._transfers.pop(call_id, None)
        self._deflected.pop(call_id, None)
        self._tried = {tried for tried in self._tried if tried[0] != call_id}
        self._cancelled = {key: cause for key, cause in self._cancelled.items() if key[0] != call_id}
        self._table.end(call_id, by, cause, detail)
