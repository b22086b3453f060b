"""Calls held, taken back, consulted, joined and transferred by services, on phones that need not know how."""

from magroup.cti.events import DigitsGenerated, Failed, Transferred
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from tests.live.pbx import PbxCase, Reports, hear_each_other, linphone, talking, wav
from tests.live.phones import baresips, together
from tests.live.server import Live
from tests.peers import Baresip, until


class Steering(PbxCase):
    """What a click in the gadget does with a call that is up."""

    async def trio(self) -> tuple[Live, Reports, Baresip, Baresip, Baresip, ConnectionId]:
        """Alice has called Bob, and they talk; Carol is there. Bob's connection."""
        server = await self.plain()
        reports = Reports(server)
        alice, bob, carol = await baresips(server, "1201", "1202", "1203")
        await talking(server, alice, bob)
        await hear_each_other(alice, bob)
        (call,) = server.assembly.telephony.switch.calls()
        return server, reports, alice, bob, carol, ConnectionId(call.id, "1202")

    def way(self, phone: Baresip) -> str:
        """What the phone was told last about who may send."""
        return [m.direction() for m in phone.sdps() if m in phone.received()][-1]

    async def held(self, phone: Baresip) -> None:
        """Wait until the phone has been told that it is held."""
        await until(lambda: self.way(phone) == "sendonly", what=f"{phone.name} held", seen=phone.report)

    async def settled(self, server: Live, mine: ConnectionId) -> None:
        """Wait until both phones have answered what a service changed."""
        calls = server.assembly.telephony.switch.calls_by_id
        await until(lambda: calls[mine.call_id].steering is None, what="settled")

    async def told(self, reports: Reports, device: str, *names: str) -> None:
        """Wait until these were the device's last events."""
        await until(lambda: reports.of(device)[-len(names) :] == list(names), what=str(names),
                    seen=lambda: str(reports.of(device)))  # fmt: skip

    async def test_hold_and_retrieve(self) -> None:
        """By either end; both are heard again."""
        server, reports, alice, bob, _, mine = await self.trio()
        switch = server.assembly.telephony.switch
        for holds, other in ((bob, alice), (alice, bob)):
            own = ConnectionId(mine.call_id, holds.name)
            await switch.hold_call(own)
            await self.told(reports, holds.name, "Held")
            await self.held(other)
            self.assertEqual(self.way(holds), "inactive")
            await self.settled(server, mine)
            await switch.retrieve_call(own)
            await self.told(reports, holds.name, "Retrieved")
            await hear_each_other(alice, bob)
        await bob.hangup()
        await alice.wait("CALL_CLOSED")

    async def test_key_after_service(self) -> None:
        """The phone's own hold and resume end the service's hold."""
        server, reports, alice, bob, _, mine = await self.trio()
        await server.assembly.telephony.switch.hold_call(mine)
        await self.held(alice)
        await self.settled(server, mine)
        await bob.hold()
        await bob.resume()
        await self.told(reports, "1202", "Held", "Retrieved")
        await hear_each_other(alice, bob)
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_consulted_and_joined(self) -> None:
        """Bob asks Carol, and leaves Alice to her; the journal knows that it was one story."""
        server, reports, alice, bob, carol, mine = await self.trio()
        switch = server.assembly.telephony.switch
        active = await switch.consultation_call(mine, "1203")
        self.assertIn("sip:1202@", (await carol.wait("CALL_INCOMING"))["peeruri"])
        await bob.receives(10)
        await carol.answer()
        await hear_each_other(bob, carol)
        await self.held(alice)
        await switch.transfer_call(mine, active)
        await bob.wait("CALL_CLOSED")
        await hear_each_other(alice, carol)
        (transferred,) = [event for event in reports.events if isinstance(event, Transferred)]
        self.assertEqual((transferred.device, transferred.transferred_to.number), ("1202", "1203"))
        await carol.hangup()
        await alice.wait("CALL_CLOSED")
        first, second = sorted(await server.records(), key=lambda record: record.started_at)
        self.assertEqual((second.transferred_to, first.transferred_from), (first.id, second.id))
        self.assertEqual([leg.number for leg in first.legs], ["1201", "1202", "1203"])
        self.assertEqual([leg.number for leg in second.legs], ["1202", "1203"])

    async def test_consulted_and_back(self) -> None:
        """Back and forth, and back to Alice; first while Carol rings, then when she has answered."""
        server, _, alice, bob, carol, mine = await self.trio()
        switch = server.assembly.telephony.switch
        active = await switch.consultation_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await switch.reconnect_call(active, mine)
        await carol.wait("CALL_CLOSED")
        await hear_each_other(alice, bob)
        carol.mark()
        active = await switch.consultation_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await hear_each_other(bob, carol)
        await switch.alternate_call(mine, active)
        await hear_each_other(alice, bob)
        await self.held(carol)
        await switch.reconnect_call(mine, active)
        await alice.wait("CALL_CLOSED")
        await hear_each_other(bob, carol)
        await carol.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_consulted_one_is_busy(self) -> None:
        """Bob hears so and goes back; the next one does not answer for his transfer: Alice is given back to him."""
        server, reports, alice, bob, carol, mine = await self.trio()
        switch = server.assembly.telephony.switch
        active = await switch.consultation_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await carol.hangup()
        await until(lambda: [e.cause for e in reports.events if isinstance(e, Failed)] == [Cause.BUSY], what="busy")
        await switch.reconnect_call(active, mine)
        await hear_each_other(alice, bob)
        carol.mark()
        bob.mark()
        active = await switch.consultation_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await switch.transfer_call(mine, active)
        await bob.wait("CALL_CLOSED")
        await carol.hangup()
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await hear_each_other(alice, bob)
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_the_consulting_phone_hangs_up(self) -> None:
        """It is rung for the one who waits, who hears ringback."""
        server, _, alice, bob, carol, mine = await self.trio()
        await server.assembly.telephony.switch.consultation_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await hear_each_other(bob, carol)
        await bob.hangup()
        await together(carol.wait("CALL_CLOSED"), bob.wait("CALL_INCOMING"))
        await alice.receives(10)
        await bob.answer()
        await hear_each_other(alice, bob)
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_single_step_from_hold(self) -> None:
        """To somebody busy, where it stays on hold, and to somebody who answers."""
        server, reports, alice, bob, carol, mine = await self.trio()
        switch = server.assembly.telephony.switch
        await switch.hold_call(mine)
        await self.told(reports, "1202", "Held")
        await self.settled(server, mine)
        await switch.single_step_transfer_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await carol.hangup()
        await self.told(reports, "1203", "Delivered", "Failed")
        (call,) = switch.calls()
        self.assertIs(call.connections[1].state, ConnectionState.HOLD)
        carol.mark()
        await switch.single_step_transfer_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await bob.wait("CALL_CLOSED")
        await hear_each_other(alice, carol)
        await alice.hangup()
        await carol.wait("CALL_CLOSED")

    async def test_a_group_is_asked(self) -> None:
        """Bob hears its greeting, and leaves Alice to it, who hears it from its beginning."""
        server = await self.plain(options='welcome = "Welcome.wav"\nmanager_timeout = 20')
        switch = server.assembly.telephony.switch
        alice, bob = await baresips(server, "1201", "1202")
        await talking(server, alice, bob)
        (call,) = switch.calls()
        mine = ConnectionId(call.id, "1202")
        active = await switch.consultation_call(mine, "8973")
        await bob.receives(20)
        new = await switch.transfer_call(mine, active)
        await bob.wait("CALL_CLOSED")
        await alice.receives(20)
        self.assertEqual([call.id for call in switch.calls()], [new.call_id])
        await alice.hangup()

    async def test_digits(self) -> None:
        """By INFO, one after another."""
        server, reports, alice, bob, _, mine = await self.trio()
        await server.assembly.telephony.switch.generate_digits(mine, "4#")
        for digit in "4#":
            self.assertEqual((await alice.wait("CALL_DTMF_START"))["param"], digit)
        await until(lambda: len([e for e in reports.events if isinstance(e, DigitsGenerated)]) == 2, what="told")
        await alice.hangup()
        await bob.wait("CALL_CLOSED")

    async def test_not_disturbed_and_forwarded(self) -> None:
        """What is set by service holds for the next call, and is in the book that everybody reads."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        reports = Reports(server)
        alice, bob, carol = await baresips(server, "1201", "1202", "1203")
        await switch.set_do_not_disturb("1202", True)
        await alice.dial(server.uri("1202"))
        self.assertIn("480", (await alice.wait("CALL_CLOSED"))["param"])
        await switch.set_forwarding("1202", Forwarding(ForwardTo.NUMBER, "1203", changed_by="u1202"))
        self.assertEqual(server.assembly.application.forwarding.of_line("1202").changed_by, "u1202")
        await alice.dial(server.uri("1202"))
        await carol.wait("CALL_INCOMING")
        await carol.hangup()
        await alice.wait("CALL_CLOSED")
        await switch.set_forwarding("1202", NO_FORWARDING)
        await switch.set_do_not_disturb("1202", False)
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await alice.hangup()
        await bob.wait("CALL_CLOSED")
        told = [name for name in reports.of("1202") if name.endswith("Set")]
        self.assertEqual(told, ["DoNotDisturbSet", "ForwardingSet", "ForwardingSet", "DoNotDisturbSet"])

    async def test_linphone(self) -> None:
        """It is held, takes part in a consultation, and goes back."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        lin, (bob, carol) = await together(linphone(server, "1201"), baresips(server, "1202", "1203"))  # type: ignore[misc]
        call = await lin.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", call)
        (known,) = switch.calls()
        mine = ConnectionId(known.id, "1201")
        active = await switch.consultation_call(mine, "1203")
        await carol.wait("CALL_INCOMING")
        await lin.wait("PausedByRemote", call)
        await lin.wait("StreamsRunning", call)
        await carol.answer()
        await lin.wait("StreamsRunning", call)
        await lin.play(wav(self, 660.0), call)
        await carol.receives(10)
        await self.held(bob)
        await switch.reconnect_call(active, mine)
        await carol.wait("CALL_CLOSED")
        await lin.wait("PausedByRemote", call)
        await lin.wait("StreamsRunning", call)
        await lin.play(wav(self, 660.0), call)
        await bob.receives(10)
        await lin.hangup(call)
        await bob.wait("CALL_CLOSED")
