"""When old garbage is looked for."""

from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from magroup.garbage import ALL_AFTER, FEW, GROWN, LONGEST_WAIT, LOOKED_AT, MANY, OLD_AFTER, OldGarbage


class OldGarbageTests(TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.generations: list[int] = []
        self.young_looks = OLD_AFTER
        self.takes = 0.0
        self.found = 0
        self.time = 0.0
        self.blocks = 1_000_000
        garbage = OldGarbage(
            self.clock, self.collect, lambda: self.young_looks, lambda: self.time, lambda: self.blocks
        )  # fmt: skip
        garbage.start()
        garbage._rest(0.0)
        self.addCleanup(garbage.stop)

    def collect(self, generation: int) -> int:
        self.generations.append(generation)
        self.time += self.takes
        return self.found

    def looks(self, count: int) -> int:
        """How often old garbage was looked for meanwhile."""
        before = len(self.generations)
        for _ in range(count):
            self.clock.advance(LOOKED_AT)
        return len(self.generations) - before

    def test_after_so_many_looks_at_the_young(self) -> None:
        self.young_looks = OLD_AFTER - 1
        self.assertEqual(self.looks(10), 0)
        self.young_looks = OLD_AFTER
        self.assertEqual(self.looks(3), 3)

    def test_the_longer_it_takes_the_more_seldom(self) -> None:
        self.takes, self.found = 0.1, FEW
        self.assertEqual(self.looks(1), 1)
        self.assertEqual(self.looks(19), 0)
        self.assertEqual(self.looks(1), 1)
        self.takes = 10.0
        self.looks(20)
        self.assertEqual(self.looks(60), 1)

    def test_the_first_look(self) -> None:
        """Five minutes after the start, or where memory grows."""
        for grown, first in ((GROWN, 1), (GROWN - 1, int(LONGEST_WAIT / LOOKED_AT))):
            self.blocks, self.found = 1_000_000, MANY
            garbage = OldGarbage(self.clock, self.collect, lambda: OLD_AFTER, lambda: 0.0, lambda: self.blocks)
            self.young_looks = 0
            garbage.start()
            self.blocks += grown
            self.assertEqual((self.looks(first - 1), self.looks(1)), (0, 1))
            garbage.stop()

    def test_next_to_nothing_is_found(self) -> None:
        """The next look waits ten times as long, half an hour at most."""
        self.takes, self.found = 0.1, FEW - 1
        self.assertEqual(self.looks(1), 1)
        self.assertEqual(self.looks(199), 0)
        self.assertEqual(self.looks(1), 1)
        self.takes = 5.0
        self.assertEqual(self.looks(200), 1)
        self.assertEqual(self.looks(359), 0)
        self.assertEqual(self.looks(1), 1)

    def test_memory_grows_meanwhile(self) -> None:
        """It may be garbage: then it is looked at as soon as ever, and from there on only when it grows more."""
        self.takes = 0.1
        self.assertEqual(self.looks(1), 1)
        self.blocks += GROWN - 1
        self.assertEqual(self.looks(100), 0)
        self.blocks += 1
        self.assertEqual(self.looks(1), 1)
        self.assertEqual(self.looks(100), 0)
        self.blocks -= GROWN
        self.assertEqual(self.looks(50), 0)
        self.takes = 0.0
        self.assertEqual(self.looks(60), 11)

    def test_much_of_it_is_looked_for_again(self) -> None:
        self.takes = 0.2
        self.found = MANY
        self.assertEqual(self.looks(3), 3)

    def test_all_of_it_now_and_then(self) -> None:
        self.looks(ALL_AFTER)
        self.assertEqual(self.generations, [1] * (ALL_AFTER - 1) + [2])

    def test_nothing_is_left_on_the_clock(self) -> None:
        garbage = OldGarbage(self.clock, self.collect, lambda: 0)
        before = self.clock.getDelayedCalls()
        garbage.start()
        garbage.stop()
        garbage.stop()
        self.assertEqual(self.clock.getDelayedCalls(), before)
