"""The call to somebody whom a transfer asks first, and then connects (RFC 5589 section 7)."""

from collections.abc import Callable
from urllib.parse import quote

from magroup.load.conversation import Conversation, Party
from magroup.rtp.ports import PortError
from magroup.sip.errors import SipError
from magroup.sip.headers import format_address
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Response
from magroup.sip.session_state import SessionState
from magroup.sip.uri import sip_uri


class Consultation(Conversation):
    """Made by a party that has a call on hold. ``ready`` is called with what REFER is to name, some time after the
    answer; ``failed`` with a reason if it does not come to that."""

    def __init__(
        self, party: Party, hertz: float, seconds: float, ready: Callable[[str], None], failed: Callable[[str], None]
    ) -> None:  # fmt: skip
        super().__init__(party)
        self.hertz = hertz
        self.outgoing: OutgoingSession
        self._seconds = seconds
        self._tell = ready
        self._failed = failed
        self._target = ""

    def start(self, number: str) -> None:
        party, around = self.party, self.around
        session = OutgoingSession(self.station.endpoint, self, self.station.server, party.contact_user)
        self.session = self.outgoing = session
        session.authenticator = party.authenticate
        self._target = sip_uri(number, around.domain)
        try:
            offer = self.offer()
        except PortError as error:
            session.finish()
            self._give_up(str(error))
            return
        me = format_address("", sip_uri(party.number, around.domain))
        session.call(self._target, me, f"<{self._target}>", offer, {})

    def answered(self, sdp: bytes, response: Response) -> None:
        self.around.measures.count("consultations")
        try:
            self.listen(sdp)
        except SipError as error:
            self._give_up(str(error))
            return
        self.talk()
        self.after(self._seconds, self._ready)

    def _ready(self) -> None:
        dialog = self.session.confirmed_dialog
        replaces = f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}"
        self._tell(f"{self._target}?Replaces={quote(replaces, safe='')}")

    def rejected(self, status: int, reason: str, response: Response) -> None:
        self._give_up(f"{status} {reason}")

    def ended(self, cause: str) -> None:
        """As it must be when its other end has the call; before that somebody has hung up."""
        self._give_up("the number that was asked hung up")

    def _give_up(self, why: str) -> None:
        if not self.is_over:
            self.hang_up()
            self._failed(why)

    def hang_up(self) -> None:
        if self.is_over:
            return
        if self.session.state is SessionState.CONFIRMED:
            self.session.bye()
        elif self.session.state is SessionState.EARLY:
            self.outgoing.cancel()
        self.close()
