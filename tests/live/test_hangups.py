"""The caller hangs up, in each phase of a call: everything ends at once, and no phone rings on (spec 1.2)."""

from magroup.model.presence import Presence
from tests.live.case import FIRST, GREETING, LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company, group
from tests.peers import Baresip

GREETED = f'welcome = "{GREETING}"\nmanager_timeout = 30\nassistant_timeout = 30\nannouncements = ["{FIRST}"]\n'
PLAIN = "manager_timeout = 30\nassistant_timeout = 30\n"


def cancels(phone: Baresip) -> int:
    """How many calls were taken back while the phone rang."""
    return sum(m.method == "CANCEL" and not m.status for m in phone.received())


class HangUp(LiveCase):
    """Calls one after the other on the same phones, and nothing of a call is left when the next one comes."""

    async def test_answered_caller(self) -> None:
        """A caller who hears a greeting and announcements: all phases up to the end by either side."""
        server = await self.serve(company(GREETED, people=("1047", "1175")))
        (caller, manager, assistant) = await baresips(server, "1201", "1047", "1175")
        stories = []

        async def over(story: str) -> None:
            await together(*(phone.idle() for phone in (caller, manager, assistant)))
            await server.quiet()
            stories.append(story)

        await caller.dial(server.uri("8973"))
        await caller.receives(10)
        await caller.hangup()
        await over("greeting; caller hung up")
        self.assertEqual([e for e in manager.events.seen if e["type"] == "CALL_INCOMING"], [])

        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await caller.hangup()
        await manager.wait("CALL_CLOSED")
        await over("greeting; manager rang; caller hung up")
        self.assertEqual(cancels(manager), 1)

        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.hangup()
        await assistant.wait("CALL_INCOMING")
        await caller.hangup()
        await assistant.wait("CALL_CLOSED")
        await over("greeting; S1047 busy; assistant S1175 rang; caller hung up")
        self.assertEqual((cancels(manager), cancels(assistant)), (1, 1))

        for one in (caller, manager):
            await caller.dial(server.uri("8973"))
            await manager.wait("CALL_INCOMING")
            await manager.answer()
            await manager.wait("CALL_ESTABLISHED")
            await manager.receives()
            await one.hangup()
            await over("greeting; answered by S1047")

        server.presence("1047", Presence.AWAY)
        server.presence("1175", Presence.AWAY)
        await caller.dial(server.uri("8973"))
        await caller.receives(80)
        await caller.hangup()
        await over("greeting; manager Away; S1175 Away; nobody available, waiting; caller hung up")
        self.assertEqual(await server.stories(), stories)
        last = await server.records()
        self.assertEqual({call.ended_by for call in last}, {"1201", "1047"})

    async def test_between_two_steps(self) -> None:
        """While one phone is being cancelled and the next one called: neither rings on."""
        server = await self.serve(company("manager_timeout = 1\nassistant_timeout = 30\n", people=("1047", "1175")))
        manager, assistant = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas_ring"))
        (caller,) = await baresips(server, "1201")
        await caller.dial(server.uri("8973"))
        await manager.cancelled()
        await caller.hangup()
        await assistant.cancelled()
        await finished(manager, assistant)
        await self.over(server, "manager rang; assistant S1175 rang; caller hung up")

    async def test_busy_tone(self) -> None:
        """The call ends with the caller, not with the tone."""
        server = await self.serve(company(f'welcome = "{GREETING}"\noverflow = "busy"\n', people=("1047",)))
        (caller,) = await baresips(server, "1201")
        await caller.dial(server.uri("8973"))
        await caller.hears(425.0)
        await caller.hangup()
        call = await self.over(server, "greeting; manager's line out of service; overflow busy; caller hung up")
        self.assertEqual(call.ended_by, "1201")

    async def test_before_an_answer(self) -> None:
        """CANCEL: 487 to the caller, CANCEL to both phones that ring in parallel, without a word of elsewhere."""
        early = f'welcome = "{GREETING}"\nmanager_timeout = 30\n'
        server = await self.serve(
            company(f"{PLAIN}ring_parallel = true\n", more=group("Early", "8974", early, ("1047",))),
            calls={"early_media": True},
        )  # fmt: skip
        manager, assistant = await desks(Desk(server, "1047", "uas_ring"), Desk(server, "1175", "uas_ring"))
        caller = await Caller(server, "uac_cancel", stay=0.3).call()
        for desk in (manager, assistant):
            self.assertNotIn("elsewhere", (await desk.cancelled()).header("Reason"))
        await caller.finished()
        await finished(manager, assistant)
        await self.over(server, "manager rang; assistant S1175 rang; caller hung up")
        caller = await Caller(server, "uac_cancel", "8974", stay=0.3).call()
        result = await caller.finished()
        self.assertEqual([s for s in result.statuses if s not in (100, 407)], [183, 200, 487])
        await server.quiet()
        self.assertEqual((await server.stories())[1], "greeting; caller hung up")


class Races(LiveCase):
    """What crosses on the wire."""

    async def test_answer_crosses_the_callers_cancel(self) -> None:
        """The manager answers a caller who has just given up: acknowledged, hung up, and nobody talks to nobody."""
        server = await self.serve(company(PLAIN))
        (manager,) = await desks(Desk(server, "1047", "uas_late_200"))
        caller = await Caller(server, "uac_cancel", stay=0.2).call()
        await caller.finished()
        await finished(manager)
        self.assertEqual(manager.requests(), ["INVITE", "CANCEL", "ACK", "BYE"])
        call = await self.over(server, "manager rang; caller hung up")
        self.assertEqual(call.answered_at, 0.0)

    async def test_manager_hangs_up_at_once(self) -> None:
        """The BYE comes while the caller's sound is still being turned to the manager."""
        server = await self.serve(company(GREETED))
        (manager,) = await desks(Desk(server, "1047", "uas_bye", ring=0.1, stay=0.0))
        caller = await Caller(server).call()
        await caller.finished()
        await finished(manager)
        call = await self.over(server, "greeting; answered by S1047")
        self.assertEqual(call.ended_by, "1047")

    async def test_both_phones_answer(self) -> None:
        """The loser's 200 crosses the CANCEL: it is acknowledged and hung up, the winner's call is not touched."""
        server = await self.serve(company(f"{PLAIN}ring_parallel = true\n"))
        loser, winner = await desks(Desk(server, "1047", "uas_late_200"), Desk(server, "1175", "uas", ring=0.3))
        caller = await Caller(server, "uac", stay=0.5).call()
        await caller.finished()
        await finished(loser, winner)
        self.assertEqual(loser.requests(), ["INVITE", "CANCEL", "ACK", "BYE"])
        self.assertEqual(winner.requests(), ["INVITE", "ACK", "BYE"])
        await self.over(server, "manager rang; answered by S1175")
