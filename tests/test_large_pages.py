"""Which memory is asked for in large pages, and when; and that the system takes it."""

from pathlib import Path
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.large_pages import COLLAPSE, HUGEPAGE, LARGE, LONGEST_PAUSE, LargePages, pages, runs


def area(start: int, size: int, used: int, rights: str = "rw-p", name: str = "") -> list[str]:
    """Lines of smaps; ``size`` and ``used`` in KiB."""
    return [
        f"{start:x}-{start + size * 1024:x} {rights} 00000000 00:00 0    {name}\n", f"Size: {size} kB\n",
        f"Rss: {used} kB\n", f"Pss: {used} kB\n", "VmFlags: rd wr mr mw me ac\n",
    ]  # fmt: skip


class Pages(SynchronousTestCase):
    def test_runs(self) -> None:
        self.assertEqual(runs(()), [])
        self.assertEqual(runs({3 * LARGE, LARGE, 2 * LARGE, 7 * LARGE}), [(LARGE, 3 * LARGE), (7 * LARGE, LARGE)])

    def test_pages(self) -> None:
        base = 0x7F0000000000
        for lines, expected in (
            (area(base, 8192, 8000), list(range(base, base + 4 * LARGE, LARGE))),
            (area(base + 4096, 8192, 5000), list(range(base + LARGE, base + 4 * LARGE, LARGE))),
            (area(base, 8192, 5000, name="[heap]"), list(range(base, base + 4 * LARGE, LARGE))),
            # A thread's stack; a file, code, what is shared; too small, or in no whole page.
            (area(base, 8192, 100), []),
            (area(base, 8192, 8000, name="/usr/lib/libc.so"), []),
            (area(base, 8192, 8000, "r-xp"), []),
            (area(base, 8192, 8000, "rw-s"), []),
            (area(base, 1024, 1024), []),
            (area(base + 4096, 2048, 2048), []),
            ([*area(base, 2048, 2048), *area(base + 2 * LARGE, 2048, 2048)],
             [base, base + 2 * LARGE]),
        ):  # fmt: skip
            self.assertEqual(list(pages(lines)), expected)


class Asked(SynchronousTestCase):
    """The memory of this process; a list stands for the system."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.asked: list[tuple[int, int, int]] = []

    async def in_thread(self, work: Any) -> Any:
        return work()

    def test_again(self) -> None:
        """What is known is not asked for again, and nothing after the end."""
        large = LargePages(self.clock, self.in_thread, lambda *asked: self.asked.append(asked))
        large.start()
        self.assertGreater(len(self.asked), 0)
        self.assertEqual([advice for _, _, advice in self.asked], [HUGEPAGE, COLLAPSE] * (len(self.asked) // 2))
        self.assertTrue(all(at % LARGE == 0 == length % LARGE for at, length, _ in self.asked))
        known = {at for at, _, _ in self.asked}
        self.asked.clear()
        self.clock.advance(1.0)
        self.assertFalse(known & {at for at, _, _ in self.asked})
        for _ in range(10):
            (call,) = self.clock.getDelayedCalls()
            pause = call.getTime() - self.clock.seconds()
            self.clock.advance(pause)
        self.assertEqual(pause, LONGEST_PAUSE)
        large.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_real(self) -> None:
        """The system takes it, or not; memory holds what it held."""
        kept = [bytes([at % 256]) * 1000 for at in range(20_000)]
        large = LargePages(self.clock, self.in_thread)
        large.start()
        large.stop()
        self.assertEqual([one[0] for one in kept[:300]], [at % 256 for at in range(300)])
        self.assertTrue(Path("/proc/self/smaps").exists())
