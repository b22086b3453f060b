"""A PBX with CSTA over a real connection, as the settings name it: plain and by TLS, with and without a session."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet import reactor as any_reactor
from twisted.internet.ssl import PrivateCertificate
from twisted.trial.unittest import TestCase

from magroup.csta.accounts import Account, NotAdmitted
from magroup.csta.limits import Limits
from magroup.csta.switching_function import SwitchingFunction
from magroup.cti.fake import FakeSwitch
from magroup.cti.types import ConnectionId
from magroup.lifecycle import StartError
from magroup.model.configuration import Configuration
from magroup.model.lines import Line
from magroup.model.settings import CstaLinkSettings, Settings
from magroup.pbx import pbx_of
from magroup.pbx_csta import CstaPbx
from tests.peers import until
from tests.peers.certificates import Authority

reactor: Any = any_reactor
LINES = ("3001", "3002")
CONFIGURATION = Configuration(lines=(*(Line(number, on_pbx=True) for number in LINES), Line("2001")))
PASSWORD = "some words"


async def admit(user: str, password: str, address: str) -> Account:
    if (user, password) != ("magroup", PASSWORD):
        raise NotAdmitted
    return Account(user, True)


class SocketTests(TestCase):
    timeout = 60

    def setUp(self) -> None:
        self.fake = FakeSwitch(reactor, LINES)
        self.trusted: Account | None = None
        self.pbx = SwitchingFunction(reactor, self.fake, admit, lambda address: self.trusted, str, Limits())
        self.addCleanup(self.pbx.stop)
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.password = self.folder / "password"
        self.password.write_text(f"{PASSWORD}\n")

    def listen(self, context: Any = None) -> int:
        factory = self.pbx.factory
        port = (
            reactor.listenTCP(0, factory, interface="127.0.0.1")
            if context is None
            else reactor.listenSSL(0, factory, context, interface="127.0.0.1")
        )
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)

    def link(self, cti: str, **given: Any) -> CstaPbx:
        csta_link = replace(CstaLinkSettings(), **{"password_file": str(self.password), **given})
        settings = replace(Settings(), cti=cti, csta_link=csta_link)
        switch = pbx_of(reactor, settings, lambda: CONFIGURATION, FakeSwitch(reactor, ("2001",), node="own"))
        assert isinstance(switch, CstaPbx)
        self.addCleanup(switch.stop)
        switch.start()
        return switch

    async def call(self, switch: CstaPbx) -> None:
        """Made by service, seen, ended by service."""
        await until(lambda: switch.is_linked, what="the link", seen=lambda: switch.down)
        self.assertEqual([switch.in_service(number) for number in (*LINES, "2001")], [True, True, False])
        made = await switch.make_call("3001", "3002")
        await until(lambda: bool(switch.calls()), what="the call")
        await switch.clear_connection(ConnectionId(made.call_id, "3001"))
        await until(lambda: not switch.calls(), what="the end")

    async def test_tcp(self) -> None:
        for login in ("openscape", "avaya", "eltex"):
            await self.call(self.link(f"csta:tcp:host=127.0.0.1:port={self.listen()}", login=login))

    async def test_tls(self) -> None:
        """With the authority's certificate the peer is known, without it is not."""
        authority = Authority(self.folder)
        pem = authority.certificate("127.0.0.1").read_bytes()
        place = f"csta:ssl:host=127.0.0.1:port={self.listen(PrivateCertificate.loadPEM(pem).options())}"
        stranger = self.link(place)
        await until(lambda: "not connected yet" not in stranger.down, what="refusal")
        self.assertFalse(stranger.is_linked)
        await stranger.stop()
        await self.call(self.link(place, tls_authorities=str(authority.path)))
        await self.call(self.link(place, tls_verify=False))

    async def test_wrong_password(self) -> None:
        self.password.write_text("others\n")
        switch = self.link(f"csta:tcp:host=127.0.0.1:port={self.listen()}")
        await until(lambda: "refuses the session" in switch.down, what="the reason", seen=lambda: switch.down)

    async def test_without_sessions(self) -> None:
        """Whom the PBX knows by the address."""
        self.trusted = Account("anybody", True, is_trusted=True)
        await self.call(
            self.link(f"csta:tcp:host=127.0.0.1:port={self.listen()}", login="none", sessions=False, password_file="")
        )

    def test_password_file(self) -> None:
        """What is wrong with it is said."""
        empty = self.folder / "empty"
        empty.write_text("\n")
        for file in (empty, self.folder / "nowhere"):
            with self.assertRaises(StartError):
                self.link("csta:tcp:host=127.0.0.1:port=1", password_file=str(file))
