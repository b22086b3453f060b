"""The process that starts workers, on a clock: in which order, when again, and how all end."""

import os
import signal
import socket
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.logger import capturedLogs, formatEvent
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.kept_calls import KEPT_FOR
from magroup.data_folder import DataFolder
from magroup.log_output import LogOutput
from magroup.model.settings import Settings
from magroup.workers import supervisor
from magroup.workers.frames import ALIVE, READY, Frames
from magroup.workers.link import Link
from magroup.workers.supervisor import KILL_AFTER, PAUSES, SILENT_FOR, STEADY_AFTER, Supervisor
from magroup.workers.worker import END_FD, LOCK_FD, Begin
from tests.peers import address
from tests.workers.turns import Turns


class Child:
    """A worker's process: it does what the test says."""

    def __init__(self, reactor: "Reactor", pid: int, protocol: Any, end: socket.socket) -> None:
        self.pid: int | None = pid
        self.begin = Begin.read(end)
        self.signals: list[int] = []
        self.protocol = protocol
        self.frames = Frames(lambda kind, body: None, lambda: None)
        Link(reactor, end, self.frames)

    def signalProcess(self, number: int) -> None:
        if self.pid is None:
            raise ProcessExitedAlready
        self.signals.append(number)

    def ends(self, by: int = 0, code: int = 1) -> None:
        self.pid = None
        end = ProcessTerminated(code, by or None, None) if by or code else ProcessDone(0)
        self.protocol.processEnded(Failure(end))


class Reactor(Turns):
    """Starts nothing; ``children`` are those that are up and were, the newest last."""

    def __init__(self) -> None:
        super().__init__()
        self.children: list[Child] = []
        self.fails = False

    def spawnProcess(self, protocol: Any, path: str, arguments: Any, env: Any, childFDs: Any) -> None:
        if self.fails:
            raise OSError(11, "Resource temporarily unavailable")
        os.fstat(childFDs[0])
        os.fstat(childFDs[LOCK_FD])
        end = socket.socket(fileno=os.dup(childFDs[END_FD]))
        child = Child(self, 100 + len(self.children), protocol, end)
        self.children.append(child)
        protocol.makeConnection(child)

    def callFromThread(self, work: Any, *arguments: Any) -> None:
        work(*arguments)

    def up(self) -> list[int]:
        """The numbers of the workers that run."""
        return [child.begin.number for child in self.children if child.pid is not None]


class SupervisorTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Reactor()
        self.failures = 0
        self.folder = DataFolder.take(Path(self.mktemp()).absolute())
        self.addCleanup(self.folder.release)
        self.host = str(address(self))
        self.supervisor = self.supervise(f"udp:{self.host}:5060", f"tcp:{self.host}:5060")

    def supervise(self, *listen: str) -> Supervisor:
        settings = replace(Settings(), workers=3, sip=replace(Settings().sip, listen=listen))

        def failed() -> None:
            self.failures += 1

        return Supervisor(self.reactor, settings, self.folder, LogOutput(None, None, False), ["worker"], failed)

    def start(self) -> list[Child]:
        self.supervisor.startService()
        self.addCleanup(lambda: self.supervisor.running and self.supervisor.stopService())
        self.ready(1)
        for number in (2, 3):
            self.ready(number)
        return self.reactor.children[:3]

    def child(self, number: int) -> Child:
        """The present one with this number."""
        return next(child for child in reversed(self.reactor.children) if child.begin.number == number)

    def ready(self, number: int) -> None:
        self.child(number).frames.send(READY)
        self.reactor.advance(0)

    def live(self, seconds: int) -> None:
        """All say so, each second."""
        for _ in range(seconds):
            for child in self.reactor.children:
                if child.pid is not None:
                    child.frames.send(ALIVE)
            self.reactor.advance(1.0)


