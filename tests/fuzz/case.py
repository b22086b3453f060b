"""The kept inputs of a target once more, and some new ones, always the same."""

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from tests.fuzz.corpus import kept, starts
from tests.fuzz.mutation import Mutator
from tests.fuzz.target import Target

SEED = 20


class FuzzCase(SynchronousTestCase):
    """``target`` is what is fuzzed."""

    target: Target

    def test_kept(self) -> None:
        for data in self.target.seeds:
            self._try("a seed", data)
        for name, data in kept(self.target).items():
            self._try(name, data)

    def test_fresh(self) -> None:
        inputs = starts(self.target)
        random = Random(SEED)
        mutator = Mutator(random, self.target.tokens, self.target.largest)
        for number in range(self.target.fresh):
            self._try(f"number {number}", mutator.mutated(random.choice(inputs), inputs))

    def _try(self, which: str, data: bytes) -> None:
        try:
            self.target.run(data)
            if self.target.refusals:
                self.flushLoggedErrors(*self.target.refusals)
        except Exception as error:
            raise AssertionError(f"{self.target.name}, {which}, {data[:2000]!r}: {error!r}") from error
