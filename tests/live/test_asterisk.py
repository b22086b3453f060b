"""The whole server beside an Asterisk: members' phones on the PBX, seen and steered over its Manager Interface."""

from dataclasses import replace
from typing import Any

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.lines import LineState
from magroup.model.settings import AmiSettings, Settings
from tests.ami.asterisk import Asterisk
from tests.ami.server import SECRET, Manager
from tests.live.server import Live, company
from tests.peers import until

MANAGER, ASSISTANT, OTHER, OWN = "1047", "1175", "1068", "1201"


class BesideAsterisk(TestCase):
    timeout = 60

    async def serve(self) -> Live:
        self.asterisk = Asterisk(phones={MANAGER, ASSISTANT, OTHER})
        self.manager = Manager(self.asterisk)
        port: Any = reactor.listenTCP(0, self.manager, interface="127.0.0.1")  # type: ignore[attr-defined]
        self.addCleanup(port.stopListening)
        secret = self.mktemp()
        with open(secret, "w", encoding="utf-8") as file:
            file.write(SECRET)
        settings = replace(
            Settings(), cti=f"ami:tcp:host=127.0.0.1:port={port.getHost().port}",
            ami=replace(AmiSettings(), secret_file=secret),
        )  # fmt: skip
        text = company(people=(MANAGER, ASSISTANT, OTHER), others=(OWN,), on_pbx=(MANAGER, ASSISTANT, OTHER))
        server = await Live(self, text, settings=settings).start()
        await until(lambda: server.assembly.switch.is_linked, what="the link")
        return server

    async def test_seen_and_steered(self) -> None:
        """A call between two members' phones, sent on to a third by service."""
        server = await self.serve()
        switch, states = server.assembly.switch, server.assembly.states

        async def is_so(**wanted: LineState) -> None:
            await until(
                lambda: all(states.line_state(number.removeprefix("n")) is state for number, state in wanted.items()),
                what=str(wanted),
            )

        self.asterisk.dial(MANAGER, ASSISTANT)
        await is_so(n1047=LineState.BUSY, n1175=LineState.RINGING, n1068=LineState.IDLE)
        (call,) = switch.calls()
        await switch.deflect_call(call.connections[1].id, OTHER)
        await is_so(n1175=LineState.IDLE, n1068=LineState.RINGING)
        self.asterisk.answer(OTHER)
        await is_so(n1068=LineState.BUSY)
        self.asterisk.hold(OTHER)
        await is_so(n1068=LineState.HELD)
        self.asterisk.hang_up(MANAGER)
        await is_so(n1047=LineState.IDLE, n1068=LineState.IDLE)
        self.asterisk.register(OTHER, False)
        await is_so(n1068=LineState.OUT_OF_SERVICE)
        self.assertEqual(switch.calls(), ())

    async def test_link_lost(self) -> None:
        """What was ended meanwhile is known when the link is there again."""
        server = await self.serve()
        self.asterisk.dial(MANAGER, ASSISTANT)
        await until(lambda: bool(server.assembly.switch.calls()), what="a call")
        transport: Any = self.manager.sessions[0].transport
        transport.abortConnection()
        await until(lambda: not server.assembly.switch.is_linked, what="the link is down")
        self.asterisk.hang_up(MANAGER)
        await until(lambda: server.assembly.switch.is_linked, what="the link again")
        self.assertEqual(server.assembly.switch.calls(), ())

    async def test_forwarding(self) -> None:
        """Set here it is in Asterisk's database, set there it is in the book; before the link as well."""
        server = await self.serve()
        book, database = server.assembly.application.forwarding, self.asterisk.database
        book.set_line(ASSISTANT, Forwarding(ForwardTo.NUMBER, "0791234567"), "u1175")
        await until(lambda: database.get(("CF", ASSISTANT)) == "0791234567", what="the database")
        self.assertEqual(book.of_line(ASSISTANT).changed_by, "u1175")
        book.set_line(ASSISTANT, Forwarding(), "u1175")
        await until(lambda: ("CF", ASSISTANT) not in database, what="no more")
        database["CF", OTHER] = MANAGER
        self.asterisk.device(f"Custom:DEVCF{OTHER}", "BUSY")
        await until(lambda: book.of_line(OTHER).number == MANAGER, what="the book")
        database["CF", OTHER] = ASSISTANT
        transport: Any = self.manager.sessions[0].transport
        transport.abortConnection()
        await until(lambda: book.of_line(OTHER).number == ASSISTANT, what="the book after the link")
        self.assertEqual(database["CF", OTHER], ASSISTANT)
