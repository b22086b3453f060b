"""Transfers: blind and attended by a phone's REFER, single-step by service, and INVITE with Replaces (RFC 5589)."""

from typing import TYPE_CHECKING

from twisted.logger import Logger

from magroup.cti import events
from magroup.cti.types import Cause, ConnectionState, Party
from magroup.sip.errors import SipError, phrase
from magroup.sip.refer import IncomingRefer, Replaces
from magroup.sip.sdp import Direction
from magroup.sip.sdp_relay import with_direction
from magroup.sip.session import Session
from magroup.switch.call import SwitchCall
from magroup.switch.connect import connect, fresh
from magroup.switch.forwarding import follow
from magroup.switch.leg import Leg
from magroup.switch.phase import Phase
from magroup.switch.pickup import pick_up
from magroup.switch.ringing import Ringing, cause_of

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch

log = Logger(__name__)


class Transfer:
    """A transfer under way: the target rings while ``transferor`` may still be there to get the call back."""

    __slots__ = ("_call", "_is_gone", "_refer", "_says_ringing", "renegotiates", "transferee", "transferor")

    def __init__(self, call: SwitchCall, transferor: Leg, transferee: Leg, refer: IncomingRefer | None) -> None:
        self._call = call
        self._refer = refer
        self._is_gone = False
        self._says_ringing = False
        self.renegotiates = False
        self.transferor = transferor
        self.transferee = transferee
        call.transfer = self

    def ringing(self) -> None:
        if self._refer is not None and not self._says_ringing:
            self._says_ringing = True
            self._refer.notify(180)

    def answered(self, ringing: Ringing, leg: Leg, sdp: bytes) -> None:
        """The target answered."""
        call, device = self._call, ringing.device
        self.completed(leg, call.switch.party(device))
        call.emit(events.Established, device, Cause.TRANSFER)
        if self.renegotiates:
            fresh(call, leg, self.transferee)
        else:
            connect(call, self.transferee, leg, ringing.offer, sdp)

    def completed(self, leg: Leg, party: Party) -> None:
        """``leg`` has the call, as the target or because it picked up there: the transferor leaves."""
        call, device = self._call, party.number
        call.transfer = None
        if self._refer is not None:
            self._refer.notify(200)
        if not self._is_gone:
            self.transferor.hang_up()
            call.drop(self.transferor.device)
        call.caller, call.peer = self.transferee, leg
        call.phase = Phase.TALKING
        call.set(device, ConnectionState.CONNECTED, party)
        self.transferee.is_held = self.transferee.is_held_here = False
        call.set(self.transferee.device, ConnectionState.CONNECTED)
        call.emit(events.Transferred, self.transferor.device, Cause.TRANSFER, transferred_to=party)

    def failed(self, status: int, reason: str) -> None:
        """Nobody is reached: the transferor has the call as before; one that left is rung again."""
        call = self._call
        call.transfer = None
        log.info("transfer by {device} failed: {status} {reason}",
                 call=call.id, device=self.transferor.device, status=status, reason=reason)  # fmt: skip
        if self._refer is not None:
            self._refer.notify(status, reason)
        if self._is_gone:
            call.ring_again(self.transferor.device, self.transferee)

    def leg_ended(self, leg: Leg, cause: str) -> bool:
        """Whether the call goes on without this leg: phones may hang up as soon as their REFER is accepted."""
        if leg is not self.transferor:
            return False
        call = self._call
        self._is_gone = True
        call.caller, call.peer = self.transferee, None
        call.drop(leg.device)
        call.emit(events.ConnectionCleared, leg.device, Cause.NORMAL_CLEARING, detail=cause)
        call.play_tone("ringback")
        return True

    def stop(self) -> None:
        if self._refer is not None:
            self._refer.notify(487)


def _sendrecv(leg: Leg) -> bytes:
    return with_direction(leg.remote_sdp, Direction.SENDRECV) if leg.remote_sdp else b""


