"""Files of reports are written by processes of their own: a workbook would hold Python's lock beside the calls."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from magroup.model.report import NotWritten
from magroup.reports.order import Order, answer_of, encode

MOST = 2
"""Processes at a time; what comes on top waits for one of them."""

LONGEST_LINE = 4096
LONGEST_ERROR = 4000
"""Characters of what a process said at its end that are kept for the log."""

PATIENCE = 2.0
"""Seconds that a process which is told to end has for it."""

NICER = 10
"""Than the calls: by so much the processes give way."""

NONSENSE = "its process says what nobody understands"
COMMAND = ("-P", "-m", "magroup.reports.writer")

Progress = Callable[[int, int], None]


class Writes(Protocol):
    """Whoever writes files; a test does it at once."""

    async def write(self, order: Order, progress: Progress) -> None:
        """Come back when the file is there; NotWritten, or CancelledError, when there is none."""


class Writers:
    """The processes of ``reactor`` (IReactorProcess, IReactorTime)."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._places = DeferredSemaphore(MOST)
        self._running: set[_Writer] = set()

    def __len__(self) -> int:
        return len(self._running)

    async def write(self, order: Order, progress: Progress) -> None:
        await self._places.acquire()
        writer = _Writer(order, progress, self._reactor)
        self._running.add(writer)
        try:
            try:
                writer.start()
                await writer.outcome
            finally:
                writer.end()
                await writer.gone
        finally:
            self._running.discard(writer)
            self._places.release()

    async def stop(self) -> None:
        """End what still runs, and wait for that."""
        for writer in tuple(self._running):
            writer.end()
            await writer.gone


class _Writer(ProcessProtocol):
    """A process. ``outcome`` is fired by its end, and by whoever does not want to wait; ``gone`` by its end only."""

    transport: Any

    def __init__(self, order: Order, progress: Progress, reactor: Any) -> None:
        self._order = order
        self._progress = progress
        self._reactor = reactor
        self._line = b""
        self._why = ""
        self._said = ""
        self._late: Any = None
        self._running = False
        self.outcome: Deferred[None] = Deferred()
        self._waiting: list[Deferred[None]] = []

    @property
    def gone(self) -> Deferred[None]:
        waiting: Deferred[None] = Deferred()
        if self._running:
            self._waiting.append(waiting)
        else:
            waiting.callback(None)
        return waiting

    def start(self) -> None:
        """Raises NotWritten."""
        path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
        # openpyxl's own files lie beside the one that is written: where they are deleted at the next start if need be.
        folder = str(Path(self._order.file).parent)
        environment = {**os.environ, "PYTHONPATH": path, "TMPDIR": folder}
        try:
            command = [sys.executable, *COMMAND, str(NICER)]
            self._reactor.spawnProcess(self, sys.executable, command, env=environment)
        except OSError as error:
            raise NotWritten(f"no process for it: {error.strerror}") from None

    def connectionMade(self) -> None:
        self._running = True
        self.transport.write(encode(self._order))
        self.transport.closeStdin()

    def end(self) -> None:
        """Let it delete what it has written and end."""
        if self._running and self._late is None:
            self._signal("TERM")
            self._late = self._reactor.callLater(PATIENCE, self._signal, "KILL")

    def outReceived(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            self._answered(line)
        if len(self._line) > LONGEST_LINE:
            self._line, self._why = b"", NONSENSE
            self.end()

    def _answered(self, line: bytes) -> None:
        try:
            answer = answer_of(line)
        except ValueError:
            self._why = NONSENSE
            self.end()
            return
        if isinstance(answer, str):
            self._why = answer
        elif not self.outcome.called:
            self._progress(*answer)

    def errReceived(self, data: bytes) -> None:
        self._said = (self._said + data.decode("utf-8", "replace"))[-LONGEST_ERROR:]

    def processEnded(self, reason: Failure) -> None:
        self._running = False
        if self._late is not None and self._late.active():
            self._late.cancel()
        if not self.outcome.called:
            how: Any = reason.value
            if how.exitCode == 0 and not self._why:
                self.outcome.callback(None)
            else:
                self.outcome.errback(NotWritten(self._why or _ending(how), self._said.strip()))
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)

    def _signal(self, name: str) -> None:
        with suppress(ProcessExitedAlready):
            self.transport.signalProcess(name)


def _ending(how: Any) -> str:
    """Of a process that has not said why (ProcessTerminated)."""
    return f"its process ended ({f'signal {how.signal}' if how.signal else how.exitCode})"
