"""The running server gives phones and programs uaCSTA sessions for their own lines, over real UDP."""

from dataclasses import replace
from typing import Any

from magroup.csta import call_control_messages as c
from magroup.csta import event_messages as e
from magroup.csta import monitoring_messages as m
from magroup.csta.edition import Edition, Profile
from magroup.csta.switch import CstaSwitch
from magroup.csta.system_messages import CSTAErrorCode, GetCSTAFeatures, RequestSystemStatus
from magroup.csta.values import ConnectionID, DeviceId, subject
from magroup.cti.types import ConnectionState
from magroup.model.configuration import Configuration
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.hop import Hop
from magroup.store.audit import record
from magroup.uacsta.client import PhoneSession, Place
from tests.live.pbx import hear_each_other
from tests.live.raw_csta import RawCsta
from tests.live.server import SECRET, company
from tests.live.serving import Serving
from tests.live.whole_server import WholeServer
from tests.peers import Baresip, until

ON = '[csta]\nuacsta = true\nuacsta_user = "csta"\n'
MONITOR = m.MonitorStart(monitor_object=m.MonitorObject(device_object=DeviceId("1201")), monitor_type="device")


class UaCsta(Serving):
    """Lines of a user each."""

    async def serve(self, settings: str = ON) -> WholeServer:
        whole = WholeServer(self, settings)
        await whole.start(company(others=("1201", "1202", "1203")))
        return whole

    async def phones(self, whole: WholeServer, *numbers: str) -> list[Baresip]:
        found = [Baresip(self, number, registrar=whole.sip, secret=SECRET) for number in numbers]
        for phone in found:
            await phone.start()
        for phone in found:
            await phone.registered()
        return found

    def peer(self, whole: WholeServer, number: str = "1201", secret: str = SECRET) -> RawCsta:
        return RawCsta(self, str(whole.address), number, secret)

    async def over(self, whole: WholeServer) -> None:
        """No client and no dialog is left."""
        endpoint = whole.server.assembly.telephony.endpoint
        await until(lambda: not whole.server.csta.describe() and not endpoint.sessions, what="nothing left")

    async def test_watched_and_steered(self) -> None:
        """Alice's program makes her call, holds it, and hears of all of it."""
        whole = await self.serve()
        alice, bob = await self.phones(whole, "1201", "1202")
        program = self.peer(whole)
        self.assertEqual((await program.open(to="csta")).status, 200)
        self.assertIsInstance(await program.ask(MONITOR), m.MonitorStartResponse)
        make = c.MakeCall(calling_device=DeviceId("1201"), called_directory_number=DeviceId("1202"))
        mine = (await program.ask(make)).calling_device
        await alice.wait("CALL_INCOMING")
        await alice.answer()
        rings = await program.event(e.DeliveredEvent)
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        established = await program.event(e.EstablishedEvent)
        self.assertEqual((rings.alerting_device, established.answering_device), (subject("1202"), subject("1202")))
        await hear_each_other(alice, bob)
        self.assertIsInstance(await program.ask(c.HoldCall(call_to_be_held=mine)), c.HoldCallResponse)
        await program.event(e.HeldEvent)
        theirs = ConnectionID(mine.call_id, DeviceId("1202"))
        self.assertIsInstance(await program.ask(c.ClearConnection(connection_to_be_cleared=theirs)), CSTAErrorCode)
        self.assertIsInstance(await program.ask(c.RetrieveCall(call_to_be_retrieved=mine)), c.RetrieveCallResponse)
        await program.event(e.RetrievedEvent)
        await program.ask(c.ClearConnection(connection_to_be_cleared=mine))
        await program.event(e.ConnectionClearedEvent)
        await bob.wait("CALL_CLOSED")
        self.assertEqual((await program.close()).status, 200)
        await self.over(whole)

    async def test_let_in(self) -> None:
        """By the password of a line, to that user's lines only; what is no CSTA gets no session."""
        whole = await self.serve()
        for number, secret, to, status in (
            ("1201", SECRET, "1201", 200), ("1201", "wrong", "1201", 401), ("1201", SECRET, "1202", 403),
            ("1201", SECRET, "4711", 404), ("nobody", SECRET, "csta", 401),
        ):  # fmt: skip
            peer = self.peer(whole, number, secret)
            self.assertEqual((await peer.open(to=to)).status, status, (number, to))
            if status == 200:
                await peer.close()
        for body, extra, status in ((b"rubbish", "", 488), (b"<a/>", "Content-Type: text/xml\r\n", 415)):
            self.assertEqual((await self.peer(whole).open(body, extra=extra)).status, status)
        await self.over(whole)
        await self.serves_calls(whole)

    async def test_bad_infos(self) -> None:
        """Errors, refusals, and a session that goes on; outside of it there is nothing to be had."""
        whole = await self.serve()
        peer = self.peer(whole)
        stranger = self.peer(whole, "1202")
        stranger._contact = f"sip:1201@{whole.address}"
        self.assertEqual((await stranger.info(b"<MakeCall/>")).status, 405)
        stranger._to_tag = "guessed"
        self.assertEqual((await stranger.info(b"<MakeCall/>")).status, 481)
        await peer.open()
        for body in (b"rubbish", b"\xff\xfe\x00", b"<MakeCall/>", b"<a>" * 5000):
            answer = await peer.info(body)
            self.assertEqual((answer.status, "<CSTAErrorCode" in answer.body), (200, True))
        self.assertEqual((await peer.info(b"x", "Content-Type: text/plain\r\n")).status, 415)
        for _ in range(60):
            await peer.ask(GetCSTAFeatures())
        self.assertEqual((await peer.ask(RequestSystemStatus())).system_status, "normal")
        await peer.close()
        await self.over(whole)

    async def test_ended_here(self) -> None:
        """A line with a new password, a line that is deleted, and a server that stops: each ends its sessions."""
        whole = await self.serve()
        peers = [self.peer(whole, number) for number in ("1201", "1202", "1203")]
        for peer in peers:
            await peer.open()
        await peers[2].ask(GetCSTAFeatures())
        current = whole.server.assembly.current

        def changed(configuration: Configuration) -> Configuration:
            lines = (replace(line, secret="another") if line.number == "1201" else line
                     for line in configuration.lines if line.number != "1202")  # fmt: skip
            users = (user for user in configuration.users if user.lines != ("1202",))
            return configuration.changed(lines=tuple(lines), users=tuple(users))

        await current.edit(whole.server.assembly.database, changed, record)
        for peer in peers[:2]:
            await peer.peer.receive(b"BYE ", 15.0)
        self.assertEqual((await self.peer(whole).open()).status, 401)
        peer = peers[2]
        await whole.stop()
        await peer.peer.receive(b"BYE ", 15.0)

    async def test_off(self) -> None:
        """Unless the settings say so, there is no such thing."""
        whole = await self.serve("")
        self.assertEqual((await self.peer(whole).open()).status, 415)

    async def test_client(self) -> None:
        """Our own client over a real socket: Alice's phone answers, holds and leaves Bob to Carol by it."""
        whole, far = await self.serve(), await self.serve("")
        alice, bob, carol = await self.phones(whole, "1201", "1202", "1203")
        telephony: Any = far.server.assembly.telephony
        here, there = str(far.address), str(whole.address)
        csta = CstaSwitch(telephony._clock, ("1201",), telephony.switch)
        answers = Answers(Credentials("1201", SECRET))
        session = PhoneSession(
            telephony._clock, telephony.endpoint,
            Place(f"sip:1201@{there}", f"sip:1201@{there}", Hop("udp", there, 5060, here, 5060)),
            csta.heard, csta.link_up, csta.link_down, lambda request, response: answers.answer(response, request),
            Profile(Edition.ED4, keeps_extensions=True),
        )  # fmt: skip
        session.start()
        await until(lambda: not csta.down, what="link up", seen=lambda: csta.down)
        await bob.dial(f"sip:1201@{there}")
        await alice.wait("CALL_INCOMING")
        await until(lambda: len(csta.calls()) == 1, what="a call")
        mine = csta.calls()[0].connection("1201")
        self.assertIsNotNone(mine)
        await alice.answer()
        await hear_each_other(alice, bob)

        def state() -> Any:
            return csta.calls()[0].connection("1201").state  # type: ignore[union-attr]

        await until(lambda: state() is ConnectionState.CONNECTED, what="connected")
        await csta.hold_call(mine.id)
        await until(lambda: state() is ConnectionState.HOLD, what="held")
        await csta.retrieve_call(mine.id)
        await until(lambda: state() is ConnectionState.CONNECTED, what="retrieved")
        await csta.single_step_transfer_call(mine.id, "1203")
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await hear_each_other(bob, carol)
        await until(lambda: not csta.calls(), what="no call here")
        await carol.hangup()
        await bob.wait("CALL_CLOSED")
        session.close("the test is over")
        await self.over(whole)

    async def serves_calls(self, whole: WholeServer) -> None:
        """A call goes through all the same."""
        alice, bob = await self.phones(whole, "1201", "1202")
        await alice.dial(f"sip:1202@{whole.address}")
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await hear_each_other(alice, bob)
        await bob.hangup()
        await alice.wait("CALL_CLOSED")
