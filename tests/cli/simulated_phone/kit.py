"""A web site of pages for phones, made by a test, and phones that ask for them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from magroup.cli.simulated_phone import MODELS, Handset, PhoneWebServer, Refusal

XML = "text/xml; charset=utf-8"
DECLARED = '<?xml version="1.0" encoding="utf-8"?>'
DEVICE = "SEP001122334455"
SAMPLES = Path(__file__).parent / "samples"


@dataclass
class Asked:
    """A request that came to the site."""

    method: str
    path: str
    query: str
    version: str
    headers: dict[str, str]
    body: bytes
    address: str


@dataclass
class Given:
    """An answer of the site."""

    body: bytes
    kind: str = XML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Page = Given | Callable[[Asked], Given]


def document(kind: str, body: str, **attributes: str) -> bytes:
    """An object with its declaration."""
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"{DECLARED}<CiscoIPPhone{kind}{told}>{body}</CiscoIPPhone{kind}>".encode()


def page(kind: str, body: str, **headers: str) -> Given:
    return Given(document(kind, body), headers={name.capitalize(): value for name, value in headers.items()})


def softkey(name: str, position: int, url: str) -> str:
    url = url.replace("&", "&amp;").replace("<", "&lt;")
    return f"<SoftKeyItem><Name>{name}</Name><Position>{position}</Position><URL>{url}</URL></SoftKeyItem>"


def item(name: str, url: str) -> str:
    return f"<MenuItem><Name>{name}</Name><URL>{url.replace('&', '&amp;')}</URL></MenuItem>"


def png(width: int, height: int, mode: str = "RGB", **how: Any) -> bytes:
    """A PNG file."""
    file = BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG", **how)
    return file.getvalue()


class Pages(Resource):
    """Answers by path; None never answers."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, Page | None] = {}
        self.asked: list[Asked] = []
        self.came: list[Deferred[None]] = []

    def render(self, request: Any) -> Any:
        try:
            return self._answered(request)
        finally:
            came, self.came = self.came, []
            for one in came:
                one.callback(None)

    def _answered(self, request: Any) -> Any:
        path, _, query = request.uri.decode().partition("?")
        headers = {
            name.decode().lower(): values[0].decode() for name, values in request.requestHeaders.getAllRawHeaders()
        }
        asked = Asked(
            request.method.decode(), path, query, request.clientproto.decode(), headers, request.content.read(),
            request.getClientAddress().host,
        )  # fmt: skip
        self.asked.append(asked)
        given = self.pages.get(path, Given(b"", "text/plain", 404))
        if given is None:
            return NOT_DONE_YET
        answer = given(asked) if callable(given) else given
        request.setResponseCode(answer.status)
        request.setHeader("Content-Type", answer.kind)
        for name, value in answer.headers.items():
            request.setHeader(name, value)
        return answer.body

    def next_request(self) -> "Deferred[None]":
        """Fires when somebody has asked."""
        coming: Deferred[None] = Deferred()
        self.came.append(coming)
        return coming


class PhoneCase(TestCase):
    """``site`` is at ``url``; ``handset`` makes a phone that is closed at the end."""

    timeout = 60

    def setUp(self) -> None:
        self.site = Pages()
        self.url = f"http://127.0.0.1:{self.listen(Site(self.site))}"

    def listen(self, site: Site, address: str = "127.0.0.1") -> int:
        """The port on which the site is now."""
        port = reactor.listenTCP(0, site, interface=address)  # type: ignore[attr-defined]
        self.addCleanup(port.stopListening)
        number: int = port.getHost().port
        return number

    def handset(self, model: str = "8845", **more: Any) -> Handset:
        made = Handset(reactor, MODELS[model], DEVICE, **more)
        self.addCleanup(made.close)
        return made

    async def refused(self, work: Any) -> Refusal:
        """How the work is refused."""
        return await self.assertFailure(Deferred.fromCoroutine(work), Refusal)

    def web_server(self, handset: Handset, **more: Any) -> tuple[PhoneWebServer, str]:
        """The web server of a phone, and its URL for pushes."""
        server = PhoneWebServer(handset, **more)
        return server, f"http://127.0.0.1:{self.listen(server.site())}/CGI/Execute"
