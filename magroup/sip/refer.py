"""A peer's wish that its call be transferred: REFER and the NOTIFYs about it (RFC 3515, 3891, 3892, 4488)."""

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from magroup.sip.errors import SipError, phrase
from magroup.sip.headers import Address, parse_address
from magroup.sip.message import Request, Response
from magroup.sip.server_transaction import ServerTransaction
from magroup.sip.session_state import SessionState

if TYPE_CHECKING:
    from magroup.sip.session import Session


class Replaces(NamedTuple):
    """The dialog to be replaced, as seen by the one who is asked: ``to_tag`` is its local tag (RFC 3891)."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False


def parse_replaces(value: str) -> Replaces:
    """A Replaces header value, or one unescaped from a Refer-To. Raises SipError(400)."""
    call_id, *items = value.split(";")
    params = {name.strip().lower(): text.strip() for name, _, text in (item.partition("=") for item in items)}
    call_id = call_id.strip()
    if not call_id or "to-tag" not in params or "from-tag" not in params:
        raise SipError(400, "Bad Replaces")
    return Replaces(call_id, params["to-tag"], params["from-tag"], "early-only" in params)


class IncomingRefer:
    """A REFER in a session. Raises SipError when it cannot be understood.

    ``target`` is the Refer-To address, ``replaces`` the dialog in it, ``referred_by`` the header's value. After
    ``accept`` the peer is told of the outcome by ``notify``, the last time with a final status.
    """

    __slots__ = ("_id", "_silent", "_transaction", "over", "referred_by", "replaces", "request", "session", "target")

    def __init__(self, session: "Session", transaction: ServerTransaction, request: Request) -> None:
        values = request.items("Refer-To")
        if len(values) != 1:
            raise SipError(400, "One Refer-To is needed")
        self.target: Address = parse_address(values[0])
        if not self.target.uri.is_sip:
            raise SipError(416)
        self.replaces: Replaces | None = None
        for item in self.target.uri.headers.lstrip("?").split("&"):
            name, _, value = item.partition("=")
            if unquote(name).lower() == "replaces":
                self.replaces = parse_replaces(unquote(value))
        self.referred_by = request.get("Referred-By")
        self.session = session
        self.request = request
        self.over = False
        self._transaction = transaction
        self._silent = request.get("Refer-Sub").strip().lower() == "false"
        self._id = str(request.cseq[0])

    def accept(self) -> None:
        """Answer 202 and tell the peer that it is tried."""
        response = self.request.respond(202)
        if self._silent:
            response.headers["Refer-Sub"] = ["false"]
        response.headers["Contact"] = [
            self.session.endpoint.contact(self.session.confirmed_dialog.hop, self.session.contact_user)
        ]
        self._transaction.respond(response)
        self.notify(100)

    def reject(self, status: int, reason: str = "") -> None:
        self.over = True
        self._transaction.reject(status, reason)

    def notify(self, status: int, reason: str = "") -> None:
        """Tell the peer how the transfer stands; a final status ends the subscription."""
        session = self.session
        if self.over or session.state is SessionState.ENDED:
            return
        self.over = status >= 200
        if self._silent:
            return
        state = "terminated;reason=noresource" if self.over else "active;expires=60"
        headers = {
            "Event": f"refer;id={self._id}",
            "Subscription-State": state,
            "Contact": session.endpoint.contact(session.confirmed_dialog.hop, session.contact_user),
            "Content-Type": "message/sipfrag;version=2.0",
        }
        text = f"SIP/2.0 {status} {' '.join(reason.split()) or phrase(status)}\r\n"
        session.send("NOTIFY", text.encode("utf-8", "surrogateescape"), headers, self._notified)

    def _notified(self, response: Response) -> None:
        if response.status == 481:
            self.over = True
