"""The tick: when it calls whom, what it does after a stall, that it sleeps when nobody is there."""

from collections import Counter
from itertools import pairwise

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.tick import Tick

MS = 0.001


class TickTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1_700_000_000.123)
        self.calls: list[tuple[str, int, int]] = []
        self.start = self.clock.seconds()

    def add(self, tick: Tick, name: str) -> None:
        def member(number: int) -> None:
            self.calls.append((name, number, round(1000 * (self.clock.seconds() - self.start))))

        tick.add(name, member)

    def pass_ms(self, milliseconds: int) -> None:
        self.clock.pump([MS] * milliseconds)

    def numbers(self, name: str) -> list[int]:
        return [number for called, number, _ in self.calls if called == name]

    def test_every_20_ms(self) -> None:
        tick = Tick(self.clock)
        self.add(tick, "a")
        self.pass_ms(1000)
        numbers = self.numbers("a")
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 50)))
        times = [at for _, _, at in self.calls]
        gaps = {after - before for before, after in pairwise(times)}
        self.assertTrue(gaps <= {19, 20, 21}, gaps)

    def test_no_drift(self) -> None:
        """An hour of a clock that is always a little late: as many ticks as an hour has."""
        tick = Tick(self.clock, slots=1)
        self.add(tick, "a")
        for _ in range(3600):
            self.clock.pump([0.0207, 0.0213, 0.0198, 0.0222] * 12 + [0.0080])
        elapsed = self.clock.seconds() - self.start
        self.assertLessEqual(abs(len(self.numbers("a")) - elapsed * 50), 1)

    def test_slots(self) -> None:
        """Members are spread evenly over the 20 ms, each keeps its place."""
        tick = Tick(self.clock, slots=4, crowd=1)
        for name in "abcdefgh":
            self.add(tick, name)
        self.pass_ms(103)
        places = {name: {at % 20 for called, _, at in self.calls if called == name} for name in "abcdefgh"}
        self.assertEqual(Counter(len(place) for place in places.values()), {1: 8})
        self.assertEqual(sorted(Counter(place.pop() for place in places.values()).values()), [2, 2, 2, 2])

    def test_slots_are_filled_again(self) -> None:
        """Who comes takes the place of who went."""
        tick = Tick(self.clock, slots=2, crowd=1)
        for name in "abcd":
            self.add(tick, name)
        for name in "ac":
            tick.remove(name)
        for name in "ef":
            self.add(tick, name)
        self.pass_ms(43)
        before = {at for called, _, at in self.calls if called in "bd"}
        after = {at for called, _, at in self.calls if called in "ef"}
        self.assertEqual((len(before), len(after), before & after), (2, 2, set()))

    def test_few_are_served_at_once(self) -> None:
        """One wake-up in 20 ms serves a crowd, however many slots there are."""
        tick = Tick(self.clock, slots=4, crowd=3)
        for name in "abc":
            self.add(tick, name)
        self.pass_ms(83)
        self.assertEqual(len(self.calls), 12)
        self.assertEqual(len({at for _, _, at in self.calls}), 4)
        self.add(tick, "d")
        self.pass_ms(80)
        self.assertEqual(len({at % 20 for _, _, at in self.calls}), 2)

    def test_new_slot(self) -> None:
        """Whoever comes while all others wait is served from the next slot on, on time."""
        for offset in range(1, 20):
            tick = Tick(self.clock, slots=4, crowd=1)
            self.add(tick, "a")
            self.pass_ms(60 + offset)
            for name in "bcd":
                self.add(tick, name)
            self.pass_ms(60)
            for name in "abcd":
                numbers, late = self.numbers(name), tick.late(name)
                self.assertEqual((numbers, late), (list(range(numbers[0], numbers[0] + len(numbers))), 0), name)
                times = [at for called, _, at in self.calls if called == name]
                gaps = {after - before for before, after in pairwise(times)}
                self.assertTrue(gaps <= {19, 20, 21}, (name, offset, gaps))
                tick.remove(name)
            self.calls.clear()

    def test_sleeps(self) -> None:
        tick = Tick(self.clock)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.add(tick, "a")
        self.add(tick, "b")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.pass_ms(50)
        tick.remove("a")
        self.assertEqual((len(tick), len(self.clock.getDelayedCalls())), (1, 1))
        tick.remove("b")
        tick.remove("b")
        self.assertEqual((len(tick), self.clock.getDelayedCalls()), (0, []))

    def test_wakes_again(self) -> None:
        """The numbers go on after a rest, without making up for it."""
        tick = Tick(self.clock)
        self.add(tick, "a")
        self.pass_ms(103)
        tick.remove("a")
        last = self.numbers("a")[-1]
        self.clock.advance(60)
        self.calls.clear()
        self.add(tick, "b")
        self.pass_ms(43)
        self.assertEqual(self.numbers("b")[:2], [self.numbers("b")[0], self.numbers("b")[0] + 1])
        self.assertIn(self.numbers("b")[0] - last, (1, 2))
        tick.remove("b")

    def test_short_stall(self) -> None:
        """Up to three ticks are made up for."""
        tick = Tick(self.clock, slots=1)
        self.add(tick, "a")
        self.pass_ms(103)
        before = self.numbers("a")[-1]
        self.clock.advance(0.06)
        self.assertEqual(self.numbers("a")[-4:], [before, before + 1, before + 2, before + 3])
        self.assertEqual(tick.late("a"), 2)

    def test_long_stall(self) -> None:
        """The last three are made up for, the others passed over; the numbers are those of the time."""
        tick = Tick(self.clock, slots=4, crowd=1)
        for name in "abcd":
            self.add(tick, name)
        self.pass_ms(103)
        before = {name: self.numbers(name)[-1] for name in "abcd"}
        count = len(self.calls)
        self.clock.advance(2.0)
        for name in "abcd":
            end = before[name] + 100
            self.assertEqual(self.numbers(name)[-4:], [before[name], end - 2, end - 1, end])
            self.assertIn(tick.late(name), (99, 100))
        self.assertEqual(len(self.calls) - count, 12)
        self.pass_ms(20)
        for name in "abcd":
            self.assertEqual(self.numbers(name)[-1], before[name] + 101)

    def test_clock_set_back(self) -> None:
        tick = Tick(self.clock, slots=1)
        self.add(tick, "a")
        self.pass_ms(103)
        before = self.numbers("a")[-1]
        self.clock.rightNow -= 3600
        for call in self.clock.getDelayedCalls():
            call.reset(0)
        self.pass_ms(103)
        self.assertEqual(self.numbers("a")[-5:], list(range(before + 1, before + 6)))

    def test_now(self) -> None:
        tick = Tick(self.clock, slots=1)
        self.add(tick, "a")
        self.pass_ms(113)
        self.assertApproximates(tick.now(), self.numbers("a")[-1] + 0.65, 0.06)

    def test_removed_by_another(self) -> None:
        """Who is taken out during a tick is not called in it any more, who comes in is called from the next one on."""
        tick = Tick(self.clock, slots=1)

        def first(number: int) -> None:
            self.calls.append(("first", number, 0))
            tick.remove("second")
            tick.remove("first")
            self.add(tick, "third")

        tick.add("first", first)
        self.add(tick, "second")
        self.pass_ms(41)
        self.assertEqual([name for name, _, _ in self.calls], ["first", "third"])

    def test_all_leave_in_a_tick(self) -> None:
        tick = Tick(self.clock)
        tick.add("a", lambda number: tick.remove("a"))
        self.pass_ms(30)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.add(tick, "b")
        self.pass_ms(63)
        self.assertEqual(len(self.numbers("b")), 3)

    def test_failure(self) -> None:
        """One that raises is taken out and logged; the others are served."""
        tick = Tick(self.clock, slots=1)
        tick.add("bad", lambda number: 1 // 0)
        self.add(tick, "good")
        self.pass_ms(103)
        self.assertEqual(len(self.numbers("good")), 5)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual((len(tick), tick.late("bad")), (1, 0))
