"""Forwarded lines on real phones: to each kind of target, by each way to the line, in groups, and after a restart."""

from dataclasses import replace

from magroup.groups import ForwardingError
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.model.presence import Presence
from tests.live.case import LiveCase
from tests.live.pbx import LINES, PbxCase, baresip, hear_each_other, linphone, talking, trunk
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import Live, company
from tests.peers import Sipp, SipText, until

MOBILE, BOX, PILOT = "0791234567", "81202", "80000"
TO_MOBILE, TO_VOICEMAIL = Forwarding(ForwardTo.MOBILE), Forwarding(ForwardTo.VOICEMAIL)


def to_number(number: str) -> Forwarding:
    return Forwarding(ForwardTo.NUMBER, number)


def to_member(server: Live, number: str) -> Forwarding:
    """To the member of the group whose line this is."""
    (member,) = (m for m in server.assembly.current.value.members if m.number == number)
    return Forwarding(ForwardTo.MEMBER, member_id=member.id)


def forward(server: Live, number: str, forwarding: Forwarding) -> None:
    """Forward a line."""
    server.assembly.application.forwarding.set_line(number, forwarding, "test")


def way(invite: SipText) -> tuple[list[str], list[str]]:
    """The numbers of Diversion, the last one that sent the call on first, and of History-Info."""
    lines = invite.text.splitlines()

    def numbers(name: str) -> list[str]:
        values = [line.partition(":")[2] for line in lines if line.lower().startswith(f"{name}:")]
        return [value.partition("sip:")[2].partition("@")[0] for text in values for value in text.split(",")]

    return numbers("diversion"), numbers("history-info")


class Targets(PbxCase):
    """1201 calls 1202."""

    async def forwarding(self, more: str = "", people: tuple[str, ...] = ("1047",)) -> Live:
        """A server; the user of 1202 has a mobile number and a mailbox."""
        server = Live(self, "", sip={"options_ping_interval": 0})
        user = 'name = "u1202"\n'
        text = company("", people, LINES, more).replace(user, f'{user}mobile = "{MOBILE}"\nvoicemail = "{BOX}"\n')
        server.company.write_text(text)
        await server.start()
        self.addCleanup(server.quiet)
        return server

    async def test_number(self) -> None:
        """Another line, then over a second one: it sees who calls and from where; nobody else rings."""
        server = await self.forwarding()
        alice, bob, carol = await baresips(server, "1201", "1202", "1203")
        forward(server, "1202", to_number("1203"))
        await alice.dial(server.uri("1202"))
        self.assertIn("sip:1201@", (await carol.wait("CALL_INCOMING"))["peeruri"])
        (invite,) = [m for m in carol.received() if m.first_line.startswith("INVITE")]
        self.assertEqual(way(invite), (["1202"], ["1202", "1203"]))
        await carol.answer()
        await alice.wait("CALL_ESTABLISHED")
        await hear_each_other(alice, carol)
        await alice.hangup()
        await carol.wait("CALL_CLOSED")
        self.assertEqual([m for m in bob.received() if m.first_line.startswith("INVITE")], [])
        await server.quiet()
        self.assertEqual(await server.story(), "First1202 Last's line forwarded to 1203")
        (record,) = await server.records()
        self.assertEqual((record.called_number, [leg.number for leg in record.legs]), ("1202", ["1201", "1203"]))

    async def test_chain_and_circle(self) -> None:
        """1202 to 1203 to 1204; back again is refused, and what was set before holds."""
        server = await self.forwarding()
        (target,) = await desks(Desk(server, "1204", "uas", ring=0.1))
        forward(server, "1202", to_number("1203"))
        forward(server, "1203", to_number("1204"))
        with self.assertRaises(ForwardingError) as refused:
            forward(server, "1204", to_number("1202"))
        self.assertIn("1204 → 1202 → 1203 → 1204", str(refused.exception))
        await (await Caller(server, "uac", service="1202").call()).finished()
        await finished(target)
        self.assertEqual(way(await target.invited()), (["1203", "1202"], ["1202", "1203", "1204"]))

    async def test_mobile(self) -> None:
        """Over the trunk, with what carriers ask for; what is wrong there is told here."""
        pbx = await Sipp(self, "uas", ring=0.1).start()
        server = await self.forwarding(trunk(pbx.ip, "default = true"))
        forward(server, "1202", TO_MOBILE)
        await (await Caller(server, "uac", service="1202").call()).finished()
        await pbx.finished()
        invite = await pbx.message("INVITE")
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:{MOBILE}@{pbx.ip}"))
        self.assertEqual(way(invite), (["1202"], ["1202", MOBILE]))
        self.assertIn("sip:1201@", invite.header("P-Asserted-Identity"))
        busy = await Sipp(self, "uas_code", ip=pbx.ip, keys={"code": "486", "reason": "Busy Here"}).start()
        refused = await Caller(server, "uac_refused", service="1202").call()
        await refused.heard(486)
        await together(refused.finished(), busy.finished())

    async def test_voicemail(self) -> None:
        """The pilot number, diverted from the mailbox."""
        pilot = await Sipp(self, "uas", ring=0.1).start()
        server = await self.forwarding(trunk(pilot.ip, "default = true"))
        application = server.assembly.application
        application.settings = replace(application.settings, voicemail=PILOT)
        forward(server, "1202", TO_VOICEMAIL)
        await (await Caller(server, "uac", service="1202").call()).finished()
        await pilot.finished()
        invite = await pilot.message("INVITE")
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:{PILOT}@"))
        self.assertEqual(way(invite), ([BOX, "1202"], ["1202", BOX, PILOT]))

    async def test_member(self) -> None:
        """Wherever the member's line is."""
        server = await self.forwarding(people=("1047", "1175"))
        (member,) = await desks(Desk(server, "1175", "uas", ring=0.1))
        forward(server, "1202", to_member(server, "1175"))
        await (await Caller(server, "uac", service="1202").call()).finished()
        await finished(member)
        self.assertEqual(way(await member.invited()), (["1202"], ["1202", "1175"]))

    async def test_manager_number(self) -> None:
        """The group takes the call; the manager's phone is told of the line."""
        server = await self.forwarding()
        (manager,) = await desks(Desk(server, "1047", "uas", ring=0.1))
        forward(server, "1202", to_number("8973"))
        await (await Caller(server, "uac", service="1202").call()).finished()
        await finished(manager)
        self.assertEqual(way(await manager.invited()), (["1202"], ["1202", "1047"]))
        await server.quiet()
        self.assertEqual(await server.story(), "First1202 Last's line forwarded to 8973; answered by S1047")

    async def test_not_reached(self) -> None:
        """Busy, without a phone, unknown: the caller hears so; and rings again when it is taken back."""
        server = await self.forwarding()
        (busy,) = await desks(Desk(server, "1203", "uas_busy"))
        for target, status in (("1203", 486), ("1204", 480), ("4711", 404)):
            forward(server, "1202", to_number(target))
            refused = await Caller(server, "uac_refused", service="1202").call()
            await refused.heard(status)
            await refused.finished()
        await finished(busy)
        forward(server, "1202", NO_FORWARDING)
        (own,) = await desks(Desk(server, "1202", "uas", ring=0.1))
        await (await Caller(server, "uac", service="1202").call()).finished()
        await finished(own)


