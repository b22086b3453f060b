"""What ``fixed`` makes of a class compares, hashes and shows itself as what ``dataclass(frozen=True)`` makes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import nan
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.fixed import fixed


def point(make: Callable[[type], Any]) -> Any:
    """One field is neither compared nor shown."""

    class Point:
        x: float
        y: float = 0.0
        name: str = field(default="", compare=False, repr=False)

    return make(Point)


def one(make: Callable[[type], Any]) -> Any:
    class One:
        x: float

    return make(One)


def nothing(make: Callable[[type], Any]) -> Any:
    class Nothing:
        pass

    return make(Nothing)


def with_own(make: Callable[[type], Any]) -> Any:
    """What the class defines itself stays."""

    class Own:
        x: float

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self))

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    return make(Own)


KINDS: tuple[tuple[Callable[..., Any], tuple[tuple[Any, ...], ...]], ...] = (
    (point, ((1.0,), (1.0, 0.0), (1.0, 2.0), (1.0, 0.0, "a"), (nan,), (nan, 0.0))),
    (one, ((1.0,), (2.0,), (nan,))),
    (nothing, ((),)),
    (with_own, ((1.0,), (2.0,))),
)


class Fixed(SynchronousTestCase):
    """Each class made both ways."""

    def test_as_frozen(self) -> None:
        for kind, arguments in KINDS:
            frozen, made = kind(dataclass(frozen=True)), kind(fixed)
            for these in arguments:
                self.assertEqual(repr(made(*these)), repr(frozen(*these)))
                self.assertEqual(hash(made(*these)), hash(frozen(*these)))
                for others in arguments:
                    self.assertEqual(made(*these) == made(*others), frozen(*these) == frozen(*others), (these, others))
                self.assertNotEqual(made(*these), frozen(*these) if kind is not with_own else None)
        self.assertEqual(replace(point(fixed)(1.0), y=3.0).y, 3.0)

    def test_base(self) -> None:
        """A class that adds a field to a made one compares it too, and equals no value of its base."""
        base = one(fixed)
        more = fixed(type("More", (base,), {"__annotations__": {"y": float}}))
        self.assertEqual((more(1.0, 2.0) == more(1.0, 3.0), more(1.0, 2.0) == base(1.0)), (False, False))
        self.assertEqual(hash(more(1.0, 2.0)), hash(more(1.0, 2.0)))
