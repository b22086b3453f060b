"""A line calls a line: what both hear, who hangs up, how a call that is not answered ends, and DTMF."""

from tests.live.pbx import PbxCase, baresip, changed, hear_each_other, in_call, linphone, request, talking
from tests.live.phones import Desk, baresips, together
from tests.peers import Sipp


class PlainCalls(PbxCase):
    """Between real phones."""

    async def test_both_hear_each_other(self) -> None:
        """The tones of both, media direct between the phones; hung up by the caller, then by the called one."""
        server = await self.plain()
        (alice,), (bob,) = await together(baresips(server, "1201", tone=440.0), baresips(server, "1202", tone=880.0))
        for leaves, stays in ((alice, bob), (bob, alice)):
            await talking(server, alice, bob)
            await together(alice.hears(880.0), bob.hears(440.0))
            await hear_each_other(alice, bob)
            self.assertEqual(server.assembly.telephony.media.active, 0)
            await leaves.hangup()
            await stays.wait("CALL_CLOSED")
            await server.quiet()

    async def test_caller_is_shown(self) -> None:
        """Number and name of the caller's line, whatever its phone says about itself."""
        server = await self.plain()
        alice, bob = await baresips(server, "1201", "1202")
        await alice.dial(server.uri("1202"))
        incoming = await bob.wait("CALL_INCOMING")
        self.assertIn("sip:1201@", incoming["peeruri"])
        self.assertEqual(incoming["peerdisplayname"], "First1201 Last")
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_refused(self) -> None:
        """Busy and declined: the caller gets the status of the phone."""
        server = await self.plain()
        alice, bob, lin = await together(
            baresip(server, "1201"), baresip(server, "1202"), linphone(server, "1203")
        )  # fmt: skip
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.hangup()
        self.assertIn("486", (await alice.wait("CALL_CLOSED"))["param"])
        await alice.dial(server.uri("1203"))
        await lin.hangup(await lin.incoming())
        self.assertIn("603", (await alice.wait("CALL_CLOSED"))["param"])

    async def test_not_answered(self) -> None:
        """Ringing ends after the time set for it; a caller that gives up ends it at once; nobody there."""
        server = await self.plain(calls={"ring_timeout": 1})
        alice, bob = await baresips(server, "1201", "1202")
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        self.assertIn("408", (await alice.wait("CALL_CLOSED"))["param"])
        await bob.wait("CALL_CLOSED")
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await alice.hangup()
        await bob.wait("CALL_CLOSED")
        await alice.dial(server.uri("1203"))
        self.assertIn("480", (await alice.wait("CALL_CLOSED"))["param"])
        await alice.dial(server.uri("4711"))
        self.assertIn("404", (await alice.wait("CALL_CLOSED"))["param"])

    async def test_no_common_codec(self) -> None:
        server = await self.plain()
        (alice,), _ = await together(
            baresips(server, "1201", codecs=("PCMU",)), baresips(server, "1202", codecs=("PCMA",))
        )  # fmt: skip
        await alice.dial(server.uri("1202"))
        self.assertIn("488", (await alice.wait("CALL_CLOSED"))["param"])

    async def test_linphone(self) -> None:
        """It calls, is called, and its keep-alives and its UPDATE disturb nobody."""
        server = await self.plain()
        lin, bob = await together(linphone(server, "1201"), baresip(server, "1202"))
        call = await lin.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", call)
        await lin.hangup(call)
        await bob.wait("CALL_CLOSED")
        await bob.dial(server.uri("1201"))
        call = await lin.incoming()
        await lin.answer(call)
        await bob.wait("CALL_ESTABLISHED")
        await bob.hangup()
        await lin.wait("Released", call)

    async def test_dtmf(self) -> None:
        """Events of RFC 4733 go straight from phone to phone, digits in INFO through the server."""
        server = await self.plain()
        alice, bob = await baresips(server, "1201", "1202")
        await talking(server, alice, bob)
        await alice.dtmf("5")
        await bob.wait("CALL_DTMF_START", param="5")
        await bob.dtmf("#")
        await alice.wait("CALL_DTMF_START", param="#")
        await alice.hangup()
        await bob.wait("CALL_CLOSED")
        digit = request("INFO", 10, {"Content-Type": "application/dtmf-relay"}, "Signal=7\nDuration=160\n")
        caller = await Sipp(self, in_call(self, digit), server.sip, caller="1203", service="1202").start()
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await bob.wait("CALL_DTMF_START", param="7")
        await caller.finished()


class Races(PbxCase):
    """Messages that cross."""

    async def test_answer_crosses_the_cancel(self) -> None:
        """The 200 of a phone whose call was given up is acknowledged and hung up."""
        server = await self.plain()
        desk = await Desk(server, "1202", "uas_late_200").start()
        caller = Sipp(self, "uac_cancel", server.sip, caller="1201", service="1202", stay=0.2)
        await caller.run()
        await desk.sipp.finished()

    async def test_reliable_ringing(self) -> None:
        """PRACK on both legs, for a caller that insists."""
        server = await self.plain()
        desk = await Desk(server, "1202", "uas_prack").start()
        caller = changed(self, "uac_prack", "Supported: 100rel", "Require: 100rel")
        await Sipp(self, caller, server.sip, caller="1201", service="1202", stay=0.2).run()
        await desk.sipp.finished()

    async def test_many_at_once(self) -> None:
        """Fifty calls within a second, all answered and hung up."""
        server = await self.plain()
        desk = await Desk(server, "1202", "uas", calls=50).start()
        result = await Sipp(
            self, "uac", server.sip, caller="1201", service="1202", calls=50, rate=50, stay=0.5
        ).run()  # fmt: skip
        self.assertEqual((result.successful, result.failed), (50, 0))
        self.assertEqual((await desk.sipp.finished()).successful, 50)
