"""The bus of workers by the contract of buses, and what only its hub does."""

from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import TestCase

from magroup.cluster.bus import BusDown
from magroup.cluster.kept_calls import AT_ONCE, KEPT_FOR, LONGEST_FORM, Kept
from magroup.workers import frames, kept_memory
from magroup.workers.hub import MOST_LEASES, MOST_OWNERS
from magroup.workers.hub_bus import HubBus
from tests.cluster.contract import BusContract, Ear
from tests.workers.pipes import Workers


class Between(TestCase):
    """On a clock."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.workers = Workers(self.clock)
        self.hub = self.workers.hub
        self.hub.start()

    def served(self, what: Any) -> Any:
        """What is answered, in some turns."""
        done = Deferred.fromCoroutine(what)
        for _ in range(6):
            self.clock.advance(0)
        return self.successResultOf(done)


class OfWorkers(BusContract, Between):
    def setUp(self) -> None:
        super().setUp()
        self.case = self
        # Answers come while the contract waits for them.
        self.clock.callLater = self._at_once  # type: ignore[method-assign]
        self._due: list[Any] = []
        self._is_turning = False

    def _at_once(self, delay: float, work: Any, *arguments: Any) -> Any:
        if delay:
            return Clock.callLater(self.clock, delay, work, *arguments)
        self._due.append((work, arguments))
        if not self._is_turning:
            self._is_turning = True
            while self._due:
                work, arguments = self._due.pop(0)
                work(*arguments)
            self._is_turning = False
        return None

    def end(self, node: str, life: str = "") -> HubBus:
        return self.workers.end(node, life or f"first{node}")

    async def cut(self) -> None:
        for pipe, _ in self.workers.pipes.values():
            pipe.close()

    async def until(self, is_so: Any) -> None:
        for _ in range(200):
            if is_so():
                return
            self.clock.advance(0.05)
        self.fail("not so")

    async def until_taken(self, ear: Ear) -> None:
        self.clock.advance(0.25)
        self.assertTrue(await ear.bus.take("daily", 0.2))

    async def test_cut_and_mended(self) -> None:
        """A worker that has lost its hub hears nothing any more, and ends."""
        a, b = await self.ends("a", "b")
        a.news.clear()
        await self.cut()
        self.assertEqual((a.bus.is_up, b.bus.is_up, a.news), (False, False, ["left b"]))
        a.bus.send("news", b"lost")
        self.assertEqual((a.bus.lost, b.bodies), (1, []))


class OnlyHere(Between):
    def two(self) -> tuple[Ear, Ear]:
        ears = Ear(self.workers.end("a", "1")), Ear(self.workers.end("b", "1"))
        for ear in ears:
            ear.bus.start()
        self.clock.pump([0] * 3)
        return ears

    def test_a_worker_ends(self) -> None:
        """The others hear of it at once, and not again when its beats are missed."""
        a, _ = self.two()
        self.workers.pipes["b"][0].close()
        self.clock.advance(0)
        self.assertEqual((a.news.count("left b"), a.bus.nodes), (1, frozenset()))
        self.clock.pump([1.0] * 10)
        self.assertEqual(a.news.count("left b"), 1)

    def test_its_old_end_is_lost_late(self) -> None:
        """It has started again meanwhile."""
        a, _ = self.two()
        old = self.workers.pipes["b"][0]
        again = Ear(self.workers.end("b", "2"))
        again.bus.start()
        self.clock.pump([0] * 3)
        old.close()
        self.clock.advance(0)
        self.assertEqual((a.bus.nodes, a.bus.life("b")), (frozenset("b"), "2"))

    def test_stuck(self) -> None:
        """One that neither hears nor speaks is gone after some beats, and is there again when it goes on."""
        a, b = self.two()
        for pipe in self.workers.pipes["b"]:
            pipe.stick(True)
        self.clock.pump([1.0] * 6)
        self.assertEqual(a.bus.nodes, frozenset())
        for pipe in self.workers.pipes["b"]:
            pipe.stick(False)
        self.clock.pump([1.0] * 2)
        self.assertEqual((a.bus.nodes, b.bus.nodes), (frozenset("b"), frozenset("a")))

    def test_who_does_not_read(self) -> None:
        """No more than so much waits for it; what comes after says that something is missing. Answers are not lost."""
        self.patch(frames, "MOST_UNSENT", 100_000)
        a, b = self.two()
        there, back = self.workers.pipes["b"]
        there.stick(True)
        asked = Deferred.fromCoroutine(b.bus.take("daily", 60.0))
        for _ in range(50):
            a.bus.send("news", b"x" * 10_000)
        self.clock.pump([0] * 3)
        self.assertLess(sum(map(len, there.waiting)), 150_000)
        self.assertFalse(back.is_stuck)
        b.news.clear()
        there.stick(False)
        self.assertTrue(self.successResultOf(asked))
        self.assertLess(len(b.bodies), 15)
        a.bus.send("news", b"next")
        self.clock.pump([0] * 2)
        self.assertEqual((b.bodies[-1], b.news), (b"next", ["missed a"]))

    def test_a_hub_that_does_not_read(self) -> None:
        self.patch(frames, "MOST_UNSENT", 1000)
        a, _ = self.two()
        self.workers.pipes["a"][1].stick(True)
        a.bus.send("news", b"x" * 10)
        a.bus.send("news", b"x" * 10_000)
        self.failureResultOf(Deferred.fromCoroutine(a.bus.kept.keep({"b-1": Kept(b"x" * 2000, True)})), BusDown)
        self.assertEqual((a.bus.lost, a.bus._asked), (1, {}))

    def test_what_cannot_be_answered(self) -> None:
        """Whoever asks it hears so, and can ask again."""
        a, _ = self.two()
        for name, arguments in (
            ("no such thing", ()), ("take", ("b",)), ("keep", ([1],)), ("take lease", (1, 2, 3)), ("keep", ({1: 2},)),
            ("owned", (None,)),
        ):  # fmt: skip
            asked = Deferred.fromCoroutine(a.bus.ask(name, *arguments))
            self.clock.pump([0] * 3)
            self.failureResultOf(asked, BusDown)
        self.assertEqual(len(self.flushLoggedErrors()), 6)
        self.assertEqual(a.bus._asked, {})
        self.assertTrue(self.served(a.bus.take("daily", 1.0)))

    def test_answers_to_nobody(self) -> None:
        a, _ = self.two()
        for answer in ([999, "", None], [999, "why", None]):
            a.bus.received(frames.ANSWER, msgspec.msgpack.encode(answer))
        self.assertTrue(self.served(a.bus.take("daily", 1.0)))

    def test_signs_of_life(self) -> None:
        """They are for who has started the worker."""
        a, _ = self.two()
        a.bus._frames.send(frames.ALIVE)
        a.bus._frames.send(frames.READY)
        a.bus._frames.send(b"?")
        self.clock.advance(0)
        self.assertEqual(self.workers.told, [("a", frames.ALIVE), ("a", frames.READY)])

    def test_many_long_calls(self) -> None:
        """More than a frame holds; those that are too long are not kept, and nothing breaks."""
        a, b = self.two()
        calls = {f"a-{at}": Kept(bytes([at]) * LONGEST_FORM) for at in range(AT_ONCE + 5)}
        calls["a-99"] = Kept(b"x" * (LONGEST_FORM + 1))
        self.assertEqual(self.served(a.bus.kept.keep(calls)), [])
        self.workers.pipes["a"][0].close()
        found = [self.served(b.bus.kept.take("a", "1")) for _ in range(3)]
        self.assertEqual([len(some) for some in found], [AT_ONCE, 5, 0])
        self.assertEqual(dict(found[0])["a-7"], b"\x07" * LONGEST_FORM)
        self.assertTrue(b.bus.is_up)
        self.assertFalse(b.bus._frames.send(frames.MESSAGE, b"x" * frames.LONGEST))

    def test_what_is_forgotten(self) -> None:
        """Calls that nobody took, leases that have ended, the oldest owners."""
        a, b = self.two()
        self.served(a.bus.kept.keep({"a-1": Kept(b"x")}))
        self.assertTrue(self.served(a.bus.take("short", 1.0)))
        self.assertTrue(self.served(a.bus.take("long", 1000.0)))
        self.hub.owners.update((f"x-{at}", "b.1") for at in range(MOST_OWNERS + 2))
        self.workers.pipes["a"][0].close()
        self.clock.advance(11.0)
        self.assertEqual((list(self.hub._leases), len(self.hub.owners)), (["long"], MOST_OWNERS))
        self.assertNotIn("x-1", self.hub.owners)
        self.assertEqual(list(self.hub._memories), ["a.1", "b.1"])
        self.hub.gather("a.1")
        self.assertEqual((self.hub.kept, list(self.hub._memories)), ({"a.1": {"a-1": b"x"}}, ["b.1"]))
        self.clock.pump([10.0] * int(KEPT_FOR / 10))
        self.assertEqual((self.hub.kept, self.hub._left), ({}, {}))
        self.assertEqual(self.served(b.bus.kept.take("a", "1")), [])

    def test_no_room(self) -> None:
        """It is said once; calls that are kept go on being so."""
        self.patch(kept_memory, "MOST_CALLS", 2)
        a, _ = self.two()
        with capturedLogs() as events:
            self.served(a.bus.kept.keep({f"a-{at}": Kept(b"x") for at in range(4)}))
            self.assertTrue(a.bus.kept.keep_at_once({"a-0": Kept(b"y"), "a-5": Kept(b"z")}))
        self.assertEqual([formatEvent(event) for event in events],
                         ["No more calls than 2 can be kept for others, should this worker die"])  # fmt: skip
        self.hub.gather("a.1")
        self.assertEqual(self.hub.kept, {"a.1": {"a-0": b"y", "a-1": b"x"}})

    def test_memory_of_the_dead(self) -> None:
        """Where nobody takes what is in it, it is given back too; and when the hub stops."""
        a, b = self.two()
        self.served(a.bus.kept.keep({"a-1": Kept(b"x")}))
        self.workers.pipes["a"][0].close()
        self.clock.pump([10.0] * int(KEPT_FOR / 10 + 1))
        self.assertEqual(list(self.hub._memories), ["b.1"])
        self.assertEqual(self.served(b.bus.kept.take("a", "1")), [])
        self.hub.stop()
        self.assertEqual(self.hub._memories, {})

    def test_taken_from_one_that_was_stuck(self) -> None:
        """What it has ended meanwhile nobody takes any more; what was taken it loses, all at once."""
        a, b = self.two()
        self.served(a.bus.kept.keep({f"a-{at}": Kept(b"1") for at in range(AT_ONCE + 3)}))
        first = dict(self.served(b.bus.kept.take("a", "1")))
        self.assertEqual(len(first), AT_ONCE)
        rest = sorted({f"a-{at}" for at in range(AT_ONCE + 3)} - set(first))
        lost = self.served(a.bus.kept.keep({rest[0]: Kept(b""), rest[1]: Kept(b"2"), "a-new": Kept(b"3")}))
        self.assertEqual(sorted(lost), sorted(first))
        self.assertEqual(self.served(a.bus.kept.keep({})), [])
        self.assertEqual(dict(self.served(b.bus.kept.take("a", "1"))), {rest[1]: b"2", rest[2]: b"1", "a-new": b"3"})
        self.assertEqual(sorted(self.served(a.bus.kept.keep({}))), sorted([*rest[1:], "a-new"]))
        self.assertEqual(self.served(b.bus.kept.take("a", "1")), [])

    def test_too_many_leases(self) -> None:
        """Nobody gets one more."""
        for at in range(MOST_LEASES):
            self.assertTrue(self.hub.lease(str(at), "a", 10.0))
        self.assertEqual((self.hub.lease("x", "a", 1.0), self.hub.lease("7", "a", 1.0)), (False, True))

    def test_stopped(self) -> None:
        """All connections end, and no timer is left."""
        a, b = self.two()
        self.hub.stop()
        self.clock.advance(0)
        self.assertEqual((a.bus.is_up, b.bus.is_up, self.clock.getDelayedCalls()), (False, False, []))
