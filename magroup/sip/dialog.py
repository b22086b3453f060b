"""Dialogs: what two user agents know of each other, and the requests sent inside one (RFC 3261 section 12)."""

from collections.abc import Sequence
from typing import Final

from magroup.sip.errors import GrammarError, SipError
from magroup.sip.headers import parse_address
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.uri import Uri

MAX_FORWARDS: Final = ["70"]
_DEFAULT_PORT: Final = {"udp": 5060, "tcp": 5060, "tls": 5061}
_NOWHERE: Final = Hop("udp", "", 0)
_NO_ROUTES: Final[Sequence[str]] = ()


class Dialog:
    """One dialog as seen from here.

    ``local`` and ``remote`` are From and To values with tags, ``target`` the peer's Contact URI, ``routes`` Route
    values, ``hop`` where requests go. ``direct`` says that no proxy is between, ``remote_seq`` is -1 until the peer
    sent a request.
    """

    __slots__ = (
        "call_id", "direct", "hop", "local", "local_seq", "local_tag", "remote", "remote_seq", "remote_tag", "routes",
        "target",
    )  # fmt: skip

    def __init__(self, call_id: str, local: str, local_tag: str, remote: str, remote_tag: str) -> None:
        self.call_id = call_id
        self.local = local
        self.local_tag = local_tag
        self.remote = remote
        self.remote_tag = remote_tag
        self.local_seq = 0
        self.remote_seq = -1
        self.target = ""
        self.routes = _NO_ROUTES
        self.direct = True
        self.hop = _NOWHERE

    @staticmethod
    def of_server(request: Request, local_tag: str, hop: Hop) -> "Dialog":
        """The UAS's dialog made by an INVITE (section 12.1.1). Raises SipError(400) without a usable Contact."""
        to = request.get("To")
        dialog = Dialog(request.call_id, f"{to};tag={local_tag}", local_tag, request.get("From"), request.from_.tag)
        dialog.remote_seq = request.cseq[0]
        if "Record-Route" in request.headers:
            dialog.routes = request.items("Record-Route")
        contact = request.contact
        if contact is None or not contact.uri.is_sip:
            raise SipError(400, "Contact is needed")
        dialog.target = contact.uri.text
        dialog.direct = _came_straight(request)
        dialog.hop = next_hop(dialog.routes, contact.uri, hop, dialog.direct)
        return dialog

    @staticmethod
    def of_client(request: Request, response: Response, hop: Hop, direct: bool) -> "Dialog":
        """The UAC's dialog made by a response with a To tag (section 12.1.2). Raises GrammarError for a bad route.

        Without a usable Contact requests go where the INVITE went.
        """
        dialog = Dialog(
            request.call_id, request.get("From"), request.from_.tag, response.get("To"), response.to.tag
        )  # fmt: skip
        dialog.local_seq = request.cseq[0]
        if "Record-Route" in response.headers:
            dialog.routes = response.items("Record-Route")[::-1]
        target = _contact(response)
        dialog.target = target.text if target else request.target
        dialog.direct = direct
        dialog.hop = next_hop(dialog.routes, target or request.uri, hop, direct)
        return dialog

    def refresh(self, message: Request | Response, hop: Hop | None = None) -> None:
        """Take the peer's new Contact from a target refresh (section 12.2); ``hop`` is where a request came from."""
        target = _contact(message)
        if target is None or (target.text == self.target and hop is None):
            return
        self.target = target.text
        if not self.routes:
            straight = self.direct and (hop is None or _came_straight(message))
            self.hop = next_hop(self.routes, target, hop if hop is not None and straight else self.hop, straight)

    def request(self, method: str, sequence: int = 0) -> Request:
        """A request inside the dialog; ``sequence`` 0 takes the next number, ACK and CANCEL name the INVITE's."""
        if not sequence:
            self.local_seq += 1
            sequence = self.local_seq
        headers = {"Max-Forwards": MAX_FORWARDS, "From": [self.local], "To": [self.remote],
                   "Call-ID": [self.call_id], "CSeq": [f"{sequence} {method}"]}  # fmt: skip
        target = self.target
        if self.routes:
            first = parse_address(self.routes[0]).uri
            if "lr" in first.params:
                headers["Route"] = list(self.routes)
            else:
                headers["Route"] = [*self.routes[1:], f"<{target}>"]
                target = first.text
        return Request(method, target, headers)

    def accepts(self, request: Request) -> bool:
        """Whether the peer's request is newer than all before; remembers its number (section 12.2.2)."""
        number = request.cseq[0]
        if number <= self.remote_seq:
            return False
        self.remote_seq = number
        return True


def _contact(message: Request | Response) -> Uri | None:
    try:
        contact = message.contact
    except GrammarError:
        return None
    return contact.uri if contact is not None and contact.uri.is_sip else None


def _came_straight(message: Request | Response) -> bool:
    """Whether a request passed no proxy: it has one Via."""
    values = message.headers["Via"]
    return len(values) == 1 and "," not in values[0]


def hop_for(uri: Uri) -> Hop | None:
    """The hop of a URI with a numeric host; None for a name, which needs RFC 3263 look-ups."""
    found = _place(uri)
    return Hop(*found) if found is not None else None


def _place(uri: Uri) -> tuple[str, str, int] | None:
    """How a hop begins."""
    host = uri.params.get("maddr") or uri.host
    transport = uri.transport
    if host.startswith("["):
        host = host[1:-1]
    elif host.count(".") != 3 or not host.replace(".", "").isdigit():
        return None
    port = _DEFAULT_PORT.get(transport)
    return (transport, host, uri.port or port) if port else None


def returning(source: Hop, where: Hop) -> Hop:
    """Back to where a request came from; over a new connection to ``where`` it says that it is."""
    return source if source.transport == "udp" else source._replace(anew=(where.host, where.port))


def next_hop(routes: Sequence[str], target: Uri, source: Hop, direct: bool) -> Hop:
    """Where requests go: the first route or the target, or back to ``source``.

    Back to the source when the name would need a look-up, and when a peer that spoke to us itself (``direct``) says
    an address other than the one it is seen at (NAT). An open connection to the same host is kept in use.
    """
    place = _place(parse_address(routes[0]).uri if routes else target)
    if place is None or (place == source[:3] and not source.name and source.anew is None):
        return source
    where = Hop(*place)
    if direct and not routes and where.host != source.host:
        return returning(source, where)
    if source.transport == where.transport or (direct and not routes and source.flow):
        flow = source.flow if where.host == source.host else 0
        return Hop(source.transport, where.host, where.port, source.local_host, source.local_port, flow, where.name)
    return where
