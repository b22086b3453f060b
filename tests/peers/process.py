"""A peer's process: started with limits, its output kept, ended with the test and with the test run."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from tests.peers.waiting import PeerTimeout, reactor, tail, within

OUTPUT_LIMIT = 8 << 20


class PeerProcess(ProcessProtocol):
    """One running program. A phone gone wild must not take the machine with it, hence the limits."""

    def __init__(
        self,
        name: str,
        command: list[str],
        directory: Path,
        *,
        environment: dict[str, str] | None = None,
        cpu_seconds: int = 60,
        memory: int = 1 << 30,
        file_size: int = 64 << 20,
        on_end: Callable[[], None] = lambda: None,
        death_signal: str = "KILL",
    ) -> None:
        """`command[0]` is the program's path; `memory` and `file_size` in octets; `death_signal` when the run dies."""
        self.name = name
        self.command = command
        self.directory = directory
        self.exit_code: int | None = None
        self.output = bytearray()
        self.ended = False
        self._on_end = on_end
        self._environment = {"HOME": str(directory), "TMPDIR": str(directory), "LANG": "C.UTF-8"}
        self._environment |= {"PATH": os.environ.get("PATH", "/usr/bin:/bin")} | (environment or {})
        self._limits = [f"--cpu={cpu_seconds}", f"--as={memory}", f"--fsize={file_size}", "--core=0"]
        self._death_signal = death_signal
        self._process: Any = None
        self._waiting: list[Deferred[None]] = []
        self.stopped = False

    def start(self) -> None:
        """Start the program; it ends with the test run, however that ends."""
        # Without a path the reactor does not fork, which takes 8 ms of CPU for a process as large as ours.
        wrapped = ["/usr/bin/env", f"--chdir={self.directory}", "/usr/bin/prlimit", *self._limits]
        wrapped += ["/usr/bin/setpriv", "--pdeathsig", self._death_signal, "/usr/bin/stdbuf", "-oL", *self.command]
        self._process = reactor.spawnProcess(self, wrapped[0], wrapped, env=self._environment)

    def outReceived(self, data: bytes) -> None:
        """Keep the standard output."""
        if len(self.output) < OUTPUT_LIMIT:
            self.output += data

    errReceived = outReceived

    def processEnded(self, reason: Failure) -> None:
        """Note how it ended: the exit code, or minus the signal."""
        self.ended = True
        if isinstance(reason.value, error.ProcessTerminated):
            self.exit_code = reason.value.exitCode if reason.value.signal is None else -reason.value.signal
        else:
            self.exit_code = 0
        waiting, self._waiting = self._waiting, []
        for over in waiting:
            over.callback(None)
        self._on_end()

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and not self.ended

    def text(self) -> str:
        """All output so far."""
        return self.output.decode("utf-8", "replace")

    def report(self) -> str:
        """The state and the last output, for an error message."""
        state = "running" if self.running else f"ended, exit code {self.exit_code}"
        return f"  {self.name} {state}; output:\n{tail(self.text())}"

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, when there is still somebody to get it."""
        if not self.running or self._process is None:
            return
        self.stopped = number is signal.SIGSTOP or (self.stopped and number is not signal.SIGCONT)
        try:
            self._process.signalProcess(int(number))
        except error.ProcessExitedAlready:
            return

    async def wait_end(self, timeout: float) -> None:
        """Wait until the process has ended."""
        if not self.running:
            return
        over: Deferred[None] = Deferred()
        self._waiting.append(over)
        try:
            await within(over, timeout, what=f"{self.name}: end of the process", seen=self.report)
        finally:
            if over in self._waiting:
                self._waiting.remove(over)

    async def stop(self, politely: signal.Signals = signal.SIGINT, patience: float = 4.0) -> None:
        """Ask it to end, and kill it when it does not; a process that was stopped is killed at once."""
        if not self.running:
            return
        if not self.stopped:
            self.send_signal(politely)
            try:
                await self.wait_end(patience)
                return
            except PeerTimeout:
                pass
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL to it and its children, which would keep its output open, and wait for the end."""
        children = _descendants(self._process.pid) if self.running and self._process is not None else []
        self.send_signal(signal.SIGKILL)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        await self.wait_end(15.0)


def runs(pid: int) -> bool:
    """Whether there is such a process, and not only what is left of it until somebody asks how it ended."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def _descendants(pid: int) -> list[int]:
    """The children of a process that runs, theirs, and so on."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [*children, *(one for child in children for one in _descendants(child))]
