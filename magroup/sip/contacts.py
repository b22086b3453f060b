"""What a REGISTER says: its contacts, for how long, and where they are reached (RFC 3261 10.3, RFC 3327, RFC 5626)."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from magroup.sip.dialog import hop_for, returning
from magroup.sip.errors import GrammarError, SipError
from magroup.sip.headers import params_start, parse_address, quote
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.uri import Uri

LONGEST_CONTACT = 2048
LONGEST_PATH = 4096
_PARAM = re.compile(r';\s*([A-Za-z0-9\-.!%*_+`\'~]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"<>]+))?')
_Q = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")


@dataclass(frozen=True)
class Limits:
    """Seconds of a registration: least accepted, granted when nothing is asked, most granted; contacts of one line."""

    shortest: int = 60
    default: int = 3600
    longest: int = 7200
    contacts: int = 10


class Wanted(NamedTuple):
    """One Contact of a REGISTER.

    ``text`` is the value as received, ``contact`` the URI's text, ``params`` the header parameters but for expires and
    q, as they are written; ``expires`` is that of this contact in seconds, None when it names none.
    """

    text: str
    contact: str
    params: str
    expires: int | None
    q: float
    instance: str
    flow_id: str

    def granted(self, request: Request, limits: Limits) -> int:
        """Seconds; 0 to remove it. Raises SipError 423."""
        expires = request.number("Expires") if self.expires is None else self.expires
        if expires is None:
            expires = limits.default
        if 0 < expires < limits.shortest:
            raise SipError(423, headers={"Min-Expires": str(limits.shortest)})
        return min(expires, limits.longest)


def read_contacts(request: Request, limits: Limits, known: dict[str, Wanted]) -> list[Wanted] | None:
    """The contacts, of which those ``known`` by their text need no reading; None for ``*``. Raises SipError."""
    values = request.items("Contact")
    if "*" in values:
        if len(values) > 1 or request.get("Expires").strip() != "0":
            raise SipError(400, "Contact * needs Expires 0 and no other contact")
        return None
    if len(values) > 2 * limits.contacts:
        raise SipError(403, "Too many contacts")
    return [known.get(value) or _read_contact(value) for value in values]


def _read_contact(text: str) -> Wanted:
    if len(text) > LONGEST_CONTACT:
        raise SipError(400, "Contact too long")
    address = parse_address(text)
    uri = address.uri
    if not uri.is_sip:
        raise SipError(400, "Contact is no SIP URI")
    params = "".join(
        f";{name}={value}" if value else f";{name}"
        for name, value in _PARAM.findall(text, params_start(text))
        if name.lower() not in ("expires", "q")
    )
    get = address.params.get
    expires, q = get("expires"), get("q")
    return Wanted(
        text, uri.text, params, None if expires is None else _seconds(expires),
        float(q) if q is not None and _Q.match(q) else 1.0, get("+sip.instance", ""), get("reg-id", ""),
    )  # fmt: skip


def _seconds(text: str) -> int | None:
    """A malformed or overlarge number is as none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def read_path(request: Request) -> tuple[str, ...]:
    """The values of Path, in order. Raises SipError."""
    if "Path" not in request.headers:
        return ()
    values = tuple(request.items("Path"))
    if sum(map(len, values)) > LONGEST_PATH:
        raise SipError(400, "Path too long")
    for value in values:
        if not parse_address(value).uri.is_sip:
            raise GrammarError("Path is no SIP URI")
    return values


def reach(uri: Uri, path: tuple[str, ...], request: Request, source: Hop) -> Hop:
    """Where requests to a contact go, whose REGISTER came from ``source``.

    Through its path if it has one. Else to the contact, but back to ``source`` when that is a stream, when the host is
    a name, or when the phone is seen elsewhere than it says (NAT); behind a proxy (more than one Via) it never is.
    """
    where = hop_for(parse_address(path[0]).uri if path else uri)
    if where is None:
        return source
    vias = request.headers["Via"]
    if not path and len(vias) == 1 and "," not in vias[0]:
        if where.host != source.host:
            return returning(source, where)
        if source.transport != "udp":
            return source._replace(port=where.port)
        if where.transport == "udp":
            via = request.via
            if source.port != where.port and "rport" in via.params and (via.port or 5060) == where.port:
                return source
            return source._replace(port=where.port)
    if where.transport == source.transport:
        flow = source.flow if where.host == source.host else 0
        return where._replace(local_host=source.local_host, local_port=source.local_port, flow=flow)
    return where


def reach_again(uri: Uri, path: tuple[str, ...], transport: str, received: tuple[str, int]) -> Hop:
    """The same for a registration of before a restart: connections are made anew, to the contact."""
    seen = Hop(transport, *received)
    where = hop_for(parse_address(path[0]).uri if path else uri)
    if where is None:
        return seen
    if path:
        return where
    return Hop(transport, where.host, where.port) if transport != "udp" else seen


def instance_param(instance: str) -> str:
    return f";+sip.instance={quote(instance)}" if instance else ""
