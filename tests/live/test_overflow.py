"""What becomes of a call that nobody took: from the top, another number, busy, another group (spec 1.2 step 6)."""

from magroup.model.presence import Presence
from magroup.policy import flow
from tests.live.case import FIRST, GREETING, SECOND, LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company, group
from tests.peers import audio

SHORT = "manager_timeout = 1\nassistant_timeout = 1\n"
TONE = 425.0
"""Hz of both ringback and busy tone."""
TWO = ("1047", "1175")


class FromTheTop(LiveCase):
    """Overflow none."""

    async def test_again(self) -> None:
        """Through with the list, the manager rings again, and answers this time."""
        server = await self.serve(company(SHORT, people=TWO))
        (manager,), (assistant,) = await together(baresips(server, "1047"), desks(Desk(server, "1175", "uas_ring")))
        caller = await Caller(server).call()
        await manager.wait("CALL_INCOMING")
        await manager.wait("CALL_CLOSED")
        await finished(assistant)
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hangup()
        await caller.finished()
        await self.over(server, "manager rang; assistant S1175 rang; again from the top; answered by S1047")

    async def test_everybody_refuses(self) -> None:
        """No busy loop: there is a pause before the next round, with announcements."""
        self.patch(flow, "ROUND_PAUSE", 1.5)
        server = await self.serve(company(f'{SHORT}announcements = ["{FIRST}"]\n', people=("1047",)))
        (manager,) = await baresips(server, "1047")
        caller = await Caller(server).call()
        await manager.wait("CALL_INCOMING")
        await manager.hangup()
        await manager.wait("CALL_CLOSED")
        before = len(caller.sink.packets)
        await manager.wait("CALL_INCOMING")
        self.assertGreater(len(caller.sink.packets) - before, 60)
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hangup()
        await caller.finished()
        await self.over(server, "S1047 busy; nobody reached, waiting; again from the top; answered by S1047")


class ToANumber(LiveCase):
    """Overflow to an inside line, and who the phones say is calling."""

    MASKED = 'caller_name = "%managerShortName% for %callerName% \\"x\\""\ncaller_number = "*%callerNumber%"\n'

    async def test_caller_is_connected(self) -> None:
        """The manager sees the caller as received, assistants and the overflow target through the group's masks."""
        text = company(f'{SHORT}{self.MASKED}overflow = "1202"\n', people=TWO, others=("1201", "1202"))
        server = await self.serve(text)
        manager, assistant, target = await desks(
            Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas_ring"), Desk(server, "1202", "uas", ring=0.2)
        )  # fmt: skip
        caller = await Caller(server, "uac").call()
        await caller.finished()
        await finished(manager, assistant, target)
        masked = '"S1047 for First1201 Last \\"x\\"" <sip:*1201@'
        for desk, shown in ((manager, '"First1201 Last" <sip:1201@'), (assistant, masked), (target, masked)):
            invite = await desk.invited()
            for name in ("From", "P-Asserted-Identity"):
                self.assertTrue(invite.header(name).startswith(shown), invite.header(name))
        self.assertIn("sip:8973@", (await target.invited()).header("Diversion"))
        self.assertIn("sip:8973@", (await target.invited()).header("History-Info"))
        call = await self.over(server, "manager rang; assistant S1175 rang; overflow to 1202")
        self.assertEqual((call.overflow, call.legs[-1].number), ("1202", "1202"))
        self.assertGreater(call.answered_at, 0)

    async def test_after_the_greeting(self) -> None:
        """An answered caller hears ringback while the number rings, then whoever answers there."""
        server = await self.serve(
            company(f'welcome = "{GREETING}"\noverflow = "1202"\n', people=TWO, others=("1201", "1202"))
        )  # fmt: skip
        (target,) = await baresips(server, "1202", tone=880.0)
        caller = await Caller(server).call()
        await target.wait("CALL_INCOMING")
        await caller.sink.receive(40)
        self.assertLess(abs(audio.dominant_frequency(caller.sink.heard()[-3000:], 8000) - TONE), 5)
        await target.answer()
        await target.wait("CALL_ESTABLISHED")
        await caller.sink.receive(60)
        self.assertLess(abs(audio.dominant_frequency(caller.sink.heard()[-4000:], 8000) - 880.0), 5)
        await target.hangup()
        await caller.finished()
        await self.over(
            server, "greeting; manager's line out of service; S1175's line out of service; overflow to 1202"
        )  # fmt: skip

    async def test_after_an_early_greeting(self) -> None:
        """A caller who was not answered hears ringback from us all the same, and is answered by the target."""
        server = await self.serve(
            company(f'welcome = "{GREETING}"\noverflow = "1202"\n', people=("1047",), others=("1201", "1202")),
            calls={"early_media": True},
        )  # fmt: skip
        (target,) = await desks(Desk(server, "1202", "uas", ring=0.8))
        caller = await Caller(server, "uac", stay=0.5).call()
        result = await caller.finished()
        await finished(target)
        self.assertEqual([s for s in result.statuses if s not in (100, 407)], [183, 200, 200])
        after = caller.sink.heard()[len(self.spoken(server, GREETING)) :]
        self.assertGreater(len(after), 4000)
        self.assertLess(abs(audio.dominant_frequency(after, 8000) - TONE), 5)
        await self.over(server, "greeting; manager's line out of service; overflow to 1202")

    async def test_number_that_nobody_has(self) -> None:
        """The caller is told as a caller of that number would be."""
        server = await self.serve(company('overflow = "9999"\n', people=("1047",)))
        caller = await Caller(server, "uac_refused").call()
        self.assertEqual((await caller.finished()).statuses[-1], 404)
        await self.over(server, "manager's line out of service; overflow to 9999")


