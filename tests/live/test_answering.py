"""Phones that are told to answer: by the talk event, by remotecc, by a second INVITE, and a baresip that only rings."""

from magroup.cti.call_control import Service
from magroup.cti.errors import ServiceError
from magroup.cti.types import ConnectionId
from tests.live.pbx import PbxCase, Reports, baresip
from tests.live.phones import SCENARIOS, Desk, together
from tests.live.server import Live
from tests.peers import Baresip, until


class Answering(PbxCase):
    async def ringing(self, scenario: str, says: str = "", calls: int = 1) -> tuple[Live, Baresip, Desk, ConnectionId]:
        """A baresip calls a phone of SIPp, which rings."""
        server = await self.plain()
        reports = Reports(server)
        desk = Desk(server, "1202", SCENARIOS / f"{scenario}.xml", says, calls=calls)
        alice, _ = await together(baresip(server, "1201"), desk.start())
        await alice.dial(server.uri("1202"))
        await until(lambda: "Delivered" in reports.of("1202"), what="ringing", seen=desk.sipp.report)
        (call,) = server.assembly.telephony.switch.calls()
        return server, alice, desk, ConnectionId(call.id, "1202")

    async def answered(self, server: Live, alice: Baresip, desk: Desk, mine: ConnectionId) -> None:
        """It answers when it is told so, and both are hung up."""
        switch = server.assembly.telephony.switch
        self.assertEqual(switch.can(Service.ANSWER_CALL, mine), "")
        await switch.answer_call(mine)
        await alice.wait("CALL_ESTABLISHED")
        await alice.hangup()
        await desk.sipp.finished()

    async def test_talk(self) -> None:
        await self.answered(*await self.ringing("uas_talk", "Allow-Events: talk, hold"))

    async def test_remotecc(self) -> None:
        """The dialog in the body is that of the INVITE, as the phone sees it."""
        server, alice, desk, mine = await self.ringing("uas_remotecc", "User-Agent: Cisco-CP8861/12.8.1", 3)
        await self.answered(server, alice, desk, mine)
        invite, refer = await desk.sipp.message("INVITE"), await desk.sipp.message("REFER")
        ringing = next(m for m in desk.sipp.messages() if m.sent and m.status == 180)
        local, remote = (ringing.header(name).rpartition("tag=")[2] for name in ("To", "From"))
        self.assertIn(
            f"<callid>{invite.header('Call-ID')}</callid><localtag>{local}</localtag><remotetag>{remote}</remotetag>",
            refer.text,
        )

    async def test_invite(self) -> None:
        await self.answered(*await self.ringing("uas_obedient", calls=2))

    async def test_baresip(self) -> None:
        """It knows none of the three: it rings once more for a while, and the menu knows so afterwards."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        alice, bob = await together(baresip(server, "1201"), baresip(server, "1202"))
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        (call,) = switch.calls()
        mine = ConnectionId(call.id, "1202")
        await switch.answer_call(mine)
        await bob.wait("CALL_INCOMING")
        await bob.wait("CALL_CLOSED")
        await until(lambda: switch.can(Service.ANSWER_CALL, mine), what="known")
        with self.assertRaisesRegex(ServiceError, "does not answer by itself"):
            await switch.answer_call(mine)
        await bob.answer()
        await together(alice.wait("CALL_ESTABLISHED"), bob.wait("CALL_ESTABLISHED"))
        await alice.hangup()
        await bob.wait("CALL_CLOSED")