class Transfers:
    """Starts transfers on the switch's calls."""

    def __init__(self, switch: "SipSwitch") -> None:
        self._switch = switch

    def refer(self, call: SwitchCall, leg: Leg, refer: IncomingRefer) -> None:
        """A phone asks for a transfer."""
        other = call.other(leg)
        is_changing = call.transfer is not None or call.steering is not None
        if call.phase is not Phase.TALKING or other is None or not other.is_up or is_changing:
            refer.reject(491 if is_changing else 603)
            return
        number = refer.target.uri.number
        if refer.replaces is None:
            refer.accept()
            # A final refusal of the REFER itself would end the dialog for some phones (RFC 5057 section 5.1).
            if not self._switch.is_known(number):
                refer.notify(404)
                return
            self.blind(call, leg, other, number, refer)
            return
        consulted = self.find(refer.replaces)
        if consulted is None:
            refer.accept()
            if not self._switch.goes_to_trunk(number):
                refer.notify(481)
                return
            value = f"{refer.replaces.call_id};to-tag={refer.replaces.to_tag};from-tag={refer.replaces.from_tag}"
            self.blind(call, leg, other, number, refer, {"Replaces": [value], "Require": ["replaces"]})
            return
        second = consulted.owner
        if not isinstance(second, SwitchCall) or second is call:
            refer.reject(603)
            return
        refer.accept()
        self.attended(call, leg, second, consulted, refer)

    def find(self, replaces: Replaces) -> Leg | None:
        """The leg of a dialog that Replaces names; some phones mix up the two tags."""
        for local, remote in ((replaces.to_tag, replaces.from_tag), (replaces.from_tag, replaces.to_tag)):
            usage = self._switch.endpoint.dialogs.get((replaces.call_id, local))
            if isinstance(usage, Session) and isinstance(usage.user, Leg) and usage.dialog is not None:
                if usage.dialog.remote_tag == remote:
                    return usage.user
        return None

    def blind(
        self, call: SwitchCall, transferor: Leg, transferee: Leg, number: str, refer: IncomingRefer | None,
        headers: dict[str, list[str]] | None = None,
    ) -> SwitchCall:  # fmt: skip
        """Ring ``number``, or where it is forwarded to, for the transferee. Returns the call.

        A route point takes the transferee at once, as a new call.
        """
        to = follow(call, number)
        if to.is_loop or (to.by and to.number == transferee.device):
            status = 482 if to.is_loop else 486
            number = self._switch.party(number).number
            call.emit(events.Failed, number, cause_of(status), detail=f"{status} {phrase(status)}")
            if refer is not None:
                refer.notify(status)
            return call
        number, diverted_from = (to.number, to.through) if to.by else (number, ())
        if self._switch.is_route_point(number):
            if refer is not None:
                refer.notify(200)
            return self._to_route_point(call, transferor, transferee, number, diverted_from)
        Transfer(call, transferor, transferee, refer)
        more = dict(headers or {})
        if refer is not None and refer.referred_by:
            more["Referred-By"] = [refer.referred_by]
        call.ring(number, transferee.party, diverted_from, _sendrecv(transferee), more)
        return call

    def _to_route_point(
        self, call: SwitchCall, transferor: Leg, transferee: Leg, number: str, diverted_from: tuple[str, ...]
    ) -> SwitchCall:  # fmt: skip
        """The transferee becomes the caller of a new call, since a route point's call has one party."""
        switch = self._switch
        transferor.hang_up()
        moved = SwitchCall(
            switch, switch.new_call_id(), transferee.party, switch.party(number), call.forwards - 1
        )  # fmt: skip
        moved.diverted_from = diverted_from
        call.drop(transferor.device)
        call.emit(events.Transferred, transferor.device, Cause.TRANSFER,
                  transferred_to=switch.party(number), other_call_id=moved.id)  # fmt: skip
        call.close(transferor.device, Cause.TRANSFER)
        transferee.owner = moved
        transferee.is_held = transferee.is_held_here = False
        moved.start(transferee)
        return moved

    def attended(
        self, call: SwitchCall, leg: Leg, second: SwitchCall, consulted: Leg, refer: IncomingRefer | None
    ) -> SwitchCall:
        """``leg`` and ``consulted`` are the same phone's two calls: their other ends are joined. Returns the call.

        They are one where the phone's only dialog has come back from the consultation already.
        """
        transferee, target = call.other(leg), second.other(consulted)
        assert transferee is not None
        if second.phase is Phase.TALKING and target is not None and target.is_up and second.transfer is None:
            if refer is not None:
                refer.notify(200)
            second.give_up_steering()
            call.drop(leg.device)
            call.caller, call.peer = transferee, target
            target.owner = call
            for left in (transferee, target):
                left.is_held = left.is_held_here = False
            call.set(transferee.device, ConnectionState.CONNECTED)
            call.set(target.device, ConnectionState.CONNECTED, target.party, second.caller is not target)
            call.emit(events.Transferred, leg.device, Cause.TRANSFER,
                      transferred_to=target.party, other_call_id=second.id)  # fmt: skip
            # A phone's stand-in first: the phone itself is free then.
            for gone in sorted((leg, consulted), key=lambda one: one.is_up):
                gone.hang_up()
            second.close(consulted.device, Cause.TRANSFER)
            fresh(call, target, transferee)
            return call
        if second.phase is Phase.RINGING and second.caller is consulted and second.ringing:
            transfer = Transfer(call, leg, transferee, refer)
            transfer.renegotiates = True
            moved, second.ringing = second.ringing, {}
            for device, ringing in moved.items():
                ringing.owner = call
                call.ringing[device] = ringing
                call.set(device, ConnectionState.ALERTING, self._switch.party(device))
            call.emit(events.Delivered, next(iter(moved)), Cause.TRANSFER)
            if consulted is not leg:
                consulted.hang_up()
            second.close(consulted.device, Cause.TRANSFER)
            return call
        number = second.snapshot.called.number
        if consulted is leg:
            second.stop_others(Cause.TRANSFER)
            second.close(consulted.device, Cause.TRANSFER)
        else:
            second.end(consulted.device, Cause.TRANSFER)
        return self.blind(call, leg, transferee, number, refer)

    def replace(self, new: Leg, replaces: Replaces) -> None:
        """An INVITE with Replaces: ``new`` (called, not yet answered) takes the place of a leg. Raises SipError."""
        old = self.find(replaces)
        if old is None:
            raise SipError(481)
        owner = old.owner
        if isinstance(owner, Ringing):
            call = owner.owner
            if not isinstance(call, SwitchCall):
                raise SipError(481)
            new.owner = call
            pick_up(call, owner.device, new, self._switch.incoming(new))
            return
        if not isinstance(owner, SwitchCall) or replaces.early_only:
            raise SipError(486 if replaces.early_only else 481)
        other = owner.other(old)
        is_changing = owner.transfer is not None or owner.steering is not None
        if owner.phase is not Phase.TALKING or other is None or not other.is_up or is_changing:
            raise SipError(491)
        self._take_place(owner, old, other, new)

    def _take_place(self, call: SwitchCall, old: Leg, other: Leg, new: Leg) -> None:
        session = self._switch.incoming(new)
        new.owner = call
        new.remote_sdp = session.offer
        if call.caller is old:
            call.caller = new
        else:
            call.peer = new
        call.drop(old.device)
        call.set(new.device, ConnectionState.CONNECTED, new.party, inbound=True)
        call.emit(events.Transferred, old.device, Cause.TRANSFER, transferred_to=new.party)
        old.hang_up()

        def changed(status: int, sdp: bytes) -> None:
            if status >= 300:
                call.end("", Cause.INCOMPATIBLE_DESTINATION, f"SIP;cause={status}")
                return
            session.answer(new.own(sdp))
            if not session.offer:
                call.when_acknowledged(new, other.complete)

        other.change(session.offer, changed)
