"""Chance that is the same in every run with the same seed."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

from magroup.load.scenario import Answer, Span

T = TypeVar("T")


class Chance:
    """What a worker draws its times and choices from."""

    def __init__(self, seed: int, worker: int) -> None:
        self.random = Random(f"{seed}/{worker}")

    def span(self, span: Span) -> float:
        """Seconds within a span."""
        return self.random.uniform(span[0], span[1]) if isinstance(span, list) else span

    def one(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def happens(self, share: float) -> bool:
        return share >= 1 or self.random.random() < share

    def answer(self, answer: Answer | Mapping[Answer, float]) -> Answer:
        """What a phone does with a call."""
        if isinstance(answer, str):
            return answer
        (found,) = self.random.choices(list(answer), list(answer.values()))
        return found
