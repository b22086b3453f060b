"""A phone that is pushed to: what is to go to it, when that may be, and how often it did not answer."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol

from magroup.web.phone.push.answer import Answer

STATUS_EVERY = 1.0
"""Seconds between two statuses to the same phone."""

MOST_WAITING = 4
"""Tones and texts that wait for one phone; the oldest are dropped."""

LATEST = 3.0
"""Seconds after which a tone or a text means nothing any more."""

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0


class Job(Protocol):
    """Something to push."""

    async def document(self) -> bytes:
        """As it is at the moment when it goes out; b"" where it is wanted no more."""
        ...

    def answered(self, answer: Answer) -> None:
        """What the phone said. A status that was not taken is sent again, later."""
        ...


@dataclass
class Target:
    """``going`` is the push under way, ``is_queued`` that its turn is coming, ``trouble`` what was logged of it."""

    key: str
    status: Job | None = None
    others: deque[tuple[float, Job]] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    going: Any = None
    is_queued: bool = False
    failures: int = 0
    not_before: float = 0.0
    status_at: float = float("-inf")
    asked_at: float = 0.0
    timer: Any = None
    trouble: str = ""

    @property
    def is_idle(self) -> bool:
        """Whether nothing of it must be remembered."""
        return not (self.status or self.others or self.going or self.failures or self.trouble or self.timer)

    def due(self, now: float) -> float | None:
        """When something may go out; None where there is nothing."""
        if self.others:
            return max(now, self.not_before)
        if self.status is not None:
            return max(now, self.not_before, self.status_at + STATUS_EVERY)
        return None

    def take(self, now: float) -> tuple[Job, bool] | None:
        """What goes out now, and whether it is the status, which stays until the phone has it."""
        while self.others:
            until, job = self.others.popleft()
            if now <= until:
                return job, False
        due = self.due(now)
        if self.status is None or due is None or due > now:
            return None
        return self.status, True

    def failed(self, now: float) -> None:
        """It is left alone for twice as long as the last time; what cannot wait so long is dropped."""
        self.not_before = now + min(FIRST_PAUSE * 2 ** min(self.failures, 20), LONGEST_PAUSE)
        self.failures += 1
        self.others.clear()

    def reached(self) -> None:
        self.failures = 0
        self.not_before = 0.0
