"""Who is pushed to next: one push at a time to each phone, some hundred to all; none waits for a phone that is dead."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.model.clock import Clock
from magroup.web.phone.push.answer import Answer, Outcome
from magroup.web.phone.push.figures import Figures
from magroup.web.phone.push.target import LATEST, Job, Target

AT_ONCE_IN_A_TURN = 2
"""Pushes that are begun before the reactor does something else, as sound that is due."""

Send = Callable[[bytes], Awaitable[Answer]]
Way = Callable[[str], Send | None]
"""How a device, by its casefolded name, is reached now; None where nobody knows how."""


class Pusher:
    """``show`` a status, of which only the last one counts, or ``push`` what is of use now or never.

    ``most`` is the number of pushes under way; a quarter of them may go to phones that did not answer the last time.
    """

    log = Logger()

    def __init__(self, clock: Clock, way: Way, most: Callable[[], int]) -> None:
        self.figures = Figures()
        self._clock = clock
        self._way = way
        self._most = most
        self._targets: dict[str, Target] = {}
        self._ready: deque[Target] = deque()
        self._doubtful: deque[Target] = deque()
        self._going = 0
        self._doubtful_going = 0
        self._turn: Any = None
        self._is_stopped = False

    def __len__(self) -> int:
        """How many phones something is remembered of."""
        return len(self._targets)

    @property
    def left_alone(self) -> int:
        """How many phones did not answer and are left alone for a while."""
        now = self._clock.seconds()
        return sum(target.not_before > now for target in self._targets.values())

    def show(self, device: str, status: Job) -> None:
        """In place of the status that waits for the device, by its casefolded name."""
        target = self._target(device)
        target.status = status
        self._schedule(target)

    def push(self, device: str, job: Job) -> None:
        """Now, or within seconds; never later."""
        target = self._target(device)
        now = self._clock.seconds()
        if target.not_before <= now:
            target.others.append((now + LATEST, job))
        self._schedule(target)

    def appeared(self, device: str) -> None:
        """The phone is there, or there again: what waits for it may go out."""
        target = self._targets.get(device)
        if target is not None:
            target.reached()
            self._schedule(target)

    def keep_only(self, devices: Iterable[str]) -> None:
        """All others are gone."""
        kept = frozenset(devices)
        for key in [key for key in self._targets if key not in kept]:
            target = self._targets.pop(key)
            target.status = None
            target.others.clear()
            self._untime(target)
            if target.going is not None:
                target.going.cancel()

    def stop(self) -> None:
        """Push no more; what is under way is broken off."""
        self._is_stopped = True
        self.keep_only(())
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def _target(self, device: str) -> Target:
        target = self._targets.get(device)
        if target is None:
            target = self._targets[device] = Target(device)
        return target

    def _schedule(self, target: Target) -> None:
        """Let its turn come when something may go out."""
        if self._is_stopped or target.going is not None or target.is_queued:
            return
        now = self._clock.seconds()
        due = target.due(now)
        self._untime(target)
        if due is None:
            if target.is_idle:
                self._targets.pop(target.key, None)
            return
        if due > now:
            target.timer = self._clock.callLater(due - now, self._timed, target)
            return
        target.is_queued = True
        target.asked_at = now
        (self._doubtful if target.failures else self._ready).append(target)
        self._begin_turn()

    def _timed(self, target: Target) -> None:
        target.timer = None
        self._schedule(target)

    def _untime(self, target: Target) -> None:
        if target.timer is not None:
            target.timer.cancel()
            target.timer = None

    # turns

    def _begin_turn(self) -> None:
        if self._turn is None and not self._is_stopped and self._next() is not None:
            self._turn = self._clock.callLater(0, self._take_turn)

    def _next(self) -> deque[Target] | None:
        """The queue whose turn it is, None where all must wait."""
        most = self._most()
        if self._going >= most:
            return None
        if self._ready:
            return self._ready
        return self._doubtful if self._doubtful and self._doubtful_going < max(1, most // 4) else None

    def _take_turn(self) -> None:
        self._turn = None
        for _ in range(AT_ONCE_IN_A_TURN):
            queue = self._next()
            if queue is None:
                return
            target = queue.popleft()
            target.is_queued = False
            if self._targets.get(target.key) is target:
                self._begin(target)
        self._begin_turn()

    def _begin(self, target: Target) -> None:
        now = self._clock.seconds()
        taken = target.take(now)
        if taken is None:
            self._schedule(target)
            return
        job, is_status = taken
        send = self._way(target.key)
        if send is None:
            # A status waits until the phone appears.
            target.others.clear()
            return
        is_doubtful = bool(target.failures)
        self._going += 1
        self._doubtful_going += is_doubtful
        going = target.going = Deferred.fromCoroutine(self._sent(target, job, is_status, send))
        going.addBoth(self._answered, target, job, is_status, is_doubtful)

    async def _sent(self, target: Target, job: Job, is_status: bool, send: Send) -> Answer | None:
        document = await job.document()
        if not document:
            return None
        now = self._clock.seconds()
        if is_status:
            target.status_at = now
        self.figures.issued(now - target.asked_at)
        return await send(document)

    def _answered(
        self, result: Answer | Failure | None, target: Target, job: Job, is_status: bool, is_doubtful: bool
    ) -> None:  # fmt: skip
        target.going = None
        self._going -= 1
        self._doubtful_going -= is_doubtful
        if self._targets.get(target.key) is not target:
            # The phone is gone, and it was broken off.
            self._begin_turn()
            return
        if isinstance(result, Failure):
            self.log.failure("a push to {phone} failed", result, phone=target.key)
            result = Answer(Outcome.FAILED, "of an error here")
        if result is not None:
            self._heard(target, result)
        if is_status and target.status is job and (result is None or result.is_there):
            target.status = None
        if result is not None:
            job.answered(result)
        self._schedule(target)
        self._begin_turn()

    def _heard(self, target: Target, answer: Answer) -> None:
        self.figures.count(answer.outcome)
        self._note(target, answer)
        if answer.is_there:
            target.reached()
        else:
            target.failed(self._clock.seconds())

    def _note(self, target: Target, answer: Answer) -> None:
        """A line in the log when it is another than the last time."""
        trouble = "" if answer.is_there else answer.outcome.value
        if trouble == target.trouble:
            return
        target.trouble = trouble
        if trouble:
            self.log.warn("pushes to the phone {phone} do not arrive: {why}", phone=target.key, why=answer.why)
        else:
            self.log.info("pushes to the phone {phone} arrive again", phone=target.key)
