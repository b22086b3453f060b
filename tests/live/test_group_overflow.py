"""Groups that overflow to each other, on real phones: greetings, who rings, the way back, the journal (spec 1.2.6)."""

from magroup.model.calls import LegOutcome
from magroup.model.forwarding import Forwarding, ForwardTo
from tests.live.case import FIRST, GREETING, SECOND, LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company, group

SHORT = "manager_timeout = 1\nassistant_timeout = 1\n"
TO_SECOND, TO_FIRST = 'overflow = "group:Second"\n', 'overflow = "group:MA Group"\n'
BUSY_TONE = 425.0


class Chain(LiveCase):
    """The second group's flow, as if its number had been dialled."""

    async def test_there_and_answered(self) -> None:
        """Both greetings in full, one call throughout; its legs belong to the group that rang them."""
        second = group("Second", "8974", f'manager_timeout = 30\nwelcome = "{SECOND}"\n', ("1202", "1203"))
        first = company(
            f'{SHORT}welcome = "{GREETING}"\nannouncements = ["{FIRST}"]\n{TO_SECOND}', people=("1047",),
            others=("1201", "1202", "1203"), more=second,
        )  # fmt: skip
        server = await self.serve(first)
        (caller, answering), (manager,) = await together(
            baresips(server, "1201", "1202", tone=880.0), desks(Desk(server, "1047", "uas_ring"))
        )  # fmt: skip
        await caller.dial(server.uri("8973"))
        await caller.hears_file(server.sound_file(GREETING))
        await finished(manager)
        await caller.hears_file(server.sound_file(SECOND))
        await answering.wait("CALL_INCOMING")
        await answering.answer()
        await answering.wait("CALL_ESTABLISHED")
        await together(caller.receives(20), answering.receives(20))
        await answering.hangup()
        await caller.idle()
        call = await self.over(
            server, "greeting; manager rang; overflow to group Second; greeting; answered by S1202"
        )  # fmt: skip
        legs = [(leg.number, leg.group_id, leg.outcome) for leg in call.legs if leg.inbound]
        self.assertEqual(legs, [("1047", 1, LegOutcome.MISSED), ("1202", 2, LegOutcome.ANSWERED)])
        self.assertEqual((call.group_id, call.overflow), (1, "group:2"))

    async def test_to_the_number_of_the_group(self) -> None:
        """A number that is a group's is that group."""
        second = group("Second", "8974", f'{SHORT}overflow = "busy"\n', ("1202",))
        server = await self.serve(
            company(f'{SHORT}overflow = "8974"\n', people=("1047",), others=("1201", "1202"), more=second)
        )  # fmt: skip
        (answering,) = await desks(Desk(server, "1202", "uas", ring=0.1))
        await (await Caller(server, "uac").call()).finished()
        await finished(answering)
        await self.over(server, "manager's line out of service; overflow to group Second; answered by S1202")

    async def test_one_who_is_in_both(self) -> None:
        """Rung in the first group as an assistant, and once more in the second as its manager."""
        second = group("Second", "8974", f'{SHORT}overflow = "busy"\n', ("1175",))
        server = await self.serve(company(f"{SHORT}{TO_SECOND}", people=("1047", "1175"), more=second))
        (phone,) = await baresips(server, "1175")
        caller = await Caller(server).call()
        await phone.wait("CALL_INCOMING")
        await phone.wait("CALL_CLOSED")
        await phone.wait("CALL_INCOMING")
        await phone.answer()
        await phone.wait("CALL_ESTABLISHED")
        await phone.hangup()
        await caller.finished()
        call = await self.over(
            server,
            "manager's line out of service; assistant S1175 rang; overflow to group Second; answered by S1175",
        )  # fmt: skip
        legs = [(leg.group_id, leg.outcome) for leg in call.legs if leg.inbound]
        self.assertEqual(legs, [(1, LegOutcome.MISSED), (2, LegOutcome.ANSWERED)])

    async def test_vip_of_the_second_manager(self) -> None:
        """VIP there and not here: decided anew, and marked there."""
        second = group("Second", "8974", f'{SHORT}show_vip_calls = "marked"\n', ("1202",), ("1201",))
        server = await self.serve(
            company(f"{SHORT}{TO_SECOND}", people=("1047",), others=("1201", "1202"), more=second)
        )  # fmt: skip
        server.forward_calls_of("1047", Forwarding(ForwardTo.GROUP))
        (answering,) = await desks(Desk(server, "1202", "uas", ring=0.1))
        await (await Caller(server, "uac").call()).finished()
        await finished(answering)
        self.assertTrue((await answering.invited()).header("From").startswith('"First1201 Last <VIP>"'))
        await self.over(
            server, "manager forwards to the group; overflow to group Second; VIP by list entry 1201; answered by S1202"
        )  # fmt: skip


