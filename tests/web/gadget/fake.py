"""The server's side of the gadget's protocol, told by a test what to say; page and login are the real ones."""

import json
from collections.abc import Callable, Sequence
from queue import Queue
from time import time
from typing import Any

from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread
from twisted.protocols.policies import WrappingFactory
from twisted.web.resource import Resource
from twisted.web.server import Site

from magroup.model.configuration import Configuration
from magroup.resources import sound
from magroup.web.request import SECURITY_HEADERS, Request, folded
from tests.web.admission.kit import Kept, user
from tests.web.connection import Web
from tests.web.gadget.boards import GROUPS, Json

PROTOCOL = "magroup.1"
SOUNDS = {
    "/tone/manager.mp3": "gadget/Analog1.mp3", "/tone/assistant.mp3": "gadget/Chime.mp3",
    "/voicemail/1.wav": "VoicemailBeep.wav",
}  # fmt: skip
PAGE = "/Applications/inbound/MAGroup/src/Jabber.asp"
LONGEST = 20.0
"""Seconds that a command may take on its way on a loaded machine."""


class Refusal(Exception):
    """A command is refused with a sentence and a code."""


class _Socket(WebSocketServerProtocol):  # type: ignore[misc]
    """One browser tab."""

    def onConnect(self, request: Any) -> str:
        return PROTOCOL

    def onOpen(self) -> None:
        self.factory.server.opened(self)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.factory.server.received(self, json.loads(payload))

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:
        self.factory.server.sockets.discard(self)

    def say(self, message: Json) -> None:
        self.sendMessage(json.dumps(message).encode())


class _Root(Resource):
    """The real site, and beside it the socket and sounds."""

    isLeaf = True

    def __init__(self, server: "FakeServer", pages: Any, socket: Any) -> None:
        super().__init__()
        self._server, self._pages, self._socket = server, pages, socket

    def render(self, request: Any) -> Any:
        path = request.path.decode()
        for name, value in SECURITY_HEADERS.items():
            request.setHeader(name, value)
        request.postpath = folded(request.postpath)
        if path in SOUNDS:
            request.setHeader(b"Content-Type", b"audio/mpeg" if path.endswith("mp3") else b"audio/wav")
            return sound(SOUNDS[path]).read_bytes()
        if not path.lower().endswith("/src/gadget.ws"):
            return self._pages.render(request)
        if self._server.is_away or self._server.web.admission.viewer(request) is None:
            request.setResponseCode(403)
            return b""
        return self._socket.render(request)


