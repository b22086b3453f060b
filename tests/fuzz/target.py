"""What is fuzzed: bytes go in, and a property holds."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import thread_time
from types import ModuleType

from twisted.logger import LogEvent, globalLogPublisher

SECONDS = 0.1
SECONDS_A_BYTE = 1e-5
"""What an input may take of the processor, on a slow one: more than twice as much shows that it grows with the square"
"."""


class Broken(AssertionError):
    """A property does not hold."""


@dataclass(frozen=True)
class Target:
    """``check`` raises for an input with which something is wrong; ``modules`` are those whose lines are to be reached.

    ``tokens`` are words of the protocol. Inputs are at most ``largest`` bytes, those that are kept at most ``kept`` of
    them, in all ``room``. ``fresh`` is how many new ones the tests try. ``refusals`` may be logged.
    """

    name: str
    check: Callable[[bytes], None]
    modules: Sequence[ModuleType]
    seeds: Sequence[bytes]
    tokens: Sequence[bytes] = ()
    largest: int = 16 << 10
    kept: int = 2048
    room: int = 20 << 10
    fresh: int = 300
    seconds: float = SECONDS
    refusals: tuple[type[Exception], ...] = ()

    def run(self, data: bytes) -> None:
        """Check the property, that nothing is logged as failed, and that it takes no time that others need."""
        allowed = self.seconds + SECONDS_A_BYTE * len(data)
        taken = self._timed(data)
        if taken > allowed:
            # It may have been traced, or something else has happened at the same time.
            tracing = sys.gettrace()
            sys.settrace(None)
            try:
                taken = min(self._timed(data) for _ in range(2))
            finally:
                sys.settrace(tracing)
        if taken > allowed:
            raise Broken(f"{len(data)} bytes took {taken:.2f} s, at most {allowed:.2f} s are allowed")

    def _timed(self, data: bytes) -> float:
        with nothing_fails(self.refusals):
            start = thread_time()
            self.check(data)
            return thread_time() - start


@contextmanager
def nothing_fails(refusals: tuple[type[Exception], ...]) -> Iterator[None]:
    """Raises what is logged as a failure meanwhile, unless it is one of these."""
    failures: list[LogEvent] = []

    def heard(event: LogEvent) -> None:
        failure = event.get("log_failure")
        if failure is not None and not isinstance(failure.value, refusals):
            failures.append(event)

    globalLogPublisher.addObserver(heard)
    try:
        yield
    finally:
        globalLogPublisher.removeObserver(heard)
    if failures:
        failure = failures[0]["log_failure"]
        raise Broken(f"logged: {failure.getErrorMessage()}\n{failure.getBriefTraceback()}")


def hold(is_so: object, what: str, *more: object) -> None:
    """Raises Broken where it is not so."""
    if not is_so:
        raise Broken(" ".join([what, *map(repr, more)]))


def same(one: object, other: object, what: str) -> None:
    """Raises Broken where the two are not equal."""
    if one != other:
        raise Broken(f"{what}: {one!r} is not {other!r}")