class AndBack(LiveCase):
    """A chain that comes back ends busy, once each group's phones have rung."""

    async def test_greeted(self) -> None:
        """Both greetings, then the busy tone and the end."""
        second = group("Second", "8974", f'{SHORT}welcome = "{SECOND}"\n{TO_FIRST}', ("1202",))
        first = company(
            f'{SHORT}welcome = "{GREETING}"\n{TO_SECOND}', people=("1047",), others=("1201", "1202"), more=second
        )  # fmt: skip
        server = await self.serve(first)
        (caller,), phones = await together(
            baresips(server, "1201"), desks(Desk(server, "1047", "uas_ring"), Desk(server, "1202", "uas_ring"))
        )  # fmt: skip
        await caller.dial(server.uri("8973"))
        await caller.hears_file(server.sound_file(GREETING))
        await caller.hears_file(server.sound_file(SECOND))
        await finished(*phones)
        await caller.hears(BUSY_TONE)
        await caller.wait("CALL_CLOSED", timeout=15.0)
        call = await self.over(
            server,
            "greeting; manager rang; overflow to group Second; greeting; manager rang;"
            " overflow back to group MA Group, ended busy",
        )
        self.assertEqual({leg.outcome for leg in call.legs if leg.inbound}, {LegOutcome.MISSED})
        self.assertEqual(call.ended_by, "switch")

    async def test_three_groups(self) -> None:
        """First, second, third, and back to the second: 486 for a caller who was not answered."""
        more = (
            group("Second", "8974", f'{SHORT}overflow = "group:Third"\n', ("1202",))
            + group("Third", "8975", f"{SHORT}{TO_SECOND}", ("1203",))
        )  # fmt: skip
        server = await self.serve(
            company(f"{SHORT}{TO_SECOND}", people=("1047",), others=("1201", "1202", "1203"), more=more)
        )  # fmt: skip
        phones = await desks(*(Desk(server, number, "uas_busy") for number in ("1047", "1202", "1203")))
        caller = await Caller(server, "uac_refused").call()
        self.assertEqual((await caller.finished()).statuses[-1], 486)
        await finished(*phones)
        await self.over(
            server,
            "S1047 busy; overflow to group Second; S1202 busy; overflow to group Third; S1203 busy;"
            " overflow back to group Second, ended busy",
        )

    async def test_managers_who_forward_to_each_other(self) -> None:
        """By application forwarding: the second group does not send the call back, its assistant has it."""
        second = group("Second", "8974", "assistant_timeout = 30\n", ("1202", "1203"))
        server = await self.serve(company(SHORT, others=("1201", "1202", "1203"), more=second))
        server.forward_calls_of("1047", Forwarding(ForwardTo.NUMBER, "8974"))
        book = server.assembly.application.forwarding
        with self.assertRaises(ValueError):
            book.set_application(server.member("1202", 2).id, Forwarding(ForwardTo.NUMBER, "8973"))
        (assistant,) = await desks(Desk(server, "1203", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(assistant)
        await self.over(
            server, "manager forwards to Second; manager's line out of service; answered by S1203"
        )  # fmt: skip