class Life(SupervisorTest):
    def test_the_first_one_first(self) -> None:
        """It makes the database; each knows who it is, and all know one secret."""
        self.supervisor.startService()
        self.assertEqual(self.reactor.up(), [1])
        self.ready(1)
        self.assertEqual(self.reactor.up(), [1, 2, 3])
        begins = [child.begin for child in self.reactor.children]
        self.assertEqual([(one.node, one.life, one.count) for one in begins],
                         [(f"aw{number}", "1", 3) for number in (1, 2, 3)])  # fmt: skip
        self.assertEqual(len({one.secret for one in begins}), 1)
        self.supervisor.stopService()

    def test_one_ends(self) -> None:
        """It is started again at once, then after pauses, which are short again when it has run for long."""
        self.start()
        opened = len(os.listdir("/proc/self/fd"))
        for pause in (*PAUSES, PAUSES[-1]):
            self.child(2).ends(by=signal.SIGKILL)
            self.live(int(pause))
            self.reactor.advance(0.01)
            self.assertEqual(sorted(self.reactor.up()), [1, 2, 3])
            self.ready(2)
        self.assertEqual(self.child(2).begin.life, str(2 + len(PAUSES)))
        self.live(int(STEADY_AFTER) + 1)
        self.child(2).ends(code=1)
        self.reactor.advance(0)
        self.assertEqual(sorted(self.reactor.up()), [1, 2, 3])
        # What it had of calls is kept for a while.
        self.live(int(KEPT_FOR) + 20)
        self.assertEqual((len(os.listdir("/proc/self/fd")), self.failures), (opened, 0))

    def test_the_first_one_ends(self) -> None:
        """The others are not started a second time."""
        self.start()
        self.child(1).ends(by=signal.SIGSEGV)
        self.reactor.advance(0)
        self.ready(1)
        self.assertEqual((sorted(self.reactor.up()), self.child(1).begin.life), ([1, 2, 3], "2"))

    def test_it_cannot_start(self) -> None:
        """Nothing can then."""
        self.supervisor.startService()
        self.child(1).ends()
        self.reactor.advance(60.0)
        self.assertEqual((self.failures, self.reactor.up()), (1, []))
        self.successResultOf(self.supervisor.stopService())

    def test_no_more_processes(self) -> None:
        """The system has none now: it is tried again."""
        self.start()
        self.reactor.fails = True
        self.child(3).ends()
        self.live(5)
        self.assertEqual(self.reactor.up(), [1, 2])
        self.reactor.fails = False
        self.live(10)
        self.assertEqual(sorted(self.reactor.up()), [1, 2, 3])

    def test_no_memory(self) -> None:
        """For its calls; it is tried again."""
        self.start()

        def none() -> Any:
            raise OSError(24, "Too many open files")

        before = self.patch(supervisor, "KeptMemory", SimpleNamespace(made=none))
        with capturedLogs() as events:
            self.child(3).ends()
            self.live(5)
        self.assertEqual(self.reactor.up(), [1, 2])
        self.assertIn("has no memory for its calls: Too many open files", formatEvent(events[-1]))
        before.restore()
        self.live(10)
        self.assertEqual(sorted(self.reactor.up()), [1, 2, 3])

    def test_no_memory_at_the_start(self) -> None:
        """It is no start, as where the first one cannot start."""
        self.patch(supervisor, "KeptMemory", SimpleNamespace(made=lambda: os.memfd_create("x", 1 << 30)))
        with capturedLogs() as events:
            self.supervisor.startService()
        self.assertEqual((self.reactor.up(), self.failures), ([], 1))
        self.assertIn("Worker 1 has no memory for its calls: Invalid argument", map(formatEvent, events))
        self.supervisor.stopService()

    def test_stuck(self) -> None:
        """One that says nothing is ended, and started again."""
        self.start()
        one, two, three = self.reactor.children
        for _ in range(int(SILENT_FOR) + 2):
            for child in (one, three):
                child.frames.send(ALIVE)
            self.reactor.advance(1.0)
        self.assertEqual((one.signals, two.signals, three.signals), ([], [signal.SIGKILL], []))
        two.ends(by=signal.SIGKILL)
        self.reactor.advance(0)
        self.assertEqual(sorted(self.reactor.up()), [1, 2, 3])

    def test_who_stood_still_itself(self) -> None:
        """What was not heard meanwhile is nobody's silence: of this process, or the whole machine."""
        children = self.start()
        self.live(3)
        self.reactor.advance(10 * SILENT_FOR)
        self.assertEqual([child.signals for child in children], [[]] * 3)
        for _ in range(int(SILENT_FOR) - 2):
            children[0].frames.send(ALIVE)
            self.reactor.advance(1.0)
        self.assertEqual([child.signals for child in children], [[]] * 3)
        for _ in range(4):
            children[0].frames.send(ALIVE)
            self.reactor.advance(1.0)
        self.assertEqual([child.signals for child in children], [[], [signal.SIGKILL], [signal.SIGKILL]])

    def test_a_long_start(self) -> None:
        """What has not started yet may be silent: it moves a large database."""
        self.supervisor.startService()
        self.reactor.pump([10.0] * 20)
        self.assertEqual(self.child(1).signals, [])
        self.supervisor.stopService()


