"""The whole server beside an Asterisk: members' phones on the PBX, seen and steered over its Manager Interface."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet import reactor

from magroup.cti.call_control import UNSEEN
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.lines import LineState
from magroup.model.settings import AmiSettings, Settings
from magroup.model.standing import LinkStanding
from tests.ami.asterisk import Asterisk
from tests.ami.server import SECRET, Manager
from tests.live.case import LiveCase
from tests.live.pbx import trunk
from tests.live.phones import together
from tests.live.server import Live, company
from tests.peers import Baresip, Kamailio, address, until
from tests.peers.addresses import Address

PEOPLE = MANAGER, ASSISTANT, OTHER = ("1047", "1175", "1068")
OWN = "1201"
OUTSIDE = "0315551234"


class BesideAsterisk(LiveCase):
    def beside(self) -> Settings:
        """Settings of a server beside an Asterisk, whose Manager Interface listens."""
        self.asterisk = Asterisk(phones={MANAGER, ASSISTANT, OTHER}, trunks={"89": "magroup"})
        self.manager = Manager(self.asterisk)
        port: Any = reactor.listenTCP(0, self.manager, interface="127.0.0.1")  # type: ignore[attr-defined]
        self.addCleanup(port.stopListening)
        secret = Path(self.mktemp())
        secret.write_text(SECRET)
        return replace(
            Settings(), cti=f"ami:tcp:host=127.0.0.1:port={port.getHost().port}",
            ami=replace(AmiSettings(), secret_file=str(secret)),
        )  # fmt: skip

    async def linked(self, text: str = "", place: Address | None = None) -> Live:
        text = text or company(people=PEOPLE, others=(OWN,), on_pbx=PEOPLE)
        server = await self.serve(text, settings=self.beside(), place=place)
        await until(lambda: server.assembly.switch.is_linked, what="the link")
        return server

    async def test_manager_number(self) -> None:
        """It comes over the trunk, here kamailio's; what Asterisk says of calls over the trunk is not told twice."""
        place = address(self)
        pbx = await Kamailio(self, {"89": f"{place}:5060"}).start()
        text = company(
            "manager_timeout = 30\n", people=PEOPLE, others=(), on_pbx=PEOPLE, more=trunk(pbx.ip, "default = true")
        )
        server = await self.linked(text, place)
        switch, states = server.assembly.switch, server.assembly.states
        caller, manager = (Baresip(self, number, registrar=pbx.sip) for number in (OUTSIDE, MANAGER))
        await together(caller.start(), manager.start())
        await together(caller.registered(), manager.registered())
        self.asterisk.arrives("provider", OUTSIDE, "Vera", "8973")
        await caller.dial(pbx.uri("8973"))
        self.asterisk.arrives("magroup", OUTSIDE, "Vera", MANAGER)
        await manager.wait("CALL_INCOMING")
        await until(lambda: states.line_state(MANAGER) is LineState.RINGING, what="ringing")
        self.assertEqual([call.called.number for call in switch.calls()], ["8973"])
        self.asterisk.answer(MANAGER)
        await manager.answer()
        await until(lambda: states.line_state(MANAGER) is LineState.BUSY, what="an answer")
        self.assertEqual(len(switch.calls()), 1)
        self.asterisk.dial(ASSISTANT, OTHER)
        await until(lambda: states.line_state(OTHER) is LineState.RINGING, what="another call of the PBX")
        self.assertEqual(len(switch.calls()), 2)
        self.asterisk.hang_up(ASSISTANT)
        self.asterisk.hang_up(MANAGER)
        await caller.hangup()
        await manager.idle()
        await until(lambda: not switch.calls(), what="the end")
        await server.quiet()
        self.assertEqual(sorted(await server.stories()), ["", "answered by S1047"])
        await together(caller.stop(), manager.stop())

    async def test_seen_and_steered(self) -> None:
        """A call between two members' phones, sent on to a third by service."""
        server = await self.linked()
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
        server = await self.linked()
        self.asterisk.dial(MANAGER, ASSISTANT)
        await until(lambda: bool(server.assembly.switch.calls()), what="a call")
        transport: Any = self.manager.sessions[0].transport
        transport.abortConnection()
        await until(lambda: not server.assembly.switch.is_linked, what="the link is down")
        standing = self.standing(server)
        self.assertEqual((standing.is_up, standing.trouble, standing.monitored), (False, "the connection has ended", 0))
        self.asterisk.hang_up(MANAGER)
        await until(lambda: server.assembly.switch.is_linked, what="the link again")
        self.assertEqual(server.assembly.switch.calls(), ())
        standing = self.standing(server)
        self.assertEqual((standing.is_up, standing.why, standing.in_service, standing.lines), (True, "", 3, 3))
        self.assertEqual(standing.address, f"127.0.0.1:{server.settings.cti.rpartition('=')[2]}")
        (record,) = await server.records()
        self.assertEqual((record.cause, record.ended_by), (UNSEEN, "switch"))

    def standing(self, server: Live) -> LinkStanding:
        """As the tab Switch has it."""
        assert server.assembly.pbx is not None
        return server.assembly.pbx.standing()

    async def test_forwarding(self) -> None:
        """Set here it is in Asterisk's database, set there it is in the book; before the link as well."""
        server = await self.linked()
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
