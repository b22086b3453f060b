"""The load tool itself: starts the workers, tells them when, gathers what they measure, and watches the server."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from magroup.load.limits import SERVER, verdicts
from magroup.load.messages import BEGIN, DRAIN, LONGEST, STOP, Done, Progress, Ready, Share, decode, encode
from magroup.load.numbers import expanded
from magroup.load.recording import Recording
from magroup.load.result import Result
from magroup.load.scenario import Scenario
from magroup.load.server_usage import Usage, of_metrics, of_process
from magroup.load.web import Web
from magroup.sip.hop import Hop

LONGEST_END = 40.0
"""Seconds after which a worker that does not end is killed, if it has few phones."""
UNREGISTERED = 100.0
"""Phones in a second that unregister, at the least."""
BUSY = 85.0
LATE = 0.05
BUSY_MACHINE = 2.0


class Crew:
    """One run. ``command`` starts a worker, ``shares`` has what each of them is to do."""

    def __init__(
        self, reactor: Any, scenario: Scenario, shares: Sequence[Share], command: Sequence[str], version: str,
        shown: Callable[["Crew", float], None],
    ) -> None:  # fmt: skip
        """``shown`` is called twice a second while calls are made, with the seconds since the begin."""
        self._reactor = reactor
        self.scenario = scenario
        run = scenario.run
        self.recording = Recording(len(shares), run.seconds + run.drain)
        self.problem = ""
        self.phase = "getting ready"
        self._shown = shown
        self._version = version
        self._web = Web(reactor, scenario.server.web, scenario.server.tls_verify) if scenario.server.web else None
        self._began: float | None = None
        self._seconds = 0.0
        self._is_stopped = False
        self._is_watching = False
        self._next_point = 0.0
        self._notes: list[str] = []
        self._calls: list[Any] = []
        self._ended: Deferred[None] = Deferred()
        self._workers = [WorkerProcess(self, share) for share in shares]
        self._command = list(command)
        first = shares[0]
        self._where = str(Hop(first.transport, first.host, first.port))
        self._started_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

    async def run(self) -> Result:
        """From the start of the workers until all of them have ended."""
        tree = str(Path(__file__).parents[2])
        path = os.pathsep.join([tree, *filter(None, [os.environ.get("PYTHONPATH")])])
        for worker in self._workers:
            self._reactor.spawnProcess(
                worker, self._command[0], self._command, env={**os.environ, "PYTHONPATH": path},
                childFDs={0: "w", 1: "r", 2: 2},
            )  # fmt: skip
        self._look()
        await self._ended
        for call in self._calls:
            if call.active():
                call.cancel()
        if self._web is not None:
            await self._web.close()
        return self._result()

    def stop(self) -> None:
        """End all calls now; what was measured is reported all the same."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self._finish(STOP, "ending")

    def kill(self) -> None:
        """End the workers without waiting for them."""
        for worker in self._workers:
            worker.kill()

    def heard(self, worker: "WorkerProcess", said: Ready | Progress | Done) -> None:
        """A worker says something."""
        if isinstance(said, Ready):
            if said.problem:
                self.problem = self.problem or said.problem
                self.stop()
            elif all(one.is_ready for one in self._workers) and self._began is None and not self._is_stopped:
                self._begin()
        elif isinstance(said, Progress):
            self.recording.add(worker.share.worker, said)
        else:
            self.recording.measure(said.delta)

    def lost(self, worker: "WorkerProcess", why: str) -> None:
        """A worker process has ended."""
        if why:
            self._notes.append(f"worker {worker.share.worker + 1} ended before its time: {why}")
            self.problem = self.problem or self._notes[-1]
            self.stop()
        if all(one.has_ended for one in self._workers) and not self._ended.called:
            self._ended.callback(None)

    def _begin(self) -> None:
        self._began = self._reactor.seconds()
        self.phase = "calling"
        self._tell(BEGIN)
        self._calls.append(self._reactor.callLater(self.scenario.run.seconds, self._drain))

    def _drain(self) -> None:
        if not self._is_stopped:
            self._seconds = self.scenario.run.seconds
            self._finish(DRAIN, "calls end", self.scenario.run.drain)

    def _finish(self, word: bytes, phase: str, more: float = 0.0) -> None:
        self.phase = phase
        if not self._seconds and self._began is not None:
            self._seconds = self._reactor.seconds() - self._began
        self._tell(word)
        lines = sum(len(expanded(table.numbers)) for table in self.scenario.phones)
        self._calls.append(self._reactor.callLater(LONGEST_END + lines / UNREGISTERED + more, self.kill))

    def _tell(self, word: bytes) -> None:
        for worker in self._workers:
            worker.say(word)

    def _look(self) -> None:
        """Twice a second: show how it goes, and take a point when it is time."""
        self._calls = [call for call in self._calls if call.active()]
        self._calls.append(self._reactor.callLater(0.5, self._look))
        passed = self._reactor.seconds() - self._began if self._began is not None else 0.0
        self._shown(self, passed)
        if self._began is not None and passed >= self._next_point and not self._is_watching:
            self._next_point = passed + self.recording.interval
            self._is_watching = True
            Deferred.fromCoroutine(self._point()).addErrback(self._not_watched)

    async def _point(self) -> None:
        usage = await self._usage()
        if self._began is not None:
            self.recording.point(self._reactor.seconds() - self._began, usage)
        self._is_watching = False

    def _not_watched(self, failure: Failure) -> None:
        self._is_watching = False
        note = f"the server could not be watched: {failure.getErrorMessage()}"
        if note not in self._notes:
            self._notes.append(note)

    async def _usage(self) -> Usage | None:
        pid = self.scenario.server.pid
        if pid:
            return of_process(pid)
        return await of_metrics(self._web) if self._web is not None else None

    def _result(self) -> Result:
        recording, measures = self.recording, self.recording.measures
        usage = recording.usage()
        known = {name: usage[name] for name in SERVER if name in usage}
        lateness = measures.values.get("lateness")
        if recording.tool_cpu_most > BUSY:
            self._notes.append(f"a worker took up to {recording.tool_cpu_most:.0f} % of a processor: the load tool may "
                               "have been the limit; more --workers or another machine help")  # fmt: skip
        elif lateness is not None and lateness.percentile(0.99) > LATE:
            self._notes.append("the load tool came late to what was due (see load tool late): what it measured as slow "
                               "may be its own slowness")  # fmt: skip
        load, processors = os.getloadavg()[0], os.cpu_count() or 1
        if load > BUSY_MACHINE * processors:
            self._notes.append(f"this machine had other things to do (load average {load:.1f} on {processors} "
                               "processors): what is on it was slow because of that")  # fmt: skip
        pid = self.scenario.server.pid
        if pid and recording.points and recording.first_usage is None:
            self._notes.append(f"there is no process {pid}: CPU and memory of the server are not known")
        if measures.number("calls_not_made"):
            self._notes.append("calls were not made since no caller was free: more numbers of callers are needed")
        return Result(
            name=self.scenario.name, server=self._where, version=self._version, started_at=self._started_at,
            seconds=self._seconds, workers=len(self._workers), problem=self.problem,
            is_cut_short=self._is_stopped and not self.problem, measures=measures, points=recording.points, usage=usage,
            tool_cpu=recording.tool_cpu_most, notes=self._notes,
            verdicts=[] if self.problem else verdicts(self.scenario, measures, known),
        )  # fmt: skip


