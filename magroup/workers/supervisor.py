"""The process that starts the workers, starts again those that end, and ends when it is told to."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError, ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.data_folder import DataFolder
from magroup.lifecycle import GRACE, cannot_listen
from magroup.log_output import LogOutput
from magroup.model.settings import Settings
from magroup.sd_notify import ServiceManager
from magroup.workers.frames import READY
from magroup.workers.hub import End, Hub
from magroup.workers.kept_memory import KeptMemory
from magroup.workers.link import Link
from magroup.workers.sockets import opened
from magroup.workers.worker import END_FD, LOCK_FD, MEMORY_FD, SOCKETS_FD, Begin, new_secret

SILENT_FOR = 15.0
"""Seconds without a word after which a worker is ended, to be started again."""

PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_AFTER = 60.0
"""Seconds before a worker that has ended is started again: the first time at once, longer each time until one has run
for so long.
"""

LOOK_EVERY = 1.0
KILL_AFTER = GRACE + 3.0
_LONGEST_LINE = 1 << 16


class Running(ProcessProtocol):
    """One life of a worker."""

    transport: Any

    def __init__(self, supervisor: "Supervisor", number: int, end: End) -> None:
        self.number = number
        self.end = end
        self.pid = 0
        self.is_ready = False
        self.is_gone = False
        self.missed: set[int] = set()
        """Signals that came before it could take them."""
        self.began = self.heard_at = supervisor.clock.seconds()
        self._supervisor = supervisor

    def connectionMade(self) -> None:
        self.pid = int(self.transport.pid)

    def outReceived(self, data: bytes) -> None:
        self._supervisor.wrote(self.number, data)

    errReceived = outReceived

    def processExited(self, reason: Failure) -> None:
        self.is_gone = True

    def processEnded(self, reason: Failure) -> None:
        self._supervisor.ended(self, reason.value)

    def signal(self, number: int) -> None:
        """Not where it is gone: its id may be another process's."""
        if self.is_gone:
            return
        try:
            self.transport.signalProcess(number)
        except ProcessExitedAlready:
            return


