"""The search itself: what is planted is found, made small and told; what reaches lines is kept, and no more."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.fuzz import corpus
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.target import Broken, Target, hold
from tests.fuzz.targets import program


def _check(data: bytes) -> None:
    """Waits are numbers: that is what is wrong with it."""
    hold(all(isinstance(step, bytes) for step in program.steps(data)), "a step is no message")


TARGET = Target("toy", _check, (program,), (b"hello" * 20,), (b"\x1e+5\x1e", b"+"))


class FuzzerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.patch(corpus, "FOLDER", Path(self.mktemp()))
        self.broken = Path(self.mktemp())

    def search(self, seed: int = 1) -> Fuzzer:
        fuzzer = Fuzzer(TARGET, seed, self.broken)
        self.said: list[str] = []
        fuzzer.run(lambda: fuzzer.executions > 600, self.said.append)
        return fuzzer

    def test_planted(self) -> None:
        """Told once, with its seed; without what it does not need."""
        self.assertEqual(self.search().found, 1)
        (found,) = [file for file in self.broken.iterdir() if file.suffix != ".txt"]
        self.assertTrue(found.name.startswith("toy-1-"))
        self.assertIn("a step is no message", found.with_suffix(".txt").read_text())
        self.assertLess(len(found.read_bytes()), 8)
        with self.assertRaises(Broken):
            TARGET.run(found.read_bytes())
        self.assertIn("1 broken", self.said[-1])

    def test_kept(self) -> None:
        """The same seed finds the same; an input that broke something is never taken away."""
        folder = corpus.FOLDER / "toy"
        folder.mkdir(parents=True)
        (folder / "broke-once").write_bytes(b"x")
        (folder / "useless").write_bytes(b"y" * 50)
        first = self.search().executions
        kept = corpus.kept(TARGET)
        self.assertIn("broke-once", kept)
        self.assertNotIn("useless", kept)
        self.assertEqual(self.search().executions - first, self.search().executions - first)

    def test_slow(self) -> None:
        """Time is the processor's, and counts where it stays too long."""
        slow = Target("slow", lambda data: sum(range(2_000_000)) and None, (), (), seconds=0.0)
        with self.assertRaisesRegex(Broken, "bytes took"):
            slow.run(b"x")

    def test_smallest(self) -> None:
        self.assertEqual(corpus.smallest(b"a" * 100 + b"x" + b"b" * 100, lambda data: b"x" in data), b"x")
