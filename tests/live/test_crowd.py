"""Many callers at one group: none is lost."""

from collections import Counter

from magroup.model.calls import CallRecord
from magroup.model.presence import Presence
from tests.live.case import FIRST, GREETING, SHORT_T1, LiveCase
from tests.live.phones import Caller, Desk, baresips, desks, finished, together
from tests.live.server import company
from tests.peers import until

CROWD, MANY = 10, 50


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
        options = f'welcome = "{GREETING}"\nmanager_timeout = 1\nassistant_timeout = 2\nannouncements = ["{FIRST}"]\n'
        server = await self.serve(company(options), sip={"t1": SHORT_T1})
        phones = await desks(
            Desk(server, "1047", "uas_ring", calls=CROWD),
            Desk(server, "1175", "uas", ring=0.2, calls=4),
            Desk(server, "1068", "uas", ring=0.2, calls=None),
        )  # fmt: skip
        crowd = Caller(server, "uac", calls=CROWD, rate=100, stay=6.0)
        await crowd.call()
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


class FiftyCallers(LiveCase):
    """At once, at a group of three. Who came last is as well served as who came first."""

    timeout = 180

    def assert_recorded(self, calls: list[CallRecord]) -> None:
        """Each call has a record of its own, which has ended and says why."""
        self.assertEqual(len({call.id for call in calls}), MANY)
        for call in calls:
            self.assertGreater(call.ended_at, call.started_at)
            self.assertTrue(call.trail and call.cause)

    async def test_each_is_answered(self) -> None:
        """The manager is there for VIPs only, one assistant is busy, one does not answer: the others overflow."""
        half = MANY // 2
        options = (
            f'manager_timeout = 30\nassistant_timeout = 2\nannouncements = ["{FIRST}"]\noverflow = "1202"\n'
            'vip_routing = "manager only"\n'
        )  # fmt: skip
        server = await self.serve(company(options, others=("1201", "1202", "1203"), vips=("1201",)))
        server.presence("1047", Presence.DND)
        phones = await desks(
            Desk(server, "1047", "uas", calls=half, ring=0.5), Desk(server, "1175", "uas_busy", calls=half),
            Desk(server, "1068", "uas_ring", calls=half), Desk(server, "1202", "uas", calls=half, ring=0.5),
        )  # fmt: skip
        crowds = [
            Caller(server, "uac", caller=number, calls=half, rate=20, limit=half, stay=20.0, timeout=120.0)
            for number in ("1201", "1203")
        ]  # fmt: skip
        await together(*(crowd.call() for crowd in crowds))
        await until(lambda: len(server.left()["calls"]) == MANY, 20.0, what="all at once")
        results = await together(*(crowd.finished() for crowd in crowds))
        self.assertEqual([(result.successful, result.failed) for result in results], [(half, 0)] * 2)
        await finished(*phones)
        await server.quiet()
        self.assertEqual(Counter(await server.stories()), {
            "VIP by list entry 1201; answered by S1047": half,
            "manager Do Not Disturb; S1175 busy; assistant S1068 rang; overflow to 1202": half,
        })  # fmt: skip
        self.assert_recorded(await server.records())

    async def test_each_waits_and_is_answered(self) -> None:
        """Nobody is there: all hear announcements; then one phone comes, and has all of them in its time."""
        server = await self.serve(company(f'manager_timeout = 60\nannouncements = ["{FIRST}"]\n'))
        crowd = Caller(server, "uac_wait_bye", calls=MANY, rate=100, limit=MANY, timeout=120.0)
        await crowd.call()
        await until(lambda: server.left()["streams"] == MANY, 20.0, what="all wait", seen=lambda: str(server.left()))
        (manager,) = await desks(Desk(server, "1175", "uas_bye", calls=MANY, ring=1.0, stay=0.5))
        result = await crowd.finished()
        self.assertEqual((result.successful, result.failed), (MANY, 0))
        await finished(manager)
        await server.quiet(15.0)
        told = "manager's line out of service; S1175's line out of service; S1068's line out of service"
        self.assertEqual(
            Counter(await server.stories()), {f"{told}; nobody available, waiting; answered by S1175": MANY}
        )  # fmt: skip
        self.assert_recorded(await server.records())

    async def test_each_is_refused(self) -> None:
        """Three phones that are busy, and no overflow but the busy signal."""
        server = await self.serve(company('overflow = "busy"\n'))
        phones = await desks(*(Desk(server, n, "uas_busy", calls=MANY) for n in ("1047", "1175", "1068")))
        crowd = await Caller(server, "uac_refused", calls=MANY, rate=50, limit=MANY, timeout=60.0).call()
        answers = [answer for answer in (await crowd.finished()).messages if not answer.sent and answer.status >= 200]
        finals = Counter(status for _, status in {(answer.header("Call-ID"), answer.status) for answer in answers})
        self.assertEqual(finals, {407: MANY, 486: MANY})
        await finished(*phones)
        await server.quiet()
        self.assertEqual(
            Counter(await server.stories()), {"S1047 busy; S1175 busy; S1068 busy; overflow busy": MANY}
        )  # fmt: skip
        self.assert_recorded(await server.records())