class Busy(LiveCase):
    """486 before an answer, a busy tone and release after one."""

    async def test_before_an_answer(self) -> None:
        server = await self.serve(company(f'{SHORT}overflow = "busy"\n', people=("1047",)))
        (manager,) = await desks(Desk(server, "1047", "uas_busy"))
        caller = await Caller(server, "uac_refused").call()
        result = await caller.finished()
        refusal = next(m for m in result.messages if m.status == 486)
        self.assertEqual(refusal.header("Reason"), 'Q.850;cause=17;text="User busy"')
        await finished(manager)
        call = await self.over(server, "S1047 busy; overflow busy")
        self.assertEqual((call.overflow, call.answered_at), ("-3", 0.0))

    async def test_after_the_greeting(self) -> None:
        server = await self.serve(company(f'welcome = "{GREETING}"\noverflow = "busy"\n', people=("1047",)))
        (caller,) = await baresips(server, "1201")
        await caller.dial(server.uri("8973"))
        await caller.hears_file(server.sound_file(GREETING))
        await caller.hears(TONE)
        await caller.wait("CALL_CLOSED", timeout=12.0)
        await self.over(server, "greeting; manager's line out of service; overflow busy")

    async def test_after_an_early_greeting(self) -> None:
        """Not answered yet: refused, whatever was heard."""
        server = await self.serve(
            company(f'welcome = "{GREETING}"\noverflow = "busy"\n', people=("1047",)), calls={"early_media": True}
        )  # fmt: skip
        caller = await Caller(server, "uac_refused").call()
        result = await caller.finished()
        self.assertEqual([s for s in result.statuses if s not in (100, 407)], [183, 486])
        _, score = audio.correlate(caller.sink.heard(), 8000, self.spoken(server, GREETING), 8000)
        self.assertGreater(score, 0.98)
        await self.over(server, "greeting; manager's line out of service; overflow busy")


class Chain(LiveCase):
    """Overflow to another group."""

    async def test_second_group(self) -> None:
        """The other group's flow from its greeting on; its announcements, its manager."""
        second = group(
            "Second", "8974", f'welcome = "{SECOND}"\nmanager_timeout = 30\nannouncements = ["{FIRST}"]\n', ("1175",)
        )  # fmt: skip
        first = f'{SHORT}welcome = "{GREETING}"\noverflow = "group:Second"\n'
        server = await self.serve(company(first, people=("1047",), others=("1175", "1201"), more=second))
        server.presence("1047", Presence.AWAY)
        (other,) = await desks(Desk(server, "1175", "uas", ring=0.8))
        caller = await Caller(server, "uac", stay=6.0).call()
        await caller.finished()
        await finished(other)
        expected = self.spoken(server, GREETING, SECOND, FIRST)
        start, score = audio.correlate(caller.sink.heard(), 8000, expected, 8000)
        self.assertGreater(score, 0.98)
        self.assertEqual(start, 0.0)
        await self.over(server, "greeting; manager Away; overflow to group Second; greeting; answered by S1175")

    async def test_circle(self) -> None:
        """A chain that comes back to a group ends busy, and says so."""
        second = group("Second", "8974", 'overflow = "8973"\n', ("1175",))
        first = company('overflow = "group:Second"\n', people=("1047",), others=("1175", "1201"), more=second)
        server = await self.serve(first)
        caller = await Caller(server, "uac_refused").call()
        self.assertEqual((await caller.finished()).statuses[-1], 486)
        await self.over(
            server,
            "manager's line out of service; overflow to group Second; manager's line out of service;"
            " overflow back to group MA Group, ended busy",
        )
