"""SIP sessions whose INVITE, answer and INFOs hold CSTA instead of a description of media (ECMA TR/87 clause 7)."""

from collections.abc import Callable
from typing import Any

from twisted.logger import Logger

from magroup.csta import system_messages as y
from magroup.csta.codec import build, parse
from magroup.csta.edition import Edition
from magroup.csta.errors import CstaError
from magroup.csta.in_dialog import CSTA_XML, DISPOSITION, InDialog
from magroup.sip.accept import IncomingSession
from magroup.sip.digest import quoted
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request, Response
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.session import Respond, Session

log = Logger(__name__)
HEADERS = {"Content-Type": CSTA_XML, "Content-Disposition": DISPOSITION}


class CstaIncoming(IncomingSession):
    """Opened by a peer. It is refreshed by the document that ``opening`` holds, whichever side does so."""

    __slots__ = ("opening",)
    content_type = CSTA_XML
    opening: bytes

    def dress(self, message: Request | Response, hop: Hop, sdp: bytes = b"") -> None:
        super().dress(message, hop, sdp)
        if sdp:
            message.headers["Content-Disposition"] = [DISPOSITION]
            self.local_sdp = self.opening


class CstaOutgoing(OutgoingSession):
    """Opened by us, and refreshed likewise. A compiled class has but one that it inherits from."""

    __slots__ = ("opening",)
    content_type = CSTA_XML
    opening: bytes

    def dress(self, message: Request | Response, hop: Hop, sdp: bytes = b"") -> None:
        super().dress(message, hop, sdp)
        if sdp:
            message.headers["Content-Disposition"] = [DISPOSITION]
            self.local_sdp = self.opening


class CstaDialog:
    """A SessionUser: the association in a dialog, whose INFOs go both ways; ``over`` hears once that it has ended."""

    association: InDialog

    def __init__(self, over: Callable[[str], None]) -> None:
        self.session: Session
        self.is_over = False
        self._over = over

    def close(self, why: str) -> None:
        """Hang up, and say why."""
        if not self.is_over:
            self.session.bye(f"SIP;cause=480;text={quoted(why)}")
            self.ended(why)

    def inform(self, body: bytes, answered: Callable[[int, bytes], None]) -> None:
        """Send an INFO; its final answer is told."""

        def heard(response: Response) -> None:
            if response.status >= 200:
                answered(response.status, response.body if response.content_type == CSTA_XML else b"")

        self.session.send("INFO", body, HEADERS, heard)

    # SessionUser

    def informed(self, request: Request, respond: Respond) -> None:
        if not request.body:
            respond(200)
            return
        if request.content_type != CSTA_XML:
            raise SipError(415, headers={"Accept": CSTA_XML})
        self.association.received(request.body, lambda body: respond(200, body))

    def offered(self, offer: Offer) -> None:
        """A refresh by re-INVITE, with or without the document."""
        if not offer.sdp:
            offer.accept(b"")
            return
        try:
            offer.accept(opened(offer.sdp)[0])
        except SipError as error:
            offer.reject(error.status)

    def referred(self, refer: IncomingRefer) -> None:
        refer.reject(403)

    def ended(self, cause: str) -> None:
        if not self.is_over:
            self.is_over = True
            self.association.end("The dialog is over")
            self._over(cause or "the peer has hung up")

    def cancelled(self, reason: str) -> None:
        self.ended(reason or "given up")

    def acknowledged(self, sdp: bytes) -> None:
        """The dialog is up on both sides: nothing waits for that."""

    def progressed(self, status: int, sdp: bytes, response: Response) -> None:
        """Nothing rings."""

    def answered(self, sdp: bytes, response: Response) -> None:
        raise NotImplementedError

    def rejected(self, status: int, reason: str, response: Response) -> None:
        self.ended(f"{status} {reason}")


def opened(body: bytes) -> tuple[bytes, Edition]:
    """The answer to a document that opens a session, and its edition. Raises SipError(488) for what does not."""
    try:
        message, edition = parse(body)
    except CstaError as error:
        raise _not_csta(str(error)) from None
    if not isinstance(message, y.RequestSystemStatus):
        raise _not_csta(f"A session begins with RequestSystemStatus, not with {message.root}")
    spoken = edition or Edition.ED3
    return build(y.RequestSystemStatusResponse(system_status="normal"), spoken), spoken


def check_disposition(request: Request) -> None:
    """Raises SipError(415) where the body is meant for something else."""
    kind = request.get("Content-Disposition").partition(";")[0]
    if kind.strip().lower() not in ("", "signal"):
        raise SipError(415, headers={"Accept": CSTA_XML})


def _not_csta(why: str) -> SipError:
    text = "".join(one if one.isprintable() and one.isascii() else " " for one in why)[:200]
    warning: dict[str, Any] = {"Warning": f"399 magroup {quoted(text)}"}
    return SipError(488, headers=warning)
