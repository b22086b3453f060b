"""An Asterisk over a real connection, as the settings name it: plain and by TLS."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import PrivateCertificate
from twisted.trial.unittest import TestCase

from magroup.ami.switch import AmiSwitch
from magroup.cti.events import Event, LinkChanged
from magroup.cti.types import ConnectionId, ConnectionState
from magroup.lifecycle import StartError
from magroup.model.configuration import Configuration
from magroup.model.lines import Line
from magroup.model.settings import AmiSettings, Settings
from magroup.pbx import pbx_of
from tests.ami.asterisk import Asterisk
from tests.ami.server import SECRET, Manager
from tests.peers import until
from tests.peers.certificates import Authority

NO_SWITCH: Any = None
LINES = ("3001", "3002")
CONFIGURATION = Configuration(lines=tuple(Line(number, on_pbx=True) for number in LINES))


class SocketTests(TestCase):
    timeout = 60

    def setUp(self) -> None:
        self.manager = Manager(Asterisk(phones=set(LINES)))
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.secret = self.folder / "secret"
        self.secret.write_text(f"{SECRET}\n")
        self.events: list[Event] = []

    def listen(self, factory: Factory, context: Any = None) -> int:
        make = reactor.listenTCP if context is None else reactor.listenSSL  # type: ignore[attr-defined]
        port = make(0, factory, *([] if context is None else [context]), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)

    def link(self, cti: str, **ami: Any) -> AmiSwitch:
        given = replace(AmiSettings(), secret_file=str(self.secret), **ami)
        switch = pbx_of(reactor, replace(Settings(), cti=cti, ami=given), lambda: CONFIGURATION, NO_SWITCH)
        assert isinstance(switch, AmiSwitch)
        switch.monitor_start(self.events.append)
        self.addCleanup(self.stop, switch)
        switch.start()
        return switch

    async def stop(self, switch: AmiSwitch) -> None:
        switch.stop()
        await until(lambda: not switch.is_linked, what="the end of the link")

    async def call(self, switch: AmiSwitch) -> None:
        """Made by service, answered, ended by service."""
        await until(lambda: switch.is_linked, what="the link")
        mine = await switch.make_call("3001", "3002")
        self.manager.asterisk.answer("3001")
        await until(lambda: bool(switch.calls()[0].connection("3002")), what="ringing")
        self.manager.asterisk.answer("3002")
        await until(
            lambda: [one.state for one in switch.calls()[0].connections] == 2 * [ConnectionState.CONNECTED],
            what="an answer",
        )
        await switch.clear_connection(ConnectionId(mine.call_id, "3002"))
        await until(lambda: not switch.calls(), what="the end")
        self.assertEqual({name for name, left in switch.describe().items() if left}, {"linked"})

    async def test_tcp(self) -> None:
        port = self.listen(self.manager)
        await self.call(self.link(f"ami:tcp:host=127.0.0.1:port={port}"))

    async def test_tls(self) -> None:
        """With the authority's certificate the peer is known, without it is not."""
        authority = Authority(self.folder)
        pem = authority.certificate("127.0.0.1").read_bytes()
        port = self.listen(self.manager, PrivateCertificate.loadPEM(pem).options())
        place = f"ami:tls:host=127.0.0.1:port={port}"
        stranger = self.link(place)
        await until(lambda: "cannot be reached" in stranger._link.reason or bool(stranger._link.reason), what="refusal")
        self.assertFalse(stranger.is_linked)
        stranger.stop()
        await self.call(self.link(place, tls_authorities=str(authority.path), plain_login=True))
        self.assertEqual(self.manager.named("Login")[-1]["Secret"], SECRET)
        await self.call(self.link(place, tls_verify=False))

    async def test_it_comes_back(self) -> None:
        port = self.listen(self.manager)
        switch = self.link(f"ami:tcp:host=127.0.0.1:port={port}")
        await until(lambda: switch.is_linked, what="the link")
        transport: Any = self.manager.sessions[0].transport
        transport.abortConnection()
        await until(lambda: not switch.is_linked, what="the link is down")
        await until(lambda: switch.is_linked, what="the link again")
        self.assertEqual([event.is_linked for event in self.events if isinstance(event, LinkChanged)],
                         [True, False, True])  # fmt: skip
        await self.call(switch)

    async def test_something_else_listens(self) -> None:
        class Web(Protocol):
            def connectionMade(self) -> None:
                assert self.transport is not None
                self.transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        port = self.listen(Factory.forProtocol(Web))
        switch = self.link(f"ami:tcp:host=127.0.0.1:port={port}")
        await until(lambda: "no Asterisk" in switch._link.reason, what="the reason")
        self.assertFalse(switch.is_linked)

    def test_secrets(self) -> None:
        """What is wrong with the file is said, and nothing of what is in it."""
        settings = replace(Settings(), cti="ami:tcp:host=127.0.0.1")
        self.assertIsNone(pbx_of(reactor, Settings(), lambda: CONFIGURATION, NO_SWITCH))
        empty, binary = self.folder / "empty", self.folder / "binary"
        empty.write_text("\n")
        binary.write_bytes(b"\xff\xfe")
        for file in ("", str(self.folder / "nowhere"), str(empty), str(binary)):
            wrong = replace(settings, ami=replace(AmiSettings(), secret_file=file))
            with self.assertRaises(StartError):
                pbx_of(reactor, wrong, lambda: CONFIGURATION, NO_SWITCH)
