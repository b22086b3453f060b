"""SIP messages: split once when they arrive, each header parsed when it is first read (RFC 3261 section 7)."""

import re
from functools import lru_cache
from typing import Final

from mypy_extensions import mypyc_attr

from magroup.sip.errors import GrammarError, phrase
from magroup.sip.headers import Address, Via, is_token, parse_address, parse_cseq, parse_via, split_list
from magroup.sip.uri import LONGEST_KEPT, Uri, parse_uri

VERSION: Final = "SIP/2.0"
_NO_BODY: Final = "Content-Length: 0\r\n\r\n"
METHODS: Final = frozenset(
    ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY",
     "SUBSCRIBE", "MESSAGE", "PUBLISH")
)  # fmt: skip
COMPACT: Final = {
    "v": "Via", "f": "From", "t": "To", "i": "Call-ID", "m": "Contact", "l": "Content-Length", "c": "Content-Type",
    "k": "Supported", "s": "Subject", "e": "Content-Encoding", "o": "Event", "u": "Allow-Events", "r": "Refer-To",
    "b": "Referred-By", "j": "Reject-Contact", "a": "Accept-Contact", "d": "Request-Disposition",
    "x": "Session-Expires", "y": "Identity", "n": "Identity-Info",
}  # fmt: skip
_KNOWN: Final = (
    "Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Contact", "Content-Length", "Content-Type",
    "Route", "Record-Route", "Allow", "Supported", "Require", "Proxy-Require", "Unsupported", "User-Agent",
    "Server", "Expires", "Min-Expires", "Session-Expires", "Min-SE", "Event", "Subscription-State", "Refer-To",
    "Referred-By", "Replaces", "Reason", "RAck", "RSeq", "WWW-Authenticate", "Authorization",
    "Proxy-Authenticate", "Proxy-Authorization", "Accept", "Accept-Encoding", "Accept-Language", "Alert-Info",
    "Call-Info", "Date", "Diversion", "History-Info", "P-Asserted-Identity", "P-Preferred-Identity",
    "Remote-Party-ID", "Privacy", "Retry-After", "SIP-ETag", "SIP-If-Match", "Subject", "Timestamp", "Warning",
    "Path", "Service-Route", "Allow-Events", "Content-Encoding", "Content-Disposition", "Answer-Mode",
)  # fmt: skip
_SPELLED: Final = {name: name for name in _KNOWN} | COMPACT
_LOWER: Final = {name.lower(): name for name in _KNOWN} | COMPACT
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_LONGEST_NAME: Final = 64
_SINGLE: Final = ("CSeq", "Call-ID", "From", "To")
_STATUSES: Final = {str(status): status for status in range(100, 700)}


@mypyc_attr(acyclic=True)
class Message:
    """What requests and responses share; ``headers`` maps canonical names to values as received, in order."""

    __slots__ = ("_cseq", "_from", "_to", "_via", "body", "headers")

    def __init__(self, headers: dict[str, list[str]], body: bytes = b"") -> None:
        self.headers = headers
        self.body = body
        self._cseq: tuple[int, str] | None = None
        self._via: Via | None = None
        self._from: Address | None = None
        self._to: Address | None = None

    def get(self, name: str) -> str:
        """The first value of a header by its canonical name, "" when it is not there."""
        values = self.headers.get(name)
        return values[0] if values else ""

    def items(self, name: str) -> list[str]:
        """All values of a list header, comma lists split."""
        values = self.headers.get(name)
        if not values:
            return []
        if len(values) == 1:
            return split_list(values[0])
        return [item for value in values for item in split_list(value)]

    def tokens(self, name: str) -> frozenset[str]:
        """The items of a header such as Supported, in lower case."""
        values = self.headers.get(name)
        if values and len(values) == 1 and len(values[0]) <= LONGEST_KEPT:
            return _kept_tokens(values[0])
        return _read_tokens(self.items(name))

    def set(self, name: str, value: str) -> None:
        self.headers[name] = [value]

    @property
    def call_id(self) -> str:
        return self.get("Call-ID")

    @property
    def via(self) -> Via:
        """The topmost Via. Raises GrammarError."""
        if self._via is None:
            value = self.get("Via")
            self._via = parse_via(split_list(value)[0] if "," in value else value)
        return self._via

    @property
    def from_(self) -> Address:
        if self._from is None:
            self._from = parse_address(self.get("From"))
        return self._from

    @property
    def to(self) -> Address:
        if self._to is None:
            self._to = parse_address(self.get("To"))
        return self._to

    @property
    def cseq(self) -> tuple[int, str]:
        if self._cseq is None:
            self._cseq = parse_cseq(self.get("CSeq"))
        return self._cseq

    @property
    def contact(self) -> Address | None:
        """The first Contact, None without one or for ``*``. Raises GrammarError."""
        values = self.items("Contact")
        return parse_address(values[0]) if values and values[0] != "*" else None

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" without a body type."""
        return self.get("Content-Type").partition(";")[0].strip().lower()

    def number(self, name: str) -> int | None:
        """A numeric header such as Expires, its parameters left off; None when missing or no number under 2**32."""
        text = self.get(name).partition(";")[0].strip()
        if not (text.isascii() and text.isdigit()) or len(text) > 10:
            return None
        value = int(text)
        return value if value < 2**32 else None

    def replace_top_via(self, value: str) -> None:
        values = self.headers["Via"]
        first = split_list(values[0])
        values[0] = ", ".join([value, *first[1:]])
        self._via = None

    def _start(self) -> str:
        raise NotImplementedError

    def encode(self) -> bytes:
        """The message as it goes on the wire, Content-Length set to the body's."""
        body = self.body
        lines = [f"{name}: {value}" for name, values in self.headers.items() if name != "Content-Length"
                 for value in values]  # fmt: skip
        if not body:
            return "\r\n".join((self._start(), *lines, _NO_BODY)).encode("utf-8", "surrogateescape")
        head = "\r\n".join((self._start(), *lines, f"Content-Length: {len(body)}\r\n\r\n"))
        return head.encode("utf-8", "surrogateescape") + body


