"""Datagrams: what is read, written and read again is the same; whatever is read of it raises SipError or nothing."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.internet.task import Clock

from magroup.sip import contacts, event, headers, message, refer, transaction, uri
from magroup.sip.contacts import Limits, read_contacts, read_path
from magroup.sip.digest import parse_digest
from magroup.sip.errors import GrammarError, SipError
from magroup.sip.event import read_event
from magroup.sip.headers import parse_address
from magroup.sip.hop import Hop
from magroup.sip.message import MessageError, Request, Response, parse_message
from magroup.sip.refer import parse_replaces
from magroup.sip.timers import Timers
from magroup.sip.transaction import TransactionLayer, mark_source
from magroup.sip.usual import read_given, read_usual
from tests.fuzz.target import Target, hold, same
from tests.fuzz.targets.sip_words import MESSAGES, TOKENS

HOP = Hop("udp", "192.0.2.77", 5077)
_ADDRESSES = ("Contact", "Route", "Record-Route", "Refer-To", "Referred-By", "P-Asserted-Identity", "Path", "Diversion")


class _Sender:
    """Keeps what would be sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, data: bytes, hop: Hop, failed: Callable[[str], None] | None = None) -> None:
        self.sent.append(data)

    def local(self, hop: Hop) -> tuple[str, int]:
        return "192.0.2.2", 5060

    shown = local


def _check(data: bytes) -> None:
    try:
        found = parse_message(data)
    except MessageError as error:
        hold(read_usual(data) is None, "usual, but refused")
        _refused(error)
        return
    _usual(data, found)
    written = found.encode()
    again = parse_message(written)
    same(_parts(again), _parts(found), "written and read again")
    same(again.encode(), written, "written twice")
    _read(found)
    if isinstance(found, Request):
        _answered(found)


def _usual(data: bytes, found: Request | Response) -> None:
    """Where a REGISTER is read by its pattern, that is what it says."""
    usual = read_usual(data)
    if usual is None:
        return
    hold(isinstance(found, Request) and found.method == "REGISTER" and found.target == usual.target, "start")
    hold(not found.body and not found.to.tag and {"Require", "Path"}.isdisjoint(found.headers), "headers")
    via, contact = found.via, found.headers.get("Contact", [""])
    same(
        (usual.branch, usual.host, int(usual.port or 0), usual.transport.lower(), bool(usual.early or usual.late)),
        (via.branch, via.host, via.port or 0, via.transport, "rport" in via.params), "Via",
    )  # fmt: skip
    same(
        (usual.via, usual.from_, usual.to, usual.call_id, f"{usual.cseq} REGISTER", [usual.contact], usual.agent),
        (via.text, str(found.from_), str(found.to), found.call_id, found.get("CSeq"), contact, found.get("User-Agent")),
        "values",
    )  # fmt: skip
    same((usual.from_user, usual.to_user), (found.from_.uri.user, found.to.uri.number), "users")
    same(usual.credentials, found.get("Authorization"), "credentials")
    given = read_given(usual.credentials)
    if given is not None:
        fields = parse_digest(usual.credentials) or {}
        names = ("username", "realm", "nonce", "uri", "response", "cnonce", "nc")
        same([fields.get(name) for name in names], [*given[:5], given.cnonce, given.nc], "fields")


def _parts(found: Request | Response) -> list[Any]:
    start = [found.method, found.target] if isinstance(found, Request) else [found.status, found.reason]
    known = {name: values for name, values in found.headers.items() if name != "Content-Length"}
    return [start, known, found.body, str(found.from_), str(found.to), found.via.text, found.cseq]


def _read(found: Request | Response) -> None:
    """Whatever anybody looks at."""
    hold(found.content_type == found.content_type.lower(), "content type")
    for name in list(found.headers):
        found.items(name)
        found.tokens(name)
        number = found.number(name)
        hold(number is None or 0 <= number < 2**32, "number", number)
    with suppress(GrammarError):
        hold(found.contact is None or found.contact.uri.text, "contact")
    for name in _ADDRESSES:
        for value in found.items(name):
            with suppress(GrammarError):
                parse_address(value)
    if isinstance(found, Request):
        for read in (read_event, read_path, lambda one: read_contacts(one, Limits(), {})):
            with suppress(SipError):
                read(found)  # type: ignore[operator]
        with suppress(SipError):
            parse_replaces(found.get("Replaces"))


def _answered(request: Request) -> None:
    """A response can be read, and has the tag; the place that it came from is in the topmost Via."""
    had_rport, host = "rport" in request.via.params, request.via.host.strip("[]")
    mark_source(request, HOP)
    response = parse_message(request.respond(200, to_tag="mine").encode())
    hold(isinstance(response, Response) and response.status == 200, "response")
    same(response.to.tag, request.to.tag or "mine", "tag")
    via = response.via
    same((via.host, via.port, via.branch), (request.via.host, request.via.port, request.via.branch), "Via")
    if had_rport:
        same(via.params.get("rport"), str(HOP.port), "rport")
    if had_rport or host != HOP.host:
        same(via.params.get("received"), HOP.host, "received")


def _refused(error: MessageError) -> None:
    """The answer, if there is one, is one message whose lines are those of its header fields."""
    sender = _Sender()
    layer = TransactionLayer(sender, Timers(Clock()), None, iter("abcd").__next__)  # type: ignore[arg-type]
    layer.malformed(error, HOP)
    for data in sender.sent:
        head, blank, body = data.partition(b"\r\n\r\n")
        hold(blank and not body, "one message", data)
        for line in head.split(b"\r\n"):
            hold(
                b"\n" not in line and b"\r" not in line and (b":" in line or line.startswith(b"SIP/2.0 ")), "line", line
            )
        hold(head.startswith(b"SIP/2.0 %d " % error.status), "status line")


TARGET = Target(
    "sip_message",
    _check,
    (message, headers, uri, contacts, event, refer, transaction),
    MESSAGES,
    TOKENS,
    60 << 10,
    fresh=400,
)
