"""Calls made, ended, sent on, picked up and transferred by the application, on real phones (ECMA-269 clause 17)."""

from magroup.cti.errors import ServiceError
from magroup.cti.types import ConnectionId
from tests.live.pbx import PbxCase, baresip, hear_each_other, linphone, talking, wav
from tests.live.phones import Desk, baresips, together
from tests.live.server import Live
from tests.peers import Baresip, until


class Services(PbxCase):
    """What a click in the gadget does."""

    def call(self, server: Live) -> str:
        """The id of the only call."""
        (call,) = server.assembly.telephony.switch.calls()
        return call.id

    async def test_make_call(self) -> None:
        """The own phone rings, hears ringback when it is answered, and then the one who is called."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        (alice,), (bob,) = await together(baresips(server, "1201", tone=440.0), baresips(server, "1202", tone=880.0))
        await switch.make_call("1201", "1202")
        incoming = await alice.wait("CALL_INCOMING")
        self.assertIn("sip:1202@", incoming["peeruri"])
        (invite,) = [m for m in alice.received() if m.first_line.startswith("INVITE")]
        self.assertIn("answer-after=0", invite.header("Call-Info"))
        self.assertIn("info=alert-autoanswer", invite.header("Alert-Info"))
        self.assertEqual(invite.header("Answer-Mode"), "Auto")
        self.assertEqual(await bob.calls(), [])
        await alice.answer()
        self.assertIn("sip:1201@", (await bob.wait("CALL_INCOMING"))["peeruri"])
        await alice.receives(10)
        await bob.answer()
        await bob.wait("CALL_ESTABLISHED")
        await hear_each_other(alice, bob)
        await bob.hears(440.0)
        await switch.clear_connection(ConnectionId(self.call(server), "1201"))
        await together(alice.wait("CALL_CLOSED"), bob.wait("CALL_CLOSED"))

    async def test_make_call_by_linphone(self) -> None:
        """Its answer to an INVITE without description holds the offer."""
        server = await self.plain()
        lin, bob = await together(linphone(server, "1201"), baresip(server, "1202", answer="auto"))
        await server.assembly.telephony.switch.make_call("1201", "1202")
        call = await lin.incoming()
        await lin.answer(call)
        await bob.wait("CALL_ESTABLISHED")
        # Its second description is that of bob; what it plays before is over then.
        await lin.wait("StreamsRunning", call)
        await lin.wait("StreamsRunning", call)
        await lin.play(wav(self, 660.0), call)
        await bob.receives(10)
        await lin.hangup(call)
        await bob.wait("CALL_CLOSED")

    async def test_make_call_to_a_manager_number(self) -> None:
        """Who clicked hears the greeting."""
        server = await self.plain(options='welcome = "Welcome.wav"\nmanager_timeout = 20')
        alice = await baresip(server, "1201", answer="auto")
        await server.assembly.telephony.switch.make_call("1201", "8973")
        await alice.wait("CALL_ESTABLISHED")
        await alice.receives(20)
        await alice.hangup()

    async def test_make_call_that_fails(self) -> None:
        """The own phone refuses; the called one is busy: then busy tone is heard, and the phone is released."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        alice, bob = await baresips(server, "1201", "1202")
        await switch.make_call("1201", "1202")
        await alice.wait("CALL_INCOMING")
        await alice.hangup()
        await server.quiet()
        self.assertEqual(await bob.calls(), [])
        alice.mark()
        await switch.make_call("1201", "1202")
        await alice.wait("CALL_INCOMING")
        await alice.answer()
        await bob.wait("CALL_INCOMING")
        await bob.hangup()
        await alice.receives(10)
        await alice.wait("CALL_CLOSED")
        await switch.make_call("1201", "1202")
        await alice.wait("CALL_INCOMING")
        await switch.clear_connection(ConnectionId(self.call(server), "1201"))
        await alice.wait("CALL_CLOSED")

    async def trio(self, server: Live) -> tuple[Baresip, Baresip, Baresip]:
        (alice,), (bob,), (carol,) = await together(
            baresips(server, "1201", tone=440.0),
            baresips(server, "1202", tone=880.0),
            baresips(server, "1203", tone=1320.0),
        )
        return alice, bob, carol

    async def test_deflect(self) -> None:
        """A call that rings is sent on; a phone that is not there cannot have it."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        alice, bob, carol = await self.trio(server)
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await switch.deflect_call(ConnectionId(self.call(server), "1202"), "1203")
        await together(bob.wait("CALL_CLOSED"), carol.wait("CALL_INCOMING"))
        (invite,) = [m for m in carol.received() if m.first_line.startswith("INVITE")]
        self.assertIn("sip:1202@", invite.header("Diversion"))
        await carol.answer()
        await alice.wait("CALL_ESTABLISHED")
        await hear_each_other(alice, carol)
        await alice.hangup()
        await carol.wait("CALL_CLOSED")

    async def test_pick_up(self) -> None:
        """Another phone takes a call that rings; the first one was answered elsewhere."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        alice, bob, carol = await self.trio(server)
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        ringing = ConnectionId(self.call(server), "1202")
        with self.assertRaises(ServiceError):
            await switch.directed_pickup_call(ringing, "1204")
        await switch.directed_pickup_call(ringing, "1203")
        await carol.wait("CALL_INCOMING")
        (invite,) = [m for m in carol.received() if m.first_line.startswith("INVITE")]
        self.assertEqual(invite.header("Answer-Mode"), "Auto")
        await carol.answer()
        await together(bob.wait("CALL_CLOSED"), alice.wait("CALL_ESTABLISHED"))
        (cancel,) = [m for m in bob.received() if m.first_line.startswith("CANCEL")]
        self.assertIn("Call completed elsewhere", cancel.header("Reason"))
        await hear_each_other(alice, carol)
        await carol.hangup()
        await alice.wait("CALL_CLOSED")

    async def test_transfer(self) -> None:
        """Without a word of any phone: to somebody who answers, and to somebody busy."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        alice, bob, carol = await self.trio(server)
        await talking(server, alice, bob)
        mine = ConnectionId(self.call(server), "1202")
        await switch.single_step_transfer_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await carol.hangup()
        await until(lambda: server.assembly.telephony.switch.calls()[0].connection("1203") is None, what="given back")
        await hear_each_other(alice, bob)
        carol.mark()
        await switch.single_step_transfer_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await bob.wait("CALL_CLOSED")
        await hear_each_other(alice, carol)
        await alice.hangup()
        await carol.wait("CALL_CLOSED")

    async def test_transfer_that_never_rings(self) -> None:
        """The target's phone says nothing at all; the call goes on meanwhile, and is given back."""
        server = await self.plain(sip={"t1": 0.05})
        switch = server.assembly.telephony.switch
        desk = await Desk(server, "1203", "uas_silent", stay=6.0).start()
        alice, bob = await baresips(server, "1201", "1202")
        await talking(server, alice, bob)
        await switch.single_step_transfer_call(ConnectionId(self.call(server), "1201"), "1203")
        await desk.invited()
        await hear_each_other(alice, bob)
        await until(lambda: not switch.calls_by_id[self.call(server)].ringing, what="given up")
        await hear_each_other(alice, bob)
        await alice.hangup()
        await bob.wait("CALL_CLOSED")
