"""VIP calls at real phones: against presence and both forwardings, each routing, each display, by stars (spec 1.5)."""

from magroup.model.calls import LegOutcome
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.presence import Presence
from magroup.policy import visible_to
from tests.live.case import LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import Live, company
from tests.peers import Baresip, RtpSink, until

VIP, OTHER, ELSEWHERE = "1201", "1202", "1203"
OUTSIDE = (VIP, OTHER, ELSEWHERE)
LONG = "manager_timeout = 30\nassistant_timeout = 30\n"
SHORT = "manager_timeout = 1\nassistant_timeout = 1\n"
AWAY = {"1047": Presence.AWAY, "1175": Presence.BUSY, "1068": Presence.DND}
BY_LIST = f"VIP by list entry {VIP}"


async def served(server: Live, number: str, caller: str) -> None:
    """``caller`` calls the manager; the phone of ``number``, a scripted one, takes the call."""
    desk, calling = await together(
        Desk(server, number, "uas", ring=0.1).start(), Caller(server, "uac", caller=caller).call()
    )
    await calling.finished()
    await finished(desk)


async def take(phone: Baresip, hears: RtpSink | Baresip) -> None:
    """Answer the call that rings, be heard by the caller, and hang up."""
    await phone.wait("CALL_INCOMING")
    await phone.answer()
    await phone.wait("CALL_ESTABLISHED")
    await (hears.receive(10) if isinstance(hears, RtpSink) else together(hears.receives(10), phone.receives(10)))
    await phone.hangup()


class AgainstPresence(LiveCase):
    """A VIP and somebody else call the same manager."""

    async def told(self, presence: Presence, said: str) -> None:
        server = await self.serve(company(LONG, others=OUTSIDE, vips=(VIP,)))
        server.presence("1047", presence)
        manager, assistant, vip, other = await baresips(server, "1047", "1175", VIP, OTHER)
        for caller, answering, idle in ((vip, manager, assistant), (other, assistant, manager)):
            await caller.dial(server.uri("8973"))
            await take(answering, caller)
            await caller.idle()
            self.assertEqual(await idle.calls(), [])
        await server.quiet()
        self.assertEqual(
            await server.stories(), [f"{BY_LIST}; answered by S1047", f"manager {said}; answered by S1175"]
        )
        self.assertEqual([record.is_vip for record in await server.records()], [True, False])

    async def test_away(self) -> None:
        await self.told(Presence.AWAY, "Away")

    async def test_do_not_disturb(self) -> None:
        await self.told(Presence.DND, "Do Not Disturb")


class AgainstForwarding(LiveCase):
    """The application's is passed, the line's holds."""

    async def test_application_forwarding(self) -> None:
        """To the group and to a number: the VIP has the manager, others follow the forwarding."""
        server = await self.serve(company(LONG, others=OUTSIDE, vips=(VIP,)))
        manager, assistant, elsewhere = await baresips(server, "1047", "1175", ELSEWHERE)
        for forwarding, answering in (
            (Forwarding(ForwardTo.GROUP), assistant), (Forwarding(ForwardTo.NUMBER, ELSEWHERE), elsewhere),
        ):  # fmt: skip
            server.forward_calls_of("1047", forwarding)
            for caller, phone in ((VIP, manager), (OTHER, answering)):
                calling = await Caller(server, caller=caller).call()
                await take(phone, calling.sink)
                await calling.finished()
                await phone.idle()
        await server.quiet()
        self.assertEqual(await server.stories(), [
            f"{BY_LIST}; answered by S1047", "manager forwards to the group; answered by S1175",
            f"{BY_LIST}; answered by S1047", f"manager forwards to {ELSEWHERE}; answered by {ELSEWHERE}",
        ])  # fmt: skip

    async def test_line_forwarding(self) -> None:
        """The manager's phone stays silent; whoever has the number sees where the call comes from."""
        server = await self.serve(company(LONG, others=OUTSIDE, vips=(VIP,)))
        server.forward("1047", Forwarding(ForwardTo.NUMBER, ELSEWHERE))
        server.forward_calls_of("1047", Forwarding(ForwardTo.GROUP))
        server.presence("1047", Presence.DND)
        manager, elsewhere = await desks(Desk(server, "1047", "uas"), Desk(server, ELSEWHERE, "uas", ring=0.1))
        caller = await Caller(server, "uac", caller=VIP).call()
        await caller.finished()
        await finished(elsewhere)
        self.assertEqual(manager.requests(), [])
        self.assertIn("sip:1047@", (await elsewhere.invited()).header("Diversion"))
        await self.over(server, f"{BY_LIST}; S1047's line forwarded to {ELSEWHERE}; answered by S1047")


