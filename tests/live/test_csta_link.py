"""Another magroup as the PBX: its lines are watched and steered by CSTA, over a link that is cut and comes back."""

from random import Random
from typing import Any

from twisted.internet import reactor as any_reactor
from twisted.internet.endpoints import clientFromString, connectProtocol

from magroup.csta.client_session import Peer
from magroup.csta.edition import Edition, LoginForm, Profile
from magroup.csta.link import Link
from magroup.csta.switch import CstaSwitch
from magroup.cti.call_control import Service
from magroup.cti.events import CallCleared, Delivered, Established, Event, Transferred
from magroup.cti.fake import FakeSwitch
from magroup.cti.types import ConnectionId, ConnectionState
from tests.live.gadgets import PASSWORD
from tests.live.pbx import hear_each_other
from tests.live.server import SECRET, company
from tests.live.serving import Serving
from tests.live.whole_server import WholeServer
from tests.peers import Baresip, until

reactor: Any = any_reactor
LINES = ("1201", "1202", "1203")
SETTINGS = '[csta]\nlisten = ["tcp:0:interface=127.0.0.1"]\nusers = ["u1201"]\n'


class CstaLink(Serving):
    """The phones are real, and registered at the other magroup."""

    async def test_steered_from_afar(self) -> None:
        """Bob consults Carol and leaves Alice to her; in the middle of it the link is cut."""
        pbx = WholeServer(self, SETTINGS)
        users = {"1201": f'password = "{PASSWORD}"'}
        await pbx.start(company(others=LINES, users=users))
        phones = [Baresip(self, number, registrar=pbx.sip, secret=SECRET) for number in LINES]
        for phone in phones:
            await phone.start()
        for phone in phones:
            await phone.registered()
        alice, bob, carol = phones
        switch, heard = await self.linked(pbx)
        self.assertEqual([switch.in_service(number) for number in (*LINES, "9999")], [True, True, True, False])
        await alice.dial(f"sip:1202@{pbx.address}")
        await self.told(heard, Delivered, "1202")
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        held = (await self.told(heard, Established, "1202")).call.connection("1202").id
        await hear_each_other(alice, bob)
        active = await switch.consultation_call(held, "1203")
        await carol.wait("CALL_INCOMING")
        self.cut(pbx)
        await until(lambda: switch.down, what="down")
        self.assertTrue(switch.can(Service.TRANSFER_CALL, active))
        await carol.answer()
        await until(lambda: not switch.down, 15.0, what="up again")
        await self.told(heard, Established, "1203")
        states = {one.id: one.state for call in switch.calls() for one in call.connections}
        self.assertEqual((states[held], states[active]), (ConnectionState.HOLD, ConnectionState.CONNECTED))
        self.assertEqual(switch.can(Service.TRANSFER_CALL, active), "")
        new = await switch.transfer_call(held, active)
        self.assertEqual(new, ConnectionId(held.call_id, "1203"))
        await bob.wait("CALL_CLOSED")
        await hear_each_other(alice, carol)
        self.assertEqual((await self.told(heard, Transferred, "1202")).transferred_to.number, "1203")
        await carol.hangup()
        await alice.wait("CALL_CLOSED")
        await until(lambda: not switch.calls(), 15.0, what="no call", seen=lambda: str(switch.calls()))
        self.assertEqual({event.call_id for event in heard if isinstance(event, CallCleared)},
                         {held.call_id, active.call_id})  # fmt: skip

    async def linked(self, pbx: WholeServer) -> tuple[CstaSwitch, list[Event]]:
        """The port, with the link up, and all its events from then on."""
        heard: list[Event] = []
        switch = CstaSwitch(reactor, LINES, FakeSwitch(reactor))
        switch.monitor_start(heard.append)
        peer = Peer(Profile(Edition.ED4, LoginForm.AVAYA, keeps_extensions=True), "u1201", PASSWORD)
        place = clientFromString(reactor, f"tcp:127.0.0.1:{pbx.server.csta.listening[0].port}")
        link = Link(reactor, switch, peer, lambda session: connectProtocol(place, session), Random(1).random)
        link.start()
        self.addCleanup(link.stop)
        await until(lambda: not switch.down, 15.0, what="the link is up", seen=lambda: switch.down)
        return switch, heard

    def cut(self, pbx: WholeServer) -> None:
        """The connection breaks."""
        function = pbx.server.csta.switching_function
        assert function is not None
        for connection in tuple(function.factory._open):
            connection.abort("the test cuts it")

    async def told(self, heard: list[Event], kind: type[Event], device: str) -> Any:
        def found() -> Any:
            return next((event for event in heard if type(event) is kind and event.device == device), None)

        return await until(found, 15.0, what=f"{kind.__name__} {device}", seen=lambda: str(heard[-5:]))
