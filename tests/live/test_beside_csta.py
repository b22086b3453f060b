"""The whole server beside a PBX that is reached by CSTA: another magroup, where the members' phones register."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from magroup.cti.call_control import CANNOT, Service
from magroup.cti.events import CallEvent, Event
from magroup.cti.types import ConnectionId
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.lines import LineState
from magroup.model.presence import Presence
from magroup.model.settings import CstaLinkSettings, Settings
from magroup.web.status import Readiness
from tests.live.case import LiveCase
from tests.live.gadgets import PASSWORD
from tests.live.pbx import trunk
from tests.live.phones import SCENARIOS, Desk, together
from tests.live.server import SECRET, Live, company
from tests.live.test_gadget import Gadgets
from tests.live.whole_server import WholeServer
from tests.peers import Baresip, address, until
from tests.web.gadget.server import Browser

PEOPLE = MANAGER, ASSISTANT, OTHER = ("1047", "1175", "1068")
GUEST = "1201"
OFFERED = '[csta]\nlisten = ["tcp:0:interface=127.0.0.1"]\nusers = ["u1201"]\n'


class BesideCsta(LiveCase):
    """The PBX has all the phones, and routes what it does not know to the trunk."""

    async def linked(self, offered: str = OFFERED) -> Live:
        place = address(self)
        self.pbx = WholeServer(self, offered)
        lines = company(
            people=("1999",), others=(*PEOPLE, GUEST), users={GUEST: f'password = "{PASSWORD}"'},
            more=trunk(str(place), "default = true"),
        ).replace('number = "8973"', 'number = "8999"')  # fmt: skip
        await self.pbx.start(lines)
        password = Path(self.mktemp())
        password.write_text(PASSWORD)
        port = self.pbx.server.csta.listening[0].port
        settings = replace(
            Settings(), cti=f"csta:tcp:host=127.0.0.1:port={port}",
            csta_link=replace(CstaLinkSettings(), user="u1201", password_file=str(password)),
        )  # fmt: skip
        text = company(
            "manager_timeout = 30\n", people=PEOPLE, others=(), on_pbx=PEOPLE,
            more=trunk(str(self.pbx.address), "default = true"),
        )  # fmt: skip
        server = await self.serve(text, settings=settings, place=place)
        await self.is_linked(server)
        return server

    async def phones(self, *numbers: str) -> list[Baresip]:
        phones = [Baresip(self, number, registrar=self.pbx.sip, secret=SECRET) for number in numbers]
        await together(*(phone.start() for phone in phones))
        await together(*(phone.registered() for phone in phones))
        return phones

    async def is_linked(self, server: Live, wanted: bool = True) -> None:
        await until(lambda: server.assembly.switch.is_linked is wanted, 20.0, what=f"linked: {wanted}")

    async def is_so(self, server: Live, **wanted: LineState) -> None:
        """The lines n1047 and so on are in these states."""
        states = server.assembly.states

        def seen() -> dict[str, LineState]:
            return {name: states.line_state(name.removeprefix("n")) for name in wanted}

        await until(lambda: seen() == wanted, 15.0, what=str(wanted), seen=lambda: str(seen()))

    async def group_changed(self, gadget: Browser) -> Any:
        """The next change of what is said of the group."""
        while "group" not in (change := await gadget.skip_to("change")):
            pass
        return change

    def cut(self) -> None:
        """The link breaks."""
        function = self.pbx.server.csta.switching_function
        assert function is not None
        for connection in tuple(function.factory._open):
            connection.abort("the test cuts it")

    async def quiet(self, server: Live) -> None:
        """Nothing is left in either."""
        pbx: Any = server.assembly.pbx
        await server.quiet()
        await until(lambda: not server.assembly.switch.calls(), what="no call", seen=lambda: str(pbx.model.calls))
        await until(lambda: not len(pbx.hidden) and not len(pbx.model), what="the PBX's calls forgotten")
        self.assertEqual(len(pbx.legs), 0)
        await until(lambda: not self.pbx.server.assembly.telephony.switch.calls_by_id, what="the PBX's end")

    async def test_manager_number(self) -> None:
        """A member dials it at the PBX: it comes over the trunk, rings over the trunk, and is one call here."""
        server = await self.linked()
        manager, assistant = await self.phones(MANAGER, ASSISTANT)
        await self.is_so(server, n1047=LineState.IDLE, n1068=LineState.OUT_OF_SERVICE)
        pbx: Any = server.assembly.pbx
        heard: list[Event] = []
        server.assembly.switch.monitor_start(heard.append)
        await assistant.dial(f"sip:8973@{self.pbx.address}")
        await manager.wait("CALL_INCOMING")
        await self.is_so(server, n1047=LineState.RINGING, n1175=LineState.BUSY)
        self.assertEqual([call.called.number for call in server.assembly.switch.calls()], ["8973"])
        self.assertEqual(len(pbx.hidden), 2)
        await manager.answer()
        await self.is_so(server, n1047=LineState.BUSY)
        await together(manager.receives(10), assistant.receives(10))
        self.cut()
        await self.is_linked(server, False)
        await self.is_linked(server)
        self.assertEqual(len(server.assembly.switch.calls()), 1)
        await assistant.hangup()
        await manager.idle()
        await self.is_so(server, n1047=LineState.IDLE, n1175=LineState.IDLE)
        await self.quiet(server)
        self.assertEqual(await server.stories(), ["answered by S1047"])
        self.assertEqual({event.call_id for event in heard if isinstance(event, CallEvent)}, {heard[0].call_id})

    async def test_answered_from_here(self) -> None:
        """A call over the trunk cannot be answered by us; the PBX lets its phone do it."""
        server = await self.linked()
        switch = server.assembly.switch
        desk = Desk(self.pbx, MANAGER, SCENARIOS / "uas_talk.xml", "Allow-Events: talk, hold", calls=1)
        (assistant,), _ = await together(self.phones(ASSISTANT), desk.start())
        await self.is_so(server, n1047=LineState.IDLE, n1175=LineState.IDLE)
        await assistant.dial(f"sip:8973@{self.pbx.address}")
        await desk.invited()
        await self.is_so(server, n1047=LineState.RINGING)
        (call,) = switch.calls()
        mine = ConnectionId(call.id, MANAGER)
        self.assertTrue(server.assembly.telephony.switch.can(Service.ANSWER_CALL, mine))
        await until(lambda: not switch.can(Service.ANSWER_CALL, mine), what="it can be answered")
        await switch.answer_call(mine)
        await assistant.wait("CALL_ESTABLISHED")
        await self.is_so(server, n1047=LineState.BUSY)
        await assistant.hangup()
        await desk.sipp.finished()
        await self.quiet(server)

    async def test_calls_of_the_pbx(self) -> None:
        """Made by service, seen, sent on by service; presence and board follow; then the link is cut."""
        server = await self.linked()
        switch = server.assembly.switch
        manager, assistant, other = await self.phones(*PEOPLE)
        await self.is_so(server, n1047=LineState.IDLE, n1175=LineState.IDLE, n1068=LineState.IDLE)
        gadget = await Gadgets(server).looks(f"u{OTHER}")
        ids = {member["number"]: member["id"] for member in gadget.snapshot["members"]}
        self.assertTrue(gadget.snapshot["group"]["linked"])
        server.presence(MANAGER, Presence.BUSY)
        self.assertEqual((await gadget.member(ids[MANAGER]))["presence"]["value"], "busy")
        made = await switch.make_call(MANAGER, ASSISTANT)
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await assistant.wait("CALL_INCOMING")
        await self.is_so(server, n1047=LineState.BUSY, n1175=LineState.RINGING, n1068=LineState.IDLE)
        (call,) = switch.calls()
        self.assertEqual(call.id, made.call_id)
        ringing = ConnectionId(call.id, ASSISTANT)
        self.assertEqual(switch.can(Service.DEFLECT_CALL, ringing), "")
        self.assertIn("not talking", switch.can(Service.HOLD_CALL, ringing))
        await switch.deflect_call(ringing, OTHER)
        await other.wait("CALL_INCOMING")
        await self.is_so(server, n1175=LineState.IDLE, n1068=LineState.RINGING)
        (shown,) = (await gadget.until(ids[OTHER], calls=["ringing"]))["calls"]
        self.assertEqual((shown["id"], shown["number"], shown["can"]["blind"]), (call.id, MANAGER, ""))
        await other.answer()
        await gadget.until(ids[OTHER], line="busy", calls=["active"])
        self.cut()
        await self.is_linked(server, False)
        change = await self.group_changed(gadget)
        self.assertFalse(change["group"]["linked"])
        (shown,) = next(member["calls"] for member in change["members"] if member["id"] == ids[OTHER])
        self.assertEqual(shown["can"]["hold"], "The link to the PBX is down.")
        self.assertEqual(await gadget.dialling.get(), "The link to the PBX is down.")
        self.assertEqual([reason.partition(":")[0] for reason in reasons(server)], ["pbx"])
        self.assertTrue(switch.can(Service.HOLD_CALL, ConnectionId(call.id, OTHER)))
        await other.hangup()
        await manager.idle()
        await self.is_linked(server)
        self.assertTrue((await self.group_changed(gadget))["group"]["linked"])
        await self.is_so(server, n1047=LineState.IDLE, n1068=LineState.IDLE)
        self.assertEqual(reasons(server), [])
        await self.quiet(server)

    async def test_may_only_watch(self) -> None:
        """What the PBX does not permit is refused with its reason."""
        server = await self.linked(OFFERED.replace("users", "watchers"))
        with self.assertRaises(Exception) as raised:
            await server.assembly.switch.make_call(MANAGER, ASSISTANT)
        self.assertIn("rivilege", str(raised.exception))
        self.assertEqual(server.assembly.switch.can_make_call(MANAGER), f"{CANNOT}: it has no service makeCall")

    async def test_forwarding(self) -> None:
        """Set here it is set on the PBX, set there it is in the book here; what the PBX has counts after the link."""
        server = await self.linked()
        here, there = server.assembly.application.forwarding, self.pbx.server.assembly.application.forwarding
        here.set_line(ASSISTANT, Forwarding(ForwardTo.NUMBER, "0791234567"), "u1175")
        await until(lambda: there.of_line(ASSISTANT).number == "0791234567", what="the PBX")
        self.assertEqual(here.of_line(ASSISTANT).changed_by, "u1175")
        here.set_line(ASSISTANT, Forwarding(), "u1175")
        await until(lambda: not there.of_line(ASSISTANT), what="no more")
        there.set_line(OTHER, Forwarding(ForwardTo.NUMBER, MANAGER), "u1068")
        await until(lambda: here.of_line(OTHER).number == MANAGER, what="the book")
        self.cut()
        await self.is_linked(server, False)
        there.set_line(OTHER, Forwarding(ForwardTo.NUMBER, ASSISTANT), "u1068")
        await until(lambda: here.of_line(OTHER).number == ASSISTANT, 20.0, what="the book after the link")


def reasons(server: Live) -> list[str]:
    """Why it is not ready."""
    readiness = Readiness()
    server.assembly.watch(readiness)
    return readiness.reasons()
