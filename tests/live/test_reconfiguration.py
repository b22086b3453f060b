"""The company changes while calls are up: no call is lost, the next step is the new configuration's (spec 1.2, end)."""

from dataclasses import replace

from magroup.cli.company import CompanyError
from magroup.model.calls import LegOutcome
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.presence import Presence
from tests.live.case import FIRST, GREETING, SECOND, LiveCase
from tests.live.pbx import hear_each_other
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company, group

LONG = "manager_timeout = 30\nassistant_timeout = 30\n"
SHORT = "manager_timeout = 1\nassistant_timeout = 1\n"
OUTSIDE = ("1201", "1202", "1203")
TWO, THREE = ("1047", "1175"), ("1047", "1175", "1068")


def without_first_group(now: Configuration) -> Configuration:
    """The first group is deleted; its lines and people stay."""
    gone = now.groups[0].id
    return replace(
        now, groups=now.groups[1:], members=tuple(member for member in now.members if member.group_id != gone),
        announcements=tuple(one for one in now.announcements if one.group_id != gone),
    )  # fmt: skip


class Members(LiveCase):
    """Who is rung changes."""

    async def test_removed_while_ringing(self) -> None:
        """The phone of the one who is out stops at once; the next one rings."""
        server = await self.serve(company(LONG))
        server.presence("1047", Presence.AWAY)
        removed, other = await baresips(server, "1175", "1068")
        caller = await Caller(server).call()
        await removed.wait("CALL_INCOMING")
        await server.take_company(company(LONG, people=("1047", "1068"), others=("1175", "1201")))
        await together(removed.wait("CALL_CLOSED"), other.wait("CALL_INCOMING"))
        await other.answer()
        await other.wait("CALL_ESTABLISHED")
        await other.hangup()
        await caller.finished()
        call = await self.over(server, "manager Away; S1175 left the group; answered by S1068")
        self.assertNotIn(LegOutcome.MISSED, {leg.outcome for leg in call.legs})

    async def test_removed_while_talking(self) -> None:
        """Two people who talk go on talking."""
        server = await self.serve(company(LONG))
        manager, caller = await baresips(server, "1047", "1201")
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await caller.wait("CALL_ESTABLISHED")
        await server.take_company(company(LONG, people=("1175", "1068"), others=("1047", "1201")))
        await hear_each_other(manager, caller)
        await manager.hangup()
        await caller.idle()
        await self.over(server, "answered by S1047")

    async def test_joins_while_ringing(self) -> None:
        """Somebody new, before the call overflows."""
        options = f'{SHORT}overflow = "busy"\n'
        server = await self.serve(company(options, people=("1047",), others=("1175", "1201")))
        manager, added = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await manager.invited()
        await server.take_company(company(options, people=TWO))
        await caller.finished()
        await finished(manager, added)
        await self.over(server, "manager rang; answered by S1175")

    async def test_another_order(self) -> None:
        """The list is turned round while the manager rings."""
        server = await self.serve(company(f"{SHORT}", people=THREE))
        manager, first, second = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas"), Desk(server, "1068", "uas", ring=0.1)
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await manager.invited()
        await server.take_company(company(f"{SHORT}", people=("1047", "1068", "1175")))
        await caller.finished()
        await finished(manager, second)
        self.assertEqual(first.requests(), [])
        await self.over(server, "manager rang; answered by S1068")

    async def test_line_is_deleted_while_it_rings(self) -> None:
        """With its user: the phone is not left ringing, nor the call with it."""
        server = await self.serve(company(LONG))
        removed, other = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await removed.invited()
        await server.take_company(company(LONG, people=("1175", "1068")))
        await removed.cancelled()
        await caller.finished()
        await finished(removed, other)
        await self.over(server, "S1047 left the group; answered by S1175")


class Options(LiveCase):
    """What is to be done changes."""

    async def test_overflow(self) -> None:
        """Set while the only phone rings: done when its time is over."""
        server = await self.serve(company(SHORT, people=("1047",), others=OUTSIDE))
        manager, target = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1202", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await manager.invited()
        await server.take_company(company(f'{SHORT}overflow = "1202"\n', people=("1047",), others=OUTSIDE))
        await caller.finished()
        await finished(manager, target)
        await self.over(server, "manager rang; overflow to 1202")

    async def test_overflow_for_who_waits(self) -> None:
        """Nobody is there: the callers who wait leave at once for the group that is named now."""
        second = group("Second", "8974", f'{LONG}welcome = "{SECOND}"\n', ("1202",))
        waiting = f'{LONG}announcements = ["{FIRST}"]\n'
        server = await self.serve(company(waiting, people=TWO, others=OUTSIDE, more=second))
        (target,) = await baresips(server, "1202")
        caller = await Caller(server).call()
        await caller.sink.receive(10)
        await server.take_company(
            company(f'{waiting}overflow = "group:Second"\n', people=TWO, others=OUTSIDE, more=second)
        )
        await target.wait("CALL_INCOMING")
        await target.answer()
        await target.wait("CALL_ESTABLISHED")
        await target.hangup()
        await caller.finished()
        await self.over(
            server,
            "manager's line out of service; S1175's line out of service; nobody available, waiting;"
            " overflow to group Second; greeting; answered by S1202",
        )

    async def test_forwarding_while_the_manager_rings(self) -> None:
        """The phone rings on; the next round of the call goes where the manager has it sent."""
        server = await self.serve(company(SHORT, people=("1047",), others=OUTSIDE))
        manager, target = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1203", "uas", ring=0.1))
        caller = await Caller(server, "uac").call()
        await manager.invited()
        server.forward_calls_of("1047", Forwarding(ForwardTo.NUMBER, "1203"))
        await caller.finished()
        await finished(manager, target)
        await self.over(
            server, "manager rang; again from the top; manager forwards to 1203; answered by 1203"
        )  # fmt: skip