@mypyc_attr(acyclic=True)
class Request(Message):
    """A request; ``target`` is the Request-URI's text."""

    __slots__ = ("method", "target")

    def __init__(self, method: str, target: str, headers: dict[str, list[str]], body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.method = method
        self.target = target

    @property
    def uri(self) -> Uri:
        """The Request-URI. Raises GrammarError."""
        return parse_uri(self.target)

    def _start(self) -> str:
        return f"{self.method} {self.target} {VERSION}"

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.target} {self.call_id}>"

    def respond(self, status: int, reason: str = "", to_tag: str = "", body: bytes = b"") -> "Response":
        """A response with Via, From, To, Call-ID and CSeq copied (RFC 3261 section 8.2.6)."""
        headers = self.headers
        to = headers.get("To", [""])
        if to_tag and not self.to.tag:
            to = [f"{to[0]};tag={to_tag}"]
        copied = {"Via": headers.get("Via", []), "From": headers.get("From", []), "To": to,
                  "Call-ID": headers.get("Call-ID", []), "CSeq": headers.get("CSeq", [])}  # fmt: skip
        if "Timestamp" in headers and status == 100:
            copied["Timestamp"] = headers["Timestamp"]
        return Response(status, reason or phrase(status), copied, body)


@mypyc_attr(acyclic=True)
class Response(Message):
    """A response."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str, headers: dict[str, list[str]], body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason

    def _start(self) -> str:
        return f"{VERSION} {self.status} {self.reason}"

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason} {self.call_id}>"


class MessageError(GrammarError):
    """Bytes that are no acceptable message; ``request`` is what could be read of it, to be answered by ``status``."""

    def __init__(self, what: str, status: int = 400, request: Request | None = None) -> None:
        super().__init__(what, status)
        self.request = request


def parse_message(data: bytes, framed: bool = False, unfolded: bool = False) -> Request | Response:
    """One message from a datagram, or from a stream when ``framed`` (its body already has the right length).

    No header field of it goes on in the next line when it is ``unfolded``. Raises MessageError.
    """
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank and b"\n\n" in data:
        head, _, body = data.partition(b"\n\n")
    text = head.decode("utf-8", "surrogateescape")
    lines = text.split("\r\n")
    ends = len(lines) - 1
    returns = text.count("\r")
    if not ends:
        lines = text.split("\n")
        ends = len(lines) - 1
        returns += ends
    # A lone CR or LF inside a value would be a line end to whoever we pass it on to.
    wrong = "" if text.count("\n") == returns == ends else "Bad line end"
    if wrong and not unfolded and _FOLD.search(head):
        return _parse_unfolded(head, body, framed)
    headers: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        canonical = _SPELLED.get(name)
        if canonical is None:
            if not line:
                continue
            if not unfolded and line[0] in " \t":
                return _parse_unfolded(head, body, framed)
            canonical = canonical_name(name)
            if not colon or not canonical:
                wrong = wrong or "Bad header line"
                continue
        values = headers.get(canonical)
        if values is None:
            headers[canonical] = [value.strip(" \t\r")]
        else:
            values.append(value.strip(" \t\r"))
    start = lines[0]
    if start.startswith("SIP/"):
        message: Request | Response = _response(start, headers, wrong)
    else:
        message = _request(start, headers, wrong)
    lengths = headers.get("Content-Length")
    if lengths and not framed:
        length = content_length(lengths)
        if length < 0 or length > len(body):
            raise MessageError("Bad Content-Length", 400, message if isinstance(message, Request) else None)
        if length < len(body):
            body = body[:length]
    # As what both are: where this is compiled an attribute of one of two is looked for by its name.
    either: Message = message
    either.body = body
    return message


def _parse_unfolded(head: bytes, body: bytes, framed: bool) -> Request | Response:
    """Again, with one line for each header: most messages are so, and are not looked through for others."""
    return parse_message(_FOLD.sub(b" ", head) + b"\r\n\r\n" + body, framed, True)


def content_length(values: list[str]) -> int:
    """The length that Content-Length values agree on, -1 when they are no one number."""
    text = values[0]
    if text == "0" and len(values) == 1:
        return 0
    if (len(values) > 1 and len(set(values)) > 1) or len(text) > 9 or not (text.isascii() and text.isdigit()):
        return -1
    return int(text)


def _read_tokens(items: list[str]) -> frozenset[str]:
    return frozenset(item.lower() for item in items if item)


@lru_cache(maxsize=1024)
def _kept_tokens(value: str) -> frozenset[str]:
    return _read_tokens(split_list(value))


def canonical_name(name: str) -> str:
    """How a header's name is spelled here; "" when it is none."""
    return _kept_name(name) if len(name) <= _LONGEST_NAME else _read_name(name)


