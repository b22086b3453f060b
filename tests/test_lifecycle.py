"""Starting and stopping in order."""

from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from magroup.lifecycle import GRACE, AtStop, Lifecycle, StartError

Start = Callable[[AtStop], Any]


class LifecycleTests(SynchronousTestCase):
    """Every effect is written to one list."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.effects: list[str] = []

    def lifecycle(self, start: Start) -> Lifecycle:
        return Lifecycle(start, self.clock, lambda: self.effects.append("failed"))  # type: ignore[arg-type]

    def stopping(self, name: str) -> Callable[[], None]:
        return lambda: self.effects.append(f"{name} stopped")

    def test_in_reverse(self) -> None:
        async def start(at_stop: AtStop) -> None:
            at_stop("a", self.stopping("a"))
            at_stop("b", self.stopping("b"))

        service = self.lifecycle(start)
        service.startService()
        self.assertEqual((self.effects, service.running), ([], 1))
        self.successResultOf(service.stopService())
        self.assertEqual((self.effects, service.running), (["b stopped", "a stopped"], 0))

    def test_waits_for_each(self) -> None:
        waits: dict[str, Deferred[None]] = {"a": Deferred(), "b": Deferred()}

        def begin(name: str) -> Callable[[], Awaitable[None]]:
            def stop() -> Deferred[None]:
                self.effects.append(f"{name} stops")
                return waits[name]

            return stop

        async def start(at_stop: AtStop) -> None:
            at_stop("a", begin("a"))
            at_stop("b", begin("b"))

        service = self.lifecycle(start)
        service.startService()
        stopped = service.stopService()
        self.assertEqual(self.effects, ["b stops"])
        waits["b"].callback(None)
        self.assertEqual(self.effects, ["b stops", "a stops"])
        self.assertNoResult(stopped)
        waits["a"].callback(None)
        self.successResultOf(stopped)

    def test_one_grace_for_all(self) -> None:
        async def start(at_stop: AtStop) -> None:
            at_stop("last", self.stopping("last"))
            at_stop("slow too", lambda: Deferred())
            at_stop("slow", lambda: Deferred())

        service = self.lifecycle(start)
        service.startService()
        stopped = service.stopService()
        with capturedLogs() as events:
            self.clock.advance(GRACE)
            self.clock.advance(0)
        self.successResultOf(stopped)
        self.assertEqual([event["name"] for event in events], ["slow", "slow too"])
        self.assertEqual(self.effects, ["last stopped"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_stop_that_fails(self) -> None:
        async def start(at_stop: AtStop) -> None:
            at_stop("last", self.stopping("last"))
            at_stop("bad", lambda: 1 / 0)  # type: ignore[arg-type, return-value]

        service = self.lifecycle(start)
        service.startService()
        self.successResultOf(service.stopService())
        self.assertEqual(self.effects, ["last stopped"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def failed(self, error: Exception) -> list[Any]:
        """The important events of a start that raises ``error`` on its way."""

        async def start(at_stop: AtStop) -> None:
            at_stop("a", self.stopping("a"))
            raise error

        service = self.lifecycle(start)
        with capturedLogs() as events:
            service.startService()
        self.assertEqual(self.effects, ["failed"])
        self.successResultOf(service.stopService())
        self.assertEqual(self.effects, ["failed", "a stopped"])
        return [event for event in events if event["log_level"] is LogLevel.critical]

    def test_a_start_that_fails(self) -> None:
        (event,) = self.failed(StartError("no database"))
        self.assertEqual((event["reason"], "log_failure" in event), ("no database", False))

    def test_a_port_in_use(self) -> None:
        (event,) = self.failed(CannotListenError("127.0.0.1", 5060, OSError(98, "Address already in use")))
        self.assertEqual(event["reason"], "cannot listen on 127.0.0.1 port 5060: Address already in use")

    def test_a_path_in_use(self) -> None:
        (event,) = self.failed(CannotListenError("", "/run/x", "Cannot acquire lock"))
        self.assertEqual(event["reason"], "cannot listen on port /run/x: Cannot acquire lock")

    def test_a_start_that_breaks(self) -> None:
        (event,) = self.failed(ZeroDivisionError())
        self.assertIn("log_failure", event)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_stopped_while_starting(self) -> None:
        async def start(at_stop: AtStop) -> None:
            at_stop("a", self.stopping("a"))
            await Deferred()
            self.effects.append("never")

        service = self.lifecycle(start)
        service.startService()
        self.successResultOf(service.stopService())
        self.assertEqual(self.effects, ["a stopped"])

    def test_failing_because_it_is_stopped(self) -> None:
        async def start(at_stop: AtStop) -> None:
            try:
                await Deferred()
            finally:
                raise StartError("interrupted")

        service = self.lifecycle(start)
        service.startService()
        self.successResultOf(service.stopService())
        self.assertEqual(self.effects, [])