class Routing(LiveCase):
    """The manager does not answer."""

    async def routed(self, routing: str, more: str = "") -> Live:
        text = f'{SHORT}vip_routing = "{routing}"\noverflow = "{ELSEWHERE}"\n{more}'
        return await self.serve(company(text, others=OUTSIDE, vips=(VIP,)))

    async def test_to_all(self) -> None:
        """One assistant after the other, whatever the presence."""
        server = await self.routed("all")
        for number, presence in AWAY.items():
            server.presence(number, presence)
        manager, first, second = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas_ring"), Desk(server, "1068", "uas", ring=0.1)
        )  # fmt: skip
        caller = await Caller(server, "uac", caller=VIP).call()
        await caller.finished()
        await finished(manager, first, second)
        await self.over(server, f"{BY_LIST}; manager rang; assistant S1175 rang; answered by S1068")

    async def test_to_manager_only(self) -> None:
        """Nobody rings beside the manager nor after: overflow."""
        server = await self.routed("manager only", "ring_parallel = true\n")
        manager, first, second, overflow = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas"), Desk(server, "1068", "uas"),
            Desk(server, ELSEWHERE, "uas", ring=0.1),
        )  # fmt: skip
        caller = await Caller(server, "uac", caller=VIP).call()
        await caller.finished()
        await finished(manager, overflow)
        self.assertEqual((first.requests(), second.requests()), ([], []))
        await self.over(server, f"{BY_LIST}; manager rang; VIP to manager only; overflow to {ELSEWHERE}")

    async def test_to_the_available(self) -> None:
        """Neither the one who is busy nor the one whose line is forwarded."""
        server = await self.routed("available", "ring_parallel = true\n")
        server.presence("1047", Presence.AWAY)
        server.presence("1175", Presence.BUSY)
        server.forward("1175", Forwarding(ForwardTo.NUMBER, OTHER))
        manager, first, second, other = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas"), Desk(server, "1068", "uas", ring=0.2),
            Desk(server, OTHER, "uas"),
        )  # fmt: skip
        caller = await Caller(server, "uac", caller=VIP).call()
        await caller.finished()
        await finished(manager, second)
        self.assertEqual((first.requests(), other.requests()), ([], []))
        call = await self.over(server, f"{BY_LIST}; S1175 status Busy; manager rang; answered by S1068")
        self.assertEqual({leg.number: leg.outcome for leg in call.legs}["1047"], LegOutcome.ELSEWHERE)