class WorkerProcess(ProcessProtocol):
    """One worker, as the load tool sees it."""

    transport: Any

    def __init__(self, crew: Crew, share: Share) -> None:
        self.share = share
        self.is_ready = False
        self.has_ended = False
        self._crew = crew
        self._buffer = bytearray()
        self._is_done = False
        self._is_killed = False

    def connectionMade(self) -> None:
        self.say(encode(self.share))

    def say(self, line: bytes) -> None:
        if not self.has_ended and self.transport is not None:
            self.transport.write(line + b"\n")

    def kill(self) -> None:
        if not self.has_ended:
            self._is_killed = True
            self.transport.signalProcess("KILL")

    def outReceived(self, data: bytes) -> None:
        self._buffer += data
        *lines, rest = self._buffer.split(b"\n")
        if len(rest) > LONGEST:
            self.kill()
            return
        self._buffer = rest
        for line in lines:
            said = decode(line)
            self.is_ready = self.is_ready or isinstance(said, Ready)
            self._is_done = self._is_done or isinstance(said, Done)
            self._crew.heard(self, said)

    def processEnded(self, reason: Failure) -> None:
        self.has_ended = True
        why = ""
        if self._is_killed:
            why = "it did not end, and was killed"
        elif not (self._is_done and reason.check(ProcessDone)):
            why = reason.getErrorMessage()
        self._crew.lost(self, why)


def worker_command() -> list[str]:
    """What starts a worker: in a process group of its own, since Ctrl-C is for the load tool to hear."""
    start = "import os; os.setpgid(0, 0); from magroup.cli.load_worker import main; main()"
    return [sys.executable, "-c", start]