class Deleted(LiveCase):
    """The group goes while it has calls."""

    async def test_while_greeting(self) -> None:
        """The greeting ends, then the busy tone: there is nothing else to be done for this caller."""
        server = await self.serve(company(f'{LONG}welcome = "{GREETING}"\n'))
        (caller,) = await baresips(server, "1201")
        await caller.dial(server.uri("8973"))
        await caller.wait("CALL_ESTABLISHED")
        await server.reconfigure(without_first_group)
        await caller.hears_file(server.sound_file(GREETING))
        await caller.wait("CALL_CLOSED", timeout=15.0)
        await self.over(server, "greeting; group deleted, ended busy")

    async def test_while_ringing(self) -> None:
        """The phone stops; a caller who was not answered is refused as busy."""
        server = await self.serve(company(LONG))
        (manager,) = await desks(Desk(server, "1047", "uas_ring"))
        caller = await Caller(server, "uac_refused").call()
        await manager.invited()
        await server.reconfigure(without_first_group)
        await manager.cancelled()
        self.assertEqual((await caller.finished()).statuses[-1], 486)
        await finished(manager)
        await self.over(server, "S1047 left the group; group deleted, ended busy")

    async def test_while_talking(self) -> None:
        """They go on; the number is nobody's for the next caller."""
        server = await self.serve(company(LONG))
        manager, caller = await baresips(server, "1047", "1201")
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await caller.wait("CALL_ESTABLISHED")
        await server.reconfigure(without_first_group)
        refused = await Caller(server, "uac_refused", caller="1068").call()
        self.assertEqual((await refused.finished()).statuses[-1], 404)
        await hear_each_other(manager, caller)
        await caller.hangup()
        await manager.idle()
        await server.quiet()
        self.assertIn("answered by S1047", await server.stories())


class Import(LiveCase):
    """A whole company is put in the place of the one that is in force."""

    async def test_during_calls(self) -> None:
        """One call talks, one rings, one waits for a group in which nobody is; each goes on by the new company."""
        waiting = f'{LONG}announcements = ["{FIRST}"]\n'
        others = (*OUTSIDE, "1068")
        before = company(LONG, people=TWO, others=others, more=group("Second", "8974", waiting, ("1202",)))
        after = company(LONG, people=TWO, others=others, more=group("Second", "8974", waiting, ("1202", "1068")))
        server = await self.serve(before)
        manager, assistant, joins, talker = await baresips(server, "1047", "1175", "1068", "1201")
        await talker.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await talker.wait("CALL_ESTABLISHED")
        server.presence("1047", Presence.AWAY)
        rings = await Caller(server, caller="1203").call()
        await assistant.wait("CALL_INCOMING")
        waits = await Caller(server, service="8974", caller="1202").call()
        await waits.sink.receive(10)
        await server.take_company(after)
        await joins.wait("CALL_INCOMING")
        self.assertEqual(server.left()["group calls"], 2)
        await hear_each_other(manager, talker)
        for phone in (assistant, joins):
            await phone.answer()
            await phone.wait("CALL_ESTABLISHED")
            await phone.hangup()
        await together(rings.finished(), waits.finished())
        await talker.hangup()
        await manager.idle()
        await server.quiet()
        self.assertEqual(await server.stories(), [
            "answered by S1047", "manager Away; answered by S1175",
            "S1202 is calling; nobody available, waiting; answered by S1068",
        ])  # fmt: skip

    async def test_one_that_is_refused(self) -> None:
        """A wrong file changes nothing, for nobody."""
        server = await self.serve(company(LONG))
        (manager,) = await baresips(server, "1047")
        caller = await Caller(server).call()
        await manager.wait("CALL_INCOMING")
        version = server.configuration.version
        with self.assertRaises(CompanyError):
            await server.take_company(company(LONG, others=("1201", "1047")))
        self.assertEqual(server.configuration.version, version)
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hangup()
        await caller.finished()
        await self.over(server, "answered by S1047")
