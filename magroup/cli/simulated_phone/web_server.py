"""The web server of a simulated phone: push, and what it tells of itself (Development Notes, "HTTP Push Requests")."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections import deque
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes, urlencode
from weakref import WeakSet
from xml.sax.saxutils import escape, quoteattr

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from magroup.cli.simulated_phone.effects import Outcome
from magroup.cli.simulated_phone.exchange import Request as Question
from magroup.cli.simulated_phone.faults import Failing, Fault
from magroup.cli.simulated_phone.fetching import Fetched
from magroup.cli.simulated_phone.handset import Handset
from magroup.cli.simulated_phone.pages import Page
from magroup.cli.simulated_phone.reading import read_pushed
from magroup.cli.simulated_phone.refusal import Refusal, Rule
from magroup.cli.simulated_phone.uris import with_query

XML = "text/xml; charset=utf-8"
KEPT = 1000
"""Pushes that are remembered."""

PARSING, AUTHENTICATION = 1, 4
"""Numbers of a CiscoIPPhoneError."""

_BAD_URI = frozenset((Rule.URI, Rule.URL, Rule.KEY, Rule.DEVICE_NAME))
_LONGEST_ANSWER = 1 << 12


class PhoneWebServer(Resource):
    """``authentication_url`` is asked whether a password is good; without one every push is taken, as phones do.

    ``pushes`` are the documents that came, ``running`` how many are being worked on, ``most_running`` at most so far.
    """

    isLeaf = True

    def __init__(self, handset: Handset, authentication_url: str = "") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._handset = handset
        self._authentication_url = authentication_url
        self.fault: Fault | None = None
        self.pushes: deque[bytes] = deque(maxlen=KEPT)
        self.running = 0
        self._left: WeakSet[Request] = WeakSet()
        self.most_running = 0

    def site(self) -> Site:
        """What listens for it."""
        return Site(self, reactor=self._handset.reactor)

    def render_GET(self, request: Request) -> bytes:
        page = {
            b"/DeviceInformationX": self._device_information,
            b"/CGI/CallInfo": self._call_info,
            b"/CGI/ModeInfo": self._mode_info,
        }.get(request.path)
        if page is None:
            request.setResponseCode(404)
            return b""
        request.setHeader(b"content-type", XML.encode())
        return f'<?xml version="1.0" encoding="utf-8"?>{page()}'.encode()

    def render_POST(self, request: Request) -> int | bytes:
        if request.path != b"/CGI/Execute":
            request.setResponseCode(404)
            return b""
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        # Asked for first: an answer may be finished before the coroutine has returned.
        finished: Deferred[None] = request.notifyFinish()
        working = Deferred.fromCoroutine(self._answered(request))
        working.addErrback(lambda failure: failure.trap(CancelledError))
        finished.addErrback(lambda _: self._leave(request, working)).addBoth(self._finished)
        return NOT_DONE_YET

    def _leave(self, request: Request, working: Deferred[None]) -> None:
        """Whoever pushed has hung up; a page that is being loaded for it may fail before the work ends."""
        self._left.add(request)
        working.cancel()

    def _finished(self, _: object) -> None:
        self.running -= 1

    async def _answered(self, request: Request) -> None:
        if self.fault is not None and not await self._failing(request, self.fault):
            return
        self._send(request, await self._pushed(request))

    async def _failing(self, request: Request, fault: Fault) -> bool:
        """Whether it is answered properly nevertheless."""
        match fault.failing:
            case Failing.SLOW:
                await deferLater(self._handset.reactor, fault.seconds)
                return True
            case Failing.HANG:
                await Deferred[None]()
            case Failing.DROP:
                request.loseConnection()
            case Failing.GARBAGE:
                self._send(request, "\0<CiscoIPPhoneResponse><<Item Status=0" * 40)
            case Failing.REDIRECT:
                request.redirect(fault.url.encode())
                request.finish()
            case Failing.UNAUTHORIZED:
                self._unauthorized(request)
                request.finish()
            case Failing.ERROR:
                self._send(request, error(fault.number))
        return False

    def _send(self, request: Request, document: str) -> None:
        if request in self._left:
            return
        request.setHeader(b"content-type", XML.encode())
        request.write(f'<?xml version="1.0" encoding="utf-8"?>{document}'.encode())
        request.finish()

    def _unauthorized(self, request: Request) -> None:
        request.setResponseCode(401)
        request.setHeader(b"www-authenticate", b'Basic realm="user"')

    async def _pushed(self, request: Request) -> str:
        if not await self._may_push(request):
            if self._handset.model.says_unauthorized or request.getHeader("authorization") is None:
                self._unauthorized(request)
            return error(AUTHENTICATION)
        try:
            document = self._document(request)
            self.pushes.append(document)
            page = read_pushed(document, self._handset.model)
        except Refusal as refusal:
            self._handset.refusals.append(refusal)
            return response([("", Outcome(1, "Invalid URI"))]) if refusal.rule in _BAD_URI else error(PARSING)
        return response(await self._done(page))

    def _document(self, request: Request) -> bytes:
        """What is in the field XML of the form. Raises Refusal."""
        kind = (request.getHeader("content-type") or "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise Refusal(Rule.CONTENT_TYPE, f"a push is no form but {kind[:60]!r}")
        assert request.content is not None
        largest = self._handset.model.largest_push
        body = request.content.read(largest + 1)
        if len(body) > largest:
            raise Refusal(Rule.SIZE, f"a {self._handset.model.name} takes pushes of {largest} bytes at most")
        name, _, document = body.partition(b"=")
        if name != b"XML" or b"&" in document:
            raise Refusal(Rule.ELEMENT, "the form of a push has not the one field XML")
        return unquote_to_bytes(document.replace(b"+", b" "))

    async def _done(self, page: Page) -> Sequence[tuple[str, Outcome]]:
        if page.kind == "Execute":
            return await self._handset.execute(page)
        self._handset.in_background(self._show(page))
        return [("", Outcome())]

    async def _show(self, page: Page) -> None:
        self._handset.show(await self._handset.fetching.with_pictures(Fetched(page, Question(""))))

    async def _may_push(self, request: Request) -> bool:
        """Ask the authentication URL about the user and the password of a request."""
        given = request.getHeader("authorization") or ""
        scheme, _, encoded = given.partition(" ")
        try:
            user, colon, password = b64decode(encoded, validate=True).decode().partition(":")
        except (NotBase64, ValueError):
            return False
        if scheme.lower() != "basic" or not colon:
            return False
        if not self._authentication_url:
            return True
        query = urlencode({"UserID": user, "Password": password, "devicename": self._handset.device})
        if self._handset.model.posts_password:
            question = Question(self._authentication_url, query.encode())
        else:
            question = Question(with_query(self._authentication_url, query))
        try:
            answer = await self._handset.asking.plain(question, _LONGEST_ANSWER)
        except Refusal as refusal:
            self._handset.refusals.append(refusal)
            return False
        return answer.status == 200 and answer.body == b"AUTHORIZED"

    def _device_information(self) -> str:
        model = self._handset.model
        return (
            f"<DeviceInformation><MACAddress>{escape(self._handset.device.removeprefix('SEP'))}</MACAddress>"
            f"<HostName>{escape(self._handset.device)}</HostName>"
            f"<modelNumber>{model.model_name}</modelNumber></DeviceInformation>"
        )

    def _call_info(self) -> str:
        calls = "<CiscoIPPhoneCall><CallState>Connected</CallState></CiscoIPPhoneCall>" * self._handset.is_in_call
        return f"<CiscoIPPhoneCallInfo>{calls}</CiscoIPPhoneCallInfo>"

    def _mode_info(self) -> str:
        shown = self._handset.shown
        title = escape(shown.page.title) if shown is not None else ""
        return f"<CiscoIPPhoneModeInfo><PlaneTitle>{title}</PlaneTitle></CiscoIPPhoneModeInfo>"


def response(outcomes: Sequence[tuple[str, Outcome]]) -> str:
    """A CiscoIPPhoneResponse with what came of each URL."""
    items = "".join(
        f'<ResponseItem Status="{outcome.status}" Data={quoteattr(outcome.data[:32])} URL={quoteattr(url)}/>'
        for url, outcome in outcomes
    )
    return f"<CiscoIPPhoneResponse>{items}</CiscoIPPhoneResponse>"


def error(number: int) -> str:
    """A CiscoIPPhoneError."""
    return f'<CiscoIPPhoneError Number="{number}"/>'
