"""Presence and service while a call is there: who becomes available rings at once (spec 1.2 steps 4 and 6)."""

from dataclasses import replace
from itertools import pairwise

from magroup.model.presence import Presence
from tests.live.case import FIRST, SECOND, LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company
from tests.peers import audio, until

WAITING = f'manager_timeout = 30\nassistant_timeout = 30\nannouncements = ["{FIRST}", "{SECOND}"]\n'


class WhileWaiting(LiveCase):
    """Nobody can be rung."""

    async def test_first_who_becomes_available(self) -> None:
        """Announcements go on without a break; the one who comes back rings at once, whatever the place in the list."""
        server = await self.serve(company(WAITING))
        manager, first, second = await desks(
            Desk(server, "1047", "uas"), Desk(server, "1175", "uas"), Desk(server, "1068", "uas", ring=1.0)
        )  # fmt: skip
        for number, presence in (("1047", Presence.AWAY), ("1175", Presence.BUSY), ("1068", Presence.DND)):
            server.presence(number, presence)
        caller = await Caller(server, "uac", stay=3.2).call()
        await until(lambda: len(caller.sink.packets) > 50, what="announcements")
        self.assertEqual(server.assembly.application.describe()["timers"], 0)
        server.presence("1175", Presence.UNAVAILABLE)
        server.presence("1068", Presence.AVAILABLE)
        await second.invited(timeout=1.0)
        await caller.finished()
        await finished(second)
        self.assertEqual((manager.requests(), first.requests()), ([], []))
        heard = self.spoken(server, FIRST, SECOND)
        start, score = audio.correlate(caller.sink.heard(), 8000, heard, 8000)
        self.assertGreater(score, 0.98)
        self.assertEqual(start, 0.0)
        self.in_time([b.timestamp - a.timestamp for a, b in pairwise(caller.sink.packets)])
        await self.over(
            server,
            "manager Away; S1175 status Busy; S1068 Do Not Disturb; nobody available, waiting;"
            " S1175 Unavailable; answered by S1068",
        )

    async def test_phone_registers(self) -> None:
        """No line is in service; the first phone that is plugged in rings."""
        server = await self.serve(company(WAITING))
        caller = await Caller(server).call()
        await caller.sink.receive(5)
        (assistant,) = await baresips(server, "1175")
        await until(assistant.calls, what="a call for the phone that has just registered")
        await assistant.answer()
        await assistant.wait("CALL_ESTABLISHED")
        await assistant.hangup()
        await caller.finished()
        told = "manager's line out of service; S1175's line out of service; S1068's line out of service"
        await self.over(server, f"{told}; nobody available, waiting; answered by S1175")

    async def test_nothing_to_hear(self) -> None:
        """Without announcements the caller hears the own ringback until somebody is there."""
        server = await self.serve(company("manager_timeout = 30\n", people=("1047",)))
        (caller,) = await baresips(server, "1201")
        await caller.dial(server.uri("8973"))
        await caller.wait("CALL_RINGING")
        self.assertEqual(server.left()["ports"], 0)
        (manager,) = await baresips(server, "1047")
        await until(manager.calls, what="a call for the phone that has just registered")
        await manager.answer()
        await together(manager.hears(440.0), caller.hears(440.0))
        await caller.hangup()
        await manager.idle()
        await self.over(server, "manager's line out of service; nobody available, waiting; answered by S1047")


class WhileRinging(LiveCase):
    """A step that has begun goes on; the next one is made of what is so then."""

    async def test_next_step_is_of_its_moment(self) -> None:
        """The manager who rings goes away and rings on; of the assistants, one leaves and one comes meanwhile."""
        server = await self.serve(company("manager_timeout = 1\nassistant_timeout = 30\n"))
        server.presence("1068", Presence.AWAY)
        manager, first, second = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas"), Desk(server, "1068", "uas")
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await manager.invited()
        server.presence("1047", Presence.AWAY)
        server.presence("1175", Presence.DND)
        server.presence("1068", Presence.AVAILABLE)
        await caller.finished()
        await finished(manager, second)
        self.assertEqual(first.requests(), [])
        await self.over(server, "manager rang; S1175 Do Not Disturb; answered by S1068")
        self.assertIn("manager rang 1 s", await server.trail())

    async def test_manager_leaves_the_group(self) -> None:
        """The change takes hold of a call that rings: that phone stops, the next one rings, the caller stays."""
        server = await self.serve(company(WAITING))
        manager, first = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas", ring=0.3))
        caller = await Caller(server, "uac", stay=1.5).call()
        await manager.invited()
        await caller.sink.receive(10)
        old = server.assembly.current.value
        members = tuple(member for member in old.members if member.number != "1047")
        server.assembly.current.replace(replace(old, members=members, version=old.version + 1))
        await manager.cancelled()
        await caller.finished()
        await finished(manager, first)
        self.in_time([b.timestamp - a.timestamp for a, b in pairwise(caller.sink.packets)])
        await self.over(server, "S1047 left the group; answered by S1175")