class Ways(PbxCase):
    """1204 is forwarded to 1203; calls come there in other ways than by dialling it."""

    async def test_redirected(self) -> None:
        """A phone sends its call there by 302."""
        server = await self.plain()
        forward(server, "1204", to_number("1203"))
        first, target = await desks(
            Desk(server, "1202", "uas_redirect", keys={"contact": f"sip:1204@{server.address}"}),
            Desk(server, "1203", "uas", ring=0.1),
        )
        await (await Caller(server, "uac", service="1202").call()).finished()
        await finished(first, target)
        self.assertEqual(way(await target.invited()), (["1204", "1202"], ["1202", "1204", "1203"]))

    async def test_blind_transfer(self) -> None:
        server = await self.plain()
        forward(server, "1204", to_number("1203"))
        alice, bob, carol = await baresips(server, "1201", "1202", "1203")
        await talking(server, alice, bob)
        await bob.transfer(server.uri("1204"))
        self.assertIn("sip:1201@", (await carol.wait("CALL_INCOMING"))["peeruri"])
        (invite,) = [m for m in carol.received() if m.first_line.startswith("INVITE")]
        self.assertEqual(way(invite)[0], ["1204"])
        await carol.answer()
        await bob.wait("CALL_CLOSED")
        await hear_each_other(alice, carol)
        await carol.hangup()
        await alice.wait("CALL_CLOSED")

    async def test_attended_transfer(self) -> None:
        """Asked at the forwarded line, and joined with the one who answered there."""
        server = await self.plain()
        forward(server, "1204", to_number("1203"))
        lin, bob, carol = await together(linphone(server, "1201"), baresip(server, "1202"), baresip(server, "1203"))
        first = await lin.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        await bob.answer()
        await lin.wait("StreamsRunning", first)
        await lin.hold(first)
        second = await lin.dial(server.uri("1204"))
        await carol.wait("CALL_INCOMING")
        await carol.answer()
        await lin.wait("StreamsRunning", second)
        await lin.transfer_attended(first, second)
        await lin.wait("Released", first)
        await hear_each_other(bob, carol)
        await bob.hangup()
        await carol.wait("CALL_CLOSED")

    async def test_by_service(self) -> None:
        """A call made for somebody, and one sent on from a phone that rings."""
        server = await self.plain()
        switch = server.assembly.telephony.switch
        forward(server, "1204", to_number("1203"))
        alice, bob, carol = await baresips(server, "1201", "1202", "1203")
        await switch.make_call("1201", "1204")
        await alice.wait("CALL_INCOMING")
        await alice.answer()
        await carol.wait("CALL_INCOMING")
        await alice.hangup()
        await carol.wait("CALL_CLOSED")
        await alice.dial(server.uri("1202"))
        await bob.wait("CALL_INCOMING")
        (call,) = switch.calls()
        ringing = call.connection("1202")
        assert ringing is not None
        await switch.deflect_call(ringing.id, "1204")
        await together(bob.wait("CALL_CLOSED"), carol.wait("CALL_INCOMING"))
        await carol.answer()
        await alice.wait("CALL_ESTABLISHED")
        await alice.hangup()
        await carol.wait("CALL_CLOSED")


