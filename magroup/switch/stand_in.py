"""A phone's place in a call that it holds, by a service, while its one dialog serves another call (RFC 7092).

So consulting, alternating and going back need nothing of the phone but re-INVITEs.
"""

from typing import TYPE_CHECKING

from magroup.cti import events
from magroup.cti.types import Cause
from magroup.sip.sdp import Direction
from magroup.sip.sdp_relay import with_direction
from magroup.switch.leg import Leg

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall


class StandIn(Leg):
    """Stands for ``phone`` in ``call``: on hold, and not up, so that nothing is sent to it."""

    __slots__ = ("call", "phone")

    def __init__(self, call: "SwitchCall", phone: Leg) -> None:
        super().__init__(call, phone.device, phone.party, 0, phone.route)
        self.call = call
        self.phone = phone
        self.session = phone.session
        self.remote_sdp = phone.remote_sdp
        self.is_held = self.is_held_here = True
        call.put_in_place(phone, self)
        phone.stand_ins = (*phone.stand_ins, self)

    @property
    def is_up(self) -> bool:
        return False

    def hang_up(self, reason: str = "") -> None:
        """The call is over, or goes on without the phone."""
        self.phone.stand_ins = tuple(other for other in self.phone.stand_ins if other is not self)

    def is_next(self) -> None:
        """This is the call that the phone is in when the one it talks in is over."""
        self.phone.stand_ins = (*(other for other in self.phone.stand_ins if other is not self), self)

    def give_way(self) -> Leg:
        """The phone itself is in the call again, still on hold; whatever other call it was in is not its any more."""
        self.hang_up()
        phone = self.phone
        phone.owner = self.call
        phone.is_held = phone.is_held_here = True
        self.call.put_in_place(self, phone)
        return phone

    def phone_is_free(self) -> None:
        """The phone's other call is over."""
        phone = self.give_way()
        other = self.call.other(phone)
        if other is not None and other.remote_sdp and phone.is_up:
            phone.change(with_direction(other.remote_sdp, Direction.INACTIVE), lambda status, answer: None)

    def phone_is_gone(self) -> None:
        """The phone has hung up in its other call: it is rung for this one, unless that is over by now."""
        if self not in self.phone.stand_ins:
            return
        self.hang_up()
        call, device = self.call, self.device
        if call.transfer is not None and call.transfer.leg_ended(self, ""):
            return
        other = call.other(self)
        if other is None or not other.is_up or call.transfer is not None:
            call.end(device, Cause.NORMAL_CLEARING)
            return
        call.give_up_steering()
        call.drop(device)
        call.emit(events.ConnectionCleared, device, Cause.NORMAL_CLEARING)
        call.ring_again(device, other)