class FakeServer:
    """Lives in the reactor's thread; the methods under "for tests" are for the browser's thread."""

    def __init__(self, language: str = "en") -> None:
        self.web = Web(instance="MAGroup", kept=Kept(Configuration(users=(user("maria.rossi"),))))
        self.sockets: set[_Socket] = set()
        self.commands: Queue[Json] = Queue()
        self.answers: dict[str, Callable[[Json], Json]] = {}
        self.is_away = False
        self.life, self.n, self.version = "life", 100, "1.2.3"
        self.me = {"user": "maria.rossi", "name": "Maria Rossi", "language": language, "admin": True}
        self.groups: Sequence[Json] = GROUPS
        self.no_dial = ""
        self.mail = {"box": "1071", "new": 0, "old": 0}
        self.group = {
            "id": 45, "name": "Accounting", "number": "5555", "show_calls": True,
            "tones": {"manager": "/tone/manager.mp3", "assistant": "/tone/assistant.mp3"}, "linked": True,
        }  # fmt: skip
        self.members: list[Json] = []
        self.missed: list[Json] = []
        factory = WebSocketServerFactory()
        factory.protocol, factory.server = _Socket, self
        root = _Root(self, self.web.site.app.resource(), WebSocketResource(factory))
        self._connections = Connections(Site(root, requestFactory=_PlainRequest))
        self._port = reactor.listenTCP(0, self._connections, interface="127.0.0.1")
        self.url = f"http://localhost:{self._port.getHost().port}"
        self.page = self.url + PAGE

    async def stop(self) -> None:
        await self._port.stopListening()
        await self._connections.end()

    def opened(self, socket: _Socket) -> None:
        self.sockets.add(socket)
        hello = {"type": "hello", "life": self.life, "now": time(), "version": self.version, "me": self.me}
        socket.say({**hello, "groups": list(self.groups), "mail": self.mail, "no_dial": self.no_dial})

    def received(self, socket: _Socket, command: Json) -> None:
        did, id = command["do"], command["id"]
        try:
            result = self.answers[did](command) if did in self.answers else {}
        except Refusal as refusal:
            why, code = refusal.args
            socket.say({"type": "refused", "id": id, "why": why, "code": code})
        else:
            socket.say({"type": "done", "id": id, "result": result})
            self._after(socket, command)
        self.commands.put({name: value for name, value in command.items() if name != "id"})

    def _after(self, socket: _Socket, command: Json) -> None:
        if command["do"] == "group":
            (self.group,) = ({**self.group, **group} for group in self.groups if group["id"] == command["group"])
        if command["do"] in ("group", "resume") and not self.missed:
            socket.say(self.snapshot())
        elif command["do"] == "resume":
            for change in self.missed:
                socket.say(change)
            self.missed = []

    def snapshot(self) -> Json:
        return {"type": "snapshot", "n": self.n, "group": self.group, "members": self.members}

    # For tests.

    def push(self, message: Json) -> None:
        """Say something to all tabs."""
        blockingCallFromThread(reactor, lambda: [socket.say(message) for socket in list(self.sockets)])

    def show(self, *members: Json, **more: Any) -> None:
        """These members have changed; new ones are added at the end."""
        self.push(self.change(*members, **more))

    def change(self, *members: Json, **more: Any) -> Json:
        self.n += 1
        new = {one["id"]: one for one in members}
        old = [new.pop(one["id"], one) for one in self.members]
        self.members = [one for one in (*old, *new.values()) if one["id"] not in more.get("gone", ())]
        return {"type": "change", "n": self.n, "members": list(members), **more}

    def drop(self) -> None:
        """Break all connections."""
        blockingCallFromThread(reactor, lambda: [socket.transport.abortConnection() for socket in list(self.sockets)])

    def bye(self, why: str) -> None:
        def leave() -> None:
            for socket in list(self.sockets):
                socket.say({"type": "bye", "why": why})
                socket.sendClose(1000)

        blockingCallFromThread(reactor, leave)

    def log_out(self) -> None:
        """The session is over."""
        blockingCallFromThread(reactor, lambda: self.web.admission.sessions.end_of_user("maria.rossi"))

    def got(self, do: str) -> Json:
        """The next command called ``do``; those before it are forgotten."""
        while True:
            command = self.commands.get(timeout=LONGEST)
            if command["do"] == do:
                return {name: value for name, value in command.items() if name != "do"}

    def refuse(self, do: str, why: str, code: str = "impossible") -> None:
        """From now on ``do`` is refused."""

        def refused(command: Json) -> Json:
            raise Refusal(why, code)

        self.answers[do] = refused


class Connections(WrappingFactory):
    """All connections, to end them with a test."""

    def __init__(self, wrapped: Site) -> None:
        super().__init__(wrapped)
        self._ended: Deferred[None] = Deferred()
        self._is_ending = False

    def end(self) -> Deferred[None]:
        self._is_ending = True
        for protocol in list(self.protocols):
            protocol.transport.abortConnection()
        if not self.protocols:
            self._ended.callback(None)
        return self._ended

    def unregisterProtocol(self, p: Any) -> None:
        super().unregisterProtocol(p)
        if self._is_ending and not self.protocols:
            self._ended.callback(None)


class _PlainRequest(Request):
    """Without a limit of the body, which the plain Site does not know."""

    def gotLength(self, length: int | None) -> None:
        self._limit = 1 << 20
        super(Request, self).gotLength(length)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self._parsePOSTFormSubmission = False
        super(Request, self).requestReceived(command, path, version)
