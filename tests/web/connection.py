"""A web site without a network: bytes in, answers out, time on a clock."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from lxml import html
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from magroup.model.settings import HttpSettings, Settings
from magroup.web.site import Surroundings, WebSite
from magroup.web.status import Readiness, Status
from tests.web.admission.kit import Kept, admission


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
    settings: Settings = field(default_factory=Settings)
    kept: Kept = field(default_factory=Kept)
    address: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self.settings = replace(self.settings, instance=self.instance, http=self.http)
        self.admission = admission(self.kept, self.clock, self.settings)
        surroundings = Surroundings(
            self.instance, "1.2.3", lambda: self.status, self.readiness, self.clock.seconds, self.admission,
            **self.more(),
        )  # fmt: skip
        self.site = WebSite(surroundings)
        self.factory = self.site.site(self.clock)  # type: ignore[arg-type]

    def more(self) -> dict[str, Any]:
        """What the site serves beside."""
        return {}

    def connect(self) -> tuple[Any, StringTransport]:
        """A connection: its protocol and what it writes."""
        peer = (IPv6Address if ":" in self.address else IPv4Address)("TCP", self.address, 40000)
        protocol = self.factory.buildProtocol(peer)
        transport = StringTransport(peerAddress=peer)
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
        if body or method == "POST":
            fields["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return parsed(self.send(method.encode() + b" " + raw + b" HTTP/1.1\r\n" + lines.encode() + b"\r\n" + body))


@dataclass
class Browser:
    """Keeps cookies, as a browser does, and sends forms. ``headers`` go with each request."""

    web: Web
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._kept(self.web.ask(path, **self._headers()))

    def post(self, path: str, **fields: str) -> Answer:
        headers = {**self._headers(), "Content-Type": "application/x-www-form-urlencoded"}
        return self._kept(self.web.ask(path, "POST", urlencode(fields).encode(), **headers))

    def hidden(self, path: str, name: str) -> str:
        """A hidden field of the form at ``path``."""
        (value,) = html.fromstring(self.get(path).text).xpath(f"//input[@type='hidden'][@name='{name}']/@value")
        return str(value)

    def _headers(self) -> dict[str, str]:
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**self.headers, **({"Cookie": sent} if sent else {})}

    def _kept(self, answer: Answer) -> Answer:
        pair, _, attributes = answer.headers.get("set-cookie", "").partition("; ")
        name, _, value = pair.partition("=")
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        elif name:
            self.cookies[name] = value
        return answer


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
