"""The search: inputs are changed, and those that reach new lines are changed further."""

import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.fuzz.corpus import keep, smallest, starts
from tests.fuzz.mutation import Mutator
from tests.fuzz.target import Target
from tests.fuzz.tracing import Line, Tracer, caches

MOST_BROKEN = 10
"""After so many inputs that break something the search ends."""


class Fuzzer:
    """``seed`` makes it go the same way again; ``broken`` is a folder for inputs with which something is wrong."""

    def __init__(self, target: Target, seed: int, broken: Path) -> None:
        self.target = target
        self.executions = 0
        self.found = 0
        self._seed = seed
        self._say: Callable[[str], None] = lambda words: None
        self._broken = broken
        self._random = Random(seed)
        self._mutator = Mutator(self._random, target.tokens, target.largest)
        self._tracer = Tracer(target.modules)
        self._caches = caches(target.modules)
        self._covered: set[Line] = set()
        self._known: set[str] = set()
        self._inputs: list[bytes] = []

    @property
    def lines(self) -> int:
        """How many have been reached."""
        return len(self._covered)

    def run(self, is_over: Callable[[], bool], say: Callable[[str], None]) -> None:
        """Search until ``is_over``, then tidy the corpus."""
        self._say = say
        inputs = starts(self.target)
        for data in inputs:
            self._covered |= self._reached(data)
        say(f"{len(inputs)} inputs reach {self.lines} lines")
        began_with = self.lines
        self._inputs = list(inputs)
        new: list[bytes] = []
        while not is_over() and self.found < MOST_BROKEN:
            # Those that were found last have been changed least.
            at = self._random.randrange(len(self._inputs))
            if self._random.random() < 0.3:
                at = max(at, self._random.randrange(len(self._inputs)))
            data = self._mutator.mutated(self._inputs[at], self._inputs)
            lines = self._reached(data) - self._covered
            if lines:
                less = smallest(data, lambda one, lines=lines: lines <= self._reached(one))  # type: ignore[misc]
                self._covered |= self._reached(less) | lines
                self._inputs.append(less)
                new.append(less)
                say(f"{self.executions} tried: {len(less)} bytes reach {len(lines)} new lines, {self.lines} in all")
        count = keep(self.target, new, self._reached)
        say(f"{self.executions} executions, {self.lines - began_with} new lines ({self.lines} in all), "
            f"{self.found} broken, {count} files are kept")  # fmt: skip

    def _reached(self, data: bytes) -> set[Line]:
        self.executions += 1
        for cache in self._caches:
            cache.cache_clear()
        try:
            with self._tracer:
                self.target.run(data)
        except Exception as error:
            self._note(data, error)
        return self._tracer.lines

    def _note(self, data: bytes, error: Exception) -> None:
        """Each kind of failure once, told by where it happened."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} {last.filename} {last.lineno} {str(error)[:30]}"
        if kind in self._known:
            return
        self._known.add(kind)
        self.found += 1
        self._broken.mkdir(parents=True, exist_ok=True)
        text = "".join(traceback.format_exception(error))
        less = smallest(data, lambda one: self._breaks(one, type(error), str(error)[:20]))
        place = self._broken / f"{self.target.name}-{self._seed}-{self.executions}"
        place.write_bytes(less)
        place.with_suffix(".txt").write_text(
            f"seed {self._seed}, execution {self.executions}\n{text}", errors="replace"
        )
        self._say(f"BROKEN, see {place}: {text[-1500:]}")

    def _breaks(self, data: bytes, kind: type[Exception], words: str) -> bool:
        try:
            self.target.run(data)
        except kind as error:
            return str(error)[:20] == words
        except Exception:
            return False
        return False
