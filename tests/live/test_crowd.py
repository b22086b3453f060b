"""Many callers at one group: none is lost."""

from collections import Counter

from tests.live.case import FIRST, GREETING, SHORT_T1, LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company
from tests.peers import until

CROWD = 10


class Crowd(LiveCase):
    """All at the same moment."""

    async def test_two_callers(self) -> None:
        """Both ring at the manager's phone at the same time, and both are answered."""
        server = await self.serve(company("manager_timeout = 30\n", people=("1047", "1175")))
        (manager,) = await desks(Desk(server, "1047", "uas", ring=0.3, calls=2))
        crowd = await Caller(server, "uac", calls=2, rate=100, stay=0.5).call()
        await until(lambda: server.left()["group calls"] == 2, what="both at once")
        await crowd.finished()
        await finished(manager)
        await server.quiet()
        self.assertEqual(await server.stories(), ["answered by S1047"] * 2)

    async def test_manager_takes_one_call(self) -> None:
        """The second caller knocks while the manager talks; refused there, the assistant has the call."""
        server = await self.serve(company(f'welcome = "{GREETING}"\nmanager_timeout = 30\n', people=("1047", "1175")))
        (manager, caller), (assistant,) = await together(
            baresips(server, "1047", "1201"), desks(Desk(server, "1175", "uas", ring=0.1))
        )  # fmt: skip
        await caller.dial(server.uri("8973"))
        await manager.wait("CALL_INCOMING")
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        other = await Caller(server, "uac", stay=2.2).call()
        await manager.wait("CALL_INCOMING")
        await manager.hangup()
        await other.finished()
        await finished(assistant)
        self.assertEqual(len(await manager.calls()), 1)
        await manager.receives()
        await caller.hangup()
        await manager.idle()
        await server.quiet()
        told = ["greeting; answered by S1047", "greeting; S1047 busy; answered by S1175"]
        self.assertEqual(await server.stories(), told)

    async def test_ten_callers(self) -> None:
        """A group of three: one never answers, one answers four calls and is silent then, one answers the rest."""
        options = f'welcome = "{GREETING}"\nmanager_timeout = 1\nassistant_timeout = 1\nannouncements = ["{FIRST}"]\n'
        server = await self.serve(company(options), sip={"t1": SHORT_T1})
        phones = await desks(
            Desk(server, "1047", "uas_ring", calls=CROWD),
            Desk(server, "1175", "uas", ring=0.2, calls=4),
            Desk(server, "1068", "uas", ring=0.2, calls=None),
        )  # fmt: skip
        crowd = Caller(server, "uac", calls=CROWD, rate=100, stay=4.0)
        await crowd.call()
        await until(lambda: server.left()["streams"] == CROWD, what="ten greetings")
        result = await crowd.finished()
        self.assertEqual((result.successful, result.failed), (CROWD, 0))
        await finished(*phones[:2])
        rest = await phones[2].sipp.dismiss()
        self.assertEqual(rest.successful, CROWD - 4)
        await server.quiet()
        stories = Counter(await server.stories())
        self.assertEqual(stories, {
            "greeting; manager rang; answered by S1175": 4,
            "greeting; manager rang; assistant S1175 rang; answered by S1068": 6,
        })  # fmt: skip

    async def test_ten_callers_overflow(self) -> None:
        """Nobody is there: each is told busy, at once."""
        server = await self.serve(company('overflow = "busy"\n'))
        crowd = await Caller(server, "uac_refused", calls=CROWD, rate=100).call()
        result = await crowd.finished()
        self.assertEqual(result.statuses.count(486), CROWD)
        await server.quiet()
        self.assertEqual(len(await server.records()), CROWD)

    async def test_ten_callers_wait(self) -> None:
        """Nobody is there, and nothing to overflow to: all wait, and hang up one after the other."""
        server = await self.serve(company(f'announcements = ["{FIRST}"]\n'))
        crowd = await Caller(server, "uac", calls=CROWD, rate=20, stay=1.0).call()
        await until(lambda: server.left()["streams"] == CROWD, what="ten who wait")
        self.assertEqual(server.left()["group calls"], CROWD)
        await crowd.finished()
        await server.quiet()
        self.assertEqual({story.rpartition("; ")[2] for story in await server.stories()}, {"caller hung up"})