class End(SupervisorTest):
    def test_in_order(self) -> None:
        """All are told; it is over when the last one has ended, and then nothing is left."""
        children = self.start()
        stopped = self.supervisor.stopService()
        self.assertEqual([child.signals for child in children], [[signal.SIGTERM]] * 3)
        for child in children:
            self.assertNoResult(stopped)
            child.ends(code=0)
        self.successResultOf(stopped)
        self.reactor.advance(0)
        self.assertEqual((self.reactor.up(), self.reactor.getDelayedCalls()), ([], []))
        DataFolder.take(self.folder.path).release()

    def test_who_does_not_end(self) -> None:
        children = self.start()
        stopped = self.supervisor.stopService()
        for child in children[:2]:
            child.ends(code=0)
        self.reactor.advance(KILL_AFTER)
        self.assertEqual(children[2].signals, [signal.SIGTERM, signal.SIGKILL])
        children[2].ends(by=signal.SIGKILL)
        self.successResultOf(stopped)

    def test_while_one_is_to_be_started(self) -> None:
        children = self.start()
        for _ in range(2):
            self.child(2).ends()
            self.reactor.advance(0)
        stopped = self.supervisor.stopService()
        for child in (children[0], children[2]):
            child.ends(code=0)
        self.successResultOf(stopped)
        self.reactor.advance(0)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_signals(self) -> None:
        """Those that are for the server are for each of its workers; afterwards they are as before."""
        before = signal.getsignal(signal.SIGHUP)
        children = self.start()
        children[1].ends()
        for number in (signal.SIGHUP, signal.SIGUSR2):
            os.kill(os.getpid(), number)
        self.assertEqual(children[0].signals, [signal.SIGHUP, signal.SIGUSR2])
        self.assertEqual((children[1].signals, children[2].signals), ([], children[0].signals))
        self.supervisor.stopService()
        self.assertEqual(signal.getsignal(signal.SIGHUP), before)


class Ports(SupervisorTest):
    def refused(self, *listen: str) -> str:
        self.supervisor = self.supervise(*listen)
        with capturedLogs() as logs:
            self.supervisor.startService()
        self.assertEqual((self.failures, self.reactor.children), (1, []))
        self.successResultOf(self.supervisor.stopService())
        return next(event["reason"] for event in logs if "reason" in event)

    def test_in_use(self) -> None:
        """Also by one that would share it."""
        for kind, transport in ((socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")):
            self.failures = 0
            with socket.socket(socket.AF_INET, kind) as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                other.bind((self.host, 5060))
                if kind is socket.SOCK_STREAM:
                    other.listen()
                reason = self.refused(f"{transport}:{self.host}:5060")
            self.assertEqual(reason, f"cannot listen on {self.host} port 5060: Address already in use")

    def test_any_port(self) -> None:
        self.assertIn("several workers need a port", self.refused(f"udp:{self.host}:0"))


class Lines(SupervisorTest):
    def test_the_log(self) -> None:
        """Whole lines go on, whatever pieces they come in; the last one also without its end."""
        children = self.start()
        with capturedLogs() as logs:
            for number, data in ((1, b"one\ntw"), (2, b"t\xff"), (1, b"o\nthree"), (2, b"\n"), (3, b"x" * 70_000)):
                children[number - 1].protocol.outReceived(data)
            children[0].ends()
        lines = [event["line"] for event in logs if "line" in event]
        self.assertEqual(lines, ["one", "two", "t\ufffd", "three"])
