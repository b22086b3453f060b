"""What has to be so before Asterisk is asked for a service; refused with ServiceError and the reason."""

import re
from typing import Final

from magroup.ami.calls import CallBook
from magroup.ami.channel import Channel
from magroup.ami.options import Pbx
from magroup.cti.call_control import MOST_DIGITS, Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import Connection, ConnectionId, ConnectionState
from magroup.model.numbers import bare, is_diallable

_DIGITS: Final = re.compile(rf"(?=,*[0-9*#A-D])[0-9*#A-D,]{{1,{MOST_DIGITS}}}\Z")
_TALKS: Final = (ConnectionState.CONNECTED, ConnectionState.HOLD)

NO_ALTERNATING: Final = "Asterisk does not go back and forth between two calls for others: the phone's own keys do"
NO_HOLD: Final = "Asterisk cannot put a phone's call on hold or take it back: the phone's own hold key does"
NO_ANSWER: Final = "Asterisk cannot make a phone answer: it has to be picked up"
OWN_HOLD: Final = "The phone itself has put the call on hold: its own keys go on from there"


class Demands:
    """Checks of services on the calls in ``book``."""

    def __init__(self, book: CallBook, pbx: Pbx) -> None:
        self._book = book
        self._pbx = pbx

    def check(self, service: Service, one: ConnectionId) -> None:
        """Raises ServiceError where the service would be refused for the connection now."""
        match service:
            case Service.ALTERNATE_CALL:
                self.alternate(self._held_beside(one), one)
            case Service.ANSWER_CALL:
                self.answer(one)
            case Service.CLEAR_CONNECTION:
                self.there(one)
            case Service.CONSULTATION_CALL:
                self.consultation(one)
            case Service.DEFLECT_CALL:
                self.deflect(one)
            case Service.DIRECTED_PICKUP_CALL:
                self.there(one, ConnectionState.ALERTING)
            case Service.GENERATE_DIGITS:
                self.digits(one)
            case Service.HOLD_CALL:
                self.hold(one)
            case Service.RECONNECT_CALL:
                self.reconnect(self._held_beside(one), one)
            case Service.RETRIEVE_CALL:
                self.retrieve(one)
            case Service.SINGLE_STEP_TRANSFER_CALL:
                self.single_step(one)
            case Service.TRANSFER_CALL:
                self.transfer(self._held_beside(one), one)

    def there(self, one: ConnectionId, *states: ConnectionState) -> Connection:
        """The connection, in one of ``states``."""
        call = self._book.calls.get(one.call_id)
        if call is None:
            raise ServiceError(Failure.INVALID_CALL, f"There is no call {one.call_id}")
        found = call.connection(one.device)
        if found is None:
            raise ServiceError(Failure.INVALID_CONNECTION, f"{one.device} takes no part in the call")
        if states and found.state not in states:
            raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"{one.device} is {found.state}")
        return found

    def channel(self, one: ConnectionId) -> Channel:
        found = self._book.channel(one)
        if found is None:
            raise ServiceError(Failure.INVALID_CONNECTION, f"Asterisk has no channel of {one.device} in the call")
        return found

    def talks_to(self, one: ConnectionId) -> list[Connection]:
        """Who is in the call with the device, and has answered."""
        call = self._book.calls[one.call_id]
        return [other for other in call.connections if other.id.device != one.device and other.state in _TALKS]

    def answer(self, one: ConnectionId) -> None:
        if self.there(one).state is not ConnectionState.ALERTING:
            raise ServiceError(Failure.NO_CALL_TO_ANSWER, f"No call rings at {one.device}")
        self._phone_obeys(NO_ANSWER)

    def hold(self, one: ConnectionId) -> None:
        self._active(one)
        self._phone_obeys(NO_HOLD)

    def retrieve(self, one: ConnectionId) -> None:
        self._held(one)
        if self.channel(one).call_id != one.call_id:
            raise ServiceError(Failure.NO_ACTIVE_CALL, f"{one.device} talks in another call")
        self._phone_obeys(NO_HOLD)

    def consultation(self, one: ConnectionId) -> None:
        if self.there(one).state is ConnectionState.HOLD:
            if self.channel(one).call_id != one.call_id:
                raise ServiceError(Failure.NO_ACTIVE_CALL, f"{one.device} talks in another call")
            raise ServiceError(Failure.NOT_SUPPORTED, OWN_HOLD)
        self._active(one)
        if self.channel(one).waits_in:
            raise ServiceError(Failure.RESOURCE_BUSY, f"{one.device} holds another call already")
        self._others_are_there(one)

    def alternate(self, held: ConnectionId, active: ConnectionId) -> None:
        self._pair(held, active)
        self._held(held)
        self._active(active)
        raise ServiceError(Failure.NOT_SUPPORTED, NO_ALTERNATING)

    def reconnect(self, held: ConnectionId, active: ConnectionId) -> None:
        self._pair(held, active)
        self._held(held)
        if self.there(active).state not in (ConnectionState.CONNECTED, ConnectionState.INITIATED):
            raise ServiceError(Failure.NO_ACTIVE_CALL, f"{active.device} is not active in this call")
        self._one_channel(held, active)

    def transfer(self, held: ConnectionId, active: ConnectionId) -> None:
        self._pair(held, active)
        self._held(held)
        if self.there(active).state is not ConnectionState.CONNECTED:
            raise ServiceError(Failure.NO_ACTIVE_CALL, f"{active.device} is not active in this call")
        self._one_channel(held, active)

    def single_step(self, one: ConnectionId) -> None:
        self.there(one, *_TALKS)
        if not self.talks_to(one) or not self.channel(one).bridge or self.channel(one).call_id != one.call_id:
            raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"{one.device} is not talking in this call")
        self._others_are_there(one)

    def deflect(self, one: ConnectionId) -> Channel:
        """The channel that called the one that rings."""
        self.there(one, ConnectionState.ALERTING)
        dialler = self._book.channels.all.get(self.channel(one).dialler)
        if dialler is None:
            raise ServiceError(Failure.NOT_SUPPORTED, "Asterisk has not said who calls there")
        return dialler

    def digits(self, one: ConnectionId, digits: str = "1") -> list[Channel]:
        """The channels of those that are to hear them."""
        self.there(one)
        if not _DIGITS.match(digits):
            raise ServiceError(Failure.INVALID_PARAMETER, f"{digits[:20]!r} cannot be dialled")
        self._active(one)
        return self._book.others(one)

    def destination(self, number: str, *but: str) -> str:
        """The number as it is dialled; it must not be one of ``but``."""
        dialled = bare(number)
        if not is_diallable(number):
            raise ServiceError(Failure.INVALID_DESTINATION, f"{number[:40]!r} cannot be dialled")
        if dialled in but:
            raise ServiceError(Failure.INVALID_DESTINATION, f"A call to {dialled} would come back")
        return dialled

    def _active(self, one: ConnectionId) -> None:
        if self.there(one).state is not ConnectionState.CONNECTED or not self.talks_to(one):
            raise ServiceError(Failure.NO_ACTIVE_CALL, f"{one.device} does not talk in this call")

    def _held(self, one: ConnectionId) -> None:
        if self.there(one).state is not ConnectionState.HOLD:
            raise ServiceError(Failure.NO_HELD_CALL, f"{one.device} does not hold this call")

    def _pair(self, held: ConnectionId, active: ConnectionId) -> None:
        if held.device != active.device or held.call_id == active.call_id:
            raise ServiceError(Failure.INVALID_CONNECTION, "These are not two calls of one device")
        self.there(held)
        self.there(active)

    def _one_channel(self, held: ConnectionId, active: ConnectionId) -> None:
        """Asterisk knows of a consultation that it made itself; a phone that does so has a channel for each call."""
        if self.channel(held) is not self.channel(active):
            raise ServiceError(Failure.NOT_SUPPORTED, OWN_HOLD)

    def _phone_obeys(self, reason: str) -> None:
        if not self._pbx.answers or self._pbx.technology.upper() != "PJSIP":
            raise ServiceError(Failure.NOT_SUPPORTED, reason)

    def _others_are_there(self, one: ConnectionId) -> None:
        for other in self._book.others(one):
            if other.call_id != one.call_id:
                raise ServiceError(Failure.RESOURCE_BUSY, "The other one is in another call just now")

    def _held_beside(self, active: ConnectionId) -> ConnectionId:
        self.there(active)
        for call in self._book.calls.values():
            found = call.connection(active.device)
            if call.id != active.call_id and found is not None and found.state is ConnectionState.HOLD:
                return found.id
        raise ServiceError(Failure.NO_HELD_CALL, f"{active.device} holds no other call")
