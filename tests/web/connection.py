"""A web site without a network: bytes in, answers out, time on a clock."""

from dataclasses import dataclass, field
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from magroup.model.settings import HttpSettings
from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status


@dataclass(frozen=True)
class Answer:
    """An answer: header fields by lower-case name."""

    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass
class Web:
    """The site, with a status and a readiness that a test may change."""

    instance: str = "MA Group"
    status: Status = field(default_factory=Status)
    readiness: Readiness = field(default_factory=Readiness)
    http: HttpSettings = field(default_factory=HttpSettings)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        surroundings = Surroundings(
            self.instance, "1.2.3", lambda: self.status, self.readiness, self.clock.seconds, self.http
        )
        self.site = WebSite(surroundings)
        self.factory = self.site.site(self.clock)  # type: ignore[arg-type]

    def connect(self) -> tuple[Any, StringTransport]:
        """A connection: its protocol and what it writes."""
        protocol = self.factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 40000))
        transport = StringTransport(peerAddress=IPv4Address("TCP", "127.0.0.1", 40000))
        transport.abortConnection = transport.loseConnection
        protocol.makeConnection(transport)
        return protocol, transport

    def send(self, data: bytes) -> bytes:
        """What is answered to ``data``, as bytes."""
        protocol, transport = self.connect()
        protocol.dataReceived(data)
        return transport.value()

    def ask(self, path: str | bytes, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        """The answer to one request."""
        raw = path if isinstance(path, bytes) else path.encode()
        fields = {"Host": "localhost:8080", "Connection": "close", **headers}
        if body:
            fields["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return parsed(self.send(method.encode() + b" " + raw + b" HTTP/1.1\r\n" + lines.encode() + b"\r\n" + body))


def parsed(data: bytes) -> Answer:
    """The one answer in ``data``."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert len(headers) == len(lines), lines
    if headers.get("transfer-encoding") == "chunked":
        body = unchunked(body)
    return Answer(int(first.split(" ")[1]), headers, body)


def unchunked(body: bytes) -> bytes:
    """What a chunked body holds."""
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        whole, body = whole + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return whole
