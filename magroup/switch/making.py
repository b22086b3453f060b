"""Making a call for somebody: the own phone first, then the one who is called (ECMA-269 17.1.19)."""

from typing import TYPE_CHECKING

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import ConnectionId, ConnectionState, Party
from magroup.sip.errors import SipError
from magroup.sip.invite import OutgoingSession
from magroup.switch.answering import answer_own
from magroup.switch.call import SwitchCall
from magroup.switch.calling import AUTO_ANSWER
from magroup.switch.demands import check_device, check_room
from magroup.switch.leg import Leg
from magroup.switch.media import Announcer
from magroup.switch.ringing import Follow, Ringing, cause_of

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch


def make_call(switch: "SipSwitch", calling: str, called: str) -> ConnectionId:
    """Ring the caller's own phone; once it is answered the call goes on like one dialled there."""
    check_device(switch, calling, Failure.INVALID_CALLING_DEVICE)
    if not switch.is_known(called):
        raise ServiceError(Failure.INVALID_CALLED_DEVICE, f"There is no way to the number {called}")
    check_room(switch, is_new=True)
    me = switch.party(calling)
    call = SwitchCall(switch, switch.new_call_id(), me, switch.party(called))
    _OwnPhone(call, me).ring()
    return ConnectionId(call.id, me.number)


class _OwnPhone:
    """The caller's own phone rings before the call exists for anybody else."""

    def __init__(self, call: SwitchCall, me: Party) -> None:
        self._call = call
        self._me = me

    @property
    def id(self) -> str:
        return self._call.id

    def ring(self) -> None:
        call = self._call
        call.set(self._me.number, ConnectionState.INITIATED, self._me, inbound=False)
        ringing = Ringing(self, call.switch.calling, self._me.number, call.snapshot.called, b"", (), AUTO_ANSWER)
        call.prompting = ringing
        ringing.start(call.switch.ring_limit)

    def ringing_started(self, ringing: Ringing, status: int, sdp: bytes) -> None:
        """The own phone rings; that is no news of the call."""
        if not ringing.is_started:
            ringing.is_started = True
            answer_own(self._call.switch, ringing)

    def ringing_answered(self, ringing: Ringing, leg: Leg, sdp: bytes) -> None:
        call, session = self._call, leg.session
        call.prompting = None
        leg.owner = call
        leg.party = self._me
        assert isinstance(session, OutgoingSession)
        try:
            leg.announcer = Announcer(call.switch.media, leg)
            leg.announcer.describe(leg)
        except SipError as error:
            leg.hang_up()
            call.close(self._me.number, cause_of(error.status), str(error))
            return
        session.ack(leg.announcer.description)
        call.start(leg)

    def ringing_redirected(self, ringing: Ringing, number: str) -> Follow:
        """Only the own phone can make the call."""
        return Follow.REFUSED

    def ringing_failed(self, ringing: Ringing, status: int, reason: str) -> None:
        self._call.prompting = None
        self._call.close(self._me.number, cause_of(status), f"{status} {reason}")