class InGroups(LiveCase):
    """Members whose lines are forwarded; nobody passes that."""

    SHORT = "manager_timeout = 1\nassistant_timeout = 20\n"
    OTHERS = ("1201", "1202", "1203")

    async def test_manager_and_assistant(self) -> None:
        """Each is rung where the own line is forwarded to, though the assistant is away."""
        server = await self.serve(company(self.SHORT, people=("1047", "1175"), others=self.OTHERS))
        managers, assistants = await desks(Desk(server, "1202", "uas_ring"), Desk(server, "1203", "uas", ring=0.1))
        forward(server, "1047", to_number("1202"))
        forward(server, "1175", to_number("1203"))
        server.presence("1175", Presence.AWAY)
        await (await Caller(server, "uac").call()).finished()
        await finished(managers, assistants)
        self.assertEqual(way(await managers.invited()), (["1047"], ["1047", "1202"]))
        self.assertEqual(way(await assistants.invited()), (["1175"], ["1175", "1203"]))
        await self.over(
            server, "S1047's line forwarded to 1202; manager rang; S1175's line forwarded to 1203; answered by S1175"
        )

    async def test_vip(self) -> None:
        """A VIP gets the manager who is away, and forwards what others call; but at the forwarded line."""
        server = await self.serve(
            company(self.SHORT, people=("1047", "1175"), others=self.OTHERS, vips=("1201",))
        )  # fmt: skip
        (target,) = await desks(Desk(server, "1202", "uas", ring=0.1))
        forward(server, "1047", to_number("1202"))
        (manager,) = (m for m in server.assembly.current.value.members if m.is_manager)
        server.assembly.application.forwarding.set_application(manager.id, Forwarding(ForwardTo.GROUP), "test")
        server.presence("1047", Presence.AWAY)
        await (await Caller(server, "uac").call()).finished()
        await finished(target)
        self.assertEqual(way(await target.invited())[0], ["1047"])
        record = await self.over(server, "VIP by list entry 1201; S1047's line forwarded to 1202; answered by S1047")
        self.assertTrue(record.is_vip)

    async def test_directly_to_the_manager(self) -> None:
        """An assistant's call is one to the line, which is forwarded."""
        server = await self.serve(
            company(f"{self.SHORT}assistant_to_manager = true\n", people=("1047", "1175"), others=self.OTHERS)
        )  # fmt: skip
        (target,) = await desks(Desk(server, "1202", "uas", ring=0.1))
        forward(server, "1047", to_number("1202"))
        await (await Caller(server, "uac", caller="1175").call()).finished()
        await finished(target)
        self.assertEqual(way(await target.invited()), (["1047"], ["1047", "1202"]))
        await self.over(server, "S1175 directly to the manager; First1047 Last's line forwarded to 1202")

    async def test_overflow(self) -> None:
        """To a line that is forwarded."""
        server = await self.serve(company('overflow = "1202"\n', people=("1047",), others=self.OTHERS))
        (target,) = await desks(Desk(server, "1203", "uas", ring=0.1))
        forward(server, "1202", to_number("1203"))
        await (await Caller(server, "uac").call()).finished()
        await finished(target)
        self.assertEqual(way(await target.invited()), (["1202", "8973"], ["8973", "1202", "1203"]))
        await self.over(
            server, "manager's line out of service; overflow to 1202; First1202 Last's line forwarded to 1203"
        )

    async def test_restart(self) -> None:
        """Both kinds are as they were, and calls follow them at once."""
        server = await self.serve(company(self.SHORT, people=("1047", "1175"), others=self.OTHERS))
        forward(server, "1203", to_number("1202"))
        forward(server, "1201", to_number("1203"))
        forward(server, "1201", NO_FORWARDING)
        (manager,) = (m for m in server.assembly.current.value.members if m.is_manager)
        server.assembly.application.forwarding.set_application(manager.id, to_number("1203"), "test")
        before = server.assembly.application.forwarding
        await server.stop()
        await server.start(take_company=False)
        book = server.assembly.application.forwarding
        self.assertIsNot(book, before)
        self.assertEqual(book.of_line("1203"), before.of_line("1203"))
        self.assertEqual(book.of_line("1203").changed_by, "test")
        self.assertEqual(book.of_line("1201").to, ForwardTo.NONE)
        self.assertEqual(book.of_member(manager.id), before.of_member(manager.id))
        (target,) = await desks(Desk(server, "1202", "uas", ring=0.1, calls=2))
        for number in ("1203", "8973"):
            await (await Caller(server, "uac", service=number).call()).finished()
        await finished(target)
        await until(lambda: not server.left()["calls"], what="no call")
        self.assertEqual(way(await target.sipp.message("INVITE", count=2))[0], ["1203", "8973"])
        await server.quiet()
