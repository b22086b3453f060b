"""A line with two phones, and phones that send their calls elsewhere (302)."""

from tests.live.pbx import PbxCase, baresip, hear_each_other, linphone, trunk
from tests.live.phones import Desk, baresips, together
from tests.live.server import Live
from tests.peers import Baresip, Sipp


class TwoPhones(PbxCase):
    """One number, two places."""

    async def test_one_answers(self) -> None:
        """Both ring; the other one stops, and is told that the call was answered elsewhere."""
        server = await self.plain()
        (alice,), (desk, mobile) = await together(
            baresips(server, "1201", tone=440.0), baresips(server, "1202", "1202", tone=880.0)
        )
        for answers, other in ((desk, mobile), (mobile, desk)):
            await alice.dial(server.uri("1202"))
            await together(desk.wait("CALL_INCOMING"), mobile.wait("CALL_INCOMING"))
            await answers.answer()
            await together(alice.wait("CALL_ESTABLISHED"), other.wait("CALL_CLOSED"))
            cancel = [m for m in other.received() if m.first_line.startswith("CANCEL")][-1]
            self.assertEqual(cancel.header("Reason"), 'SIP;cause=200;text="Call completed elsewhere"')
            await hear_each_other(alice, answers)
            await alice.hangup()
            await answers.wait("CALL_CLOSED")
            await server.quiet()

    async def test_one_is_busy(self) -> None:
        """The other goes on ringing, and answers."""
        server = await self.plain()
        desk, (alice, bob) = await together(
            Desk(server, "1202", "uas_busy").start(), baresips(server, "1201", "1202")
        )  # fmt: skip
        await alice.dial(server.uri("1202"))
        await together(bob.wait("CALL_INCOMING"), desk.sipp.finished())
        await bob.answer()
        await alice.wait("CALL_ESTABLISHED")
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_caller_gives_up(self) -> None:
        """Two kinds of phones: both stop ringing, and neither was answered elsewhere."""
        server = await self.plain()
        alice, bob, lin = await together(
            baresip(server, "1201"), baresip(server, "1202"), linphone(server, "1202")
        )  # fmt: skip
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        call = await lin.incoming()
        await alice.hangup()
        await together(bob.wait("CALL_CLOSED"), lin.wait("Released", call))
        for phone in (bob, lin):
            (cancel,) = [m for m in phone.received() if m.first_line.startswith("CANCEL")]
            self.assertNotIn("elsewhere", cancel.header("Reason"))

    async def test_both_answer(self) -> None:
        """At the same time: one has the call, the other is hung up."""
        server = await self.plain()
        (alice,), (desk, mobile) = await together(
            baresips(server, "1201"), baresips(server, "1202", "1202", answer="auto")
        )
        await alice.dial(server.uri("1202"))
        await alice.wait("CALL_ESTABLISHED")
        await alice.hangup()
        await together(desk.idle(), mobile.idle())


class Redirected(PbxCase):
    """The phone of 1202 answers 302."""

    async def calling(self, server: Live, target: str) -> Baresip:
        """1201 calls, and the phone sends the call to ``target``."""
        desk, alice = await together(
            Desk(server, "1202", "uas_redirect", keys={"contact": target}).start(), baresip(server, "1201")
        )
        await alice.dial(server.uri("1202"))
        await desk.sipp.finished()
        return alice

    async def test_followed(self) -> None:
        """The target's phone sees who calls, and whom the call was for."""
        server = await self.plain()
        carol = await baresip(server, "1203")
        alice = await self.calling(server, server.uri("1203"))
        self.assertIn("sip:1201@", (await carol.wait("CALL_INCOMING"))["peeruri"])
        (invite,) = [m for m in carol.received() if m.first_line.startswith("INVITE")]
        self.assertIn("sip:1202@", invite.header("Diversion"))
        self.assertIn("sip:1202@", invite.header("History-Info"))
        await carol.answer()
        await together(alice.wait("CALL_ESTABLISHED"), carol.wait("CALL_ESTABLISHED"))
        await hear_each_other(alice, carol)
        await carol.hangup()
        await alice.wait("CALL_CLOSED")

    async def test_to_an_outside_number(self) -> None:
        """Through the trunk."""
        pbx = await Sipp(self, "uas").start()
        server = await self.plain(trunk(pbx.ip, "default = true"))
        alice = await self.calling(server, server.uri("0315551234"))
        await alice.wait("CALL_ESTABLISHED")
        invite = await pbx.message("INVITE")
        self.assertTrue(invite.first_line.startswith("INVITE sip:0315551234@"))
        self.assertIn("sip:1202@", invite.header("Diversion"))
        await alice.hangup()
        await pbx.finished()

    async def test_circle(self) -> None:
        """From 1202 to 1203 and back."""
        server = await self.plain()
        other = await Desk(server, "1203", "uas_redirect", keys={"contact": server.uri("1202")}).start()
        alice = await self.calling(server, server.uri("1203"))
        self.assertIn("482", (await alice.wait("CALL_CLOSED"))["param"])
        await other.sipp.finished()

    async def test_to_a_manager_number(self) -> None:
        """There the manager rings."""
        server = await self.plain(options="manager_timeout = 20")
        manager = await baresip(server, "1047", answer="auto")
        alice = await self.calling(server, server.uri("8973"))
        await together(alice.wait("CALL_ESTABLISHED"), manager.wait("CALL_ESTABLISHED"))
        await alice.hangup()
        await manager.wait("CALL_CLOSED")