class Supervisor(Service):
    """``command`` starts a worker.

    The first one is started before the others: it makes the database, and tells people where everything is. Where it
    cannot start, ``failed`` is called.
    """

    log = Logger()

    def __init__(
        self, reactor: Any, settings: Settings, folder: DataFolder, output: LogOutput, command: Sequence[str],
        failed: Callable[[], None],
    ) -> None:  # fmt: skip
        self.clock = reactor
        self._settings = settings
        self._folder = folder
        self._output = output
        self._command = list(command)
        self._failed = failed
        self._count = settings.workers
        self._secret = new_secret()
        self._hub = Hub(reactor)
        self._manager = ServiceManager.of(os.environ, reactor)
        self._running: dict[int, Running] = {}
        self._lives = dict.fromkeys(range(1, self._count + 1), 0)
        self._falls = dict.fromkeys(range(1, self._count + 1), 0)
        self._waiting: dict[int, Any] = {}
        self._lines: dict[int, bytes] = {}
        self._sockets: list[tuple[str, list[socket.socket]]] = []
        self._is_ready = False
        self._is_stopping = False
        self._stopped: Deferred[None] = Deferred()
        self._look: Any = None
        self._looked_at = 0.0
        self._before: dict[int, Any] = {}

    # start and stop

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._folder.write_process_id()
        if self._output.observer is not None:
            self._output.observer.gather(self.clock)
        for number in (signal.SIGHUP, signal.SIGUSR2):
            self._before[number] = signal.signal(number, self._pass_on)
        if self._output.file is not None:
            rotate = self._output.file.rotate
            self._before[signal.SIGUSR1] = signal.signal(
                signal.SIGUSR1, lambda _number, _frame: self.clock.callFromThread(rotate)
            )
        try:
            self._sockets = opened(self._settings.sip.listen, self._count)
        except CannotListenError as error:
            self.log.critical("{reason}", reason=cannot_listen(error))
            self._failed()
            return
        except ValueError as error:
            self.log.critical("{reason}", reason=str(error))
            self._failed()
            return
        self._hub.start()
        self._looked_at = self.clock.seconds()
        self._look = self.clock.callLater(LOOK_EVERY, self._look_at_all)
        self.log.info("magroup starts {count} workers", count=self._count)
        self._start(1)

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        self._is_stopping = True
        self._manager.stopping()
        for number, before in self._before.items():
            signal.signal(number, before)
        for timer in (*self._waiting.values(), *([self._look] if self._look is not None else [])):
            if timer.active():
                timer.cancel()
        for running in self._running.values():
            running.signal(signal.SIGTERM)
        self._kill = self.clock.callLater(KILL_AFTER, self._kill_all)
        self._look_whether_over()
        return self._stopped.addCallback(lambda none: self._over())

    def _over(self) -> None:
        if self._kill.active():
            self._kill.cancel()
        self._hub.stop()
        for _place, ends in self._sockets:
            for end in ends:
                end.close()
        self._folder.release()
        if self._output.observer is not None:
            self._output.observer.settle()

    def _kill_all(self) -> None:
        for running in self._running.values():
            self.log.error("Worker {number} did not end in time", number=running.number)
            running.signal(signal.SIGKILL)

    def _look_whether_over(self) -> None:
        if not self._running and not self._stopped.called:
            self._stopped.callback(None)

    # workers

    def _start(self, number: int) -> None:
        self._waiting.pop(number, None)
        self._lives[number] += 1
        node = f"{self._settings.cluster.node or 'a'}w{number}"
        life = str(self._lives[number])
        try:
            memory, memory_file = KeptMemory.made()
        except OSError as error:
            how = f"has no memory for its calls: {error.strerror}"
            if number == 1 and not self._is_ready:
                self.log.critical("Worker 1 {how}", how=how)
                self._failed()
            else:
                self._start_again(number, how)
            return
        end = self._hub.end(node, life, memory, lambda kind: self._told(number, kind))
        begin = Begin(number, self._count, node, life, self._secret, tuple(place for place, _ends in self._sockets))
        ours, theirs = socket.socketpair()
        ours.sendall(begin.packed())
        running = self._running[number] = Running(self, number, end)
        Link(self.clock, ours, end.frames)
        nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        given = {
            0: nothing, 1: "r", 2: "r", END_FD: theirs.fileno(), LOCK_FD: self._folder.descriptor,
            MEMORY_FD: memory_file,
        }  # fmt: skip
        ends = [end.fileno() for _place, of_place in self._sockets for end in of_place]
        given |= {SOCKETS_FD + at: end for at, end in enumerate(ends)}
        try:
            self.clock.spawnProcess(running, sys.executable, self._command, env=None, childFDs=given)
        except OSError as error:
            self._fell(running, f"cannot be started: {error.strerror}")
        finally:
            os.close(nothing)
            os.close(memory_file)
            theirs.close()

    def _told(self, number: int, kind: bytes) -> None:
        running = self._running.get(number)
        if running is None:
            return
        running.heard_at = self.clock.seconds()
        if kind == READY:
            running.is_ready = True
            for missed in running.missed:
                running.signal(missed)
            self.log.info("Worker {number} is ready, process {process}", number=number, process=running.pid)
            if number == 1 and self._lives[1] == 1:
                for other in range(2, self._count + 1):
                    self._start(other)
            if not self._is_ready and all(one in self._running and self._running[one].is_ready for one in self._lives):
                self._is_ready = True
                self._manager.ready()

    def ended(self, running: Running, why: Any) -> None:
        """A process has ended."""
        how = f"has ended by signal {why.signal}" if why.signal else f"has ended by exit code {why.exitCode}"
        self._fell(running, how)

    def _fell(self, running: Running, how: str) -> None:
        number = running.number
        self._running.pop(number, None)
        running.end.frames.close()
        self._hub.leave(running.end)
        rest = self._lines.pop(number, b"")
        if rest:
            self._write(rest + b"\n")
        if self._is_stopping:
            self._look_whether_over()
            return
        if not running.is_ready and number == 1 and not self._is_ready:
            self.log.critical("Worker 1 could not start")
            self._failed()
            return
        if self.clock.seconds() - running.began > STEADY_AFTER:
            self._falls[number] = 0
        self._start_again(number, how, running.pid)

    def _start_again(self, number: int, how: str, process: int = 0) -> None:
        pause = PAUSES[min(self._falls[number], len(PAUSES) - 1)]
        self._falls[number] += 1
        self.log.error("Worker {number}, process {process}, {how}: it is started again",
                       number=number, process=process, how=how)  # fmt: skip
        self._waiting[number] = self.clock.callLater(pause, self._start, number)

    def _look_at_all(self) -> None:
        """A worker that is silent is stuck."""
        self._look = self.clock.callLater(LOOK_EVERY, self._look_at_all)
        now = self.clock.seconds()
        late, self._looked_at = now - self._looked_at - LOOK_EVERY, now
        for running in self._running.values():
            # While this process itself, or the machine, stood still nobody could be heard.
            running.heard_at = min(running.heard_at + late, now)
            if running.is_ready and now - running.heard_at > SILENT_FOR:
                self.log.error("Worker {number} has said nothing for {seconds} s: it is ended",
                               number=running.number, seconds=round(now - running.heard_at))  # fmt: skip
                running.heard_at = now
                running.signal(signal.SIGKILL)

    def _pass_on(self, number: int, _frame: object) -> None:
        def act() -> None:
            for running in self._running.values():
                if running.is_ready:
                    running.signal(number)
                else:
                    running.missed.add(number)

        self.clock.callFromThread(act)

    # the log

    def wrote(self, number: int, data: bytes) -> None:
        """Whole lines go on to the log; they have its form already."""
        lines, end, rest = (self._lines.get(number, b"") + data).rpartition(b"\n")
        self._lines[number] = rest if len(rest) < _LONGEST_LINE else b""
        if end:
            self._write(lines + end)

    def _write(self, lines: bytes) -> None:
        text = lines.decode("utf-8", "replace")
        if self._output.stream is not None:
            self._output.stream.write(text)
        else:
            for line in text.splitlines():
                self.log.info("{line}", line=line)

