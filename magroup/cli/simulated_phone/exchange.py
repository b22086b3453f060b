"""One HTTP request and its answer, the connection being closed after it, as phones ask (RFC 9112, RFC 1945)."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from magroup.cli.simulated_phone.refusal import Refusal, Rule

LONGEST_HEAD = 16 << 10
"""Bytes of the status line and the header fields of an answer."""


@dataclass(frozen=True)
class Request:
    """``body`` is a form that is posted; None for GET."""

    url: str
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """Header fields by lower-case name, in the order in which they came."""

    status: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""

    def field(self, name: str) -> str | None:
        """The first field of that name."""
        return self.fields[name][0] if name in self.fields else None


def written(request: Request, version: str, headers: dict[str, str]) -> bytes:
    """The bytes of a request."""
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = {"Host": parts.netloc, **headers, "Connection": "close"}
    if request.body is not None:
        fields |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(request.body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    method = "GET" if request.body is None else "POST"
    return f"{method} {target} HTTP/{version}\r\n{lines}\r\n".encode() + (request.body or b"")


class Exchange(Protocol):
    """Sends ``data`` when it is connected; ``answer`` fires with an Answer, or fails with Refusal."""

    def __init__(self, data: bytes, largest: int) -> None:
        self.answer: Deferred[Answer] = Deferred(lambda _: self._stop())
        self._data = data
        self._largest = largest
        self._received = bytearray()
        self._is_done = False

    transport: Any

    def connectionMade(self) -> None:
        self.transport.write(self._data)

    def dataReceived(self, data: bytes) -> None:
        self._received += data
        if len(self._received) > self._largest + 2 * LONGEST_HEAD:
            self._end(Refusal(Rule.SIZE, f"the answer is larger than {self._largest} bytes"))
            return
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            if len(self._received) > LONGEST_HEAD:
                self._end(Refusal(Rule.HTTP, "the answer has no end of its header"))
            return
        try:
            answer = head_of(bytes(self._received[:end]))
            body = body_of(answer, bytes(self._received[end + 4 :]), False)
        except Refusal as refusal:
            self._end(refusal)
            return
        if body is not None:
            self._end(Answer(answer.status, answer.fields, body))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._is_done:
            return
        head, end, rest = bytes(self._received).partition(b"\r\n\r\n")
        try:
            if not end:
                raise Refusal(Rule.HTTP, "the connection was closed without an answer")
            answer = head_of(head)
            body = body_of(answer, rest, True)
        except Refusal as refusal:
            self._end(refusal)
            return
        self._end(Answer(answer.status, answer.fields, body or b""))

    def _end(self, outcome: Answer | Refusal) -> None:
        if self._is_done:
            return
        self._stop()
        if isinstance(outcome, Refusal):
            self.answer.errback(outcome)
        else:
            self.answer.callback(outcome)

    def _stop(self) -> None:
        self._is_done = True
        self.transport.abortConnection()


def head_of(head: bytes) -> Answer:
    """Status and header fields. Raises Refusal."""
    first, *lines = head.decode("iso-8859-1").split("\r\n")
    version, _, rest = first.partition(" ")
    status = rest[:3]
    if not version.startswith("HTTP/1.") or not (status.isascii() and status.isdigit() and len(status) == 3):
        raise Refusal(Rule.HTTP, f"is no answer of HTTP: {first[:60]!r}")
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip() or not name:
            raise Refusal(Rule.HTTP, f"is no header field: {line[:60]!r}")
        fields.setdefault(name.lower(), []).append(value.strip())
    return Answer(int(status), fields)


def body_of(answer: Answer, received: bytes, is_closed: bool) -> bytes | None:
    """The whole body; None when more is to come. Raises Refusal."""
    if (answer.field("transfer-encoding") or "").lower() == "chunked":
        body = _unchunked(received)
        is_whole = body is not None
    else:
        length = answer.field("content-length")
        if length is None:
            return received if is_closed else None
        if not (length.isascii() and length.isdigit() and len(length) <= 12):
            raise Refusal(Rule.HTTP, f"Content-Length is {length[:40]!r}")
        body = received[: int(length)]
        is_whole = len(received) >= int(length)
    if is_closed and not is_whole:
        raise Refusal(Rule.HTTP, "the answer is cut off")
    return body if is_whole else None


def _unchunked(received: bytes) -> bytes | None:
    body = b""
    place = 0
    while True:
        end = received.find(b"\r\n", place)
        if end < 0:
            return None
        digits = received[place:end].partition(b";")[0].strip()
        try:
            size = int(digits, 16) if len(digits) <= 8 else -1
        except ValueError:
            size = -1
        if size < 0:
            raise Refusal(Rule.HTTP, f"is no chunk: {digits[:40]!r}")
        if size == 0:
            return body
        place = end + 2 + size + 2
        if len(received) < place:
            return None
        body += received[end + 2 : end + 2 + size]