class Shown(LiveCase):
    """What the phones that ring show, and who else may see the call."""

    MASK = 'caller_name = "%managerShortName%: %callerName%"\n'
    NAME = 'first_name = "Zoë"\nlast_name = "Šimić ☎"'

    async def shown(self, show: str, manager_sees: str, assistant_sees: str) -> Live:
        """The manager's phone rings, then the assistant's, who takes the call."""
        options = f'{SHORT}{self.MASK}show_vip_calls = "{show}"\n'
        text = company(options, people=("1047", "1175"), others=OUTSIDE, vips=(VIP,))
        server = await self.serve(text.replace(f'first_name = "First{VIP}"\nlast_name = "Last"', self.NAME))
        manager, assistant = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas", ring=0.5))
        caller = await Caller(server, "uac", caller=VIP, stay=0.3).call()
        for desk, name in ((manager, manager_sees), (assistant, assistant_sees)):
            invite = await desk.invited()
            self.assertTrue(invite.header("From").startswith(f'"{name}" <sip:{VIP}@'), invite.header("From"))
            await self.seen(server, desk.number, is_hidden=show == "manager")
        await caller.finished()
        await finished(manager, assistant)
        await self.over(server, f"{BY_LIST}; manager rang; answered by S1175")
        return server

    async def seen(self, server: Live, rings: str, is_hidden: bool) -> None:
        """While ``rings`` rings: who has that line sees the call, the others as the group wants."""
        (call,) = server.assembly.telephony.switch.calls()
        vip = server.assembly.application.vip(call.id)
        self.assertTrue(visible_to(vip, {rings}, (rings,)))
        self.assertEqual(visible_to(vip, {rings}, ("1068",)), not is_hidden)

    async def test_manager_only(self) -> None:
        await self.shown("manager", "Zoë Šimić ☎", "S1047: Zoë Šimić ☎")

    async def test_to_all(self) -> None:
        await self.shown("all", "Zoë Šimić ☎", "S1047: Zoë Šimić ☎")

    async def test_marked(self) -> None:
        await self.shown("marked", "Zoë Šimić ☎ <VIP>", "S1047: Zoë Šimić ☎ <VIP>")

    async def test_marked_on_a_real_phone(self) -> None:
        """It shows the mark, and the call back goes to the caller's number."""
        server = await self.serve(company(f'{LONG}show_vip_calls = "marked"\n', others=OUTSIDE, vips=(VIP,)))
        (manager,) = await baresips(server, "1047")
        caller = await Caller(server, caller=VIP).call()
        ringing = await manager.wait("CALL_INCOMING")
        self.assertEqual(ringing["peerdisplayname"], f"First{VIP} Last <VIP>")
        self.assertIn(f"sip:{VIP}@", ringing["peeruri"])
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hangup()
        await caller.finished()
        await self.over(server, f"{BY_LIST}; answered by S1047")


class ByStars(LiveCase):
    """Users who call from their lines."""

    async def test_threshold(self) -> None:
        """Four stars are enough, three are not; above five nobody's are."""
        stars = {VIP: "stars = 4", OTHER: "stars = 3"}
        for threshold, told in (
            (4, ["VIP by stars: 4; answered by S1047", "manager Away; answered by S1175"]),
            (6, ["manager Away; answered by S1175"] * 2),
        ):
            server = await self.serve(company(f"{LONG}vip_threshold = {threshold}\n", others=OUTSIDE, users=stars))
            server.presence("1047", Presence.AWAY)
            manager, assistant = await desks(
                Desk(server, "1047", "uas", calls=None), Desk(server, "1175", "uas", calls=None)
            )  # fmt: skip
            for caller in (VIP, OTHER):
                await (await Caller(server, "uac", caller=caller).call()).finished()
            await together(manager.sipp.dismiss(), assistant.sipp.dismiss())
            await server.quiet()
            self.assertEqual(await server.stories(), told)
            await server.stop()

    async def test_threshold_of_nothing(self) -> None:
        """Every caller is VIP."""
        server = await self.serve(company(f"{LONG}vip_threshold = 0\n", others=OUTSIDE))
        server.presence("1047", Presence.DND)
        await served(server, "1047", OTHER)
        call = await self.over(server, "VIP like every caller; answered by S1047")
        self.assertTrue(call.is_vip)


class Meanwhile(LiveCase):
    """What a VIP call is was decided when it came."""

    async def test_taken_off_the_list(self) -> None:
        """The manager's list is emptied while the phone rings: the call stays what it is."""
        options = f'{SHORT}vip_routing = "manager only"\noverflow = "busy"\n'
        server = await self.serve(company(options, others=OUTSIDE, vips=(VIP,)))
        manager, assistant = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas"))
        caller = await Caller(server, "uac_refused", caller=VIP).call()
        await manager.invited()
        await server.take_company(company(options, others=OUTSIDE))
        await until(lambda: not server.configuration.vips, what="no VIPs")
        self.assertEqual((await caller.finished()).statuses[-1], 486)
        await finished(manager)
        self.assertEqual(assistant.requests(), [])
        await self.over(server, f"{BY_LIST}; manager rang; VIP to manager only; overflow busy")
