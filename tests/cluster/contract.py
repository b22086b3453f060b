"""What every bus does: one suite, run on each implementation."""

from typing import Any, Protocol

from twisted.trial.unittest import TestCase

from magroup.cluster.bus import LONGEST_BODY, Bus, BusDown, Leases
from magroup.cluster.kept_calls import AT_ONCE, Kept


class Ended(Bus, Leases, Protocol):
    """A bus that is started and stopped."""

    def start(self) -> None: ...

    async def stop(self) -> None: ...


class Ear:
    """Notes what one node hears."""

    def __init__(self, bus: Any) -> None:
        self.bus = bus
        self.news: list[str] = []
        self.bodies: list[bytes] = []
        bus.watch(
            lambda node: self.news.append(f"joined {node}"), lambda node: self.news.append(f"left {node}"),
            lambda node: self.news.append(f"missed {node}".strip()),
        )  # fmt: skip
        bus.listen("news", lambda node, body: self.bodies.append(body))


class BusContract:
    """Mixed into a TestCase that makes the ends, cuts what is between them, and waits."""

    def end(self, node: str, life: str = "") -> Any:
        raise NotImplementedError

    async def cut(self) -> None:
        raise NotImplementedError

    async def mend(self) -> None:
        raise NotImplementedError

    async def until(self, is_so: Any) -> None:
        raise NotImplementedError

    case: TestCase

    async def ends(self, *nodes: str) -> list[Ear]:
        """Started ends that know each other."""
        ears = [Ear(self.end(node)) for node in nodes]
        for ear in ears:
            ear.bus.start()
        await self.until(lambda: all(ear.bus.is_up and len(ear.bus.nodes) == len(nodes) - 1 for ear in ears))
        return ears

    async def again(self, node: str, life: str) -> Ear:
        """The node in another life."""
        ear = Ear(self.end(node, life))
        ear.bus.start()
        await self.until(lambda: ear.bus.is_up)
        return ear

    async def test_messages_come_in_order(self) -> None:
        """To all others, not to who sends, whatever is in them."""
        a, b, c = await self.ends("a", "b", "c")
        bodies = [str(number).encode() for number in range(200)] + [b"0100", bytes(range(256)), b"", b"\n" * 9]
        for body in bodies:
            a.bus.send("news", body)
            a.bus.send("other", body)
        await self.until(lambda: len(b.bodies) == len(c.bodies) == len(bodies))
        self.case.assertEqual((b.bodies, c.bodies, a.bodies), (bodies, bodies, []))

    async def test_begins_with_looking_at_everything(self) -> None:
        """Nobody knows what was before."""
        a, b = await self.ends("a", "b")
        for ear, other in ((a, "b"), (b, "a")):
            self.case.assertIn("missed", ear.news)
            self.case.assertIn(f"joined {other}", ear.news)

    async def test_long_ones(self) -> None:
        a, b = await self.ends("a", "b")
        a.bus.send("news", b"x" * LONGEST_BODY)
        self.case.assertRaises(ValueError, a.bus.send, "news", b"x" * (LONGEST_BODY + 1))
        await self.until(lambda: b.bodies)
        self.case.assertEqual(len(b.bodies[0]), LONGEST_BODY)

    async def test_one_stops(self) -> None:
        """The others know at once; it is another one when it comes again."""
        a, b = await self.ends("a", "b")
        await b.bus.stop()
        await self.until(lambda: "left b" in a.news)
        self.case.assertEqual(a.bus.nodes, frozenset())
        again = Ear(self.end("b", "second"))
        again.bus.start()
        await self.until(lambda: a.bus.nodes and again.bus.nodes)
        self.case.assertEqual(a.news.count("joined b"), 2)

    async def test_cut_and_mended(self) -> None:
        """Each is alone and knows it; afterwards all are told to look at everything again."""
        a, b = await self.ends("a", "b")
        a.news.clear()
        b.news.clear()
        await self.cut()
        await self.until(lambda: not a.bus.is_up and not b.bus.is_up)
        self.case.assertEqual((a.news, b.news), (["left b"], ["left a"]))
        a.bus.send("news", b"lost")
        await self.mend()
        await self.until(lambda: a.bus.nodes and b.bus.nodes)
        self.case.assertIn("missed", a.news)
        self.case.assertIn("missed", b.news)
        a.bus.send("news", b"heard")
        await self.until(lambda: b.bodies)
        self.case.assertEqual(b.bodies, [b"heard"])

    async def test_leases(self) -> None:
        """One has it; it can keep it, and nobody else gives it up."""
        a, b = await self.ends("a", "b")
        self.case.assertTrue(await a.bus.take("daily", 60.0))
        self.case.assertTrue(await a.bus.take("daily", 60.0))
        self.case.assertFalse(await b.bus.take("daily", 60.0))
        self.case.assertTrue(await b.bus.take("other", 60.0))
        await b.bus.leave("daily")
        self.case.assertFalse(await b.bus.take("daily", 60.0))
        await a.bus.leave("daily")
        self.case.assertTrue(await b.bus.take("daily", 60.0))

    async def test_a_lease_ends_by_itself(self) -> None:
        a, b = await self.ends("a", "b")
        self.case.assertTrue(await a.bus.take("daily", 0.2))
        self.case.assertFalse(await b.bus.take("daily", 0.2))
        await self.until_taken(b)

    async def until_taken(self, ear: Ear) -> None:
        raise NotImplementedError

    async def test_calls_that_are_kept(self) -> None:
        """Of a dead node they are taken once each, by whoever comes first; the taker's own are taken with them."""
        a, b, c = await self.ends("a", "b", "c")
        calls = {f"a-{number}": Kept(b'{"\x00": "%d"}' % number) for number in range(AT_ONCE + 9)}
        self.case.assertEqual(list(await a.bus.kept.keep(calls)), [])
        await a.bus.kept.keep({"a-0": Kept(b""), "a-1": Kept(b"new")})
        first = await b.bus.kept.take("a", "firsta")
        second = await c.bus.kept.take("a", "firsta")
        self.case.assertEqual((len(first), len(second)), (AT_ONCE, 8))
        expected = {id: form for id, (form, _) in calls.items() if id != "a-0"} | {"a-1": b"new"}
        self.case.assertEqual(dict((*first, *second)), expected)
        self.case.assertEqual(list(await b.bus.kept.take("a", "firsta")), [])
        self.case.assertEqual(list(await b.bus.kept.take("a", "other")), [])
        ids = [first[0][0], second[0][0], "a-0", "x"]
        self.case.assertEqual([sorted(await one.bus.kept.owned(ids)) for one in (a, b, c)],
                              [sorted(ids[:2]), ids[1:2], ids[:1]])  # fmt: skip
        await c.bus.kept.keep({"c-1": Kept(b"own")})
        self.case.assertEqual(dict(await b.bus.kept.take("c", "firstc")), dict(second) | {"c-1": b"own"})
        await b.bus.kept.leave()
        self.case.assertEqual(list(await a.bus.kept.take("b", "firstb")), [])

    async def test_a_call_that_was_taken(self) -> None:
        """Who had it, and was not dead, is told so and keeps it no more; its taker may say again that it is its own."""
        a, b = await self.ends("a", "b")
        await a.bus.kept.keep({"a-1": Kept(b"one"), "a-2": Kept(b"two")})
        await b.bus.kept.take("a", "firsta")
        lost = list(await a.bus.kept.keep({"a-1": Kept(b"again"), "a-3": Kept(b"three")}))
        self.case.assertIn("a-1", lost)
        # Of those that are not named it may be told sooner, then once.
        lost += await a.bus.kept.keep({"a-2": Kept(b"")})
        self.case.assertEqual(sorted(lost), ["a-1", "a-2"])
        self.case.assertEqual(list(await b.bus.kept.take("a", "firsta")), [("a-3", b"three")])
        self.case.assertEqual(list(await b.bus.kept.keep({"a-1": Kept(b"later", True), "d-9": Kept(b"x", True)})), [])
        self.case.assertEqual(list(await a.bus.kept.owned(["a-1", "d-9", "d-8"])), ["a-1", "d-9"])

    async def test_earlier_lives(self) -> None:
        """A node that has started again takes what its last lives have left, once; others' is not its own."""
        first, b = await self.ends("a", "b")
        await b.bus.kept.keep({"b-1": Kept(b"one"), "b-2": Kept(b"two")})
        await first.bus.kept.take("b", "firstb")
        await first.bus.kept.keep({"a-1": Kept(b"own")})
        self.case.assertEqual(list(await first.bus.kept.earlier()), [])
        again = await self.again("a", "second")
        self.case.assertEqual(list(await again.bus.kept.earlier()), ["firsta"])
        self.case.assertEqual(list(await b.bus.kept.earlier()), [])
        ids = ["a-1", "b-1", "b-2"]
        self.case.assertEqual(list(await again.bus.kept.owned(ids)), [])
        taken = dict(await again.bus.kept.take("a", "firsta"))
        self.case.assertEqual(taken, {"a-1": b"own", "b-1": b"one", "b-2": b"two"})
        self.case.assertEqual(list(await again.bus.kept.earlier()), [])
        self.case.assertEqual(list(await again.bus.kept.owned(ids)), [])
        self.case.assertEqual(sorted(await b.bus.kept.owned(ids)), ids)
        third = await self.again("a", "third")
        self.case.assertEqual(list(await third.bus.kept.earlier()), ["second"])
        await again.bus.kept.leave()
        self.case.assertEqual(list(await third.bus.kept.earlier()), [])

    async def test_no_leases_while_it_is_cut(self) -> None:
        (a,) = await self.ends("a")
        await self.cut()
        await self.until(lambda: not a.bus.is_up)
        kept = a.bus.kept
        for ask in (
            a.bus.take("daily", 1.0), a.bus.leave("daily"), kept.keep({}), kept.take("b", "firstb"), kept.owned(["x"]),
            kept.leave(), kept.earlier(),
        ):  # fmt: skip
            try:
                await ask
            except BusDown:
                continue
            self.case.fail("a lease was given")