def _read_name(name: str) -> str:
    name = name.rstrip(" \t")
    known = _LOWER.get(name.lower())
    if known:
        return known
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-")) if is_token(name) else ""


_kept_name: Final = lru_cache(maxsize=1024)(_read_name)


def _response(start: str, headers: dict[str, list[str]], wrong: str) -> Response:
    parts = start.split(" ", 2)
    if len(parts) < 2 or parts[0] != VERSION:
        raise MessageError("Bad status line")
    status = _STATUSES.get(parts[1], 0)
    if wrong or not status:
        raise MessageError(wrong or "Bad status code")
    response = Response(status, parts[2] if len(parts) == 3 else "", headers)
    for name in _SINGLE:
        if len(headers.get(name, ())) != 1:
            raise MessageError(f"{name} is needed once")
    try:
        response.cseq, response.via, response.from_, response.to  # noqa: B018
    except GrammarError as error:
        raise MessageError(error.reason) from None
    return response


def _request(start: str, headers: dict[str, list[str]], wrong: str) -> Request:
    parts = start.split(" ")
    request = Request(parts[0], parts[1] if len(parts) > 1 else "", headers)
    if len(parts) != 3 or not parts[1]:
        raise MessageError("Bad request line", 400, request)
    method, _, version = parts
    if version != VERSION:
        if version.upper() == VERSION:
            pass
        elif version.upper().startswith("SIP/"):
            raise MessageError(phrase(505), 505, request)
        else:
            raise MessageError("Bad request line", 400, request)
    if method not in METHODS and not is_token(method):
        raise MessageError("Bad method", 400, request)
    if wrong:
        raise MessageError(wrong, 400, request)
    for name in _SINGLE:
        if len(headers.get(name, ())) != 1:
            raise MessageError(f"{name} is needed once", 400, request)
    forwards = headers.get("Max-Forwards")
    if forwards is not None and len(forwards) != 1:
        raise MessageError("Max-Forwards is allowed once", 400, request)
    try:
        if request.cseq[1] != method:
            raise GrammarError("CSeq names another method", 400 if method in METHODS else 501)
        request.via, request.from_, request.to  # noqa: B018  read by whoever gets the request, and answered 400 here
        if request.target.startswith("<"):
            raise GrammarError("Request-URI in angle brackets")
        if request.uri.headers:
            raise GrammarError("Headers in the Request-URI")
    except GrammarError as error:
        raise MessageError(error.reason, error.status, request) from None
    return request
