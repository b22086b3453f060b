"""Gadgets as browsers have them: a login, a WebSocket, the picture of a group and all its changes (RFC 6455)."""

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from msgspec import Struct
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.ssl import CertificateOptions, optionsForClientTLS

from magroup.load.surroundings import Surroundings
from magroup.load.web import Web, WebError

SUBPROTOCOL = "magroup.1"
LARGEST = 4 << 20
TIMEOUT = 30.0
MOST_SHOWN = 1000
_RINGING = re.compile(rb'"state":"ringing"[^{}]*')
_NUMBER = re.compile(rb'"number":"([^"]{1,64})"')


class _Group(Struct):
    id: int = 0


class _Said(Struct):
    """What is read of a message."""

    type: str = ""
    groups: list[_Group] = []
    why: str = ""


_said = msgspec.json.Decoder(_Said).decode


class Gadget:
    """One gadget of a user. ``group`` 0: the first one."""

    def __init__(
        self, around: Surroundings, reactor: Any, web: Web, instance: str, user: str, password: str, group: int,
        verify: bool,
    ) -> None:  # fmt: skip
        self.is_open = False
        self._around = around
        self._reactor = reactor
        self._web = web
        self._pages = f"/Applications/inbound/{instance}/src"
        self._user = user
        self._password = password
        self._group = group
        self._verify = verify
        self._started = 0.0
        self._shown: dict[str, float] = {}
        self._is_stopped = False
        self._limit: Any = None
        self._socket: Any = None

    def start(self) -> None:
        """Log in and connect. What fails is counted."""
        Deferred.fromCoroutine(self._open())

    async def _open(self) -> None:
        self._started = self._around.now()
        login = {"user": self._user, "pwd": self._password, "page": f"{self._pages}/Jabber.asp"}
        try:
            answer = await self._web.ask("GET", f"/LogonPage.asp?{urlencode(login)}")
            if not answer.cookies:
                raise WebError(f"the login was refused ({answer.status})")
            await self._connect(answer.cookies)
        except WebError as error:
            self.failed(str(error))

    async def _connect(self, cookies: dict[str, str]) -> None:
        parts = urlsplit(self._web.address)
        is_secure = parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        make: Any = WebSocketClientFactory
        factory: Any = make(
            f"{'wss' if is_secure else 'ws'}://{parts.netloc}{self._pages}/gadget.ws", origin=self._web.address,
            protocols=[SUBPROTOCOL], useragent="magroup load",
            headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
            reactor=self._reactor,
        )  # fmt: skip
        factory.setProtocolOptions(maxFramePayloadSize=LARGEST, maxMessagePayloadSize=LARGEST, openHandshakeTimeout=30)
        factory.protocol = lambda: _Socket(self)
        factory.noisy = False
        host = parts.hostname or ""
        endpoint: Any = HostnameEndpoint(self._reactor, host, port)
        if is_secure:
            options: Any = optionsForClientTLS(host) if self._verify else CertificateOptions(verify=False)
            endpoint = wrapClientTLS(options, endpoint)
        self._limit = self._reactor.callLater(TIMEOUT, self._timed_out)
        try:
            self._socket = await endpoint.connect(factory)
        except Exception as error:
            self._stop_limit()
            raise WebError(str(error)) from None

    def said(self, text: bytes) -> None:
        """The server says something."""
        measures = self._around.measures
        measures.count("gadget_updates")
        if not self.is_open:
            self._get_ready(text)
            return
        for began in self._new(text):
            measures.record("gadget_delay", self._around.now() - began)

    def _get_ready(self, text: bytes) -> None:
        """Ask for the group, and take its picture."""
        measures = self._around.measures
        try:
            said = _said(text)
        except msgspec.DecodeError as error:
            self.failed(f"a message that is none: {error}")
            self.stop()
            return
        if said.type == "hello":
            group = self._group or next((one.id for one in said.groups), 0)
            self._socket.sendMessage(msgspec.json.encode({"id": 1, "do": "group", "group": group}))
        elif said.type == "snapshot":
            self._stop_limit()
            self.is_open = True
            # Calls that rang before it was opened are no measure of how soon it is told.
            self._new(text)
            measures.count("gadgets_opened")
            measures.record("gadget_login", self._around.now() - self._started)
        elif said.type == "refused":
            self.failed(f"the group was refused: {said.why}")
            self.stop()

    def _new(self, text: bytes) -> list[float]:
        """When phones rang for callers who are shown as ringing and were not before: each call once.

        Who calls while everybody is busy waits, and nobody rings: no gadget can show it yet.
        """
        new = []
        for ringing in _RINGING.finditer(text):
            found = _NUMBER.search(ringing[0])
            number = found[1].decode("utf-8", "replace") if found is not None else ""
            sent = self._around.times.sent_at(number)
            if sent is None or self._shown.get(number) == sent:
                continue
            if len(self._shown) >= MOST_SHOWN:
                self._shown.clear()
            self._shown[number] = sent
            new.append(self._around.times.rang_at(number) or sent)
        return new

    def connected(self, socket: Any) -> None:
        self._socket = socket

    def lost(self, why: str) -> None:
        """The socket was closed."""
        self._stop_limit()
        was, self.is_open = self.is_open, False
        if not self._is_stopped:
            self.failed(f"{'lost' if was else 'refused'}: {why}")

    def failed(self, why: str) -> None:
        self._around.measures.count("gadgets_failed")
        self._around.measures.reason("gadgets", why)

    def stop(self) -> None:
        """Close the page."""
        self._is_stopped = True
        self._stop_limit()
        if self._socket is not None:
            self._socket.dropConnection(abort=True)

    def _timed_out(self) -> None:
        self._limit = None
        self.failed(f"no picture of the group in {TIMEOUT:g} s")
        self.stop()

    def _stop_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None


class _Socket(WebSocketClientProtocol):
    """The WebSocket of one gadget."""

    def __init__(self, gadget: Gadget) -> None:
        super().__init__()
        self._gadget = gadget

    def onOpen(self) -> None:
        self._gadget.connected(self)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self._gadget.said(payload)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self._gadget.lost(f"{code or ''} {reason or ''}".strip())
