"""Files of reports that are being written: few at a time, ended when nobody waits for them any more."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.model.clock import Clock
from magroup.model.report import Asked, Form, Kind, NotWritten, Reports
from magroup.web.sounds import InThread

MOST_OF_USER, MOST = 2, 8
"""Files of one user, and of all, that are being written or wait to be fetched."""

LOOK = 5.0
LEFT = 45.0
"""Seconds without a look at the page, after which nobody waits for the file."""

KEPT = 600.0
"""Seconds that a written file waits to be fetched."""


class TooManyFiles(Exception):
    """So many are being written already."""


@dataclass(eq=False)
class Job:
    """``rows`` of ``of`` are written; ``failed`` says that it will not be finished, ``why`` the reason."""

    id: str
    user_key: str
    file: Path
    name: str
    stays: Callable[[], bool]
    seen_at: float
    rows: int = 0
    of: int = 0
    done: bool = False
    failed: bool = False
    why: str = ""
    work: Deferred[Any] = field(default_factory=Deferred)

    def progress(self, rows: int, of: int) -> None:
        self.rows, self.of = rows, of

    @property
    def percent(self) -> int:
        return min(100, 100 * self.rows // self.of) if self.of else 0


class Jobs:
    """``folder`` is theirs alone."""

    log = Logger()

    def __init__(self, reports: Reports, clock: Clock, folder: Path, in_thread: InThread) -> None:
        self._reports = reports
        self._clock = clock
        self._folder = folder
        self._in_thread = in_thread
        self._jobs: dict[str, Job] = {}
        self._looking: Any = None

    def __len__(self) -> int:
        return len(self._jobs)

    async def start(self) -> None:
        """Make the folder, and delete what an end without warning left in it. Raises OSError."""
        await self._in_thread(self._clean)

    def begin(
        self, user_key: str, kind: Kind, asked: Asked, form: Form, name: str, stays: Callable[[], bool]
    ) -> Job:  # fmt: skip
        """``name`` is that under which it is saved, ``stays`` whether the login holds. Raises TooManyFiles."""
        own = [job for job in self._jobs.values() if job.user_key == user_key]
        if len(own) >= MOST_OF_USER or len(self._jobs) >= MOST:
            raise TooManyFiles
        id = secrets.token_urlsafe(16)
        job = Job(id, user_key, self._folder / f"{id}.{form}", name, stays, self._clock.seconds())
        self._jobs[id] = job
        job.work = Deferred.fromCoroutine(self._reports.save(kind, asked, form, job.file, job.progress))
        job.work.addCallbacks(lambda _: self._written(job), lambda failure: self._not_written(job, failure))
        self._look_later()
        return job

    def find(self, id: str, user_key: str) -> Job | None:
        """The user's own; it counts as seen."""
        job = self._jobs.get(id)
        if job is None or job.user_key != user_key:
            return None
        job.seen_at = self._clock.seconds()
        return job

    def end(self, job: Job) -> None:
        """It is stopped, its file deleted."""
        if self._jobs.pop(job.id, None) is None:
            return
        if job.done:
            Deferred.fromCoroutine(self._delete(job.file)).addErrback(self._not_deleted)
        else:
            job.work.cancel()

    def stop(self) -> None:
        for job in tuple(self._jobs.values()):
            self.end(job)
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _written(self, job: Job) -> None:
        job.done = True
        if job.id not in self._jobs:
            Deferred.fromCoroutine(self._delete(job.file)).addErrback(self._not_deleted)

    def _not_written(self, job: Job, failure: Failure) -> None:
        job.failed = True
        # A process that was killed has left what it had.
        Deferred.fromCoroutine(self._delete(job.file)).addErrback(self._not_deleted)
        if isinstance(failure.value, NotWritten):
            job.why = failure.value.why
        if not failure.check(CancelledError):
            self.log.error("a report is not written: {reason}", reason=failure.getErrorMessage())

    def _look_later(self) -> None:
        if self._looking is None:
            self._looking = self._clock.callLater(LOOK, self._look)

    def _look(self) -> None:
        self._looking = None
        for job in tuple(self._jobs.values()):
            unseen = self._clock.seconds() - job.seen_at
            if not job.stays() or unseen >= (KEPT if job.done else LEFT):
                self.end(job)
        if self._jobs:
            self._look_later()

    async def _delete(self, file: Path) -> None:
        await self._in_thread(lambda: file.unlink(missing_ok=True))

    def _not_deleted(self, failure: Failure) -> None:
        self.log.error("a report's file is not deleted: {reason}", reason=failure.getErrorMessage())

    def _clean(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in self._folder.iterdir():
            file.unlink()
