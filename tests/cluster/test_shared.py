"""What all nodes know alike: the last word is right everywhere, whatever was lost on the way."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.memory import MemoryBus
from magroup.cluster.shared import FORGET_AFTER, Shared
from magroup.nodes_state import share_sounds
from tests.cluster.kit import Bench


class Part:
    """A part of a node that keeps colours."""

    def __init__(self, bench: Bench, bus: MemoryBus) -> None:
        self.bus = bus
        self.shared = Shared(bus, bench.clock)
        self.colours: dict[str, Any] = {}
        self.shared.kind("colour", self.take)

    def take(self, key: str, value: Any, node: str) -> None:
        if value == "ugly":
            raise ZeroDivisionError
        self.colours[key] = value
        if value is None:
            del self.colours[key]

    def put(self, key: str, value: Any) -> None:
        self.colours[key] = value
        if value is None:
            del self.colours[key]
        self.shared.put("colour", key, value)


class Colours(SynchronousTestCase):
    def parts(self, *nodes: str) -> list[Part]:
        self.bench = Bench()
        parts = [Part(self.bench, bus) for bus in self.bench.ends(*nodes)]
        for part in parts:
            part.bus.start()
        self.bench.run()
        return parts

    def test_told_at_once(self) -> None:
        a, b, c = self.parts("a", "b", "c")
        a.put("door", "red")
        self.bench.clock.advance(0)
        self.assertEqual((b.colours, c.colours), ({"door": "red"}, {"door": "red"}))
        b.put("door", None)
        self.bench.clock.advance(0)
        self.assertEqual((a.colours, c.colours), ({}, {}))

    def test_a_late_one(self) -> None:
        """Who starts later asks, also for kinds that it takes only later; hundreds of things come in pieces."""
        (a,) = self.parts("a")
        for number in range(250):
            a.put(str(number), number)
        (bus,) = self.bench.ends("b")
        bus.start()
        b = Shared(bus, self.bench.clock)
        bus._missed[-1]("")
        self.bench.run()
        found: dict[str, Any] = {}
        b.kind("colour", lambda key, value, node: found.update({key: value}))
        self.assertEqual((found, len(b)), (a.colours, 250))

    def test_what_cannot_be_taken(self) -> None:
        """Is logged; the rest of the message is taken."""
        a, b = self.parts("a", "b")
        self.bench.hub.cut()
        a.put("wall", "ugly")
        a.put("door", "red")
        self.bench.hub.mend()
        self.bench.run()
        self.assertEqual(b.colours, {"door": "red"})
        self.assertTrue(self.flushLoggedErrors(ZeroDivisionError))

    def test_forgotten_after_a_while(self) -> None:
        (a,) = self.parts("a")
        a.put("door", None)
        self.bench.clock.advance(FORGET_AFTER + 1)
        self.bench.hub.cut()
        self.bench.hub.mend()
        self.assertEqual(len(a.shared), 0)

    def test_of_a_node(self) -> None:
        a, b = self.parts("a", "b")
        a.put("door", "red")
        a.put("wall", None)
        self.bench.run()
        self.assertEqual((b.shared.of("colour", "a"), b.shared.has("colour", "door")), (["door"], True))
        self.assertFalse(b.shared.has("colour", "wall"))
        b.shared.forget("colour", "door")
        self.assertFalse(b.shared.has("colour", "door"))

    @given(
        st.lists(st.tuples(
            st.integers(0, 2), st.sampled_from("xyz"), st.sampled_from(["red", "blue", None]),
            st.sampled_from(["", "cut", "mend"]), st.booleans(),
        ), max_size=20)
    )  # fmt: skip
    def test_alike_in_the_end(self, steps: list[tuple[int, str, str | None, str, bool]]) -> None:
        """Whatever is said by whom while the bus comes and goes."""
        parts = self.parts("a", "b", "c")
        for at, key, value, event, waits in steps:
            if event:
                getattr(self.bench.hub, event)()
            part = parts[at]
            if value is not None or key in part.colours:
                part.put(key, value)
            if waits:
                self.bench.run(0.1)
            self.bench.clock.advance(0.001)
        self.bench.hub.mend()
        self.bench.run()
        self.assertEqual([part.colours for part in parts], [parts[0].colours] * 3)


class Sounds(SynchronousTestCase):
    """Sounds that one node has changed are read again by the others."""

    def test_read_again(self) -> None:
        bench = Bench()
        read: list[str] = []

        class Library:
            def __init__(self, node: str) -> None:
                self.node = node

            async def refresh(self) -> None:
                read.append(self.node)
                if self.node == "c":
                    raise OSError("no such folder")

        buses = bench.ends("a", "b", "c")
        tell, *_ = [share_sounds(bus, Library(bus.node)) for bus in buses]  # type: ignore[arg-type]
        for bus in buses:
            bus.start()
        bench.run()
        tell()
        bench.run()
        self.assertEqual(read, ["b", "c"])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
