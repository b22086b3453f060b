"""The client's side of uaCSTA: a session with a phone, or with a switch for one line, in a SIP dialog of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet.defer import Deferred

from magroup.csta import system_messages as y
from magroup.csta.codec import build, parse
from magroup.csta.edition import Edition, Profile
from magroup.csta.errors import CstaError
from magroup.csta.in_dialog import CSTA_XML, InDialog
from magroup.csta.message import Message
from magroup.model.clock import Clock
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.message import Response
from magroup.sip.session import Authenticator
from magroup.uacsta.sessions import CstaDialog, CstaOutgoing

USUAL = Profile(Edition.ED3)
"""What TR/87 was written for."""


@dataclass(frozen=True)
class Place:
    """Where a phone or switch is: its URI, that of our own side, the hop there; ``direct``: no proxy is between."""

    target: str
    own: str
    hop: Hop
    direct: bool = True


class PhoneSession(CstaDialog):
    """``heard`` gets what is no response, ``up(self)`` is called when requests may be made, ``down(why)`` at the end.

    ``authenticator`` answers the peer's challenges. The edition is the one of ``profile`` until the peer uses another.
    """

    association: InDialog

    def __init__(
        self, clock: Clock, endpoint: Endpoint, place: Place, heard: Callable[[Message], None],
        up: Callable[["PhoneSession"], None], down: Callable[[str], None], authenticator: Authenticator | None = None,
        profile: Profile = USUAL,
    ) -> None:  # fmt: skip
        super().__init__(self._ended)
        self.is_up = False
        self._endpoint = endpoint
        self._place = place
        self._heard = heard
        self._up = up
        self._down = down
        self._authenticator = authenticator
        self._opening = build(y.RequestSystemStatus(), profile.edition)
        self.association = InDialog(clock, self.inform, self._take, profile, follows=True)

    @property
    def connected(self) -> bool:
        """Whether there is anything to close."""
        return hasattr(self, "session") and not self.is_over

    def start(self) -> None:
        """Send the INVITE."""
        place = self._place
        session = CstaOutgoing(self._endpoint, self, place.hop, direct=place.direct)
        session.opening = self._opening
        session.authenticator = self._authenticator
        self.session = session
        headers = {"Accept": [CSTA_XML]}
        session.call(place.target, f"<{place.own}>", f"<{place.target}>", self._opening, headers)

    def request(self, message: Message) -> Deferred[Message]:
        """The response. Fails with ServiceError."""
        return self.association.request(message)

    def answered(self, sdp: bytes, response: Response) -> None:
        """The session is open, unless the answer says otherwise."""
        if sdp:
            try:
                message, _ = parse(sdp)
            except CstaError as error:
                self.close(f"The peer answers with what is no CSTA: {error}")
                return
            if not isinstance(message, y.RequestSystemStatusResponse):
                self.close(f"The peer answers with {message.root}")
                return
        self.is_up = True
        self._up(self)

    def _ended(self, why: str) -> None:
        self.is_up = False
        self._down(why)

    def _take(self, number: int, message: Message) -> None:
        match message:
            case y.RequestSystemStatus():
                self.association.respond(number, y.RequestSystemStatusResponse(system_status="normal"))
                return
            case y.SystemStatus():
                self.association.respond(number, y.SystemStatusResponse())
            case _:
                self.association.acknowledge(number)
        self._heard(message)
