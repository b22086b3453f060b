"""The bus of nodes in one process, by the contract and by a clock."""

from typing import Any

from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import TestCase

from magroup.cluster.bus import MOST_WAITING
from magroup.cluster.memory import Hub, MemoryBus
from tests.cluster.contract import BusContract, Ear


class InOneProcess(BusContract, TestCase):
    """On a clock of its own."""

    def setUp(self) -> None:
        self.case = self
        self.clock = Clock()
        self.hub = Hub(self.clock)

    def end(self, node: str, life: str = "") -> MemoryBus:
        return MemoryBus(self.hub, node, life or f"first{node}")

    async def cut(self) -> None:
        self.hub.cut()

    async def mend(self) -> None:
        self.hub.mend()

    async def until(self, is_so: Any) -> None:
        for _ in range(100):
            self.clock.advance(0.05)
            if is_so():
                return
        self.fail("not so")

    async def until_taken(self, ear: Ear) -> None:
        self.clock.advance(0.25)
        self.assertTrue(await ear.bus.take("daily", 0.2))

    def kill(self, ear: Ear) -> None:
        """It says and hears nothing any more."""
        self.hub.ends.remove(ear.bus)
        ear.bus.lose()

    async def test_silent_ones_are_gone(self) -> None:
        """Whoever died without a word."""
        a, b = await self.ends("a", "b")
        self.kill(b)
        self.clock.pump([0.25] * 5)
        self.assertNotIn("left b", a.news)
        self.clock.pump([0.25] * 2)
        self.assertIn("left b", a.news)

    async def test_only_silence_is_a_warning(self) -> None:
        """Who says goodbye was stopped by somebody, and who stops misses nobody."""
        a, b, c = await self.ends("a", "b", "c")
        with capturedLogs() as events:
            await b.bus.stop()
            self.clock.pump([0.1] * 2)
            self.kill(c)
            self.clock.pump([0.25] * 8)
            await a.bus.stop()
        told = [formatEvent(event) for event in events]
        self.assertEqual(told.count("Node b has stopped"), 2)
        warned = [formatEvent(event) for event in events if event["log_level"] is not LogLevel.info]
        self.assertEqual(warned, ["Node c is not heard of any more"])

    async def test_busy_ones_are_there(self) -> None:
        """One that says nothing for a second is not gone; one that was busy itself hears the others first."""
        a, b = await self.ends("a", "b")
        carry = self.hub.carry
        self.hub.carry = lambda data: carry(data) if data.startswith(b"a ") else None  # type: ignore[method-assign]
        self.clock.pump([0.25] * 4)
        self.hub.carry = carry  # type: ignore[method-assign]
        self.clock.pump([0.25] * 4)
        self.clock.advance(4.0)
        self.clock.pump([0.25] * 4)
        self.assertEqual([news for ear in (a, b) for news in ear.news if "left" in news], [])

    async def test_who_has_overslept(self) -> None:
        """Who stood still for so long that others took it for dead is told, not who was a little late."""
        (a,) = await self.ends("a")
        told: list[float] = []
        a.bus.overslept.append(lambda: told.append(self.clock.seconds()))
        for seconds in (0.2, 0.9, 0.2):
            self.clock.advance(seconds)
        self.assertEqual(told, [])
        self.clock.advance(1.5)
        self.assertEqual(len(told), 1)
        self.clock.pump([0.2] * 5)
        self.assertEqual(len(told), 1)

    async def test_a_slow_bus_is_nobody_s_death(self) -> None:
        """What a node says itself does not come back either."""
        a, _ = await self.ends("a", "b")
        self.hub.carry = lambda data: None  # type: ignore[method-assign]
        self.clock.pump([0.25] * 20)
        self.assertNotIn("left b", a.news)
        self.assertEqual(a.bus.life("b"), "firstb")

    async def test_what_is_lost_is_told(self) -> None:
        """Too much at once: what comes after it says that something is missing."""
        a, b = await self.ends("a", "b")
        for _ in range(MOST_WAITING + 5):
            a.bus.send("news", b"")
        b.news.clear()
        self.clock.advance(0)
        self.assertEqual((len(b.bodies) <= MOST_WAITING, b.news), (True, []))
        a.bus.send("news", b"next")
        self.clock.advance(0)
        self.assertEqual((b.bodies[-1], b.news), (b"next", ["missed a"]))

    async def test_a_new_life(self) -> None:
        """A node that died and came back before anybody noticed."""
        a, b = await self.ends("a", "b")
        self.kill(b)
        Ear(self.end("b", "second")).bus.start()
        a.news.clear()
        await self.until(lambda: "joined b" in a.news)
        self.assertEqual(a.news, ["left b", "joined b"])

    async def test_namesakes(self) -> None:
        """Two of one name would take each other's words for their own: it is said, once."""
        (a,) = await self.ends("a")
        Ear(self.end("a", "second")).bus.start()
        self.clock.pump([1.0] * 3)
        self.assertEqual(a.bus.nodes, frozenset())
        self.assertTrue(a.bus._has_namesake)

    async def test_rubbish(self) -> None:
        """What anybody else puts on the bus is left out."""
        a, b = await self.ends("a", "b")
        before = list(b.news)
        for data in (b"", b"\n", b"a b c d\n", b"x" * 300, b"c 1 2\nnews", b"\xff 1 2 news\n", b"c 1 -2 news\n"):
            self.hub.carry(data)
        self.clock.advance(0)
        self.assertEqual((b.news[len(before) :], b.bodies), ([], []))
        a.bus.send("news", b"heard")
        self.clock.advance(0)
        self.assertEqual(b.bodies, [b"heard"])

    async def test_listeners_fail(self) -> None:
        """The others hear it nevertheless."""
        a, b = await self.ends("a", "b")

        def fail(*what: object) -> None:
            raise ZeroDivisionError

        b.bus.listen("more", fail)
        b.bus.listen("more", lambda node, body: b.bodies.append(body))
        a.bus.send("more", b"x")
        self.clock.advance(0)
        self.assertEqual((b.bodies, len(self.flushLoggedErrors(ZeroDivisionError))), ([b"x"], 1))
